#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# peers.sh make ROOT: other people's tracers, current ones, in a folder of their own: bpftrace and libbpf-tools of Debian
# unstable, installed with debootstrap from the mirror of the machine's own apt sources. Made once; nothing outside ROOT changes.
# peers.sh with ROOT COMMAND [ARG...]: runs a command, and for it alone /proc, /sys, /dev and /tmp are inside ROOT, too, so that
# it can start those tools with chroot(8).
set -euo pipefail

make() {
	local root=$1 mirror
	[ -x "$root/usr/bin/bpftrace" ] && return
	command -v debootstrap >/dev/null || { echo "peers: debootstrap is not installed" >&2; return 1; }
	mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
		awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
	[ -n "$mirror" ] || { echo "peers: this machine's apt sources name no Debian mirror" >&2; return 1; }
	rm -rf --one-file-system "$root" "$root.part"
	mkdir -p "$(dirname "$root")"
	if ! debootstrap --variant=minbase --include=bpftrace,libbpf-tools sid "$root.part" "$mirror" >"$root.log" 2>&1; then
		echo "peers: $(tail -n 1 "$root.log")" >&2
		return 1
	fi
	rm -rf "$root.part"/var/cache/apt/archives/*.deb "$root.part"/var/lib/apt/lists/*
	mv "$root.part" "$root"
}

inside() { # ROOT COMMAND...: in a mount namespace of its own already
	local root=$1 folder
	shift
	for folder in /proc /sys /dev /tmp; do mount --rbind "$folder" "$root$folder"; done
	[ -e "$root/sys/kernel/tracing/events" ] || mount -t tracefs tracefs "$root/sys/kernel/tracing"
	exec "$@"
}

case ${1-} in
make) make "$2" ;;
with)
	shift
	exec unshare --mount "$0" inside "$@"
	;;
inside)
	shift
	inside "$@"
	;;
*)
	echo "usage: peers.sh make ROOT | peers.sh with ROOT COMMAND [ARG...]" >&2
	exit 2
	;;
esac
