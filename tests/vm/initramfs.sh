#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# initramfs.sh OUTPUT FOLDER: packs the root file system of a test machine: one static shell, the guest's init and tests, and
# what FOLDER has, laid over the root. Nothing in it needs the machine it was made on, and making it needs no root: the
# guest's init makes its own devices.
set -euo pipefail

output=$1 overlay=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d "${TMPDIR:-/tmp}/ecli-initramfs.XXXXXX")
trap 'rm -rf "$root"' EXIT

busybox=$(command -v busybox)
mkdir -p "$root"/{bin,proc,sys,dev,tmp,run,tests}
cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
	[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
install -m 755 "$here/guest/init" "$root/init"
cp "$here"/guest/*.sh "$root/tests/"
cp -r "$overlay/." "$root/"
(cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio --null --quiet -o -H newc --owner=+0:+0 | gzip -1) >"$output"
