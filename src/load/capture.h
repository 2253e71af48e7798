/* SPDX-License-Identifier: MIT */
/*
 * What libbpf said while it worked. libbpf returns one errno for a whole object; which program or map it was about
 * stands only in its messages, so these are read here, once, into facts. They go to the log hook as ECLI_LOG_DEBUG and
 * never to stderr.
 */
#ifndef ECLI_LOAD_CAPTURE_H
#define ECLI_LOAD_CAPTURE_H

#include <stdbool.h>

struct ecli_capture {
	char prog[128];           /* the program of the last warning about one; "" */
	char map[128];            /* the map that could not be made; "" */
	char missing_extern[128]; /* a kernel function, variable or CONFIG_ that was not found; "" */
	char absent[256];    /* kernel functions and variables (__weak) that are not there, with commas between; "" */
	bool nothing_loads;  /* not even the smallest program loads here */
	bool no_kernel_btf;  /* the kernel's type information was not found */
	bool bad_target_btf; /* the type information given by the person is not readable */
	bool no_usdt_maps;   /* USDT: the object was built without bpf/usdt.bpf.h */
};

/* Routes libbpf's messages of this thread into @capture (cleared first) until ecli_capture_stop(); they go on reaching
 * the log hook after that. */
void ecli_capture_start(struct ecli_capture *capture);
void ecli_capture_stop(void);

/* Reads one message, without its newline and "libbpf: ". Apart for tests. */
void ecli_capture_read(struct ecli_capture *capture, const char *line);

#endif
