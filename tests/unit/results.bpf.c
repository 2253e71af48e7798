// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Maps and variables of a tool that reports nothing: results and what is none. Never loaded.
#define SEC(name)         __attribute__((section(name), used))
#define __uint(name, val) int(*name)[val]
#define __type(name, val) typeof(val) *name
#define MAP(name, kind, key_type, value_type)                                                                          \
	struct {                                                                                                       \
		__uint(type, kind);                                                                                    \
		__uint(max_entries, 16);                                                                               \
		__type(key, key_type);                                                                                 \
		__type(value, value_type);                                                                             \
	} name SEC(".maps")

enum { HASH = 1, ARRAY = 2, PERCPU_ARRAY = 6, STACK_TRACE = 7, RINGBUF = 27 };

typedef unsigned int u32;
typedef unsigned long long u64;

struct hist {
	u32 slots[8];
	char comm[16];
};

struct scratch {
	u64 numbers[8];
	char text[64];
};

struct seen {
	u64 count;
	struct {
		u32 inner;
	};
};

MAP(begun, HASH, u32, u64);          // deleted from: a note
MAP(wanted, HASH, u32, u64);         // never written: a filter
MAP(counts, HASH, u32, struct seen); // a result
MAP(columns, ARRAY, u32, u64);       // looked up, which is how arrays are written: a result

struct {
	__uint(type, PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} memory SEC(".maps"); // a note

#ifdef WITH_HIST
MAP(hists, HASH, u32, struct hist); // a better result
struct hist all = {};               // likewise
struct hist none = {};              // never written
u64 per_kind[4] = {};               // rows of a variable stay
static struct hist empty;
#endif

static void *(*lookup)(void *map, const void *key) = (void *)1;
static long (*update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*delete)(void *map, const void *key) = (void *)3;

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	u32 key = *(u32 *)ctx & 3;
	u64 value = 7, *found;
	struct seen seen = { .count = 1 };
	struct scratch *scratch = lookup(&memory, &key);

	if (!lookup(&wanted, &key))
		return 0;
	update(&begun, &key, &value, 0);
	delete (&begun, &key);
	update(&counts, &key, &seen, 0);
	found = lookup(&columns, &key);
	if (found && scratch)
		*found += scratch->numbers[0];
#ifdef WITH_HIST
	update(&hists, &key, &empty, 0);
	all.slots[key]++;
	per_kind[key]++;
	return none.slots[key];
#else
	return 0;
#endif
}

char LICENSE[] SEC("license") = "GPL";
