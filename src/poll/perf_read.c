/* SPDX-License-Identifier: MIT */
/*
 * Reads the memory of perf buffers: one per CPU, merged by time.
 *
 *     sample: perf_event_header, u64 time, u32 size, bytes      lost: perf_event_header, u64 id, u64 count
 *
 * Each round takes the heads of all CPUs once and hands out what lies below them, the oldest first, by a heap over the
 * CPUs. A record younger than the cutoff waits for the next round: another CPU may just be writing an older one. So the
 * order is that of time as long as a record is written within the cutoff's distance of its own time stamp; a CPU that
 * is interrupted between both for longer breaks it. Within one CPU the order is always that of writing.
 *
 * Invariants: nothing below the head is read before the head was loaded (acquire); the tail is stored (release) after
 * the record was handed out; every length is checked against the head before it is used.
 */
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "poll/perf_read.h"

#define BATCH_RECORDS 64u /* between two looks at the clock */
#define PUBLISH_SHARE 8   /* a CPU's tail is published at least every eighth of its buffer */
#define SAMPLE_HEAD   (sizeof(struct perf_event_header) + sizeof(uint64_t) + sizeof(uint32_t))
#define LOST_BYTES    (sizeof(struct perf_event_header) + 2 * sizeof(uint64_t))

/* Records are padded to 8 bytes, so an aligned 8-byte word never wraps. */
static uint64_t word_at(const struct perf_cpu *cpu, uint64_t pos)
{
	uint64_t word;

	memcpy(&word, cpu->data + (pos & (cpu->size_bytes - 1)), sizeof(word));
	return word;
}

static struct perf_event_header header_at(const struct perf_cpu *cpu, uint64_t pos)
{
	struct perf_event_header header;

	memcpy(&header, cpu->data + (pos & (cpu->size_bytes - 1)), sizeof(header));
	return header;
}

static void publish(struct perf_cpu *cpu)
{
	if (cpu->tail == cpu->published)
		return;
	__atomic_store_n(&cpu->page->data_tail, cpu->tail, __ATOMIC_RELEASE);
	cpu->published = cpu->tail;
}

static void advance(struct perf_cpu *cpu, uint64_t bytes)
{
	cpu->tail += bytes;
	if (cpu->tail - cpu->published >= cpu->size_bytes / PUBLISH_SHARE)
		publish(cpu);
}

static int bad_record(const struct perf_cpu *cpu, struct ecli_err *err)
{
	return ecli_err_set(err, -EBADMSG,
			    "the perf buffer of CPU %u holds a record that does not fit in it; does another "
			    "program read it, too?",
			    cpu->cpu);
}

/* Goes to the CPU's next sample, telling losses on the way. 1: it is there, 0: no more below the head, or -EBADMSG. */
static int find_sample(struct perf_reader *reader, struct perf_cpu *cpu, struct ecli_err *err)
{
	while (cpu->tail != cpu->head) {
		uint64_t room = cpu->head - cpu->tail;
		struct perf_event_header header = header_at(cpu, cpu->tail);

		if (room > cpu->size_bytes || header.size < sizeof(header) || header.size % 8 || header.size > room)
			return bad_record(cpu, err);
		if (header.type == PERF_RECORD_SAMPLE) {
			if (header.size < SAMPLE_HEAD)
				return bad_record(cpu, err);
			cpu->time_ns = word_at(cpu, cpu->tail + 8);
			memcpy(&cpu->sample_bytes, cpu->data + ((cpu->tail + 16) & (cpu->size_bytes - 1)),
			       sizeof(uint32_t));
			return ecli_num_within(SAMPLE_HEAD, cpu->sample_bytes, header.size) ? 1 : bad_record(cpu, err);
		}
		if (header.type == PERF_RECORD_LOST && header.size >= LOST_BYTES) {
			uint64_t count = word_at(cpu, cpu->tail + 16);

			cpu->reported_lost += count;
			if (reader->on_lost)
				reader->on_lost(reader->ctx, cpu->cpu, count);
		}
		advance(cpu, header.size);
	}
	return 0;
}

static bool is_older(const struct perf_reader *reader, uint32_t a, uint32_t b)
{
	const struct perf_cpu *left = &reader->cpus[reader->heap[a]], *right = &reader->cpus[reader->heap[b]];

	return left->time_ns < right->time_ns || (left->time_ns == right->time_ns && left->cpu < right->cpu);
}

static void swap(struct perf_reader *reader, uint32_t a, uint32_t b)
{
	uint32_t t = reader->heap[a];

	reader->heap[a] = reader->heap[b];
	reader->heap[b] = t;
}

static void sift_down(struct perf_reader *reader)
{
	for (uint32_t i = 0;;) {
		uint32_t oldest = i;

		for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < reader->n_heap; child++)
			if (is_older(reader, child, oldest))
				oldest = child;
		if (oldest == i)
			return;
		swap(reader, i, oldest);
		i = oldest;
	}
}

static void push(struct perf_reader *reader, uint32_t index)
{
	uint32_t i = reader->n_heap++;

	reader->heap[i] = index;
	for (; i && is_older(reader, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(reader, i, (i - 1) / 2);
}

/* The heads as they are now, and every CPU that has a sample in the heap. */
static int start_round(struct perf_reader *reader, const struct poll_budget *budget, struct poll_round *round,
		       struct ecli_err *err)
{
	/* All heads before any record: what is older than the cutoff has been written by now on every CPU. */
	round->size_bytes = reader->cpus[0].size_bytes; /* all are of one size */
	for (uint32_t i = 0; i < reader->n_cpus; i++) {
		struct perf_cpu *cpu = &reader->cpus[i];

		cpu->head = budget->last ? cpu->end : __atomic_load_n(&cpu->page->data_head, __ATOMIC_ACQUIRE);
		uint64_t used = cpu->head - cpu->published;
		if (used > reader->high_bytes && used <= cpu->size_bytes)
			reader->high_bytes = used;
		uint64_t fill = (cpu->head - cpu->tail) * POLL_FILL_FULL / cpu->size_bytes;
		if (fill > round->fill)
			round->fill = fill < POLL_FILL_FULL ? (uint32_t)fill : POLL_FILL_FULL;
	}
	reader->n_heap = 0;
	for (uint32_t i = 0; i < reader->n_cpus; i++) {
		int r = find_sample(reader, &reader->cpus[i], err);

		if (r < 0)
			return r;
		if (r)
			push(reader, i);
	}
	return 0;
}

static int hand_out(struct perf_reader *reader, const struct perf_cpu *cpu)
{
	uint64_t start = (cpu->tail + SAMPLE_HEAD) & (cpu->size_bytes - 1);
	uint64_t straight = cpu->size_bytes - start;
	struct ecli_poll_record record = {
		.data = cpu->data + start,
		.size_bytes = cpu->sample_bytes,
		.mono_ns = cpu->time_ns,
		.cpu = cpu->cpu,
	};

	if (straight < cpu->sample_bytes) {
		/* Four bytes in, so that the bytes lie as they do in the buffer: aligned to 4. */
		memcpy(reader->scratch + 4, cpu->data + start, straight);
		memcpy(reader->scratch + 4 + straight, cpu->data, cpu->sample_bytes - straight);
		record.data = reader->scratch + 4;
	}
	return reader->on_record(reader->ctx, &record);
}

static int merge(struct perf_reader *reader, const struct poll_budget *budget, uint64_t cutoff_ns,
		 struct poll_round *round, struct ecli_err *err)
{
	while (reader->n_heap) {
		struct perf_cpu *cpu = &reader->cpus[reader->heap[0]];

		if (cpu->time_ns > cutoff_ns) {
			round->held = true;
			return 0;
		}
		round->records++;
		round->moved = true;
		int r = hand_out(reader, cpu);
		advance(cpu, header_at(cpu, cpu->tail).size);
		if (r)
			return r < 0 ? poll_callback_failed(err, r) : r;

		r = find_sample(reader, cpu, err);
		if (r < 0)
			return r;
		if (!r)
			reader->heap[0] = reader->heap[--reader->n_heap];
		sift_down(reader);

		if (round->records % BATCH_RECORDS == 0 &&
		    (round->records >= budget->records || poll_now_ns() >= budget->deadline_ns)) {
			round->more = true;
			return 0;
		}
	}
	return 0;
}

int poll_perf_read(struct perf_reader *reader, const struct poll_budget *budget, uint64_t cutoff_ns,
		   struct poll_round *round, struct ecli_err *err)
{
	int r = start_round(reader, budget, round, err);

	if (!r)
		r = merge(reader, budget, cutoff_ns, round, err);
	for (uint32_t i = 0; i < reader->n_cpus; i++)
		publish(&reader->cpus[i]);
	return r;
}
