#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Events of variable length, whole: a flexible array of text, and a long array of which only the part in use is sent.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark
build tail || exit 0

start_ecli "$scratch/tail/package.json" -o json --stats || { not_ok tail "did not become ready" "$err"; exit 0; }
"$scratch/mark" 50
stop_ecli
check_rows tail-text '[.[] | select(.map == "opens") | [.index, .text]] == [range(50) | [., "abcdefghijklmnopqrst"[0:. % 20]]]'
check_rows tail-numbers '[.[] | select(.map == "parts") | [.index, .words]] == [range(50) | . as $i | [$i, [range($i % 20) | . + $i]]]'
check_rows tail-none-malformed '[.[] | select(.ecli == "summary") | .malformed] == [0]'
