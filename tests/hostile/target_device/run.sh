#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A package names a device as what it traces or attaches to: opening one can already do something (a watchdog starts). They stay closed.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/files.inc"

for target in lookup=/dev/zero dissect=/dev/zero connects=/dev/zero hit=/dev/zero:f 'hit=/dev/zero:f*' note=/dev/zero:a:b; do
	opens_not "$target" '"/dev/zero"' --attach "$target"
	ends "$target, the sentence" 1 /dev/zero --attach "$target"
done
for target in lookup=/proc/kmsg hit=/proc/kmsg:f; do
	opens_not "$target" '"/proc/kmsg"' --attach "$target"
	ends "$target, the sentence" 1 /proc/kmsg --attach "$target"
done
