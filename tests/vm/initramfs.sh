#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# initramfs.sh OUTPUT BUSYBOX FOLDER: packs the root file system of a test machine: one static shell, the guest's init and tests, and
# what FOLDER has, laid over the root. Nothing in it needs the machine it was made on, and making it needs no root: the
# guest's init makes its own devices.
#
# initramfs.sh --modules OUTPUT FOLDER: only the modules of a kernel, to be put behind the other (a kernel takes archives in a row).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d "${TMPDIR:-/tmp}/ecli-initramfs.XXXXXX")
trap 'rm -rf "$root"' EXIT
pack() { (cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio --null --quiet -o -H newc --owner=+0:+0 | gzip -1) >"$1"; }

if [ "$1" = --modules ]; then
	cp -r "$3" "$root/modules"
	pack "$2"
	exit
fi

output=$1 busybox=$2 overlay=$3
mkdir -p "$root"/{bin,proc,sys,dev,tmp,run,tests,modules}
cp "$busybox" "$root/bin/busybox"
# The list is this machine's busybox's, whatever the architecture of the other: the same package of the same release.
for applet in $(busybox --list); do
	[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
install -m 755 "$here/guest/init" "$root/init"
cp "$here"/guest/*.sh "$root/tests/"
cp -r "$overlay/." "$root/"
pack "$output"
