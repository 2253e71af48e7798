#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Names are right or absent where code and process ids change hands: one pid that is two programs, text without a file, programs without symbols, BPF programs
# that come later, ids of another namespace.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
cd "$scratch" || exit
is_root || { cannot names "not root"; exit 0; }
mkdir -p one two
for pair in spin_first:first spin_second:second spin_one:one/same spin_two:two/same; do
	cc -O1 -no-pie -fno-pie -fno-omit-frame-pointer -DSPIN="${pair%:*}" -o "${pair#*:}" "$here/names.c" 2>"$err" || { not_ok names "the workload does not compile" "$err"; exit 0; }
done

# sampled NAME COMMAND...: what was sampled of the command, in its own process or PID=number, is in $scratch/folded.
sampled() {
	local name=$1 status=0 waiting=
	shift
	rm -f go_on && mkfifo go_on
	bash -c 'read -r <go_on; exec "$@"' - "$@" >"$scratch/out" 2>&1 &
	waiting=$!
	start_ecli "$PACKAGES/profile/package.json" -p "${PID:-$waiting}" -F 997 -U -o folded="$scratch/folded" || { not_ok "$name" "did not become ready" "$err"; return 1; }
	echo >go_on
	wait "$waiting" || status=$?
	stop_ecli || { not_ok "$name" "status $status" "$err"; return 1; }
	[ $status != 77 ] || { lacks "$name" "this kernel does not give a pid again when it is asked to"; return 1; }
	[ $status = 0 ] || { not_ok "$name" "the workload ended with $status" "$scratch/out"; return 1; }
}

# judge NAME AWK: over the lines "STACK COUNT"; what it prints explains a failure.
judge() {
	awk "$2" "$scratch/folded" >"$scratch/counts" && ok "$1" || not_ok "$1" "$(tr '\n' ' ' <"$scratch/counts")" "$scratch/folded" "$err"
}

by_name='{ all += $NF } /^first;/ { if (/spin_second/) wrong += $NF; if (/spin_first/) first += $NF } /^second;/ { if (/spin_first/) wrong += $NF; if (/spin_second/) second += $NF }
	END { print all + 0, "samples,", first + 0, second + 0, "named rightly,", wrong + 0, "wrongly"; exit !(!wrong && first >= 100 && second >= 100) }'
sampled becomes-another "$scratch/first" 500 "$scratch/second" 500 && judge becomes-another "$by_name"
# Named alike: nobody can tell which of them it was.
sampled becomes-its-like "$scratch/one/same" 500 "$scratch/two/same" 500 && judge becomes-its-like \
	'/^same;/ { all += $NF; if (/spin_one/) one += $NF; if (/spin_two/) two += $NF }
	END { print all + 0, "samples,", one + 0, two + 0, "named"; exit !(all >= 200 && ((!one && !two) || (one >= all / 4 && two >= all / 4))) }'
# The first one was forked and never began a program: it has the name of its parent.
true &
gone=$!
wait "$gone"
PID=$gone sampled pid-again "$scratch/first" again 500 "$scratch/second" "$gone" && judge pid-again "$by_name"

sampled moved-text "$scratch/first" moved 500 && judge moved-text \
	'/^first;/ { all += $NF; if (/spin_first/) named += $NF } END { print all + 0, "samples,", named + 0, "named"; exit !(all >= 100 && named >= all * 3 / 4) }'

if [ "$(uname -m)" = x86_64 ]; then
	cc -O1 -no-pie -fno-pie -rdynamic -o go "$here/names_go.c" 2>"$err" && strip go || { not_ok go "does not compile" "$err"; exit 0; }
	sampled go "$scratch/go" && judge go \
		'/^go;/ { all += $NF; if (/;main\.\(\*Set\[go\.shape\.int\]\)\.Spin /) named += $NF; if (/tiny_start/) wrong += $NF }
		END { print all + 0, "samples,", named + 0, "named by the table,", wrong + 0, "by a symbol far away"; exit !(!wrong && named >= all / 4 && named <= all * 3 / 4 && all >= 200) }'
fi

# Ids here mean nothing to the kernel, and its ids nothing here.
inside() {
	"$scratch/first" 100000 &
	victim=$!
	"$ECLI" run "$PACKAGES/profile/package.json" -p "$victim" -U -d 1 -j >"$scratch/inside.out" 2>"$scratch/inside.err"
	echo $? >"$scratch/inside.status"
	kill -KILL "$victim"
}
export -f inside
export scratch
if unshare -pf --mount-proc bash -c inside 2>"$err"; then
	check pid-namespace sh -c "[ \$(cat inside.status) = 0 ] && [ \$(grep -c 'ids of processes and threads in rows and options are those of the first one' inside.err) = 1 ] && ! grep -q spin_first inside.out"
else
	lacks pid-namespace "$(tail -n 1 "$err")"
fi
