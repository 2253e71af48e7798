#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# initramfs.sh OUTPUT BUSYBOX FOLDER: packs the root file system of a test machine: one static shell, the guest's init and tests, and
# what FOLDER has, laid over the root. Nothing in it needs the machine it was made on, and making it needs no root: the
# guest's init makes its own devices.
#
# initramfs.sh --folder OUTPUT FOLDER: only the folder, to be put behind the other (a kernel takes archives in a row).
#
# Nothing is compressed: an emulated CPU would take a second to undo that.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
pack() { (cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio --null --quiet -o -H newc --owner=+0:+0) >"$2"; } # FOLDER OUTPUT

if [ "$1" = --folder ]; then
	pack "$3" "$2"
	exit
fi

root=$(mktemp -d "${TMPDIR:-/tmp}/ecli-initramfs.XXXXXX")
trap 'rm -rf "$root"' EXIT
output=$1 busybox=$2 overlay=$3
mkdir -p "$root"/{bin,proc,sys,dev,tmp,run,tests,modules}
cp "$busybox" "$root/bin/busybox"
# The list is this machine's busybox's, whatever the architecture of the other: the same package of the same release.
for applet in $(busybox --list); do
	[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
install -m 755 "$here/guest/init" "$root/init"
cp "$here"/guest/*.sh "$here"/guest/*.inc "$root/tests/"
cp -r "$overlay/." "$root/"
pack "$root" "$output"
