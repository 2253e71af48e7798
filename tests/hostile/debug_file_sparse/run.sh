#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Twenty small libraries with debug links to files of 512 MiB that take no room on the disk: reading them for their checksum took two seconds of
# CPU time each. And holes that are small enough to be read, many of them.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

libraries=''
for ((i = 0; i < 20; i++)); do
	library lib$i.so $i
	with_link lib$i.so lib$i.debug
	$as_user truncate -s 512M "$theirs/lib$i.debug"
	libraries+=" ./lib$i.so"
done
cp "$scratch/good" "$theirs/good"
# shellcheck disable=SC2086 # words
start_burner large $as_user ./good $libraries
start_profile -p "$burner"
shows "large holes: the library's functions" '^good;(.*;)?work( |;)'
shows "large holes: the program's functions" '^good;(.*;)?known_work( |;)'
ends_well "large holes"
spent=$(cpu_ms)
if [ "$spent" -lt 5000 ]; then ok "large holes: CPU time"; else not_ok "large holes: CPU time" "$spent ms, where 5000 are the limit" "$err"; fi

stop_burners
for ((i = 0; i < 20; i++)); do $as_user truncate -s 90M "$theirs/lib$i.debug"; done
# shellcheck disable=SC2086 # words
start_burner small $as_user ./good $libraries
start_profile -p "$burner"
shows "small holes: the library's functions" '^good;(.*;)?work( |;)'
shows "small holes: the program's functions" '^good;(.*;)?known_work( |;)'
ends_well "small holes"
spent=$(cpu_ms)
if [ "$spent" -lt 8000 ]; then ok "small holes: CPU time"; else not_ok "small holes: CPU time" "$spent ms, where 8000 are the limit" "$err"; fi
