#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The owner of a library cuts it again and again while ecli reads it: a mapped file would end ecli with SIGBUS. How often the file is cut at the
# right moment depends on the machine, so only ecli's end is judged; tests/unit/target_test.c cuts at each read.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/files.inc"

cc -O1 -o "$scratch/same_names" "$hostile/same_names.c" || exit 1
cat >"$scratch/cut.c" <<'C'
#include <unistd.h>

int main(int argc, char **argv)
{
	while (argc > 1 && !truncate(argv[1], 4096) && !truncate(argv[1], 16 << 20))
		;
	return 1;
}
C
cc -O1 -o "$scratch/cut" "$scratch/cut.c" || exit 1
as_user "$scratch/same_names" "$theirs/libc.so.6" 300000 8388608
start_victim "$begin" libc.so.6
"${user[@]}" "$scratch/cut" "$theirs/libc.so.6" &
attackers="$attackers $!"
: >"$scratch/said"
bad=0
for target in hit=libc.so.6:getppid 'hit=libc.so.6:*A*B' note=libc.so.6:a:b; do
	for try in 1 2 3 4 5 6 7 8; do
		code=0
		patiently "$ECLI" run "$package" --target-pid "$victim" --attach "$target" >"$rows" 2>"$err" </dev/null || code=$?
		[ $code = 1 ] && [ "$(grep -c '^ecli: ' "$err")" = 1 ] || bad=$((bad + 1))
		echo "$target $try: status $code: $(cat "$err")" >>"$scratch/said"
	done
done
if [ $bad = 0 ]; then
	ok "24 times one sentence"
else
	not_ok "24 times one sentence" "$bad ended otherwise" "$scratch/said"
fi
