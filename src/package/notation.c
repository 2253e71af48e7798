/* SPDX-License-Identifier: MIT */
/*
 * How the value of a variable is written, from its tags and from the names of its types. ecc asks to warn the author, ecli to
 * read what a person typed, so both always mean the same.
 *
 *     /// @unit us                  const volatile __u64 min_us      10ms, 1.5s
 *     /// @format ipv4              const volatile __u8 addr[4]      10.0.0.1
 *                                   const volatile uid_t uid         root
 *
 * A tag counts before a typedef. In an array the elements are meant, but for addresses that take all of it.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "package/model.h"

#include <ecli/types.h>

typedef bool (*fits_fn)(const struct ecli_types *types, const struct ecli_type *type);

/* The type itself, or that of an array's elements. */
static const struct ecli_type *element(const struct ecli_types *types, const struct ecli_type *type)
{
	return type->kind == ECLI_TYPE_ARRAY ? ecli_types_resolve(types, type->target_id) : type;
}

static bool is_integer(const struct ecli_types *types, const struct ecli_type *type)
{
	type = element(types, type);
	return type->kind == ECLI_TYPE_INT && type->size_bytes <= 8;
}

static bool is_port(const struct ecli_types *types, const struct ecli_type *type)
{
	return is_integer(types, type) && element(types, type)->size_bytes == 2;
}

static bool is_id(const struct ecli_types *types, const struct ecli_type *type)
{
	return is_integer(types, type) && element(types, type)->size_bytes == 4;
}

static bool is_whole(const struct ecli_types *types, const struct ecli_type *type, uint64_t size)
{
	if (type->size_bytes != size)
		return false;
	if (type->kind == ECLI_TYPE_STRUCT || type->kind == ECLI_TYPE_UNION) /* in_addr, in6_addr */
		return true;
	return element(types, type)->kind == ECLI_TYPE_INT;
}

static bool is_ipv4(const struct ecli_types *types, const struct ecli_type *type)
{
	return is_whole(types, type, 4) || (type->kind == ECLI_TYPE_ARRAY && is_id(types, type));
}

static bool is_ipv6(const struct ecli_types *types, const struct ecli_type *type)
{
	return is_whole(types, type, 16);
}

static const struct {
	const char *tag, *word;
	enum ecli_notation notation;
	fits_fn fits;
} words[] = {
	{ "unit", "ns", ECLI_NOTATION_NS, is_integer },
	{ "unit", "us", ECLI_NOTATION_US, is_integer },
	{ "unit", "ms", ECLI_NOTATION_MS, is_integer },
	{ "unit", "s", ECLI_NOTATION_S, is_integer },
	{ "unit", "bytes", ECLI_NOTATION_BYTES, is_integer },
	{ "format", "ipv4", ECLI_NOTATION_IPV4, is_ipv4 },
	{ "format", "ipv6", ECLI_NOTATION_IPV6, is_ipv6 },
	{ "format", "port", ECLI_NOTATION_PLAIN, is_port }, /* PORT_BE when the type is __be16 */
	{ "format", "port_be", ECLI_NOTATION_PORT_BE, is_port },
	{ "format", "uid", ECLI_NOTATION_USER, is_id },
	{ "format", "gid", ECLI_NOTATION_GROUP, is_id },
	{ "format", "errno", ECLI_NOTATION_ERRNO, is_integer },
	{ "format", "signal", ECLI_NOTATION_SIGNAL, is_integer },
	{ "format", "syscall", ECLI_NOTATION_SYSCALL, is_integer },
};

static const struct {
	const char *name;
	enum ecli_notation notation;
	fits_fn fits;
} typedefs[] = {
	{ "gadget_duration", ECLI_NOTATION_NS, is_integer },
	{ "gadget_bytes", ECLI_NOTATION_BYTES, is_integer },
	{ "uid_t", ECLI_NOTATION_USER, is_id },
	{ "__kernel_uid32_t", ECLI_NOTATION_USER, is_id },
	{ "gadget_uid", ECLI_NOTATION_USER, is_id },
	{ "gid_t", ECLI_NOTATION_GROUP, is_id },
	{ "__kernel_gid32_t", ECLI_NOTATION_GROUP, is_id },
	{ "gadget_gid", ECLI_NOTATION_GROUP, is_id },
};

/* Whether a typedef on the way from @type_id to what it stands for, or to that of its elements, is called @name. */
static bool has_typedef(const struct ecli_types *types, uint32_t type_id, const char *name)
{
	for (const struct ecli_type *type = ecli_types_get(types, type_id); type;
	     type = ecli_types_get(types, type->target_id)) {
		if (type->kind == ECLI_TYPE_TYPEDEF && !strcmp(type->name, name))
			return true;
		if (type->kind != ECLI_TYPE_TYPEDEF && type->kind != ECLI_TYPE_MODIFIER &&
		    type->kind != ECLI_TYPE_ARRAY)
			return false;
	}
	return false;
}

static enum ecli_notation by_type(const struct ecli_types *types, uint32_t type_id, const struct ecli_type *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(typedefs); i++)
		if (has_typedef(types, type_id, typedefs[i].name) && typedefs[i].fits(types, type))
			return typedefs[i].notation;
	return type->kind == ECLI_TYPE_CHAR ? ECLI_NOTATION_CHARACTER : ECLI_NOTATION_PLAIN;
}

/* "@unit takes ns, us, ms, s or bytes, not ..." */
static int unknown_word(const char *tag, const char *word, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf known = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].tag, tag))
			ecli_buf_add_format(&known, "%s%s", known.len ? ", " : "", words[i].word);
	return ecli_err_set(err, -EINVAL, "@%s of a variable is one of %s, not \"%.100s\"", tag, ecli_buf_text(&known),
			    word);
}

int ecli_package_var_notation(const struct ecli_package_var *var, const struct ecli_types *types, uint32_t type_id,
			      struct ecli_err *err, enum ecli_notation *ret_notation)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);
	CLEANUP_FREE char *unit = ecli_package_extra_text(&var->extras, "unit");
	CLEANUP_FREE char *format = ecli_package_extra_text(&var->extras, "format");
	const char *tag = unit ? "unit" : "format", *word = unit ? unit : format;

	*ret_notation = by_type(types, type_id, type);
	if (!word)
		return 0;
	if (unit && format)
		return ecli_err_set(err, -EINVAL, "%s has both @unit and @format: one must do", var->name);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].tag, tag) != 0 || strcmp(words[i].word, word) != 0)
			continue;
		if (!words[i].fits(types, type))
			return ecli_err_set(err, -EINVAL, "@%s %s does not fit %s, which is of type %s", tag, word,
					    var->name, var->type ? var->type : "another kind");
		*ret_notation = words[i].notation;
		if (!strcmp(word, "port") && has_typedef(types, type_id, "__be16"))
			*ret_notation = ECLI_NOTATION_PORT_BE;
		return 0;
	}
	return unknown_word(tag, word, err);
}

uint32_t ecli_package_var_type(const struct ecli_package_var *var, const struct ecli_types *types)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, var->section);

	for (uint32_t i = 0; section && i < section->n_members; i++)
		if (!strcmp(section->members[i].name, var->name))
			return section->members[i].type_id;
	return 0;
}
