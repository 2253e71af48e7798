#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tc and XDP packages on lo of a network namespace of the test's own: as many rows as datagrams sent, and after the run the
# interface is as before: what others attached is still there, what we made is gone.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")/packages" && pwd)
source "$here/../run.inc"
if ! has ip || ! has tc || ! has unshare; then
	cannot network "needs ip, tc and unshare"
	exit 0
fi

# Everything from here on happens in the new namespace.
if [ -z "${ECLI_TEST_NETNS:-}" ]; then
	rm -rf "$scratch"
	if ! unshare -n true 2>/dev/null; then
		cannot network "cannot make a network namespace"
		exit 0
	fi
	ECLI_TEST_NETNS=1 exec unshare -n bash "$0"
fi
ip link set lo up || { cannot network "cannot set lo up"; exit 0; }

send_datagrams() { # N
	local i
	for ((i = 0; i < $1; i++)); do echo hello >/dev/udp/127.0.0.1/7777; done 2>/dev/null
}

state() { # what is attached to lo, without counters
	tc qdisc show dev lo
	tc filter show dev lo ingress
	tc filter show dev lo egress
	ip link show lo | grep -o 'prog/xdp.*' | cut -d ' ' -f 1
}

seen() { # NAME ARGS: rows = datagrams, and the interface is as it was before
	local name=$1 before
	shift
	before=$(state)
	start_ecli "$@" -o json || { not_ok "$name" "did not become ready" "$err"; return; }
	send_datagrams 25
	stop_ecli
	check_rows "$name" 'length == 25 and all(.ifindex == 1 and .port == 7777 and .length == 14)'
	if [ "$(state)" = "$before" ] && [ "$status" = 0 ]; then
		ok "$name-leaves-nothing"
	else
		state >"$scratch/state"
		not_ok "$name-leaves-nothing" "status $status, or lo is not as before" "$scratch/state" "$err"
	fi
}

build tc net.bpf.h && build tcx net.bpf.h && build xdp net.bpf.h || exit 0
seen tc "$scratch/tc/package.json"
seen tc-egress-link "$scratch/tcx/package.json"
seen xdp "$scratch/xdp/package.json"

# Other spellings of the same: the section of an older object, and the skeleton's own words.
sed 's/SEC("tc")/SEC("classifier")/' "$here/tc.bpf.c" >"$scratch/classifier.bpf.c"
sed 's/SEC("xdp")/SEC("xdp.frags")/' "$here/xdp.bpf.c" >"$scratch/frags.bpf.c"
cp "$here/net.bpf.h" "$scratch/"
for name in classifier frags; do
	mkdir -p "$scratch/$name"
	"$ECC" "$scratch/$name.bpf.c" "$scratch/net.bpf.h" -o "$scratch/$name" >/dev/null 2>"$err" || not_ok "$name" "ecc failed" "$err"
	seen "$name" "$scratch/$name/package.json"
done

# A clsact of somebody else stays.
tc qdisc add dev lo clsact
seen tc-beside-others "$scratch/tc/package.json"
tc qdisc del dev lo clsact

# Somebody uses the clsact that we made: it and their filter stay, until they go.
jq -c '.meta.bpf_skel.progs[0].tchook.attach_point = "BPF_TC_EGRESS" | .meta.bpf_skel.progs[0].tcopts = {"handle":5,"priority":7}' \
	"$scratch/tc/package.json" >"$scratch/egress.json"
start_ecli "$scratch/tc/package.json"
first=$ecli_pid
start_ecli "$scratch/egress.json" -o json
kill -INT "$first"
wait_end "$first"
send_datagrams 9
stop_ecli
check_rows tc-leaves-clsact-in-use 'length == 9'
tc qdisc del dev lo clsact
seen tc-egress-filter "$scratch/egress.json"

told() { # NAME STATUS REGEX PACKAGE
	local code=0
	patiently "$ECLI" run "$4" >"$rows" 2>"$err" || code=$?
	if [ "$code" = "$2" ] && grep -qE "$3" "$err"; then ok "$1"; else not_ok "$1" "status $code, or the sentence is not: $3" "$err"; fi
}
start_ecli "$scratch/tc/package.json"
told tc-place-is-taken 1 'already has a filter with handle 1 and priority 1' "$scratch/tc/package.json"
stop_ecli
start_ecli "$scratch/xdp/package.json"
told xdp-place-is-taken 1 'interface lo already has an XDP program' "$scratch/xdp/package.json"
stop_ecli
jq -c '.meta.bpf_skel.progs[0].ifindex = 4000' "$scratch/xdp/package.json" >"$scratch/no.json"
told xdp-no-interface 1 'program pass: there is no network interface with index 4000' "$scratch/no.json"
jq -c '.meta.bpf_skel.progs[0].tchook = {"ifindex":1,"attach_point":"BPF_TC_SIDEWAYS"}' "$scratch/tc/package.json" >"$scratch/no.json"
told tc-wrong-attach-point 1 'program ingress: tchook.attach_point must be BPF_TC_INGRESS' "$scratch/no.json"
