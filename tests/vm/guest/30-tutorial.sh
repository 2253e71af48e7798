# SPDX-License-Identifier: MIT
# The lessons of tests/tutorial that need what the building machine's kernel may lack: kprobes, fentry, LSM hooks; each loads, attaches
# and, where the guest has a workload for it, shows what that did.
. /tests/guest.inc

lesson() { # PACKAGE WORKLOAD [PATTERN...]: each pattern is in a row
	local name package workload pattern
	name=tutorial-$1 package=/tutorial/$1/package.json workload=$2
	shift 2
	if [ ! -s "$package" ]; then
		not_ok "$name" "there is no package"
		return
	fi
	if ! start_tool "$package" -o json; then
		not_started "$name"
		return
	fi
	eval "$workload" >/dev/null 2>&1
	for pattern in "$@"; do
		if ! wait_until -p "$ecli_pid" has_text "$rows" "$pattern"; then
			stop_ecli
			not_ok "$name" "no row has $pattern; status $status" "$rows" "$err"
			return
		fi
	done
	if stop_ecli; then
		ok "$name"
	else
		not_ok "$name" "it ended with status $status instead of 0" "$err"
	fi
}

remove='cd /tmp; : >lesson-file; rm lesson-file; cd /'
lesson 02-kprobe/unlink "$remove" 'KPROBE ENTRY pid = [0-9]+, filename = lesson-file' 'KPROBE EXIT: pid = [0-9]+, ret = 0'
lesson 03-fentry/unlink "$remove" 'fentry: pid = [0-9]+, filename = lesson-file' 'fexit: .*filename = lesson-file, ret = 0'
lesson 04-opensnoop/opensnoop 'cat /proc/version' 'enter sys openat'
lesson 07-execsnoop/execsnoop '/bin/true' '"comm":"/bin/true"'
lesson 08-exitsnoop/exitsnoop '/bin/false' '"exit_code":1,.*"comm":"false"'
lesson 09-runqlat/runqlat /bin/true '"slots":\['
lesson 10-hardirqs/hardirqs ':' # an idle machine may have no interrupt with an action
lesson 14-tcpstates/tcpstates ':'
lesson 14-tcprtt/tcprtt ':'
lesson 19-lsm/lsm ':'
lesson 25-signal/signal ':'
lesson 34-syscall/exechijack ':'
lesson 34-syscall/open_modify ':'
