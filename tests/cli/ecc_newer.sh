#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sources for newer headers than ecc's: what libbpf has had since 1.2, and the kernel's functions in vmlinux.h, which step aside for a source's own.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1
export XDG_CACHE_HOME=$scratch/cache
mkdir include

# The types of a kernel made by hand, so that this needs none; pahole's tags are clang's here.
cat >kernel.c <<'C'
#include <linux/types.h>
struct words { __u8 a; __u16 b; __u32 c; __u64 d; __s8 e; __s16 f; __s32 g; __s64 h; __be16 i; __be32 j; __wsum k; } words;
enum words_of_bpf { BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_ARENA = 33, BPF_MAP_TYPE_PERCPU_ARRAY = 6, BPF_F_MMAPABLE = 1024, BPF_F_CURRENT_CPU = -1 } bpf_words;
struct task_struct { long pad[3]; int tgid; unsigned int flag : 3; struct task_struct *group_leader; };
struct pt_regs { unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss; };
struct bpf_iter_num { __u64 opaque[1]; };
struct bpf_iter_task { __u64 opaque[3]; };
struct task_struct task;
struct pt_regs regs;
#define KFUNC __attribute__((noinline, btf_decl_tag("bpf_kfunc")))
KFUNC struct task_struct *bpf_task_from_pid(__s32 pid) { return &task; }
KFUNC void bpf_task_release(struct task_struct *p) { }
KFUNC int bpf_strlen(const char *s) { return *s; }
KFUNC void bpf_rcu_read_lock(void) { }
KFUNC int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) { return 0; }
KFUNC int *bpf_iter_num_next(struct bpf_iter_num *it) { return 0; }
KFUNC void bpf_iter_num_destroy(struct bpf_iter_num *it) { }
KFUNC int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *t, unsigned int flags) { return 0; }
KFUNC struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) { return 0; }
KFUNC void bpf_iter_task_destroy(struct bpf_iter_task *it) { }
KFUNC void *bpf_rdonly_cast(const void *obj, __u32 btf_id) { return 0; }
C
if ! clang-19 -g -O1 -target bpf -w -idirafter "/usr/include/$(uname -m)-linux-gnu" -c kernel.c -o kernel.o 2>err || ! llvm-objcopy-19 --dump-section .BTF=kernel.btf kernel.o 2>>err; then
	not_ok kernel "the types of a kernel cannot be made" err
	exit 0
fi

# compile NAME [ARG...] <TEXT: without a warning; the object is NAME.o then
compile() {
	local name=$1
	shift
	{
		printf '#include "vmlinux.h"\n#include <bpf/bpf_tracing.h>\n#include <bpf/bpf_core_read.h>\n'
		cat
		printf 'char LICENSE[] SEC("license") = "GPL";\n'
	} >"$name.bpf.c"
	if "$ECC" --keep-object --btf kernel.btf -a -Wall -a -Wextra -a -Wno-unused-parameter -a -Werror "$@" "$name.bpf.c" >out 2>err && [ ! -s err ]; then
		ok "$name"
	else
		not_ok "$name" "it does not compile, or ecc warns" err
	fi
}
calls() { strings -a "$1.bpf.o" | grep -qxF "$2"; } # NAME FUNCTION

# ---- libbpf's
compile loops <<'C'
SEC("tp_btf/sched_switch") int loops(void *ctx)
{
	int i, *at, sum = 0;
	struct task_struct *task;

	bpf_for(i, 0, 10)
		sum += i;
	bpf_for_each(num, at, 0, 3) {
		bpf_repeat(3)
			sum += *at;
	}
	bpf_for_each(task, task, (void *)0, 0)
		sum += task->tgid;
	return sum;
}
C
check loops-name-what-ends-them calls loops bpf_iter_num_destroy
check loops-of-others calls loops bpf_iter_task_destroy
compile words <<'C'
struct { __uint(type, BPF_MAP_TYPE_ARENA); __uint(map_flags, BPF_F_MMAPABLE); __uint(max_entries, 10); __ulong(map_extra, 0x1ull << 44); } arena SEC(".maps");
struct kept { struct task_struct __kptr_untrusted *a; int __percpu_kptr *b; int __uptr *c; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct kept); } map SEC(".maps");
__noinline int sub(void *ctx __arg_ctx, const int *a __arg_nonnull, struct task_struct *b __arg_trusted __arg_nullable, int *c __arg_untrusted, int *d __arg_arena)
{
	return *a;
}
SEC("tp_btf/sched_switch") int words(void *ctx)
{
	struct task_struct *task = bpf_core_cast((void *)bpf_get_current_task(), struct task_struct), own = {};
	int x = unlikely(!task) || likely(task->tgid);

	BPF_CORE_WRITE_BITFIELD(&own, flag, 5);
	return sub(ctx, &x, 0, 0, 0) + bpf_ksym_exists(bpf_task_from_pid) + BPF_CORE_READ_BITFIELD(&own, flag);
}
C
compile arguments <<'C'
SEC("kprobe/f") int BPF_KPROBE(f, long a, long b, long c, long d, long e, long g) { return g; }
SEC("ksyscall/mmap") int BPF_KSYSCALL(map, long a, long b, long c, long d, long e, long g) { return g; }
SEC("uprobe/x:y") int BPF_UPROBE(u, int a, int b, int c, int d, int e, void *g) { return !g; }
SEC("raw_tp/x") int r(struct pt_regs *regs)
{
	return PT_REGS_PARM6(regs) + PT_REGS_PARM6_CORE(regs) + PT_REGS_PARM6_SYSCALL(regs) + PT_REGS_PARM6_CORE_SYSCALL(regs);
}
C
for target in arm64 riscv64 ppc64le; do
	compile eight-$target --target $target <<'C'
SEC("kprobe/f") int BPF_KPROBE(f, long a, long b, long c, long d, long e, long g, long h, long i) { return g + h + i; }
C
done
compile own-likely <<'C'
#define likely(x) __builtin_expect((x), 1)
SEC("raw_tp/x") int own(void *ctx) { return likely(ctx != 0) ? 1 : 0; }
C
printf '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nextern int bpf_task_release(int) __ksym;\nSEC("tp_btf/x") int f(void *c) { return bpf_ksym_exists(bpf_task_release); }\n' >strong.bpf.c
"$ECC" --btf kernel.btf strong.bpf.c >/dev/null 2>err && not_ok weak "what is not weak is asked for"
check weak grep -q 'bpf_task_release has to be declared with __weak' err

# ---- the kernel's functions
compile declared <<'C'
SEC("tp_btf/x") int declared(void *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);

	bpf_rcu_read_lock();
	if (task)
		bpf_task_release(task);
	return bpf_strlen("x");
}
C
check declared-calls calls declared bpf_rcu_read_lock
compile same <<'C'
struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
SEC("tp_btf/x") int same(void *ctx) { bpf_task_release(bpf_task_from_pid(1)); return 0; }
C
compile different <<'C'
extern void *bpf_task_from_pid(unsigned long pid) __ksym;
extern void *bpf_rdonly_cast(void *obj, __u32 btf_id) __ksym;
extern int bpf_iter_num_new(void *it, int start, int end) __ksym;
static inline long bpf_strlen(char *s) { return *s; }
SEC("tp_btf/x") int BPF_PROG(bpf_task_release, long a) { extern int bpf_rcu_read_lock(int) __ksym; bpf_task_from_pid(1); return bpf_strlen(0) + bpf_rcu_read_lock(1); }
C
printf 'extern int bpf_task_from_pid(void) __ksym;\n' >include/own.h
compile in-header -a -I -a include <<'C'
#include <own.h>
SEC("tp_btf/x") int f(void *ctx) { return bpf_task_from_pid(); }
C
compile none -a -DBPF_NO_KFUNC_PROTOTYPES <<'C'
#define OWN(name) extern int bpf_##name(char) __ksym
OWN(strlen);
SEC("tp_btf/x") int f(void *ctx) { return bpf_strlen(1); }
C

# ---- newer headers of the person's, here those of ecc with newer words: they win, and what is sent is counted all the same
mkdir -p newer/bpf && cp cache/ecc/include-*/libbpf/bpf/*.h newer/bpf
{
	printf '#define NEWER 1\n#define likely(x) (x)\n#define unlikely(x) (x)\n#define bpf_ksym_exists(s) 7\n#define bpf_for(i, a, b) for (i = a; i < b; i++)\n'
	printf 'int *bpf_iter_num_next(struct bpf_iter_num *it) __weak __ksym;\n'
} >>newer/bpf/bpf_helpers.h
sed -i 's|<bpf/bpf_helpers.h>|"bpf_helpers.h"|' newer/bpf/bpf_tracing.h
printf '#define PT_REGS_PARM6(x) 6\n' >>newer/bpf/bpf_tracing.h
compile newer -a "-I$scratch/newer" <<'C'
_Static_assert(NEWER == 1 && bpf_ksym_exists(x) == 7 && PT_REGS_PARM6(0) == 6, "the older ones won");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } map SEC(".maps");
SEC("tp_btf/x") int f(void *ctx) { int i, zero = 0; bpf_for(i, 0, 3) bpf_map_update_elem(&map, &zero, &i, 0); return likely(1); }
C
check newer-counts calls newer ecli_lost
