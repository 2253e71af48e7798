#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# docs/rights.md with every tool (rights/run.sh). What this kernel cannot run is tried in a guest: tests/vm/guest/42-rights.sh.
source "$(dirname "$0")/../lib.sh"
is_root || { cannot rights "needs root"; exit 0; }
here=$(cd "$(dirname "$0")" && pwd)

chmod 755 "$scratch"
export AS_NOBODY=$scratch/as_nobody
if ! "${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -O1 -o "$AS_NOBODY" "$here/rights/as_nobody.c" 2>"$scratch/cc.out"; then
	not_ok rights "as_nobody.c does not compile" "$scratch/cc.out"
	exit 0
fi
"$AS_NOBODY" bpf,perfmon test -r "$AS_NOBODY" 2>/dev/null || { lacks rights "an ordinary user with capabilities may not enter / here"; exit 0; }
install -m 755 "$ECLI" "$scratch/ecli"
cp -r "$PACKAGES" "$scratch/packages" && chmod -R a+rX "$scratch/packages"
ECLI=$scratch/ecli PACKAGES=$scratch/packages RIGHTS=$top/docs/rights.md TOOLS='' MUST='' HARNESS=$top/tests/lib.sh sh "$here/rights/run.sh"
