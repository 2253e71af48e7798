/* SPDX-License-Identifier: MIT */
/* Which structs a source hands to the calls that report events, read from its text and that of the headers beside it. */
#ifndef ECLI_COMPILE_REPORTS_H
#define ECLI_COMPILE_REPORTS_H

#include <ecli/base.h>

struct ecli_reports {
	char **names; /* of structs, each once, in the order of the calls */
	size_t count;
	char **typedefs; /* of structs without a name of their own, likewise */
	size_t n_typedefs;
	uint32_t old_map_line; /* of the source: where it has SEC("maps"), which libbpf no longer reads; 0: nowhere */
	char **included;       /* the files beside the source that it includes, directly or not, but vmlinux.h */
	size_t n_included;
	bool is_header_found; /* nobody named the header: it is this one (compile.c), and what it lacks is no mistake */
	char *header; /* the file beside the source that defines the first of them; NULL: none, or the source itself */
};

/* Reads @source, and what it includes from its own folder as far as that is there. Errors: what opening @source gives, -ENOMEM. */
int ecli_reports_read(const char *source, struct ecli_err *err, struct ecli_reports *ret_reports);
/* The same of one text alone, any bytes. -ENOMEM. */
int ecli_reports_parse(const char *text, size_t len, struct ecli_reports *ret_reports);
void ecli_reports_done(struct ecli_reports *reports);

#endif
