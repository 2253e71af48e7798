#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The static ecli and the tools on kernels that are not this machine's: the machines of machines.txt that ECLI_VM_MACHINES names,
# ECLI_VM_JOBS of them at once. What this kernel may refuse (fentry, for one) is tried for real there.
#
# A machine that hangs, panics, or writes a kernel WARNING or BUG to its console fails, whatever its tests said.
source "$(dirname "$0")/../lib.sh"
source "$top/tests/vm/machine.sh"
# ECLI_VM_ONLY: these tests only, with commas. Without it and ECLI_VM_MACHINES it is what `make test` has time for: three machines, and on each
# what the others and this one do not try already (wanted_*); `make test-vm` runs everything everywhere.
useful=
[ -n "${ECLI_VM_MACHINES:-}${ECLI_VM_ONLY:-}" ] || useful=useful
: "${ECLI_VM_MACHINES:=6.12 5.10 6.1}" "${ECLI_VM_JOBS:=2}"

# The boots of a machine, and what each runs. 6.12 has the hooks that this kernel may refuse; times are tried here, and on the oldest.
wanted_boots() { # MACHINE
	case $useful:$1 in
	useful:5.10|:*) boots_of "$1" ;;
	*) echo "$1" ;;
	esac
}

wanted_words() { # BOOT
	case $useful:$1 in
	useful:5.10|useful:6.1) echo "ecli_not=20-truth-hooks,$timed_tests,41-attach" ;;
	*) words_of "$1" ;;
	esac
}

[ "$ECLI_VM_MACHINES" != all ] || ECLI_VM_MACHINES=$(awk '!/^#/ && NF {print $1}' "$here/machines.txt")

if [ "$(uname -m)" != x86_64 ]; then
	lacks "vm" "the harness is made for x86-64 machines"
	exit 0
fi
architectures=$(for name in $ECLI_VM_MACHINES; do arch_of "$name"; done | sort -u)
for arch in $architectures; do
	for tool in "$(emulator_of "$arch")" "$(compiler_of "$arch")" busybox cpio; do
		has "$tool" || { cannot "vm" "$tool is not installed"; exit 0; }
	done
done
# shellcheck disable=SC2086 # words
prepare $ECLI_VM_MACHINES || exit 0

boot() { # shellcheck disable=SC2046 # words
	machine_boot "$1" $(wanted_words "$1") || touch "$scratch/${1%.counted}.no-kernel"
}

# Another architecture takes longest: it begins, so that the last machines are short ones.
slow_first() {
	for name in "$@"; do
		case $(arch_of "$name") in x86_64) echo "2 $name" ;; *) echo "1 $name" ;; esac
	done | sort -s -k 1,1 | cut -d ' ' -f 2
}
# shellcheck disable=SC2086 # words
for name in $(slow_first $ECLI_VM_MACHINES); do
	for boot in $(wanted_boots "$name"); do
		while [ "$(jobs -rp | wc -l)" -ge "$ECLI_VM_JOBS" ]; do wait -n; done
		boot "$boot" &
	done
done
wait
for name in $ECLI_VM_MACHINES; do
	if [ -e "$scratch/$name.no-kernel" ]; then
		cannot "$name" "$(tail -n 1 "$scratch/$name"*/kernel.err)"
		continue
	fi
	for boot in $(wanted_boots "$name"); do
		all_tests= # a line of not-here.txt that nothing needs is wrong, where everything ran that may be skipped
		[ -n "$useful${ECLI_VM_ONLY:-}" ] || [ "$boot" != "$name" ] || all_tests=1
		machine_judge "$boot"
		cat "$scratch/$boot/cells" >>"$scratch/cells"
	done
	printf '%s\t%s\n' "$name" "$(cat "$scratch/$boot/release")" >>"$scratch/cells.releases"
done

# The table is written only by a run on all machines.
if [ -n "${ECLI_VM_TABLE:-}" ]; then
	if [ "$(cut -f 1 "$scratch/cells" | sort -u | wc -l)" = "$(awk '!/^#/ && NF' "$here/machines.txt" | wc -l)" ] &&
		"$here/table.sh" "$scratch/cells" "$ECLI" "$scratch/packages" >"$scratch/kernels.md" 2>"$scratch/table.err"; then
		cp "$scratch/kernels.md" "$ECLI_VM_TABLE"
		ok "table"
	else
		not_ok "table" "not all machines ran, or it could not be made" "$scratch/table.err"
	fi
fi
