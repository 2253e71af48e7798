#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every --help: on stdout, status 0, not wider than 80 columns (UTF-8 counted as characters), nothing on stderr; -h is --help.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1

help_of() { # NAME COMMAND...
	local name=$1 code=0
	shift
	"$@" --help >out 2>err || code=$?
	"$@" -h >short 2>&1 || code=$?
	if [ $code != 0 ] || [ -s err ] || ! [ -s out ]; then not_ok "help-$name" "status $code" err out
	elif ! cmp -s out short; then not_ok "help-$name" "-h and --help differ" short
	elif awk 'length($0) > 80 { exit 1 }' out; then ok "help-$name"
	else not_ok "help-$name" "wider than 80 columns" out; fi
}
help_of ecc "$ECC"
help_of ecli "$ECLI"
help_of ecli-run "$ECLI" run
help_of ecli-inspect "$ECLI" inspect
help_of ecli-check "$ECLI" check
help_of ecli-list "$ECLI" list
help_of ecli-clean "$ECLI" clean
for command in run inspect check list clean; do
	"$ECLI" help $command >out 2>err && "$ECLI" $command --help | cmp -s - out && ok "help-$command" || not_ok "help-$command" "not what $command --help says" out err
done
for tool in runqslower exitsnoop unlinksnoop; do
	help_of "$tool" "$ECLI" run $tool
done
for program in "$ECC" "$ECLI"; do
	name=$(basename "$program")
	if "$program" --version >out 2>err && grep -qE "^$name [0-9]+\.[0-9]+\.[0-9]+$" out && ! [ -s err ]; then ok "version-$name"
	else not_ok "version-$name" "wrong form" out err; fi
done

"$ECLI" run runqslower --help >out 2>err
grep -qE -- '--min_us TIME' out && grep -q '(default 0)' out && grep -q -- --targ_pid out && grep -q -- --targ_tgid out && ok help-tool-options ||
	not_ok help-tool-options "the options of runqslower are not all there" out
"$ECLI" list >out 2>err
[ "$(grep -cE '^(runqslower|exitsnoop|unlinksnoop) +[A-Za-z]' out)" = 3 ] && ok list || not_ok list "a tool or its description is missing" out err
cp "$(dirname "$ECLI")/tools/runqslower/package.json" . 2>/dev/null || cp "$PACKAGES/runqslower/package.json" .
"$ECLI" run - --help <package.json >out 2>err && grep -q -- --min_us out && ok stdin-package || not_ok stdin-package "a package on stdin" out err
