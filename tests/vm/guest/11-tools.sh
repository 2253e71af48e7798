# SPDX-License-Identifier: MIT
# The other tools: they run, choose what is best here, and show a row of what happened. (Values: 20-truth-hooks.sh, 21-truth-times.sh.)
. /tests/guest.inc

see() { # TOOL CHOICE WORKLOAD PATTERN [OPTION...]; CHOICE -: it has none. The row has to come while the tool runs.
	local tool choice workload pattern seen=0
	tool=$1 choice=$2 workload=$3 pattern=$4
	shift 4
	if ! start_tool -o json "$tool" "$@"; then
		not_started "$tool"
		return
	fi
	eval "$workload"
	wait_until -p "$ecli_pid" has_text "$rows" "$pattern" || seen=1
	exec 8>&-
	stop_ecli
	if [ $seen != 0 ]; then
		not_ok "$tool" "no row has $pattern; status $status" "$rows" "$err"
	elif [ "$status" != 0 ]; then
		not_ok "$tool" "it ended with status $status instead of 0" "$err"
	elif [ "$choice" = - ]; then
		ok "$tool runs"
	elif ! grep -q "^ecli: $choice: taken" "$err"; then
		not_ok "$tool" "-v does not name $choice" "$err"
	else
		ok "$tool runs and takes $choice"
	fi
}

# A process that has taken memory and lives until fd 8 is closed.
leaks() {
	/truth/bin/truth_stack_load leak <"$scratch/hold" >/dev/null &
	exec 8>"$scratch/hold"
	echo >&8
}
mkfifo "$scratch/hold"

raw_or_btf=btf
[ "$(word ecli_machine)" != 5.10 ] || raw_or_btf=raw # task storage came with 5.11
see exitsnoop tracepoint /bin/false '"exit_code":1,.*"comm":"false"'
# Starting a process and waiting for it makes others wait for a CPU, and timers fire, without a workload.
see runqslower $raw_or_btf /bin/true '"delta_us":'
see runqlat $raw_or_btf /bin/true '"slots":\[' -i 0.1
see cpudist $raw_or_btf /bin/true '"slots":\[' -i 0.1
see hardirqs - 'echo "# a line for the console" >/dev/console' '"hardirq":"' -i 0.1
see softirqs - /bin/true '"softirq":"timer"' -i 0.1
see biolatency - '/truth/bin/truth_block_load /tmp/disk </dev/zero >/dev/null' '"slots":\[' -i 0.1
task_or_hash=task functions=fexit traffic=sock
case $(word ecli_machine) in
5.10) task_or_hash=hash traffic=fexit ;;
6.1) traffic=fexit ;;
arm64-6.1) functions=kprobe traffic=kprobe ;; # no fexit there yet
esac
see syscount $task_or_hash /bin/true '"syscall":"' -i 0.1
see filetop $functions 'dd if=/bin/ecli of=/tmp/copy 2>/dev/null' '"file":"copy"' -i 0.1
see vfsstat $([ $functions = fexit ] && echo fentry || echo kprobe) /bin/true '"read_s":' -i 0.1
see tcptop $traffic '/truth/bin/truth_tcptop_load </dev/zero >/dev/null' '"rx_kb_raw":123458'
openat=do_sys_openat2
[ "$(word ecli_machine)" != arm64-6.1 ] || openat=syscalls # no fexit there yet
see opensnoop $openat 'cat /no-such-file' '"err":"ENOENT",.*"path":"/no-such-file"'
see execsnoop tracepoint '/bin/echo "a b"' '"args":\["/bin/echo","a b"\]'
see tcpconnect - /truth/bin/truth_tcp_load '"daddr":"127.77.0.1"'
see tcplife - /truth/bin/truth_tcp_load '"tx_kb_raw":3000000'
see tcpstates - /truth/bin/truth_tcp_load '"oldstate":"SYN_SENT",.*"newstate":"ESTABLISHED"'
see profile - 'dd if=/dev/zero of=/dev/null bs=64k count=20000 2>/dev/null' '"comm":"dd"' -i 0.1
# (wait_until sleeps in a process called so.)
see offcputime btf : '"comm":"sleep"' -i 0.1
see wakeuptime btf : '"target":"sleep"' -i 0.1
probes=
for function in malloc calloc realloc posix_memalign aligned_alloc memalign free; do
	probes="$probes --attach ${function}_*=/truth/bin/truth_stack_load:$function"
done
# shellcheck disable=SC2086 # words without spaces
see memleak - leaks '"function":"leak_small"' -i 0.1 $probes
