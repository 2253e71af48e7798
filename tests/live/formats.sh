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

start_ecli "$scratch/formats/package.json" || not_ok "ready" "did not become ready" "$err"
"$scratch/mark" 1
stop_ecli
if grep -qE ' prctl +SIGKILL .* \[::1\]:443 +-ENOENT +02:00:00:00:00:00 HOW_READ\|HOW_EXEC \{device=lo,dev=8:1\} +0$' "$rows"; then
	ok "the table has the texts"
else
	not_ok "the table has the texts" "not what was expected" "$rows"
fi
