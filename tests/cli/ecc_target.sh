#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ecc --target and --btf-for: what a package says of registers, whose BTF it brings, and each mistake's sentence.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1
export XDG_CACHE_HOME=$scratch/cache

# The types of a kernel made by hand, so that this needs none: the struct that the tool reads, and one it does not.
cat >kernel.c <<'C'
#include <linux/types.h>
struct words { __u8 a; __u16 b; __u32 c; __u64 d; __s8 e; __s16 f; __s32 g; __s64 h; __be16 i; __be32 j; __wsum k; } words;
enum { BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PERCPU_ARRAY = 6, BPF_ANY = 0, BPF_F_CURRENT_CPU = -1 } bpf_words;
struct unread { int a; struct unread *next; };
struct task_struct { long pad[3]; int tgid; struct unread *unread; struct task_struct *group_leader; };
struct pt_regs { unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di; };
struct task_struct task;
struct pt_regs regs;
C
cat >plain.bpf.c <<'C'
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
SEC("tracepoint/sched/sched_process_exit") int plain(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	return BPF_CORE_READ(task, group_leader, tgid);
}
char LICENSE[] SEC("license") = "GPL";
C
cat >regs.bpf.c <<'C'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("kprobe/do_exit") int BPF_KPROBE(regs_end, long code) { return code == 5; }
SEC("kretprobe/do_exit") int BPF_KRETPROBE(regs_back, long ret) { return ret; }
char LICENSE[] SEC("license") = "GPL";
C
cat >none.bpf.c <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sched_switch") int none(void *ctx) { return 0; }
char LICENSE[] SEC("license") = "GPL";
C
mkdir -p hub/debian/11/x86_64 hub/debian/11/arm64 hub/debian/12/x86_64
if ! clang-19 -g -O1 -target bpf -idirafter "/usr/include/$(uname -m)-linux-gnu" -c kernel.c -o kernel.o 2>err || ! llvm-objcopy-19 --dump-section .BTF=kernel.btf kernel.o 2>>err; then
	not_ok kernel "the types of a kernel cannot be made" err
	exit 0
fi
cp kernel.btf hub/debian/11/x86_64/5.10.0-1.btf
cp kernel.btf hub/debian/12/x86_64/6.1.0-1.btf

# ---- which packages name an architecture
arch() { jq -r '.meta.target_arch' "$1/package.json"; }
for target in x86_64 arm64 riscv64 ppc64le aarch64; do
	want=${target/aarch64/arm64}
	if "$ECC" --btf kernel.btf --target $target -o "r-$target" regs.bpf.c >/dev/null 2>err && [ "$(arch "r-$target")" = "$want" ]; then
		ok "target-$target"
	else
		not_ok "target-$target" "it does not compile, or the package says $(arch "r-$target")" err
	fi
done
"$ECC" --btf kernel.btf --target arm64 -o p-arm64 plain.bpf.c >/dev/null 2>err &&
	"$ECC" --btf kernel.btf -o p plain.bpf.c >/dev/null 2>>err
check no-registers-no-architecture cmp p/package.json p-arm64/package.json
check no-registers-no-key jq -e '.meta | has("target_arch") | not' p/package.json
different() { ! cmp -s r-x86_64/package.json r-arm64/package.json; }
check registers-differ different

other=arm64
[ "$(uname -m)" = x86_64 ] || other=x86_64
code=0
"$ECLI" run "r-$other/package.json" >out 2>err || code=$?
check other-architecture-is-refused sh -c "[ $code = 3 ] && [ \$(wc -l <err) = 1 ] && grep -q '^ecli: the package reads the registers of $other, and this machine is .*: compile it with ecc --target ' err"

# ---- BTF of other kernels in the package
"$ECC" --btf kernel.btf --btf-for hub -o many plain.bpf.c >/dev/null 2>err || not_ok btf-for "ecc failed" err
jq -r .meta.btf_archive.data many/package.json | base64 -d | zlib-flate -uncompress >many.tar 2>/dev/null ||
	jq -r .meta.btf_archive.data many/package.json | base64 -d | { printf '\x1f\x8b\x08\0\0\0\0\0\0\0'; tail -c +3; } | gzip -dc >many.tar 2>/dev/null
check btf-for-names sh -c "[ \"\$(tar -tf many.tar | tr '\n' ' ')\" = 'debian/11/x86_64/5.10.0-1.btf debian/12/x86_64/6.1.0-1.btf ' ]"
tar -xf many.tar && bpftool btf dump file debian/11/x86_64/5.10.0-1.btf >dump 2>err
check btf-for-has-what-is-read grep -q "'group_leader'" dump
check btf-for-leaves-the-rest-out sh -c "! grep -q unread dump && [ \$(stat -c %s debian/11/x86_64/5.10.0-1.btf) -lt \$(stat -c %s kernel.btf) ]"
"$ECC" --btf kernel.btf --btf-for hub -o again plain.bpf.c >/dev/null 2>err
check btf-for-same-bytes cmp many/package.json again/package.json
check btf-for-is-readable "$ECLI" inspect many/package.json
(cd hub/debian/11/x86_64 && tar -cJf ../arm64/x.tar.xz 5.10.0-1.btf && mv ../arm64/x.tar.xz 5.11.0-1.btf.tar.xz)
"$ECC" --btf kernel.btf --btf-for hub/debian/11 -v -o packed plain.bpf.c >/dev/null 2>err
check btf-for-unpacks grep -q 'debian/11/x86_64/5.11.0-1.btf: [0-9]* bytes' err
"$ECC" -v --btf-for hub -o none none.bpf.c >/dev/null 2>err
check btf-for-nothing-needed sh -c "grep -q 'needs no types' err && jq -e '.meta | has(\"btf_archive\") | not' none/package.json"

# bad NAME STATUS REGEX ARG...
bad() {
	local name=$1 want=$2 regex=$3 code=0
	shift 3
	"$ECC" --btf kernel.btf -o bad "$@" >/dev/null 2>err || code=$?
	if [ "$code" = "$want" ] && grep -qE "$regex" err && [ ! -e bad ]; then ok "$name"; else not_ok "$name" "status $code, other words, or a file" err; fi
}
printf 'not BTF' >hub/debian/12/x86_64/7.0.btf
bad btf-for-missing 1 'cannot read nowhere \(--btf-for\)' --btf-for nowhere plain.bpf.c
bad btf-for-no-btf 1 'hub/debian/12/x86_64/7.0.btf holds no type information \(BTF\)' --btf-for hub plain.bpf.c
rm hub/debian/12/x86_64/7.0.btf
bad btf-for-no-name 1 'kernel.o does not say which kernel it is of .*ID/VERSION/ARCH/RELEASE.btf' --btf-for kernel.o plain.bpf.c
mkdir -p empty
bad btf-for-empty 1 'the folder empty has no file' --btf-for empty plain.bpf.c
bad btf-for-other-architecture 1 'none of the kernels of --btf-for is of arm64' --target arm64 --btf-for hub regs.bpf.c
cp kernel.btf hub/debian/11/arm64/5.10.btf
bad btf-for-wrong-architecture 1 'is BTF of an x86_64 kernel, but its name says another' --btf-for hub plain.bpf.c
printf junk >hub/debian/12/x86_64/5.9.btf.tar.xz
rm hub/debian/11/arm64/5.10.btf
bad btf-for-damaged-archive 1 'hub/debian/12/x86_64/5.9.btf.tar.xz' --btf-for hub plain.bpf.c
bad target-unknown 2 '"vax" is no architecture \(--target\): there are x86_64, arm64' --target vax plain.bpf.c
bad target-other-byte-order 2 's390x has the other byte order' --target s390x plain.bpf.c

# ---- a BTF file that cannot be this kernel's
"$ECC" --btf kernel.btf -o p plain.bpf.c >/dev/null 2>err
wrong() { # NAME REGEX FILE
	local code=0
	"$ECLI" run --btf "$3" p/package.json >out 2>err || code=$?
	check "$1" sh -c "[ $code = 1 ] && [ \$(wc -l <err) = 1 ] && grep -qE '$2' err"
}
sed 's/\<di\>/epc/' kernel.c >riscv.c
for name in riscv; do clang-19 -g -O1 -target bpf -idirafter "/usr/include/$(uname -m)-linux-gnu" -c $name.c -o $name.o; done
clang-19 -g -O1 -target bpfeb -idirafter "/usr/include/$(uname -m)-linux-gnu" -c kernel.c -o big.o
wrong btf-missing '^ecli: cannot read nowhere \(--btf\): No such file' nowhere
wrong btf-no-btf 'kernel.c does not hold type information \(BTF\) of a kernel' kernel.c
wrong btf-other-byte-order 'big.o is BTF of the other byte order' big.o
wrong btf-other-architecture 'riscv.o is BTF of an riscv64 kernel, and this machine is ' riscv.o
