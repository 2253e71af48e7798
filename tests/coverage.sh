#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# coverage.sh: how many lines of src/ the suite "unit" (unit, golden, fuzz corpora) runs, per file and per folder, in percent. Builds
# into $BUILD/coverage with gcov's counters and runs there. Prints "FOLDER/FILE  PERCENT  LINES  not run: FIRST-LAST,..." and a line
# per folder; status 1 when a test failed. COVERAGE="package types" shows only these folders.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
: "${BUILD:=$top/build}"
folder=$BUILD/coverage

[ -f "$folder/build.ninja" ] ||
	meson setup "$folder" "$top" -Db_coverage=true -Dtests=enabled -Dbuildtype=debug >/dev/null
ninja -C "$folder" --quiet >/dev/null
find "$folder" -name '*.gcda' -delete
status=0
meson test -C "$folder" --no-rebuild --timeout-multiplier 0 --num-processes 2 --no-suite live >"$folder/tests.log" 2>&1 || {
	status=1
	grep -E 'FAIL|TIMEOUT|ERROR' "$folder/tests.log" >&2
}

# Objects of the library only: one for each source file, whichever tests ran it.
cd "$folder"
find . -path './libecli.a.p/*.gcda' -print0 | xargs -0 gcov --json-format --stdout 2>/dev/null |
	jq -rs --arg only "${COVERAGE:-}" '
	def ranges: reduce .[] as $n ([]; if length > 0 and .[-1][1] == $n - 1 then .[-1][1] = $n else . + [[$n, $n]] end)
		| map(if .[0] == .[1] then "\(.[0])" else "\(.[0])-\(.[1])" end) | join(",");
	def percent: if .lines == 0 then 100 else (.run * 1000 / .lines | floor) / 10 end;
	def row: "\(.name + " " * (34 - (.name | length)))\(percent | tostring | " " * (6 - length) + .) %\(.lines | tostring | " " * (6 - length) + .)";
	[.[].files[] | (.file | capture("src/(?<name>(?<folder>[a-z]+)/.*\\.c)$")) as $at
		| select($only == "" or (($only | split(" ")) | index($at.folder)))
		| {name: $at.name, folder: $at.folder, by: (.lines | group_by(.line_number) | map({line: .[0].line_number, count: (map(.count) | add)}))}
		| . + {lines: (.by | length), run: ([.by[] | select(.count > 0)] | length), left: [.by[] | select(.count == 0).line]}]
	| sort_by(.name) | group_by(.folder)[]
	| (.[] | row + (if .left == [] then "" else "  not run: \(.left | ranges)" end)),
	  ({name: .[0].folder, lines: (map(.lines) | add), run: (map(.run) | add)} | row), ""'
exit $status
