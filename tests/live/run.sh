#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The running kernel, with workloads whose events are known: the library's own live tests (Meson's suite "live"), once more
# under sanitizers where the asan suite has built them, then the programs.
source "$(dirname "$0")/../meson.sh"
if ! is_root; then
	cannot live "loading programs takes root"
	exit 0
fi
run_meson_tests "$BUILD" "" --suite live
if [ -f "$BUILD/asan/build.ninja" ]; then
	export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99
	run_meson_tests "$BUILD/asan" "asan: " --suite live
	unset ASAN_OPTIONS UBSAN_OPTIONS
fi
run_scripts "$top/tests/live"
