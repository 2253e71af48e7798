#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# kernels.sh MACHINE: fetches the newest kernel that Debian has for a machine of machines.txt, and prints the folder with its
# vmlinuz, its release and the modules of contents.txt.
#
# From the machine's own apt sources, else from lists of our own (scripts/apt.sh), with apt's own checks, into a cache outside the repository;
# the packages are unpacked, never installed. Which one is the newest is asked once a day: apt takes seconds to answer.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
machine=$1
read -r arch suite pattern < <(awk -v name="$machine" '$1 == name {print $2, $3, $4}' "$here/machines.txt") || true
[ -n "${pattern:-}" ] || { echo "there is no machine '$machine' in machines.txt" >&2; exit 1; }
. "$here/../../scripts/apt.sh"
mkdir -p "$cache/kernels"
modules=$(awk '$1 == "module" {for (i = 2; i <= NF; i++) print $i}' "$here/contents.txt")
deb_arch=${arch/x86_64/amd64}

# What was the answer, and to which question.
answer=$cache/kernels/newest.$machine
complete() { [ -s "$1/vmlinuz" ] && [ "$(cat "$1/wanted" 2>/dev/null)" = "$modules" ]; } # FOLDER: the list of modules may have changed since
if [ -n "$(find "$answer" -mtime -1 2>/dev/null)" ]; then
	{ read -r asked && read -r folder; } <"$answer"
	if [ "$asked" = "$suite $pattern" ] && complete "$folder"; then
		printf '%s\n' "$folder"
		exit
	fi
fi

newest_package() { # -> the newest image that the lists know
	"${apt_as[@]}" apt-cache search --names-only "^linux-image-$pattern\$" 2>/dev/null | awk '{print $1}' |
		{ grep -xE "linux-image-$pattern" || true; } | sort -V | tail -n 1
}

# Since 7.3 Debian has the image and the modules in packages of their own.
unpack() { # RELEASE FOLDER
	local part
	download "linux-image-$1:$deb_arch" "$2"
	if [ ! -e "$2/boot/vmlinuz-$1" ]; then
		for part in binary modules; do download "linux-$part-$1:$deb_arch" "$2" || return 1; done
	fi
	[ -n "$(find "$2" -name "vmlinuz*" -type f)" ]
}

# The modules a test asks for and what they need, as plain files; modules.order says in which order they go in.
take_modules() { # RELEASE FROM TO
	local tree file
	tree=$(cd "$2" && find . -type d -path "*/lib/modules/$1" | head -n 1)
	mkdir -p "$3"
	[ -n "$tree" ] || return 0
	(cd "$2/$tree" && find kernel \( -path '*/net/*' -o -path '*/lib/*' -o -path '*/crypto/*' -o -path '*/block/*' \) -name '*.ko*') | while read -r file; do
		mkdir -p "$2/few/lib/modules/$1/${file%/*}"
		case $file in
		*.xz) xz -dc "$2/$tree/$file" >"$2/few/lib/modules/$1/${file%.xz}" ;;
		*.zst) zstd -qdc "$2/$tree/$file" >"$2/few/lib/modules/$1/${file%.zst}" ;;
		*) cp "$2/$tree/$file" "$2/few/lib/modules/$1/$file" ;;
		esac
	done
	cp "$2/$tree"/modules.builtin* "$2/few/lib/modules/$1/" 2>/dev/null || true
	[ ! -d "$2/few" ] || (cd "$2/few/lib/modules/$1" && busybox depmod -b "$2/few" "$1" >&2)
	for file in $modules; do
		awk -v name="/${file//-/_}.ko" '{path = $1; gsub("-", "_", path); sub(":$", "", path)}
			substr("/" path, length(path) + 2 - length(name)) == name {for (i = NF; i > 1; i--) print $i; sub(":$", "", $1); print $1}' \
			"$2/few/lib/modules/$1/modules.dep"
	done | awk '!seen[$0]++' | while read -r file; do
		cp "$2/few/lib/modules/$1/$file" "$3/"
		printf '%s\n' "${file##*/}" >>"$3/order"
	done
}

fetch() { # prints the folder
	local package release folder part
	package=$(newest_package)
	[ -n "$package" ] || return 1
	release=${package#linux-image-}
	folder=$cache/kernels/$release
	if ! complete "$folder"; then
		part=$(mktemp -d "$cache/kernels/part.XXXXXX")
		unpack "$release" "$part/all" || { rm -rf "$part"; return 1; }
		mkdir "$part/new"
		find "$part/all" -name "vmlinuz*" -type f -exec cp {} "$part/new/vmlinuz" \;
		printf '%s\n' "$release" >"$part/new/release"
		printf '%s\n' "$modules" >"$part/new/wanted"
		take_modules "$release" "$part/all" "$part/new/modules" || { rm -rf "$part"; return 1; }
		rm -rf "$folder"
		mv "$part/new" "$folder"
		rm -rf "$part"
	fi
	printf '%s\n' "$suite $pattern" "$folder" >"$answer"
	printf '%s\n' "$folder"
}

host=$(dpkg --print-architecture)
if [ "$host" = "$deb_arch" ] && [ "$machine" != newest ]; then
	apt_as=()
	fetch 2>/dev/null && exit 0
fi
apt_as=(apt_in_private)
private_apt
fetch && exit 0

# Without a network, the newest that was fetched before will do.
old=$(cd "$cache/kernels" && find . -maxdepth 1 -type d -regextype posix-extended -regex "\./$pattern" | sort -V | tail -n 1)
[ -n "$old" ] && [ -s "$cache/kernels/$old/vmlinuz" ] && { printf '%s\n' "$cache/kernels/${old#./}"; exit 0; }
echo "Debian's archive offers no kernel for $machine ($suite), or cannot be reached" >&2
exit 1
