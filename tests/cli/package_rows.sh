#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One test for each row of the tables in docs/formats/package.md that a reader alone decides: a package with that key, right and
# wrong, is read or told. What keys do while a tool runs is in tests/live/packages.sh and network.sh.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1
cat >tool.bpf.c <<'C'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
/// @export
struct event { __u32 pid; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
/// Least size
const volatile __u8 small = 3;
SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(void *ctx)
{
	struct event event = { .pid = small };

	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
C
"$ECC" tool.bpf.c >/dev/null 2>ecc.err || { not_ok package_rows "ecc failed" ecc.err; exit 0; }

# row NAME REGEX JQ-FILTER: the package so changed is read and its help matches
row() {
	if jq -c "$3" package.json >row.json && patiently "$ECLI" run row.json --help >out 2>err && grep -qE -e "$2" out; then
		ok "row-$1"
	else
		not_ok "row-$1" "not read, or the help does not match: $2" out err
	fi
}
# wrong NAME REGEX JQ-FILTER: the package so changed is refused with this sentence
wrong() {
	local code=0
	jq -c "$3" package.json >row.json
	patiently "$ECLI" run row.json --help >out 2>err || code=$?
	if [ "$code" = 1 ] && grep -qE -e "$2" err; then ok "wrong-$1"; else not_ok "wrong-$1" "status $code, or the sentence is not: $2" err; fi
}
var='(.meta.bpf_skel.data_sections[].variables[] | select(.name == "small"))'

row bpf_object_size 'small' 'del(.bpf_object_size)'
row unknown-top-level-key 'small' '.other = 1'
row obj_name 'renamed_bpf' '.meta.bpf_skel.obj_name = "renamed_bpf"'
row doc 'It counts' '.meta.bpf_skel.doc = {"brief":"It counts","details":null}'
row export_types-null 'small' '.meta.export_types = null'
row maps-null 'small' '.meta.bpf_skel.maps = null'
row progs-null 'small' '.meta.bpf_skel.progs = null'
row enable_multiple_export_types 'small' '.meta.enable_multiple_export_types = true'
row poll_timeout_ms 'small' '.meta.poll_timeout_ms = 5'
row perf_buffer_pages 'small' '.meta.perf_buffer_pages = 3'
row perf_buffer_time_ms 'small' '.meta.perf_buffer_time_ms = 10'
row print_header 'small' '.meta.print_header = false'
row debug_verbose 'small' '.meta.debug_verbose = true'
row eunomia_version 'small' '.meta.eunomia_version = "0.3.4"'
row variable-description 'Words of a key' "$var.description = \"Words of a key\""
row variable-cmdarg-long 'other-name' "$var.cmdarg = {\"long\":\"other-name\"}"
row variable-cmdarg-short '-s, --small' "$var.cmdarg = {\"short\":\"s\"}"
row variable-cmdarg-help 'Other words' "$var.cmdarg = {\"help\":\"Other words\"}"
row variable-cmdarg-default '77' "$var.cmdarg = {\"default\":77}"
row variable-value 'small' "$var.value = 9"
row variable-others 'small' "$var.size = 4"
row map-mmaped 'small' '.meta.bpf_skel.maps[0].mmaped = true'
row map-sample 'small' '.meta.bpf_skel.maps[0].sample = {"interval":1000,"type":"linear_hist","unit":"us","clear_map":true}'
row map-export_config 'small' '.meta.bpf_skel.maps[0].export_config = "default"'
row map-intepreter 'small' '.meta.bpf_skel.maps[0].intepreter = "default_struct"'
row prog-link 'small' '.meta.bpf_skel.progs[0].link = false'
row prog-extras 'small' '.meta.bpf_skel.progs[0] += {"ifindex":1,"flags":0,"xdpopts":{"old_prog_fd":0}}'

wrong bpf_object_size 'bpf_object_size' '.bpf_object_size = 1'
wrong meta 'meta must be an object' '.meta = 1'
wrong export_types 'meta\.export_types' '.meta.export_types = 5'
wrong enable_multiple_export_types 'meta\.enable_multiple_export_types must be' '.meta.enable_multiple_export_types = 1'
wrong poll_timeout_ms 'meta\.poll_timeout_ms must be' '.meta.poll_timeout_ms = "x"'
wrong perf_buffer_pages 'meta\.perf_buffer_pages must be' '.meta.perf_buffer_pages = -1'
wrong sample-type 'sample\.type must be default_kv' '.meta.bpf_skel.maps[0].sample = {"interval":1,"type":"cubic"}'
wrong sample-interval 'sample\.interval must be' '.meta.bpf_skel.maps[0].sample = {"interval":-1}'
wrong export_config 'meta\.bpf_skel\.maps\[0\]\.export_config must be "no_export"' '.meta.bpf_skel.maps[0].export_config = "all"'
wrong custom_members 'export_config\.custom_members\[0\] needs a name' '.meta.bpf_skel.maps[0].export_config = {"custom_members":[{"name":"a"}]}'
wrong intepreter 'meta\.bpf_skel\.maps\[0\]\.intepreter must be "default_struct"' '.meta.bpf_skel.maps[0].intepreter = "stack"'
wrong field_map 'intepreter\.stack_trace\.field_map\.pid must be a text' '.meta.bpf_skel.maps[0].intepreter = {"stack_trace":{"field_map":{"pid":1}}}'

# Of a key that is there twice the last one counts.
sed 's/"obj_name":"tool_bpf"/"obj_name":"first_bpf","obj_name":"last_bpf"/' package.json >row.json
if patiently "$ECLI" run row.json --help 2>&1 | grep -q last_bpf; then ok row-duplicate-key; else not_ok row-duplicate-key "the last one does not count"; fi
