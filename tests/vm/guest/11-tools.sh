# SPDX-License-Identifier: MIT
# The other tools: they run, choose what is best here, and show a row of what happened. (Values: 20-truth-hooks.sh, 21-truth-times.sh.)
. /tests/lib.sh

see() { # TOOL CHOICE WORKLOAD PATTERN [OPTION...]; CHOICE -: it has none
	tool=$1 choice=$2 workload=$3 pattern=$4
	shift 4
	if ! start_ecli -o json "$tool" "$@"; then
		not_started "$tool"
		return
	fi
	eval "$workload"
	wait_rows "$pattern" 1 || { stop_ecli; not_ok "$tool" "no row has $pattern" /tmp/rows /tmp/messages; return; }
	if ! stop_ecli; then
		ls -l /tmp >/run/files
		not_ok "$tool" "it ended badly" /tmp/messages /run/files
	elif [ "$choice" = - ]; then
		ok "$tool runs"
	elif ! grep -q "^ecli: $choice: taken" /tmp/messages; then
		not_ok "$tool" "-v does not name $choice" /tmp/messages
	else
		ok "$tool runs and takes $choice"
	fi
}

raw_or_btf=btf
[ "$(word ecli_machine)" != 5.10 ] || raw_or_btf=raw # task storage came with 5.11
see exitsnoop tracepoint '/bin/false' '"exit_code":1,.*"comm":"false"'
see runqslower $raw_or_btf 'sleep 0.2' '"delta_us":'
see runqlat $raw_or_btf 'sleep 1.2' '"slots":\['
see cpudist $raw_or_btf 'sleep 1.2' '"slots":\['
see hardirqs - 'echo "# a line for the console" >/dev/console; sleep 1.2' '"hardirq":"'
see softirqs - 'sleep 1.2' '"softirq":"timer"'
see biolatency - '/truth/bin/truth_block_load /tmp/disk </dev/zero >/dev/null; sleep 1.2' '"slots":\['
task_or_hash=task functions=fexit traffic=sock
case $(word ecli_machine) in
5.10) task_or_hash=hash traffic=fexit ;;
6.1) traffic=fexit ;;
arm64-6.1) functions=kprobe traffic=kprobe ;; # no fexit there yet
esac
see syscount $task_or_hash 'sleep 1.2' '"syscall":"'
see filetop $functions '(dd if=/bin/ecli of=/tmp/copy; sleep 1.2) 2>/dev/null' '"file":"copy"'
see vfsstat $([ $functions = fexit ] && echo fentry || echo kprobe) 'sleep 1.2' '"read_s":'
see tcptop $traffic '/truth/bin/truth_tcptop_load </dev/zero >/dev/null; sleep 1.2' '"rx_kb_raw":123458'
openat=do_sys_openat2
[ "$(word ecli_machine)" != arm64-6.1 ] || openat=syscalls # no fexit there yet
see opensnoop $openat 'cat /no-such-file' '"err":"ENOENT",.*"path":"/no-such-file"'
see execsnoop tracepoint '/bin/echo "a b"' '"args":\["/bin/echo","a b"\]'
see tcpconnect - /truth/bin/truth_tcp_load '"daddr":"127.77.0.1"'
see tcplife - /truth/bin/truth_tcp_load '"tx_kb_raw":3000000'
see tcpstates - /truth/bin/truth_tcp_load '"oldstate":"SYN_SENT",.*"newstate":"ESTABLISHED"'
see profile - 'dd if=/dev/zero of=/dev/null bs=64k count=20000 2>/dev/null' '"comm":"dd"' -i 1
see offcputime btf 'sleep 1.2' '"comm":"sleep"' -i 1
see wakeuptime btf 'sleep 1.2' '"target":"sleep"' -i 1
probes=
for function in malloc calloc realloc posix_memalign aligned_alloc memalign free; do
	probes="$probes --attach ${function}_*=/truth/bin/truth_stack_load:$function"
done
# shellcheck disable=SC2086 # words without spaces
see memleak - '(echo; sleep 2) | /truth/bin/truth_stack_load leak >/dev/null' '"function":"leak_small"' -i 1 $probes
