/* SPDX-License-Identifier: MIT */
/*
 * How large the buffers between the kernel and us are.
 *
 *     --buffer SIZE          that, for every buffer
 *     else                   what the tool asks for, but at least 2 or 3 ms of records at the highest rate there is
 *
 * An author's size is a guess made on another machine, mostly a copied 256 KiB: 0.3 ms of 48-byte records at full rate, and
 * a reader that has to wait for its CPU waits for some milliseconds. It is made larger, never smaller: the author may know
 * of bursts. Memory bounds it: LIMIT_BYTES for a package's buffer with all its CPUs, and a small share of the machine's memory.
 *
 * This file decides; load/ makes ring buffers of that size, poll/ perf buffers.
 */
#include <assert.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/buffers.h"

#define LIMIT_BYTES  (4ull << 20)
#define MEMORY_SHARE 1024

/* Measured with 48-byte records on Linux 6.18: a ring takes them from all CPUs together, for it has a lock; a perf buffer from
 * its own CPU. Larger records come more slowly, for they have to be copied; the limit stands for that. */
static const struct {
	uint64_t records_per_ms, head_bytes; /* of a record in the buffer, beside what the program wrote */
	uint64_t hold_ms; /* of which the reader, who is called when a quarter was written, has three quarters */
} rates[] = {
	[false] = { 16000, 8,
		    2 }, /* ring buffer: a reader hardly keeps up with that rate, and the writer waits for its lock */
	[true] = { 3000, 24, 3 }, /* perf buffer: header, time and size, padded; the writer waits for nobody */
};
static_assert(ARRAY_SIZE(rates) == 2, "a row for each kind of buffer");

struct ecli_session_machine ecli_session_this_machine(void)
{
	long page = sysconf(_SC_PAGESIZE), pages = sysconf(_SC_PHYS_PAGES), cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return (struct ecli_session_machine){
		.page_bytes = (uint64_t)page,
		.memory_bytes = pages > 0 ? (uint64_t)pages * (uint64_t)page : 0,
		.cpus = cpus > 0 ? (uint32_t)cpus : 1,
	};
}

uint64_t buffers_in_buffer(bool is_perf, uint64_t record_bytes)
{
	return (record_bytes + rates[is_perf].head_bytes + 7) / 8 * 8;
}

uint64_t ecli_session_buffer_bytes(bool is_perf, uint64_t record_bytes, const struct ecli_session_machine *machine)
{
	uint64_t limit =
		machine->memory_bytes / MEMORY_SHARE < LIMIT_BYTES ? machine->memory_bytes / MEMORY_SHARE : LIMIT_BYTES;
	uint64_t size = machine->page_bytes;

	if (is_perf)
		limit /= machine->cpus;
	/* Cut, so that the product fits: more than the limit is not given anyway. */
	record_bytes = buffers_in_buffer(is_perf, record_bytes < LIMIT_BYTES ? record_bytes : LIMIT_BYTES);
	uint64_t want = rates[is_perf].records_per_ms * rates[is_perf].hold_ms * record_bytes;

	while (size < want && size * 2 <= limit)
		size *= 2;
	return size;
}

uint64_t buffers_record_bytes(const struct records *records)
{
	uint64_t most = 0;

	for (size_t i = 0; i < records->count; i++) {
		uint64_t size = ecli_plan_size(records->items[i].plan);

		most = size > most ? size : most;
	}
	return most;
}

size_t buffers_of_rings(const struct sources *sources, uint64_t own_bytes, struct ecli_load_buffer *ret_buffers)
{
	struct ecli_session_machine machine = ecli_session_this_machine();
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];
		uint64_t record_bytes = buffers_record_bytes(&source->records);

		if (source->kind != ECLI_SOURCE_RING)
			continue;
		ret_buffers[count++] = (struct ecli_load_buffer){
			.map = source->map,
			.size_bytes = own_bytes ? own_bytes : ecli_session_buffer_bytes(false, record_bytes, &machine),
			.at_least = !own_bytes,
		};
	}
	return count;
}

uint32_t buffers_perf_pages(const struct source *source, uint64_t own_bytes, uint32_t package_pages)
{
	struct ecli_session_machine machine = ecli_session_this_machine();
	uint64_t bytes = own_bytes ? own_bytes
				   : ecli_session_buffer_bytes(true, buffers_record_bytes(&source->records), &machine);
	uint64_t pages = own_bytes ? 1 : package_pages;

	while (pages < UINT32_MAX / 2 && pages * machine.page_bytes < bytes)
		pages *= 2;
	if (pages != package_pages)
		ecli_log(ECLI_LOG_INFO, "%s: perf buffers of %llu KiB a CPU, where the tool asks for %llu", source->map,
			 (unsigned long long)(pages * machine.page_bytes / 1024),
			 (unsigned long long)(package_pages * machine.page_bytes / 1024));
	return (uint32_t)pages;
}
