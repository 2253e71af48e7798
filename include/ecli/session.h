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

enum ecli_source {
	ECLI_SOURCE_RING,
	ECLI_SOURCE_PERF,
	ECLI_SOURCE_MAP,
	ECLI_SOURCE_TRACE_PIPE,
	ECLI_SOURCE_ITER,
	ECLI_SOURCE_NONE, /* the package reports nothing */
};

/* Why something was not seen. */
enum ecli_loss {
	ECLI_LOSS_BUFFER,    /* records: the ring or perf buffer was full */
	ECLI_LOSS_MAP,       /* entries: a map was full */
	ECLI_LOSS_STACK,     /* stacks: their slot in a map of stacks was taken by another */
	ECLI_LOSS_STORAGE,   /* storage of tasks, cgroups, inodes or sockets that could not be made */
	ECLI_LOSS_OUTPUT,    /* rows: the reader of the output did not keep up */
	ECLI_LOSS_UNREAD,    /* lines: the reader did not read when the run ended */
	ECLI_LOSS_RECURSION, /* runs of a program: one was running on that CPU already */
	ECLI_LOSS_PROBE,     /* runs of a program: the kernel could not handle the probe's hit */
	ECLI_LOSS_CPU,       /* records: of a CPU that came while the tool ran, before its buffer was opened */
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

/* What a run that reports stacks can be written as, at its end. */
enum ecli_profile { ECLI_PROFILE_FOLDED, ECLI_PROFILE_FLAME, ECLI_PROFILE_PPROF, ECLI_PROFILES };
/* "folded": in the order of the enum, NULL-terminated. */
extern const char *const ecli_profile_names[];

/* One that was written. */
struct ecli_session_profile {
	enum ecli_profile kind;
	const char *path;        /* "-": the output */
	uint64_t stacks, weight; /* rows, and the sum of their weights */
	const char *what;        /* what a weight is: "samples", or the name of its column */
};

/* How far a run is that shows nothing before its end. */
struct ecli_session_progress {
	uint64_t elapsed_ns;
	uint64_t stacks; /* 0: not known */
	uint64_t weight; /* 0: not known */
	const char *what;
};

struct ecli_session_stats {
	uint64_t events;     /* rows written */
	uint32_t sample;     /* these are one of so many; 0: all */
	uint64_t lost;       /* records, entries and rows that nobody will see */
	uint64_t missed;     /* runs of programs that the kernel left out */
	uint64_t malformed;  /* records that are not of the size of their type: too short, and left out, or */
	uint64_t longer;     /* of these: too long, and shown without what is behind the type */
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

/* From when on the numbers of a look count. */
enum ecli_since { ECLI_SINCE_START, ECLI_SINCE_LOOK /* the one before */, ECLI_SINCES };

/* One look at a table of a sampled map. Valid during the call, but for the plan and the names, which last as long as the run. */
struct ecli_session_round {
	size_t table;     /* which of the run's n_tables, from 0 */
	const char *name; /* of the map */
	const struct ecli_plan *plan;
	uint64_t wall_ns;       /* when it was taken */
	const uint8_t *records; /* n_records of record_bytes each, one after the other; NULL when there are none */
	size_t record_bytes, n_records;
	enum ecli_since since;
	bool has_both;        /* each look is handed over in both ways, one after the other, the package's own first */
	uint64_t left_out;    /* with ECLI_SINCE_START: entries that were deleted to make room and are not remembered */
	const uint8_t *total; /* a record of sums; NULL: none */
	const bool *sums;     /* a flag a column of the plan: there is a sum in it */
	/* What package and person ask for. */
	const struct ecli_field *sort; /* a column; NULL: none */
	bool is_descending;
	uint64_t top; /* 0: all */
};

/* What a view may change while the run goes on. */
struct ecli_session_control {
	uint32_t interval_ms; /* above 0 */
};

/*
 * Somebody who shows tables otherwise than as rows, as a screen does, for packages that show nothing but tables of sampled maps. Looks are then
 * handed over instead of rows. @top of the person comes with them, that of the package does not.
 */
struct ecli_session_view {
	/* Attached, about to wait. False: rows after all. */
	bool (*open)(void *ctx, size_t n_tables, const struct ecli_session_control *control);
	/* 0 to go on, 1 to end the run, negative errno to fail. */
	int (*on_round)(void *ctx, const struct ecli_session_round *round);
	/* One of @fds is readable; returns the same. */
	int (*on_readable)(void *ctx, int fd, struct ecli_session_control *control);
	/* The run is over, well or not; nothing is shown any more. What the plans were needed for ends here. on_summary() comes afterwards. */
	void (*close)(void *ctx);
	int fds[2]; /* watched while it is open */
	void *ctx;
};

struct ecli_session_opts {
	const struct ecli_package *package;
	const struct ecli_types *types;
	struct ecli_globals *globals; /* values given by the person */
	enum ecli_format format;
	enum ecli_heat heat;  /* histograms as a heat map, a line each look; with ECLI_FORMAT_TABLE */
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
	/* By kind: a file that is replaced at the end, "-": out_fd, NULL: not wanted. ECLI_FAIL_USAGE when the package reports no stacks. */
	const char *profiles[ECLI_PROFILES];
	bool no_rows;    /* nothing but profiles goes to out_fd */
	bool trace_self; /* leave our own threads in */
	bool summary;    /* JSON: a last {"ecli":"summary",...} record */
	int out_fd;      /* rows go here */
	int signal_fd; /* a signalfd; readable: stop, and less than a second for the results that are left. -1: none */
	/* May be NULL. From now on signals must not end the process by themselves, but be readable at signal_fd (true), or they may again (false). They
	 * may while programs are loaded, and after the first signal as soon as nothing is attached that the kernel would keep. */
	void (*on_hold)(void *ctx, bool holds);
	int look_fd;                          /* a signalfd; readable: sampled maps are looked at now. 0 or -1: none */
	const struct ecli_session_view *view; /* NULL: rows */
	void (*on_ready)(void *ctx, enum ecli_source source); /* attached, about to wait */
	/* While running, at most once a second for each name, and at the end. */
	void (*on_lost)(void *ctx, const struct ecli_session_loss *loss);
	/* A profile was written. May be NULL. */
	void (*on_profile)(void *ctx, const struct ecli_session_profile *profile);
	/* Once a second while stacks are gathered of which nothing is shown yet; then once with @progress NULL, before what is shown. May be NULL. */
	void (*on_progress)(void *ctx, const struct ecli_session_progress *progress);
	/* Everything is detached, read and told. */
	void (*on_summary)(void *ctx, const struct ecli_session_stats *stats);
	void *ctx;
};

/*
 * Runs to the end. A reader that closed the pipe (EPIPE) is a normal end, and so is a signal: within a second. Signals that came are
 * taken from signal_fd. @ret_stats is filled on success.
 */
int ecli_session_run(const struct ecli_session_opts *opts, struct ecli_err *err, struct ecli_session_stats *ret_stats);

/*
 * What a run shows beyond what the package says. Each changes @package for this run, before anything else is asked of it.
 *
 * show: "MAP" or "MAP=KIND", KIND table, log2_hist, linear_hist or stacks: the map, or the variable of .bss or .data, is shown as one with
 * @sample is. Without KIND its types decide.
 * format: "FIELD=FORMAT": a field of events, keys or values is shown as one with @format is (docs/formats/fields.md).
 * show_results: of a package that reports nothing the maps that look like results are shown (session/results.c), until show names one.
 *
 * set_map_size: "MAP=N": the map has room for N entries, whatever the package says.
 * skip_missing: every program is one that the run goes on without, as with @optional.
 *
 * 0, or with @err set: ECLI_FAIL_USAGE (no such map, field or format, or it does not fit), -ENOMEM.
 */
int ecli_session_show(struct ecli_package *package, const struct ecli_types *types, const char *text,
		      struct ecli_err *err);
int ecli_session_set_format(struct ecli_package *package, const struct ecli_types *types, const char *text,
			    struct ecli_err *err);
int ecli_session_set_map_size(struct ecli_package *package, const struct ecli_types *types, const char *text,
			      struct ecli_err *err);
int ecli_session_show_results(struct ecli_package *package, const struct ecli_types *types, struct ecli_err *err);
int ecli_session_skip_missing(struct ecli_package *package, struct ecli_err *err);
/* The names of the maps and variables that are shown by show_results, with commas between. Nothing when there is none. */
void ecli_session_list_results(const struct ecli_package *package, struct ecli_buf *out);

/* Whether the package shows sampled maps and variables and nothing else: --count counts looks then. */
bool ecli_session_is_sampled(const struct ecli_package *package, const struct ecli_types *types);
/* Whether it samples something, and by itself looks at it only at the end. */
bool ecli_session_has_one_look(const struct ecli_package *package);
/* Whether it samples anything; whether its object has ring or perf buffers. */
bool ecli_session_has_looks(const struct ecli_package *package);
bool ecli_session_has_buffers(const struct ecli_types *types);

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
