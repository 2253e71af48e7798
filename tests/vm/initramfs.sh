#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# initramfs.sh OUTPUT PACKAGES ECLI: packs a root file system of one static shell, the static ecli, the compiled tools and the
# guest's tests. Nothing in it needs the machine it was made on, and making it needs no root: the guest's init makes its
# own devices.
set -euo pipefail

output=$1 packages=$2 ecli=$3
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d "${TMPDIR:-/tmp}/ecli-initramfs.XXXXXX")
trap 'rm -rf "$root"' EXIT

busybox=$(command -v busybox)
mkdir -p "$root"/{bin,proc,sys,dev,tmp,run,tests,packages}
cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
	[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
install -m 755 "$here/guest/init" "$root/init"
cp "$here"/guest/*.sh "$root/tests/"
[ ! -d "$here/../truth/guest" ] || cp -r "$here/../truth/guest/." "$root/tests/"
if [ -n "$ecli" ]; then
	install -m 755 -s "$ecli" "$root/bin/ecli"
	for package in "$packages"/*/package.json; do
		mkdir -p "$root/packages/$(basename "$(dirname "$package")")"
		cp "$package" "$root/packages/$(basename "$(dirname "$package")")/"
	done
fi
(cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio --null --quiet -o -H newc --owner=+0:+0 | gzip -1) >"$output"
