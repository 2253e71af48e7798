# SPDX-License-Identifier: MIT
# What the public loader's readers require of a package.json: which keys must be there, of which type, in which range. They keep
# what they do not know, so more keys are fine; a wrong type is an error that ends the run. Usage: jq -r -f strict.jq package.json
# prints one line a mistake, nothing when there is none. docs/formats/package.md, 1.1.

def text: type == "string";
def list: type == "array";
def object: type == "object";
def whole($max): type == "number" and . == floor and . >= 0 and . <= $max;
def u32: whole(4294967295);
def u64: whole(9007199254740991);
def boolean: type == "boolean";

# need "place" "key" (test): there and right; may: right when there.
def need($at; $key; test): if has($key) | not then "\($at): no \($key)" elif .[$key] | test then empty else "\($at): \($key) is \(.[$key] | tojson)" end;
def may($at; $key; test): if has($key) then need($at; $key; test) else empty end;
def items($at; $key): (.[$key] // [] | to_entries[]) as $e | {at: "\($at).\($key)[\($e.key)]", v: $e.value}
	| if .v | object then . else "\(.at) is no object" end;
# each place in turn: the mistakes of the items of a list
def each(check): if type == "string" then . else check end;

def cmdarg($at): may($at; "long"; text), may($at; "short"; text and length == 1), may($at; "help"; text);
def variable($at): need($at; "name"; text), need($at; "type"; text), may($at; "description"; text),
	may($at; "cmdarg"; object), (.cmdarg // {} | if object then cmdarg($at + ".cmdarg") else empty end);
def section($at): need($at; "name"; text), need($at; "variables"; list), (items($at; "variables") | each(.at as $here | .v | variable($here)));
def sample($at): need($at; "interval"; u64), may($at; "type"; IN("log2_hist", "linear_hist", "default_kv")), may($at; "unit"; text),
	may($at; "clear_map"; boolean);
def custom($at): need($at; "name"; text), need($at; "offset"; u64), need($at; "btf_type_id"; u32);
def export_config($at): if IN("no_export", "default") then empty
	elif object and keys == ["btf_type_id"] then need($at; "btf_type_id"; u32)
	elif object and keys == ["custom_members"] then need($at; "custom_members"; list), (items($at; "custom_members") | each(.at as $here | .v | custom($here)))
	else "\($at).export_config is \(tojson)" end;
def interpreter($at): if . == "default_struct" then empty
	elif object and keys == ["stack_trace"] and (.stack_trace | object) then .stack_trace | may($at; "field_map"; object), may($at; "with_symbols"; boolean)
	else "\($at).intepreter is \(tojson)" end;
def map($at): need($at; "name"; text), need($at; "ident"; text), may($at; "mmaped"; boolean),
	may($at; "sample"; object), (.sample | if object then sample($at + ".sample") else empty end),
	(if has("export_config") then .export_config | export_config($at) else empty end),
	(if has("intepreter") then .intepreter | interpreter($at) else empty end);
def hook($at): may($at; "ifindex"; whole(2147483647)), may($at; "attach_point"; IN("BPF_TC_INGRESS", "BPF_TC_EGRESS", "BPF_TC_CUSTOM"));
def prog($at): need($at; "name"; text), need($at; "attach"; text), need($at; "link"; boolean),
	(if .attach == "tc" then may($at; "tchook"; object), (.tchook // {} | hook($at)), may($at; "tcopts"; object),
		(.tcopts // {} | may($at; "handle"; u32), may($at; "priority"; u32)) else empty end),
	(if .attach == "xdp" then may($at; "ifindex"; whole(2147483647)), may($at; "flags"; u32), may($at; "xdpopts"; object) else empty end);
def member($at): need($at; "name"; text), need($at; "type"; text);
def exported($at): need($at; "name"; text), need($at; "members"; list), need($at; "size"; u32), need($at; "type_id"; u32 and . > 0),
	(items($at; "members") | each(.at as $here | .v | member($here)));
def doc($at): ("version", "brief", "details", "description") as $key | may($at; $key; text);
def skel($at): need($at; "obj_name"; text), may($at; "doc"; object), (.doc // {} | doc($at + ".doc")),
	need($at; "data_sections"; list), (items($at; "data_sections") | each(.at as $here | .v | section($here))),
	need($at; "maps"; list), (items($at; "maps") | each(.at as $here | .v | map($here))),
	need($at; "progs"; . == null or list), (items($at; "progs") | each(.at as $here | .v | prog($here)));
def meta($at): need($at; "bpf_skel"; object), (.bpf_skel | skel($at + ".bpf_skel")),
	need($at; "export_types"; list), (items($at; "export_types") | each(.at as $here | .v | exported($here))),
	may($at; "poll_timeout_ms"; u64), may($at; "perf_buffer_pages"; u64), may($at; "enable_multiple_export_types"; boolean);

# A skeleton is the value of meta alone.
if has("bpf_skel") then meta("meta")
else
	need("package"; "bpf_object"; text and length % 4 == 0 and test("^[A-Za-z0-9+/]+={0,2}$") and startswith("eN")),
	need("package"; "bpf_object_size"; u64 and . > 0),
	need("package"; "meta"; object), (.meta | meta("meta")),
	(if keys != ["bpf_object", "bpf_object_size", "meta"] then "package: keys are \(keys | tojson)" else empty end)
end
