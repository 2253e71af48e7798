/* SPDX-License-Identifier: MIT */
/* The sites of USDT probes as the notes have them, and attaching to some of a probe's. */
#ifndef ECLI_LOAD_ATTACH_USDT_SITES_H
#define ECLI_LOAD_ATTACH_USDT_SITES_H

#include "load/attach/usdt.h"

#define ECLI_USDT_MAX_ARGUMENTS 12 /* BPF_USDT_MAX_ARG_CNT of <bpf/usdt.bpf.h> */

struct ecli_usdt_site {
	uint64_t address, base, semaphore; /* as they were linked; @base: of .stapsdt.base then; @semaphore 0: none */
	const char *provider, *name, *arguments;
};
/* Calls @fn for each site in the file; ends with what it returns if that is not 0. As ecli_executable_open(). */
typedef int (*ecli_usdt_fn)(void *ctx, const struct ecli_usdt_site *site);
int ecli_usdt_each(const struct ecli_executable *executable, ecli_usdt_fn fn, void *ctx);

/* Whether it is one of "PROVIDER:NAME". */
bool ecli_usdt_is_meant(const struct ecli_usdt_site *site, const char *what);

/* What keeps a site from being attached. */
struct ecli_usdt_fault {
	unsigned int count;    /* of arguments */
	unsigned int argument; /* the first that cannot be read, from 1 on; 0: all can */
	char text[64];         /* that one, else the last that there is room for */
};
void ecli_usdt_check_arguments(const char *text, struct ecli_usdt_fault *ret);
bool ecli_usdt_is_faulty(const struct ecli_usdt_fault *fault);

/* Attaches to those sites of place->what whose arguments can be read. */
int ecli_usdt_attach_sites(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err);

#endif
