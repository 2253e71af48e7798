#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Packages of every generation and form, end to end: ecc compiles the sources of packages/, jq makes of them what other tools
# and older versions wrote, and each must show the right values of a known workload.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")/packages" && pwd)
source "$here/../run.inc"
need_mark
build several several.h && build hist hist.h || exit 0
several=$scratch/several/package.json

# over NAME N JQ-FILTER ARGS: run ecli with ARGS over N marks; the filter over all rows must say true.
over() {
	local name=$1 count=$2 filter=$3
	shift 3
	start_ecli "$@" -o json || { not_ok "$name" "did not become ready" "$err"; return; }
	"$scratch/mark" "$count"
	stop_ecli
	check_rows "$name" "$filter"
}
of() { printf '([.[] | select(.map == "%s") | del(.map, .time)])' "$1"; }
id() { jq --arg name "$1" '.meta.export_types[] | select(.name == $name) | .type_id' "$several"; }

# ---- several buffers, several types
mixed="$(of mixed) == [range(20) | if . % 2 == 1 then {index: ., twice: (. * 2)} else {index: .} end]"
over several-types-by-size 20 "$mixed" "$several"
over several-buffers 20 "length == 60 and $(of perfs) == [range(20) | {index: ., twice: (. * 2)}]" "$several"
# 128 bits do not fit a JSON number: texts, the high half counted in.
over wide-integers 3 "$(of wide) | map([.index, .negative]) == [[\"5\", \"-1\"], [\"18446744073709551621\", \"-1\"], [\"36893488147419103237\", \"-1\"]]" "$several"
over dummy-variables-are-ignored 2 'length == 6' "$several" --offset 3
if "$ECLI" run "$several" --help | grep -q eunomia; then not_ok dummy-is-no-option "--help shows it"; else ok dummy-is-no-option; fi

# A perf buffer's first type is decided by its padded size, whatever comes first in the list.
jq -c '.meta.export_types |= reverse' "$several" >"$scratch/reverse.json"
over several-types-in-any-order 20 "$mixed and ($(of perfs) | all(.twice == .index * 2))" "$scratch/reverse.json"

# ---- enable_multiple_export_types and export_config
multiple() { jq -c --argjson small "$(id small)" --argjson middle "$(id middle)" \
	".meta.enable_multiple_export_types = true | .meta.export_types = [] | $1" "$several" >"$scratch/multiple.json"; }
set_map() { printf '(.meta.bpf_skel.maps[] | select(.ident == "%s") | .export_config) = %s' "$1" "$2"; }
jq -c '.meta.enable_multiple_export_types = true' "$several" >"$scratch/multiple.json"
over multiple-without-config 20 "$mixed" "$scratch/multiple.json"
multiple "$(set_map mixed '"no_export"') | $(set_map wide '"no_export"') | $(set_map perfs '{btf_type_id: $middle}')"
over multiple-btf-type-id 5 '[.[] | del(.time)] == [range(5) | {index: ., twice: (. * 2)}]' "$scratch/multiple.json"
multiple "$(set_map mixed '"no_export"') | $(set_map wide '{custom_members: [{name: "top", offset: 8, btf_type_id: $small}, {name: "low", offset: 0, btf_type_id: $small}]}') | $(set_map perfs '"no_export"')"
over multiple-custom-members 3 '[.[] | del(.time)] == [range(3) | {low: {index: 5}, top: {index: .}}]' "$scratch/multiple.json"
multiple "$(set_map mixed '"no_export"') | $(set_map wide '{custom_members: [{name: "a", offset: 0, btf_type_id: $middle}, {name: "b", offset: 4, btf_type_id: $small}]}')"
patiently "$ECLI" run "$scratch/multiple.json" >/dev/null 2>"$err"
if grep -q 'custom_members of map wide cannot be shown: member b at byte 4 overlaps with member a' "$err"; then ok multiple-overlap; else not_ok multiple-overlap "no sentence" "$err"; fi

# ---- a sampled histogram is shown as the key and value that it is
over sampled-hist 100 '[.[] | select(.key == 4294967295)] | length >= 1 and
	(last | .slots == [2, 2, 4, 8, 16, 32, 36, 0] and .comm == "mark")' "$scratch/hist/package.json"

# ---- a value of each plain kind, three of them by name; the 64-bit ones digit by digit, since jq keeps only a double's
build values values.h || exit 0
over values 4 'map(.e) == ["E_A", "E_B", "E_C", 77] and all(.arr1[1][2] == [66048, 66049, 66050, 66051] and .arr1[0][1][3] == 259 and
	.str == "A-String" and .str_arr == [range(10) | "hello \(.)"] and .ft == 1.23 and .dbl == 4.56 and
	[.u8v, .i8v, .u16v, .i16v, .u32v, .i32v] == [18, -18, 4660, -4660, 305419896, -305419896])' "$scratch/values/package.json"
if [ "$(grep -c '"u64v":1311768467463790320,"i64v":-1311768467463790320,' "$rows")" = 4 ]; then ok values-of-64-bits; else not_ok values-of-64-bits "digits are missing" "$rows"; fi

# ---- processes that begin and end
build bootstrap bootstrap.h || exit 0
bootstrap() { # NAME FILTER ARGS
	local name=$1 filter=$2
	shift 2
	start_ecli "$@" -o json || { not_ok "$name" "did not become ready" "$err"; return; }
	(exec bash -c 'exit 3')
	read -r begin _ </proc/uptime
	(exec sleep 0.3)
	read -r end _ </proc/uptime
	stop_ecli
	check_rows "$name" "$BASHPID as \$me | ($end - $begin + 0.01) as \$most_s | [.[] | select(.ppid == \$me)] | $filter"
}
bootstrap bootstrap '[.[] | select(.comm == "bash" and (.exit_code == 3 or (.filename | endswith("/bash"))))] as [$b, $e] |
	$b.exit_event == false and $b.duration_ns == 0 and $e.exit_event == true and $e.exit_code == 3 and $e.duration_ns > 0 and $e.pid == $b.pid and
	any(.comm == "sleep" and .duration_ns > 300000000 and .duration_ns < $most_s * 1000000000)' "$scratch/bootstrap/package.json"
# 250 ms: bash had no reason to live so long.
bootstrap bootstrap-option 'all(.exit_event and .duration_ns >= 250000000) and map(.comm) - ["bash"] == ["sleep"]' "$scratch/bootstrap/package.json" --min_duration_ns 0xee6b280

# ---- perf_buffer_pages: what is mapped of the perf buffer, the largest of its kind, is at least that many pages, rounded up to a power of two, and one for its head
jq -c '.meta.perf_buffer_pages = 400 | .meta.poll_timeout_ms = 5' "$several" >"$scratch/pages.json"
start_ecli "$scratch/pages.json" -o json
mapped=$(sed -nE 's/^([0-9a-f]+)-([0-9a-f]+) .*perf_event.*/$((0x\2 - 0x\1))/p' "/proc/$ecli_pid/maps" | sort -u | while read -r sum; do eval "echo $sum"; done | sort -n | tail -n 1)
stop_ecli
if [ "$mapped" = $((513 * $(getconf PAGESIZE))) ]; then ok perf-buffer-pages; else not_ok perf-buffer-pages "mapped: $mapped"; fi

# ---- other forms of the same package
object=$scratch/several.bpf.o
jq -r .bpf_object "$several" | base64 -d | tail -c +3 | cat <(printf '\x1f\x8b\x08\0\0\0\0\0\0\0') - | gzip -dc >"$object" 2>/dev/null
if [ "$(stat -c %s "$object")" != "$(jq .bpf_object_size "$several")" ]; then
	not_ok forms "the object could not be taken out of the package"
	exit 0
fi
jq -c .meta "$several" >"$scratch/several.skel.json"
over skeleton-and-object 20 "$mixed" "$scratch/several.skel.json"
jq -c --rawfile data <(base64 "$object") '{name: "several", version: "0.2.0", data: $data, data_sz: .bpf_object_size,
	maps: [{name: "wide", type: "BPF_MAP_TYPE_RINGBUF", export_data_types: [{"Struct Name": "wide", Size: 384, Fields: []}]},
		{name: "mixed", type: "BPF_MAP_TYPE_RINGBUF", export_data_types: [{"Struct Name": "small", Size: 32, Fields: []}, {"Struct Name": "middle", Size: 64, Fields: []}]}],
	progs: [{name: "enter"}]}' "$several" >"$scratch/old.json"
over package-of-2022 20 "$mixed" "$scratch/old.json"

# ---- an archive with BTF of this kernel, with and without the kernel's own
release=$(uname -r) arch=$(uname -m)
folder=$scratch/tar/btfhub-archive/debian/12/$arch
mkdir -p "$folder"
cp "$several" "$scratch/tar/package.json"
cp "$object" "$scratch/tar/several"
cp /sys/kernel/btf/vmlinux "$folder/$release.btf"
tar -C "$scratch/tar" -cf "$scratch/several.tar" package.json several btfhub-archive
over archive 20 "$mixed" -v "$scratch/several.tar"
if grep -q 'not needed, this kernel has type information of its own' "$err"; then ok archive-not-needed; else not_ok archive-not-needed "-v does not say so" "$err"; fi
hidden_btf() { # becomes its words, where /sys/kernel/btf is empty
	exec unshare --mount --propagation private sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh "$@"
}
without_btf() { (hidden_btf "$@"); }
if without_btf true 2>/dev/null; then
	start hidden_btf "$ECLI" run -v -o json "$scratch/several.tar"
	"$scratch/mark" 20
	stop_ecli
	if grep -q "/$release.btf: taken as this kernel's type information" "$err"; then
		check_rows archive-btf-is-used "$mixed"
	else
		not_ok archive-btf-is-used "-v does not say so" "$err"
	fi
	# Only the file is hidden; a loader program would ask the kernel itself, which still knows.
	code=0
	without_btf "$ECLI" run --loader libbpf "$several" >/dev/null 2>"$err" || code=$?
	if [ "$code" = 3 ] && grep -q BTF "$err"; then ok no-btf-at-all; else not_ok no-btf-at-all "status $code, or the sentence does not name BTF" "$err"; fi
else
	cannot archive-btf-is-used "cannot hide /sys/kernel/btf in a mount namespace"
fi

# ---- stack traces: a system call's kernel stack ends in its entry, and the person may read them as text
build stacks stacks.h || exit 0
over stack-trace 5 'length == 5 and all(.comm == "mark" and .tgid > 1 and (.kstack | length) == (.kstack_sz / 8) and
	(.kstack | length) > 0 and (.kstack[0] | startswith("0x")) and (.ustack | length) == (.ustack_sz / 8) and
	(.kstack_symbols | length) == (.kstack | length) and any(.kstack_symbols[]; test("^[a-zA-Z0-9_.]+\\+0x[0-9a-f]+$")))' \
	"$scratch/stacks/package.json"
start_ecli "$scratch/stacks/package.json"
"$scratch/mark" 1
stop_ecli
if grep -qE '^[0-9]{2}:[0-9]{2}:[0-9]{2} COMM: mark \(pid=[0-9]+\) @ CPU [0-9]+$' "$rows" && grep -qx 'Kernel:' "$rows" && grep -qx 'Userspace:' "$rows" &&
	grep -qE '^  0 \[<[0-9a-f]{16}>\] [a-zA-Z0-9_.]+\+0x[0-9a-f]+$' "$rows"; then
	ok stack-trace-text
else
	not_ok stack-trace-text "not the form of docs/formats/package.md" "$rows" "$err"
fi
# Records that show nothing are none of those that -n asks for.
start_ecli "$scratch/stacks/package.json" --empty_odd -n 3
"$scratch/mark" 5
end_ecli || not_ok stack-trace-count-ends "three stacks did not end it" "$err"
if [ "$(grep -c ' COMM: mark ' "$rows")" = 3 ]; then ok stack-trace-count; else not_ok stack-trace-count "not three stacks" "$rows"; fi
jq -c '(.meta.bpf_skel.maps[] | select(.ident == "events") | .intepreter) = {stack_trace: {}}' "$scratch/stacks/package.json" >"$scratch/no-field.json"
patiently "$ECLI" run "$scratch/no-field.json" >/dev/null 2>"$err"
if grep -q 'map events: a stack trace needs a member pid that is a number' "$err"; then ok stack-trace-field; else not_ok stack-trace-field "no sentence" "$err"; fi
