#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What other programs make of the files we write: Chromium of a flame graph, protoc (and go tool pprof) of a profile.
source "$(dirname "$0")/../lib.sh"
run_scripts "$top/tests/viewers" "" "$@"
