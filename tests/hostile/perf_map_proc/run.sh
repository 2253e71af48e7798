#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The perf map of a process of root in a container is a link to /proc/kmsg, which belongs to root as well; and perf maps of a user that are a
# hole of 10 GiB, or millions of functions. One beside them, which says what is true, is believed.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"
if [ "$(uname -m)" != x86_64 ]; then
	lacks perf-maps "the program makes code of x86-64 only"
	exit 0
fi

maps=''
no_maps() { rm -f $maps; }
at_exit no_maps
code_of() { awk '$1 == "code" { print $2 }' "$scratch/$1.said"; } # NAME of a burner

cp "$scratch/bare" "$theirs/evil"
# Its own /tmp is mounted over the place where the program lies: it is started by its descriptor.
start_burner kmsg unshare -m sh -c 'exec 8<./evil; mount -t tmpfs none /tmp && ln -s /proc/kmsg /tmp/perf-$$.map && exec /proc/self/fd/8'
start_profile -p "$burner"
shows "a perf map that is /proc/kmsg" ';\[unknown\]'
ends_well "a perf map that is /proc/kmsg"
opens_nothing "a perf map that is /proc/kmsg" '/kmsg|/perf-[0-9]+\.map' -p "$burner"
stop_burners

start_burner hole $as_user ./evil
hole=$burner maps="$maps /tmp/perf-$burner.map"
$as_user truncate -s 10G "/tmp/perf-$hole.map"
start_burner many $as_user ./evil
many=$burner maps="$maps /tmp/perf-$burner.map"
awk 'BEGIN { for (i = 0; i < 3000000; i++) printf "%x 10 f%d\n", i * 16, i }' | $as_user tee "/tmp/perf-$many.map" >/dev/null
start_burner true $as_user ./evil
maps="$maps /tmp/perf-$burner.map"
printf '%s 40 compiled_work\n' "$(code_of true)" | $as_user tee "/tmp/perf-$burner.map" >/dev/null
start_profile
shows "perf maps" '^evil;(.*;)?compiled_work'
ends_well "perf maps"
spent=$(cpu_ms)
if [ "$spent" -lt 8000 ]; then ok "perf maps: CPU time"; else not_ok "perf maps: CPU time" "$spent ms, where 8000 are the limit" "$err"; fi
