#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# ecli in a chroot whose root is a plain folder, with no tracefs mounted: it must mount its own, and leave nothing behind; an
# ordinary user, who cannot mount, is told. The mounts of this test are in a mount namespace of its own.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
build tracepoint && build printk || exit 0
need_mark
root=$scratch/root
mkdir -p "$root"/{usr,proc,sys,dev,tmp}
for link in bin lib lib64 sbin; do [ ! -e /$link ] || ln -s usr/$link "$root/$link"; done
cp "$ECLI" "$root/tmp/ecli"
cp "$top/tests/lib.sh" "$root/tmp/"
cp "$scratch/mark" "$scratch/tracepoint/package.json" "$root/tmp/"
cp "$scratch/printk/package.json" "$root/tmp/printk.json"

cat >"$root/tmp/inside" <<'SH'
. /tmp/lib.sh
# Called in the new root. Without tracefs, however the machine has it: what hides it goes with this namespace.
for place in /sys/kernel/debug /sys/kernel/tracing; do
	while umount "$place/tracing" 2>/dev/null || umount "$place" 2>/dev/null; do :; done
done
setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/ecli run --duration 0.1 /tmp/printk.json 2>/tmp/user >/tmp/rows.user
echo "user status $?"
before=$(cat /proc/self/mountinfo)
start_ecli -o json --count 10 /tmp/package.json
/tmp/mark 10
end_ecli
cp "$rows" "$err" /tmp
echo "status $status"
[ "$before" = "$(cat /proc/self/mountinfo)" ] && echo "mounts unchanged"
SH
unshare --mount --propagation unchanged sh -c '
	root=$1
	for d in usr proc sys dev; do mount --rbind /$d "$root/$d" && mount --make-rprivate "$root/$d" || exit 1; done
	ECLI=/tmp/ecli TMPDIR=/tmp chroot "$root" sh /tmp/inside' sh "$root" >"$scratch/said" 2>&1
if grep -qx 'status 0' "$scratch/said" && grep -qx 'mounts unchanged' "$scratch/said" &&
	jq -es 'length == 10 and all(.comm == "mark")' "$root/tmp/rows" >/dev/null; then
	ok chroot
else
	not_ok chroot "ecli did not run well in a chroot without tracefs" "$scratch/said" "$root/tmp/err" "$root/tmp/rows"
fi
if grep -qx 'user status 1' "$scratch/said" && [ ! -s "$root/tmp/rows.user" ] && [ "$(cat "$root/tmp/user")" = \
	"ecli: tracefs, which tracepoints need, is not mounted, and that takes root (CAP_SYS_ADMIN): try sudo" ]; then
	ok chroot-user
else
	not_ok chroot-user "an ordinary user is not told to be root" "$scratch/said" "$root/tmp/user"
fi
