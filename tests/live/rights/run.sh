# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# docs/rights.md: each tool runs for an ordinary user with the capabilities of its row, and with CAP_BPF and CAP_PERFMON alone it runs or names one of the
# others. Of tools that need more only by the alternative that this kernel takes, the row of this kernel counts. Run by ../rights.sh and in guests:
#
#     AS_NOBODY, ECLI, PACKAGES   may be read by everybody
#     RIGHTS                      docs/rights.md
#     TOOLS                       which; empty: all
#     MUST                        1: this kernel can run them
. "${HARNESS:-$(dirname "$0")/../../lib.sh}"

sed -n 's/^| `\([a-z]*\)` | \([a-z_, ]*\) |.*/\1 \2/p' "$RIGHTS" >"$scratch/table"
[ -n "$TOOLS" ] || TOOLS=$(ls "$PACKAGES")
for tool in $TOOLS; do
	package=$PACKAGES/$tool/package.json
	grep -q "^$tool " "$scratch/table" || { not_ok "rights-$tool" "has no row in docs/rights.md"; continue; }
	more=$(sed -n "s/^$tool //p" "$scratch/table" | tr -d ' ')
	rights=bpf,perfmon
	[ "$more" = none ] || rights=$rights,$more
	if ! "$ECLI" check "$package" >"$scratch/out" 2>&1; then
		[ -n "$MUST" ] && not_ok "rights-$tool" "cannot run here as root" "$scratch/out" || lacks "rights-$tool" "this kernel cannot run it"
		continue
	fi
	code=0
	"$AS_NOBODY" "$rights" "$ECLI" check "$package" >"$scratch/out" 2>&1 || code=$?
	[ $code = 0 ] || { not_ok "rights-$tool" "status $code with $rights" "$scratch/out"; continue; }
	start "$AS_NOBODY" "$rights" "$ECLI" run "$package" ||
		{ not_ok "rights-$tool" "does not run with $rights" "$err"; continue; }
	stop_ecli
	code=0
	"$AS_NOBODY" bpf,perfmon "$ECLI" run "$package" --duration 0.1 >/dev/null 2>"$err" || code=$?
	if [ "$more" = none ] || [ $code = 0 ] || { [ $code = 1 ] && grep -q 'CAP_' "$err"; }; then
		ok "rights-$tool"
	else
		not_ok "rights-$tool" "status $code with CAP_BPF and CAP_PERFMON alone, or no right is named" "$err"
	fi
done
