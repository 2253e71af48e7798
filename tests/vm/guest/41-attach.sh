# SPDX-License-Identifier: MIT
# What attaches, and is gone again afterwards, on a kernel that lets kprobe, fentry, LSM and their relatives run: the very script of
# the live suite (tests/live/attach/run.sh).
. /tests/guest.inc

mkdir "$scratch/attach"
CGROUP_DIR=
for root in /run/cgroup /sys/fs/cgroup; do
	[ -z "$CGROUP_DIR" ] && [ -f "$root/cgroup.procs" ] && mkdir "$root/ecli-test" && CGROUP_DIR=$root/ecli-test
done
if [ -z "$CGROUP_DIR" ]; then
	not_ok attach-cgroups "there is no cgroup v2 hierarchy"
fi
SPREADS=
echo 3 2>/dev/null >/sys/class/net/lo/queues/rx-0/rps_cpus && SPREADS=1
MUST="xdp tc socket raw raw_tp_w kprobe kretprobe ksyscall kretsyscall uprobe uretprobe target-pid usdt sample sample-period sample-cycles iter congestion read"
MUST="$MUST cgroup_skb sysctl sock_create dev setsockopt connect4 sockops"
export SPREADS CGROUP_DIR MUST ACT=/bin/act ALL=/packages/attach/package.json WORK="$scratch/attach"
export CONGESTION=/packages/congestion/package.json CONGESTION_LINK=/packages/congestion_link/package.json
sh /attach/run.sh
status=$?
rmdir "$CGROUP_DIR"
exit $status
