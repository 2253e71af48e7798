/* SPDX-License-Identifier: MIT */
/*
 * The package model: what a package.json says, in C. package/ is the only folder that knows the JSON; everybody else reads
 * this struct, and ecc fills one and writes it.
 *
 *     {"bpf_object": "<base64 of zlib of ELF>", "bpf_object_size": N, "meta": {"bpf_skel": {...}, "export_types": [...], ...}}
 *
 * The model owns all its strings and bytes. Tags that this version does not know are kept in `extras` and written back.
 */
#ifndef ECLI_PACKAGE_H
#define ECLI_PACKAGE_H

#include <ecli/base.h>

struct ecli_types;

/* A key this model has no member for: from JSON, or from a doc comment. @json is compact JSON text ("1", "\"x\"", "{...}"). */
struct ecli_package_extra {
	char *key;
	char *json;
};
struct ecli_package_extras {
	struct ecli_package_extra *items;
	size_t count;
};

/* Doc of the tool: from the comment on the LICENSE variable or at the head of the source (@brief, @description, ...). */
struct ecli_package_doc {
	char *version, *brief, *details, *description; /* each may be NULL */
};

enum ecli_package_sample_kind {
	ECLI_SAMPLE_NONE,
	ECLI_SAMPLE_KEY_VALUE,
	ECLI_SAMPLE_LOG2_HIST,
	ECLI_SAMPLE_LINEAR_HIST,
	ECLI_SAMPLE_STACKS
};

/* What becomes of the values that CPUs have of an entry. */
enum ecli_package_per_cpu { ECLI_PER_CPU_SUM, ECLI_PER_CPU_MAX, ECLI_PER_CPU_EACH };

/* The unit of a histogram when an option is given that changes it. */
struct ecli_package_unit {
	char *variable; /* the option's, a number or bool: not 0 */
	char *unit;
};

/* Texts in an order. */
struct ecli_package_texts {
	char **items;
	size_t count;
};

/* How a map or variable is read every now and then, and shown as a table. */
struct ecli_package_sample {
	enum ecli_package_sample_kind kind; /* NONE: it is not, and nothing below means anything */
	uint32_t interval_ms;               /* 0: only at the end */
	char *name;                         /* of the table, may be NULL: that of the map */
	char *unit;                         /* of a histogram, may be NULL */
	struct ecli_package_unit *units;    /* the first whose option is given comes before unit */
	size_t n_units;
	bool clear;    /* after each round */
	char *value;   /* stacks: the column that is a stack's weight, may be NULL: the first number of the value */
	char *sort;    /* column that orders the entries of a round, may be NULL */
	uint32_t top;  /* entries shown of a round; 0: all */
	int64_t base;  /* linear_hist: the first value of the first bucket */
	uint32_t step; /* linear_hist: values in a bucket; 0: not given, 1 */
	enum ecli_package_per_cpu per_cpu;
	struct ecli_package_texts
		columns; /* what is shown: columns, new names, formulas (annotations.md); none: all as it is */
	struct ecli_package_texts counters; /* members that only grow */
	bool all_counters;                  /* all integers of the value do */
	bool total;                         /* a last row with the sums */
	bool is_guessed;                    /* nobody asked for it (ecli_session_show_results()); never of a file */
	struct ecli_package_sample *
		next; /* owned: another table of the same data; its interval and clearing are the first's. NULL: none */
};

/* A global variable of .rodata, .data or .bss: an option when it is `const volatile` or has a cmdarg. */
struct ecli_package_var {
	char *section;     /* ".rodata" */
	char *name, *type; /* type as C text: "bool", "__u32", "char[16]" */
	char *description; /* may be NULL */
	char *value_json;  /* initial value override as JSON text, may be NULL */
	bool has_cmdarg;
	char *arg_long, *arg_short, *arg_help; /* cmdarg; each may be NULL */
	char *arg_default_json;                /* cmdarg default as JSON text, may be NULL */
	struct ecli_package_sample sample;     /* of .data and .bss: shown as a table */
	struct ecli_package_extras extras;
};

struct ecli_package_map {
	char *name;  /* the kernel's name ("runqslow.rodata"), or the map's own */
	char *ident; /* the map's own name ("events", "rodata") */
	bool mmaped;
	struct ecli_package_sample sample;
	struct ecli_package_extras extras; /* export_config, intepreter, alternative, max_entries, ... */
};

struct ecli_package_prog {
	char *name;   /* C function */
	char *attach; /* ELF section: "tp_btf/sched_switch" */
	bool link;
	struct ecli_package_extras extras; /* alternative, optional, freq, ... */
};

struct ecli_package_member {
	char *name, *type;
	struct ecli_package_extras extras; /* "hidden": true, "time": true */
};

struct ecli_package_export {
	char *name;       /* struct name */
	uint32_t type_id; /* in the object's BTF */
	uint64_t size_bytes;
	struct ecli_package_member *members;
	size_t n_members;
};

/* A format that whoever runs the tool gives a field: --format. Never of a file. */
struct ecli_package_format {
	char *field, *format;
};

struct ecli_package {
	char *name;   /* obj_name: "runqslower_bpf" */
	void *object; /* the ELF object, uncompressed */
	size_t object_size;
	struct ecli_package_doc doc;
	struct ecli_package_var *vars;
	size_t n_vars;
	struct ecli_package_map *maps;
	size_t n_maps;
	struct ecli_package_prog *progs;
	size_t n_progs;
	struct ecli_package_export *exports; /* the event type first */
	size_t n_exports;
	uint32_t poll_timeout_ms;          /* default 100 */
	uint32_t perf_buffer_pages;        /* default 64; per CPU, a power of two */
	bool multiple_exports;             /* enable_multiple_export_types */
	struct ecli_package_extras extras; /* other keys of meta */
	struct ecli_package_format *formats;
	size_t n_formats;
	void *kernel_btf; /* from a .tar: BTF of the kernel that runs here, NULL when it has none */
	size_t kernel_btf_size;
	char *kernel_btf_name; /* its path in the archive */
};

/* Finds an extra by key; NULL when there is none. _text returns the string inside a JSON string (malloc'ed, caller frees),
 * the raw text for other JSON, NULL when absent. _true: present and neither false nor null. */
const char *ecli_package_extra(const struct ecli_package_extras *extras, const char *key);
char *ecli_package_extra_text(const struct ecli_package_extras *extras, const char *key);
bool ecli_package_extra_true(const struct ecli_package_extras *extras, const char *key);

/*
 * Whether a condition (key `when` of a program or map) holds: "x", "!x", several with commas between, of which one is enough. @is_set
 * tells whether a global variable is anything but zero, and returns false when there is none of that name. @whose begins the
 * sentence of an error: "program opened". -EINVAL: no such variable, or no condition; -ENOMEM.
 */
typedef bool (*ecli_package_is_set_fn)(void *ctx, const char *variable, bool *ret_is_set);
int ecli_package_when(const char *condition, ecli_package_is_set_fn is_set, void *ctx, const char *whose,
		      struct ecli_err *err, bool *ret_holds);
/* Appends the options of a condition: "--latency, --failures or --errno". A "!" is left out. */
void ecli_package_when_options(const struct ecli_package *package, const char *condition, struct ecli_buf *out);
/* Sets or replaces; @json must be valid JSON text. 0, -EINVAL, -ENOMEM. */
int ecli_package_extra_set(struct ecli_package_extras *extras, const char *key, const char *json);
/* As above, with a plain string that becomes a JSON string. */
int ecli_package_extra_set_text(struct ecli_package_extras *extras, const char *key, const char *text);
/* Frees what is in it. */
void ecli_package_extras_done(struct ecli_package_extras *extras);
/* JSON text (an extra, `value_json`, `arg_default_json`) as a person would type it: the string inside a JSON string, the raw
 * text for other JSON. malloc'ed; NULL when @json is not JSON or memory ran out. */
char *ecli_package_json_text(const char *json);

/* ---- keys with a form of their own, read from the extras of a map or program -------------------------------------- */

/* `export_config` of a map: what its records are. In force with multiple_exports only. */
enum ecli_package_records {
	ECLI_RECORDS_UNSET,   /* the key is absent */
	ECLI_RECORDS_NONE,    /* "no_export" */
	ECLI_RECORDS_DEFAULT, /* "default": the map's own types */
	ECLI_RECORDS_TYPE,    /* {"btf_type_id":N} */
	ECLI_RECORDS_MEMBERS, /* {"custom_members":[...]} */
};
struct ecli_package_custom_member {
	char *name;
	uint32_t offset_bytes, type_id;
};
struct ecli_package_export_config {
	enum ecli_package_records kind;
	uint32_t type_id;
	struct ecli_package_custom_member *members;
	size_t n_members;
};
/* -EINVAL with the place in the sentence, -ENOMEM. @ret is to be done after success. */
int ecli_package_export_config_read(const struct ecli_package_extras *extras, struct ecli_err *err,
				    struct ecli_package_export_config *ret);
void ecli_package_export_config_done(struct ecli_package_export_config *config);

/* `intepreter` [sic] of a map. The roles of {"stack_trace":{"field_map":{...}}}, each with the name of the member that has it. */
enum ecli_package_stack_role {
	ECLI_STACK_PID,
	ECLI_STACK_CPU,
	ECLI_STACK_COMM,
	ECLI_STACK_KERNEL_SIZE, /* bytes */
	ECLI_STACK_USER_SIZE,
	ECLI_STACK_KERNEL,
	ECLI_STACK_USER,
	ECLI_STACK_ROLES
};
struct ecli_package_stack {
	bool is_stack; /* false: "default_struct", or the key is absent */
	bool with_symbols;
	char *fields[ECLI_STACK_ROLES];
};
int ecli_package_stack_read(const struct ecli_package_extras *extras, struct ecli_err *err,
			    struct ecli_package_stack *ret);
void ecli_package_stack_done(struct ecli_package_stack *stack);

/* `tchook` and `tcopts` of a program; the attach point as in libbpf: 1 ingress, 2 egress, 4 custom (with `parent`). */
struct ecli_package_tc {
	uint32_t ifindex, attach_point, parent, handle, priority;
	bool has_opts; /* tcopts was given */
};
int ecli_package_tc_read(const struct ecli_package_extras *extras, struct ecli_err *err, struct ecli_package_tc *ret);

/* `ifindex`, `flags` (XDP_FLAGS_*) and `xdpopts` of a program. */
struct ecli_package_xdp {
	uint32_t ifindex, flags;
	int64_t old_prog_fd; /* meaningless in another process */
};
int ecli_package_xdp_read(const struct ecli_package_extras *extras, struct ecli_err *err, struct ecli_package_xdp *ret);

/*
 * `target` of a program: where it attaches, a text or a list of texts whose form depends on the program's kind (load.h); "none"
 * leaves the program out. Absent: what the section says. -EINVAL, -ENOMEM; @ret is to be done after success.
 */
#define ECLI_PACKAGE_MAX_TARGETS 64
struct ecli_package_targets {
	char **items;
	size_t count; /* 0: the key is absent */
	bool none;
};
int ecli_package_targets_read(const struct ecli_package_extras *extras, const char *prog, struct ecli_err *err,
			      struct ecli_package_targets *ret);
void ecli_package_targets_done(struct ecli_package_targets *targets);
/*
 * Sets targets as a person gives them: each of the @count words is "PROGRAM=TARGET", PROGRAM a name or a pattern (fnmatch(3)). What is
 * given for a program replaces what the package says of it; several words for one program add up. Errors are ECLI_FAIL_USAGE.
 */
int ecli_package_set_targets(struct ecli_package *package, const char *const *words, size_t count,
			     struct ecli_err *err);

/*
 * Sets what a doc comment's tag says (docs/formats/annotations.md), @value as it is written there. Names that the model knows go
 * to their members and are checked; every other name becomes an extra: JSON when @value is JSON, true when it is "", else text.
 * -EINVAL with a sentence that begins with the place ("cmdarg.short must be ..."), -ENOMEM.
 */
int ecli_package_var_tag(struct ecli_package_var *var, const char *name, const char *value, struct ecli_err *err);
int ecli_package_map_tag(struct ecli_package_map *map, const char *name, const char *value, struct ecli_err *err);
int ecli_package_prog_tag(struct ecli_package_prog *prog, const char *name, const char *value, struct ecli_err *err);
int ecli_package_member_tag(struct ecli_package_member *member, const char *name, const char *value,
			    struct ecli_err *err);

/* How a person writes the value of a variable, where that is more than its type says. */
enum ecli_notation {
	ECLI_NOTATION_PLAIN,
	ECLI_NOTATION_NS, /* a time, kept in this unit: "10ms", "1.5s" */
	ECLI_NOTATION_US,
	ECLI_NOTATION_MS,
	ECLI_NOTATION_S,
	ECLI_NOTATION_SECONDS,   /* a time of a program's own option: a plain number is seconds, kept in ns */
	ECLI_NOTATION_BYTES,     /* "4k", "16M": k is 1024 */
	ECLI_NOTATION_PORT_BE,   /* a number, kept in network order */
	ECLI_NOTATION_USER,      /* a number, or a name of /etc/passwd */
	ECLI_NOTATION_GROUP,     /* a number, or a name of /etc/group */
	ECLI_NOTATION_CHARACTER, /* a number, or one character */
	ECLI_NOTATION_IPV4,      /* "10.0.0.1", kept in network order */
	ECLI_NOTATION_IPV6,      /* "fe80::1", kept in network order */
	ECLI_NOTATION_ERRNO,     /* a number, or a name: "ENOENT" is 2 */
	ECLI_NOTATION_SIGNAL,    /* a number, or a name: "SIGKILL" is 9 */
	ECLI_NOTATION_SYSCALL,   /* a number, or a name: "openat", of the architecture that is built for */
};

/*
 * The notation of a variable of type @type_id: what its tag @unit or @format says, else what the names of its typedefs say
 * (gadget_duration, gadget_bytes, uid_t, ...). -EINVAL with a sentence when a tag is unknown or does not fit the type; then
 * @ret_notation is what the type alone says. -ENOMEM. @err may be NULL.
 */
int ecli_package_var_notation(const struct ecli_package_var *var, const struct ecli_types *types, uint32_t type_id,
			      struct ecli_err *err, enum ecli_notation *ret_notation);
/*
 * The path that tag @exists means: @pattern, which begins with /sys/ or /proc/, with @value instead of its one %. Appends to @ret_path. -EINVAL: no
 * such pattern.
 */
int ecli_package_place_of(const char *pattern, const char *value, struct ecli_buf *ret_path);
/* The type of the variable in the object's BTF, 0 when it is not there. */
uint32_t ecli_package_var_type(const struct ecli_package_var *var, const struct ecli_types *types);

/*
 * Reads a package from bytes: package.json of any generation (docs/formats/package.md), or an ELF object with BTF,
 * for which the model is made from the object itself. @name is used in sentences and, for an object, as the tool's name.
 * Nothing of @data is kept. Errors: -EINVAL (what is wrong, where, what to do), -ENOMEM.
 */
int ecli_package_read(const char *name, const void *data, size_t size_bytes, struct ecli_err *err,
		      struct ecli_package **ret_package);
/* The same from a file; "-" is standard input. At most 256 MiB. Also a .tar with a package.json (and BTF of kernels) in it, and
 * foo.skel.json, whose object is then read from foo.bpf.o beside it. */
int ecli_package_read_file(const char *path, struct ecli_err *err, struct ecli_package **ret_package);

/* Makes the model of an ELF object with BTF: variables, maps, programs as found there; no exports. */
int ecli_package_from_object(const char *name, const void *elf, size_t size_bytes, struct ecli_err *err,
			     struct ecli_package **ret_package);

/*
 * BTF of kernels that have none of their own, as a package brings it: in the .tar that it came in, or within package.json. In both it
 * is a tar archive of ID/VERSION/ARCH/RELEASE.btf (docs/formats/package.md).
 */
/* Puts the archive into the model. -ENOMEM. */
int ecli_package_btf_set(struct ecli_package *package, const void *tar, size_t size_bytes);
/* Finds the BTF of the kernel that runs here. @ret_name: its path in the archive, malloc'ed. -ENOENT: the package brings none, or only of
 * other kernels (the sentence says which); -EINVAL: the archive is damaged. */
int ecli_package_btf_find(const struct ecli_package *package, struct ecli_err *err, struct ecli_buf *ret_btf,
			  char **ret_name);

/* Appends the package as package.json: keys sorted, one line, deterministic. */
int ecli_package_write(const struct ecli_package *package, struct ecli_buf *buf, struct ecli_err *err);

/* Appends what NAME.skel.json holds beside an object of its own, NAME.bpf.o: the value of "meta" alone, in the same form. */
int ecli_package_write_skeleton(const struct ecli_package *package, struct ecli_buf *buf, struct ecli_err *err);

void ecli_package_free(struct ecli_package *package);

/* Bytes to put into a data section before loading: what a person's option becomes (options/), written by load/. */
struct ecli_global {
	const char *section; /* ".rodata" */
	const char *name;    /* the variable */
	uint64_t offset_bytes;
	uint32_t size_bytes;
	unsigned char *bytes; /* size_bytes of them, owned by whoever made it */
};

#endif
