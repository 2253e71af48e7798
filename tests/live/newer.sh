#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What newer libbpf's headers have and older ones lack does what it is for: loops, kernel functions, casts, bit-fields, sixth arguments.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"

cat >"$scratch/six.c" <<'C'
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
__attribute__((noinline)) void six(long a, long b, long c, long d, long e, long f) { syscall(SYS_prctl, 0x6e657765, b, c, d, e, f); }
int main(void)
{
	printf("%d\n", getpid());
	six(1, 2, 3, 4, 5, 6006);
	six(1, 2, 3, 4, 5, 7007);
	return 0;
}
C
cc -O1 -o "$scratch/six" "$scratch/six.c" 2>"$err" || { not_ok newer "the workload does not compile" "$err"; exit 0; }
sed "s|@BIN@|$scratch/six|" "$here/newer.bpf.c.in" >"$scratch/newer.bpf.c"
"$ECC" -a -Wall -a -Wextra -a -Wno-unused-parameter -a -Werror "$scratch/newer.bpf.c" -o "$scratch" >/dev/null 2>"$err" || { not_ok newer "ecc failed" "$err"; exit 0; }
start_ecli "$scratch/package.json" -o json || { not_ok newer "did not become ready" "$err"; exit 0; }
pid=$("$scratch/six")
stop_ecli || not_ok newer-ends "status $status" "$err"
check_rows newer-arguments '[.[] | [.function, .sixth]] == [[1, 6006], [0, 6006], [1, 7007], [0, 7007]]'
check_rows newer-loops 'map(select(.function == 0)) | length == 2 and all(.each == 10 and .loop == 52 and .repeat == 12)'
check_rows newer-functions "map(select(.function == 0)) | all(.there == 1 and .absent == 0 and .cast == $pid and .task == $pid and .pid == $pid)"
check_rows newer-kept 'map(select(.function == 0).kept) == [0, 1]'
check_rows newer-bits 'map(select(.function == 0)) | all(.twice == 4 and .version == 6 and .ihl == 5)'

# A function that is missing, called without having been asked for: the kernel's lack, by its name.
sed '/^SEC/,$d' "$here/newer.bpf.c.in" >"$scratch/absent.bpf.c"
echo 'SEC("tp_btf/sys_enter") int absent(void *ctx) { return bpf_no_such_function(); } char LICENSE[] SEC("license") = "GPL";' >>"$scratch/absent.bpf.c"
for command in run check; do
	code=0
	"$ECC" "$scratch/absent.bpf.c" -o "$scratch/absent" >/dev/null 2>"$err" && "$ECLI" $command "$scratch/absent/package.json" >"$rows" 2>&1 || code=$?
	check "newer-missing-$command" sh -c "[ $code = 3 ] && grep -q 'this kernel has no function bpf_no_such_function, which program absent calls' '$rows'"
done
