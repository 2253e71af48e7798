# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# Each kind of program by what it does, seen from outside: before the run, during it, after its end, after its end by SIGKILL. Runs on the
# machine (../attach.sh) and in the guests of tests/vm, so it is written for any sh. README.md says which test is which kind's.
#
#     ECLI  ACT  ALL   the program; act.c, compiled; all.bpf.c, packed
#     CONGESTION       congestion.bpf.c, and CONGESTION_LINK: congestion_link.bpf.c, packed
#     HARNESS          tests/lib.sh, when it lies elsewhere
#     SPREADS          not empty: lo spreads what it receives over CPUs (rps_cpus), so packets are dissected
#     MUST             kinds that this kernel must run; others may be its lack (status 3, with a sentence)
#
# Wants root and a network namespace that may be changed, with lo up.

# shellcheck disable=SC1090,SC2086 # where the guest has it; words
. "${HARNESS:-"$(dirname "$0")/../../lib.sh"}"
mkfifo "$scratch/gate"

pass() { ok "attach-$1"; }
fail() { not_ok "attach-$1" "$2" "$err" "$rows"; } # NAME WHY
hooks= package=$ALL usual=done were_killed=' '

# programs_of ARG...: the names of the programs that these arguments of `ecli run` bring in
programs_of() {
	programs=
	[ "$package" = "$ALL" ] || programs='cc_init cc_ssthresh cc_cong_avoid cc_undo_cwnd'
	while [ $# != 0 ]; do
		case $1 in
		--attach) shift; programs="$programs ${1%%=*}" ;;
		--with_reads) programs="$programs when_reads" ;;
		esac
		shift
	done
}

# gone ARG...: none of them is in the kernel any more. It is act that looks, so it is not ecli's word.
gone() {
	programs_of "$@"
	# shellcheck disable=SC2086
	[ "$("$ACT" unloaded $programs)" = done ]
}

begin() { start_ecli "$package" -o json "$@"; } # ARG...

# lacking NAME: whether a start that failed is this kernel's lack, which is said; a kind in MUST may not lack.
lacking() {
	if [ "$status" = 3 ] && grep -q '^ecli: ' "$err"; then
		case " $MUST " in
		*" $1 "*) ;;
		*)
			lacks "attach-$1" "$(sed -n 's/^ecli: //p' "$err" | head -n 1)"
			return 0
			;;
		esac
	fi
	fail "$1" "status $status instead of a run"
	return 0
}

# act WORDS: what they do, in the cgroup when there is one
act() {
	if [ -n "$CGROUP" ]; then
		# shellcheck disable=SC2016
		sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$CGROUP" "$ACT" "$@" 2>&1
	else
		"$ACT" "$@" 2>&1
	fi
}

# impatient WORDS: as act, for what is not expected to arrive: that it was stopped a row says
impatient() {
	ACT_WAIT_MS=100
	export ACT_WAIT_MS
	act "$@"
}

# rows_have NAME NUMBER: waits for that many rows or more with this name
rows_have() { wait_until -p "$ecli_pid" has_lines "$rows" "$2" "\"name\":\"$1\""; }

# take_off ARG...: after SIGKILL. A kernel without links for a kind keeps the program, and then there is a record of it.
take_off() {
	[ -z "$("$ECLI" clean -n)" ] || "$ECLI" clean >"$scratch/clean"
	gone "$@"
}

# forbids NAME RESULT "ACT WORDS" ARG...: with ecli run ARG... the act ends with RESULT and a row has NAME; without it, before and
# after, it ends with $usual, and the programs are gone; also after SIGKILL.
forbids() {
	name=$1 result=$2 words=$3
	shift 3
	# shellcheck disable=SC2086
	set -- "$words" "$@"
	words=$1
	shift
	before=$(act $words)
	[ "$before" = "$usual" ] || { fail "$name" "before the run: $before"; return; }
	begin "$@" || { lacking "$name"; return; }
	during=$(impatient $words)
	rows_have "$name" 1
	seen=$?
	stop_ecli
	gone "$@" || seen="$seen, and it is still loaded"
	after=$(act $words)
	if [ "$during" = "$result" ] && [ "$seen" = 0 ] && [ $status = 0 ] && [ "$after" = "$usual" ]; then
		pass "$name"
	else
		fail "$name" "during: $during (want $result), rows: $seen, status $status, after: $after"
	fi
	begin "$@" || { fail "$name-killed" "did not start again"; return; }
	during=$(impatient $words)
	stop_ecli KILL
	left=
	take_off "$@" || left=', and it is still loaded'
	after=$(act $words)$left
	if [ "$during" = "$result" ] && [ "$after" = "$usual" ]; then
		pass "$name-killed"
	else
		fail "$name-killed" "during: $during (want $result), after SIGKILL: $after"
	fi
}

# stays NAME RESULT "ACT WORDS" ARG...: the same in the way of old kernels: after SIGKILL it is still there, a dry run tells, somebody else's run
# does not touch it while its process lives, and `ecli clean` takes it off.
stays() {
	name=$1 result=$2 words=$3
	shift 3
	begin --no-links "$@" || { lacking "$name-old"; return; }
	during=$(impatient $words)
	"$ECLI" clean >"$scratch/clean" 2>&1
	untouched=$(impatient $words)
	stop_ecli
	after=$(act $words)
	if [ "$during" = "$result" ] && [ "$untouched" = "$result" ] && [ ! -s "$scratch/clean" ] && [ "$after" = "$usual" ] && gone "$@"; then
		pass "$name-old"
	else
		fail "$name-old" "during: $during (want $result), after clean: $untouched, after the run: $after"
	fi
	begin --no-links "$@" || { fail "$name-old-killed" "did not start again"; return; }
	stop_ecli KILL
	left=$(impatient $words)
	dry=$("$ECLI" clean -n | grep -c '^left ')
	still=$(impatient $words)
	"$ECLI" clean >"$scratch/clean" 2>&1
	gone=$(act $words)
	if [ "$left" = "$result" ] && [ "$still" = "$result" ] && [ "$dry" = 1 ] && [ "$gone" = "$usual" ] && gone "$@" &&
		[ "$(grep -c '^removed ' "$scratch/clean")" = 1 ] && [ -z "$("$ECLI" clean)" ]; then
		pass "$name-old-killed"
	else
		fail "$name-old-killed" "left: $left, after the dry run: $still ($dry lines), after clean: $gone; $(cat "$scratch/clean")"
	fi
}

# forgotten NAME "ACT WORDS" ARG...: a run that is killed leaves nothing, or what `ecli clean` takes off where a kernel has no link for the
# kind; and the act still works. Once for each name.
forgotten() {
	case $were_killed in *" $1 "*) return 0 ;; esac
	were_killed="$were_killed$1 "
	name=$1 words=$2
	shift 2
	begin "$@" || { fail "$name-killed" "did not start again"; return; }
	stop_ecli KILL
	if take_off "$@" && [ "$(act $words)" = "$usual" ]; then
		pass "$name-killed"
	else
		fail "$name-killed" "after SIGKILL it is still loaded, or the act does not work"
	fi
}

# sees NAME NUMBER "ACT WORDS" ARG...: the act makes that many rows with NAME, and after the end, also by SIGKILL, the programs are gone
sees() {
	name=$1 number=$2 words=$3
	shift 3
	if ! begin "$@"; then
		lacking "$name"
		return
	fi
	out=$(act $words)
	rows_have "$name" "$number"
	stop_ecli
	count=$(grep -c "\"name\":\"$name\"" "$rows")
	left=
	gone "$@" || left=', and it is still loaded'
	if [ "$out" = done ] && [ "$count" -ge "$number" ] && [ $status = 0 ] && [ -z "$left" ]; then
		pass "$name"
	else
		fail "$name" "$count rows instead of $number, status $status, act: $out$left"
	fi
	cp "$rows" "$scratch/seen"
	forgotten "$name" "$words" "$@"
	cp "$scratch/seen" "$rows"
}

# exactly NAME NUMBER "ACT WORDS" ARG...: as sees, for what nobody else does
exactly() {
	sees "$@"
	[ "$(grep -c "\"name\":\"$1\"" "$rows")" = "$2" ] || [ "$status" = 3 ] || fail "$1-exactly" "not $2 rows"
}

# told NAME STATUS WORDS ARG...: one sentence for what is wrong, and its status, at run and at check; and nothing of it is left
told() {
	name=$1 want=$2 sentence=$3
	shift 3
	status=0
	"$ECLI" run "$ALL" --duration 0.1 "$@" >"$rows" 2>"$err" || status=$?
	if [ $status = "$want" ] && grep -qF -- "$sentence" "$err" && [ "$(grep -vc "^Try 'ecli .* --help'" "$err")" = 1 ] && gone "$@"; then
		pass "$name"
	else
		fail "$name" "status $status (want $want), it is still loaded, or the sentence is not: $sentence"
	fi
	# A check does not attach: what only a run can find out is in no_check.
	[ -z "$no_check" ] || return 0
	status=0
	"$ECLI" check "$ALL" "$@" >"$rows" 2>"$err" || status=$?
	if [ $status = "$want" ] && cat "$rows" "$err" | grep -qF -- "$sentence"; then
		pass "$name-check"
	else
		fail "$name-check" "status $status (want $want), or the sentence is not: $sentence"
	fi
}
no_check=

# ---- packets -------------------------------------------------------------------------------------------------------
CGROUP=
forbids xdp 11 'udp 7777' --attach drop_xdp=lo:generic
forbids tc 11 'udp 7777' --attach drop_tc=lo:ingress
forbids xdp_frags 11 'udp 7777' --attach drop_frags=lo
forbids tcx 11 'udp 7777' --attach drop_tcx=lo
sees socket 1 'udp 7777' --attach filter_socket=lo
forbids netfilter 11 'udp 7777' --attach drop_netfilter=ip:local_in,priority=-50
stays xdp 11 'udp 7777' --attach drop_xdp=lo
stays tc 11 'udp 7777' --attach drop_tc=lo:egress
# A pair of interfaces: what goes into one comes out of the other, nk0. Where there are none, lo asks whether the kernel knows them.
if ip link add name ecli-nk type netkit 2>/dev/null; then
	ip addr add 10.77.0.1/24 dev ecli-nk
	ip link set nk0 up
	ip link set ecli-nk up
	forbids netkit 11 'netkit 7777' --attach drop_netkit=ecli-nk
	ip link delete ecli-nk
elif begin --attach drop_netkit=lo; then
	fail netkit "lo is taken for a netkit interface"
	stop_ecli
else
	lacking netkit
fi

# ---- cgroups -------------------------------------------------------------------------------------------------------
CGROUP=$CGROUP_DIR
if [ -n "$CGROUP" ]; then
	for way in forbids stays; do
		$way cgroup_skb 1 'udp 7777' --attach "drop_cgroup=$CGROUP"
		$way sysctl 1 sysctl --attach "deny_sysctl=$CGROUP"
		$way sock_create 1 datagram --attach "deny_sock=$CGROUP"
		$way dev 1 zero --attach "deny_dev=$CGROUP"
		$way setsockopt 1 keepalive --attach "deny_setsockopt=$CGROUP"
		$way connect4 1 'tcp 7778' --attach "deny_connect=$CGROUP"
	done
	forbids lsm_cgroup 1 datagram --attach "deny_socket_lsm=$CGROUP"
	# Who is not in the cgroup is not concerned.
	if begin --attach "deny_sock=$CGROUP"; then
		[ "$(CGROUP='' act datagram)" = done ] && pass cgroup-only || fail cgroup-only "a process outside was stopped"
		stop_ecli
	fi
	# Sockets of one cgroup, the messages of which another program drops.
	sees sockops 2 'tcp 7779' --attach "collect=$CGROUP"
	forbids sk_msg 13 'tcp 7779' --attach "collect=$CGROUP" --attach drop_msg=sockets
	forbids sk_skb 11 'tcp 7779' --attach "collect=$CGROUP" --attach drop_stream=sockets
fi

# ---- the namespace -------------------------------------------------------------------------------------------------
CGROUP=
forbids sk_lookup 111 'tcp 7780' --attach refuse_lookup=/proc/self/ns/net
# Packets are dissected where the kernel wants to know their flow: when it spreads them over CPUs.
if [ -n "$SPREADS" ]; then
	sees dissector 1 'udp 7777' --attach dissect=/proc/self/ns/net
	were_killed=" "
	sees dissector 1 'udp 7777' --no-links --attach dissect=/proc/self/ns/net
fi

# ---- tables of the kernel --------------------------------------------------------------------------------------------
# A congestion control of TCP: without it a socket that asks for it gets ENOENT; with it the connection tells of itself.
usual=2
for package in "$CONGESTION" "$CONGESTION_LINK"; do
	forbids congestion done 'congestion 7781'
done
package=$CONGESTION
stays congestion done 'congestion 7781'
if begin; then
	act congestion 7781 >/dev/null
	rows_have acked 1 && pass congestion-acked || fail congestion-acked "no byte was acknowledged to the table"
	stop_ecli
fi
usual=done package=$ALL

# ---- tracing -------------------------------------------------------------------------------------------------------
sees tp 7 'getppid 7' --attach trace_tp=syscalls/sys_enter_getppid
getppid=110
[ "$(uname -m)" = x86_64 ] || getppid=173
sees raw 7 'getppid 7' --with_call $getppid --attach trace_raw=sys_enter
sees kprobe 100 'read 100' --attach trace_kprobe=ksys_read
sees kretprobe 100 'read 100' --attach trace_kretprobe=ksys_read
sees kmulti 100 'read 100' --attach 'trace_kmulti=ksys_read*'
sees kretmulti 100 'read 100' --attach 'trace_kretmulti=ksys_read*'
sees ksession 200 'read 100' --attach 'trace_ksession=ksys_read*'
sees ksyscall 7 'getppid 7' --attach trace_ksyscall=getppid
sees kretsyscall 7 'getppid 7' --attach trace_kretsyscall=getppid
sees fentry 100 'read 100' --attach trace_fentry=ksys_read
sees fexit 100 'read 100' --attach trace_fexit=ksys_read
# Another function than the section says, and a pattern for a program that was written for one.
sees kprobe 7 'getppid 7' --attach 'trace_kprobe=*_sys_getppid'
sees fentry 1 unlink --attach trace_fentry=vfs_unlink
forbids lsm 1 unlink --attach deny_unlink=path_unlink

forbids raw_tp_w 1 testrun --attach change_finish=bpf_test_finish
sees tp_btf 7 'getppid 7' --with_call $getppid --attach trace_btf=sys_enter
# The process that acts gets EACCES from read(2): the number that a security hook would have returned.
rm -f "$scratch/one"
"$ACT" -w read 1 <"$scratch/gate" >"$scratch/one" &
one=$!
exec 9>"$scratch/gate"
wait_until -p $one test -s "$scratch/one"
if begin --only_pid "$(cat "$scratch/one")" --attach change_result=security_file_permission; then
	echo >&9
	wait_end $one
	rows_have fmod_ret 1
	seen=$?
	stop_ecli
	if [ $seen = 0 ] && [ "$(sed -n 2p "$scratch/one")" = 13 ] && gone --attach change_result=; then
		pass fmod_ret
	else
		fail fmod_ret "rows: $seen, the result of read: $(sed -n 2p "$scratch/one") (want 13), or it is still loaded"
	fi
	forgotten fmod_ret 'read 1' --only_pid 1 --attach change_result=security_file_permission
else
	lacking fmod_ret
	kill $one
fi
exec 9>&-
# A function of a program that another run attached: its rows are in $answers.
says() { # NUMBER NAME
	before=$(wc -l <"$answers")
	act udp 7777 >/dev/null
	wait_until has_lines "$answers" $((before + 1)) ''
	if tail -n 1 "$answers" | grep -q "\"name\":\"replaced\",.*\"value\":$1}"; then
		pass "$2"
	else
		fail "$2" "the function does not say $1: $(tail -n 1 "$answers")"
	fi
}
replaces() { # the other run
	begin --attach replacement=ask_replaced:replaceable || { lacking freplace; return 1; }
	says 42 freplace
}
if begin --attach ask_replaced=lo; then
	first=$ecli_pid answers=$rows rows=$scratch/second
	replaces && stop_ecli && gone --attach replacement= && says 7 freplace-undone &&
		replaces && { stop_ecli KILL || gone --attach replacement=; } && says 7 freplace-killed
	rows=$answers ecli_pid=$first
	stop_ecli
fi
exactly uprobe 5 'calls 5' --attach "trace_uprobe=$ACT:act_mark_one"
exactly uretprobe 5 'calls 5' --attach "trace_uretprobe=$ACT:act_mark_two"
grep -q '"value":2004' "$rows" && pass uretprobe-result || fail uretprobe-result "the result of the last call is not there"
exactly uprobe 10 'calls 5' --attach "trace_uprobe=$ACT:act_mark_*"
exactly uprobe 10 'calls 5' --attach "trace_uprobe=$ACT:act_mark_one" --attach "trace_uprobe=$ACT:act_mark_two"
exactly umulti 10 'calls 5' --attach "trace_umulti=$ACT:act_mark_*"
exactly uretmulti 10 'calls 5' --attach "trace_uretmulti=$ACT:act_mark_*"
exactly usession 20 'calls 5' --attach "trace_usession=$ACT:act_mark_*"

# Of one process only.
rm -f "$scratch/one"
"$ACT" -w calls 3 <"$scratch/gate" >"$scratch/one" &
one=$!
exec 9>"$scratch/gate"
wait_until -p $one test -s "$scratch/one"
if begin --target-pid "$(cat "$scratch/one")" --attach "trace_uprobe=$ACT:act_mark_one"; then
	act calls 50 >/dev/null
	echo >&9
	wait_end $one
	rows_have uprobe 3
	stop_ecli
	[ "$(grep -c '"name":"uprobe"' "$rows")" = 3 ] && pass target-pid || fail target-pid "not the 3 calls of one process"
else
	lacking target-pid
fi
exec 9>&-

# samples NAME TARGET: ten of them, and from each CPU
samples() {
	begin -v --attach "trace_sample=$2" || { lacking "$1"; return; }
	seen=0
	rows_have sample 10 || seen='fewer than 10'
	wait_until -p "$ecli_pid" from_each_cpu || seen='not of every CPU'
	stop_ecli
	if [ "$seen" = 0 ] && [ $status = 0 ] && gone --attach trace_sample=; then
		pass "$1"
	else
		fail "$1" "samples: $seen, status $status, or it is still loaded"
	fi
}
from_each_cpu() { [ "$(sed -n 's/.*"name":"sample",.*"value":\([0-9]*\)}/\1/p' "$rows" | sort -u | wc -l)" = "$(nproc)" ]; }
samples sample cpu-clock,freq=199
samples sample-period cpu-clock,period=2000000
# The cycles of a processor without counters are told by a clock, others by nothing.
samples sample-cycles cycles
if grep -q 'no cycle counter; sampling cpu-clock instead' "$err"; then
	pass sample-instead
	told no-counter 3 'this machine does not have the hardware counter that program trace_sample samples' --attach trace_sample=cache-misses
fi
forgotten sample 'read 1' --attach trace_sample=cpu-clock

# ---- the rest ------------------------------------------------------------------------------------------------------
exactly usdt 5 'calls 5' --attach "trace_usdt=$ACT:act:mark"

# An iterator writes a line for each task.
if begin --attach list_tasks=task; then
	seen=0
	wait_until -p "$ecli_pid" has_text "$rows" "\"text\":\"task $$ of $$\"" || seen=1
	stop_ecli
	[ $seen = 0 ] && [ $status = 0 ] && gone --attach list_tasks= && pass iter || fail iter "this shell is no task, or it is still loaded"
	forgotten iter 'read 1' --attach list_tasks=task
else
	lacking iter
fi

# A syscall program is run once, and then the run ends.
"$ECLI" run "$ALL" -o json --with_once >"$rows" 2>"$err" &
ecli_pid=$!
end_ecli
if [ $status != 0 ]; then
	lacking syscall
else
	if [ "$(grep -c '"name":"syscall",.*"value":7}' "$rows")" = 1 ] && gone --attach run_once=; then
		pass syscall
	else
		fail syscall "it did not run once, or is still loaded"
	fi
	no_check=1
	told syscall-fails 1 'program run_badly returned -2 (No such file or directory)' --with_bad
	no_check=
	told syscall-target 2 'program run_once is run once and attached to nothing: it takes no target' --with_once --attach run_once=now
fi

# A program tied to an option.
if begin --attach trace_tp=syscalls/sys_enter_getppid; then
	act read 20 >/dev/null
	act getppid 1 >/dev/null
	rows_have tp 1
	stop_ecli
	grep -q '"name":"read"' "$rows" && fail when-not-given "there are reads" || pass when-not-given
fi
sees read 20 'read 20' --with_reads
"$ECLI" run "$ALL" -v --duration 0.1 --attach trace_tp=syscalls/sys_enter_getppid >"$rows" 2>"$err"
grep -q 'when_reads: left out: it takes --with_reads' "$err" && pass when-told || fail when-told "-v does not say why"

# ---- what is wrong -------------------------------------------------------------------------------------------------
no_function='this kernel has no function no_such_function that can be probed (program trace_kprobe)'
[ -e /sys/bus/event_source/devices/kprobe ] || no_function='this kernel has no kprobes (program trace_kprobe)'
told no-interface 1 'program drop_xdp: there is no network interface "nosuch0"' --attach drop_xdp=nosuch0
told no-interface-tc 1 'program drop_tc: there is no network interface "nosuch0"' --attach drop_tc=nosuch0:egress
told no-side 2 'a tc program goes to ingress or egress, not to "up"' --attach drop_tc=lo:up
told no-mode 2 'XDP has the modes native, generic and offload, not "fast"' --attach drop_xdp=lo:fast
told no-program 2 '--attach: there is no program "nosuch" here, but ' --attach nosuch=lo
told no-target 2 '--attach takes PROGRAM=TARGET' --attach drop_tc
told no-tracepoint 3 'this kernel has no tracepoint sched/nosuch (program trace_tp)' --attach trace_tp=sched/nosuch
told no-kernel-function 3 "$no_function" --attach trace_kprobe=no_such_function
told no-file 1 'there is no file /no/such/file, which program trace_uprobe traces' --attach trace_uprobe=/no/such/file:f
told no-library 1 'there is neither a program nor a library "nosuchlib"' --attach trace_uprobe=nosuchlib:f
told no-symbol 1 "$ACT has no function nosuch (program trace_uprobe)" --attach "trace_uprobe=$ACT:nosuch"
told only-called 1 "/bin/true has no function malloc (program trace_uprobe)" --attach "trace_uprobe=/bin/true:malloc"
no_check=yes
told no-elf 1 "program trace_uprobe: $0 is not a program or library for this machine" --attach "trace_uprobe=$0:nosuch"
no_check=
told no-pattern 1 "$ACT has no function like nosuch*" --attach "trace_uprobe=$ACT:nosuch*"
told no-process 1 'there is no process 4194000' --target-pid 4194000 --attach "trace_uprobe=$ACT:act_mark_one"
told no-function 2 'does not say what to trace: give --attach trace_uprobe=FILE:FUNCTION' --attach trace_uprobe=justtext
told no-event 1 'there is no event "nosuch"' --attach trace_sample=nosuch
! begin --attach drop_netfilter=ip:local_in || { stop_ecli; hooks=1; }
[ -z "$hooks" ] || told no-hook 2 '"ip:nosuch" is no hook of netfilter' --attach drop_netfilter=ip:nosuch
told no-netns 1 'there is no network namespace "nosuch"' --attach refuse_lookup=nosuch
told no-sockets 1 'the tool has no map of sockets called "events"' --attach drop_msg=events
told one-place 2 'fentry programs attach to one place, not to 2' --attach trace_fentry=ksys_read --attach trace_fentry=ksys_write
told nothing-left 2 'every program of the tool is left out' --attach '*=none'
told not-two 2 '"none" leaves it out and cannot be one of several targets' --attach trace_tp=none --attach trace_tp=a/b
if [ -n "$CGROUP_DIR" ]; then
	told no-cgroup 1 'there is no cgroup "/sys/fs/cgroup/nosuch"' --attach deny_sock=/sys/fs/cgroup/nosuch
	told not-a-cgroup 1 '/tmp is not a cgroup of version 2' --attach deny_sock=/tmp
fi
