# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What every suite is written with. A suite is a program that prints one line a test on standard output:
#
#     ok NAME
#     not ok NAME - WHY
#     skip NAME - WHY
#
# Lines that begin with "# " after a "not ok" belong to it and are shown with it. Everything else is chatter for the log.
#
# Two reasons to skip, told apart on purpose. `lacks` is for what the running kernel or machine does not have: nobody can
# install it, so the skip is honest everywhere. `cannot` is for what should have been there (a tool, a download, root): with
# ECLI_TEST_STRICT=1, as in CI, it is a failure.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${BUILD:=$top/build}" "${ECC:=$top/build/ecc}" "${ECLI:=$top/build/ecli}" "${PACKAGES:=$top/build/tools}"
export BUILD ECC ECLI PACKAGES

ok() { printf 'ok %s\n' "$1"; }

not_ok() { # NAME WHY [FILE...]: the files' last lines are shown
	local file
	printf 'not ok %s - %s\n' "$1" "$2"
	shift 2
	for file in "$@"; do
		[ -s "$file" ] || continue
		printf '#   %s:\n' "${file##*/}"
		tail -n 40 "$file" | tr -d '\000' | sed 's/^/#   | /'
	done
}

lacks() { printf 'skip %s - %s\n' "$1" "$2"; }

cannot() { # NAME WHY
	if [ "${ECLI_TEST_STRICT:-}" = 1 ]; then
		not_ok "$1" "could not run: $2"
	else
		printf 'skip %s - %s\n' "$1" "$2"
	fi
}

has() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" = 0 ]; }

# check NAME COMMAND [ARG...]: ok when the command succeeds; its output is the explanation when it does not.
check() {
	local name=$1 out
	shift
	out=$(mktemp "$scratch/check.XXXXXX")
	if "$@" >"$out" 2>&1; then
		ok "$name"
	else
		not_ok "$name" "status $? from: $(printf '%s ' "$@" | cut -c 1-200)" "$out"
	fi
}

# Each suite gets a folder of its own that is gone when it ends, however it ends.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ecli-test.XXXXXX")
cleanup_hooks=()
cleanup() {
	local hook
	for hook in "${cleanup_hooks[@]:-}"; do
		[ -z "$hook" ] || "$hook" || true
	done
	rm -rf --one-file-system "$scratch"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# run_scripts FOLDER [PREFIX]: the frame of a suite that is a folder of scripts. Each *.sh but run.sh runs in a process of its
# own with ECC, ECLI, PACKAGES, BUILD and TOP in its environment and prints result lines; one that dies without having said so
# fails. The prefix goes before every name.
run_scripts() {
	local script name out code
	export TOP=$top
	for script in "$1"/*.sh; do
		name=$(basename "$script" .sh)
		[ "$name" != run ] && [ -f "$script" ] || continue
		out=$scratch/$name.out code=0
		bash "$script" >"$out" 2>"$scratch/$name.err" || code=$?
		if [ "$code" != 0 ] && ! grep -q '^not ok ' "$out"; then
			not_ok "$name" "the script ended with status $code" "$scratch/$name.err" >>"$out"
		elif ! grep -qE '^(ok|not ok|skip) ' "$out"; then
			not_ok "$name" "the script ran no test" "$scratch/$name.err" >>"$out"
		elif grep -q '^not ok ' "$out"; then
			cat "$scratch/$name.err" >&2
		fi
		sed -E "s|^(ok\|not ok\|skip) |&${2:-}|" "$out"
	done
}
