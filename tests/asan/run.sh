#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The unit, golden, fuzz and live tests and the cli suite once more, with AddressSanitizer and UBSan in library and programs. The
# build has a folder of its own; warnings are errors there.
source "$(dirname "$0")/../meson.sh"

# -O1 and line numbers alone: it is compiled in half the time and finds the same.
folder=$BUILD/asan
options=(-Db_sanitize=address,undefined -Dwerror=true -Dtests=enabled -Doptimization=1 -Ddebug=false -Dc_args=-g1)
if [ -f "$folder/build.ninja" ]; then
	configure=(meson configure "$folder")
else
	configure=(meson setup "$folder" "$top")
fi
if ! "${configure[@]}" "${options[@]}" >"$scratch/setup.out" 2>&1; then
	not_ok "asan: configure" "meson setup failed" "$scratch/setup.out"
	exit 0
fi
# Every program, and what the tests need; but the tools' packages and what benchmarks trace are those of the first build.
# shellcheck disable=SC2046 # words
if ! ninja -C "$folder" meson-test-prereq $(ninja -C "$folder" -t targets rule c_LINKER | grep -v '^ninja:') >"$scratch/ninja.out" 2>&1; then
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
	[ -n "$programs" ] || ! is_root || before="flock $turns" run_meson_tests "$folder" "asan: " --suite live
fi
if [ -z "$programs" ]; then
	export ECC=$folder/ecc ECLI=$folder/ecli ECLI_PACKAGES=$PACKAGES
	# In these clang has most of the work, and what ecc does is in the others, too: only with ECLI_TEST_FULL=1, or by name.
	[ $# != 0 ] || [ "${ECLI_TEST_FULL:-}" = 1 ] ||
		scripts=$(cd "$top/tests/cli" && for script in *.sh; do echo "${script%.sh}"; done | grep -vxE 'run|tutorial|ecc_cache|ecc_prelude')
	# shellcheck disable=SC2086 # words
	run_scripts -j 2 "$top/tests/cli" "asan: " $scripts
fi
