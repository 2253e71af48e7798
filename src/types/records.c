/* SPDX-License-Identifier: MIT */
/*
 * One record of BTF type data: its length, and what it puts into the model.
 *
 *     record = name, kind + count + flag, size or type; then what the kind adds, once (`fixed`) and per item (`each`)
 *
 * A record is looked at only after its whole length was found inside the type data, a name only after its offset was
 * found inside the strings. What refers to what is not looked at here: check.c does, when all types are known. The
 * format: Documentation/bpf/btf.rst of the Linux kernel.
 */
#include <errno.h>
#include <linux/btf.h>

#include "types/records.h"

#define RECORD_SIZE   12u
#define MAX_INT_BYTES 16u

/* ---- names ----------------------------------------------------------------------------------------------------- */

bool types_is_printable(const char *text, size_t len)
{
	uint8_t bad = 0;

	/* No early exit: the compiler turns this into a few vector instructions per 16 bytes. */
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		bad |= c && (uint8_t)(c - 0x20) >= 0x7f - 0x20;
	}
	return !bad;
}

static int read_name(struct reader *reader, uint32_t id, uint32_t offset, const char **ret_name)
{
	if (offset >= reader->types->strings_size)
		return types_malformed(reader->types, id, reader->err, "has a name outside the strings");

	const char *name = reader->types->strings + offset;
	uint32_t kind = reader->types->raw[id] & RAW_KIND;
	bool is_tag = kind == BTF_KIND_DECL_TAG || kind == BTF_KIND_TYPE_TAG;
	if (!reader->all_printable && !is_tag && !types_is_printable(name, strlen(name)))
		return types_malformed(reader->types, id, reader->err, "has a name with characters that no name has");
	*ret_name = name;
	return 0;
}

/* ---- one function per shape of record -------------------------------------------------------------------------- */

static int fill_int(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	uint32_t word = load32(record->more);
	uint32_t encoding = BTF_INT_ENCODING(word), offset = BTF_INT_OFFSET(word), bits = BTF_INT_BITS(word);

	if (record->size_or_type == 0 || record->size_or_type > MAX_INT_BYTES)
		return types_malformed(reader->types, type->id, reader->err, "is an integer of %u bytes",
				       record->size_or_type);
	if (bits == 0 || offset + bits > record->size_or_type * 8)
		return types_malformed(reader->types, type->id, reader->err,
				       "is an integer of bits %u to %u in %u bytes", offset, offset + bits,
				       record->size_or_type);

	/* clang gives plain char no encoding of its own, gcc gives signed and unsigned char the CHAR one: the name
	 * decides. */
	bool is_char = !strcmp(type->name, "char") || ((encoding & BTF_INT_CHAR) && strcmp(type->name, "signed char") &&
						       strcmp(type->name, "unsigned char"));
	type->size_bytes = record->size_or_type;
	type->is_signed = encoding & BTF_INT_SIGNED;
	type->int_bits = bits;
	type->int_offset_bits = offset;
	if (encoding & BTF_INT_BOOL)
		type->kind = ECLI_TYPE_BOOL;
	else if (is_char && type->size_bytes == 1)
		type->kind = ECLI_TYPE_CHAR;
	return 0;
}

static int fill_float(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	uint32_t size = record->size_or_type;

	if (size != 2 && size != 4 && size != 8 && size != 12 && size != 16)
		return types_malformed(reader->types, type->id, reader->err, "is a float of %u bytes", size);
	type->size_bytes = size;
	return 0;
}

static int fill_target(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	(void)reader;
	type->target_id = record->size_or_type;
	if (type->kind == ECLI_TYPE_POINTER)
		type->size_bytes = 8;
	return 0;
}

static int fill_array(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	type->target_id = load32(record->more);
	type->count = load32(record->more + 8);
	if (load32(record->more + 4) >= reader->types->count)
		return types_malformed(reader->types, type->id, reader->err,
				       "is indexed by a type that does not exist");
	return 0;
}

/* The next members of the model become those of @type. */
static struct ecli_type_member *take_members(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	struct ecli_type_member *members = reader->types->members + reader->n_members;

	reader->n_members += record->vlen;
	type->size_bytes = record->size_or_type;
	type->members = members;
	type->n_members = record->vlen;
	return members;
}

static int fill_members(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	struct ecli_type_member *members = take_members(reader, record, type);

	for (uint32_t i = 0; i < record->vlen; i++) {
		const uint8_t *p = record->more + 12 * (size_t)i;
		uint32_t offset = load32(p + 8);

		int r = read_name(reader, type->id, load32(p), &members[i].name);
		if (r < 0)
			return r;
		members[i].type_id = load32(p + 4);
		members[i].offset_bits = record->flag ? BTF_MEMBER_BIT_OFFSET(offset) : offset;
		members[i].bits = record->flag ? BTF_MEMBER_BITFIELD_SIZE(offset) : 0;
	}
	return 0;
}

static int fill_enum(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	struct ecli_type_value *values = reader->types->values + reader->n_values;
	size_t each = record->kind == BTF_KIND_ENUM64 ? 12 : 8;
	uint32_t size = record->size_or_type;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return types_malformed(reader->types, type->id, reader->err, "is an enum of %u bytes", size);
	reader->n_values += record->vlen;
	type->size_bytes = size;
	type->is_signed = record->flag;
	type->values = values;
	type->n_values = record->vlen;
	for (uint32_t i = 0; i < record->vlen; i++) {
		const uint8_t *p = record->more + each * i;
		uint32_t low = load32(p + 4);

		int r = read_name(reader, type->id, load32(p), &values[i].name);
		if (r < 0)
			return r;
		if (record->kind == BTF_KIND_ENUM64)
			values[i].value = (int64_t)((uint64_t)load32(p + 8) << 32 | low);
		else
			values[i].value = type->is_signed ? (int64_t)(int32_t)low : (int64_t)low;
	}
	return 0;
}

static int fill_forward(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	if (record->flag)
		reader->types->raw[type->id] |= RAW_FLAG;
	return 0;
}

static int fill_proto(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	type->target_id = record->size_or_type;
	for (uint32_t i = 0; i < record->vlen; i++) {
		const uint8_t *p = record->more + 8 * (size_t)i;
		const char *name;

		int r = read_name(reader, type->id, load32(p), &name);
		if (r < 0)
			return r;
		if (load32(p + 4) >= reader->types->count)
			return types_malformed(reader->types, type->id, reader->err,
					       "has a parameter of a type that does not exist");
		if (!i)
			type->param_id = load32(p + 4);
	}
	return 0;
}

static int fill_var(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	uint32_t linkage = load32(record->more);

	if (linkage > BTF_VAR_GLOBAL_EXTERN)
		return types_malformed(reader->types, type->id, reader->err, "is a variable of unknown linkage");
	type->target_id = record->size_or_type;
	if (linkage == BTF_VAR_STATIC)
		reader->types->raw[type->id] |= RAW_FLAG;
	return 0;
}

static int fill_section(struct reader *reader, const struct record *record, struct ecli_type *type)
{
	struct ecli_type_member *members = take_members(reader, record, type);

	for (uint32_t i = 0; i < record->vlen; i++) {
		const uint8_t *p = record->more + 12 * (size_t)i;

		members[i].name = "";
		members[i].type_id = load32(p); /* the VAR; check.c puts its name and type here */
		members[i].offset_bits = (uint64_t)load32(p + 4) * 8;
		members[i].size_bytes = load32(p + 8);
	}
	if (!strcmp(type->name, ".maps") && !reader->types->maps_id)
		reader->types->maps_id = type->id;
	return 0;
}

/* ---- the kinds ------------------------------------------------------------------------------------------------- */

typedef int (*fill_fn)(struct reader *reader, const struct record *record, struct ecli_type *type);

#define MANY BTF_MAX_VLEN

static const struct kind_rule {
	enum ecli_type_kind kind;
	uint8_t fixed, each; /* bytes after the record: once, and per item */
	uint16_t max_vlen;
	bool may_flag;
	fill_fn fill;
} kinds[] = {
	[BTF_KIND_INT] = { ECLI_TYPE_INT, 4, 0, 0, false, fill_int },
	[BTF_KIND_PTR] = { ECLI_TYPE_POINTER, 0, 0, 0, false, fill_target },
	[BTF_KIND_ARRAY] = { ECLI_TYPE_ARRAY, 12, 0, 0, false, fill_array },
	[BTF_KIND_STRUCT] = { ECLI_TYPE_STRUCT, 0, 12, MANY, true, fill_members },
	[BTF_KIND_UNION] = { ECLI_TYPE_UNION, 0, 12, MANY, true, fill_members },
	[BTF_KIND_ENUM] = { ECLI_TYPE_ENUM, 0, 8, MANY, true, fill_enum },
	[BTF_KIND_FWD] = { ECLI_TYPE_FORWARD, 0, 0, 0, true, fill_forward },
	[BTF_KIND_TYPEDEF] = { ECLI_TYPE_TYPEDEF, 0, 0, 0, false, fill_target },
	[BTF_KIND_VOLATILE] = { ECLI_TYPE_MODIFIER, 0, 0, 0, false, fill_target },
	[BTF_KIND_CONST] = { ECLI_TYPE_MODIFIER, 0, 0, 0, false, fill_target },
	[BTF_KIND_RESTRICT] = { ECLI_TYPE_MODIFIER, 0, 0, 0, false, fill_target },
	[BTF_KIND_FUNC] = { ECLI_TYPE_FUNC, 0, 0, BTF_FUNC_EXTERN, false, fill_target }, /* vlen is the linkage */
	[BTF_KIND_FUNC_PROTO] = { ECLI_TYPE_FUNC_PROTO, 0, 8, MANY, false, fill_proto },
	[BTF_KIND_VAR] = { ECLI_TYPE_VAR, 4, 0, 0, false, fill_var },
	[BTF_KIND_DATASEC] = { ECLI_TYPE_SECTION, 0, 12, MANY, false, fill_section },
	[BTF_KIND_FLOAT] = { ECLI_TYPE_FLOAT, 0, 0, 0, false, fill_float },
	[BTF_KIND_DECL_TAG] = { ECLI_TYPE_TAG, 4, 0, 0, true, fill_target }, /* the flag: an attribute, Linux 6.15 */
	[BTF_KIND_TYPE_TAG] = { ECLI_TYPE_MODIFIER, 0, 0, 0, true, fill_target },
	[BTF_KIND_ENUM64] = { ECLI_TYPE_ENUM, 0, 12, MANY, true, fill_enum },
};
static_assert(ARRAY_SIZE(kinds) == BTF_KIND_ENUM64 + 1, "a row per kind");

/* ---- both steps of a record ------------------------------------------------------------------------------------ */

int types_next_record(const struct reader *reader, uint32_t id, uint32_t *at, struct record *ret_record)
{
	if (reader->data_size - *at < RECORD_SIZE)
		return types_malformed(reader->types, id, reader->err, "is cut off");

	const uint8_t *p = reader->data + *at;
	uint32_t info = load32(p + 4);
	struct record record = {
		.name_offset = load32(p),
		.kind = BTF_INFO_KIND(info),
		.vlen = BTF_INFO_VLEN(info),
		.flag = info >> 31,
		.size_or_type = load32(p + 8),
		.more = p + RECORD_SIZE,
	};
	if (record.kind >= ARRAY_SIZE(kinds) || !kinds[record.kind].fill)
		return types_malformed(reader->types, id, reader->err, "has kind %u, which is not known here",
				       record.kind);

	const struct kind_rule *kind = &kinds[record.kind];
	if ((info & 0x60ff0000) || record.vlen > kind->max_vlen || (record.flag && !kind->may_flag))
		return types_malformed(reader->types, id, reader->err, "says something that its kind cannot say");

	uint32_t more = kind->fixed + kind->each * record.vlen;
	if (reader->data_size - *at - RECORD_SIZE < more)
		return types_malformed(reader->types, id, reader->err, "is cut off");
	*at += RECORD_SIZE + more;
	if (kind->fill == fill_members || kind->fill == fill_section)
		record.n_members = record.vlen;
	else if (kind->fill == fill_enum)
		record.n_values = record.vlen;
	*ret_record = record;
	return 0;
}

int types_fill_record(struct reader *reader, uint32_t id, const struct record *record)
{
	struct ecli_type *type = &reader->types->types[id];

	type->id = id;
	type->kind = kinds[record->kind].kind;
	type->name = "";
	reader->types->raw[id] = (uint8_t)record->kind;

	int r = read_name(reader, id, record->name_offset, &type->name);
	return r < 0 ? r : kinds[record->kind].fill(reader, record, type);
}
