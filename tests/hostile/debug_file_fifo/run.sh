#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# FIFOs where debug information and a perf map would be: whoever opens one for reading waits until somebody writes.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

cp "$scratch/bare" "$theirs/evil"
with_link evil s.debug
$as_user mkfifo "$theirs/s.debug"
start_burner link $as_user ./evil
$as_user mkfifo "/tmp/perf-$burner.map"
fifo=/tmp/perf-$burner.map
no_fifo() { rm -f "$fifo"; }
at_exit no_fifo
start_profile -p "$burner"
shows "FIFOs" '^evil;.*\[evil\]'
ends_well "FIFOs"
opens_nothing "FIFOs" '/s\.debug|/perf-[0-9]+\.map' -p "$burner"
