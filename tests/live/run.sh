#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The programs on the running kernel, with workloads whose events are known.
source "$(dirname "$0")/../lib.sh"
run_scripts "$top/tests/live"
