#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The static ecli and the tools on kernels that are not this machine's: Debian's cloud kernels, booted in QEMU without KVM.
# What this kernel may refuse (fentry, for one) is tried for real there. Both machines run at once.
#
# A machine that hangs, panics, or writes a kernel WARNING or BUG to its console fails, whatever its tests said.
source "$(dirname "$0")/../lib.sh"
here=$top/tests/vm
series="6.1 6.12"

for tool in qemu-system-x86_64 busybox cpio; do
	has $tool || { cannot "vm" "$tool is not installed"; exit 0; }
done
if [ "$(uname -m)" != x86_64 ]; then
	lacks "vm" "the harness emulates x86-64 on x86-64 only"
	exit 0
fi

# The static build is part of what is tested: people copy this ecli onto servers.
static=$BUILD/static
build_static() {
	{ [ -f "$static/build.ninja" ] || meson setup "$static" "$top" -Dstatic=true -Dtests=disabled; } && ninja -C "$static" ecli
}
if ! build_static >"$scratch/static.out" 2>&1; then
	not_ok "static ecli" "it does not build" "$scratch/static.out"
	exit 0
fi
if ldd "$static/ecli" >/dev/null 2>&1; then
	not_ok "static ecli" "it needs shared libraries"
else
	ok "static ecli"
fi
# What goes into the machine beside its shell: the program, the tools, and the truth tests with their workloads.
fill_overlay() {
	local root=$scratch/overlay package
	mkdir -p "$root/bin" "$root/packages" "$root/truth"
	install -m 755 -s "$static/ecli" "$root/bin/ecli" || return 1
	for package in "$PACKAGES"/*/package.json; do
		install -m 644 -D "$package" "$root/packages/${package#"$PACKAGES"/}" || return 1
	done
	cp "$top"/tests/truth/*.{sh,inc,awk} "$root/truth/" &&
		"$top/tests/truth/build.sh" "$root/truth/bin" -static -s &&
		"$top/tests/truth/variants.sh" "$ECC" "$root/truth/variants" &&
		"$top/tests/tutorial/build.sh" "$root/tutorial" "$ECC" &&
		"$here/initramfs.sh" "$scratch/initramfs" "$root"
}
if ! fill_overlay >"$scratch/overlay.out" 2>&1; then
	not_ok "initramfs" "it could not be made" "$scratch/overlay.out"
	exit 0
fi

judge() { # SERIES: prints the guest's result lines, then what the console says of the kernel
	local s=$1 folder=$scratch/$1 results=$scratch/$1/lines
	tr -d '\r' <"$folder/results" 2>/dev/null | sed -n '/^end$/q; p' | sed -E "s/^(ok|not ok|skip) /&$s: /" >"$results"
	grep -aE '^(ok|not ok|skip|#) ?' "$results"
	if grep -aqE 'WARNING: |BUG: |Oops: |Kernel panic|rcu: INFO: .*stall' "$folder/console"; then
		not_ok "$s: the kernel has nothing to complain about" "it has" "$folder/console"
	else
		ok "$s: the kernel has nothing to complain about"
	fi
	if [ "$(cat "$folder/status")" != 0 ] || ! tr -d '\r' <"$folder/results" | grep -qx end; then
		not_ok "$s: all tests ran" "the machine ended with status $(cat "$folder/status") before the last one" "$folder/console" "$folder/qemu.err"
	fi
}

# boot SERIES KERNEL: once, and again when the emulator tripped. A kernel that switches a tracepoint on patches its own code while the
# other CPU runs: a breakpoint first, the new bytes, then the breakpoint's byte. QEMU without KVM now and then lets a CPU run into the
# breakpoint after the kernel has finished, which a real CPU cannot do, and the kernel dies of an unknown int3. Nothing else is
# tried again.
boot() {
	local s=$1 try code
	for try in 1 2 3; do
		code=0
		ECLI_KERNEL=$s "$here/boot.sh" "$2" "$scratch/initramfs" "$scratch/$s" 180 2>"$scratch/$s/qemu.err" || code=$?
		echo "$code" >"$scratch/$s/status"
		grep -aq 'Oops: int3' "$scratch/$s/console" || return 0
		echo "$s: the emulator tripped over patched code (try $try)" >&2
	done
}

booted=
for s in $series; do
	if ! kernel=$("$here/kernels.sh" "$s" 2>"$scratch/kernel.err"); then
		cannot "$s" "$(tail -n 1 "$scratch/kernel.err")"
		continue
	fi
	mkdir -p "$scratch/$s"
	booted="$booted $s"
	boot "$s" "$kernel" &
done
wait
for s in $booted; do judge "$s"; done
