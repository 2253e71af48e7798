#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each kind of program by its effect (attach/run.sh), in a network namespace of the test's own and a cgroup made for it; then, from
# outside, that nothing of it is left.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
if ! has ip || ! has tc || ! has unshare; then
	cannot attach "needs ip, tc and unshare"
	exit 0
fi
if [ -z "${ECLI_TEST_NETNS:-}" ]; then
	rm -rf "$scratch"
	if ! unshare -n true 2>/dev/null; then
		cannot attach "cannot make a network namespace"
		exit 0
	fi
	ECLI_TEST_NETNS=1 exec unshare -n bash "$0"
fi
ip link set lo up

pack() { mkdir "$scratch/$1" && "$ECC" "$here/attach/$1.bpf.c" -o "$scratch/$1" >>"$scratch/ecc.out" 2>&1; } # NAME
export ACT=$scratch/act MUST= CGROUP_DIR=
export ALL=$scratch/all/package.json CONGESTION=$scratch/congestion/package.json CONGESTION_LINK=$scratch/congestion_link/package.json
if ! cc -std=gnu17 -D_GNU_SOURCE -O1 -o "$ACT" "$here/attach/act.c" || ! pack all || ! pack congestion || ! pack congestion_link; then
	not_ok attach "the workload or a package does not compile" "$scratch/ecc.out"
	exit 0
fi
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -n "$root" ] && mkdir "$root/ecli-test-$$" 2>/dev/null; then
	CGROUP_DIR=$root/ecli-test-$$
	leave_cgroup() { rmdir "$CGROUP_DIR"; }
	at_exit leave_cgroup
else
	cannot attach-cgroups "there is no cgroup v2 hierarchy where a cgroup can be made"
fi

export SPREADS=
if unshare -m sh -c 'mount -t sysfs sysfs /sys && echo 3 >/sys/class/net/lo/queues/rx-0/rps_cpus' 2>/dev/null; then
	SPREADS=1
else
	lacks attach-dissector "lo cannot spread packets over CPUs here"
fi

# Kinds that every kernel from 5.10 on has as soon as they are configured at all, as here.
MUST="xdp tc socket raw raw_tp_w uprobe uretprobe target-pid usdt sample sample-period sample-cycles iter congestion read"
[ -z "$CGROUP_DIR" ] || MUST="$MUST cgroup_skb sysctl sock_create dev setsockopt connect4 sockops sk_msg sk_skb"

state() { # what is attached to lo
	tc qdisc show dev lo
	tc filter show dev lo ingress
	tc filter show dev lo egress
	ip link show lo | grep -o 'prog/xdp.*' | cut -d ' ' -f 1
}
before=$(state)
sh "$here/attach/run.sh" | tee "$scratch/results"

# The table of README.md: every kind has a row, and every row's test ran, after SIGKILL too.
untold() {
	local kind test
	sed -n '/^static const struct ecli_attach_kind kinds/,/^};/s/^.*\(PROBE\|TYPED\|MULTI\|PLAIN\|NETWORK\|{\)[ (]*"\([a-z_.]*\)".*/\2/p' \
		"$top/src/load/attach/kinds.c" | sort -u >"$scratch/kinds"
	[ "$(wc -l <"$scratch/kinds")" -gt 40 ] || echo "the kinds of kinds.c are not found"
	while read -r kind; do
		grep -q "^|.*\`$kind\`.*|.*|.*|$" "$here/attach/README.md" || echo "$kind has no row"
	done <"$scratch/kinds"
	sed -n 's/^| `.*` | \([a-z0-9_]*\) | .*/\1/p' "$here/attach/README.md" | while read -r test; do
		grep -qE "^(ok|not ok|skip) attach-$test( |$)" "$scratch/results" || echo "$test did not run"
		# A syscall program is over before anybody can kill it.
		[ "$test" = syscall ] || grep -qE "^(skip attach-$test|(ok|not ok) attach-$test-killed)( |$)" "$scratch/results" || echo "$test was not killed"
	done
}
[ -n "$CGROUP_DIR" ] && [ -n "$SPREADS" ] && {
	untold >"$scratch/untold"
	[ ! -s "$scratch/untold" ] && ok attach-readme || not_ok attach-readme "README.md and the tests differ" "$scratch/untold"
}

# ---- who may not: one sentence, status 1, nothing loaded -------------------------------------------------------------
refused() { # NAME SENTENCE PROGRAM=TARGET SETPRIV-ARG...
	local name=attach-$1 sentence=$2 target=$3 code=0
	shift 3
	setpriv "$@" "$scratch/ecli" run "$ALL" --duration 0.1 --attach "$target" >"$scratch/out" 2>"$scratch/err" || code=$?
	if [ $code = 1 ] && [ "$(wc -l <"$scratch/err")" = 1 ] && grep -qF "ecli: $sentence" "$scratch/err" &&
		[ ! -s "$scratch/out" ] && [ "$("$ACT" unloaded "${target%%=*}")" = done ]; then
		ok "$name"
	else
		not_ok "$name" "status $code, it is loaded, or the sentence is not: $sentence" "$scratch/out" "$scratch/err"
	fi
}
nobody=(--reuid=65534 --regid=65534 --clear-groups)
powerless=(--bounding-set=-all --inh-caps=-all)
loads_only=(--bounding-set=-all,+bpf,+perfmon --inh-caps=-all)
if ! has setpriv; then
	cannot attach-rights "needs setpriv"
else
	chmod 755 "$scratch" "$scratch/all" && chmod 644 "$ALL" && install -m 755 "$ECLI" "$scratch/ecli"
	for target in drop_xdp=lo trace_raw=sys_enter "trace_uprobe=$ACT:act_mark_one" trace_sample=cpu-clock; do
		if setpriv "${nobody[@]}" test -x "$scratch/ecli" 2>/dev/null; then
			refused "no-right-${target%%=*}" 'needs root (CAP_BPF and CAP_PERFMON): try sudo' "$target" "${nobody[@]}"
		else
			lacks "attach-no-right-${target%%=*}" "on this machine an ordinary user may not enter /"
		fi
		refused "no-capability-${target%%=*}" 'needs CAP_BPF and CAP_PERFMON, which root does not have here' "$target" "${powerless[@]}"
	done
	for target in drop_xdp=lo drop_tc=lo filter_socket=lo; do
		refused "no-network-${target%%=*}" 'needs CAP_NET_ADMIN for programs of packets, sockets and cgroups' "$target" "${loads_only[@]}"
	done
fi

if [ "$(state)" = "$before" ]; then
	ok attach-leaves-lo
else
	state >"$scratch/state"
	not_ok attach-leaves-lo "lo is not as before" "$scratch/state"
fi

# Seen by another program than ours: none of these programs is loaded any more, no cgroup has one.
if has bpftool; then
	none_is_loaded() { # nor is the kernel freeing one
		bpftool prog list >"$scratch/programs" 2>/dev/null
		! grep -qE 'name (drop_|deny_|trace_|refuse_|collect|dissect|when_)' "$scratch/programs"
	}
	wait_until none_is_loaded && ok attach-leaves-no-program || not_ok attach-leaves-no-program "programs are still loaded" "$scratch/programs"
	if [ -n "$CGROUP_DIR" ]; then
		bpftool cgroup list "$CGROUP_DIR" >"$scratch/cgroup" 2>&1
		[ ! -s "$scratch/cgroup" ] && ok attach-leaves-cgroup || not_ok attach-leaves-cgroup "it has programs" "$scratch/cgroup"
	fi
fi
