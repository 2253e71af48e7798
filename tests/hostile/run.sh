#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Attacks on ecli's user, one folder each: NAME/run.sh makes hostile files and processes, as an unprivileged user where the attacker is one, and
# asks that they gain nothing: ecli does not hang, opens nothing it must not, uses no more than its bounds, and what is right beside them stays right.
source "$(dirname "$0")/../lib.sh"
if ! is_root; then
	cannot hostile "ecli is attacked as root runs it"
	exit 0
fi
export TOP="$top"
for script in "$top"/tests/hostile/*/run.sh; do
	name=$(basename "$(dirname "$script")")
	[ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
	run_script "$script" "$name" | sed -u -E "s/^(ok|not ok|skip) /&$name: /"
done
