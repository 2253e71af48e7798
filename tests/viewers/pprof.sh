#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A pprof file, read by programs that know nothing of ecli: protoc with the public description, stack by stack against what went in, and
# `go tool pprof` where there is one.
source "$TOP/tests/lib.sh"
here=$TOP/tests/viewers

if ! has protoc; then
	cannot "a pprof file is what went in, as protoc reads it" "protoc is not installed"
	exit 0
fi
profile=$BUILD/tests/viewers/profile

"$profile" pprof <"$here/stacks.txt" >"$scratch/made.pb.gz"
gzip -dc "$scratch/made.pb.gz" | protoc --proto_path="$here" --decode=profile.Profile "$here/profile.proto" >"$scratch/read.txt"
awk -f "$here/samples.awk" "$scratch/read.txt" | sort >"$scratch/read"
# The same lines from the text that went in. Unknown code has the name of its module, "[libc.so.6]".
awk -F '\t' '
	/^#/ { next }
	{
		line = $2
		for (i = 3; i <= NF; i++) {
			split($i, f, "|")
			if (f[2] == "") { n = split(f[3], path, "/"); f[2] = f[3] == "" ? "[unknown]" : "[" path[n] "]" }
			line = line "\t" (f[1] == "i" ? "i " : "") f[2] "|" f[4] "|" f[5] + 0
		}
		sum[line] += $1
	}
	END { for (line in sum) printf "%s\t%.0f\n", line, sum[line] }' "$here/stacks.txt" | sort >"$scratch/wanted"
check "a pprof file is what went in, as protoc reads it ($(wc -l <"$scratch/wanted") stacks)" diff "$scratch/wanted" "$scratch/read"

heads() { grep -A 3 -E '^(sample_type|period_type) ' "$scratch/read.txt" | grep -c -E 'type: 1|unit: 2'; }
check "it says what its values are, and when" bash -c '
	[ "$2" = 4 ] && grep -qx "period: 10101010" "$1" && grep -qx "time_nanos: 1700000000000000000" "$1" &&
		grep -qx "duration_nanos: 10000000000" "$1" && [ "$(grep ^string_table: "$1" | sed -n 1,3p | tr -d "\n")" = \
		"string_table: \"\"string_table: \"cpu\"string_table: \"nanoseconds\"" ]' - "$scratch/read.txt" "$(heads)"
check "its modules are its mappings" bash -c '
	[ "$(cut -f 3- "$2" | tr "\t" "\n" | grep "|" | cut -d "|" -f 3 | grep . | sort -u | wc -l)" = "$(grep -c "^mapping {" "$1")" ]' \
	- "$scratch/read.txt" "$here/stacks.txt"

if has go; then
	go tool pprof -top -unit=ns "$scratch/made.pb.gz" >"$scratch/top" 2>&1
	total=$(awk -F '\t' '!/^#/ { sum += $1 } END { printf "%.0f", sum }' "$here/stacks.txt")
	check "go tool pprof gives the same total" grep -q "of ${total}ns total" "$scratch/top"
	check "go tool pprof knows what was inlined" grep -qE '520000000ns .* ZSTD_hashPtr \(inline\)' "$scratch/top"
fi
