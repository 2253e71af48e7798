/* SPDX-License-Identifier: MIT */
/*
 * One run of one package, start to end: load, attach, poll, render, count what was lost, detach. The part that joins the
 * modules, so that a program around it only parses its command line and prints what the hooks tell.
 */
#ifndef ECLI_SESSION_H
#define ECLI_SESSION_H

#include <ecli/options.h>
#include <ecli/render.h>

enum ecli_source { ECLI_SOURCE_RING, ECLI_SOURCE_PERF, ECLI_SOURCE_MAP, ECLI_SOURCE_TRACE_PIPE, ECLI_SOURCE_ITER };

struct ecli_session_stats {
	uint64_t events;    /* rows written */
	uint64_t lost;      /* records the kernel side or a buffer could not deliver */
	uint64_t malformed; /* records too short for their type */
	uint64_t bytes;     /* of output */
	uint64_t attach_ns; /* from the call to attached */
	uint64_t run_ns;    /* from attached to the end of the loop */
	bool loss_is_exact; /* false: a ring buffer whose object has no prelude */
};

/* What nobody will see: records for a map, or runs of a program that the kernel left out (ecli_load_missed()). */
struct ecli_loss {
	const char *map, *program; /* one of them, the other is NULL */
	uint64_t count;            /* new */
	uint64_t total;            /* since the start */
};

struct ecli_session_opts {
	const struct ecli_package *package;
	const struct ecli_types *types;
	struct ecli_globals *globals; /* values given by the person */
	enum ecli_format format;
	uint64_t duration_ms; /* 0: no limit */
	uint64_t count;       /* rows; 0: no limit */
	uint32_t interval_ms; /* sampled maps: 0: the package's own */
	bool clear;           /* sampled maps: start anew after each interval; false: as the package says */
	const char *sort;     /* sampled maps: column, with an optional sign before it; NULL: as the package says */
	uint64_t top;         /* sampled maps: entries shown a round; 0: as the package says */
	const char *btf_path;
	bool trace_self;                                      /* leave our own threads in */
	bool summary;                                         /* JSON: a last {"ecli":"summary",...} record */
	int out_fd;                                           /* rows go here */
	int signal_fd;                                        /* readable: stop. -1: none */
	void (*on_ready)(void *ctx, enum ecli_source source); /* attached, about to wait */
	/* While running, at most once a second and place, and at the end. */
	void (*on_lost)(void *ctx, const struct ecli_loss *loss);
	void *ctx;
};

/*
 * Runs to the end. A reader that closed the pipe (EPIPE) is a normal end. @ret_stats is filled on success.
 */
int ecli_session_run(const struct ecli_session_opts *opts, struct ecli_err *err, struct ecli_session_stats *ret_stats);

#endif
