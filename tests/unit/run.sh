#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every test that Meson knows but those of the running kernel: unit, golden, fuzz. Each case of a TAP program counts as one.
source "$(dirname "$0")/../meson.sh"
run_meson_tests "$BUILD" "" --no-suite live "$@"
