#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Process names that try to break the output: JSON stays JSON, a terminal sees no control character.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
cc -O1 -o "$scratch/hostile" "$here/hostile.c"
build raw_tp || exit 0
package=$scratch/raw_tp/package.json

start_ecli "$package" -o json
"$scratch/hostile"
stop_ecli
bad=0
while IFS= read -r line; do
	printf '%s\n' "$line" | jq -e . >/dev/null 2>&1 || bad=$((bad + 1))
done <"$rows"
if [ "$bad" = 0 ] && [ "$(wc -l <"$rows")" = 15 ]; then
	ok hostile-json-parses
else
	not_ok hostile-json-parses "$bad lines do not parse; $(wc -l <"$rows") lines instead of 15" "$rows"
fi
check_rows hostile-json-values '.[0].comm == "a\nb\r\tc" and .[1].comm == "\"quoted\\\"" and .[2].comm == "\u001b[31mred\u001b[0m" and
	.[3].comm == "\ufffd\ufffd\ufffd(" and .[10].comm == "" and .[14].comm == "测试" and .[7].comm == "{\"ecli\":\"lost\"}"'

for format in table plain; do
	start_ecli "$package" -o $format
	"$scratch/hostile"
	stop_ecli
	if LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|[\xf8-\xff]' "$rows"; then
		not_ok "hostile-$format" "a control character or an invalid byte reached the output" "$rows"
	elif [ "$(wc -l <"$rows")" != 16 ]; then
		not_ok "hostile-$format" "$(wc -l <"$rows") lines instead of 16" "$rows"
	else
		ok "hostile-$format"
	fi
done
