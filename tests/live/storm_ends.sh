#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Under a storm of events: ends are honoured, and an event costs neither a system call nor a heap allocation.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
cc -O1 -o "$scratch/mark" "$here/mark.c"
cc -O1 -D_GNU_SOURCE -o "$scratch/storm_end" "$here/storm_end.c"
build storm || exit 0
package=$scratch/storm/package.json

if [ "$(nproc)" -lt 2 ]; then
	lacks ends "a producer and a consumer need a CPU each"
else
	check end-by-signal "$scratch/storm_end" INT 100 "$ECLI" run "$package" --stats --per_mark 50
	check end-by-duration "$scratch/storm_end" 500 100 "$ECLI" run "$package" --stats --per_mark 50 --duration 0.5
	# With the time it takes to make the rows.
	check end-by-count "$scratch/storm_end" 0 100 "$ECLI" run "$package" --stats --per_mark 50 --count 100000
fi

# Calls of ecli between ready and end, with few and with very many records.
cat >"$scratch/count.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static unsigned long calls;
static void *(*real_malloc)(size_t), *(*real_calloc)(size_t, size_t), *(*real_realloc)(void *, size_t);
static char early[65536];
static size_t used;
static void init(void)
{
	real_malloc = dlsym(RTLD_NEXT, "malloc");
	real_realloc = dlsym(RTLD_NEXT, "realloc");
	real_calloc = dlsym(RTLD_NEXT, "calloc");
}
void *malloc(size_t size) { if (!real_malloc) init(); calls++; return real_malloc(size); }
void *realloc(void *p, size_t size) { if (!real_realloc) init(); calls++; return real_realloc(p, size); }
void *calloc(size_t n, size_t size)
{
	if (!real_calloc) { /* dlsym() itself */
		void *p = early + used;
		used += (n * size + 15) / 16 * 16;
		return used <= sizeof(early) ? p : NULL;
	}
	calls++;
	return real_calloc(n, size);
}
void free(void *p)
{
	static void (*real_free)(void *);
	if (!real_free) real_free = dlsym(RTLD_NEXT, "free");
	if ((char *)p < early || (char *)p >= early + sizeof(early)) real_free(p);
}
__attribute__((destructor)) static void tell(void)
{
	FILE *f = fopen(getenv("COUNT_FILE"), "w");
	if (f) { fprintf(f, "%lu\n", calls); fclose(f); }
}
C
cc -O1 -shared -fPIC -o "$scratch/count.so" "$scratch/count.c" -ldl
allocations() { # FORMAT PER_MARK: heap allocations of a run that shows 20 * PER_MARK records
	: >"$rows"
	: >"$err"
	LD_PRELOAD=$scratch/count.so COUNT_FILE=$scratch/count "$shared" run "$package" -o "$1" --buffer 64M --per_mark "$2" >"$rows" 2>"$err" &
	ecli_pid=$!
	wait_ready
	"$scratch/mark" 20
	stop_ecli
	count=$(cat "$scratch/count")
}
shared=$BUILD/tests/ecli_shared # calls into a static one cannot be counted
for format in table plain json; do
	allocations $format 1
	few=$count
	allocations $format 10000
	lines=$(grep -c . "$rows")
	# The buffer of rows may double a few times.
	if [ "$lines" -ge 200000 ] && [ "$count" -le $((few + 20)) ]; then ok "no-allocation-$format"; else not_ok "no-allocation-$format" "$few allocations for 20 records, $count for 200,000 ($lines lines)" "$err"; fi
done
if has strace; then
	: >"$rows"
	: >"$err"
	strace -f -c -o "$scratch/calls" "$ECLI" run "$package" --buffer 64M --per_mark 10000 >"$rows" 2>"$err" &
	tracer=$!
	ecli_pid=$tracer
	wait_ready
	"$scratch/mark" 20
	sleep 1
	kill -INT "$(pgrep -P $tracer)"
	wait $tracer
	total=$(awk '$NF == "total" { print ($3 ~ /^[0-9.]+$/ && $4 ~ /^[0-9]+$/) ? $4 : $3 }' "$scratch/calls")
	writes=$(awk '$NF == "write" { print $4 }' "$scratch/calls")
	bytes=$(wc -c <"$rows")
	# 64 KiB a call, and some because it was idle.
	if [ "$(wc -l <"$rows")" = 200001 ] && [ "${writes:-0}" -gt 0 ] && [ "$writes" -le $((bytes / 65536 * 2 + 60)) ] && [ "$total" -lt 20000 ]; then
		ok no-call-per-event
	else
		not_ok no-call-per-event "$writes writes for $bytes bytes, $total calls in all" "$scratch/calls" "$err"
	fi
else
	cannot no-call-per-event "needs strace"
fi
