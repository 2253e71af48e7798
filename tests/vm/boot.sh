#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# boot.sh ARCH KERNEL INITRAMFS FOLDER [WORD...]: boots a kernel in QEMU, without KVM, and waits until it ended.
#
# FOLDER/console is what the kernel wrote (first serial port), FOLDER/results what the guest's init wrote (second): kernel
# messages can never garble a result. Each line that came is also passed on to standard output. FOLDER/spent has the CPU seconds that QEMU
# had used when each of its lines came. The words go to the kernel's command line.
#
# Returns 0 when the machine ended by itself, 124 when it hung: when no line came while QEMU used 150 s of CPU time, or slept for 150 s (the time of
# support/patient.c, which does not run while QEMU waits for a CPU). There is no other limit. ECLI_VM_CPU: what the CPU shall have or lack ("cx16=off").
#
# Usually there are two CPUs, which take turns of up to 100 ms on one of the host's: the one that waits stands still, and nothing inside can
# know. ECLI_VM_COUNTED=1: one CPU, and a clock that counts its instructions, 8 ns each, and skips what everybody sleeps. Times are true then, however
# busy the host is. (With two CPUs QEMU 7.2 does not get as far as the second.)
#
# ECLI_VM_SLEEPS=1: a machine that falls asleep is woken 3 s later.
set -uo pipefail

arch=$1 kernel=$2 initramfs=$3 folder=$4
shift 4
mkdir -p "$folder"
rm -f "$folder"/{results,spent,pid,console}
: >"$folder/results"

# panic=-1 with -no-reboot: a panic ends QEMU at once. lsm=: LSM programs may attach, also where Debian's choice leaves them out, and the kernel can be locked down.
words="quiet loglevel=5 panic=-1 oops=panic lsm=lockdown,bpf rdinit=/init $*"
case $arch in
x86_64)
	# The kernel measures at boot how fast the CPU's own clock (TSC) runs, and on a busy host now and then comes to a fourth of it: all times are four
	# times too long then. Of the HPET it knows that. Where instructions are counted (below) the TSC counts them, too.
	# And it gives up when an interrupt of its timer comes late.
	clock="clocksource=hpet tsc=unstable no_timer_check cpu0_hotplug"
	[ -z "${ECLI_VM_COUNTED:-}" ] || clock="tsc=reliable no_timer_check"
	machine=(qemu-system-x86_64 -machine q35 -cpu "max${ECLI_VM_CPU:+,$ECLI_VM_CPU}"
		-append "console=ttyS0 $clock ecli_results=ttyS1 $words"
		-serial "file:$folder/console" -serial chardev:results)
	;;
arm64)
	# The board has one serial port; the second is on its PCI bus. pauth-impdef: pointer signatures by a hash that an emulator can afford.
	machine=(qemu-system-aarch64 -machine "virt,gic-version=3" -cpu max,pauth-impdef=on
		-append "console=ttyAMA0 ecli_results=ttyS0 $words"
		-serial "file:$folder/console" -device pci-serial,chardev=results)
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

# By QEMU's monitor: an alarm that the machine sets itself may ring before it sleeps.
wake() {
	local line
	exec 5<>"$folder/monitor.out"
	while sleep 1; do
		echo 'info status' >"$folder/monitor.in"
		while read -r -t 5 line <&5; do
			case $line in
			*suspended*)
				sleep 3
				echo system_wakeup >"$folder/monitor.in"
				break
				;;
			*status:*) break ;;
			esac
		done
	done
}
waker=
if [ -n "${ECLI_VM_SLEEPS:-}" ]; then
	rm -f "$folder"/monitor.*
	mkfifo "$folder/monitor.in" "$folder/monitor.out"
	machine+=(-chardev "pipe,id=monitor,path=$folder/monitor" -mon chardev=monitor)
	wake &
	waker=$!
fi

spent() { # -> $cpu: seconds of CPU time
	local pid fields
	cpu='?'
	read -r pid 2>/dev/null <"$folder/pid" && read -r fields 2>/dev/null <"/proc/$pid/stat" || return 0
	# shellcheck disable=SC2086 # fields
	set -- ${fields##*) }
	cpu=$(((${12} + ${13}) * 10 / ticks))
	cpu=${cpu%?}.${cpu: -1}
}

# Lines as they come.
pass_on() {
	local line cpu
	while IFS= read -r line; do
		line=${line%$'\r'}
		printf '%s\n' "$line" >>"$folder/results"
		printf '%s\n' "$line"
		case $line in
		begin\ * | took\ * | ok\ * | not\ ok\ * | skip\ *)
			spent
			printf '%s %s\n' "$cpu" "$line" >>"$folder/spent"
			;;
		esac
	done
}
ticks=$(getconf CLK_TCK)
"$BUILD/tests/support/patient" --cpu "${ECLI_VM_STALL:-150}" --idle "${ECLI_VM_STALL:-150}" --watch "$folder/results" --usage "$folder/cpu" \
	"${machine[@]}" -m 768 -chardev file,id=results,path=/dev/stdout -pidfile "$folder/pid" \
	-kernel "$kernel" -initrd "$initramfs" -no-reboot -nodefaults -display none </dev/null | pass_on
code=$?
[ -z "$waker" ] || kill "$waker"
exit $code
