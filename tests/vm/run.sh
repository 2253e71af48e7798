#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The static ecli and the tools on kernels that are not this machine's. What this kernel may refuse (fentry, for one) is tried for real there.
#
#     run.sh                          what `make test` has time for: three machines, and on each what the others do not try already (useful_on)
#     run.sh MACHINE...               these machines of machines.txt
#     run.sh MACHINE/SCRIPT...        only guest/SCRIPT.sh there
#
# ECLI_TEST_FULL=1, ECLI_VM_MACHINES=all: every script on every machine; ECLI_VM_MACHINES: on these. ECLI_VM_JOBS: so many at once.
#
# A machine that hangs, panics, or writes a kernel WARNING or BUG to its console fails, whatever its tests said.
source "$(dirname "$0")/../lib.sh"
source "$top/tests/vm/machine.sh"
: "${ECLI_VM_JOBS:=2}"
[ "${ECLI_TEST_FULL:-}" != 1 ] || : "${ECLI_VM_MACHINES:=all}"
known_machines=$(awk '!/^#/ && NF {print $1}' "$here/machines.txt")

# 6.12 has the hooks that this kernel may refuse; times are tried on the oldest; what only counts, on this machine (tests/truth).
useful_on() { # MACHINE
	case $1 in
	5.10) without 20-truth-hooks 22-truth-counts 41-attach 42-rights 43-cpus 44-functions 45-sleep 99-lockdown ;;
	6.1) without 20-truth-hooks $timed_scripts 41-attach 42-rights 45-sleep 99-lockdown ;;
	6.12) without $timed_scripts 43-cpus ;;
	*) without ;;
	esac
}

without() { # SCRIPT...: all others
	for script in $all_scripts; do
		case " $* " in *" $script "*) ;; *) echo "$script" ;; esac
	done
}

declare -A scripts # of each machine, as words
machines=()
want() { # MACHINE SCRIPT...
	[[ " ${machines[*]:-} " == *" $1 "* ]] || machines+=("$1")
	scripts[$1]+=" ${*:2}"
}

if [ $# -gt 0 ]; then
	for part in "$@"; do
		name=${part%%/*} script=${part#*/}
		if ! grep -qxF -e "$name" <<<"$known_machines"; then
			not_ok "$name" "there is no such machine, but: $(echo $known_machines)"
		elif [ "$name" = "$part" ]; then
			want "$name" $(useful_on "$name")
		elif [ -f "$here/guest/$script.sh" ]; then
			want "$name" "$script"
		else
			not_ok "$part" "there is no such script, but: $(echo $all_scripts)"
		fi
	done
elif [ -n "${ECLI_VM_MACHINES:-}" ]; then
	[ "$ECLI_VM_MACHINES" != all ] || ECLI_VM_MACHINES=$known_machines
	for name in $ECLI_VM_MACHINES; do want "$name" $all_scripts; done
else
	for name in 6.12 5.10 6.1; do want "$name" $(useful_on "$name"); done
fi

scripts_of() { # BOOT: in their order
	local name=${1%.counted} script
	for script in $all_scripts; do
		[[ " ${scripts[$name]} " == *" $script "* ]] || continue
		case " $timed_scripts :$1" in
		*" $script "*:*.counted) echo "$script" ;;
		*" $script "*) ;;
		*:*.counted) ;;
		*) echo "$script" ;;
		esac
	done
}

boots_of() { # MACHINE
	[ -z "$(scripts_of "$1.counted")" ] || echo "$1.counted"
	[ -z "$(scripts_of "$1")" ] || echo "$1"
}

if [ "$(uname -m)" != x86_64 ]; then
	lacks "vm" "the harness is made for x86-64 machines"
	exit 0
fi
# A tool's truth test runs in a machine, too.
for test in "$top"/tests/truth/*.inc; do
	name=$(basename "$test" .inc)
	[ ! -d "$top/tools/$name" ] || grep -qw "$name" "$here"/guest/2?-truth-*.sh ||
		not_ok "truth of $name" "no script runs tests/truth/$name.inc: name it in tests/vm/guest/20-truth-hooks.sh, 21-truth-times.sh or 22-truth-counts.sh"
done
ready=()
for name in "${machines[@]}"; do
	for tool in "$(emulator_of "$(arch_of "$name")")" "$(compiler_of "$(arch_of "$name")")" busybox cpio; do
		has "$tool" || { cannot "$name" "$tool is not installed"; continue 2; }
	done
	ready+=("$name")
done
[ ${#ready[@]} -gt 0 ] || exit 0
prepare "${ready[@]}" || exit 0

# All of a boot's lines come at once, when it has ended.
boot() { # BOOT
	local name=${1%.counted}
	if ! machine_boot "$1" "$(scripts_of "$1")"; then
		touch "$scratch/$name.no-kernel"
		return
	fi
	all_tests= # a line of not-here.txt that nothing needs is wrong, where everything ran that may be skipped
	[ "$(scripts_of "$name")" != "$(without $timed_scripts)" ] || [ "$1" != "$name" ] || all_tests=1
	machine_judge "$1" >"$scratch/$1/judged"
	cat "$scratch/$1/judged"
}

# The longest begin, so that the last machines are short ones: another architecture, a true clock.
slow_first() {
	for boot in "$@"; do
		case $(arch_of "${boot%.counted}"):$boot in
		x86_64:*.counted) echo "2 $boot" ;;
		x86_64:*) echo "3 $boot" ;;
		*) echo "1 $boot" ;;
		esac
	done | sort -s -k 1,1 | cut -d ' ' -f 2
}
for boot in $(slow_first $(for name in "${ready[@]}"; do boots_of "$name"; done)); do
	while [ "$(jobs -rp | wc -l)" -ge "$ECLI_VM_JOBS" ]; do wait -n; done
	boot "$boot" &
done
wait
for name in "${ready[@]}"; do
	if [ -e "$scratch/$name.no-kernel" ]; then
		cannot "$name" "$(tail -qn 1 "$scratch/$name"*/kernel.err | head -n 1)"
		continue
	fi
	for boot in $(boots_of "$name"); do cat "$scratch/$boot/cells" >>"$scratch/cells"; done
	printf '%s\t%s\n' "$name" "$(cat "$scratch/$boot/release")" >>"$scratch/cells.releases"
done

# The table is written only by a run on all machines.
if [ -n "${ECLI_VM_TABLE:-}" ]; then
	if [ "$(cut -f 1 "$scratch/cells" | sort -u | wc -l)" = "$(wc -l <<<"$known_machines")" ] &&
		"$here/table.sh" "$scratch/cells" "$ECLI" $package_roots >"$scratch/kernels.md" 2>"$scratch/table.err"; then
		cp "$scratch/kernels.md" "$ECLI_VM_TABLE"
		ok "table"
	else
		not_ok "table" "not all machines ran, or it could not be made" "$scratch/table.err"
	fi
fi
