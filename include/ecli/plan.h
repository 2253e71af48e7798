/* SPDX-License-Identifier: MIT */
/*
 * A plan: how to walk the bytes of one event type. Built once from the type model, then run per record without recursion,
 * allocation or BTF. A visitor gets every field in struct order; renderers are visitors and see nothing of BTF.
 *
 *     struct event { char comm[16]; struct { u32 a, b; } p; int v[2]; };
 *
 *     string comm @0 16            leaf  -> visitor.leaf
 *     open   p                     group -> visitor.open
 *     uint   a @16 4
 *     uint   b @20 4
 *     close  p                           -> visitor.close
 *     loop   v @24 stride 4 x 2
 *     sint   @24 4
 *     next   v
 */
#ifndef ECLI_PLAN_H
#define ECLI_PLAN_H

#include <ecli/base.h>

struct ecli_types; /* types.h */

enum ecli_value_kind {
	ECLI_VALUE_UINT,
	ECLI_VALUE_SINT,
	ECLI_VALUE_BOOL,
	ECLI_VALUE_CHAR,   /* one character; `u` holds the byte */
	ECLI_VALUE_STRING, /* char array up to its NUL; any bytes, not necessarily UTF-8 */
	ECLI_VALUE_ENUM,   /* `name` or NULL, and the number in `u` or `s` (is_signed) */
	ECLI_VALUE_POINTER,
	ECLI_VALUE_FLOAT,
	ECLI_VALUE_UINT128,
	ECLI_VALUE_SINT128,
	ECLI_VALUE_BYTES,     /* a float of 2, 12 or 16 bytes: raw bytes in `str`, shown as hex */
	ECLI_VALUE_FORMATTED, /* shown as field->format says; the value is that of field->format->raw_kind */
	ECLI_VALUE_KINDS
};

/* What a value means to a person, beyond its type (docs/formats/fields.md). */
enum ecli_as {
	ECLI_AS_NUMBER,    /* as it is without a format; never in a field */
	ECLI_AS_TIMESTAMP, /* ns of CLOCK_MONOTONIC, bpf_ktime_get_ns() */
	ECLI_AS_TIMESTAMP_BOOT,
	ECLI_AS_TIMESTAMP_REAL,
	ECLI_AS_DURATION, /* ns */
	ECLI_AS_DURATION_US,
	ECLI_AS_DURATION_MS,
	ECLI_AS_BYTES,
	ECLI_AS_HEX,
	ECLI_AS_OCTAL,
	ECLI_AS_KERNEL_ADDRESS,
	ECLI_AS_USER_ADDRESS,
	ECLI_AS_ERRNO,
	ECLI_AS_SIGNAL,
	ECLI_AS_SYSCALL,
	ECLI_AS_FILE_MODE,
	ECLI_AS_FILE_FLAGS,
	ECLI_AS_CAPABILITY,
	ECLI_AS_TCP_STATE,
	ECLI_AS_UID,
	ECLI_AS_GID,
	ECLI_AS_IFINDEX,
	ECLI_AS_CGROUP_ID,
	ECLI_AS_DEV,  /* the kernel's dev_t: 12 bits of major, 20 of minor */
	ECLI_AS_PORT, /* network byte order */
	ECLI_AS_IPV4, /* network byte order: an integer of 4 bytes, or those bytes in `str` */
	ECLI_AS_IPV6, /* 16 bytes in `str` */
	ECLI_AS_MAC,  /* 6 bytes in `str` */
	ECLI_AS_ENDPOINT,
	ECLI_AS_FLAGS, /* an enum whose names are bits */
	ECLI_AS_ARGV,  /* words, each ended by a NUL, in `str`; the last one without: the list was cut */
	ECLI_AS_IP,    /* 16 bytes in `str`: an IPv6 address, or an IPv4 address behind ::ffff: */
	ECLI_AS_NS_IN_US,
	ECLI_AS_NS_IN_MS,
	ECLI_AS_US_IN_MS,
	ECLI_AS_BYTES_IN_KIB,
	/* A number: an id in a map of stacks, or what the kernel said instead (-errno). Elements of an array of 64-bit numbers, which
	 * then has the format too: addresses, the innermost first, ending at the first 0. */
	ECLI_AS_KERNEL_STACK,
	ECLI_AS_USER_STACK,
	ECLI_AS_COUNT
};

struct plan_enum; /* names of an enum; ecli_field_name_at() */

/* Offsets of an endpoint's parts in its bytes; ECLI_ENDPOINT_NONE: it has no such part. */
#define ECLI_ENDPOINT_NONE UINT16_MAX
struct ecli_endpoint {
	uint16_t addr;    /* 16 bytes: IPv6, or IPv4 in the first 4 */
	uint16_t version; /* 1 byte: 4 or 6 */
	uint16_t port;    /* 2 bytes, host byte order */
	uint16_t proto;   /* 2 bytes, an IP protocol */
};

struct ecli_field_format {
	enum ecli_as as;
	enum ecli_value_kind raw_kind; /* UINT, SINT, ENUM, POINTER, BYTES */
	const char *raw_name;          /* what JSON calls the raw value; NULL for an array's element */
	const struct plan_enum *names; /* FLAGS only */
	struct ecli_endpoint endpoint; /* ENDPOINT only */
	const char *stacks;            /* KERNEL_STACK, USER_STACK: the map of stacks; NULL: the only one there is */
};

/* What a plain number counts (@unit): it is shown as it is; --where takes units. */
enum ecli_unit { ECLI_UNIT_NONE, ECLI_UNIT_NS, ECLI_UNIT_US, ECLI_UNIT_MS, ECLI_UNIT_S, ECLI_UNIT_BYTES, ECLI_UNITS };

/* What is constant of a field. Owned by the plan. */
struct ecli_field {
	const char *name;          /* member name, NAME for a formatted member NAME_raw; "" for an array element */
	enum ecli_value_kind kind; /* of leaves */
	uint32_t size_bytes;       /* of leaves: width of the value; strings: of the array */
	uint32_t depth;            /* 0: a top-level field of the record, a column */
	uint32_t column;           /* index of the top-level field this belongs to */
	bool is_signed;
	uint8_t places; /* FLOAT: digits after the point as text, and "-" for what is no number; 0: as exact as it is */
	uint8_t map_bytes; /* of a number that was widened for sums: the width in the map, which columns begin with; else 0 */
	uint8_t unit; /* enum ecli_unit, of whole numbers without a format: what they count */
	bool hidden;  /* not a column of table and plain output; JSON has it. True for all fields of such a column */
	/* NULL for most. Of an array whose elements have one: the same `as` and the name of the array of raw values. */
	const struct ecli_field_format *format;
};

struct ecli_value {
	enum ecli_value_kind kind;
	union {
		uint64_t u;
		int64_t s;
		double f;
		__extension__ unsigned __int128 wide;
		struct {
			const char *text; /* into the record, not NUL-terminated */
			size_t len;
		} str;
	};
	const char *name; /* ENUM only */
};

enum ecli_group { ECLI_GROUP_STRUCT, ECLI_GROUP_ARRAY };

struct ecli_visitor {
	void (*leaf)(void *ctx, const struct ecli_field *field, const struct ecli_value *value);
	void (*open)(void *ctx, const struct ecli_field *field, enum ecli_group group);
	void (*close)(void *ctx, const struct ecli_field *field, enum ecli_group group);
};

/* How a named field is treated, from the package (doc tags). */
struct ecli_plan_note {
	const char *
		parent; /* NULL: a top-level field; else the name of a struct, of which every member is meant (format only) */
	const char *field;
	const char *format; /* @format: NULL, or a name; one that is not known or does not fit is ignored */
	const char *stacks; /* @stacks: of a stack, the map that its id is of; NULL: the only one */
	const char *unit;   /* @unit: NULL, or "ns", "us", "ms", "s", "bytes"; any other is ignored */
	bool hidden;        /* @hidden: JSON only */
	bool is_time; /* @time: bpf_ktime_get_ns() of the event; gives the row its time and is not shown. A 64-bit integer */
};

struct ecli_plan;

/*
 * @types: must outlive the plan. @type_id: a struct or union (typedefs are followed), or any sized type: a scalar is shown
 * as one column called "value". @notes: may be NULL when @n_notes is 0; a note for a field that does not exist is ignored.
 * Anonymous struct and union members are flattened into their parent, as C names them. Members without bytes (empty arrays, empty structs;
 * flexible arrays but the one that ends an event) and without a name (padding) are left out: a group or column always has a leaf.
 * Errors: -EINVAL (not decodable: says which member and why), -E2BIG (more than 4096 ops), -ENOMEM.
 */
int ecli_plan_build(const struct ecli_types *types, uint32_t type_id, const struct ecli_plan_note *notes,
		    size_t n_notes, struct ecli_err *err, struct ecli_plan **ret_plan);

/*
 * A row of a sampled map: the key's fields, then the value's. The record handed to ecli_plan_run() is the key, padded to 8
 * bytes, then the value. A scalar key or value becomes a column "key" or "value"; a field of the value that has the name of one
 * of the key's is called "value_NAME", so that each name is there once.
 */
int ecli_plan_build_pair(const struct ecli_types *types, uint32_t key_id, uint32_t value_id,
			 const struct ecli_plan_note *notes, size_t n_notes, struct ecli_err *err,
			 struct ecli_plan **ret_plan);

/* A column that somebody computes: 8 bytes behind the record's own. */
struct ecli_plan_computed {
	const char *name;          /* copied */
	enum ecli_value_kind kind; /* UINT, SINT or FLOAT (a double) */
	uint8_t places;            /* FLOAT: as in struct ecli_field */
};

/* A column that is shown, and what it is called there. */
struct ecli_plan_shown {
	const char *column;
	const char *title; /* copied; NULL: its own name */
};

/*
 * A row of a table: as of ecli_plan_build_pair(), or of a value alone; then, each at a multiple of 8, a "cpu" (32 bits, when it is asked for) and the
 * computed columns. With @shown these columns come first, in this order, and all others are hidden.
 */
struct ecli_plan_table {
	uint32_t key_id; /* 0: there is no key */
	uint32_t value_id;
	const char *key_name; /* of a key that is no struct; NULL: "key" */
	bool has_cpu;
	bool widens; /* quantities of the value of less than 8 bytes get 8, so that sums fit: ecli_plan_take_value() */
	const struct ecli_plan_computed *computed;
	size_t n_computed;
	const struct ecli_plan_shown *shown;
	size_t n_shown; /* 0: all columns as they are */
};

struct ecli_type_map;
/* What the rows of a sampled map are made of: its key and value; owners of a storage by number (tid, cgroup); a queue's value alone. -EINVAL: it has no types. */
int ecli_plan_map_table(const struct ecli_types *types, const struct ecli_type_map *map, struct ecli_err *err,
			struct ecli_plan_table *ret);
/* The same for a variable: one row, or, of an array that is no histogram by itself, a row for each of its @ret_elements under an "index". */
int ecli_plan_variable_table(const struct ecli_types *types, uint32_t type_id, bool is_hist, struct ecli_err *err,
			     struct ecli_plan_table *ret, uint32_t *ret_elements);

/* Puts a value as the map has it, of @value_bytes, into a row of a table, behind its key. */
uint32_t ecli_plan_value_bytes(const struct ecli_plan *plan, uint32_t map_bytes); /* what such a value takes in a row */
void ecli_plan_take_value(const struct ecli_plan *plan, void *row, const void *value, size_t value_bytes);

/* @notes as for ecli_plan_build(). Errors as there; -ENOENT: a column that is shown does not exist; -EEXIST: two have one name. */
int ecli_plan_build_table(const struct ecli_types *types, const struct ecli_plan_table *table,
			  const struct ecli_plan_note *notes, size_t n_notes, struct ecli_err *err,
			  struct ecli_plan **ret_plan);

/* A member of a record that no type describes. */
struct ecli_plan_member {
	const char *name; /* copied */
	uint32_t type_id, offset_bytes;
};

/*
 * A record described by hand: the members in the order of their offsets, a column each; ecli_plan_size() is the end of the last.
 * Errors: -EINVAL (no member; two overlap; one has no name, the name of another, or a type without bytes; sizes do not fit), -E2BIG,
 * -ENOMEM.
 */
int ecli_plan_build_members(const struct ecli_types *types, const struct ecli_plan_member *members, size_t n_members,
			    struct ecli_err *err, struct ecli_plan **ret_plan);

/*
 * Whether a field of that type can be shown in that format. @bits: of a bit-field, else 0. -ENOENT: there is no such format;
 * -EINVAL: it does not fit, and what it is for.
 */
int ecli_plan_format_check(const struct ecli_types *types, uint32_t type_id, uint32_t bits, const char *format,
			   struct ecli_err *err);
/* The unit of that name; ECLI_UNIT_NONE: there is none. */
enum ecli_unit ecli_unit_find(const char *name);
/* "errno"; NULL when @as is out of range. */
const char *ecli_as_name(enum ecli_as as);
/* The @index-th name of a FLAGS field, by value; NULL after the last. */
const char *ecli_field_name_at(const struct ecli_field *field, uint32_t index, uint64_t *ret_value);

void ecli_plan_free(struct ecli_plan *plan);

uint64_t ecli_plan_size(const struct ecli_plan *plan); /* bytes of the type */
/* Bytes a record must have: those of the type, or, when it ends in a flexible array or an array of 64 bytes and more, those in front of
 * that array, which is then as long as the record. */
uint64_t ecli_plan_least(const struct ecli_plan *plan);
uint32_t
ecli_plan_columns(const struct ecli_plan *plan); /* top-level fields, hidden ones included, the @time one not */
/* The @index-th top-level field; for a group its kind is the kind of its first leaf. */
const struct ecli_field *ecli_plan_column(const struct ecli_plan *plan, uint32_t index);
/* Hides the column of that name (of its member, or as it is shown) from text output; nothing when there is none. */
void ecli_plan_hide(struct ecli_plan *plan, const char *name);
/* Takes the column of that name out of the plan, for nothing measures it; nothing when there is none. @why: copied, ends the sentence "time_us is
 * measured only with --latency". Indices of columns behind it change. 0 or -ENOMEM. */
int ecli_plan_drop(struct ecli_plan *plan, const char *name, const char *why);
/* Of a column that was taken out, or a member of it ("time_us", "at.x"): why; NULL: none was. */
const char *ecli_plan_dropped(const struct ecli_plan *plan, const char *word);
bool ecli_plan_column_is_group(const struct ecli_plan *plan, uint32_t index);
/*
 * Where the bytes of a column begin, when it is one value that lies there whole in every record: the field's size_bytes of them,
 * in host order. A text that goes beyond ecli_plan_least() ends with the record, if that ends before it. False for groups,
 * bit-fields, enums, what is wider than 64 bits, and flexible arrays. For a renderer that reads the usual kinds by itself, in
 * records of at least ecli_plan_least().
 */
bool ecli_plan_column_offset(const struct ecli_plan *plan, uint32_t index, uint32_t *ret_offset);
/* All fields in the order of a run's first look at them, groups and array elements included. */
uint32_t ecli_plan_fields(const struct ecli_plan *plan);
const struct ecli_field *ecli_plan_field(const struct ecli_plan *plan, uint32_t index); /* NULL when out of range */
/* Bytes a record can have: UINT64_MAX when it ends in a flexible array, else those of the type. */
uint64_t ecli_plan_most(const struct ecli_plan *plan);
bool ecli_plan_has_time(const struct ecli_plan *plan);

/*
 * Runs the plan over one record. @data need not be aligned. -EBADMSG when @size_bytes is less than ecli_plan_least(): the
 * visitor is then not called at all. A longer record is fine (perf records are padded).
 */
int ecli_plan_run(const struct ecli_plan *plan, const void *data, size_t size_bytes, const struct ecli_visitor *visitor,
		  void *ctx);
/* The same for the @index-th column alone; -ENOENT when there is none. */
int ecli_plan_run_column(const struct ecli_plan *plan, uint32_t index, const void *data, size_t size_bytes,
			 const struct ecli_visitor *visitor, void *ctx);
/*
 * The value of the @index-th column in one record; a text lies in the record. -ENOENT: there is no such column, or it is a group; -EBADMSG: the
 * record is too short.
 */
int ecli_plan_value(const struct ecli_plan *plan, uint32_t index, const void *data, size_t size_bytes,
		    struct ecli_value *ret_value);
/* The order of two values of @field: below 0, 0 or above 0. By what they are, not by how they look; NaN comes last in either direction. */
int ecli_value_order(const struct ecli_field *field, const struct ecli_value *a, const struct ecli_value *b,
		     bool is_descending);
/* Whether its values are texts, which people sort from A on; of numbers they want the greatest first. */
bool ecli_field_is_text(const struct ecli_field *field);
/* A stack as a record has it. */
#define ECLI_PLAN_STACK_MAX 1024 /* addresses; the kernel's own limit is 127 unless an administrator raised it */
struct ecli_plan_stack {
	const struct ecli_field *field; /* its column; the format tells kernel from user */
	bool is_id;
	int64_t id;   /* is_id: in a map of stacks; negative: what the kernel said instead of a stack */
	size_t count; /* else: addresses, the innermost first */
	uint64_t addresses[ECLI_PLAN_STACK_MAX];
};
/* Whether the @index-th column is one: an id, or an array of addresses. */
bool ecli_plan_column_is_stack(const struct ecli_plan *plan, uint32_t index);
/* Reads such a column. -ENOENT: it is none; -EBADMSG: the record is too short. */
int ecli_plan_stack(const struct ecli_plan *plan, uint32_t index, const void *data, size_t size_bytes,
		    struct ecli_plan_stack *ret);
/* How the values that CPUs have of one entry become one. */
enum ecli_fold { ECLI_FOLD_SUM, ECLI_FOLD_MAX };
/*
 * Folds @value into the record @into (both of this plan), from byte @from_offset of the record on: quantities are added or the greatest
 * stays; of anything else the first that is not all zero. @value points to what lies at @from_offset in a record. -EBADMSG when @value_bytes
 * are too few; @into must have ecli_plan_size() bytes.
 */
int ecli_plan_fold(const struct ecli_plan *plan, enum ecli_fold how, uint32_t from_offset, void *into,
		   const void *value, size_t value_bytes);
/*
 * Takes what @previous had from the record @into, from byte @from_offset on, in the columns that @columns (one flag a column of the plan) marks:
 * the growth since then. When one of these numbers has become less, the entry was made anew, and nothing is taken off. Other fields stay. -EBADMSG
 * when @previous_bytes are too few.
 */
int ecli_plan_subtract(const struct ecli_plan *plan, const bool *columns, uint32_t from_offset, void *into,
		       const void *previous, size_t previous_bytes);
/* The other way: adds what @more has to the record @into, in these columns. -EBADMSG when @more_bytes are too few. */
int ecli_plan_add(const struct ecli_plan *plan, const bool *columns, uint32_t from_offset, void *into, const void *more,
		  size_t more_bytes);
/* Whether the column's numbers are quantities: what can be added up. */
bool ecli_plan_column_adds_up(const struct ecli_plan *plan, uint32_t index);
/* The @time field of a record in ns of CLOCK_MONOTONIC; false when the plan has none or the record is too short. */
bool ecli_plan_time(const struct ecli_plan *plan, const void *data, size_t size_bytes, uint64_t *ret_ns);

/* Readable text of the ops, one a line, as in the picture above; bit-fields are "@BYTE.BIT bits N", enums end with how many
 * names they have, hidden columns with "hidden", and the @time field comes first. */
void ecli_plan_dump(const struct ecli_plan *plan, struct ecli_buf *buf);

#endif
