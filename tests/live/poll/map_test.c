/* SPDX-License-Identifier: MIT */
/* poll/map.c on real maps: whole, once each, while others delete and insert. */
#include "live.h"
#include "waits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"

#define ENTRIES 10000u

struct seen {
	uint32_t count[2 * ENTRIES]; /* by key */
	uint64_t sum[2 * ENTRIES];
	uint64_t records, wrong;
	unsigned looks, stop_after; /* ends the run with this look */
	uint64_t looked_ns;         /* when the last one ended */
	atomic_ullong *turns;       /* and not before so many turns of somebody else */
};

static int on_entry(void *ctx, const struct ecli_poll_record *record)
{
	struct seen *seen = ctx;
	uint32_t key;
	uint64_t value;

	seen->records++;
	if (record->size_bytes != 16) {
		seen->wrong++;
		return 0;
	}
	memcpy(&key, record->data, sizeof(key));
	memcpy(&value, (const char *)record->data + 8, sizeof(value));
	if (key >= 2 * ENTRIES || memcmp((const char *)record->data + 4, "\0\0\0\0", 4)) {
		seen->wrong++;
		return 0;
	}
	seen->count[key]++;
	seen->sum[key] += value;
	return 0;
}

static int on_pass(void *ctx, uint64_t mono_ns)
{
	struct seen *seen = ctx;

	seen->looked_ns = mono_ns;
	return ++seen->looks >= seen->stop_after && (!seen->turns || *seen->turns > 1000);
}

static struct ecli_poll *new_looks(const char *name, uint32_t interval_ms, bool clear, ecli_poll_record_fn fn,
				   ecli_poll_pass_fn pass, void *ctx)
{
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_map(poll, live_map(name), interval_ms, clear, fn, pass, ctx, &err), &err);
	return poll;
}

static struct ecli_poll *new_map(const char *name, uint32_t interval_ms, bool clear, ecli_poll_record_fn fn, void *ctx)
{
	return new_looks(name, interval_ms, clear, fn, NULL, ctx);
}

static void put(int fd, uint32_t key, uint64_t value)
{
	assert_int_equal(bpf_map_update_elem(fd, &key, &value, BPF_ANY), 0);
}

static unsigned count_entries(int fd)
{
	uint32_t key;
	unsigned n = 0;

	for (const void *from = NULL; !bpf_map_get_next_key(fd, from, &key); from = &key)
		n++;
	return n;
}

static void empty(int fd)
{
	uint32_t key;

	while (!bpf_map_get_next_key(fd, NULL, &key))
		bpf_map_delete_elem(fd, &key);
}

/* Looks come with their interval, not sooner, and each has every entry, the zero key included, once. */
static void every_round_is_whole(void **state)
{
	(void)state;
	CLEANUP_FREE struct seen *seen = calloc(1, sizeof(*seen));
	struct ecli_err err = { 0 };
	int fd = live_map("table");

	for (uint32_t key = 0; key < ENTRIES; key++)
		put(fd, key, key);
	seen->stop_after = 3;
	uint64_t start_ns = live_now_ns();
	struct ecli_poll *poll = new_looks("table", 100, false, on_entry, on_pass, seen);
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	assert_int_equal(seen->looks, 3);
	assert_int_equal(seen->records, 3 * ENTRIES);
	assert_true(seen->looked_ns >= start_ns + 3 * 100 * MS);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(seen->looks, 4);
	assert_int_equal(seen->wrong, 0);
	for (uint32_t key = 0; key < ENTRIES; key++) {
		assert_int_equal(seen->count[key], 4);
		assert_true(seen->sum[key] == 4ull * key);
	}
	assert_int_equal(count_entries(fd), ENTRIES);
	ecli_poll_free(poll);
	empty(fd);
}

struct churn {
	int fd;
	atomic_bool stop;
	uint64_t added[2 * ENTRIES];
	atomic_ullong turns;
};

/* Keys below ENTRIES stay; those above come and go as fast as they can. */
static void *come_and_go(void *arg)
{
	struct churn *churn = arg;

	for (; !churn->stop; churn->turns++) {
		uint32_t key = ENTRIES + (uint32_t)(churn->turns * 7919 % ENTRIES);
		uint64_t value = 1;

		bpf_map_update_elem(churn->fd, &key, &value, BPF_ANY);
		key = ENTRIES + (uint32_t)((churn->turns * 7919 + 5000) % ENTRIES);
		bpf_map_delete_elem(churn->fd, &key);
	}
	return NULL;
}

static void deletions_disturb_nobody_else(void **state)
{
	(void)state;
	CLEANUP_FREE struct seen *seen = calloc(1, sizeof(*seen));
	CLEANUP_FREE struct churn *churn = calloc(1, sizeof(*churn));
	struct ecli_poll *poll = new_looks("table", 50, false, on_entry, on_pass, seen);
	struct ecli_err err = { 0 };
	pthread_t thread;

	churn->fd = live_map("table");
	for (uint32_t key = 0; key < ENTRIES; key++)
		put(churn->fd, key, 1);
	seen->stop_after = 8;
	seen->turns = &churn->turns;
	assert_int_equal(pthread_create(&thread, NULL, come_and_go, churn), 0);
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	churn->stop = true;
	pthread_join(thread, NULL);

	uint32_t rounds = seen->count[0];
	printf("# map: %u rounds while %llu entries came and went\n", rounds, (unsigned long long)churn->turns);
	assert_int_equal(rounds, seen->looks);
	for (uint32_t key = 0; key < ENTRIES; key++)
		assert_int_equal(seen->count[key], rounds);
	for (uint32_t key = ENTRIES; key < 2 * ENTRIES; key++)
		assert_true(seen->count[key] <= rounds);
	assert_int_equal(seen->wrong, 0);
	ecli_poll_free(poll);
	empty(churn->fd);
}

/* Adds one to an entry or makes it; the kernel's own side would do it in one step, so this thread is the only writer.
 */
static void *count_up(void *arg)
{
	struct churn *churn = arg;

	for (; !churn->stop; churn->turns++) {
		uint32_t key = (uint32_t)(churn->turns * 7919 % 1000);
		uint64_t value = 1;

		/* A new entry only: one that still waits to be read would lose its value to us and not to the reader.
		 */
		if (!bpf_map_update_elem(churn->fd, &key, &value, BPF_NOEXIST))
			churn->added[key]++;
	}
	return NULL;
}

/* Reading and deleting is one step: the sum of what was read is the sum of what was written. */
static void clearing_loses_no_update(void **state)
{
	(void)state;
	CLEANUP_FREE struct seen *seen = calloc(1, sizeof(*seen));
	CLEANUP_FREE struct churn *churn = calloc(1, sizeof(*churn));
	struct ecli_poll *poll = new_looks("table", 5, true, on_entry, on_pass, seen);
	struct ecli_err err = { 0 };
	pthread_t thread;

	churn->fd = live_map("table");
	seen->stop_after = 80;
	seen->turns = &churn->turns;
	assert_int_equal(pthread_create(&thread, NULL, count_up, churn), 0);
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	churn->stop = true;
	pthread_join(thread, NULL);
	assert_ok(ecli_poll_drain(poll, &err), &err);

	assert_true(seen->records > 1000);
	for (uint32_t key = 0; key < 1000; key++)
		assert_true(seen->sum[key] == churn->added[key]);
	assert_int_equal(count_entries(churn->fd), 0);
	ecli_poll_free(poll);
}

static int on_per_cpu(void *ctx, const struct ecli_poll_record *record)
{
	unsigned *good = ctx;
	const uint8_t *data = record->data;
	int cpus = libbpf_num_possible_cpus();
	struct poll_key key;

	assert_int_equal(record->size_bytes, 16 + 8 * (size_t)cpus);
	memcpy(&key, data, sizeof(key));
	for (int cpu = 0; cpu < cpus; cpu++) {
		uint32_t value;

		memcpy(&value, data + 16 + 8 * cpu, sizeof(value));
		assert_int_equal(value, key.a * 100 + (uint32_t)cpu);
	}
	assert_int_equal(key.f, 0xee);
	assert_memory_equal(data + 12, "\0\0\0\0", 4);
	++*good;
	return 0;
}

static void per_cpu_values_follow_the_padded_key(void **state)
{
	(void)state;
	unsigned good = 0;
	struct ecli_err err = { 0 };
	int fd = live_map("per_cpu"), cpus = libbpf_num_possible_cpus();
	CLEANUP_FREE uint64_t *values = calloc((size_t)cpus, sizeof(*values));

	for (uint32_t a = 1; a <= 20; a++) {
		struct poll_key key;

		memset(&key, 0, sizeof(key));
		key.a = a;
		key.f = 0xee;
		for (int cpu = 0; cpu < cpus; cpu++)
			values[cpu] = a * 100 + (uint32_t)cpu;
		assert_int_equal(bpf_map_update_elem(fd, &key, values, BPF_ANY), 0);
	}
	struct ecli_poll *poll = new_map("per_cpu", 1000, false, on_per_cpu, &good);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	ecli_poll_free(poll);
	assert_int_equal(good, 20);

	poll = new_map("per_cpu", 1000, true, on_per_cpu, &good);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(good, 40);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(good, 40);
	ecli_poll_free(poll);
}

static void an_array_is_cleared_to_zero(void **state)
{
	(void)state;
	CLEANUP_FREE struct seen *seen = calloc(1, sizeof(*seen));
	struct ecli_err err = { 0 };
	int fd = live_map("array");
	uint64_t value;

	for (uint32_t key = 0; key < 8; key++)
		put(fd, key, 10 + key);
	struct ecli_poll *poll = new_map("array", 1000, true, on_entry, seen);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	ecli_poll_free(poll);
	assert_int_equal(seen->records, 8);
	for (uint32_t key = 0; key < 8; key++) {
		assert_true(seen->sum[key] == 10 + key);
		assert_int_equal(bpf_map_lookup_elem(fd, &key, &value), 0);
		assert_int_equal(value, 0);
	}
}

static int count_record(void *ctx, const struct ecli_poll_record *record)
{
	++*(unsigned *)ctx;
	assert_int_equal(record->size_bytes, 16);
	return 0;
}

/* A map without calls that read and delete: keys are walked, each entry is read before it is deleted. */
static void a_map_without_batch_calls_is_walked(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	int fd = live_map("prefixes");
	unsigned count = 0;

	for (uint32_t i = 0; i < 700; i++) {
		struct poll_prefix prefix = { .bits = 32, .address = i * 2654435761u };
		uint64_t value = i;

		assert_int_equal(bpf_map_update_elem(fd, &prefix, &value, BPF_ANY), 0);
	}
	struct ecli_poll *poll = new_map("prefixes", 1000, false, count_record, &count);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	ecli_poll_free(poll);
	assert_int_equal(count, 700);

	poll = new_map("prefixes", 1000, true, count_record, &count);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(count, 1400);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(count, 1400); /* all gone */
	ecli_poll_free(poll);
}

static void a_map_that_cannot_be_sampled_is_refused(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_int_equal(ecli_poll_add_map(poll, live_map("ring"), 100, false, on_entry, NULL, NULL, &err), -EINVAL);
	ecli_poll_free(poll);
}

static int end_at_once(void *ctx, uint64_t mono_ns)
{
	(void)mono_ns;
	++*(size_t *)ctx;
	return 1;
}

static int skip_record(void *ctx, const struct ecli_poll_record *record)
{
	(void)ctx, (void)record;
	return 0;
}

/* Without an interval there is the last look, and the one that somebody asks for. */
static void looks_can_be_asked_for(void **state)
{
	(void)state;
	const struct ecli_poll_run run = { .duration_ms = 20, .signal_fd = -1 }, asked = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;
	enum ecli_poll_end end;
	size_t looks = 0;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_map(poll, live_map("table"), 0, false, skip_record, end_at_once, &looks, &err), &err);
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	assert_int_equal(looks, 0);
	ecli_poll_look(poll);
	assert_int_equal(live_run_poll(poll, &asked), ECLI_POLL_CALLBACK);
	assert_int_equal(looks, 1);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(looks, 2);
	ecli_poll_free(poll);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_round_is_whole),
		cmocka_unit_test(deletions_disturb_nobody_else),
		cmocka_unit_test(clearing_loses_no_update),
		cmocka_unit_test(per_cpu_values_follow_the_padded_key),
		cmocka_unit_test(an_array_is_cleared_to_zero),
		cmocka_unit_test(a_map_without_batch_calls_is_walked),
		cmocka_unit_test(a_map_that_cannot_be_sampled_is_refused),
		cmocka_unit_test(looks_can_be_asked_for),
	};

	live_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
