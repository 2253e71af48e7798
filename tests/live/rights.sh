#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# docs/rights.md: each tool runs for an ordinary user with the capabilities of its row, and with CAP_BPF and CAP_PERFMON alone it runs or names one of the
# others. Of tools that need more only by the alternative that this kernel takes, the row of this kernel counts.
source "$(dirname "$0")/../lib.sh"
is_root || { cannot rights "needs root"; exit 0; }
has setpriv || { cannot rights "needs setpriv"; exit 0; }

chmod 755 "$scratch"
install -m 755 "$ECLI" "$scratch/ecli"
cp -r "$PACKAGES" "$scratch/packages" && chmod -R a+rX "$scratch/packages"
as() { # CAPABILITIES: $nobody becomes the command that runs what follows as nobody with these
	nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps "-all,$1" --ambient-caps "-all,$1" --bounding-set "-all,$1")
}
as +bpf,+perfmon
"${nobody[@]}" test -x "$scratch/ecli" 2>/dev/null || { lacks rights "an ordinary user with capabilities may not enter / here"; exit 0; }

sed -n 's/^| `\([a-z]*\)` | \([a-z_, ]*\) |.*/\1 \2/p' "$top/docs/rights.md" >"$scratch/table"
for folder in "$PACKAGES"/*/; do
	tool=$(basename "$folder")
	grep -q "^$tool " "$scratch/table" || { not_ok "rights-$tool" "has no row in docs/rights.md"; continue; }
	more=$(sed -n "s/^$tool //p" "$scratch/table" | tr -d ' ')
	rights=+bpf,+perfmon
	[ "$more" = none ] || rights=$rights,+${more//,/,+}
	if ! "$ECLI" check "$folder/package.json" >/dev/null 2>&1; then
		lacks "rights-$tool" "this kernel cannot run it"
		continue
	fi
	code=0
	as "$rights"
	"${nobody[@]}" "$scratch/ecli" check "$scratch/packages/$tool/package.json" >"$scratch/out" 2>&1 || code=$?
	[ $code = 0 ] || { not_ok "rights-$tool" "status $code with $rights" "$scratch/out"; continue; }
	start "${nobody[@]}" "$scratch/ecli" run "$scratch/packages/$tool/package.json" ||
		{ not_ok "rights-$tool" "does not run with $rights" "$err"; continue; }
	stop_ecli
	code=0
	as +bpf,+perfmon
	"${nobody[@]}" "$scratch/ecli" run "$scratch/packages/$tool/package.json" --duration 0.1 >/dev/null 2>"$err" || code=$?
	if [ "$more" = none ] || [ $code = 0 ] || { [ $code = 1 ] && grep -q 'CAP_' "$err"; }; then
		ok "rights-$tool"
	else
		not_ok "rights-$tool" "status $code with CAP_BPF and CAP_PERFMON alone, or no right is named" "$err"
	fi
done
