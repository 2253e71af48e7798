#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# base.sh OUTPUT: a tar file of a minimal Debian 12, the stand-in for debian:bookworm-slim where no image registry is reached.
# Made with debootstrap from the machine's own apt sources, which stay in it, so that apt works inside as it does outside.
# Kept in a cache outside the repository.
set -euo pipefail

output=$1
suite=bookworm
cache=${ECLI_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ecli-test}
mkdir -p "$cache"
tar=$cache/$suite-minbase.tar

# The files apt itself would read that speak of the suite, in both of its formats.
sources=$(find /etc/apt/sources.list /etc/apt/sources.list.d -maxdepth 1 -type f \( -name '*.list' -o -name '*.sources' \) \
	-exec grep -lwE "$suite" {} + 2>/dev/null || true)
[ -n "$sources" ] || { echo "this machine's apt sources do not offer Debian 12 ($suite)" >&2; exit 1; }
# The first that has the suite itself: "URIs: X" of a stanza with "Suites: bookworm ...", or "deb [...] X bookworm ...".
mirror=$(awk -v suite="$suite" '
	/^URIs:/ { uri = $2 }
	/^Suites:/ { for (i = 2; i <= NF; i++) if ($i == suite && uri != "") { print uri; exit } }
	/^deb[ \t]/ { gsub(/\[[^]]*\]/, ""); if ($3 == suite) { print $2; exit } }' $sources)
[ -n "$mirror" ] || { echo "no mirror for $suite in: $sources" >&2; exit 1; }

if [ ! -s "$tar" ]; then
	# Not in /tmp: that may be memory, and device nodes must be allowed.
	root=$(mktemp -d "$cache/debootstrap.XXXXXX")
	trap 'rm -rf --one-file-system "$root" "$tar.$$"' EXIT
	debootstrap --variant=minbase "$suite" "$root" "$mirror" >&2
	rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
	tar -C "$root" -cf "$tar.$$" .
	mv "$tar.$$" "$tar"
fi

# The apt set-up is added to a copy, each time anew: it is this machine's, and may change. dpkg does as in Debian's image: it neither
# waits for the disk nor installs documentation.
cp --reflink=auto "$tar" "$output"
extra=$(mktemp -d)
trap 'rm -rf "$extra" "${root:-}" "$tar.$$"' EXIT
mkdir -p "$extra/etc/dpkg/dpkg.cfg.d" "$extra/etc/apt/apt.conf.d"
printf '%s\n' force-unsafe-io 'path-exclude /usr/share/doc/*' 'path-exclude /usr/share/man/*' 'path-exclude /usr/share/locale/*' \
	>"$extra/etc/dpkg/dpkg.cfg.d/container"
echo 'Acquire::Retries "3";' >"$extra/etc/apt/apt.conf.d/80-retries"
tar -C "$extra" --append -f "$output" ./etc
set -- $sources
for dir in /usr/share/keyrings /etc/apt/trusted.gpg.d /etc/apt/keyrings; do
	[ ! -d "$dir" ] || set -- "$@" "$dir"
done
for file in $(grep -lE '^[^/#]*Acquire' /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null || true); do set -- "$@" "$file"; done
tar --delete -f "$output" ./etc/apt/sources.list 2>/dev/null || true
tar -C / --transform 's|^|./|' --append -f "$output" "${@#/}"
