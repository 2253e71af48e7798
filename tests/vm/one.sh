#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# one.sh MACHINE [NAME...]: boots one machine of machines.txt and runs only guest/NAME.sh of each name (all, without a name). For
# working on a test; what the kernel wrote to its console is shown after the results.
source "$(dirname "$0")/../lib.sh"
source "$top/tests/vm/machine.sh"

name=${1:-}
arch=$(arch_of "$name")
[ -n "$arch" ] || { echo "usage: one.sh MACHINE [NAME...]; machines: $(awk '!/^#/ {printf "%s ", $1}' "$here/machines.txt")" >&2; exit 2; }
shift
for script in "$@"; do
	[ -f "$here/guest/$script.sh" ] || { echo "one.sh: there is no tests/vm/guest/$script.sh" >&2; exit 2; }
done

ECLI_VM_ONLY=$(IFS=,; echo "$*")
prepare "$name" || exit 1
for boot in $(boots_of "$name"); do
	# shellcheck disable=SC2046 # words
	machine_boot "$boot" $(words_of "$boot") || { cat "$scratch/$boot/kernel.err" >&2; exit 1; }
	machine_judge "$boot" | tee -a "$scratch/verdict"
	echo "--- console:"
	tail -n 60 "$scratch/$boot/console" | tr -d '\000'
done
! grep -q '^not ok' "$scratch/verdict"
