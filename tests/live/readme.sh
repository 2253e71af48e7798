#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tool of the README, taken out of it, does what the README says; both languages show the same one.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
tool_of() { awk '/^```c$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' "$1"; }
tool_of "$top/README.md" >"$scratch/opened.bpf.c"
tool_of "$top/README.zh.md" >"$scratch/zh.c"

if [ "$(wc -l <"$scratch/opened.bpf.c")" -gt 35 ]; then not_ok readme-30-lines "the example has grown" "$scratch/opened.bpf.c"; else ok readme-30-lines; fi
if diff <(grep -v '^ *//' "$scratch/opened.bpf.c") <(grep -v '^ *//' "$scratch/zh.c") >"$scratch/diff"; then ok readme-same-tool; else not_ok readme-same-tool "the examples differ" "$scratch/diff"; fi

if ! "$ECC" "$scratch/opened.bpf.c" >"$scratch/out" 2>&1; then not_ok readme-tool "ecc failed" "$scratch/out"; exit 0; fi
start_ecli "$scratch/package.json" -o json --target_pid $BASHPID
: <"$top/LICENSE"
: <"$top/README.md"
stop_ecli
# start_ecli itself opens /dev/null while it waits, and may be seen.
check_rows readme-tool "([.[].path] - [\"/dev/null\"])[:2] == [\"$top/LICENSE\", \"$top/README.md\"] and all(.pid == $BASHPID and .comm == \"bash\")"
