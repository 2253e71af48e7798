/* SPDX-License-Identifier: MIT */
/*
 * Which format a field has: by tag, by the name of a typedef on the way to its type, by the name of its struct or enum.
 *
 *     /// @format errno                the tag, when it fits
 *     gadget_signal sig;               else a typedef of the table, or ecli_NAME for a format NAME
 *     struct in6_addr to;              else a struct of the table
 *     enum open_set how;               else an enum called ..._set, or one with nothing but single bits
 *
 * A name never makes a field unreadable: a format that does not fit the type it stands on is ignored, and ecc has told
 * the author (ecli_plan_format_check). What a format looks like is render/'s business.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "plan/build.h"

#define OWN_PREFIX "ecli_"

/* What a format can stand on. */
enum {
	ON_INT = 1,       /* whole bytes */
	ON_BITS = 2,      /* bit-fields */
	ON_POINTER = 4,   /* */
	ON_ENUM = 8,      /* */
	ON_BYTES = 16,    /* arrays of bytes, of `whole_bytes` in total */
	ON_STRUCT = 32,   /* structs, unions, other arrays of integers and 128-bit integers of `whole_bytes` */
	ON_ENDPOINT = 64, /* structs with the parts of an endpoint */
	ON_TEXT = 128     /* arrays of char */
};

#define SIZE(n)   (1u << (n))
#define ANY_SIZE  (SIZE(1) | SIZE(2) | SIZE(4) | SIZE(8))
#define ANY_INT   (ON_INT | ON_BITS)
#define NAMES_MAX 3
#define STACK     "an id of 4 or 8 bytes, or an array of 64-bit integers"

static const struct format_row {
	const char *name;
	uint8_t on;
	uint16_t int_sizes; /* a bit for each number of bytes */
	uint8_t whole_bytes;
	const char *what;             /* for whom it is, in a sentence */
	const char *types[NAMES_MAX]; /* typedefs and structs that others use for it; ours is ecli_NAME */
} rows[] = {
	[ECLI_AS_NUMBER] = { "number", 0, 0, 0, "anything", { "gadget_mntns_id", "gadget_netns_id" } },
	[ECLI_AS_TIMESTAMP] = { "timestamp", ON_INT, SIZE(8), 0, "a 64-bit integer", { NULL } },
	[ECLI_AS_TIMESTAMP_BOOT] = { "timestamp_boot", ON_INT, SIZE(8), 0, "a 64-bit integer", { "gadget_timestamp" } },
	[ECLI_AS_TIMESTAMP_REAL] = { "timestamp_real", ON_INT, SIZE(8), 0, "a 64-bit integer", { NULL } },
	[ECLI_AS_DURATION] = { "duration", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_duration", "duration" } },
	[ECLI_AS_DURATION_US] = { "duration_us", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_DURATION_MS] = { "duration_ms", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_BYTES] = { "bytes", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_bytes" } },
	[ECLI_AS_HEX] = { "hex", ANY_INT | ON_POINTER, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_OCTAL] = { "octal", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_KERNEL_ADDRESS] = { "kernel_address", ON_INT | ON_POINTER, SIZE(8), 0, "8 bytes", { NULL } },
	[ECLI_AS_USER_ADDRESS] = { "user_address", ON_INT | ON_POINTER, SIZE(8), 0, "8 bytes", { NULL } },
	[ECLI_AS_ERRNO] = { "errno", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_errno" } },
	[ECLI_AS_SIGNAL] = { "signal", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_signal" } },
	[ECLI_AS_SYSCALL] = { "syscall", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_syscall" } },
	[ECLI_AS_FILE_MODE] = { "file_mode", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_file_mode" } },
	[ECLI_AS_FILE_FLAGS] = { "file_flags", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_file_flags" } },
	[ECLI_AS_CAPABILITY] = { "capability", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_TCP_STATE] = { "tcp_state", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_UID] = { "uid", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_uid" } },
	[ECLI_AS_GID] = { "gid", ANY_INT, ANY_SIZE, 0, "an integer", { "gadget_gid" } },
	[ECLI_AS_IFINDEX] = { "ifindex", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_CGROUP_ID] = { "cgroup_id", ON_INT, SIZE(8), 0, "a 64-bit integer", { NULL } },
	[ECLI_AS_DEV] = { "dev", ON_INT, SIZE(4) | SIZE(8), 0, "an integer of 4 or 8 bytes", { NULL } },
	[ECLI_AS_PORT] = { "port", ON_INT, SIZE(2), 0, "a 16-bit integer", { NULL } },
	[ECLI_AS_IPV4] = { "ipv4", ON_INT | ON_BYTES | ON_STRUCT, SIZE(4), 4, "4 bytes", { "ipv4_addr", "in_addr" } },
	[ECLI_AS_IPV6] = { "ipv6", ON_BYTES | ON_STRUCT, 0, 16, "16 bytes", { "ipv6_addr", "in6_addr" } },
	[ECLI_AS_MAC] = { "mac", ON_BYTES, 0, 6, "an array of 6 bytes", { NULL } },
	[ECLI_AS_ENDPOINT] = { "endpoint",
			       ON_ENDPOINT,
			       0,
			       0,
			       "a struct like gadget_l4endpoint_t",
			       { "gadget_l3endpoint_t", "gadget_l4endpoint_t" } },
	[ECLI_AS_FLAGS] = { "flags", ON_ENUM, 0, 0, "an enum", { NULL } },
	[ECLI_AS_ARGV] = { "argv", ON_TEXT, 0, 0, "an array of char", { NULL } },
	[ECLI_AS_IP] = { "ip", ON_BYTES | ON_STRUCT, 0, 16, "16 bytes", { NULL } },
	[ECLI_AS_NS_IN_US] = { "ns_in_us", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_NS_IN_MS] = { "ns_in_ms", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_US_IN_MS] = { "us_in_ms", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_BYTES_IN_KIB] = { "bytes_in_kib", ANY_INT, ANY_SIZE, 0, "an integer", { NULL } },
	[ECLI_AS_KERNEL_STACK] = { "kernel_stack", ON_INT, SIZE(4) | SIZE(8), 0, STACK, { "gadget_kernel_stack" } },
	[ECLI_AS_USER_STACK] = { "user_stack", ON_INT, SIZE(4) | SIZE(8), 0, STACK, { "gadget_user_stack" } },
};
static_assert(ARRAY_SIZE(rows) == ECLI_AS_COUNT, "a row per format");

const char *ecli_as_name(enum ecli_as as)
{
	return (unsigned int)as < ECLI_AS_COUNT ? rows[as].name : NULL;
}

enum ecli_unit ecli_unit_find(const char *name)
{
	static const char *const names[ECLI_UNITS] = { "", "ns", "us", "ms", "s", "bytes" };
	enum ecli_unit unit = ECLI_UNITS;

	while (--unit && strcmp(names[unit], name) != 0)
		;
	return unit;
}

/* ---- endpoints ------------------------------------------------------------------------------------------------- */

static bool is_called(const char *name, const char *either, const char * or)
{
	return !strcmp(name, either) || !strcmp(name, or);
}

/* Where the member of the struct is noted, and the bytes it must have there (0: any, it is a record). */
static uint16_t *endpoint_part(struct ecli_endpoint *endpoint, const char *name, uint32_t *ret_size)
{
	if (is_called(name, "addr_raw", "addr"))
		return *ret_size = 16, &endpoint->addr;
	if (!strcmp(name, "version"))
		return *ret_size = 1, &endpoint->version;
	if (!strcmp(name, "port"))
		return *ret_size = 2, &endpoint->port;
	if (is_called(name, "proto_raw", "proto"))
		return *ret_size = 2, &endpoint->proto;
	return NULL;
}

/* The parts of a struct; older ones of the same name have the address in a struct of its own, `l3`. */
static void find_endpoint(const struct ecli_types *types, const struct ecli_type *type, uint64_t offset_bytes,
			  unsigned int depth, struct ecli_endpoint *endpoint)
{
	for (uint32_t i = 0; i < type->n_members && i < 16; i++) {
		const struct ecli_type_member *member = &type->members[i];
		const struct ecli_type *inner = ecli_types_resolve(types, member->type_id);
		uint64_t at = offset_bytes + member->offset_bits / 8;
		uint32_t size = 0;
		uint16_t *part = endpoint_part(endpoint, member->name, &size);

		if (member->bits || member->offset_bits % 8 || at >= ECLI_ENDPOINT_NONE)
			continue;
		if (part && inner->size_bytes == size)
			*part = (uint16_t)at;
		else if (!part && inner->kind == ECLI_TYPE_STRUCT && !depth)
			find_endpoint(types, inner, at, depth + 1, endpoint);
	}
}

static bool is_endpoint(const struct ecli_types *types, const struct ecli_type *type, struct ecli_endpoint *endpoint)
{
	const uint16_t none = ECLI_ENDPOINT_NONE;

	*endpoint = (struct ecli_endpoint){ none, none, none, none };
	if (type->kind != ECLI_TYPE_STRUCT || type->size_bytes >= none)
		return false;
	find_endpoint(types, type, 0, 0, endpoint);
	return endpoint->addr != none && endpoint->version != none;
}

/* ---- what fits ------------------------------------------------------------------------------------------------- */

static bool fits_array(const struct ecli_types *types, const struct format_row *row, const struct ecli_type *type)
{
	const struct ecli_type *element = ecli_types_resolve(types, type->target_id);
	bool is_number = element->kind == ECLI_TYPE_INT || element->kind == ECLI_TYPE_CHAR;

	if (row->on & ON_TEXT)
		return element->kind == ECLI_TYPE_CHAR && element->int_bits == 8;

	if (!is_number || type->size_bytes != row->whole_bytes)
		return false;
	return row->on & ON_STRUCT || (row->on & ON_BYTES && element->size_bytes == 1);
}

static bool fits(const struct ecli_types *types, const struct format_row *row, const struct ecli_type *type,
		 uint32_t bits)
{
	struct ecli_endpoint endpoint;

	if (row == &rows[ECLI_AS_NUMBER])
		return true;
	switch (type->kind) {
	case ECLI_TYPE_INT:
		if (type->size_bytes == 16 && row->on & ON_STRUCT && row->whole_bytes == 16)
			return !bits;
		/* The older encoding of bit-fields has the width in the type. */
		if (bits || type->int_bits != 8 * type->size_bytes)
			return row->on & ON_BITS && (bits ? bits : type->int_bits) <= 64;
		return row->on & ON_INT && type->size_bytes <= 8 && row->int_sizes & SIZE(type->size_bytes);
	case ECLI_TYPE_POINTER:
		return row->on & ON_POINTER;
	case ECLI_TYPE_ENUM:
		return row->on & ON_ENUM;
	case ECLI_TYPE_ARRAY:
		return fits_array(types, row, type);
	case ECLI_TYPE_STRUCT:
	case ECLI_TYPE_UNION:
		if (row->on & ON_ENDPOINT)
			return is_endpoint(types, type, &endpoint);
		return row->on & ON_STRUCT && type->size_bytes == row->whole_bytes;
	default:
		return false;
	}
}

/* The format of that name, or ECLI_AS_COUNT. */
static enum ecli_as find_name(const char *name)
{
	enum ecli_as as = 0;

	/* Ids of namespaces are numbers, but a tool may say what they are. */
	if (is_called(name, "mntns_id", "netns_id"))
		return ECLI_AS_NUMBER;
	/* What an option in network order says (package/notation.c): of an event, ports always are. */
	if (!strcmp(name, "port_be"))
		return ECLI_AS_PORT;
	while (as < ECLI_AS_COUNT && strcmp(rows[as].name, name) != 0)
		as++;
	return as;
}

int ecli_plan_format_check(const struct ecli_types *types, uint32_t type_id, uint32_t bits, const char *format,
			   struct ecli_err *err)
{
	enum ecli_as as = find_name(format);
	const struct ecli_type *type = ecli_types_resolve(types, type_id);
	CLEANUP_BUF struct ecli_buf text = { 0 };

	if (as == ECLI_AS_COUNT)
		return ecli_err_set(err, -ENOENT, "there is no format %s", *format ? format : "without a name");
	/* A format of an array that does not fit it whole is that of its elements. */
	for (unsigned int i = 0; type && i < PLAN_MAX_NESTING; i++) {
		if (fits(types, &rows[as], type, bits))
			return 0;
		if (type->kind != ECLI_TYPE_ARRAY)
			break;
		type = ecli_types_resolve(types, type->target_id);
	}
	ecli_type_format(types, type_id, &text);
	return ecli_err_set(err, -EINVAL, "the format %s is for %s, not for %s%s", format, rows[as].what,
			    bits ? "a bit-field of " : "", ecli_buf_text(&text));
}

/* ---- what a field has ------------------------------------------------------------------------------------------ */

/* The format that the name of a type stands for, or ECLI_AS_COUNT. */
static enum ecli_as find_type_name(const char *name)
{
	size_t own = sizeof(OWN_PREFIX) - 1;

	if (!strncmp(name, OWN_PREFIX, own))
		return find_name(name + own);
	for (enum ecli_as as = 0; as < ECLI_AS_COUNT; as++)
		for (size_t i = 0; i < NAMES_MAX && rows[as].types[i]; i++)
			if (!strcmp(rows[as].types[i], name))
				return as;
	return ECLI_AS_COUNT;
}

/*
 * An enum of nothing but single bits, at least three of them, is one of flags: with 1, 2 and 4, a 3 is 1|2. With fewer
 * an unknown value could as well be a new name.
 */
static bool has_only_bits(const struct ecli_type *type)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < type->n_values; i++) {
		uint64_t value = (uint64_t)type->values[i].value;

		if (value & (value - 1))
			return false;
		n += value != 0;
	}
	return n >= 3;
}

static bool is_flags(const struct ecli_type *type)
{
	size_t len = strlen(type->name);

	return (len > 4 && !strcmp(type->name + len - 4, "_set")) || has_only_bits(type);
}

/* What the names on the way from the member's type to the type itself say; the first that fits. */
static enum ecli_as from_type(const struct builder *builder, const struct spot *spot)
{
	const struct ecli_type *end = ecli_types_resolve(builder->types, spot->type_id);
	const struct ecli_type *type = ecli_types_get(builder->types, spot->type_id);

	while (type) {
		enum ecli_as as = *type->name ? find_type_name(type->name) : ECLI_AS_COUNT;

		if (as != ECLI_AS_COUNT && fits(builder->types, &rows[as], end, spot->bits))
			return as;
		if (type->kind != ECLI_TYPE_TYPEDEF && type->kind != ECLI_TYPE_MODIFIER)
			break;
		type = ecli_types_get(builder->types, type->target_id);
	}
	return end->kind == ECLI_TYPE_ENUM && is_flags(end) ? ECLI_AS_FLAGS : ECLI_AS_NUMBER;
}

enum ecli_as plan_format_of(const struct builder *builder, const struct spot *spot)
{
	enum ecli_as as = spot->format ? find_name(spot->format) : ECLI_AS_COUNT;
	const struct ecli_type *type = ecli_types_resolve(builder->types, spot->type_id);

	if (as != ECLI_AS_COUNT && fits(builder->types, &rows[as], type, spot->bits))
		return as;
	return from_type(builder, spot);
}

bool plan_format_is_whole(const struct ecli_type *type, enum ecli_as as)
{
	bool is_scalar = type->kind == ECLI_TYPE_INT && type->size_bytes <= 8;

	return rows[as].on & (ON_BYTES | ON_STRUCT | ON_ENDPOINT | ON_TEXT) && !is_scalar;
}

int plan_format_set(struct builder *builder, uint32_t field_index, enum ecli_as as, const struct ecli_type *type,
		    const struct plan_enum *names)
{
	struct ecli_plan *plan = builder->plan;
	struct ecli_field_format **grown =
		reallocarray(plan->formats, plan->n_formats + 1, sizeof(struct ecli_field_format *));

	if (!grown)
		return plan_no_memory(builder);
	plan->formats = grown;

	struct ecli_field_format *format = calloc(1, sizeof(*format));
	if (!format)
		return plan_no_memory(builder);
	plan->formats[plan->n_formats++] = format;

	struct ecli_field *field = &plan->fields[field_index];
	format->as = as;
	format->raw_kind = field->kind;
	format->names = names;
	if (as == ECLI_AS_ENDPOINT && type)
		is_endpoint(builder->types, type, &format->endpoint);
	field->format = format;
	field->kind = ECLI_VALUE_FORMATTED;
	return 0;
}

int plan_format_set_stacks(struct builder *builder, uint32_t field_index, const char *stacks)
{
	struct ecli_plan *plan = builder->plan;
	/* Only the plan has it as something to change. */
	struct ecli_field_format *format = (struct ecli_field_format *)plan->fields[field_index].format;

	if (!stacks || (format->as != ECLI_AS_KERNEL_STACK && format->as != ECLI_AS_USER_STACK))
		return 0;
	format->stacks = plan_keep_name(plan, strdup(stacks));
	return format->stacks ? 0 : plan_no_memory(builder);
}
