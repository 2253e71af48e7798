/* SPDX-License-Identifier: MIT */
/*
 * Which code processes map, and which code of BPF programs the kernel has, told by the kernel as it happens: a buffer a CPU, read in the order of time.
 *
 *     mmap2:   header, u32 pid, tid, u64 addr, len, pgoff, u32 major, minor, u64 inode, generation, u32 prot, flags, path, u64 time
 *     fork:    header, u32 pid, ppid, tid, ptid, u64 time, u64 time        comm: header, u32 pid, tid, name, u64 time
 *     ksymbol: header, u64 addr, u32 len, u16 type, flags, name, u64 time
 *
 * struct perf_event_mmap_page and the records: include/uapi/linux/perf_event.h of Linux. Only new mappings of code are told (attr.mmap, without
 * mmap_data), some five for each program that starts.
 *
 * The path comes from whoever named the file: its end is looked for, and nothing else is taken from it. Where lengths contradict each other the buffer's
 * rest is dropped; names are lost then, and nothing else.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "poll/cpus.h"
#include "poll/source.h"

#define BUFFER_BYTES (256u << 10) /* a CPU, and less when there are many */
#define ALL_BYTES    (8u << 20)   /* of all CPUs */
#define LEAST_BYTES  (32u << 10)
#define RECORD_MAX   8192u            /* a path has 4,096 bytes */
#define TRAILER      sizeof(uint64_t) /* the time stands at the end of each */

struct cpu {
	int fd;
	struct perf_event_mmap_page *page; /* the records are behind it */
	uint64_t head, tail;
	uint64_t time_ns; /* of the record at tail */
};

struct ecli_poll_processes {
	struct poll_source source;
	ecli_poll_process_fn on_process;
	uint32_t n_cpus;
	uint32_t page_bytes, buffer_bytes;                 /* powers of two */
	_Alignas(uint64_t) uint8_t record[RECORD_MAX + 1]; /* the one that is looked at */
	struct cpu cpus[];
};

struct mapped {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t start, size_bytes, offset;
	uint32_t device_major, device_minor;
	uint64_t inode, generation;
	uint32_t prot, flags;
	char path[];
};

struct forked {
	struct perf_event_header header;
	uint32_t pid, parent, tid, parent_tid;
	uint64_t time_ns;
};

struct named {
	struct perf_event_header header;
	uint32_t pid, tid;
	char name[];
};

struct ksymbol {
	struct perf_event_header header;
	uint64_t start;
	uint32_t size_bytes;
	uint16_t type, flags;
	char name[];
};

static void copy(const struct ecli_poll_processes *self, const struct cpu *cpu, uint64_t at, void *to,
		 size_t size_bytes)
{
	const uint8_t *data = (const uint8_t *)cpu->page + self->page_bytes;
	size_t start = at & (self->buffer_bytes - 1), straight = self->buffer_bytes - start;

	memcpy(to, data + start, size_bytes < straight ? size_bytes : straight);
	if (straight < size_bytes)
		memcpy((uint8_t *)to + straight, data, size_bytes - straight);
}

/* The size of the record at the tail, whose time is taken; 0: there is none, or what is there makes no sense. */
static uint16_t peek(const struct ecli_poll_processes *self, struct cpu *cpu)
{
	struct perf_event_header header;
	uint64_t room = cpu->head - cpu->tail;

	if (room < sizeof(header))
		return 0;
	copy(self, cpu, cpu->tail, &header, sizeof(header));
	if (room > self->buffer_bytes || header.size > room || header.size < sizeof(header) + TRAILER) {
		cpu->tail = cpu->head;
		return 0;
	}
	copy(self, cpu, cpu->tail + header.size - TRAILER, &cpu->time_ns, TRAILER);
	return header.size;
}

static void tell(struct ecli_poll_processes *self, uint16_t size_bytes, uint64_t time_ns)
{
	const struct mapped *mapped = (const void *)self->record;
	const struct forked *forked = (const void *)self->record;
	const struct ksymbol *ksymbol = (const void *)self->record;
	const struct named *named = (const void *)self->record;
	struct ecli_poll_process process = { .pid = mapped->pid }; /* in the same place in all three of processes */

	self->record[size_bytes - TRAILER] = '\0';
	switch (mapped->header.type) {
	case PERF_RECORD_MMAP2:
		if (size_bytes < sizeof(*mapped) + TRAILER)
			return;
		process.kind = ECLI_POLL_MAPPED;
		process.start = mapped->start;
		process.size_bytes = mapped->size_bytes;
		process.offset = mapped->offset;
		process.device_major = mapped->device_major;
		process.device_minor = mapped->device_minor;
		process.inode = mapped->inode;
		process.path = mapped->path;
		break;
	case PERF_RECORD_FORK:
		/* A new thread has what its process has. */
		if (size_bytes < sizeof(*forked) || forked->pid == forked->parent)
			return;
		process.kind = ECLI_POLL_FORKED;
		process.parent = forked->parent;
		break;
	case PERF_RECORD_COMM:
		if (size_bytes < sizeof(*named) + TRAILER)
			return;
		process.kind = named->header.misc & PERF_RECORD_MISC_COMM_EXEC ? ECLI_POLL_EXECED : ECLI_POLL_NAMED;
		process.path = named->name;
		break;
	case PERF_RECORD_KSYMBOL:
		if (size_bytes < sizeof(*ksymbol) + TRAILER)
			return;
		process = (struct ecli_poll_process){ .kind = ECLI_POLL_KERNEL,
						      .start = ksymbol->start,
						      .size_bytes = ksymbol->size_bytes,
						      .is_gone = ksymbol->flags & PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER,
						      .path = ksymbol->name };
		break;
	default:
		return;
	}
	process.time_ns = time_ns;
	self->on_process(self->source.ctx, &process);
}

void ecli_poll_read_processes(struct ecli_poll_processes *self)
{
	for (uint32_t i = 0; i < self->n_cpus; i++)
		self->cpus[i].head = __atomic_load_n(&self->cpus[i].page->data_head, __ATOMIC_ACQUIRE);
	for (;;) {
		struct cpu *oldest = NULL;
		uint16_t size_bytes = 0;

		for (uint32_t i = 0; i < self->n_cpus; i++) {
			uint16_t its = peek(self, &self->cpus[i]);

			if (!its || (oldest && self->cpus[i].time_ns >= oldest->time_ns))
				continue;
			oldest = &self->cpus[i];
			size_bytes = its;
		}
		if (!oldest)
			break;
		if (size_bytes <= RECORD_MAX) {
			copy(self, oldest, oldest->tail, self->record, size_bytes);
			tell(self, size_bytes, oldest->time_ns);
		}
		oldest->tail += size_bytes;
		__atomic_store_n(&oldest->page->data_tail, oldest->tail, __ATOMIC_RELEASE);
	}
}

static int drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		 struct ecli_err *err)
{
	(void)budget, (void)round, (void)err;
	source->active = false;
	ecli_poll_read_processes((struct ecli_poll_processes *)source);
	return 0;
}

static void free_source(struct poll_source *source)
{
	struct ecli_poll_processes *self = (struct ecli_poll_processes *)source;

	for (uint32_t i = 0; i < self->n_cpus; i++) {
		if (self->cpus[i].page)
			munmap(self->cpus[i].page, (size_t)self->page_bytes + self->buffer_bytes);
		close(self->cpus[i].fd);
	}
	if (source->fd >= 0)
		close(source->fd);
	free(self);
}

static const struct poll_source_ops ops = { .drain = drain, .free = free_source };

static int open_cpu(struct ecli_poll_processes *self, uint32_t number, bool with_processes)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.mmap = with_processes,
		.mmap2 = with_processes,
		.comm = with_processes,
		.comm_exec = with_processes,
		.task = with_processes,
		.ksymbol = 1,
		.sample_id_all = 1,
		.sample_type = PERF_SAMPLE_TIME,
		.watermark = 1,
		.wakeup_watermark = self->buffer_bytes / 4,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	struct epoll_event event = { .events = EPOLLIN };
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, (int)number, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && errno == EINVAL && with_processes) { /* a kernel before 5.1 */
		attr.ksymbol = 0;
		fd = (int)syscall(SYS_perf_event_open, &attr, -1, (int)number, -1, PERF_FLAG_FD_CLOEXEC);
	}
	if (fd < 0)
		return errno == ENODEV ? 0 : -errno; /* a CPU that went offline */
	struct cpu *cpu = &self->cpus[self->n_cpus++];
	cpu->fd = fd;
	void *page =
		mmap(NULL, (size_t)self->page_bytes + self->buffer_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return -errno;
	cpu->page = page;
	return epoll_ctl(self->source.fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int ecli_poll_add_processes(struct ecli_poll *poll, bool with_processes, ecli_poll_process_fn on_process, void *ctx,
			    struct ecli_poll_processes **ret)
{
	CLEANUP_FREE uint32_t *cpus = NULL;
	uint32_t n_cpus;
	int r = poll_cpus_online(NULL, &cpus, &n_cpus);

	if (r < 0)
		return r;
	struct ecli_poll_processes *self = calloc(1, sizeof(*self) + n_cpus * sizeof(self->cpus[0]));
	if (!self)
		return -ENOMEM;
	self->source = (struct poll_source){
		.ops = &ops, .fd = epoll_create1(EPOLL_CLOEXEC), .epoll_in = EPOLLIN, .ctx = ctx
	};
	self->on_process = on_process;
	self->page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	self->buffer_bytes = BUFFER_BYTES;
	while (self->buffer_bytes > LEAST_BYTES && (uint64_t)self->buffer_bytes * n_cpus > ALL_BYTES)
		self->buffer_bytes /= 2;
	if (self->buffer_bytes < self->page_bytes)
		self->buffer_bytes = self->page_bytes;
	r = self->source.fd < 0 ? -errno : 0;
	for (uint32_t i = 0; !r && i < n_cpus; i++)
		r = open_cpu(self, cpus[i], with_processes);
	if (r) {
		free_source(&self->source);
		return r;
	}
	r = poll_add_source(poll, &self->source, NULL);
	if (!r)
		*ret = self;
	return r;
}
