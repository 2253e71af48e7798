#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A process's C library is a link to a device, or to what only root can read here. Nothing of this machine is opened: a link ends in the
# process's own root.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/files.inc"

mkfifo "$scratch/ours"
chmod 600 "$scratch/ours"
folder=$theirs/lib
as_user mkdir "$folder"
cp "$BUILD/tools/execsnoop/package.json" "$scratch/secret.so"
# The attacker's /tmp is empty but for the folder with the links.
start_victim "$begin
	mkdir lib/new && mount -t tmpfs none lib/new && ln -s /dev/zero lib/new/libd.so && ln -s '$scratch/ours' lib/new/libo.so &&
	ln -s /proc/kmsg lib/new/libk.so && ln -s /proc/self/exe lib/new/libm.so && ln -s ../../../../../../../dev/zero lib/new/libu.so &&
	mount --bind /dev/null '$scratch/secret.so' && mount --bind lib/new lib"
for kind in d u; do
	ends "a link to a device ($kind)" 1 "cannot trace $folder/lib$kind.so: it is not a regular file" \
		--target-pid "$victim" --attach "hit=$folder/lib$kind.so:f"
	opens_not "it stays closed ($kind)" 'lib[du]\.so|/dev/zero' --target-pid "$victim" --attach "hit=$folder/lib$kind.so:f"
done
ends "a link to a file of ours that waits" 1 "it is not a regular file" --target-pid "$victim" --attach "hit=$folder/libo.so:f"
ends "a link to the kernel's log" 1 "it is a file that the kernel or another process makes up, not a stored one" \
	--target-pid "$victim" --attach "hit=$folder/libk.so:f"
ends "a link that the kernel makes" 1 "Too many levels of symbolic links" --target-pid "$victim" --attach "hit=$folder/libm.so:f"
ends "a device over a file" 1 "cannot trace $scratch/secret.so: it is not a regular file" \
	--target-pid "$victim" --attach "hit=$scratch/secret.so:f"
