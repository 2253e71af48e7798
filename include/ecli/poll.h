/* SPDX-License-Identifier: MIT */
/*
 * One event loop over sources: ring buffers, perf buffers, sampled maps, iterators, the trace pipe, timers, signals. It hands
 * bytes to callbacks and knows no format.
 *
 * Late on purpose: after a wake-up it drains (with a bound, so timers and signals are served under any load), sleeps until the kernel calls or 40 ms
 * have passed (where the kernel does not call in time: naps), drains again; a row is never later than ECLI_POLL_LATENCY_MS. Before it sleeps on_idle is
 * called (flush).
 */
#ifndef ECLI_POLL_H
#define ECLI_POLL_H

#include <ecli/base.h>

#define ECLI_POLL_LATENCY_MS 100

struct ecli_poll;

struct ecli_poll_record {
	const void *data; /* valid during the call only; alignment 4 for perf records */
	size_t size_bytes;
	uint64_t mono_ns; /* CLOCK_MONOTONIC: of the event (perf buffers), or of the drain (everything else) */
	uint32_t cpu;     /* perf buffers only, else 0 */
};

/* A record arrived. Return 0 to go on, 1 to stop the loop after this record (later ones stay unread), negative errno to fail. */
typedef int (*ecli_poll_record_fn)(void *ctx, const struct ecli_poll_record *record);
/* Sampled maps: a round is through; @mono_ns is its end. */
typedef int (*ecli_poll_pass_fn)(void *ctx, uint64_t mono_ns);
/* Perf only: the kernel says @count records of @cpu did not fit. */
typedef void (*ecli_poll_lost_fn)(void *ctx, uint32_t cpu, uint64_t count);

int ecli_poll_new(struct ecli_err *err, struct ecli_poll **ret_poll);
void ecli_poll_free(struct ecli_poll *poll);

/* fds are borrowed. @pages: per CPU, a power of two. */
int ecli_poll_add_ring(struct ecli_poll *poll, int map_fd, ecli_poll_record_fn on_record, void *ctx,
		       struct ecli_err *err);
/*
 * The kernel side of each ring that was added calls (BPF_RB_FORCE_WAKEUP) whenever a quarter of it was written. So the reader need not look by itself
 * again and again: it sleeps between two rounds, and is called for no record but the first one after a time without any.
 */
void ecli_poll_rings_call(struct ecli_poll *poll);
int ecli_poll_add_perf(struct ecli_poll *poll, int map_fd, uint32_t pages, ecli_poll_record_fn on_record,
		       ecli_poll_lost_fn on_lost, void *ctx, struct ecli_err *err);
/* The same for @cpus alone, ascending: those that came since, which may be some that were there before. May be called while the loop runs. */
int ecli_poll_add_perf_cpus(struct ecli_poll *poll, int map_fd, uint32_t pages, const uint32_t *cpus, uint32_t n_cpus,
			    ecli_poll_record_fn on_record, ecli_poll_lost_fn on_lost, void *ctx, struct ecli_err *err);
/* The running CPUs, ascending; the caller frees @ret_cpus. */
int ecli_poll_cpus(struct ecli_err *err, uint32_t **ret_cpus, uint32_t *ret_count);
/* Another number each time that the CPU has come, so that one that went and came back in between is seen, as all but the first do when the machine
 * sleeps. 0: it is not there, or that cannot be known. */
uint64_t ecli_poll_cpu_life(uint32_t cpu);
/* Every @interval_ms (0: never by itself) and whenever ecli_poll_look() asks all entries are read and handed out as records: key, padded to 8 bytes, then value (per-CPU values: the
 * values of all possible CPUs one after the other). @clear deletes each entry after it was read; an array's entries become zero
 * instead. A last round runs in ecli_poll_drain(). @on_pass: after the last entry of each round; returns as @on_record does. May be NULL. */
int ecli_poll_add_map(struct ecli_poll *poll, int map_fd, uint32_t interval_ms, bool clear,
		      ecli_poll_record_fn on_record, ecli_poll_pass_fn on_pass, void *ctx, struct ecli_err *err);
/* Calls @fn after @first_ms, and again after as many milliseconds as it returns each time; 0: never again. */
typedef uint32_t (*ecli_poll_timer_fn)(void *ctx);
int ecli_poll_add_timer(struct ecli_poll *poll, uint32_t first_ms, ecli_poll_timer_fn fn, void *ctx,
			struct ecli_err *err);
/*
 * The same for a variable in memory: the map of a section (.bss, .data), read where it is mapped. Records are an index, padded to 8 bytes, when
 * @memory->has_index, then the element. @clear exchanges each word with 0. -EINVAL: it lies outside of the section.
 */
struct ecli_poll_memory {
	uint32_t offset_bytes, element_bytes, elements;
	bool has_index;
};
int ecli_poll_add_memory(struct ecli_poll *poll, int map_fd, const struct ecli_poll_memory *memory,
			 uint32_t interval_ms, bool clear, ecli_poll_record_fn on_record, ecli_poll_pass_fn on_pass,
			 void *ctx, struct ecli_err *err);
/* Every sampled map is looked at as soon as possible. May be called from a callback. */
void ecli_poll_look(struct ecli_poll *poll);
/* The same whenever @fd becomes readable; what comes is a struct signalfd_siginfo, or 8 bytes, and read by this. Borrowed. */
int ecli_poll_add_trigger(struct ecli_poll *poll, int fd, struct ecli_err *err);
/* Reads the entry of @key and deletes it, in one step where the kernel can (5.14). @value: of all CPUs. -ENOENT: there is none; another negative errno. */
int ecli_poll_take(int map_fd, const void *key, void *value);
/* Reads an iterator's output to its end once, in chunks, when the loop starts. */
int ecli_poll_add_iter(struct ecli_poll *poll, int link_fd, ecli_poll_record_fn on_chunk, void *ctx,
		       struct ecli_err *err);

/* @fd can be read, or its other end is gone. Returns as ecli_poll_record_fn does; what it does not read is told again. */
typedef int (*ecli_poll_readable_fn)(void *ctx, int fd);
/* Calls @on_readable whenever @fd (borrowed, something that epoll can watch) is readable. -EPERM: a regular file. */
int ecli_poll_add_fd(struct ecli_poll *poll, int fd, ecli_poll_readable_fn on_readable, void *ctx,
		     struct ecli_err *err);
/* All that is looked at on a timer is looked at every @interval_ms (above 0) from now on. */
void ecli_poll_set_interval(struct ecli_poll *poll, uint32_t interval_ms);

/* A line of bpf_printk(), parsed. */
struct ecli_poll_print {
	const char *task;
	size_t task_len;
	uint32_t pid, cpu;
	uint64_t mono_ns;
	const char *message;
	size_t message_len;
};
typedef int (*ecli_poll_print_fn)(void *ctx, const struct ecli_poll_print *line);
/* Follows bpf_printk() through a private instance of the tracefs at @tracefs, which goes with the poll object; the global pipe
 * where the kernel cannot do that (a kernel without the bpf_trace_printk event). Add it before programs are attached. The lines of
 * all programs of the machine come; lines the kernel overwrote are told through the log, as a warning. */
int ecli_poll_add_trace_pipe(struct ecli_poll *poll, const char *tracefs, ecli_poll_print_fn on_line, void *ctx,
			     struct ecli_err *err);

/* A private instance for bpf_printk(), which the kernel keeps, with its memory, when its process is killed. */
struct ecli_poll_instance {
	const char *name; /* of its folder in tracefs */
	uint32_t pid;     /* of the process that made it */
	bool is_alive;    /* not left over: the process runs, or somebody reads the instance */
	int error;        /* 0: removed, or only listed; else why that failed, a negative errno */
};
typedef void (*ecli_poll_instance_fn)(void *ctx, const struct ecli_poll_instance *instance);
/* Calls @fn for each of them below the tracefs at @tracefs; with @remove removes first those that are left over. -EACCES and the like. */
int ecli_poll_each_instance(const char *tracefs, bool remove, ecli_poll_instance_fn fn, void *ctx,
			    struct ecli_err *err);

/* ---- what processes map, and the kernel loads ------------------------------------------------------------------ */

/* One thing that happened to the code of a process, in the order of time. All of it is untrusted. */
struct ecli_poll_process {
	enum ecli_poll_process_kind {
		ECLI_POLL_MAPPED, /* it mapped a piece of a file that it may execute */
		ECLI_POLL_FORKED, /* it came to be, with all that @parent has mapped */
		ECLI_POLL_EXECED, /* it began another program: what it had mapped is gone */
		ECLI_POLL_NAMED,  /* one of its threads has another name */
		ECLI_POLL_KERNEL, /* no process: a BPF program or the like came to the kernel, or went from it */
	} kind;
	uint32_t pid, parent; /* thread group ids, as ecli's process namespace numbers them; 0: outside of it */
	uint64_t start, size_bytes,
		offset; /* MAPPED: where, how much, and of which byte of the file on; KERNEL: where, how much */
	uint32_t device_major, device_minor;
	uint64_t inode;
	uint64_t time_ns; /* when, by CLOCK_MONOTONIC */
	bool is_gone;     /* KERNEL: it went */
	const char *
		path; /* as its process saw it; "[vdso]" and the like have no inode. EXECED, NAMED: the thread's name. KERNEL: the symbol's */
};
typedef void (*ecli_poll_process_fn)(void *ctx, const struct ecli_poll_process *process);

struct ecli_poll_processes;
/*
 * Has the kernel tell (PERF_RECORD_MMAP2, FORK, COMM) which code the processes of the machine map from now on, so that addresses of those that are gone when
 * somebody looks have names; @with_processes false: not this. And (PERF_RECORD_KSYMBOL, Linux 5.1) which code of BPF programs it has itself. They are told when the kernel's buffers (256 KiB a CPU, 8 MiB in all) fill up, and by ecli_poll_read_processes(), which is to be called before names are
 * asked for. What did not fit is not told. @ret: belongs to the poll object. -EACCES, -EPERM: not allowed; -ENOENT, -EOPNOTSUPP: the kernel has no such thing. None of them has
 * a sentence: a run can do without.
 */
int ecli_poll_add_processes(struct ecli_poll *poll, bool with_processes, ecli_poll_process_fn on_process, void *ctx,
			    struct ecli_poll_processes **ret);
void ecli_poll_read_processes(struct ecli_poll_processes *processes);

/*
 * Changes of the clocks. The descriptor is readable from when the wall clock was set, or the machine woke up (suspend), until the next read. Reading
 * tells whether the machine slept since the last call, and from when on, as CLOCK_MONOTONIC tells, which stands still meanwhile; false as well where
 * that cannot be known: before ecli_poll_clocks_watch(), and for lack of tracefs or of a right. NULL: changes are not told.
 */
struct ecli_poll_clocks *ecli_poll_clocks_new(void);
/* From now on it is known when the machine sleeps. The kernel takes 20 to 90 ms to let go of that, in _free(): nothing for short runs. */
void ecli_poll_clocks_watch(struct ecli_poll_clocks *clocks);
void ecli_poll_clocks_free(struct ecli_poll_clocks *clocks);
int ecli_poll_clocks_fd(const struct ecli_poll_clocks *clocks);
bool ecli_poll_clocks_read(struct ecli_poll_clocks *clocks, uint64_t *ret_mono_ns);

struct ecli_poll_run {
	uint64_t duration_ms; /* 0: until a signal or a callback stops it */
	int signal_fd;        /* a signalfd; readable means stop. -1: none */
	int out_fd; /* a pipe or terminal written to: stop (ECLI_POLL_CALLBACK) when its reader is gone. 0: none */
	void (*on_writable)(void *ctx); /* may be NULL: out_fd was full and can take more */
	int clock_fd;                   /* of ecli_poll_clocks_fd(). 0: none */
	/* After each wait, before anything is read; may be NULL. @is_told: clock_fd is readable. (A machine that woke up may tell it late.) */
	void (*on_clock)(void *ctx, bool is_told);
	void (*on_idle)(void *ctx);   /* may be NULL: nothing more to read for now */
	void (*on_second)(void *ctx); /* may be NULL: once a second, under any load */
	void *ctx;
};
enum ecli_poll_end {
	ECLI_POLL_DURATION,
	ECLI_POLL_SIGNAL,
	ECLI_POLL_CALLBACK,
	ECLI_POLL_FINISHED /* only iterators, all read */
};
int ecli_poll_run(struct ecli_poll *poll, const struct ecli_poll_run *run, struct ecli_err *err,
		  enum ecli_poll_end *ret_end);
/* The loop ends before its next round (ECLI_POLL_CALLBACK): for callbacks that cannot say so by what they return. */
void ecli_poll_stop(struct ecli_poll *poll);
/* A ring or perf buffer that was added, and the most of it that was in use at once, as far as the reader saw. */
struct ecli_poll_buffer {
	int map_fd;
	uint64_t size_bytes; /* of the ring; perf: of each CPU's buffer */
	uint64_t high_bytes; /* perf: of the CPU that had most */
};
/* -ENOENT past the end. In the order in which they were added. */
int ecli_poll_buffer(const struct ecli_poll *poll, size_t index, struct ecli_poll_buffer *ret_buffer);
/* Reads what is still in the buffers, after programs were detached. Bounded: what is there at the call. */
int ecli_poll_drain(struct ecli_poll *poll, struct ecli_err *err);
/* The same until @is_over, asked every few milliseconds, says that there is no time for more. Then looks end with the entries they have, the rest
 * stays unread, and 1 is returned. */
int ecli_poll_drain_until(struct ecli_poll *poll, bool (*is_over)(void *ctx), void *ctx, struct ecli_err *err);

#endif
