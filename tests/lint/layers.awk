# SPDX-License-Identifier: MIT
# awk -f layers.awk layers.txt FILE...: checks the #include lines of sources named by their path from the top of the tree.
# Prints `file:line: what is wrong` and ends with status 1 when there was something.

function complain(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }

function may(from, to) { return from == to || index(" " allowed[from] " ", " " to " ") > 0 }

# layers.txt
NR == FNR {
	if (/^[<a-z]/) {
		name = $1
		sub(/:$/, "", name)
		folders = $0
		sub(/^[^:]*:[ \t]*/, "", folders)
		if (name ~ /^</)
			library[name] = folders
		else
			allowed[name] = folders
	}
	next
}

# Which folder the file is in: a module of src/, or the module whose public header it is, or "cli/FOLDER".
FNR == 1 {
	n = split(FILENAME, part, "/")
	place = part[1]
	if (place == "src")
		module = part[2]
	else if (place == "include") {
		module = part[n]
		sub(/\.h$/, "", module)
	} else
		module = n > 2 ? "cli/" part[2] : "cli"
	if (place == "src" && !(module in allowed))
		complain("src/" module " has no line in tests/lint/layers.txt")
}

!/^[ \t]*#[ \t]*include/ { next }

{
	header = $0
	sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
	sub(/[ \t]*(\/\*.*|\/\/.*)?$/, "", header)
	for (prefix in library)
		if (index(header, prefix) == 1 && !(place != "include" && index(" " library[prefix] " ", " " module " ")))
			complain(header " may be included only by: " library[prefix])
}

header ~ /^<ecli\// && place != "cli" {
	target = header
	gsub(/^<ecli\/|\.h>$/, "", target)
	if (target == "ecli")
		if (FILENAME != "include/ecli/ecli.h")
			complain("<ecli/ecli.h> is for programs that use the library")
		else
			next
	else if (FILENAME != "include/ecli/ecli.h" && !may(module, target))
		complain(module " may not include " target " (" header ")")
}

header ~ /^"/ {
	target = header
	gsub(/"/, "", target)
	if (place == "include")
		complain("a public header includes only public headers: " header)
	else if (place == "cli") {
		split(target, step, "/")
		if (step[1] != ".." ? target ~ /\// && step[1] !~ /^(common|ecc|ecli|view)$/ : step[2] !~ /^(common|ecc|ecli|view)$/)
			complain("cli includes <ecli/...> and its own headers only: " header)
	} else if (target ~ /^\.\.?\//)
		complain("write the path from src/: " header)
	else if (split(target, step, "/") > 1 && !may(module, step[1]))
		complain(module " may not include " step[1] " (" header ")")
}

END { exit bad }
