#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# own-root.sh COMMAND [ARG...]: runs the command with a root folder that is a mount point, as on any machine that booted.
#
# In a chroot made of a plain folder it is not one, and whatever changes the propagation of "/" (unshare -m, buildah, tests that
# hide a file system) fails there with EINVAL. There the command gets a mount namespace whose root is the same folder,
# mounted on itself. Everywhere else this does nothing. How ecli fares in a plain chroot is tests/live/chroot.sh.
set -eu

if [ "$(id -u)" != 0 ] || awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo; then
	exec "$@"
fi
exec unshare --mount --propagation unchanged sh -c '
	folder=$1
	shift
	mount --rbind / /mnt && mount --make-rprivate /mnt && cd /mnt || exit 1
	exec chroot . sh -c "cd \"\$0\" && exec \"\$@\"" "$folder" "$@"' own-root "$PWD" "$@"
