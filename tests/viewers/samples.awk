# SPDX-License-Identifier: MIT
#
# What protoc says of a profile -> a line a sample: PROCESS, frames from the outermost as FUNCTION|FILE|LINE, the value; tabs between.
# Frames that a location has beyond its last line were inlined there: they get "i " before the name.

function text(s) { sub(/^[^"]*"/, "", s); sub(/"$/, "", s); gsub(/\\'/, "'", s); gsub(/\\"/, "\"", s); return s }

/^string_table:/ { string[n_strings++] = text($0); next }
/^[a-z_]+ \{$/ { depth = 1; top = $1; split("", field); lines = n_locations = n_values = key = str = 0; next }
/^  [a-z_]+ \{$/ { depth = 2; part = $1; split("", sub_field); next }
/^  \}$/ {
	if (top == "location" && part == "line")
		line_of[++lines] = sub_field["function_id"] "\t" (sub_field["line"] + 0)
	if (top == "sample" && part == "label") { key = sub_field["key"]; str = sub_field["str"] }
	depth = 1
	next
}
/^\}$/ {
	if (top == "function") { name[field["id"]] = field["name"]; file[field["id"]] = field["filename"] + 0 }
	if (top == "location") {
		id = field["id"]
		count[id] = lines
		for (i = 1; i <= lines; i++)
			frame[id, i] = line_of[i]
	}
	if (top == "sample") {
		samples++
		label[samples] = string_of_label()
		locations[samples] = list
		value[samples] = field["value"]
	}
	list = ""
	depth = 0
	next
}
depth == 2 { sub(/:$/, "", $1); sub_field[$1] = $2; next }
depth == 1 { sub(/:$/, "", $1); if ($1 == "location_id") list = list " " $2; else field[$1] = $2; next }

function string_of_label() { return key "," str }

END {
	for (s = 1; s <= samples; s++) {
		split(label[s], part_of, ",")
		if (part_of[1] && string[part_of[1]] != "process") { print "the label is " string[part_of[1]]; exit 1 }
		out = part_of[1] ? string[part_of[2]] : ""
		n = split(locations[s], id_of, " ")
		for (l = n; l >= 1; l--)
			for (i = count[id_of[l]]; i >= 1; i--) {
				split(frame[id_of[l], i], f, "\t")
				out = out "\t" (i < count[id_of[l]] ? "i " : "") string[name[f[1]]] "|" string[file[f[1]]] "|" f[2]
			}
		print out "\t" value[s]
	}
}
