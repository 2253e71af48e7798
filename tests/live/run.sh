#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The running kernel, with workloads whose events are known: the library's own live tests (Meson's suite "live"), then the
# programs. The asan suite runs the first once more.
source "$(dirname "$0")/../meson.sh"
if ! is_root; then
	cannot live "loading programs takes root"
	exit 0
fi
run_in=in_turn
split_parts "$top/tests/live" "$@"
export LIVE_MADE=$scratch/made
# shellcheck disable=SC2086 # words
{
	[ -n "$scripts" ] || before="flock $turns" run_meson_tests "$BUILD" "" --suite live $programs
	[ -n "$programs" ] || run_scripts "$top/tests/live" "" $scripts
}
