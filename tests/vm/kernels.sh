#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# kernels.sh SERIES: fetches Debian's newest cloud kernel of a series ("6.1") and prints the path of its image.
#
# From the machine's own apt sources, with apt's own checks, into a cache outside the repository; the package is unpacked,
# never installed. When the machine's package lists do not know the series, or name a version that the archive has replaced,
# lists are fetched into the cache: the machine's are not touched, and no root is needed.
set -euo pipefail

series=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ecli-test
mkdir -p "$cache/kernels"
cd "$cache/kernels"
arch=$(dpkg --print-architecture)

private=(-o "Dir::State=$cache/apt/state" -o "Dir::State::status=/var/lib/dpkg/status" -o "Dir::Cache=$cache/apt/cache"
	-o APT::Sandbox::User=root)

newest_package() { # [APT-OPTION...]
	local pattern="linux-image-${series//./\\.}\\.[^ ]*-cloud-$arch"
	apt-cache "$@" search --names-only "^$pattern\$" 2>/dev/null | awk '{print $1}' | { grep -xE "$pattern" || true; } | sort -V | tail -n 1
}

fetch() { # [APT-OPTION...]: downloads and unpacks; prints the image
	local package deb image
	package=$(newest_package "$@")
	[ -n "$package" ] || return 1
	image=vmlinuz-${package#linux-image-}
	if [ ! -s "$image" ]; then
		rm -rf "part.$$"
		mkdir "part.$$"
		(cd "part.$$" && apt-get -qq -o APT::Sandbox::User=root "$@" download "$package") >&2 || { rm -rf "part.$$"; return 1; }
		deb=$(echo "part.$$"/*.deb)
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "part.$$" --wildcards './boot/vmlinuz-*'
		mv "part.$$/boot/$image" "$image"
		rm -rf "part.$$"
	fi
	printf '%s\n' "$cache/kernels/$image"
}

fetch 2>/dev/null && exit 0

mkdir -p "$cache"/apt/state/lists/partial "$cache"/apt/cache/archives/partial
if apt-get -qq "${private[@]}" update >"$cache/apt/update.log" 2>&1 && fetch "${private[@]}"; then
	exit 0
fi

# Without a network, the newest that was fetched before will do.
old=$(find . -maxdepth 1 -name "vmlinuz-$series.*-cloud-$arch" -size +0 | sort -V | tail -n 1)
[ -n "$old" ] && { printf '%s\n' "$cache/kernels/${old#./}"; exit 0; }
echo "this machine's apt sources offer no cloud kernel $series, or cannot be reached" >&2
exit 1
