#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program's debug link, or the place where its build id leads to in the attacker's own namespace, is a link to a file of /proc that never
# ends, waits, or acts when it is read.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

cp "$scratch/bare" "$theirs/evil"
with_link evil s.debug
ln -s /proc/kmsg "$theirs/s.debug"
start_burner link $as_user ./evil
start_profile -p "$burner"
shows "a debug link to /proc/kmsg" '^evil;.*\[evil\]'
ends_well "a debug link to /proc/kmsg"
opens_nothing "a debug link to /proc/kmsg" '/kmsg|/s\.debug' -p "$burner"
stop_burners

# By build id, in a namespace of the attacker's own: /usr/lib/debug is theirs.
cp "$scratch/good" "$theirs/id"
strip -s "$theirs/id"
id=$(readelf -n "$theirs/id" | sed -n 's/.*Build ID: //p')
if ! $as_root_inside true 2>/dev/null; then
	lacks "a build id that leads to /proc/kmsg" "users may not have namespaces of their own here"
	exit 0
fi
cat >"$theirs/mounts" <<SH
mount -t tmpfs none /usr/lib/debug || exit
mkdir -p /usr/lib/debug/.build-id/${id:0:2} && ln -s /proc/kmsg /usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug && exec ./id
SH
mkdir -p /usr/lib/debug
start_burner id $as_root_inside sh ./mounts
start_profile -p "$burner"
shows "a build id that leads to /proc/kmsg" '^id;.*\[id\]'
ends_well "a build id that leads to /proc/kmsg"
opens_nothing "a build id that leads to /proc/kmsg" "/kmsg|${id:2}" -p "$burner"
