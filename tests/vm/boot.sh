#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# boot.sh KERNEL INITRAMFS FOLDER [LIMIT]: boots a kernel in QEMU, without KVM, and waits until it switched itself off.
#
# FOLDER/console is what the kernel wrote (first serial port), FOLDER/results what the guest's init wrote (second): kernel
# messages can never garble a result. Returns 0 when the machine ended by itself within LIMIT seconds (default 120).
set -euo pipefail

kernel=$1 initramfs=$2 folder=$3 limit=${4:-120}
mkdir -p "$folder"

# panic=-1 with -no-reboot: a panic ends QEMU at once. tsc=reliable: emulated time runs unevenly when the host is busy, and the
# kernel would distrust its own clock.
exec timeout --kill-after=5 "$limit" qemu-system-x86_64 \
	-machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 512 \
	-kernel "$kernel" -initrd "$initramfs" -no-reboot -nodefaults -display none \
	-append "console=ttyS0 quiet loglevel=5 panic=-1 oops=panic tsc=reliable rdinit=/init ecli_kernel=${ECLI_KERNEL:-}" \
	-serial "file:$folder/console" -serial "file:$folder/results" </dev/null
