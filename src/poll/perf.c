/* SPDX-License-Identifier: MIT */
/*
 * Perf buffer source: opens one buffer for each running CPU and wires it to the reader in perf_read.c.
 *
 * The records carry CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns(), so that a row's time is the event's own.
 *
 * When does the kernel call? That is told by the event through which a record is written, and cannot be changed later: for each record, or
 * when so many bytes were written. So each CPU has two events that write into one buffer (PERF_EVENT_IOC_SET_OUTPUT), and the map
 * names the one or the other:
 *
 *     map[cpu] ─┬─ armed: first ──> calls for each record ─────────┬──> the CPU's buffer
 *               └─ else: many ────> calls for a quarter of a buffer ┘
 *
 * A program that had found "many" before it was exchanged writes one record that calls nobody; the loop's timer finds it. A call for
 * each record costs the traced machine some 2 us, so the map names "first" only while the reader waits with nothing to read. Where it
 * cannot be opened, the timer finds what is there.
 *
 * Losses: the kernel writes a "lost" record in front of the next one that fits. What was lost at the very end has no
 * next one; from Linux 6.0 on the descriptors themselves tell the sum (PERF_FORMAT_LOST), and the final drain reports the
 * rest. On older kernels that rest stays unknown.
 *
 * CPUs that come online later get a source of their own (ecli_poll_add_perf_cpus()). Of one that went the kernel has given up the events, and they write no
 * more when it comes back; it gets new ones that write into the buffer it had.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "poll/cpus.h"
#include "poll/perf_read.h"

#define CUTOFF_NS   20000u     /* a record is written within this time after its time stamp was taken */
#define FORMAT_LOST (1u << 4)  /* PERF_FORMAT_LOST, missing in older headers */
#define PAGES_LIMIT (1u << 20) /* per CPU: 4 GiB; keeps sizes in range */

struct perf_source {
	struct poll_source source;
	struct perf_reader reader;
	struct perf_buffer *buffers; /* their events are the first "many" */
	int *again;    /* by CPU of the reader, the event "many" of one that came back; -1: it never went */
	int *first;    /* the same, the events "first"; NULL: there are none */
	bool is_armed; /* the map names them */
	bool has_lost_sum;
};

static uint64_t lost_of(int fd)
{
	struct {
		uint64_t value, lost;
	} sum;

	return fd >= 0 && read(fd, &sum, sizeof(sum)) == sizeof(sum) ? sum.lost : 0;
}

/* The event "many" of a CPU, by its place. */
static int many_of(const struct perf_source *self, uint32_t index)
{
	return self->again[index] >= 0 ? self->again[index] : perf_buffer__buffer_fd(self->buffers, index);
}

/* Losses that no record tells. */
static void report_rest(struct perf_source *self)
{
	struct perf_reader *reader = &self->reader;

	for (uint32_t i = 0; i < reader->n_cpus && self->has_lost_sum; i++) {
		struct perf_cpu *cpu = &reader->cpus[i];
		uint64_t lost = cpu->closed_lost + lost_of(perf_buffer__buffer_fd(self->buffers, i)) +
				lost_of(self->again[i]) + (self->first ? lost_of(self->first[i]) : 0);

		if (lost <= cpu->reported_lost)
			continue;
		if (reader->on_lost)
			reader->on_lost(reader->ctx, cpu->cpu, lost - cpu->reported_lost);
		cpu->reported_lost = lost;
	}
}

static bool has_records(const struct perf_reader *reader)
{
	for (uint32_t i = 0; i < reader->n_cpus; i++)
		if (__atomic_load_n(&reader->cpus[i].page->data_head, __ATOMIC_ACQUIRE) != reader->cpus[i].tail)
			return true;
	return false;
}

static void name_event(const struct perf_source *self, uint32_t index)
{
	uint32_t key = self->reader.cpus[index].cpu;
	int fd = self->is_armed ? self->first[index] : many_of(self, index);

	bpf_map_update_elem(self->source.buffer.map_fd, &key, &fd, BPF_ANY);
}

static void name_events(struct perf_source *self, bool is_armed)
{
	self->is_armed = is_armed;
	for (uint32_t i = 0; i < self->reader.n_cpus; i++)
		name_event(self, i);
}

static bool perf_arm(struct poll_source *source)
{
	struct perf_source *self = (struct perf_source *)source;

	if (self->first && !self->is_armed)
		name_events(self, true);
	return has_records(&self->reader);
}

static int perf_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		      struct ecli_err *err)
{
	struct perf_source *self = (struct perf_source *)source;

	/* Before anything is read, or each record until then calls. */
	if (self->is_armed && has_records(&self->reader))
		name_events(self, false);
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

	for (uint32_t i = 0; i < self->reader.n_cpus; i++) {
		if (self->first && self->first[i] >= 0)
			close(self->first[i]);
		if (self->again && self->again[i] >= 0)
			close(self->again[i]);
	}
	free(self->first);
	free(self->again);
	perf_buffer__free(self->buffers);
	free(self->reader.cpus);
	free(self->reader.heap);
	free(self->reader.scratch);
	free(self);
}

static const struct poll_source_ops perf_ops = {
	.drain = perf_drain, .arm = perf_arm, .mark = perf_mark, .free = perf_free
};

/* The library wants a callback for its own reader, which is not used: its records would come unbounded and per CPU. */
static enum bpf_perf_event_ret unused_event(void *ctx, int cpu, struct perf_event_header *event)
{
	(void)ctx, (void)cpu, (void)event;
	return LIBBPF_PERF_EVENT_ERROR;
}

static struct perf_event_attr attributes(bool has_lost_sum)
{
	return (struct perf_event_attr){
		.size = sizeof(struct perf_event_attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW | PERF_SAMPLE_TIME,
		.sample_period = 1,
		.read_format = has_lost_sum ? FORMAT_LOST : 0,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
}

static struct perf_event_attr attributes_of_many(uint64_t size_bytes, bool has_lost_sum)
{
	struct perf_event_attr attr = attributes(has_lost_sum);

	attr.watermark = 1;
	attr.wakeup_watermark = (uint32_t)(size_bytes / POLL_CALL_SHARE);
	return attr;
}

static int open_buffers(struct perf_source *self, int map_fd, uint32_t pages, const uint32_t *cpus, uint32_t n_cpus)
{
	CLEANUP_FREE int *numbers = reallocarray(NULL, n_cpus, sizeof(*numbers));
	struct perf_event_attr attr = attributes_of_many((uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE), true);

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

/* An event that writes into the buffer of a CPU; negative errno. */
static int open_into(const struct perf_source *self, uint32_t index, struct perf_event_attr *attr)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, -1, self->reader.cpus[index].cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, perf_buffer__buffer_fd(self->buffers, index)) < 0 ||
	    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

static int open_first(const struct perf_source *self, uint32_t index)
{
	struct perf_event_attr attr = attributes(self->has_lost_sum);

	attr.wakeup_events = 1;
	return open_into(self, index, &attr);
}

/* For all CPUs or none: it is a help, and what opens files may have run into a limit. */
static void open_firsts(struct perf_source *self)
{
	uint32_t n_cpus = self->reader.n_cpus, opened = 0;
	CLEANUP_FREE int *first = calloc(n_cpus, sizeof(*first));

	while (first && opened < n_cpus && (first[opened] = open_first(self, opened)) >= 0)
		opened++;
	if (first && opened == n_cpus) {
		self->first = TAKE_PTR(first);
		return;
	}
	ecli_log(ECLI_LOG_INFO, "a lone row may come 50 ms late: a second event for each CPU cannot be opened (%s)",
		 strerror(first ? -first[opened] : ENOMEM));
	while (opened)
		close(first[--opened]);
}

static int make_reader(struct perf_source *self, const uint32_t *cpus, uint32_t n_cpus)
{
	struct perf_reader *reader = &self->reader;

	reader->cpus = calloc(n_cpus, sizeof(*reader->cpus));
	reader->heap = calloc(n_cpus, sizeof(*reader->heap));
	reader->scratch = malloc(PERF_SCRATCH_BYTES + 4);
	self->again = reallocarray(NULL, n_cpus, sizeof(*self->again));
	if (!self->again || !reader->cpus || !reader->heap || !reader->scratch)
		return -ENOMEM;
	reader->n_cpus = n_cpus;
	memset(self->again, 0xff, n_cpus * sizeof(*self->again));
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

static void replace(struct perf_cpu *cpu, int *fd, int by)
{
	if (*fd >= 0) {
		cpu->closed_lost += lost_of(*fd);
		close(*fd);
	}
	*fd = by;
}

/* New events for a CPU that came back. */
static int renew(struct perf_source *self, uint32_t index)
{
	struct perf_event_attr attr = attributes_of_many(self->reader.cpus[index].size_bytes, self->has_lost_sum);
	int many = open_into(self, index, &attr);
	int first = many >= 0 && self->first ? open_first(self, index) : -1;

	if (many < 0)
		return many;
	replace(&self->reader.cpus[index], &self->again[index], many);
	if (self->first)
		replace(&self->reader.cpus[index], &self->first[index], first >= 0 ? first : dup(many));
	name_event(self, index);
	return 0;
}

/* 1: done, 0: no source of this map has the CPU, or negative errno. */
static int renew_cpu(struct ecli_poll *poll, int map_fd, uint32_t cpu)
{
	struct poll_source *source;

	for (size_t i = 0; (source = poll_source_at(poll, i)); i++) {
		struct perf_source *self = (struct perf_source *)source;

		if (source->ops != &perf_ops || source->buffer.map_fd != map_fd)
			continue;
		for (uint32_t k = 0; k < self->reader.n_cpus; k++) {
			if (self->reader.cpus[k].cpu != cpu)
				continue;
			int r = renew(self, k);
			return r ? r : 1;
		}
	}
	return 0;
}

static int add_perf(struct ecli_poll *poll, int map_fd, uint32_t pages, const uint32_t *cpus, uint32_t n_cpus,
		    ecli_poll_record_fn on_record, ecli_poll_lost_fn on_lost, void *ctx, struct ecli_err *err)
{
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
	self->source.is_called = self->source.buffer.size_bytes >= POLL_CALL_MIN_BYTES;
	if (self->source.is_called)
		open_firsts(self);
	/* An epoll of its own with all CPUs in it. */
	self->source.fd = perf_buffer__epoll_fd(self->buffers);
	return poll_add_source(poll, &self->source, err);
}

int ecli_poll_add_perf_cpus(struct ecli_poll *poll, int map_fd, uint32_t pages, const uint32_t *cpus, uint32_t n_cpus,
			    ecli_poll_record_fn on_record, ecli_poll_lost_fn on_lost, void *ctx, struct ecli_err *err)
{
	CLEANUP_FREE uint32_t *unknown = reallocarray(NULL, n_cpus + 1, sizeof(*unknown));
	uint32_t n_unknown = 0;

	if (!pages || pages & (pages - 1) || pages > PAGES_LIMIT)
		return ecli_err_set(err, -EINVAL, "the pages of a perf buffer must be a power of two, not %u", pages);
	if (!unknown)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < n_cpus; i++) {
		int r = renew_cpu(poll, map_fd, cpus[i]);

		if (r < 0)
			return ecli_err_set(err, r, "cannot read CPU %u again: %s", cpus[i], strerror(-r));
		if (!r)
			unknown[n_unknown++] = cpus[i];
	}
	return n_unknown || !n_cpus ? add_perf(poll, map_fd, pages, unknown, n_unknown, on_record, on_lost, ctx, err)
				    : 0;
}

int ecli_poll_add_perf(struct ecli_poll *poll, int map_fd, uint32_t pages, ecli_poll_record_fn on_record,
		       ecli_poll_lost_fn on_lost, void *ctx, struct ecli_err *err)
{
	CLEANUP_FREE uint32_t *cpus = NULL;
	uint32_t n_cpus;
	int r = poll_cpus_online(err, &cpus, &n_cpus);

	return r < 0 ? r : ecli_poll_add_perf_cpus(poll, map_fd, pages, cpus, n_cpus, on_record, on_lost, ctx, err);
}

uint64_t ecli_poll_cpu_life(uint32_t cpu)
{
	return poll_cpus_life(cpu);
}

int ecli_poll_cpus(struct ecli_err *err, uint32_t **ret_cpus, uint32_t *ret_count)
{
	return poll_cpus_online(err, ret_cpus, ret_count);
}
