/* SPDX-License-Identifier: MIT */
/*
 * Perf buffer source: opens one buffer for each running CPU and wires it to the reader in perf_read.c.
 *
 * The records carry CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns(), so that a row's time is the event's own. The
 * kernel calls only when an eighth of a buffer is full: a call for each record costs the traced machine some 2 us.
 * Below that the loop's timer finds them.
 *
 * Losses: the kernel writes a "lost" record in front of the next one that fits. What was lost at the very end has no
 * next one; from Linux 6.0 on the descriptor itself tells the sum (PERF_FORMAT_LOST), and the final drain reports the
 * rest. On older kernels that rest stays unknown. CPUs that come online later
 * get a source of their own (ecli_poll_add_perf_cpus()).
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "poll/cpus.h"
#include "poll/perf_read.h"

#define WAKE_SHARE  8
#define CUTOFF_NS   20000u     /* a record is written within this time after its time stamp was taken */
#define FORMAT_LOST (1u << 4)  /* PERF_FORMAT_LOST, missing in older headers */
#define PAGES_LIMIT (1u << 20) /* per CPU: 4 GiB; keeps sizes in range */

struct perf_source {
	struct poll_source source;
	struct perf_reader reader;
	struct perf_buffer *buffers;
	bool has_lost_sum;
};

/* Losses that no record tells. */
static void report_rest(struct perf_source *self)
{
	struct perf_reader *reader = &self->reader;

	for (uint32_t i = 0; i < reader->n_cpus && self->has_lost_sum; i++) {
		struct perf_cpu *cpu = &reader->cpus[i];
		struct {
			uint64_t value, lost;
		} sum;
		int fd = perf_buffer__buffer_fd(self->buffers, i);

		if (fd < 0 || read(fd, &sum, sizeof(sum)) != sizeof(sum) || sum.lost <= cpu->reported_lost)
			continue;
		if (reader->on_lost)
			reader->on_lost(reader->ctx, cpu->cpu, sum.lost - cpu->reported_lost);
		cpu->reported_lost = sum.lost;
	}
}

static int perf_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		      struct ecli_err *err)
{
	struct perf_source *self = (struct perf_source *)source;
	uint64_t cutoff_ns = budget->last ? UINT64_MAX : poll_now_ns() - CUTOFF_NS;
	int r = poll_perf_read(&self->reader, budget, cutoff_ns, round, err);

	if (!r && budget->last && !round->more)
		report_rest(self);
	source->buffer.high_bytes = self->reader.high_bytes;
	return r;
}

static void perf_mark(struct poll_source *source)
{
	struct perf_reader *reader = &((struct perf_source *)source)->reader;

	for (uint32_t i = 0; i < reader->n_cpus; i++)
		reader->cpus[i].end = __atomic_load_n(&reader->cpus[i].page->data_head, __ATOMIC_ACQUIRE);
}

static void perf_free(struct poll_source *source)
{
	struct perf_source *self = (struct perf_source *)source;

	perf_buffer__free(self->buffers);
	free(self->reader.cpus);
	free(self->reader.heap);
	free(self->reader.scratch);
	free(self);
}

static const struct poll_source_ops perf_ops = { .drain = perf_drain, .mark = perf_mark, .free = perf_free };

/* The library wants a callback for its own reader, which is not used: its records would come unbounded and per CPU. */
static enum bpf_perf_event_ret unused_event(void *ctx, int cpu, struct perf_event_header *event)
{
	(void)ctx, (void)cpu, (void)event;
	return LIBBPF_PERF_EVENT_ERROR;
}

static int open_buffers(struct perf_source *self, int map_fd, uint32_t pages, const uint32_t *cpus, uint32_t n_cpus)
{
	CLEANUP_FREE int *numbers = reallocarray(NULL, n_cpus, sizeof(*numbers));
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW | PERF_SAMPLE_TIME,
		.sample_period = 1,
		.read_format = FORMAT_LOST,
		.watermark = 1,
		.wakeup_watermark = (uint32_t)((uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) / WAKE_SHARE),
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};

	if (!numbers)
		return -ENOMEM;
	for (uint32_t i = 0; i < n_cpus; i++)
		numbers[i] = (int)cpus[i];
	LIBBPF_OPTS(perf_buffer_raw_opts, opts, .cpu_cnt = (int)n_cpus, .cpus = numbers, .map_keys = numbers);

	self->has_lost_sum = true;
	self->buffers = perf_buffer__new_raw(map_fd, pages, &attr, unused_event, NULL, &opts);
	if (!self->buffers && errno == EINVAL) { /* before Linux 6.0 */
		attr.read_format = 0;
		self->has_lost_sum = false;
		self->buffers = perf_buffer__new_raw(map_fd, pages, &attr, unused_event, NULL, &opts);
	}
	return self->buffers ? 0 : -errno;
}

static int make_reader(struct perf_source *self, const uint32_t *cpus, uint32_t n_cpus)
{
	struct perf_reader *reader = &self->reader;

	reader->cpus = calloc(n_cpus, sizeof(*reader->cpus));
	reader->heap = calloc(n_cpus, sizeof(*reader->heap));
	reader->scratch = malloc(PERF_SCRATCH_BYTES + 4);
	if (!reader->cpus || !reader->heap || !reader->scratch)
		return -ENOMEM;
	reader->n_cpus = n_cpus;
	for (uint32_t i = 0; i < n_cpus; i++) {
		struct perf_cpu *cpu = &reader->cpus[i];
		size_t size_bytes;
		void *base;
		int r = perf_buffer__buffer(self->buffers, (int)i, &base, &size_bytes);

		if (r < 0)
			return r;
		cpu->cpu = cpus[i];
		cpu->page = base;
		cpu->data = (const uint8_t *)base + sysconf(_SC_PAGESIZE);
		cpu->size_bytes = size_bytes;
		cpu->tail = cpu->published = cpu->page->data_tail;
	}
	return 0;
}

static int start(struct perf_source *self, int map_fd, uint32_t pages, const uint32_t *cpus, uint32_t n_cpus,
		 struct ecli_err *err)
{
	struct bpf_map_info info = { 0 };
	uint32_t info_bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(map_fd, &info, &info_bytes) < 0) {
		int r = -errno;

		return ecli_err_set(err, r, "cannot read about a perf buffer: %s", strerror(-r));
	}
	if (info.type != BPF_MAP_TYPE_PERF_EVENT_ARRAY)
		return ecli_err_set(err, -EINVAL, "map %.16s is not a perf event array", info.name);

	/* A map with fewer slots than CPUs cannot take the others' events. */
	while (n_cpus && cpus[n_cpus - 1] >= info.max_entries)
		n_cpus--;
	if (!n_cpus)
		return ecli_err_set(err, -EINVAL, "map %.16s has no slot for a running CPU", info.name);

	int r = open_buffers(self, map_fd, pages, cpus, n_cpus);
	if (!r)
		r = make_reader(self, cpus, n_cpus);
	if (r < 0)
		return ecli_err_set(err, r, "cannot create perf buffers of %u pages on %u CPUs for map %.16s: %s",
				    pages, n_cpus, info.name, strerror(-r));
	return 0;
}

int ecli_poll_add_perf_cpus(struct ecli_poll *poll, int map_fd, uint32_t pages, const uint32_t *cpus, uint32_t n_cpus,
			    ecli_poll_record_fn on_record, ecli_poll_lost_fn on_lost, void *ctx, struct ecli_err *err)
{
	if (!pages || pages & (pages - 1) || pages > PAGES_LIMIT)
		return ecli_err_set(err, -EINVAL, "the pages of a perf buffer must be a power of two, not %u", pages);

	struct perf_source *self = calloc(1, sizeof(*self));
	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->source =
		(struct poll_source){ .ops = &perf_ops, .fd = -1, .epoll_in = EPOLLIN | EPOLLET, .is_buffer = true };
	self->reader.on_record = on_record;
	self->reader.on_lost = on_lost;
	self->reader.ctx = ctx;

	int r = start(self, map_fd, pages, cpus, n_cpus, err);
	if (r < 0) {
		perf_free(&self->source);
		return r;
	}
	self->source.buffer =
		(struct ecli_poll_buffer){ .map_fd = map_fd, .size_bytes = self->reader.cpus[0].size_bytes };
	/* An epoll of its own with all CPUs in it. */
	self->source.fd = perf_buffer__epoll_fd(self->buffers);
	return poll_add_source(poll, &self->source, err);
}

int ecli_poll_add_perf(struct ecli_poll *poll, int map_fd, uint32_t pages, ecli_poll_record_fn on_record,
		       ecli_poll_lost_fn on_lost, void *ctx, struct ecli_err *err)
{
	CLEANUP_FREE uint32_t *cpus = NULL;
	uint32_t n_cpus;
	int r = poll_cpus_online(err, &cpus, &n_cpus);

	return r < 0 ? r : ecli_poll_add_perf_cpus(poll, map_fd, pages, cpus, n_cpus, on_record, on_lost, ctx, err);
}

int ecli_poll_cpus(struct ecli_err *err, uint32_t **ret_cpus, uint32_t *ret_count)
{
	return poll_cpus_online(err, ret_cpus, ret_count);
}
