/* SPDX-License-Identifier: MIT */
/*
 * Values with a meaning as text (docs/formats/fields.md). One writer for each format, the same for all sinks; what a
 * sink does with the text (escape, align, quote) is its own business.
 *
 *     formats.c  times, sizes, number bases, flags      format_names.c  what the system has a name for
 *     format_argv.c  lists of words
 *     format_net.c  addresses                           accounts.c, lookup.c  names that the running system gives
 */
#ifndef ECLI_RENDER_FORMATS_H
#define ECLI_RENDER_FORMATS_H

#include <ecli/plan.h>

#include "render/accounts.h"
#include "render/clock.h"
#include "render/lookup.h"

/* What a renderer keeps for its formatted fields. */
struct ecli_formats {
	uint64_t now_ns;         /* wall time of the row in work: the age of what is remembered */
	struct ecli_buf text;    /* of the value in work */
	struct ecli_buf raw;     /* JSON: raw values of the array in work, or of the value */
	uint32_t raw_depth;      /* JSON: arrays of formatted values that are open */
	struct ecli_clock clock; /* for timestamps; the row's own is another second */
	bool has_looked;
	uint64_t looked_ns; /* when the clocks were looked at, as now_ns */
	struct ecli_accounts users, groups;
	struct ecli_lookup interfaces, cgroups;
};

/* How a format lies in a table, and in JSON. */
struct ecli_format_look {
	uint8_t width;
	bool is_left;
	bool is_number; /* JSON: the text is a number */
	bool is_list;   /* JSON: a list, by ecli_format_argv_json() */
	bool is_foreign; /* the text is made of names that others gave: it must be escaped. All else is ASCII without a space,
			    a quote or a backslash */
};

struct ecli_formats *ecli_formats_new(void); /* NULL when out of memory */
void ecli_formats_free(struct ecli_formats *formats);

/* Before each row; @wall_ns: its time. */
void ecli_formats_begin(struct ecli_formats *formats, uint64_t wall_ns);
const struct ecli_format_look *ecli_formats_look(enum ecli_as as);
/* Appends the text of a formatted value, never empty, as it is. */
void ecli_formats_put(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out);
/* The text of a formatted value, never empty; untrusted. Valid until the next call. "" when out of memory. */
const char *ecli_formats_text(struct ecli_formats *formats, const struct ecli_field *field,
			      const struct ecli_value *value);
/* Appends the raw value as JSON. */
void ecli_formats_raw(const struct ecli_field *field, const struct ecli_value *value, struct ecli_buf *out);

/* ---- for writers ----------------------------------------------------------------------------------------------- */

typedef void (*ecli_format_fn)(struct ecli_formats *formats, const struct ecli_field *field,
			       const struct ecli_value *value, struct ecli_buf *out);

/* The number without the sign's copies above the field's own size. */
uint64_t ecli_format_bits(const struct ecli_field *field, const struct ecli_value *value);
/* Appends a number in decimal, signed or not. */
void ecli_format_unsigned(struct ecli_buf *out, uint64_t value);
void ecli_format_number(const struct ecli_field *field, const struct ecli_value *value, struct ecli_buf *out);
/* Appends `|` unless it would stand at @start. */
void ecli_format_bar(struct ecli_buf *out, size_t start);

#define ECLI_FORMAT_WRITER(name)                                                                                       \
	void name(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,        \
		  struct ecli_buf *out)

ECLI_FORMAT_WRITER(ecli_format_errno);
ECLI_FORMAT_WRITER(ecli_format_signal);
ECLI_FORMAT_WRITER(ecli_format_syscall);
ECLI_FORMAT_WRITER(ecli_format_capability);
ECLI_FORMAT_WRITER(ecli_format_tcp_state);
ECLI_FORMAT_WRITER(ecli_format_file_mode);
ECLI_FORMAT_WRITER(ecli_format_file_flags);
ECLI_FORMAT_WRITER(ecli_format_uid);
ECLI_FORMAT_WRITER(ecli_format_gid);
ECLI_FORMAT_WRITER(ecli_format_ifindex);
ECLI_FORMAT_WRITER(ecli_format_cgroup_id);
ECLI_FORMAT_WRITER(ecli_format_port);
ECLI_FORMAT_WRITER(ecli_format_ipv4);
ECLI_FORMAT_WRITER(ecli_format_ipv6);
ECLI_FORMAT_WRITER(ecli_format_ip);
ECLI_FORMAT_WRITER(ecli_format_mac);
ECLI_FORMAT_WRITER(ecli_format_endpoint);
ECLI_FORMAT_WRITER(ecli_format_argv);
/* Appends a list of words as a JSON array of strings. */
void ecli_format_argv_json(const struct ecli_value *value, struct ecli_buf *out);
bool ecli_format_argv_is_cut(const struct ecli_value *value);
/* Appends an endpoint's parts as a JSON object. */
void ecli_format_endpoint_raw(const struct ecli_field *field, const struct ecli_value *value, struct ecli_buf *out);

#endif
