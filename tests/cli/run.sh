#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a person sees of ecc and ecli without a tool running: help, errors, exit statuses, files.
source "$(dirname "$0")/../lib.sh"
run_scripts -j 2 "$top/tests/cli" "" "$@"
