#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The sources of tests/tutorial/styles: ways of writing that people have. None is given its header; each compiles silently, loads and
# shows what its workload did. One is tried once more as another system saves it (byte order mark, CRLF).
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
styles=$top/tests/tutorial/styles
cd "$scratch" || exit 1

style() { # NAME FOLDER WORKLOAD JQ-FILTER [OPTION...]: over all rows as one array; $me is this shell
	local name=style-$1 out=$scratch/$1 source=$2/$1.bpf.c workload=$3 filter=$4
	shift 4
	"$ECC" -o "$out" -a "-I $styles/include -DUNUSED='a b'" "$source" >"$scratch/out" 2>"$err" || { not_ok "$name" "it does not compile" "$err"; return; }
	[ ! -s "$err" ] || not_ok "$name-silent" "ecc had something to say" "$err"
	start_ecli "$out/package.json" -o json "$@" || { not_ok "$name" "it did not become ready" "$err"; return; }
	eval "$workload" >/dev/null 2>&1
	stop_ecli
	check_rows "$name" "$BASHPID as \$me | . as \$rows | $filter"
}
opens=': </etc/hostname; cat /etc/hostname'
opened='length > 0 and all(.pid == $me and .kind == "KIND_OPEN" and .comm == "bash")'
style opens "$styles" "$opens" "$opened" --pid_target $BASHPID
style rings "$styles" "$opens" '(map(.map) | unique) == ["closes", "opens"] and all(.h.pid == $me) and
	any(.map == "opens" and .fname == "/etc/hostname") and all(if .map == "opens" then .fd == null else .fd >= 0 and .fname == null end)' --only $BASHPID
# umask(2): 95 here, 166 where the numbers are those of every newer architecture.
style counts "$styles" 'for i in 1 2 3 4 5 6 7; do umask 022; done' 'all(.pid == $me and .comm == "bash") and
	([.[] | select(.nr == 95 or .nr == 166).count] | add) == 7' -p $BASHPID
style typedefs "$styles" '/bin/true' '[.[] | select(.comm == "true")] | length == 1 and (.[0] | .pid > 1 and .first == 5 and .second == 2748 and
	.last == 255 and .whole == 4294967298 and .half == [2, 1] and .grid == [[0, -7, 0], [0, 0, 300]] and .is_root == true)'
style heap "$styles" '/bin/true' '[.[] | select(.path == "/bin/true")] | length == 1 and .[0].len == 10 and .[0].pid > 1'
asked='all(.hdr.pid == $me) and map(.hdr.type) == ["EVENT_ENTER", "EVENT_EXIT", "EVENT_ENTER", "EVENT_EXIT"] and
	.[0].mask == 23 and .[2].mask == 18 and .[3].ret == 23 and .[0].ret == null and [.[].extra // empty] == [[1, 2, 5], [1, 2, 10]]'
style habits "$styles" 'umask 027; umask 022' "$asked" --my_pid $BASHPID --fixed 7
check style-habits-no-effect grep -qF -- '--fixed has no effect: no program reads the variable fixed' "$err"
# By their names alone, one of which is a typedef's.
jq -c '.meta.export_types |= map(.type_id = 0)' "$scratch/habits/package.json" >habits.json
start_ecli habits.json -o json --my_pid $BASHPID || not_ok style-typedef-name "it did not become ready" "$err"
umask 027; umask 022
stop_ecli
check_rows style-typedef-name "$BASHPID as \$me | . as \$rows | $asked"
if "$ECLI" run "$scratch/habits/package.json" --help | grep -q my_pid; then not_ok style-habits-quiet "--help lists it"; else ok style-habits-quiet; fi
check style-habits-brief jq -e '.meta.bpf_skel.doc == {"brief": "What umask was and is", "details": "Of one process, when asked."}' "$scratch/habits/package.json"
style tasks "$styles" : '[.[] | select(.pid == $me and .tid == $me)] | length == 1 and .[0].comm == "bash" and (.[0].marks | length == 300 and .[299] == 7)'
check style-tasks-in-parts test "$(wc -c <"$rows")" -gt 50000 -a "$(jq -s 'all(.marks[299] == 7 and .pid > 0)' "$rows")" = true

mkdir saved
{ printf '\357\273\277'; sed 's/$/\r/' "$styles/opens.bpf.c"; } >saved/opens.bpf.c
sed 's/$/\r/' "$styles/opens.h" >saved/opens.h
style opens "$scratch/saved" "$opens" "$opened" --pid_target $BASHPID
