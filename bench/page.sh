#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# page.sh RESULTS PAGE: writes what run.sh measured into the page, between "<!-- bench NAME -->" and "<!-- end -->", and the
# plot beside it. The text around the markers is written by people.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
results=$1 page=$2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ecli-page.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

sed 's/^/- /' "$results/machine" >"$scratch/machine"
for part in rendering storms latency wakeups startup ends compile cost symbols profile; do
	awk -f "$here/report.awk" -v part=$part "$results/$part" >"$scratch/$part"
done
awk -v dir="$scratch" '
	/^<!-- end -->$/ { inside = 0 }
	!inside { print }
	/^<!-- bench [a-z]+ -->$/ {
		inside = 1
		file = dir "/" $3
		while ((getline line < file) > 0) print line
	}' "$page" >"$scratch/page"
awk -f "$here/plot.awk" "$results/storms" >"$scratch/plot"
cat "$scratch/page" >"$page"
cat "$scratch/plot" >"${page%.md}.svg"
echo
echo "bench: written into $page"
