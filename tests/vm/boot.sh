#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# boot.sh ARCH KERNEL INITRAMFS FOLDER [LIMIT [WORD...]]: boots a kernel in QEMU, without KVM, and waits until it switched itself off.
#
# FOLDER/console is what the kernel wrote (first serial port), FOLDER/results what the guest's init wrote (second): kernel
# messages can never garble a result. The words go to the kernel's command line. Returns 0 when the machine ended by itself, 124 when it
# did not within LIMIT seconds (default 120), and 125 when no result came for ECLI_VM_STALL seconds (default 150): it hangs, whatever the
# kernel still has to say about that. The seconds are QEMU's time on a CPU, so that a busy host makes no machine fail; one that
# sleeps instead has four times as many by the clock. ECLI_VM_CPU: what the CPU shall have or lack ("cx16=off").
#
# Usually there are two CPUs, which take turns of up to 100 ms on one of the host's: the one that waits stands still, and nothing inside can
# know. ECLI_VM_COUNTED=1: one CPU, and a clock that counts its instructions, 8 ns each, and skips what everybody sleeps. Times are true then, however
# busy the host is. (With two CPUs QEMU 7.2 does not get as far as the second.)
set -euo pipefail

arch=$1 kernel=$2 initramfs=$3 folder=$4 limit=${5:-120}
shift $(($# < 5 ? $# : 5))
mkdir -p "$folder"

# panic=-1 with -no-reboot: a panic ends QEMU at once. lsm=bpf: LSM programs may attach, also where Debian's choice leaves them out.
words="quiet loglevel=5 panic=-1 oops=panic lsm=bpf rdinit=/init $*"
case $arch in
x86_64)
	# The kernel measures at boot how fast the CPU's own clock (TSC) runs, and on a busy host now and then comes to a fourth of it: all times are four
	# times too long then. Of the HPET it knows that. Where instructions are counted (below) the TSC counts them, too.
	clock="clocksource=hpet tsc=unstable"
	[ -z "${ECLI_VM_COUNTED:-}" ] || clock=tsc=reliable
	machine=(qemu-system-x86_64 -machine q35 -cpu "max${ECLI_VM_CPU:+,$ECLI_VM_CPU}"
		-append "console=ttyS0 $clock ecli_results=ttyS1 $words"
		-serial "file:$folder/console" -serial "file:$folder/results")
	;;
arm64)
	# The board has one serial port; the second is on its PCI bus. pauth-impdef: pointer signatures by a hash that an emulator can afford.
	machine=(qemu-system-aarch64 -machine "virt,gic-version=3" -cpu max,pauth-impdef=on
		-append "console=ttyAMA0 ecli_results=ttyS0 $words"
		-serial "file:$folder/console" -chardev "file,id=results,path=$folder/results" -device pci-serial,chardev=results)
	;;
*)
	echo "boot.sh: no machine for '$arch'" >&2
	exit 2
	;;
esac
if [ -n "${ECLI_VM_COUNTED:-}" ]; then
	machine+=(-accel tcg -smp 1 -icount "shift=3,sleep=off")
else
	machine+=(-accel tcg,thread=single -smp 2)
fi
"${machine[@]}" -m 768 \
	-kernel "$kernel" -initrd "$initramfs" -no-reboot -nodefaults -display none </dev/null &
qemu=$!
trap 'kill -KILL $qemu 2>/dev/null' EXIT
trap 'exit 143' TERM INT HUP

ticks=$(getconf CLK_TCK)
spent() { # seconds: on a CPU, or a quarter of those by the clock
	local fields cpu=0
	fields=$(sed 's/.*) //' "/proc/$qemu/stat" 2>/dev/null) && cpu=$(awk -v t="$ticks" '{print int(($12 + $13) / t)}' <<<"$fields")
	[ "$cpu" -gt $((SECONDS / 4)) ] && echo "$cpu" || echo $((SECONDS / 4))
}

code=0 moved=0 size=
while kill -0 $qemu 2>/dev/null; do
	now=$(stat -c %s "$folder/results" 2>/dev/null) || true
	seconds=$(spent)
	[ "$now" = "$size" ] || { size=$now moved=$seconds; }
	[ $((seconds - moved)) -lt "${ECLI_VM_STALL:-150}" ] || { code=125; break; }
	[ "$seconds" -lt "$limit" ] || { code=124; break; }
	sleep 0.5
done
[ $code = 0 ] || kill -KILL $qemu
wait $qemu || [ $code != 0 ] || code=$?
trap - EXIT
exit $code
