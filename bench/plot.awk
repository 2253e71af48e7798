# SPDX-License-Identifier: MIT
# The plot of docs/performance.md, an SVG: rows delivered over records offered, both on a logarithmic scale, from run.sh's storms.
# On the diagonal everything arrives. Colours and lines differ, and the background is its own, so it reads on light and on dark.
BEGIN {
	FS = "\t"
	left = 64; top = 24; size = 400; low = 0.03; high = 40
	n_readers = split("table json table-perf stdio-ring stdio-perf bpftrace", readers, " ")
	split("ecli, table|ecli, JSON|ecli, table, perf buffer|libbpf and stdio|libbpf and stdio, perf buffer|bpftrace", names, "|")
	split("#2a78d6 #0a9c8d #7a5fd0 #d9822b #b8860b #d64550", colours, " ")
	split("none|6 3|2 3|none|6 3|none", dashes, "|")
	n_rates = split("100k 1M 3M 6M 0", rates, " ")
}
{ key = $2 SUBSEP $1; n[key]++; offered[key] += $4; delivered[key] += $4 * $6 / $5 }
function scale(value) { return size * log(value / low) / log(high / low) }
function x(value) { return sprintf("%.1f", left + scale(value)) }
function y(value) { return sprintf("%.1f", top + size - scale(value)) }
END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 %d\" font-family=\"sans-serif\" font-size=\"13\">\n", top + size + 56
	print "<style>.back{fill:#fff}.ink{fill:#333}.grid{stroke:#ddd}.all{stroke:#999}"
	print "@media (prefers-color-scheme:dark){.back{fill:#15181d}.ink{fill:#ccc}.grid{stroke:#333}.all{stroke:#777}}</style>"
	print "<rect class=\"back\" width=\"100%\" height=\"100%\"/>"
	n_marks = split("0.1 1 3 6 20", marks, " ")
	for (i = 1; i <= n_marks; i++) {
		v = marks[i]
		printf "<path class=\"grid\" d=\"M%s %dV%dM%d %sH%d\"/>", x(v), top, top + size, left, y(v), left + size
		printf "<text class=\"ink\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>", x(v), top + size + 18, v
		printf "<text class=\"ink\" x=\"%d\" y=\"%s\" text-anchor=\"end\" dy=\"4\">%s</text>\n", left - 8, y(v), v
	}
	printf "<path class=\"all\" stroke-dasharray=\"1 4\" d=\"M%s %sL%s %s\"/>\n", x(low), y(low), x(high), y(high)
	printf "<text class=\"ink\" transform=\"translate(%s %s) rotate(-45)\" text-anchor=\"middle\" dy=\"-6\">everything arrives</text>\n", x(12), y(12)
	printf "<text class=\"ink\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">records offered, millions a second</text>\n", left + size / 2, top + size + 42
	printf "<text class=\"ink\" transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">rows delivered, millions a second</text>\n", top + size / 2
	for (i = 1; i <= n_readers; i++) {
		path = dots = ""
		for (j = 1; j <= n_rates; j++) {
			key = readers[i] SUBSEP rates[j]
			if (!n[key] || delivered[key] / n[key] < low)
				continue
			px = x(offered[key] / n[key]); py = y(delivered[key] / n[key])
			path = path (path == "" ? "M" : "L") px " " py
			dots = dots sprintf("<circle cx=\"%s\" cy=\"%s\" r=\"3.5\" fill=\"%s\"/>", px, py, colours[i])
		}
		if (path == "")
			continue
		printf "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" d=\"%s\"/>%s\n", colours[i], dashes[i], path, dots
		line++
		printf "<path stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" d=\"M%d %dh28\"/>", colours[i], dashes[i], left + size + 24, top + 12 + 24 * line
		printf "<text class=\"ink\" x=\"%d\" y=\"%d\">%s</text>\n", left + size + 60, top + 16 + 24 * line, names[i]
	}
	print "</svg>"
}
