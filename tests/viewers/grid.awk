# SPDX-License-Identifier: MIT
#
# grid.awk -v width=W -v prefix=PATH FOLDED GRID: is what a flame graph shows what the folded stacks say?
#
# FOLDED has lines of `a;b;c WEIGHT` in the order of the graph; below PATH ("kvd;main", or "" for all) they share the width, what lies above
# fills it. GRID has lines `depth x name` of what was seen at points, "-" for nothing. Points next to a border are not judged.
# Prints what differs; ends with the number of points judged, status 1 when one differs or there were too few.

function cut(line) { sub(/ [0-9]+$/, "", line); return line }

# What a frame weighs by itself lies to the right of what it called, while its line comes before theirs: it waits until they are through.
function place(path, weight) { begins[++n] = sum; paths[n] = path; sum += weight; ends[n] = sum }
function end_waiting(path) {
	for (; waiting && index(path, wait_path[waiting] ";") != 1; waiting--)
		place(wait_path[waiting], wait_weight[waiting])
}

FNR == NR {
	weight = $NF
	path = cut($0)
	gsub(/_\[[ikj]\]/, "", path)
	if (prefix == "" || path == prefix || index(path, prefix ";") == 1) {
		end_waiting(path)
		wait_path[++waiting] = path
		wait_weight[waiting] = weight
	}
	next
}
FNR == 1 { end_waiting("") }
{
	depth = $1 + 0
	x = $2 + 0.5
	name = $0
	sub(/^[^ ]+ [^ ]+ /, "", name)
	at = x / width * sum
	near = 2 / width * sum
	judged = 1
	found = "-"
	for (i = 1; i <= n; i++) {
		if (at < begins[i] - near || at >= ends[i] + near)
			continue
		parts = split(paths[i], part, ";")
		here = depth == 0 ? "all" : depth <= parts ? part[depth] : "-"
		if (at >= begins[i] && at < ends[i])
			found = here
		else
			beside[++n_beside] = here
	}
	# Near a border both sides are right only when they are the same.
	for (i = 1; i <= n_beside; i++)
		if (beside[i] != found)
			judged = 0
	n_beside = 0
	if (!judged)
		next
	points++
	if (found != "-")
		boxes++
	if (found != name && ++wrong <= 10)
		printf "at depth %d, %d px: '%s', but the stacks say '%s'\n", depth, x, name, found
}
END {
	printf "%d points, %d in boxes, %d wrong\n", points, boxes, wrong
	exit wrong || boxes < 500
}
