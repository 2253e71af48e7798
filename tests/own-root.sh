#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# own-root.sh COMMAND [ARG...]: runs the command with a root folder as on any machine that booted: a mount point, and open to
# every user.
#
# In a chroot made of a plain folder "/" is no mount point, and whatever changes its propagation (unshare -m, buildah, tests that
# hide a file system) fails with EINVAL; it may also be closed to others, as mktemp -d made it. There the command gets a mount
# namespace whose root is a small tmpfs with everything of the old one bound into it. Everywhere else this does nothing. How
# ecli fares in a plain chroot is tests/live/chroot.sh.
set -eu

if [ "$(id -u)" != 0 ] || awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo; then
	exec "$@"
fi
if [ "${1:-}" != --in-namespace ]; then
	exec unshare --mount --propagation unchanged "$0" --in-namespace "$PWD" "$@"
fi
folder=$2
shift 2

new=/mnt
mount -t tmpfs -o mode=755,size=1m root $new
mount --make-private $new
for entry in /*; do
	if [ -L "$entry" ]; then
		cp -P "$entry" "$new$entry"
	elif [ "$entry" = $new ]; then
		mkdir "$new$entry"
	elif [ -d "$entry" ]; then
		mkdir "$new$entry"
		mount --rbind "$entry" "$new$entry"
		mount --make-rprivate "$new$entry"
	fi
done
cd $new
exec chroot . sh -c 'cd "$0" && exec "$@"' "$folder" "$@"
