/* SPDX-License-Identifier: MIT */
/*
 * What is known of Linux without asking it. Versions are information for a person: no decision is made from them.
 * Source of all versions: the timeline of https://docs.ebpf.io/linux/timeline/ (which names the commit of each) and, for
 * what it leaves out, the release in which the commit named in the table came. As of Linux 6.18.
 */
#ifndef ECLI_INSPECT_TABLES_H
#define ECLI_INSPECT_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSPECT_TAKES_SOCKETS "takes connections into its maps of sockets, whose programs then decide about their data"

/* A kind of program, by the beginning of its ELF section. */
struct inspect_kind {
	const char *prefix; /* "tp_btf", "cgroup/bind4" */
	const char *words;
	const char *since;
	const char *effect; /* what such a program can change by what it returns; NULL: nothing */
};
/* The longest prefix that ends where the section has its end, a '/' or nothing. NULL: not known. @ret_target: what follows. */
const struct inspect_kind *inspect_kind_find(const char *section, const char **ret_target);

struct inspect_map_type {
	const char *words; /* NULL: not known */
	const char *since;
	const char *effect; /* what putting something into one changes; NULL: nothing */
};
const struct inspect_map_type *inspect_map_type_find(uint32_t map_type); /* NULL: not known */

const char *inspect_helper_name(uint32_t id);  /* "bpf_map_lookup_elem"; NULL: not known */
const char *inspect_helper_since(uint32_t id); /* "" when not known */

/* What a call of this helper or kfunc changes, as a sentence without a subject; NULL: not known here. @len: of the name. */
const char *inspect_call_effect(const char *name, size_t len);
/* harmless.c: whether it is known to read, to count, or to change only what belongs to the tool. */
bool inspect_is_harmless(const char *name, size_t len);
/* What rounds that it makes cost, "up to 8388608 rounds each time it is reached"; NULL: it makes none. */
const char *inspect_call_cost(const char *name);

#endif
