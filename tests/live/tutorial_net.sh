#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The lessons of tests/tutorial that look at packets, on lo of a network namespace of the test's own: each shows what was sent, and
# nothing is left of it afterwards.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
if ! has ip || ! has tc || ! has unshare || ! has python3; then
	cannot tutorial-net "needs ip, tc, unshare and python3"
	exit 0
fi
if [ -z "${ECLI_TEST_NETNS:-}" ]; then
	rm -rf "$scratch"
	unshare -n true 2>/dev/null || { cannot tutorial-net "cannot make a network namespace"; exit 0; }
	ECLI_TEST_NETNS=1 exec unshare -n bash "$0"
fi
ip link set lo up || { cannot tutorial-net "cannot set lo up"; exit 0; }

state() { # what is attached to lo, and the packet sockets of this namespace
	tc qdisc show dev lo
	tc filter show dev lo ingress
	ip link show lo | grep -c 'prog/xdp'
	tail -n +2 /proc/net/packet | wc -l
}
# send N BYTES: datagrams of that many bytes; an Ethernet, an IP and a UDP header are 42 more
send() { python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(int(sys.argv[1])): s.sendto(b"x" * int(sys.argv[2]), ("127.0.0.1", 7777))' "$@"; }

lesson() { # LESSON/NAME WORKLOAD JQ-FILTER: over all rows as one array
	local name=tutorial-$1 source=$top/tests/tutorial/$1.bpf.c out=$scratch/$1 header before
	header=${source%.bpf.c}.h
	mkdir -p "$out"
	[ -f "$header" ] || header=
	"$ECC" -o "$out" "$source" ${header:+"$header"} >/dev/null 2>"$err" || { not_ok "$name" "it does not compile" "$err"; return; }
	before=$(state)
	start_ecli "$out/package.json" -o json || { not_ok "$name" "it did not become ready" "$err"; return; }
	[ "$(state)" != "$before" ] || not_ok "$name-attaches" "nothing is attached" "$err"
	eval "$2"
	stop_ecli
	check_rows "$name" "$3"
	if [ "$(state)" = "$before" ] && [ "$status" = 0 ]; then ok "$name-leaves-nothing"; else not_ok "$name-leaves-nothing" "status $status, or lo is not as before" "$err"; fi
}

# lo carries each packet once in, and the datagrams are answered by "port unreachable" only when nobody binds the port; a bound one is quiet.
python3 -c 'import signal, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 7777)); print("bound", flush=True); signal.pause()' >"$scratch/bound" &
sink=$!
stop_sink() { kill "$sink" 2>/dev/null; wait "$sink" 2>/dev/null; }
at_exit stop_sink
wait_until -p $sink has_text "$scratch/bound" bound || not_ok tutorial-net-sink "no socket is bound to the port"

lesson 20-tc/tc 'send 7 100' '[.[].message | select(test("Got IP packet: tot_len: 128, ttl: 64"))] | length == 7'
lesson 21-xdp/xdp 'send 6 50' '[.[].message | select(test("packet size: 92$"))] | length == 6'

http='import socket
s = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(s.getsockname()); d, _ = s.accept()
c.sendall(b"GET /index HTTP/1.1\r\nHost: example\r\n\r\n" + b"x" * 60)
d.recv(200)'
lesson 23-http/sockfilter "python3 -c '$http'" '[.[] | select(.payload[0:10] == [71, 69, 84, 32, 47, 105, 110, 100, 101, 120])] |
	length == 2 and all(.src_addr == 16777343 and .dst_addr == 16777343 and .ip_proto == 6 and .ifindex == 1 and .payload_length == 150) and
	(map(.pkt_type) | sort) == [0, 4]'

# A socket filter that names its interface sees that one alone.
ip link add veth-a type veth peer name veth-b && ip link set veth-a up && ip link set veth-b up || cannot socket-filter-interface "cannot make a veth"
jq -c --argjson i "$(cat /sys/class/net/veth-a/ifindex 2>/dev/null || echo 0)" '.meta.bpf_skel.progs[0].ifindex = $i' \
	"$scratch/23-http/sockfilter/package.json" >"$scratch/veth.json"
start_ecli "$scratch/veth.json" -o json
python3 -c "$http"
stop_ecli
check_rows socket-filter-interface 'length == 0'
jq -c '.meta.bpf_skel.progs[0].ifindex = 4000' "$scratch/veth.json" >"$scratch/no.json"
code=0
patiently "$ECLI" run "$scratch/no.json" >"$rows" 2>"$err" || code=$?
if [ "$code" = 1 ] && grep -q 'program socket_handler: there is no network interface with index 4000' "$err"; then
	ok socket-filter-no-interface
else
	not_ok socket-filter-no-interface "status $code, or no sentence" "$err"
fi
