#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs what a target of the Makefile needs and this machine lacks: Debian packages, through apt, and nothing else.
#
#   scripts/setup.sh build           gcc, meson and the libraries; clang, which ecc runs
#   scripts/setup.sh test            the same and what the suites need
#   scripts/setup.sh fuzz            the same as build and what libFuzzer needs (make fuzz)
#   scripts/setup.sh cross           the same as build, a cross compiler and emulators for other architectures (make test-vm)
#   scripts/setup.sh --check build   installs nothing; says in one sentence what is missing, status 1
#
# A machine that has everything is not touched and not slowed down: dpkg is asked once, apt not at all. Package lists are
# fetched only when apt does not know a package that is missing, or when the lists it has point to files that are gone.
set -euo pipefail

# One line a group. A package may have alternatives, the one to install last: "clang|clang-19" would accept any clang.
build_packages="gcc libc6-dev meson ninja-build pkg-config|pkgconf libbpf-dev libelf-dev libdw-dev liblzma-dev zlib1g-dev libjansson-dev libiberty-dev libncurses-dev clang-19"
lint_packages="clang-format-14 git"
unit_packages="libcmocka-dev jq g++ binutils xz-utils"
vm_packages="qemu-system-x86 busybox-static cpio jq lz4 xz-utils zstd"
cross_packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm"
container_packages="debootstrap buildah"
viewer_packages="chromium|chromium-headless-shell protobuf-compiler jq"
fuzz_packages="$build_packages clang-19 libclang-rt-19-dev"
cli_packages="jq procps util-linux bpftool llvm-19 zsh iproute2 strace tmux"
test_packages="$build_packages $lint_packages $unit_packages $vm_packages $container_packages $viewer_packages $cli_packages"

say() { printf 'setup: %s\n' "$*" >&2; }

declare -A installed # filled by one question to dpkg
ask_dpkg() { # NAME|NAME...
	local name status
	while read -r name status; do
		[ "$status" != installed ] || installed[$name]=yes
	done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' ${*//|/ } 2>/dev/null)
}

is_installed() { # NAME|NAME...
	local name
	for name in ${1//|/ }; do
		[ -z "${installed[$name]:-}" ] || return 0
	done
	return 1
}

missing_of() { # PACKAGE... -> those that are missing, once each
	local package
	for package in "$@"; do
		is_installed "$package" || printf '%s\n' "${package##*|}"
	done | sort -u
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo env http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" "$@"
	fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"; }

knows_all() { apt-cache show --no-all-versions "$@" >/dev/null 2>&1; }

# size_of PACKAGE...: what apt would fetch and how much it needs, in apt's words: "131 MB to download, 588 MB on disk".
size_of() {
	as_root env LC_ALL=C apt-get -q --assume-no --no-install-recommends install "$@" 2>/dev/null | sed -nE '
		s/^Need to get ([^/]*\/)?(.*) of archives\.$/\2 to download/p; s/^After this operation, (.*) of additional disk space .*/\1 on disk/p' |
		paste -sd , | sed 's/,/, /g'
}

# quarters LOG: apt's words on standard input go into the log; every quarter of the way a line is printed.
quarters() {
	local line all=0 got=0 put=0 at_got=0 at_put=0
	while IFS= read -r line; do
		printf '%s\n' "$line" >>"$1"
		case $line in
		*" newly installed, "*) [[ $line =~ ([0-9]+)\ upgraded,\ ([0-9]+)\ newly ]] && all=$((BASH_REMATCH[1] + BASH_REMATCH[2])) ;;
		Get:*) got=$((got + 1)) ;;
		"Unpacking "* | "Setting up "*) put=$((put + 1)) ;;
		*) continue ;;
		esac
		[ $all -ge 10 ] || continue
		if [ $((4 * got / all)) -gt $at_got ]; then at_got=$((4 * got / all)) && echo "  downloaded: $((25 * at_got)) %"; fi
		if [ $((2 * put / all)) -gt $at_put ]; then at_put=$((2 * put / all)) && echo "  installed: $((25 * at_put)) %"; fi
	done
}

install() { # PACKAGE...
	local log size
	log=$(mktemp)
	trap 'rm -f "$log"' RETURN
	printf 'installing: %s\n' "$*"
	if ! knows_all "$@"; then
		echo "  fetching the package lists"
		apt update >"$log" 2>&1 || { tail -n 5 "$log" >&2; say "the package lists could not be fetched"; return 1; }
	fi
	size=$(size_of "$@" || true)
	[ -z "$size" ] || echo "  $size"
	apt install -y --no-install-recommends "$@" 2>&1 | quarters "$log" && return 0
	# Lists from yesterday may name versions that the archive has replaced since: fetch them and try once more.
	echo "  fetching the package lists anew"
	apt update >"$log" 2>&1 && apt install -y --no-install-recommends "$@" 2>&1 | quarters "$log" && return 0
	tail -n 10 "$log" >&2
	say "apt-get could not install: $*"
	return 1
}

check_only=false
[ "${1:-}" = --check ] && { check_only=true; shift; }
case "${1:-}" in
build) wanted=$build_packages ;;
test) wanted=$test_packages ;;
fuzz) wanted=$fuzz_packages ;;
cross) wanted="$build_packages $vm_packages $cross_packages bpftool" ;;
*)
	say "usage: scripts/setup.sh [--check] build|test|fuzz|cross"
	exit 2
	;;
esac

if ! command -v dpkg-query >/dev/null; then
	# Not Debian: the build itself will say what it misses; the list is the best help there is.
	say "this is not a Debian system; these must be there by hand: $wanted"
	exit 0
fi
ask_dpkg $wanted
missing=$(missing_of $wanted | tr '\n' ' ')
missing=${missing% }
[ -n "$missing" ] || exit 0
if $check_only; then
	say "missing: $missing; install with: sudo apt-get install $missing"
	exit 1
fi
install $missing
