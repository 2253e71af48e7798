#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Formats of fields, from the source to the row: tags and names of types go through ecc, package.json and ecli.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
export TZ=UTC0

need_mark
build formats || exit 0

start_ecli "$scratch/formats/package.json" -o json || not_ok "ready" "did not become ready" "$err"
begin=$(date +%s)
"$scratch/mark" 20
stop_ecli
end=$(date +%s)

check_rows "every mark is there" 'length == 20 and ([.[].index] == [range(20)])'
check_rows "names of other tools' types" "all(.call == \"prctl\" and .call_raw > 0 and .sig == \"SIGKILL\" and .sig_raw == 9
	and .uid == \"$(id -un)\" and .uid_raw == $(id -u))"
check_rows "an endpoint" 'all(.src == "[::1]:443" and .src_raw == {addr: "::1", version: 6, port: 443, proto: 0})'
check_rows "tags" 'all(.ret == "-ENOENT" and .ret_raw == -2 and .mac == "02:00:00:00:00:00")'
check_rows "flags" 'all(.how == "HOW_READ|HOW_EXEC" and .how_raw == 5)'
check_rows "tags within a struct" 'all(.place.device == "lo" and .place.device_raw == 1 and .place.dev == "8:1")'
check_rows "a control group by path or number" 'all((.cgroup | test("^(/|[0-9]+$)")) and .cgroup_raw > 0)'
check_rows "times are now, and NAME_raw gives NAME" \
	"all([.boot, .mono] | all(.[0:19] + \"Z\" | fromdate | . >= $begin - 1 and . <= $end + 1)) and all(.boot_raw > 0)"

# Where version 2 is mounted, /sys/fs/cgroup or not, a path is below that place, and --where takes what is shown.
group=$(sed -n 's/^0:://p' /proc/self/cgroup)
v2=$(awk '{ for (i = 7; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2" && $4 == "/") { print $5; exit } }' /proc/self/mountinfo)
if [ -n "$v2" ] && [ -n "$group" ] && [ -d "$v2$group" ]; then
	check_rows "a control group is below the place where it is mounted" "all(.cgroup == \"$group\" and .cgroup_raw == $(stat -c %i "$v2$group"))"
	start_ecli "$scratch/formats/package.json" -o json --where "cgroup == \"$group\"" || not_ok "ready" "did not become ready" "$err"
	"$scratch/mark" 3
	stop_ecli
	check_rows "--where takes the path that is shown" 'length == 3'
else
	lacks "a control group is below the place where it is mounted" "version 2 is not mounted, or not for this process"
fi
"$ECLI" run "$scratch/formats/package.json" --where 'cgroup == "/none/of/these"' >"$rows" 2>"$err"
[ $? = 2 ] && grep -qF 'below the place where these are mounted' "$err" && ok "a control group that is not there" ||
	not_ok "a control group that is not there" "not refused in a sentence" "$rows" "$err"

start_ecli "$scratch/formats/package.json" || not_ok "ready" "did not become ready" "$err"
"$scratch/mark" 1
stop_ecli
if grep -qE ' prctl +SIGKILL .* \[::1\]:443 +-ENOENT +02:00:00:00:00:00 HOW_READ\|HOW_EXEC \{device=lo,dev=8:1\} +0$' "$rows"; then
	ok "the table has the texts"
else
	not_ok "the table has the texts" "not what was expected" "$rows"
fi
