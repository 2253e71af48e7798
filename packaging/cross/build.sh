#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# build.sh arm64 FOLDER: a static ecli for another architecture, made on this one: FOLDER/ecli.
#
# The compiler is Debian's cross compiler; the libraries are Debian's packages for that architecture, downloaded with lists of their
# own (scripts/apt.sh) and unpacked below the cache: nothing of this machine is changed. An x86-64 machine needs the packages
# gcc-aarch64-linux-gnu and libc6-dev-arm64-cross ("scripts/setup.sh cross").
set -euo pipefail

arch=$1 folder=$2
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$top/scripts/apt.sh"

case $arch in
arm64) triplet=aarch64-linux-gnu family=aarch64 ;;
*)
	echo "build.sh: there are no cross builds for '$arch'; there is: arm64" >&2
	exit 2
	;;
esac
command -v "$triplet-gcc" >/dev/null || { echo "build.sh: $triplet-gcc is missing: scripts/setup.sh cross" >&2; exit 1; }

# The same suite as this machine: the cross C library is of that one, and so must be what is linked with it.
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
libraries="libbpf-dev libelf-dev libdw-dev liblzma-dev zlib1g-dev libjansson-dev libiberty-dev libncurses-dev busybox-static"
sysroot=$cache/sysroot/$suite-$arch
if [ "$(cat "$sysroot/packages" 2>/dev/null)" != "$libraries" ]; then
	private_apt
	part=$(mktemp -d "$cache/part.XXXXXX")
	for library in $libraries; do download "$library:$arch/$suite" "$part" || { rm -rf "$part"; exit 1; }; done
	printf '%s\n' "$libraries" >"$part/packages"
	mkdir -p "${sysroot%/*}"
	rm -rf "$sysroot"
	mv "$part" "$sysroot"
fi

mkdir -p "$folder"
cat >"$folder/cross.ini.new" <<INI
[binaries]
c = '$triplet-gcc'
ar = '$triplet-ar'
strip = '$triplet-strip'
pkgconfig = 'pkg-config'
[built-in options]
c_args = ['-isystem', '$sysroot/usr/include']
c_link_args = ['-L$sysroot/usr/lib/$triplet']
[properties]
sys_root = '$sysroot'
pkg_config_libdir = '$sysroot/usr/lib/$triplet/pkgconfig:$sysroot/usr/share/pkgconfig'
[host_machine]
system = 'linux'
cpu_family = '$family'
cpu = '$family'
endian = 'little'
INI
if cmp -s "$folder/cross.ini.new" "$folder/cross.ini" && [ -f "$folder/build.ninja" ]; then
	rm "$folder/cross.ini.new"
else
	mv "$folder/cross.ini.new" "$folder/cross.ini"
	rm -rf "$folder/meson-private" "$folder/build.ninja"
	meson setup "$folder" "$top" --cross-file "$folder/cross.ini" -Dstatic=enabled -Dtests=disabled
fi
ninja -C "$folder" ecli
