#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A package names a FIFO as what it traces or attaches to: network namespace, cgroup, program. Nobody waits for a writer.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/files.inc"

fifo=$theirs/fifo
as_user mkfifo "$fifo"
netns="\"$fifo\" is no network namespace"
ends "sk_lookup" 1 "program lookup: $netns" --attach "lookup=$fifo"
ends "flow_dissector" 1 "program dissect: $netns" --attach "dissect=$fifo"
ends "cgroup" 1 "program connects: there is no cgroup \"$fifo\"" --attach "connects=$fifo"
ends "cgroup, a folder" 1 "program connects: $theirs is not a cgroup of version 2" --attach "connects=$theirs"
ends "uprobe" 1 "program hit: cannot trace $fifo: it is not a regular file" --attach "hit=$fifo:f"
ends "usdt" 1 "program note: cannot trace $fifo: it is not a regular file" --attach "note=$fifo:a:b"
ends "a namespace of another kind" 1 'is no network namespace' --attach lookup=/proc/self/ns/mnt

# The package's own words, run and checked.
sed "s|^SEC(\"?sk_lookup\")|/// @target $fifo\n&|" "$hostile/probe.bpf.c" >"$scratch/named.bpf.c"
"$ECC" "$scratch/named.bpf.c" -o "$scratch/named" >"$err" 2>&1 || not_ok named "ecc failed" "$err"
package=$scratch/named/package.json
ends "a package's tag" 1 "program lookup: $netns"
code=0
patiently "$ECLI" check "$package" >"$rows" 2>"$err" </dev/null || code=$?
if [ $code != 124 ] && grep -qF "$netns" "$rows" "$err"; then
	ok "ecli check"
else
	not_ok "ecli check" "status $code, or it does not say what the FIFO is not" "$rows" "$err"
fi

# What the person gives is the person's: a package and types through a pipe.
package=$scratch/probe/package.json
code=0
patiently "$ECLI" inspect <(cat "$package") >"$rows" 2>"$err" </dev/null || code=$?
if [ $code = 0 ] && grep -q hit "$rows"; then ok "a package through a pipe"; else not_ok "a package through a pipe" "status $code" "$err"; fi
if [ -r /sys/kernel/btf/vmlinux ]; then
	code=0
	patiently "$ECLI" run "$package" --attach "hit=$ECLI:main" --btf <(cat /sys/kernel/btf/vmlinux) --duration 0.1 >"$rows" 2>"$err" </dev/null || code=$?
	if [ $code = 0 ]; then ok "types through a pipe"; else not_ok "types through a pipe" "status $code" "$err"; fi
fi
