/* SPDX-License-Identifier: MIT */
/*
 * Event types and records from text: a shadow of each BTF type (size, alignment, members) is kept beside libbpf's BTF,
 * so that records can be laid out without asking the code under test.
 */
#include "support/spec.h"

#include <bpf/btf.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPES_MAX   1024
#define MEMBERS_MAX 64

enum shape { SHAPE_INT, SHAPE_FLOAT, SHAPE_TEXT, SHAPE_ARRAY, SHAPE_RECORD };

struct member {
	uint32_t id, offset_bits, bits;
};

struct shadow {
	char name[64];
	enum shape shape;
	uint32_t size, align, element, count;
	struct member members[MEMBERS_MAX];
	uint32_t n_members;
};

struct spec {
	struct btf *btf;
	struct shadow types[TYPES_MAX]; /* by BTF id */
	uint32_t count;
};

static const struct scalar {
	const char *name;
	enum shape shape;
	uint32_t size;
	int encoding;
} scalars[] = {
	{ "u8", SHAPE_INT, 1, 0 },
	{ "u16", SHAPE_INT, 2, 0 },
	{ "u32", SHAPE_INT, 4, 0 },
	{ "u64", SHAPE_INT, 8, 0 },
	{ "u128", SHAPE_INT, 16, 0 },
	{ "s8", SHAPE_INT, 1, BTF_INT_SIGNED },
	{ "s16", SHAPE_INT, 2, BTF_INT_SIGNED },
	{ "s32", SHAPE_INT, 4, BTF_INT_SIGNED },
	{ "s64", SHAPE_INT, 8, BTF_INT_SIGNED },
	{ "s128", SHAPE_INT, 16, BTF_INT_SIGNED },
	{ "bool", SHAPE_INT, 1, BTF_INT_BOOL },
	{ "char", SHAPE_TEXT, 1, BTF_INT_SIGNED },
	{ "f32", SHAPE_FLOAT, 4, 0 },
	{ "f64", SHAPE_FLOAT, 8, 0 },
	{ "f128", SHAPE_FLOAT, 16, 0 },
};

static _Noreturn void bad(const char *what, const char *text)
{
	fprintf(stderr, "spec: %s: %s\n", what, text);
	exit(99);
}

static uint32_t add(struct spec *spec, int id, const struct shadow *shadow)
{
	if (id <= 0 || id >= TYPES_MAX)
		bad("cannot add the type", shadow->name);
	spec->types[id] = *shadow;
	if ((uint32_t)id >= spec->count)
		spec->count = (uint32_t)id + 1;
	return (uint32_t)id;
}

struct spec *spec_new(void)
{
	struct spec *spec = calloc(1, sizeof(*spec));

	if (!spec || !(spec->btf = btf__new_empty()))
		bad("out of memory", "");
	btf__set_pointer_size(spec->btf, 8);
	for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
		const struct scalar *s = &scalars[i];
		struct shadow shadow = { .shape = s->shape, .size = s->size, .align = s->size };

		snprintf(shadow.name, sizeof(shadow.name), "%s", s->name);
		add(spec,
		    s->shape == SHAPE_FLOAT ? btf__add_float(spec->btf, s->name, s->size)
					    : btf__add_int(spec->btf, s->name, s->size, s->encoding),
		    &shadow);
	}
	struct shadow pointer = { .name = "ptr", .shape = SHAPE_INT, .size = 8, .align = 8 };
	add(spec, btf__add_ptr(spec->btf, 0), &pointer);
	return spec;
}

void spec_free(struct spec *spec)
{
	btf__free(spec->btf);
	free(spec);
}

uint64_t spec_size(const struct spec *spec, uint32_t id)
{
	return spec->types[id].size;
}

static uint32_t find(const struct spec *spec, const char *name, size_t len)
{
	for (uint32_t id = 1; id < spec->count; id++)
		if (strlen(spec->types[id].name) == len && !memcmp(spec->types[id].name, name, len))
			return id;
	bad("no such type", name);
}

uint32_t spec_type(struct spec *spec, const char *text)
{
	uint32_t id = find(spec, text, strcspn(text, "["));
	uint32_t counts[8], n = 0;

	for (const char *c = text; (c = strchr(c, '[')); c++)
		if (n < 8)
			counts[n++] = (uint32_t)strtoul(c + 1, NULL, 10);
	while (n) { /* the innermost dimension is the last */
		const struct shadow *element = &spec->types[id];
		struct shadow shadow = { .shape = SHAPE_ARRAY, .element = id, .count = counts[--n] };

		shadow.size = element->size * shadow.count;
		shadow.align = element->align;
		id = add(spec, btf__add_array(spec->btf, (int)find(spec, "u32", 3), (int)id, shadow.count), &shadow);
	}
	return id;
}

static uint32_t define_enum(struct spec *spec, const char *name, bool is_signed, uint32_t size, char *rest)
{
	struct shadow shadow = { .shape = SHAPE_INT, .size = size, .align = size };
	char *save, *word;
	int id = size == 8 ? btf__add_enum64(spec->btf, name, size, is_signed) : btf__add_enum(spec->btf, name, size);

	snprintf(shadow.name, sizeof(shadow.name), "%s", name);
	for (word = strtok_r(rest, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *value = strchr(word, '=');

		if (!value)
			bad("NAME=VALUE expected", word);
		*value++ = '\0';
		long long number = *value == '-' ? strtoll(value, NULL, 0) : (long long)strtoull(value, NULL, 0);
		int r = size == 8 ? btf__add_enum64_value(spec->btf, word, (__u64)number)
				  : btf__add_enum_value(spec->btf, word, number);
		if (r)
			bad("bad enumerator", word);
	}
	return add(spec, id, &shadow);
}

/* Places one member, "u32/3:flags"; @next_bits: where the last one ended. */
static struct member place(struct spec *spec, char *word, struct shadow *shadow, uint64_t *next_bits,
			   const char **ret_name)
{
	char *name = strchr(word, ':');

	if (!name)
		bad("TYPE:NAME expected", word);
	*name++ = '\0';
	*ret_name = name;

	char *slash = strchr(word, '/');
	if (slash)
		*slash++ = '\0';
	struct member member = { .id = spec_type(spec, word), .bits = slash ? (uint32_t)strtoul(slash, NULL, 10) : 0 };
	const struct shadow *type = &spec->types[member.id];
	uint64_t unit = 8 * (uint64_t)type->align;
	uint64_t at = *next_bits;

	/* A bit-field goes on where the last one ended unless it would cross a unit of its type. */
	if (!member.bits || at / unit != (at + member.bits - 1) / unit)
		at = (at + unit - 1) / unit * unit;
	member.offset_bits = (uint32_t)at;
	*next_bits = at + (member.bits ? member.bits : 8 * (uint64_t)type->size);
	if (type->align > shadow->align)
		shadow->align = type->align;
	return member;
}

static uint32_t define_record(struct spec *spec, const char *name, bool is_union, char *rest)
{
	struct shadow shadow = { .shape = SHAPE_RECORD, .align = 1 };
	const char *names[MEMBERS_MAX];
	uint64_t next_bits = 0, end_bits = 0;
	char *save, *word;

	snprintf(shadow.name, sizeof(shadow.name), "%s", name);
	for (word = strtok_r(rest, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (shadow.n_members == MEMBERS_MAX)
			bad("too many members", name);
		if (is_union)
			next_bits = 0;
		shadow.members[shadow.n_members] = place(spec, word, &shadow, &next_bits, &names[shadow.n_members]);
		shadow.n_members++;
		if (next_bits > end_bits)
			end_bits = next_bits;
	}
	shadow.size = (uint32_t)((end_bits + 7) / 8 + shadow.align - 1) / shadow.align * shadow.align;

	int id =
		is_union ? btf__add_union(spec->btf, name, shadow.size) : btf__add_struct(spec->btf, name, shadow.size);
	for (uint32_t i = 0; i < shadow.n_members; i++) {
		const struct member *m = &shadow.members[i];
		int r = btf__add_field(spec->btf, names[i], (int)m->id, m->offset_bits, m->bits);

		if (r)
			bad("cannot add the member", names[i]);
	}
	return add(spec, id, &shadow);
}

static uint32_t define_typedef(struct spec *spec, const char *name, char *rest)
{
	char *save;
	uint32_t id = spec_type(spec, strtok_r(rest, " ", &save));
	struct shadow shadow = spec->types[id];

	snprintf(shadow.name, sizeof(shadow.name), "%s", name);
	return add(spec, btf__add_typedef(spec->btf, name, (int)id), &shadow);
}

uint32_t spec_define(struct spec *spec, const char *line)
{
	char *copy = strdup(line), *save;
	const char *kind = strtok_r(copy, " ", &save), *name = strtok_r(NULL, " ", &save);
	uint32_t id;

	if (!kind || !name)
		bad("KIND NAME expected", line);
	if (!strcmp(kind, "struct") || !strcmp(kind, "union"))
		id = define_record(spec, name, *kind == 'u', save);
	else if (!strcmp(kind, "typedef"))
		id = define_typedef(spec, name, save);
	else if (strstr(kind, "enum"))
		id = define_enum(spec, name, *kind == 's', strstr(kind, "64") ? 8 : 4, save);
	else
		bad("struct, union, enum or typedef expected", line);
	free(copy);
	return id;
}

struct ecli_types *spec_types(const struct spec *spec)
{
	struct ecli_types *types;
	struct ecli_err err = { 0 };
	__u32 size;
	const void *raw = btf__raw_data(spec->btf, &size);

	if (!raw || ecli_types_read(raw, size, &err, &types))
		bad("the types cannot be read", err.text);
	return types;
}

/* ---- records --------------------------------------------------------------------------------------------------- */

struct words {
	const char *at;
};

/* The next word as bytes: "text" with its escapes, or the characters up to a space. False at the end. */
static bool next_word(struct words *words, char *ret, size_t size, size_t *ret_len, bool *ret_is_text)
{
	const char *c = words->at;
	size_t len = 0;

	while (*c == ' ')
		c++;
	if (!*c)
		return false;
	*ret_is_text = *c == '"';
	for (c += *ret_is_text; *c && *c != (*ret_is_text ? '"' : ' ');) {
		if (len + 1 >= size)
			bad("too long", words->at);
		if (*ret_is_text && *c == '\\' && c[1] == 'x') {
			char hex[3] = { c[2], c[3], 0 };

			ret[len++] = (char)strtoul(hex, NULL, 16);
			c += 4;
		} else {
			c += *ret_is_text && *c == '\\' && c[1];
			ret[len++] = *c++;
		}
	}
	ret[len] = '\0';
	*ret_len = len;
	words->at = c + (*c == '"');
	return true;
}

static void put_bits(unsigned char *base, uint64_t offset_bits, uint32_t bits, unsigned __int128 value)
{
	for (uint32_t i = 0; i < bits; i++) {
		uint64_t bit = offset_bits + i;

		base[bit / 8] = (unsigned char)((base[bit / 8] & ~(1u << bit % 8)) |
						((unsigned int)(value >> i & 1) << bit % 8));
	}
}

static unsigned __int128 parse_wide(const char *text)
{
	bool is_negative = *text == '-';
	unsigned __int128 value = 0;
	unsigned int base = 10;

	text += is_negative;
	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	for (; *text; text++) {
		unsigned int digit = isdigit((unsigned char)*text) ? (unsigned int)*text - '0'
								   : (unsigned int)tolower(*text) - 'a' + 10;
		if (digit >= base)
			bad("not a number", text);
		value = value * base + digit;
	}
	return is_negative ? 0 - value : value;
}

static void put_leaf(const struct shadow *type, const struct member *member, unsigned char *base, struct words *words)
{
	char word[4096];
	size_t len;
	bool is_text;
	unsigned char *at = base + member->offset_bits / 8;

	if (!next_word(words, word, sizeof(word), &len, &is_text))
		bad("too few values", "");
	if (is_text) {
		if (len > type->size)
			bad("text longer than its field", word);
		memcpy(at, word, len);
	} else if (*word == '@') {
		for (size_t i = 0; 2 * i + 1 < len && i < type->size; i++) {
			char hex[3] = { word[1 + 2 * i], word[2 + 2 * i], 0 };

			at[i] = (unsigned char)strtoul(hex, NULL, 16);
		}
	} else if (type->shape == SHAPE_FLOAT) {
		double real = strtod(word, NULL);
		float single = (float)real;
		long double wide = real;

		memcpy(at,
		       type->size == 4   ? (void *)&single
		       : type->size == 8 ? (void *)&real
					 : (void *)&wide,
		       type->size);
	} else {
		put_bits(base, member->offset_bits, member->bits ? member->bits : 8 * type->size, parse_wide(word));
	}
}

static void put_value(const struct spec *spec, const struct member *member, unsigned char *base, struct words *words)
{
	const struct shadow *type = &spec->types[member->id];
	unsigned char *at = base + member->offset_bits / 8;

	if (type->shape == SHAPE_RECORD) {
		for (uint32_t i = 0; i < type->n_members; i++)
			put_value(spec, &type->members[i], at, words);
	} else if (type->shape == SHAPE_ARRAY && spec->types[type->element].shape != SHAPE_TEXT) {
		for (uint32_t i = 0; i < type->count; i++) {
			struct member element = { .id = type->element,
						  .offset_bits = i * 8 * spec->types[type->element].size };

			put_value(spec, &element, at, words);
		}
	} else {
		put_leaf(type, member, base, words);
	}
}

void spec_encode(const struct spec *spec, uint32_t id, const char *values, struct ecli_buf *out)
{
	struct member whole = { .id = id };
	struct words words = { .at = values };
	uint32_t size = spec->types[id].size;
	unsigned char *record = calloc(1, size + 1);

	if (!record)
		bad("out of memory", values);
	put_value(spec, &whole, record, &words);
	if (words.at[strspn(words.at, " ")])
		bad("too many values", words.at);
	ecli_buf_add(out, record, size);
	free(record);
}
