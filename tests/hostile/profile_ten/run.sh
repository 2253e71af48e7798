#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A user runs a dozen hostile programs at once while root profiles the whole machine: it ends, within its memory and time, and what a program
# without guile does beside them has its names.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

# Debug links: to a file of /proc, to a FIFO, to holes that are too large and to some that are not.
for name in kmsg fifo; do
	cp "$scratch/bare" "$theirs/$name"
	with_link $name $name.debug
done
ln -s /proc/kmsg "$theirs/kmsg.debug"
$as_user mkfifo "$theirs/fifo.debug"
large='' small='' grown=''
for ((i = 0; i < 10; i++)); do
	library large$i.so $i && with_link large$i.so large$i.debug && $as_user truncate -s 512M "$theirs/large$i.debug"
	library small$i.so 1$i && with_link small$i.so small$i.debug && $as_user truncate -s 90M "$theirs/small$i.debug"
	library grown$i.so 2$i -g && "$scratch/grow" "$theirs/grown$i.so" .debug_str $((480 << 20))
	large+=" ./large$i.so" small+=" ./small$i.so" grown+=" ./grown$i.so"
done
# Debug information just below the bound, so that all of it is read, file after file.
heavy=''
for ((i = 0; i < 6; i++)); do
	library heavy$i.so 3$i -g && "$scratch/grow" "$theirs/heavy$i.so" .debug_str $((30 << 20))
	heavy+=" ./heavy$i.so"
done
# Functions with names of 8,000 letters, and with names that would be 2^40 letters if they were written out; all of them are called.
long=$(printf 'x%.0s' {1..8000})
endless=_Z1fI1PIiiE digits=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ
for ((i = 0; i < 30; i++)); do endless+=S0_IS${digits:i+1:1}_S${digits:i+1:1}_E; done
named() { # PREFIX SUFFIX
	echo 'int work(int n);'
	for ((i = 0; i < 300; i++)); do printf 'int f%d(int n) __asm__("%s%d%s");\nint f%d(int n) { volatile int v = n; while (--n > 0) v += n; return v; }\n' $i "$1" $i "$2" $i; done
	echo 'int work(int n) {'
	for ((i = 0; i < 300; i++)); do printf 'f%d(n / 100);' $i; done
	echo 'return 0; }'
}
named "$long" '' >"$scratch/long.c"
named "${endless/_Z1f/_Z9f000000}" Evv >"$scratch/endless.c"
sed -i 's/_Z9f000000\([^"]*\)E\([0-9]*\)Evv/_Z9f\2_0000000\1Evv/; s/_Z9f\([0-9_]\{8\}\)0*I/_Z9f\1I/' "$scratch/endless.c"
for name in long endless; do cc -O1 -shared -fPIC -o "$theirs/$name.so" "$scratch/$name.c" || exit 1; done
# Blocks inside each other.
{
	printf 'int work(int n);\nint work(int n)\n{\n\tint sum = 0;\n'
	for ((i = 0; i < 3000; i++)); do printf '{ volatile int v%d = n;\n' $i; done
	printf 'for (int i = 0; i < n; i++) sum += v2999;\n'
	for ((i = 0; i < 3000; i++)); do printf '}'; done
	printf '\nreturn sum;\n}\n'
} >"$scratch/deep.c"
cc -O0 -g -shared -fPIC -o "$theirs/deep.so" "$scratch/deep.c" || exit 1
# A library that is cut off while it is mapped, over and over.
library cut.so 99 -g
cat >"$theirs/cut" <<'SH'
while :; do
	cp cut.so cut-now.so
	setpriv --pdeathsig KILL ./burner ./cut-now.so >cut.said 2>&1 &
	until [ -s cut.said ] || ! kill -0 $!; do :; done
	truncate -s 4096 cut-now.so
	wait $!
done
SH
cp "$scratch/good" "$theirs/burner"
mkdir "$scratch/mine" && cp "$scratch/good" "$scratch/mine/good"

maps=''
no_maps() { rm -f $maps; }
at_exit no_maps
for name in kmsg fifo; do start_burner $name $as_user ./$name; done
# shellcheck disable=SC2086 # words
{
	start_burner large $as_user ./burner $large
	start_burner small $as_user ./burner $small
	start_burner grown $as_user ./burner $grown
	start_burner heavy $as_user ./burner $heavy
}
for name in long endless deep; do start_burner $name $as_user ./burner ./$name.so; done
start_burner hole $as_user ./burner
maps="$maps /tmp/perf-$burner.map" && $as_user truncate -s 10G "/tmp/perf-$burner.map"
start_burner many $as_user ./burner
maps="$maps /tmp/perf-$burner.map"
awk 'BEGIN { for (i = 0; i < 3000000; i++) printf "%x 10 f%d\n", i * 16, i }' | $as_user tee "/tmp/perf-$burner.map" >/dev/null
(cd "$theirs" && exec $as_user sh ./cut) >/dev/null 2>&1 &
burners="$burners $!"
start_burner good "$scratch/mine/good" -
good=$burner

start_profile -F 199
shows "the good program" '^good;(.*;)?main;known_work '
# More looks: the attackers' files have been read by then, and what had to go is read again.
wait_until -p "$ecli_pid" has_lines "$rows" 6 '^$'
shows "the good program, later" '^good;(.*;)?main;known_work '
cp "$rows" "$scratch/before"
ends_well "the whole machine"
spent=$(cpu_ms)
if [ "$spent" -lt 20000 ]; then ok "the whole machine: CPU time"; else not_ok "the whole machine: CPU time" "$spent ms, where 20000 are the limit" "$err"; fi
# All of it: what the program does has its name in each look, and nothing of it is without one. The look that a signal ends has what was ready.
awk '/^good;/ { if (/;known_work( |;)/) known += $NF; else if (/\[good\]/) unnamed += $NF } END { exit !(known > 0 && !unnamed) }' "$scratch/before" &&
	ok "the good program: all of it has names" || not_ok "the good program: all of it has names" "some has not" "$scratch/before" "$err"

# And as people run it: names at the end, once.
code=0
patiently "$ECLI" run "$profile" -d 2 -o json --stats </dev/null >"$rows" 2>"$err" || code=$?
peak=$(awk '$1 == "memory" { print int($2 * 1024) }' "$err")
if [ $code = 0 ] && [ "$peak" -le $memory_limit_kib ]; then
	ok "for two seconds"
else
	not_ok "for two seconds" "status $code, $peak KiB at most" "$err"
fi
