#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ecc's folder of headers: made once, repaired when damaged, shared by two at once, done without when there is no place for it.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1
export XDG_CACHE_HOME=$scratch/cache TMPDIR=$scratch/tmp
mkdir tmp

cat >core.bpf.c <<'C'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/usdt.bpf.h>
SEC("tp_btf/sched_switch")
int BPF_PROG(sw, bool preempt, struct task_struct *prev) { return BPF_CORE_READ(prev, mm, pgd, pgd) + bpf_ntohs(prev->pid); }
char LICENSE[] SEC("license") = "GPL";
C
sed '1s/.*/#include <linux\/bpf.h>/; /tracing\|core_read\|usdt\|endian/d; /^SEC/,/^int/d' core.bpf.c >plain.bpf.c

# ---- a kernel without BTF
if is_root && has unshare && unshare -m true 2>/dev/null; then
	without_btf() { unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh "$@"; }
	check no-btf-plain-source without_btf "$ECC" plain.bpf.c
	without_btf "$ECC" core.bpf.c >out 2>err && not_ok no-btf "ecc accepted it"
	check no-btf-sentence grep -q 'core.bpf.c includes vmlinux.h, which is made from the kernel.s BTF, but this kernel has none' err
	check no-btf-what-to-do grep -q -- '--btf FILE' err
else
	cannot no-btf "needs root and unshare"
fi
if [ ! -r /sys/kernel/btf/vmlinux ]; then
	lacks ecc-cache "this kernel has no BTF"
	exit 0
fi

# ---- two at once, from nothing
rm -rf cache
for i in 1 2 3; do
	"$ECC" -o "out$i" core.bpf.c >/dev/null 2>"err$i" &
	pids[i]=$!
done
code=0
for i in 1 2 3; do wait "${pids[i]}" || code=$?; done
if [ $code = 0 ] && cmp out1/package.json out2/package.json && cmp out1/package.json out3/package.json; then
	ok several-at-once
else
	not_ok several-at-once "status $code" err1 err2 err3
fi
check nothing-temporary sh -c '! find cache out* -name "*.??????" | grep -v "\.h$\|\.json$" | grep .'

# ---- as bpftool prints it
vmlinux=$(echo cache/ecc/vmlinux-*/vmlinux.h)
if has bpftool; then
	# Dumpers differ: "(void)" for "()", and whether a small enum says so.
	same() { sed 's/(void)/()/g; s/ __attribute__((mode(byte)))//'; }
	bpftool btf dump file /sys/kernel/btf/vmlinux format c 2>/dev/null | same >dump.h
	# The kernel's functions, which bpftool has since 7.5: ecc_newer.sh.
	without_functions() { sed '/^#ifndef BPF_NO_KFUNC_PROTOTYPES$/,/^$/d'; }
	check vmlinux-as-bpftool diff <(sed '$d' $vmlinux | without_functions | same) dump.h
	tagged=$(bpftool btf dump file /sys/kernel/btf/vmlinux 2>/dev/null | grep -c "DECL_TAG 'bpf_kfunc'")
	declared=$(grep -c ' ECLI_KFUNC;$' $vmlinux)
	if [ "$tagged" = 0 ]; then
		lacks functions-declared "this kernel does not tag the functions that programs may call (Linux 6.10)"
	else
		# Some return or take pointers to another address space, which libbpf up to 1.5 cannot write.
		check functions-declared test "$declared" -le "$tagged" -a "$declared" -gt $((tagged * 9 / 10))
	fi
else
	cannot vmlinux-as-bpftool "bpftool is not installed"
fi

# ---- made once, repaired when damaged
before=$(stat -c %i.%Y $vmlinux)
"$ECC" core.bpf.c >/dev/null 2>err
check made-once test "$(stat -c %i.%Y $vmlinux)" = "$before"
damage() { # NAME COMMAND: after it, ecc must work as before and the cache be whole
	cp -r cache whole
	eval "$2"
	if ! "$ECC" -o out4 core.bpf.c >/dev/null 2>err; then
		not_ok "damage-$1" "ecc failed" err
	elif ! cmp -s out1/package.json out4/package.json; then
		not_ok "damage-$1" "another package came out"
	else
		check "damage-$1" diff -r whole cache
	fi
	rm -rf whole
}
damage cut-vmlinux "truncate -s 1000000 $vmlinux"
damage empty-vmlinux ": >$vmlinux"
damage changed-vmlinux "sed -i '5000s/./#/' $vmlinux"
damage no-vmlinux "rm $vmlinux"
damage changed-header "sed -i '1s/^/#error damaged\\n/' cache/ecc/include-*/libbpf/bpf/bpf_helpers.h"
damage no-prelude "rm -r cache/ecc/include-*/prelude"

# ---- another kernel's BTF
cp /sys/kernel/btf/vmlinux other.btf
check btf-option sh -c "'$ECC' -o out5 --btf other.btf core.bpf.c && cmp out1/package.json out5/package.json"

# ---- no place: a temporary folder that goes with the run
for home in /proc /dev/null/home ''; do
	rm -rf out6
	if ! env -u XDG_CACHE_HOME HOME=$home "$ECC" -o out6 core.bpf.c >/dev/null 2>err; then
		not_ok "no-cache-${home:-none}" "ecc failed" err
	elif [ -n "$(ls -A tmp)" ]; then
		not_ok "no-cache-${home:-none}" "left in the temporary folder: $(ls -A tmp)"
	else
		check "no-cache-${home:-none}" cmp out1/package.json out6/package.json
	fi
done
check cache-in-home sh -c "env -u XDG_CACHE_HOME HOME=$scratch/home '$ECC' -o out7 core.bpf.c && ls home/.cache/ecc/vmlinux-*/vmlinux.h"

# ---- a vmlinux.h beside the source wins
mkdir own && cp core.bpf.c own && { cat $vmlinux; echo '#define OWN_VMLINUX 1'; } >own/vmlinux.h
echo '_Static_assert(OWN_VMLINUX == 1, "the cache won");' >>own/core.bpf.c
check own-vmlinux "$ECC" own/core.bpf.c
