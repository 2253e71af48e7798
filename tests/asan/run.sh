#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The unit, golden, fuzz and live tests and the cli suite once more, with AddressSanitizer and UBSan in library and programs. The
# build has a folder of its own; warnings are errors there.
source "$(dirname "$0")/../meson.sh"

folder=$BUILD/asan
if ! { [ -f "$folder/build.ninja" ] || meson setup "$folder" "$top" -Db_sanitize=address,undefined -Dwerror=true -Dtests=enabled; } >"$scratch/setup.out" 2>&1; then
	not_ok "asan: configure" "meson setup failed" "$scratch/setup.out"
	exit 0
fi
if ! ninja -C "$folder" >"$scratch/ninja.out" 2>&1; then
	not_ok "asan: build" "it does not build without a warning" "$scratch/ninja.out"
	exit 0
fi
ok "asan: builds without a warning"

# A finding ends the program with a status that no test expects.
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99
split_parts "$top/tests/cli" "$@"
# shellcheck disable=SC2086 # words
if [ -z "$scripts" ]; then
	[ -n "$programs" ] && suite= || suite='--no-suite live'
	run_meson_tests "$folder" "asan: " $suite $programs
	[ -n "$programs" ] || ! is_root || run_meson_tests "$folder" "asan: " --wrapper "flock $turns" --suite live
fi
if [ -z "$programs" ]; then
	export ECC=$folder/ecc ECLI=$folder/ecli
	# shellcheck disable=SC2086 # words
	run_scripts -j 2 "$top/tests/cli" "asan: " $scripts
fi
