#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Packages that try to hide what they do: a JSON that lies, code where nobody looks, calls and places without a name. Of each either
# `inspect` tells what the object can do, or every command refuses it; and `run` never holds a program that `inspect` does not list.
source "$TOP/tests/lib.sh"
here=$TOP/tests/hostile/hide
: "${ECC:=$BUILD/ecc}" "${ECLI:=$BUILD/ecli}"
cd "$scratch" || exit 1
cc -O1 -Wall -o patch "$here/patch.c" -lz 2>cc.err && cc -O1 -Wall -o holds "$here/holds.c" 2>>cc.err || { not_ok hide "the test's programs do not compile" cc.err; exit 0; }
clang=$(ls /usr/bin/clang-[0-9][0-9] 2>/dev/null | sort -V | tail -n 1)

# source NAME: the program on stdin behind what all of them have. It reports nothing of interest and does nothing: only that it could counts.
source_of() {
	mkdir -p "$1"
	{
		echo "#include $header"
		cat "$here/common.h" -
	} >"$1/$1.bpf.c"
}
# tool NAME: made by ecc, with the kernel's types; NAME/NAME.bpf.o is the object.
tool() {
	header='"vmlinux.h"' source_of "$1"
	"$ECC" --keep-object "$1/$1.bpf.c" >ecc.out 2>&1 || not_ok "$1" "ecc failed" ecc.out
}
# object NAME: made by clang alone, which has no opinion of it.
object() {
	header='<linux/bpf.h>' source_of "$1"
	"${clang:-clang}" -g -O2 -target bpf -I"$TOP/tests/hostile/hide" -idirafter "/usr/include/$(uname -m)-linux-gnu" -c "$1/$1.bpf.c" -o "$1/$1.bpf.o" 2>cc.err ||
		not_ok "$1" "clang failed" cc.err
}
patched() { # NAME PATCH...: NAME/NAME.bpf.o is changed
	local name=$1
	shift
	./patch "$name/$name.bpf.o" "$@" 2>cc.err || not_ok "$name" "patch failed" cc.err
}

# holds_no_more NAME FILE: what a run holds is listed. Where this kernel takes it; a run that fails holds nothing.
holds_no_more() {
	local name=$1 file=$2 how
	"$ECLI" inspect -o json "$file" 2>err.json | jq -r '.programs[].name[:15]' | sort >listed
	for how in program libbpf; do
		start_ecli --loader $how "$file" || continue
		./holds "$ecli_pid" | sort -u >held
		stop_ecli
		comm -13 listed held >more
		if [ -s more ]; then not_ok "hostile/hide: $name" "a run holds programs that inspect does not list" more listed; return 1; fi
		[ ! -s held ] || ran=$((ran + 1))
	done
	return 0
}
ran=0
# told NAME REGEX [FILE [OPTION...]]: inspect says so, and nothing of only watching.
told() {
	local name=$1 regex=$2 file=${3:-${1%%-[0-9]*}/${1%%-[0-9]*}.bpf.o} code=0
	shift 2
	[ $# = 0 ] || shift
	"$ECLI" inspect "$file" "$@" >out 2>err.txt || code=$?
	if [ $code != 0 ]; then not_ok "hostile/hide: $name" "inspect: status $code" err.txt
	elif ! grep -qE -e "$regex" out; then not_ok "hostile/hide: $name" "inspect does not say: $regex" out
	elif grep -q 'only watches' out && [ -z "${only_listed:-}" ]; then not_ok "hostile/hide: $name" "inspect says that it only watches" out
	elif holds_no_more "$name" "$file"; then ok "hostile/hide: $name: told"; fi
}
# refused NAME REGEX [FILE]: by every command that reads it, in a sentence, with nothing on stdout.
refused() {
	local name=$1 regex=$2 file=${3:-$1/$1.bpf.o} command code
	for command in inspect check run 'run -v' 'run --attach *=none'; do
		code=0
		# shellcheck disable=SC2086 # words
		set -f; set -- $command; set +f
		patiently "$ECLI" "$1" "${@:2}" "$file" </dev/null >out 2>err.txt || code=$?
		if [ $code != 1 ] || [ -s out ] || ! grep -qE -e "$regex" err.txt || [ "$(grep -c . err.txt)" != 1 ]; then
			not_ok "hostile/hide: $name" "$command: status $code, expected a refusal: $regex" err.txt out
			return
		fi
	done
	for command in --help -d1; do
		"$ECLI" run "$file" $command >out 2>err.txt && { not_ok "hostile/hide: $name" "run FILE $command did not refuse it" out; return; }
	done
	if "$ECLI" complete run "$file" --attach '' | grep -q =; then not_ok "hostile/hide: $name" "completion offers its programs"; return; fi
	ok "hostile/hide: $name: refused"
}
refused_by_run() { # NAME REGEX FILE [OPTION...]: a sentence, no crash
	local name=$1 regex=$2 code=0
	shift 2
	patiently "$ECLI" run "$@" </dev/null >out 2>err.txt || code=$?
	[ $code = 1 ] && grep -qE -e "$regex" err.txt && ok "hostile/hide: $name: not run" || not_ok "hostile/hide: $name" "run: status $code, expected: $regex" err.txt
}

# ---- the JSON lies
tool evil <<'C'
SEC("tracepoint/sched/sched_process_exec") int harmless(void *ctx) { return report(1); }
SEC("cgroup/connect4") int watcher(struct bpf_sock_addr *ctx) { return 1; } /* could as well refuse */
C
lie() { jq -c "$2" "${3:-evil/package.json}" >"$1.json" || not_ok "$1" "jq failed"; } # NAME FILTER [FILE]
refuses='can refuse what the processes of a cgroup want to do.*\(watcher\)'
told 'no lie' "$refuses" evil/package.json
lie hidden 'del(.meta.bpf_skel.progs[] | select(.name == "watcher"))'
refused hidden 'does not list program watcher' hidden.json
lie null '.meta.bpf_skel.progs = null'
told null "$refuses" null.json
lie absent 'del(.meta.bpf_skel.progs)'
told absent "$refuses" absent.json
lie empty '.meta.bpf_skel.progs = []'
refused empty 'does not list program' empty.json
lie attach '(.meta.bpf_skel.progs[] | select(.name == "watcher")).attach = "tracepoint/sched/sched_process_exit"'
refused attach 'attaches to "tracepoint/sched/sched_process_exit", its object says "cgroup/connect4"' attach.json
lie twice '.meta.bpf_skel.progs |= [.[0], .[0]]'
refused twice 'lists program [a-z]+ twice' twice.json
lie case '(.meta.bpf_skel.progs[] | select(.name == "watcher")).name = "Watcher"'
refused case 'lists program Watcher, which its object does not have' case.json
lie extra '.meta.bpf_skel.progs += [{"name":"third","attach":"tracepoint/sched/sched_process_exit"}]'
refused extra 'lists program third, which its object does not have' extra.json
lie escape '(.meta.bpf_skel.progs[] | select(.name == "watcher")).name = "watcher\n\u001b[2Jecli: all is well"'
"$ECLI" inspect escape.json >out 2>err.txt
if [ -s out ] || grep -qE '^ecli: all|'$'\e' err.txt; then not_ok "hostile/hide: escape" "the name came through" err.txt; else ok "hostile/hide: escape: refused"; fi
sed -E 's/"progs":\[[^]]*\]/"progs":null,"progs":[{"name":"harmless"}]/' evil/package.json >keys.json
refused 'two lists' 'does not list program watcher' keys.json
jq -c --arg data "$(base64 -w0 evil/evil.bpf.o)" -n '{name: "old", data: $data, progs: [{name: "harmless"}], maps: [{name: "events"}]}' >old.json
refused 'package of 2022' 'does not list program watcher' old.json
lie old-null '.progs = null' old.json
told 'package of 2022, no list' "$refuses" old-null.json
mkdir -p skel && cp evil/evil.bpf.o skel/evil.bpf.o && jq -c .meta hidden.json >skel/evil.skel.json
refused 'description and object' 'does not list program watcher' skel/evil.skel.json
mkdir -p archive && cp hidden.json archive/package.json && tar cf hidden.tar -C archive package.json
refused archive 'does not list program watcher' hidden.tar

# ---- code where nobody looks. LIKE bpf_send_signal(9) is what is hidden: never reached, but there.
signals='sends signals to processes \(bpf_send_signal\)'
at='SEC("tracepoint/syscalls/sys_enter_unlinkat") int handle(void *ctx)'
object half <<C
__asm__(".text\n.quad 0x18\n");
static __attribute__((noinline)) long note(__u32 sig) { return bpf_send_signal(sig); }
$at { __u32 s = 9; asm volatile("" : "+r"(s)); if (never) note(s); return report(1); }
C
refused half 'has half of a 64-bit constant'
object between <<C
__asm__(".text\n.byte 0xb7,1,0,0,9,0,0,0\n.byte 0x85,0,0,0,109,0,0,0\n.byte 0x95,0,0,0,0,0,0,0\n");
static __attribute__((noinline)) long note(__u32 pid) { return report(pid); }
$at { return note(never); }
C
told between "$signals"
object data-in-text <<C
__asm__(".text\n.ascii \"sixteen letters.\"\n");
$at { return report(1); }
C
only_listed=1 told data-in-text '^  handle' data-in-text/data-in-text.bpf.o
object odd-text <<C
__asm__(".text\n.ascii \"four\"\n.balign 1\n");
$at { return report(1); }
C
refused odd-text 'does not hold whole instructions'
object subprogram <<C
static __attribute__((noinline)) long note(__u32 sig) { return bpf_send_signal(sig); }
$at { __u32 s = 9; asm volatile("" : "+r"(s)); if (never) note(s); return report(1); }
C
told subprogram "$signals"
object by-number <<C
$at { if (never) asm volatile("r1 = 9\n.byte 0x85,0,0,0,109,0,0,0" ::: "r0","r1","r2","r3","r4","r5"); return report(1); }
C
told by-number "$signals" by-number/by-number.bpf.o
object new-helper <<C
$at { if (never) asm volatile(".byte 0x85,0,0,0,0x88,0x13,0,0" ::: "r0","r1","r2","r3","r4","r5"); return report(1); }
C
told new-helper 'whose effect is not known here \(helper number 5000\)' new-helper/new-helper.bpf.o
object kfunc-number <<C
$at { if (never) asm volatile("r1 = 9\n.byte 0x85,0x20,0,0,0x19,0,1,0" ::: "r0","r1","r2","r3","r4","r5"); return report(1); }
C
refused kfunc-number 'calls a function of the kernel by number \(65561\)'
object kfunc-module <<C
$at { if (never) asm volatile("r1 = 9\n.byte 0x85,0x20,1,0,0x19,0,1,0" ::: "r0","r1","r2","r3","r4","r5"); return report(1); }
C
refused kfunc-module 'calls a function of the kernel by number'
object call-kind <<C
$at { if (never) asm volatile(".byte 0x85,0x30,0,0,1,0,0,0" ::: "r0","r1","r2","r3","r4","r5"); return report(1); }
C
refused call-kind 'has a call of an unknown form \(3\)'
object call-register <<C
$at { if (never) asm volatile("r1 = 9\n.byte 0x8d,1,0,0,0,0,0,0" ::: "r0","r1","r2","r3","r4","r5"); return report(1); }
C
told call-register 'has instructions that are not known here and may do anything \(0x8d in handle\)' call-register/call-register.bpf.o
for way in map:0x11:3 map-value:0x21:3 variable:0x31:4711 function:0x41:1 map-index:0x51:0; do
	IFS=: read -r name source number <<<"$way"
	object "number-$name" <<C
$at { if (never) asm volatile(".byte 0x18,$source,0,0\n.long $number\n.quad 0" ::: "r1"); return report(1); }
C
	refused "number-$name" "names a map or something of the kernel by number \\($number\\)"
done
killer='static __attribute__((noinline)) long note(__u32 sig) { return bpf_send_signal(sig); }'
object overlap <<C
$killer
$at { __u32 s = 9; asm volatile("" : "+r"(s)); if (never) note(s); return report(1); }
SEC("tracepoint/syscalls/sys_enter_unlinkat") int second(void *ctx) { return report(2); }
C
patched overlap symbol second value 8
refused overlap 'functions [a-z]+ and [a-z]+ of the object overlap'
object misaligned <<C
$at { return report(1); }
SEC("tracepoint/syscalls/sys_enter_unlinkat") int second(void *ctx) { return 0; }
C
patched misaligned symbol second size 12
refused misaligned 'function second of the object is not made of whole instructions'
object no-size <<C
$at { return report(1); }
SEC("tracepoint/syscalls/sys_enter_unlinkat") int second(void *ctx) { return 0; }
C
patched no-size symbol second size 0
refused no-size 'function second of the object is not made of whole instructions'
object long-symbol <<C
$at { return report(1); }
C
patched long-symbol symbol handle size 800000
refused long-symbol 'function handle lies outside its section'
object static-program <<C
$at { return report(1); }
SEC("cgroup/connect4") int watcher(void *ctx) { return 1; }
C
cp -r static-program no-function
cp -r static-program no-code
cp -r static-program no-name
cp -r static-program no-section-name
cp -r static-program same-name
cp -r static-program nowhere
patched static-program symbol watcher bind 0
refused static-program 'function watcher in SEC\("cgroup/connect4"\) is static'
mv no-function/static-program.bpf.o no-function/no-function.bpf.o
patched no-function symbol watcher type 0 # libbpf takes no program from it: neither must be there
only_listed=1 told no-function '^  handle' no-function/no-function.bpf.o
mv no-code/static-program.bpf.o no-code/no-code.bpf.o
patched no-code section cgroup/connect4 flags 2
only_listed=1 told no-code '^  handle' no-code/no-code.bpf.o
mv no-name/static-program.bpf.o no-name/no-name.bpf.o
patched no-name symbol watcher byte 1
refused no-name 'has a program whose name or section is no plain text'
mv no-section-name/static-program.bpf.o no-section-name/no-section-name.bpf.o
patched no-section-name section cgroup/connect4 byte 27
refused no-section-name 'has a program whose name or section is no plain text'
mv nowhere/static-program.bpf.o nowhere/nowhere.bpf.o
patched nowhere section cgroup/connect4 byte 0
told nowhere 'has a program of a kind that is not known here and may change anything \(watcher\)'
mv same-name/static-program.bpf.o same-name/same-name.bpf.o
patched same-name section cgroup/connect4 name .text
refused same-name 'has two sections .text'
object two-names <<C
$at { return report(1); }
extern int other(void *ctx) __attribute__((alias("handle")));
C
only_listed=1 told two-names '^  other ' two-names/two-names.bpf.o
object two-btf <<'C'
__asm__(".section .BTF.old,\"\",@progbits\n.quad 0\n.text\n");
SEC("tracepoint/syscalls/sys_enter_unlinkat") int handle(void *ctx) { return report(1); }
C
patched two-btf section .BTF.old name .BTF
refused two-btf 'has two sections .BTF;'
object two-licenses <<'C'
__asm__(".section license.old,\"\",@progbits\n.asciz \"MIT\"\n.text\n");
SEC("tracepoint/syscalls/sys_enter_unlinkat") int handle(void *ctx) { return report(1); }
C
patched two-licenses section license.old name license
refused two-licenses 'has two sections license'

# ---- what fills in is not what stands there
object passed-over <<C
$at { if (never) asm volatile("r1 = 9\n.byte 0x85,0,0,0,109,0,0,0" ::: "r0","r1","r2","r3","r4","r5"); return report(1); }
C
cp -r passed-over passed-over-2 && mv passed-over-2/passed-over.bpf.o passed-over-2/passed-over-2.bpf.o
patched passed-over fills .rel.BTF.ext tracepoint/syscalls/sys_enter_unlinkat
refused passed-over 'section .rel.BTF.ext of the object fills in the code of section'
patched passed-over-2 fills .reltracepoint/syscalls/sys_enter_unlinkat license
patched passed-over-2 fills .rel.debug_info tracepoint/syscalls/sys_enter_unlinkat
refused passed-over-2 'section .rel.debug_info of the object fills in the code of section'
object filled-twice <<C
$at { return report(1); }
C
patched filled-twice again .reltracepoint/syscalls/sys_enter_unlinkat
refused filled-twice 'fills in one instruction twice'
# Each of the symbols costs its name.
object crowd <<C
$at { return report(1); }
C
patched crowd crowd 50000 1000000
refused crowd 'the name of symbol [0-9]+ does not end in its table, or has more than'
object setting <<C
extern int LINUX_KERNEL_VERSION __kconfig;
$at { if (never) asm volatile("call LINUX_KERNEL_VERSION" ::: "r0","r1","r2","r3","r4","r5"); return report(LINUX_KERNEL_VERSION); }
C
refused setting 'handle calls LINUX_KERNEL_VERSION, which is a setting of the kernel'
object packed-names <<'C'
SEC("tracepoint/sched/sched_process_exec") int handle(void *ctx) { return report(1); }
C
patched packed-names names tracepoint/sched/sched_process_exec cgroup/connect4
refused packed-names 'holds names that are compressed'

# ---- functions of the kernel
tool kfunc <<'C'
#include <bpf/bpf_tracing.h>
extern int bpf_send_signal_task(struct task_struct *task, int sig, enum pid_type type, u64 value) __ksym;
SEC("tp_btf/sched_process_exec") int handle(u64 *ctx)
{
	if (never)
		bpf_send_signal_task(bpf_get_current_task_btf(), 9, PIDTYPE_TGID, 0);
	return report(1);
}
C
told kfunc 'sends signals to processes \(bpf_send_signal_task\)'
cp -r kfunc two-ksyms && mv two-ksyms/kfunc.bpf.o two-ksyms/two-ksyms.bpf.o
patched two-ksyms ksyms
told two-ksyms 'sends signals to processes \(bpf_send_signal_task\)' two-ksyms/two-ksyms.bpf.o
tool weak <<'C'
extern int bpf_send_signal_task(struct task_struct *task, int sig, enum pid_type type, u64 value) __ksym __weak;
SEC("tp_btf/sched_process_exec") int handle(u64 *ctx)
{
	if (never && bpf_send_signal_task)
		bpf_send_signal_task(bpf_get_current_task_btf(), 9, PIDTYPE_TGID, 0);
	return report(1);
}
C
told weak 'sends signals to processes \(bpf_send_signal_task\)'
tool flavour <<'C'
extern int bpf_send_signal_task___harmless(struct task_struct *task, int sig, enum pid_type type, u64 value) __ksym __weak;
SEC("tp_btf/sched_process_exec") int handle(u64 *ctx)
{
	if (never && bpf_send_signal_task___harmless)
		bpf_send_signal_task___harmless(bpf_get_current_task_btf(), 9, PIDTYPE_TGID, 0);
	return report(1);
}
C
told flavour 'sends signals to processes \(bpf_send_signal_task___harmless\)'
tool new-kfunc <<'C'
extern int bpf_paint_it_black(struct task_struct *task) __ksym __weak;
SEC("tp_btf/sched_process_exec") int handle(u64 *ctx)
{
	if (never && bpf_paint_it_black)
		bpf_paint_it_black(bpf_get_current_task_btf());
	return report(1);
}
C
told new-kfunc 'whose effect is not known here \(bpf_paint_it_black\)' new-kfunc/new-kfunc.bpf.o
tool interrupts <<'C'
struct slot { struct bpf_task_work work; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct slot); } slots SEC(".maps");
extern int bpf_task_work_schedule_signal_impl(struct task_struct *task, struct bpf_task_work *work, void *map, void *later, void *aux) __ksym __weak;
SEC("tp_btf/sched_process_exec") int handle(u64 *ctx)
{
	__u32 zero = 0;
	struct slot *slot = bpf_map_lookup_elem(&slots, &zero);

	if (never && slot)
		bpf_task_work_schedule_signal_impl(bpf_get_current_task_btf(), &slot->work, &slots, 0, 0);
	return report(1);
}
C
told interrupts 'interrupts system calls of processes \(bpf_task_work_schedule_signal_impl\)'
tool keyring <<'C'
extern struct bpf_key *bpf_lookup_user_key(s32 serial, u64 flags) __ksym __weak;
extern void bpf_key_put(struct bpf_key *key) __ksym __weak;
SEC("iter.s/task") int handle(void *ctx)
{
	struct bpf_key *key = never ? bpf_lookup_user_key(-1, 1) : 0;

	if (key)
		bpf_key_put(key);
	return 0;
}
C
told keyring 'can make keyrings for processes \(bpf_lookup_user_key\)'
tool unbounded <<'C'
struct piece { long value; };
extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym __weak;
SEC("tp_btf/sched_process_exec") int handle(u64 *ctx) { return never && bpf_obj_new_impl(1, 0) ? 1 : report(1); }
C
only_listed=1 told unbounded 'bpf_obj_new_impl in handle .*: memory of the kernel that no map'
object callback <<C
static long round(__u32 i, void *ctx) { return bpf_send_signal(9); }
$at { bpf_loop(never, round, 0, 0); return report(1); }
C
told callback "$signals"
told callback-2 'bpf_loop in handle \(tracepoint/syscalls/sys_enter_unlinkat\): up to 8388608 rounds'
object timer <<C
struct slot { struct bpf_timer timer; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct slot); } slots SEC(".maps");
static int later(void *map, __u32 *key, struct slot *slot) { bpf_send_signal(9); return 0; }
$at
{
	__u32 zero = 0;
	struct slot *slot = bpf_map_lookup_elem(&slots, &zero);
	if (!slot || !never) return report(1);
	bpf_timer_init(&slot->timer, &slots, 1);
	bpf_timer_set_callback(&slot->timer, later);
	return bpf_timer_start(&slot->timer, 1, 0);
}
C
told timer "$signals"
told timer-2 'bpf_timer_start in handle .*: runs again by itself'
object tail <<C
SEC("?tracepoint/syscalls/sys_enter_unlinkat") int killer(void *ctx) { if (never) bpf_send_signal(9); return 0; }
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__array(values, int(void *));
} next SEC(".maps") = { .values = { [0] = (void *)&killer } };
$at { bpf_tail_call(ctx, &next, 0); return report(1); }
C
told tail "$signals"
object maps <<C
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } one SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [0] = &one } };
SEC("?cgroup/connect4") int watcher(void *ctx) { __u32 zero = 0; return bpf_map_lookup_elem(&outer, &zero) ? 1 : 1; }
$at { __u32 zero = 0; void *map = bpf_map_lookup_elem(&outer, &zero); return map && bpf_map_lookup_elem(map, &zero) ? report(1) : 0; }
C
told maps "$refuses"

object sockets <<'C'
struct { __uint(type, BPF_MAP_TYPE_SOCKHASH); __uint(max_entries, 4096); __type(key, __u64); __type(value, __u64); } taken SEC(".maps");
struct meta { int session, number; };
struct context { struct meta *meta; void *socket; long uid; };
SEC("iter/tcp") int handle(struct context *ctx)
{
	__u64 key = (__u64)ctx->socket;

	if (ctx->socket)
		bpf_map_update_elem(&taken, &key, ctx->socket, 0);
	return 0;
}
C
told sockets 'takes connections into its maps of sockets.*\(taken\)'
object new-map <<C
struct { __uint(type, 77); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } new SEC(".maps");
$at { __u32 zero = 0; return bpf_map_lookup_elem(&new, &zero) ? report(1) : 0; }
C
told new-map 'has a map of a kind that is not known here.*\(new\)'

# ---- kinds and places
kind() { # NAME SECTION REGEX [BODY]
	object "$1" <<C
SEC("$2") int handle(void *ctx) { ${4:-return report(1);} }
C
	told "$1" "$3" "$1/$1.bpf.o"
}
kind freplace freplace/anything 'replaces a function of another BPF program \(handle\)'
kind fmod-ret fmod_ret/bpf_modify_return_test 'can replace the result of a kernel function \(handle\)'
kind writable raw_tp.w/nothing 'can change what a writable tracepoint passes on \(handle\)'
kind new-kind anything/new 'has a program of a kind that is not known here and may change anything \(handle\)'
kind by-hand '?lsm/file_open' 'can deny what a security hook decides about \(handle\)' 'return 0;'
kind map-iterator iter/bpf_map_elem 'can change maps of other BPF programs \(handle\)'
kind syscall syscall 'makes, changes or removes BPF objects \(bpf_sys_bpf\)' 'return never ? bpf_sys_bpf(0, ctx, 8) : 0;'
kind writes kprobe/do_exit 'writes into the memory of user processes' 'return never ? bpf_probe_write_user(ctx, ctx, 4) : 0;'
kind result kprobe/do_exit 'makes kernel functions fail' 'return never ? bpf_override_return(ctx, 1) : 0;'
kind offset uprobe//bin/true:4423 'puts a probe at an offset.*\(handle\)'
kind offset-hex uprobe//bin/true:0x1147 'puts a probe at an offset.*\(handle\)'
kind function-offset uretprobe//bin/true:main+1 'puts a probe at an offset.*\(handle\)'
tool target <<'C'
SEC("uprobe") int handle(void *ctx) { return report(1); }
C
jq -c '.meta.bpf_skel.progs[0].target = ["/bin/true:main", "/bin/true:4423"]' target/package.json >target.json
told target 'puts a probe at an offset.*\(handle\)' target.json
told target-2 'puts a probe at an offset.*\(handle\)' target/package.json --attach handle=/bin/true:main+3
# Registers of a program that is probed: kernels after 6.18 let them be written.
registers='struct regs { unsigned long r[21]; };
static __attribute__((noinline)) long change(struct regs *regs) { if (!regs) return 1; regs->r[10] = 77; return 0; }
struct box { unsigned long one; struct regs *regs; };
static __attribute__((noinline)) long unpack(struct box *box) { if (!box || !box->regs) return 1; box->regs->r[10] = 77; return 0; }
static long later(__u32 i, void *ctx) { ((struct regs *)ctx)->r[10] = 77; return 1; }
static __attribute__((noinline)) void keep(void *regs, void **to) { *to = regs; }
static long keep_later(__u32 i, void **both) { both[1] = both[0]; return 1; }'
write() { # NAME SECTION BODY
	object "registers-$1" <<C
$registers
SEC("$2//bin/true:main") int handle(struct regs *ctx) { $3; return report(1); }
C
	told "registers-$1" 'can change registers of the programs that it probes' "registers-$1/registers-$1.bpf.o"
}
write entry uprobe 'ctx->r[10] = 77'
write return uretprobe 'ctx->r[16] = 77'
write many uprobe.multi 'ctx->r[10] = 77'
write constant uprobe 'asm volatile("*(u64 *)(r1 + 80) = 77" :: "r"(ctx) : "memory")'
write kept uprobe 'struct regs *kept = ctx; bpf_get_prandom_u32(); kept->r[10] = 77'
write stack uprobe 'struct regs *volatile kept = ctx; bpf_get_prandom_u32(); kept->r[10] = 77'
write branch uprobe 'struct regs other, *to = &other; if (never) to = ctx; asm volatile("" : "+r"(to)); to->r[10] = 77; report(other.r[10])'
write function uprobe 'change(ctx)'
write box uprobe 'struct box box = { 1, ctx }; unpack(&box)'
write callback uprobe 'bpf_loop(1, later, ctx, 0)'
write handed-back uprobe 'struct regs *volatile kept = 0; keep(ctx, (void *)&kept); kept->r[10] = 77'
write called-back uprobe 'struct { struct regs *ctx, *volatile kept; } both = { ctx, 0 }; bpf_loop(1, keep_later, &both, 0); both.kept->r[10] = 77'
write widened uprobe 'struct regs *volatile kept = ctx; void *to; asm volatile("%0 = *(u32 *)(%1 + 0)" : "=r"(to) : "r"(&kept) : "memory"); ((struct regs *)to)->r[10] = 77'
write narrow uprobe 'struct regs *volatile kept = 0; asm volatile("*(u32 *)(%1 + 0) = %0" :: "r"(ctx), "r"(&kept) : "memory"); kept->r[10] = 77'
object registers-tail <<C
$registers
SEC("?kprobe") int writer(struct regs *ctx) { ctx->r[10] = 77; return 0; }
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 1); __uint(key_size, 4); __array(values, int(struct regs *)); } next SEC(".maps") = {
	.values = { [0] = (void *)&writer } };
SEC("uprobe//bin/true:main") int handle(struct regs *ctx) { bpf_tail_call(ctx, &next, 0); return report(1); }
C
told registers-tail 'can change registers of the programs that it probes'
object registers-read <<C
$registers
static __attribute__((noinline)) long sum(struct regs *regs, __u64 *to) { if (!regs || !to) return 1; *to = regs->r[10] + regs->r[11]; return 0; }
SEC("uprobe//bin/true:main") int handle(struct regs *ctx) { __u64 all = 0; struct regs *volatile kept = ctx; sum(ctx, &all); return report(all + kept->r[3]); }
C
"$ECLI" inspect registers-read/registers-read.bpf.o >out 2>err.txt; grep -q 'only watches' out && ok 'hostile/hide: registers-read: only watches' ||
	not_ok 'hostile/hide: registers-read' 'reading registers is no effect' out err.txt
tool iterator <<'C'
#include <bpf/bpf_tracing.h>
SEC("iter/tcp") int handle(struct bpf_iter__tcp *ctx)
{
	int one = 1;

	if (never && ctx->sk_common)
		bpf_setsockopt(ctx->sk_common, 1, 2, &one, sizeof(one));
	return 0;
}
C
told iterator 'changes options of sockets \(bpf_setsockopt\)'
tool table <<'C'
#include <bpf/bpf_tracing.h>
SEC("struct_ops/ssthresh") __u32 BPF_PROG(table_ssthresh, struct sock *sk) { return 2; }
SEC("struct_ops/undo") __u32 BPF_PROG(table_undo, struct sock *sk) { return 2; }
SEC("struct_ops/avoid") void BPF_PROG(table_avoid, struct sock *sk, __u32 ack, __u32 acked) {}
SEC(".struct_ops") struct tcp_congestion_ops hide = { .ssthresh = (void *)table_ssthresh, .undo_cwnd = (void *)table_undo,
	.cong_avoid = (void *)table_avoid, .name = "ecli_hide" };
C
told table "replaces a part of the kernel's own code \\(table_"
tool bare-table <<'C'
SEC("tracepoint/syscalls/sys_enter_unlinkat") int handle(void *ctx) { return report(1); }
SEC(".struct_ops") struct tcp_congestion_ops hide = { .name = "ecli_hide" };
C
refused_by_run bare-table 'table hide has no program that is loaded' bare-table/bare-table.bpf.o
refused_by_run table-without 'cannot be used|table hide has no program that is loaded' table/table.bpf.o --attach '*=none'
told bare-table "replaces a part of the kernel's own code \\(\\.struct_ops\\)" bare-table/bare-table.bpf.o

# ---- texts that look like a report
forged='nothing to see\n\nWhat it can change:\n  nothing but its own maps: it stays inside\n\nSize:\n  license GPL'
lie forged ".meta.bpf_skel.doc = {brief: \"$forged\", description: \"$forged\", details: \"$forged\", version: \"1\\n\\nSize:\"} | .meta.bpf_skel.obj_name = \"a\\nSize:\""
"$ECLI" inspect forged.json >out 2>err.txt
[ "$(grep -c '^What it can change:$' out)" = 1 ] && [ "$(grep -c '^Size:' out)" = 1 ] && grep -qE "$refuses" out && ok 'hostile/hide: forged: told' || not_ok 'hostile/hide: forged' 'a text of the package stands where the report stands' out
"$ECLI" run forged.json --help >out 2>err.txt
! grep -qE '^(What it can change|Size):' out && grep -q 'nothing to see' out && ok 'hostile/hide: forged help: folded' || not_ok 'hostile/hide: forged help' 'a text of the package stands at the left' out
mkdir -p tools/forged && cp forged.json tools/forged/package.json
ECLI_PACKAGES=$PWD/tools "$ECLI" list >out 2>err.txt
! grep -qE '^(What it can change|Size|  nothing)' out && grep -q '^forged .*nothing to see' out && ok 'hostile/hide: forged list: one line' || not_ok 'hostile/hide: forged list' 'more than one line' out
[ $ran -ge 10 ] && ok "hostile/hide: $ran runs hold what inspect lists" || { is_root && not_ok "hostile/hide: runs" "only $ran of the packages ran here" || cannot "hostile/hide: runs" "loading programs takes root"; }
