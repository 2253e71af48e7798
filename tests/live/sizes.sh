#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records that are not of the size of their type are told, with map, type and sizes, counted, and make --strict fail.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark
build sizes || exit 0

# sent HOW STATUS FILTER [SENTENCE]
sent() {
	start_ecli "$scratch/sizes/package.json" --how "$1" -o json --stats --strict || { not_ok "sizes-$1" "did not become ready" "$err"; return; }
	"$scratch/mark" 5
	stop_ecli
	if [ "$status" = "$2" ] && jq -es "$3" "$rows" >/dev/null && { [ -z "${4-}" ] && ! grep -q 'bytes came' "$err" || grep -qF "$4" "$err"; } &&
		[ "$(grep -c 'bytes came' "$err")" = "$([ -n "${4-}" ] && echo 1 || echo 0)" ]; then
		ok "sizes-$1"
	else
		not_ok "sizes-$1" "status $status" "$rows" "$err"
	fi
}
sent 1 0 'last.malformed == 0 and length > 5 and (.[:-1] | all(.index == 1 and .of == 2))'
sent 2 4 'last.malformed == length - 1 and length > 5 and (.[:-1] | all(.index == 1 and .of == 2))' \
	'map events: a record of 40 bytes came, where its type, struct small, has 8; such records are shown without what is behind it'
sent 3 4 'length == 1 and .[0].malformed > 4 and .[0].events == 0' 'map events: a record of 4 bytes came, where its type, struct small, has 8; such records are left out'
