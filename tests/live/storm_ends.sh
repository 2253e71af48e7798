#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Under a storm of events: ends are honoured, and an event costs neither a system call nor a heap allocation.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark
cc -O1 -D_GNU_SOURCE -o "$scratch/storm_end" "$here/storm_end.c"
build storm || exit 0
package=$scratch/storm/package.json

# A storm goes on for as long as the run lasts; what comes after the end was due is shown only as far as it was in the buffer (21,845 records), or came
# before the next look at clock and signals (4096 records or 1 ms).
if [ "$(nproc)" -lt 2 ]; then
	lacks ends "a producer and a consumer need a CPU each"
else
	storm() { check "$1" patiently "$scratch/storm_end" "$2" 100000 "$ECLI" run "$package" -o json --buffer 1M --per_mark 5000 "${@:3}"; }
	storm end-by-signal INT
	storm end-by-duration 200 --duration 0.2
	storm end-by-count 100000-rows --count 100000
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
counted() { LD_PRELOAD=$scratch/count.so COUNT_FILE=$scratch/count exec "$shared" run "$package" "$@"; }
allocations() { # FORMAT PER_MARK: heap allocations of a run that shows 20 * PER_MARK records
	start counted -o "$1" --buffer 64M --per_mark "$2"
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
	traced() { exec strace -f -c -o "$scratch/calls" "$ECLI" run "$package" --buffer 64M --per_mark 10000; }
	start traced
	tracer=$ecli_pid
	ecli=$(pgrep -P "$tracer")
	kill -STOP "$ecli" # how often it naps while events come is the machine's business
	"$scratch/mark" 20
	kill -CONT "$ecli"
	wait_until has_lines "$rows" 200001 ''
	kill -INT "$ecli"
	end_ecli
	total=$(awk '$NF == "total" { print ($3 ~ /^[0-9.]+$/ && $4 ~ /^[0-9]+$/) ? $4 : $3 }' "$scratch/calls")
	writes=$(awk '$NF == "write" { print $4 }' "$scratch/calls")
	bytes=$(wc -c <"$rows")
	# 64 KiB a write. Of all calls less than one for ten records; nearly all are those of the start.
	if [ "$(wc -l <"$rows")" = 200001 ] && [ "${writes:-0}" -gt 0 ] && [ "$writes" -le $((bytes / 65536 * 2 + 60)) ] && [ "$total" -lt 20000 ]; then
		ok no-call-per-event
	else
		not_ok no-call-per-event "$writes writes for $bytes bytes, $total calls in all for 200,000 records" "$scratch/calls" "$err"
	fi
else
	cannot no-call-per-event "needs strace"
fi
