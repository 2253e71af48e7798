#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A bare word is the name of an installed tool. A file of that name in the current folder, a folder of tools beside a copied ecli, and folders that
# others can write choose nothing.
source "$TOP/tests/lib.sh"

mkdir "$scratch/here" "$scratch/good" "$scratch/X" "$scratch/X/bin"
chmod 755 "$scratch"
evil() { mkdir -p "$1" && sed 's/"brief": *"[^"]*"/"brief":"EVIL"/' "$PACKAGES/execsnoop/package.json" >"$1/package.json"; }
brief() { # what `ecli list` says of execsnoop
	ECLI_PACKAGES=${list:-} "${ecli:-$ECLI}" list 2>"$err" | grep '^execsnoop '
}
evil "$scratch/evil"
cmp -s "$scratch/evil/package.json" "$PACKAGES/execsnoop/package.json" && not_ok sample "the evil package is the good one"

# What a word means where such a file lies.
cd "$scratch/here" || exit 1
cp "$scratch/evil/package.json" execsnoop
cp "$scratch/evil/package.json" mytool
cp "$scratch/evil/package.json" evil.json
mkfifo profile
inspects() { patiently env ECLI_PACKAGES="$PACKAGES" "$ECLI" inspect "$@" </dev/null >"$rows" 2>"$err"; }
is_good() { inspects "$1" && ! grep -q EVIL "$rows" && grep -q "^$1" "$rows"; }
is_evil() { inspects "$1" && grep -q EVIL "$rows"; }
check "a file with a tool's name" is_good execsnoop
check "a FIFO with a tool's name" is_good profile
code=0
inspects mytool || code=$?
if [ $code = 1 ] && [ "$(cat "$err")" = "ecli: no installed tool is called mytool; to run the file of that name: ./mytool" ]; then
	ok "a file with no tool's name"
else
	not_ok "a file with no tool's name" "status $code" "$err" "$rows"
fi
check "a file by a path" is_evil ./mytool
check "a file by its ending" is_evil evil.json
cd / || exit 1

# A relative folder of the search path is another one wherever root stands.
evil "$scratch/here/tools/execsnoop"
cd "$scratch/here" || exit 1
list="tools:$PACKAGES"
if brief | grep -q EVIL || ! brief >/dev/null; then not_ok "a relative folder in ECLI_PACKAGES" "it was searched" "$err"; else ok "a relative folder in ECLI_PACKAGES"; fi
cd / || exit 1

# ecli copied to /X/bin and to /X: no folder of tools beside it counts.
cp "$ECLI" "$scratch/X/bin/ecli"
cp "$ECLI" "$scratch/X/ecli"
evil "$scratch/X/tools/execsnoop"
evil "$scratch/X/bin/tools/execsnoop"
list=
for ecli in "$scratch/X/bin/ecli" "$scratch/X/ecli"; do
	if brief | grep -q EVIL; then not_ok "tools beside a copied ecli: ${ecli#"$scratch"}" "they were found"; else ok "tools beside a copied ecli: ${ecli#"$scratch"}"; fi
done

# share/ecli/packages belongs to the ecli of the same folder, where nobody else can write.
ecli=$scratch/X/bin/ecli
evil "$scratch/X/share/ecli/packages/execsnoop"
found() { brief | grep -q EVIL; }
check "packages installed with an ecli" found
not_found() { ! found; }
chmod 777 "$scratch/X/share/ecli"
check "a folder that everybody can write" not_found
chmod 755 "$scratch/X/share/ecli"
chown 65534:65534 "$scratch/X/share"
check "a folder of another user" not_found
chown 0:0 "$scratch/X/share"
chown 65534:65534 "$scratch/X/share/ecli/packages/execsnoop"
check "a package in another user's folder" not_found
# Who owns the program that root runs is trusted with that already.
chown -R 65534:65534 "$scratch/X"
check "all of it of the user who built it" found

# A pipe in the place of a package is no tool, and not waited for.
mkdir -p "$scratch/pipes/tool" && mkfifo "$scratch/pipes/tool/package.json"
ECLI_PACKAGES=$scratch/pipes patiently "$ECLI" list >"$scratch/listed" 2>"$err" </dev/null
if [ $? = 0 ] && ! grep -q '^tool ' "$scratch/listed"; then ok "a pipe among the packages"; else not_ok "a pipe among the packages" "list waited for it, or has it" "$scratch/listed" "$err"; fi
