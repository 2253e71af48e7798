/* SPDX-License-Identifier: MIT */
/*
 * What the verifier's log says, for a person: the reason, the source line it was about, and the end of the log.
 */
#ifndef ECLI_LOAD_VERDICT_H
#define ECLI_LOAD_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

struct ecli_verdict {
	char reason[256]; /* "R0 invalid mem access 'map_value_or_null'"; "" when the log says none */
	char source[160]; /* "return *v;"; "" when unknown */
	char where[96];   /* "tool.bpf.c:10"; "" when unknown (kernels before 6.8) */
	const char *tail; /* the last lines, within the log; no closing newline */
	size_t tail_len;
};

/* Reads a log of any length; @log is NUL-terminated. Never fails: what is not there stays empty. */
void ecli_verdict_read(const char *log, struct ecli_verdict *ret);

/* What its author can do about a reason: half a sentence; NULL when nothing is known. */
const char *ecli_verdict_advice(const char *reason);

/* Whether the log tells of a call where libbpf (1.1) found no function of the kernel: one that is __weak, and not there. */
bool ecli_verdict_calls_nothing(const char *log);

#endif
