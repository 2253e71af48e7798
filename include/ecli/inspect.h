/* SPDX-License-Identifier: MIT */
/*
 * What a package is, without running it: where it attaches, what it keeps in memory, what it reports, which functions of the
 * kernel it calls, what it can change, and since which kernel version all of that exists. Purely static: needs no privileges,
 * no BPF and no particular kernel, and asks this machine nothing.
 *
 * All strings come from the package, so they are untrusted: escape them before they reach a terminal. They live as long as the
 * inspection, the package and its types. A version is "5.8", or "" when this version does not know.
 */
#ifndef ECLI_INSPECT_H
#define ECLI_INSPECT_H

#include <ecli/package.h>
#include <ecli/plan.h>
#include <ecli/session.h>
#include <ecli/types.h>

struct ecli_inspect_prog {
	const char *name;
	const char *section;     /* "tp_btf/sched_switch" */
	const char *kind;        /* in words: "kernel function, at its entry"; "unknown" */
	const char *target;      /* "sched_switch"; "" */
	const char *alternative; /* the tag's text, NULL without */
	bool is_optional;
	uint32_t instructions; /* 8 bytes each; 0 when the object does not have it */
	const char *since;
};

struct ecli_inspect_map {
	const char *name;
	uint32_t map_type;                 /* BPF_MAP_TYPE_* */
	const char *type;                  /* in words: "ring buffer"; "unknown" */
	const char *key_type, *value_type; /* as C text; NULL when the object does not say */
	uint32_t key_size, value_size, max_entries;
	const char *
		sized_by; /* "threads_max": decided on the machine it runs on; an option: max_entries is its default; NULL: max_entries it is */
	const char *alternative;
	const char *when; /* the options that it is shown with, NULL: with any */
	bool is_section;  /* global variables: .rodata, .data, .bss */
	uint64_t
		run_bytes; /* buffers: what a run makes of it where memory is plenty, perf of one CPU's; 0: its own size */
	uint64_t memory_bytes; /* an estimate, docs/formats/inspect.md; of one entry when is_per_entry */
	bool is_per_entry;     /* how many there will be is not known here (local storage, sized_by) */
	const char *since;
};

/* A function of the kernel that is called: a helper, or a kfunc (then id and count are 0). */
struct ecli_inspect_call {
	const char *name;
	bool is_kfunc;
	uint32_t id;
	uint32_t count; /* call instructions in the object */
	const char *since;
};

/* Something the package can change outside of its own maps. */
struct ecli_inspect_effect {
	const char *sentence; /* "sends signals to processes" */
	const char *cause;    /* a helper, kfunc or program */
};

/* Rounds that the verifier does not bound well: how long they can keep a CPU each time the place is reached. */
struct ecli_inspect_cost {
	const char *sentence; /* "up to 8388608 rounds each time it is reached" */
	const char *cause;    /* "bpf_loop" */
	const char *function; /* where it stands: a program, or a function that programs call */
	const char *section;  /* of the program; NULL for a function */
};

struct ecli_inspect_feature {
	const char *what; /* "ring buffer maps" */
	const char *since;
};

enum ecli_inspect_shape { ECLI_INSPECT_LEAF, ECLI_INSPECT_STRUCT, ECLI_INSPECT_ARRAY };

/* A field of an event, as a flat list: members and the one element of an array follow with a greater depth. */
struct ecli_inspect_field {
	const char *name; /* "" for an array's element */
	enum ecli_inspect_shape shape;
	uint32_t depth, count;     /* count: of an array */
	enum ecli_value_kind kind; /* of a leaf, as the next */
	uint32_t bits;             /* width; strings: of the whole array */
	bool is_signed, is_hidden;
	bool is_tail;    /* a last array or text that is as long as the record, at most count or bits say */
	bool is_endless; /* a flexible array: neither says anything */
	const struct ecli_field_format *format; /* NULL for most; the kind then is the raw one. Owned by the plan */
	const struct ecli_type_value *names;    /* of an enum */
	uint32_t n_names;
	const char *
		type; /* "u32", "char[16]", "struct", "array of 4", "array of up to 4", "array", with a format "errno (s32)" */
};

/* One type of records of a source; a buffer whose records have several types is there once for each. */
struct ecli_inspect_source {
	enum ecli_source kind;
	const char *name;             /* of the map or program */
	bool has_map;                 /* its rows carry the name as "map" */
	bool has_histogram;           /* its rows end in a histogram of their counters */
	const struct ecli_plan *plan; /* NULL for an iterator and the trace pipe */
	struct ecli_inspect_field *fields;
	size_t n_fields;
	uint64_t size_bytes;
};

struct ecli_inspect {
	const struct ecli_package *package;
	uint32_t instructions, cpus, page_bytes;
	uint64_t memory_bytes; /* of all maps whose size is known */
	const char *license;   /* NULL when the object names none */
	const char *compiler;  /* NULL when it was taken out, as ecc does */
	struct ecli_inspect_prog *progs;
	size_t n_progs;
	struct ecli_inspect_map *maps;
	size_t n_maps;
	struct ecli_inspect_call *calls;
	size_t n_calls;
	struct ecli_inspect_effect *effects;
	size_t n_effects;
	struct ecli_inspect_cost *costs;
	size_t n_costs;
	struct ecli_inspect_feature *features;
	size_t n_features;
	struct ecli_inspect_source *sources;
	size_t n_sources;
	const char *sources_problem; /* why the events could not be understood; NULL: they were */
};

struct ecli_inspect_opts {
	uint32_t cpus;       /* for the estimates; at least 1 */
	uint32_t page_bytes; /* the same: 4096 on most machines */
};

/*
 * Builds the inspection. @package, @types: must outlive it. @ret_inspect: owned by the caller, ecli_inspect_free().
 * Errors: -EINVAL (the object is damaged), -ENOTSUP (big-endian), -ENOMEM.
 */
int ecli_inspect_build(const struct ecli_package *package, const struct ecli_types *types,
		       const struct ecli_inspect_opts *opts, struct ecli_err *err, struct ecli_inspect **ret_inspect);
void ecli_inspect_free(struct ecli_inspect *inspect); /* NULL is fine */

/* "ring buffer", "perf buffer", "sampled map", "trace pipe", "iterator", "nothing". */
const char *ecli_inspect_source_words(enum ecli_source kind);

/* Appends a JSON schema (draft 2020-12) of the rows that `ecli run -o json` writes for this package: one object, with "anyOf"
 * when it has several kinds of rows. Rows that are not events (their first key is "ecli") are not part of it. */
void ecli_inspect_schema(const struct ecli_inspect *inspect, struct ecli_buf *buf);

#endif
