/* SPDX-License-Identifier: MIT */
/*
 * Names of kernel addresses, from /proc/kallsyms: functions of the kernel, of its modules, and BPF programs. Read at the
 * first question (some 200,000 symbols, 6 MB kept, 50 ms), and again when modules or programs came or went since, or, at most every 30 s, when an address has no
 * name. What the kernel tells of programs while a run lasts comes before it. Where the file cannot be read or hides its addresses (kernel.kptr_restrict), no address has a
 * name, and ecli_ksyms_problem() says why.
 */
#ifndef ECLI_SYMBOLS_KSYMS_H
#define ECLI_SYMBOLS_KSYMS_H

#include <ecli/symbols.h>

struct ecli_ksyms;

struct ecli_ksym {
	const char *name;
	const char *module; /* "ext4", "bpf"; "" for the kernel itself */
	uint64_t offset;    /* bytes into the function */
};

/* @path: a file in the form of /proc/kallsyms, borrowed; nothing is read yet. NULL when out of memory. */
struct ecli_ksyms *ecli_ksyms_new(const char *path);
void ecli_ksyms_free(struct ecli_ksyms *ksyms);

/* The function that @address lies in; its texts are valid until the next question. False when it is not known. */
bool ecli_ksyms_find(struct ecli_ksyms *ksyms, uint64_t address, struct ecli_ksym *ret);

/*
 * A symbol came or went (PERF_RECORD_KSYMBOL). It counts for good, since whoever asks has addresses of any time of the run. Where two have lain one after the other
 * there is no name, but when one of them was there for 50 times as long as the others together: programs that load others come for some milliseconds. 8,192 are kept. @event, of
 * kind ECLI_SYMBOLS_KERNEL, is copied.
 */
void ecli_ksyms_tell(struct ecli_ksyms *ksyms, const struct ecli_symbols_event *event);

/* One sentence; NULL when there are names, or when nothing was asked yet. Valid as long as @ksyms. */
const char *ecli_ksyms_problem(const struct ecli_ksyms *ksyms);

#endif
