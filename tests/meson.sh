# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Result lines from `meson test`: its JSON log has what each program printed, so a cmocka program counts as its cases. A
# program that died, or that printed a plan it did not keep, is one failure more, with what it wrote.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Without a time limit: a program is ended when it hangs, as patiently does. $before: a command that each program runs behind.
before=
run_meson_tests() { # BUILD-FOLDER PREFIX [MESON-OPTION... [TEST...]]
	local folder=$1 prefix=$2 log
	shift 2
	set -- --wrapper "$before '$BUILD/tests/support/patient'" "$@"
	if ! has meson || ! has jq; then
		cannot "${prefix}meson" "meson and jq are needed: make test installs them"
		return
	fi
	rm -f "$folder"/meson-logs/testlog*
	meson test -C "$folder" --no-rebuild --timeout-multiplier 0 --num-processes 2 "$@" >"$scratch/meson.out" 2>&1
	log=$(echo "$folder"/meson-logs/testlog*.json) # testlog-WRAPPER.json
	if [ ! -s "$log" ]; then
		if grep -q 'No suitable tests defined' "$scratch/meson.out"; then
			not_ok "${prefix}meson" "there is no such test: ${*: -1}"
		elif grep -q 'No tests defined' "$scratch/meson.out"; then
			cannot "${prefix}meson" "no test was built: libcmocka-dev is missing"
		else
			not_ok "${prefix}meson" "meson test did not run" "$scratch/meson.out"
		fi
		return
	fi
	jq -r --arg prefix "$prefix" --arg suite "${SUITE:-?}" -f "$top/tests/meson.jq" "$log"
}
