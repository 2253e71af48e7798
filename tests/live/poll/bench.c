/* SPDX-License-Identifier: MIT */
/*
 * How fast records are delivered and what one costs the consumer: our ring reader and libbpf's, in turns, on the same
 * ring with the same producer (one CPU, as fast as it can), the consumer on the other CPU. The callback adds up one
 * word of each record, so that the record is really read. Prints the median of the turns and the best one: other work
 * on the machine can only make figures worse, and on two CPUs it does. (A full ring refuses faster than it accepts,
 * which makes the share of lost records look worse than the time it was full.)
 */
#include "live.h"

#include <stdio.h>
#include <stdlib.h>

#include <bpf/libbpf.h>

#define TURNS   15
#define TURN_MS 200

struct figures {
	double million_per_s, ns_per_event, lost_percent;
};

struct sum {
	uint64_t records, sum, lost;
};

static int on_ours(void *ctx, const struct ecli_poll_record *record)
{
	struct sum *sum = ctx;

	sum->records++;
	sum->sum += ((const struct poll_event *)record->data)->seq;
	return 0;
}

static int on_theirs(void *ctx, void *data, size_t size_bytes)
{
	struct sum *sum = ctx;

	(void)size_bytes;
	sum->records++;
	sum->sum += ((const struct poll_event *)data)->seq;
	return 0;
}

static void consume_ours(int map_fd, struct sum *sum)
{
	struct ecli_err err = { 0 };
	struct ecli_poll_run run = { .duration_ms = TURN_MS, .signal_fd = -1 };
	struct ecli_poll *poll;
	enum ecli_poll_end end;

	if (ecli_poll_new(&err, &poll) || ecli_poll_add_ring(poll, map_fd, on_ours, sum, &err) ||
	    ecli_poll_run(poll, &run, &err, &end))
		abort();
	sum->lost = live_take_failed(0); /* at once: a full ring refuses faster than it accepts */
	ecli_poll_free(poll);
}

/* Its poll has no limit: the end is only seen when the ring happens to be empty, or when the storm ends. */
static void consume_theirs(int map_fd, struct sum *sum)
{
	struct ring_buffer *rings = ring_buffer__new(map_fd, on_theirs, sum, NULL);
	uint64_t end_ns = live_now_ns() + TURN_MS * MS;

	if (!rings)
		abort();
	while (live_now_ns() < end_ns)
		ring_buffer__poll(rings, 100);
	sum->lost = live_take_failed(0);
	ring_buffer__free(rings);
}

static struct figures measure(const char *program, const char *map, uint64_t burst, void (*consume)(int, struct sum *))
{
	struct sum sum = { 0 };
	struct storm storm = { .prog_fd = live_prog(program), .burst = burst, .max_bursts = 100000000 / burst };

	live_take_failed(0);
	live_pin(1);
	storm_start(&storm);
	uint64_t start_ns = live_now_ns(), cpu_ns = live_thread_cpu_ns();
	consume(live_map(map), &sum);
	cpu_ns = live_thread_cpu_ns() - cpu_ns;
	uint64_t took_ns = live_now_ns() - start_ns;
	storm_stop(&storm);

	return (struct figures){
		.million_per_s = (double)sum.records * 1e3 / (double)took_ns,
		.ns_per_event = (double)cpu_ns / (double)sum.records,
		.lost_percent = (double)sum.lost * 100 / (double)(sum.records + sum.lost),
	};
}

static int by_rate(const void *a, const void *b)
{
	const struct figures *left = a, *right = b;

	return (left->million_per_s > right->million_per_s) - (left->million_per_s < right->million_per_s);
}

/* @turns: in the order of their rates. */
static void print(const char *what, const char *who, const struct figures *turns)
{
	const struct figures *median = &turns[TURNS / 2], *best = &turns[TURNS - 1];

	printf("%-30s %-7s median %6.2f M/s %6.1f ns/event %5.1f %% lost   best %6.2f M/s %6.1f ns/event %5.1f %% "
	       "lost\n",
	       what, who, median->million_per_s, median->ns_per_event, median->lost_percent, best->million_per_s,
	       best->ns_per_event, best->lost_percent);
	fflush(stdout);
}

static void compare(const char *what, const char *program, const char *map, uint64_t burst)
{
	struct figures ours[TURNS], theirs[TURNS];

	for (int i = 0; i < TURNS; i++) {
		ours[i] = measure(program, map, burst, consume_ours);
		theirs[i] = measure(program, map, burst, consume_theirs);
	}
	qsort(ours, TURNS, sizeof(ours[0]), by_rate);
	qsort(theirs, TURNS, sizeof(theirs[0]), by_rate);
	print(what, "ours", ours);
	print(what, "libbpf", theirs);
}

int main(void)
{
	live_open();
	compare("1 MiB ring, bursts of 50", "large_ring_burst", "large_ring", 50);
	compare("1 MiB ring, bursts of 1000", "large_ring_burst", "large_ring", 1000);
	compare("256 KiB ring, bursts of 1000", "ring_burst", "ring", 1000);
	compare("1 MiB ring, one record a run", "large_ring_burst", "large_ring", 1);
	return 0;
}
