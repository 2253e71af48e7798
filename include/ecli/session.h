/* SPDX-License-Identifier: MIT */
/*
 * One run of one package, start to end: load, attach, poll, render, count what was lost, detach. The part that joins the
 * modules, so that a program around it only parses its command line and prints what the hooks tell.
 */
#ifndef ECLI_SESSION_H
#define ECLI_SESSION_H

#include <ecli/load.h>
#include <ecli/options.h>
#include <ecli/render.h>

enum ecli_source { ECLI_SOURCE_RING, ECLI_SOURCE_PERF, ECLI_SOURCE_MAP, ECLI_SOURCE_TRACE_PIPE, ECLI_SOURCE_ITER };

/* Why something was not seen. */
enum ecli_loss {
	ECLI_LOSS_BUFFER,    /* records: the ring or perf buffer was full */
	ECLI_LOSS_MAP,       /* entries: a map was full */
	ECLI_LOSS_OUTPUT,    /* rows: the reader of the output did not keep up */
	ECLI_LOSS_UNREAD,    /* lines: the reader did not read when the run ended */
	ECLI_LOSS_RECURSION, /* runs of a program: one was running on that CPU already */
	ECLI_LOSS_PROBE,     /* runs of a program: the kernel could not handle the probe's hit */
};
/* "buffer full": as JSON has it. In the order of the enum. */
extern const char *const ecli_loss_names[];

struct ecli_session_loss {
	enum ecli_loss why;
	const char *name; /* of the map or program; "" for the output's */
	uint64_t count;   /* since it was told last */
	uint64_t total;   /* since the start */
};

/* A ring or perf buffer of the run. */
struct ecli_session_buffer {
	const char *map;
	bool is_perf;
	uint64_t size_bytes; /* perf: of each CPU */
	uint64_t high_bytes; /* the most in use at once; perf: of the CPU that had most */
	bool was_full;       /* no room for one more record */
};

struct ecli_session_stats {
	uint64_t events;     /* rows written */
	uint32_t sample;     /* these are one of so many; 0: all */
	uint64_t lost;       /* records, entries and rows that nobody will see */
	uint64_t missed;     /* runs of programs that the kernel left out */
	uint64_t malformed;  /* records too short for their type */
	uint64_t bytes;      /* of output */
	uint64_t attach_ns;  /* from the call to attached */
	uint64_t run_ns;     /* from attached to the end of the loop */
	uint64_t user_ns;    /* CPU time of this process from attached to the last row, */
	uint64_t system_ns;  /* and of the kernel for it */
	uint64_t peak_bytes; /* of memory; a ring buffer that had records counts twice. 0: not known */
	bool loss_is_exact;  /* false: a ring buffer whose object has no prelude */
	bool maybe_lost;     /* such a buffer was full */

	/* Valid during on_summary() only. */
	const struct ecli_session_loss *losses; /* total > 0 */
	size_t n_losses;
	const struct ecli_session_buffer *buffers;
	size_t n_buffers;
};

struct ecli_session_opts {
	const struct ecli_package *package;
	const struct ecli_types *types;
	struct ecli_globals *globals; /* values given by the person */
	enum ecli_format format;
	uint64_t duration_ms; /* 0: no limit */
	uint64_t count;       /* rows, or looks when the package has nothing but sampled maps; 0: no limit */
	const char *where;    /* which rows: an expression (where.h); NULL: all */
	uint32_t sample;      /* one of so many of these; 0 or 1: all */
	uint32_t interval_ms; /* sampled maps: 0: the package's own */
	bool at_end;          /* sampled maps: no interval, only the last look (and those that look_fd asks for) */
	bool clear;           /* sampled maps: start anew after each interval; false: as the package says */
	const char *sort;     /* sampled maps: column, with an optional sign before it; NULL: as the package says */
	uint64_t top;         /* sampled maps: entries shown a round; 0: as the package says */
	const char *btf_path;
	bool no_links; /* as in load.h */
	enum ecli_loader loader;
	uint64_t
		buffer_bytes; /* of each ring buffer, and of each CPU's perf buffer; 0: chosen (ecli_session_buffer_bytes) */
	bool trace_self;      /* leave our own threads in */
	bool summary;         /* JSON: a last {"ecli":"summary",...} record */
	int out_fd;           /* rows go here */
	int signal_fd;        /* readable: stop. -1: none */
	int look_fd;          /* a signalfd; readable: sampled maps are looked at now. 0 or -1: none */
	void (*on_ready)(void *ctx, enum ecli_source source); /* attached, about to wait */
	/* While running, at most once a second for each name, and at the end. */
	void (*on_lost)(void *ctx, const struct ecli_session_loss *loss);
	/* Everything is detached, read and told. */
	void (*on_summary)(void *ctx, const struct ecli_session_stats *stats);
	void *ctx;
};

/*
 * Runs to the end. A reader that closed the pipe (EPIPE) is a normal end. Signals that come while the last rows are written are
 * taken from signal_fd. @ret_stats is filled on success.
 */
int ecli_session_run(const struct ecli_session_opts *opts, struct ecli_err *err, struct ecli_session_stats *ret_stats);

/* Whether the package shows sampled maps and variables and nothing else: --count counts looks then. */
bool ecli_session_is_sampled(const struct ecli_package *package, const struct ecli_types *types);

/* What a buffer's size is chosen from. */
struct ecli_session_machine {
	uint64_t page_bytes, memory_bytes;
	uint32_t cpus; /* running */
};
struct ecli_session_machine ecli_session_this_machine(void);
/*
 * How large a buffer for records of @record_bytes (the largest of its types) has to be at least, in bytes, a power of two pages:
 * a ring buffer, or one CPU's share of a perf buffer. A buffer whose own size is larger keeps it.
 */
uint64_t ecli_session_buffer_bytes(bool is_perf, uint64_t record_bytes, const struct ecli_session_machine *machine);

#endif
