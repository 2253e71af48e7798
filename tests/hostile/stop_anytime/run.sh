#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# SIGTERM at 200 moments of the life of every command (issue 12, Done-when 4), with its outputs blocked in turn. Moments are counted in system calls, not
# in time (stop_at.c), and spread evenly over all that a command makes when nothing stops it. Each time it must end by itself, by the signal or with a
# status of its own, with less than a second of CPU time after the signal; what would stay is looked for at the end.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/blocked.inc"
is_root || { cannot stop_anytime "loading programs takes root"; exit 0; }
cc -O1 -o "$scratch/stop_at" "$TOP/tests/hostile/stop_anytime/stop_at.c" 2>"$err" || { not_ok stop_at "it does not compile" "$err"; exit 0; }
full_pipe "$scratch/full" 7

# A tool whose programs go with its links, one whose trace instance would stay, one whose programs would stay.
sed 's/\benter\b/stop_print/' "$TOP/tests/live/printk.bpf.c" >"$scratch/printk.bpf.c"
cat >"$scratch/stays.bpf.c" <<'END'
/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

#define STAYS(name, section)                                                                                           \
	SEC(section)                                                                                                   \
	int name(struct __sk_buff *skb)                                                                                \
	{                                                                                                              \
		__u32 zero = 0;                                                                                        \
		__u64 *count = bpf_map_lookup_elem(&packets, &zero);                                                   \
                                                                                                                       \
		if (count)                                                                                             \
			__sync_fetch_and_add(count, 1);                                                                \
		return 1;                                                                                              \
	}

STAYS(stays_in, "cgroup_skb/ingress")
STAYS(stays_out, "cgroup_skb/egress")

char LICENSE[] SEC("license") = "GPL";
END
sed -i 's|^struct {|/// @sample {"interval": 100}\nstruct {|' "$scratch/stays.bpf.c"
compile printk
compile stays
cgroup=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/ecli-stop.$$
mkdir "$cgroup" 2>/dev/null || cgroup=
remove_cgroup() { [ -z "$cgroup" ] || rmdir "$cgroup"; }
at_exit remove_cgroup
mkdir "$scratch/tracefs" "$scratch/out"
mount -t tracefs tracefs "$scratch/tracefs"
unmount() { umount "$scratch/tracefs"; }
at_exit unmount

# A program that has its debug information in a pipe nobody writes to.
printf 'int main(void) { for (volatile int i = 0;; i++) ; }\n' >"$scratch/busy.c"
cc -g -O1 -Wl,--build-id=none -o "$scratch/busy" "$scratch/busy.c"
mkfifo "$scratch/busy.debug"
objcopy --only-keep-debug "$scratch/busy" "$scratch/real.debug"
objcopy --strip-debug --add-gnu-debuglink="$scratch/real.debug" "$scratch/busy" && mv "$scratch/real.debug" "$scratch/kept.debug"
mkfifo "$scratch/real.debug"
"$scratch/busy" &
busy=$!
end_busy() { kill -KILL $busy; }
at_exit end_busy

moments=0
# stop NAME COUNT STDOUT STDERR COMMAND...: at COUNT moments.
stop() {
	local name=$1 count=$2 out=$3 to=$4 total k bad='' words code
	shift 4
	# How long its life is, when nothing is blocked: a pipe of an output is another file then.
	total=$(patiently "$scratch/stop_at" 0 15 "${@//$scratch\/full/$scratch/out/free}" 2>/dev/null </dev/null | sed -n 's/^steps \([0-9]*\) .*/\1/p')
	[ "${total:-0}" -gt 20 ] || { not_ok "$name" "its life could not be counted: ${total:-nothing}"; return; }
	for k in $(seq 1 "$count"); do
		code=0
		words=$(patiently --idle 20 "$scratch/stop_at" $((total * k / (count + 1))) 15 sh -c 'out=$1 to=$2; shift 2; exec "$@" >"$out" 2>"$to" 7>&-' sh "$out" "$to" "$@" 2>"$scratch/patient" </dev/null) || code=$?
		moments=$((moments + 1))
		case "$words" in
		"steps "*" ended 0" | "steps "*" ended 1" | "steps "*" ended by 15") ;;
		*) bad="$bad; moment $k of $count: status $code (124: it hung, 125: it left a child), \"$words\"" ;;
		esac
		[ "$(echo "$words" | sed 's/.*cpu_ms \([0-9]*\) .*/\1/')" -lt 1000 ] || bad="$bad; moment $k of $count: a second of CPU time after the signal: $words"
	done
	if [ -z "$bad" ]; then ok "$name"; else not_ok "$name" "${bad#; }" "$scratch/patient"; fi
}
file=$scratch/out/said
profile="$ECLI run $PACKAGES/profile/package.json -p $busy -d 0.2"
rows="$ECLI run $PACKAGES/runqlat/package.json --interval 0.05 -d 0.2 -o json --stats"
# shellcheck disable=SC2086 # words
{
	stop run-profile 20 "$file" "$file" $profile -o flame="$scratch/out/cpu.html" -o folded="$scratch/out/cpu.txt"
	stop run-profile-to-a-full-pipe 15 "$file" "$file" $profile -o flame="$scratch/full"
	stop run-profile-stdout 15 "$scratch/full" "$file" $profile
	stop run-profile-stderr 15 "$file" "$scratch/full" $profile -vv -o pprof="$scratch/out/cpu.pb"
	stop run-rows 15 "$file" "$file" $rows
	stop run-rows-stdout 15 "$scratch/full" "$file" $rows
	stop run-rows-stderr 15 "$file" "$scratch/full" $rows -vv
	stop run-rows-both 10 "$scratch/full" "$scratch/full" $rows -vv
	stop run-printk 15 "$file" "$file" "$ECLI" run "$scratch/printk/package.json" -d 0.2
	stop run-printk-stdout 10 "$scratch/full" "$scratch/full" "$ECLI" run "$scratch/printk/package.json" -d 0.2
	if [ -n "$cgroup" ]; then
		stop run-no-links 20 "$file" "$file" "$ECLI" run "$scratch/stays/package.json" --no-links --cgroup "$cgroup" -d 0.2
		stop run-no-links-both 10 "$scratch/full" "$scratch/full" "$ECLI" run "$scratch/stays/package.json" --no-links --cgroup "$cgroup" -d 0.2
	else
		lacks run-no-links "no folder of version 2 cgroups"
	fi
	stop check 10 "$scratch/full" "$scratch/full" "$ECLI" check "$PACKAGES/profile/package.json"
	stop inspect 8 "$scratch/full" "$scratch/full" "$ECLI" inspect "$PACKAGES/profile/package.json"
	stop list 4 "$scratch/full" "$scratch/full" "$ECLI" list
	stop clean 4 "$scratch/full" "$scratch/full" "$ECLI" clean -n
	stop help 4 "$scratch/full" "$scratch/full" "$ECLI" run "$PACKAGES/profile/package.json" --help
	stop ecc 10 "$file" "$file" "$ECC" "$scratch/printk.bpf.c" -o "$scratch/out/made"
	stop ecc-blocked 8 "$scratch/full" "$scratch/full" "$ECC" "$scratch/printk.bpf.c" -o "$scratch/out/made"
}
if [ $moments -ge 200 ]; then ok moments; else not_ok moments "$moments moments instead of 200 or more"; fi

# What would stay.
none_of() { [ -z "$("$@")" ]; }
programs() { bpftool prog show 2>/dev/null | grep -E ' name (stop_print|stays_in|stays_out) '; }
instances() { for one in "$scratch"/tracefs/instances/ecli-*; do [ -d "$one" ] && ! kill -0 "$(echo "${one##*/}" | cut -d- -f2)" 2>/dev/null && echo "$one"; done; true; }
files() { find "$scratch/out" -type f ! -name said ! -name cpu.html ! -name cpu.txt ! -name cpu.pb ! -name free ! -name package.json; }
if ! has bpftool; then cannot no-program-stays "bpftool is needed"
elif wait_until none_of programs; then ok no-program-stays; else not_ok no-program-stays "still loaded: $(programs)"; fi
if wait_until none_of instances; then ok no-instance-stays; else not_ok no-instance-stays "still there: $(instances)"; fi
if none_of files; then ok no-file-stays; else not_ok no-file-stays "still there: $(files)"; fi
if [ ! -e "$scratch/out/cpu.html" ] || tail -n 1 "$scratch/out/cpu.html" | grep -q '</html>'; then ok results-are-whole; else not_ok results-are-whole "a flame graph without its end"; fi
