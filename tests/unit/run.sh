#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every test that Meson knows (unit, golden, fuzz), each case of a TAP program counted as one.
source "$(dirname "$0")/../meson.sh"
run_meson_tests "$BUILD" ""
