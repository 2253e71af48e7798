#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The prelude: counts what is lost, exactly; every way to write a call compiles without a warning; who loses nothing pays nothing.
source "$(dirname "$0")/../lib.sh"
export LC_ALL=C
cd "$scratch" || exit 1
export XDG_CACHE_HOME=$scratch/cache

cat >forms.bpf.c <<'C'
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

struct event { int x; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __type(key, __u32); __type(value, __u32); } perf SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int); __type(value, int); } a_name_of_more_than_27_bytes_in_all SEC(".maps");
#define MAP a_name_of_more_than_27_bytes_in_all
#define UPDATE(k) bpf_map_update_elem(&MAP, k, k, BPF_ANY)

static inline int update(void *map, int key) { return bpf_map_update_elem(map, &key, &key, BPF_ANY) < 0 ? 1 : 0; }
static __always_inline long output(void *ctx, struct event *event)
{
	return bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, event, sizeof(*event));
}

SEC("tc")
int forms(struct __sk_buff *ctx)
{
	struct event event = {}, *reserved;
	long (*call)(void *, const void *, const void *, __u64) = bpf_map_update_elem;
	int key = 0;

	bpf_map_update_elem(&MAP, &key, &key, 0);
	(void)bpf_map_update_elem(&MAP, &key, &key, 0);
	if (bpf_map_update_elem((void *)&MAP, &key, &key, 0))
		key = 1;
	else
		bpf_map_update_elem(& MAP, &key, &key, 0);
	for (int i = 0; i < 8; i++) {
		key = i;
		UPDATE(&key);
	}
	int left = 4;
	while (left-- && UPDATE(&key))
		;
	bpf_map_update_elem(key ? &MAP : &MAP, &key, &key, bpf_map_update_elem(&MAP, &key, &key, 0) ? BPF_ANY : BPF_NOEXIST);
	if ((reserved = bpf_ringbuf_reserve(&events, sizeof(*reserved), 0)) != NULL)
		bpf_ringbuf_discard(reserved, 0);
	bpf_ringbuf_output(&events, &event, sizeof(event), 0), output(ctx, &event);
	if ((reserved = bpf_ringbuf_reserve(&events, sizeof(*reserved), 0)))
		bpf_ringbuf_submit(reserved, key ? BPF_RB_NO_WAKEUP : 0);
	void *bytes = bpf_ringbuf_reserve(&events, 8, 0);
	if (bytes)
		bpf_ringbuf_submit(bytes, 0);
	char text[8] = "", (*whole)[8] = &text;
	bpf_ringbuf_output(&events, text, sizeof(text), 0), (void)bpf_perf_event_output(ctx, &perf, 0, whole, sizeof(text));
	bool is_sent = !bpf_ringbuf_output(&events, &event, sizeof(event), BPF_RB_NO_WAKEUP);
	return update(&MAP, is_sent) + (int)call(&MAP, &key, &key, 0);
}
char LICENSE[] SEC("license") = "GPL";
C
for clang in clang-14 clang-19 clang; do
	has $clang || continue
	check "no-warning-$clang" "$ECC" -c $clang --keep-object -a -Wall -a -Wextra -a -Wshadow -a -Wconversion -a -Wno-sign-conversion \
		-a -Werror -o "$scratch/$clang" forms.bpf.c
done
object=$(ls clang*/forms.bpf.o | tail -n 1)

# ---- the records: 32 bytes each, slot 0, the name of the map, and for what kind of map the call is
has llvm-objcopy || PATH=$PATH:$(ls -d /usr/lib/llvm-*/bin | tail -n 1)
for object in clang*/forms.bpf.o; do
	name=$(dirname "$object")
	llvm-objcopy -O binary --only-section=.rodata.ecli "$object" sites 2>err || objcopy -O binary -j .rodata.ecli "$object" sites
	check "whole-records-$name" test $(($(stat -c %s sites) % 32)) = 0
	od -An -v -tx1 -w32 sites | cut -c 1-12 | sort -u >slots
	check "slots-are-0-$name" diff -u - slots <<<' 00 00 00 00'
	for i in $(seq 0 $(($(stat -c %s sites) / 32 - 1))); do
		printf '%s %d\n' "$(dd if=sites bs=1 skip=$((32 * i + 4)) count=27 status=none | tr '\0' '\n' | head -n 1)" \
			"0x$(dd if=sites bs=1 skip=$((32 * i + 31)) count=1 status=none | od -An -tx1 | tr -d ' ')"
	done | sort -u >texts
	sort >want <<-'TEXT'
	events 27
	perf 4
	a_name_of_more_than_27_byte 1
	TEXT
	check "names-$name" diff -u want texts
done

# ---- nothing for those that use none of the calls, or ask not to be wrapped
cat >none.bpf.c <<'C'
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int); __type(value, int); } map SEC(".maps");
SEC("tc") int none(struct __sk_buff *ctx) { int key = 0; return bpf_map_delete_elem(&map, &key) ? 0 : 1; }
char LICENSE[] SEC("license") = "GPL";
C
"$ECC" --keep-object none.bpf.c >/dev/null 2>&1
check nothing-unused sh -c 'test -s none.bpf.o && ! strings -a none.bpf.o | grep -q ecli'
"$ECC" --keep-object -a -DECLI_NO_LOSS_COUNT -o plain forms.bpf.c >/dev/null 2>&1
check opt-out sh -c 'test -s plain/forms.bpf.o && ! strings -a plain/forms.bpf.o | grep -qE "ecli_(lost|site)|rodata.ecli"'

# ---- counted on the running kernel: a map of one entry refuses 9 of 10, a ring of 4096 bytes takes 3 records of 1024
cat >count.bpf.c <<'C'
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int); __type(value, int); } map SEC(".maps");
SEC("tc")
int count(struct __sk_buff *ctx)
{
	for (int i = 0; i < 10; i++) {
		void *record = bpf_ringbuf_reserve(&events, 1024, 0);
		int key = i;
		bpf_map_update_elem(&map, &key, &key, BPF_NOEXIST);
		if (record)
			bpf_ringbuf_submit(record, 0);
	}
	/* The key is there already: an answer, not a loss. */
	int first = 0;
	bpf_map_update_elem(&map, &first, &first, BPF_NOEXIST);
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
C
"$ECC" --keep-object count.bpf.c >/dev/null 2>err || not_ok count "ecc failed" err
# In a bpf file system of its own, which goes with the namespace that it is mounted in.
mkdir bpf
cat >counting.sh <<'SH'
mount -t bpf bpf bpf 2>mount.err || exit 77
bpftool -L prog loadall "$1" bpf/forms >verifies 2>&1
echo $? >verifies.code
bpftool -L prog loadall count.bpf.o bpf/count pinmaps bpf/maps >loads 2>&1
echo $? >loads.code
head -c 64 /dev/zero >packet
bpftool prog run pinned bpf/count/count data_in packet >runs 2>&1
echo $? >runs.code
bpftool -j map dump pinned bpf/maps/ecli_lost >dump 2>dump.err
SH
if ! is_root || ! has bpftool || ! has jq || ! has unshare; then
	cannot counted "needs root, bpftool, jq and unshare"
else
	code=0
	"$top/tests/own-root.sh" unshare --mount bash counting.sh "$object" 2>counting.err || code=$?
	if [ $code = 77 ]; then
		lacks counted "no bpf file system can be mounted here: $(cat mount.err)"
	else
		for step in verifies loads runs; do
			if [ "$(cat $step.code)" = 0 ]; then ok $step; else not_ok $step "bpftool ended with $(cat $step.code)" $step counting.err; fi
		done
		lost=$(jq '[.[].formatted.values[].value] | add' dump 2>>dump.err)
		if [ "$lost" = 16 ]; then ok counted; else not_ok counted "$lost instead of 9 + 7 losses" dump dump.err; fi
	fi
fi
