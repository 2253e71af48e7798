/* SPDX-License-Identifier: MIT */
/*
 * A type as C writes it without a variable. C wraps a declarator around the name that is not there, so the parts before
 * and after it are written in two walks over the same chain, outermost type first:
 *
 *     pointer -> array of 4 -> const -> int       "const int" + " (*" + ")" + "[4]"
 *     chain[0]   chain[1]      qualifiers, base    base          left    right
 *
 * Type tags are left out, parameters of functions too ("int (*)()"), and a struct without a name is "struct {...}".
 */
#include <assert.h>
#include <linux/btf.h>

#include "types/model.h"

/* Deeper than any declarator written by hand; the rest of a longer one is "...". */
#define MAX_CHAIN 32

/* One pointer, array or function of a declarator, with the qualifiers that stand on it. */
struct link {
	const struct ecli_type *type;
	uint32_t qualifiers; /* bits of BTF kinds */
};

static const struct {
	uint32_t kind;
	const char *text;
} qualifier_names[] = {
	{ BTF_KIND_CONST, "const" },
	{ BTF_KIND_VOLATILE, "volatile" },
	{ BTF_KIND_RESTRICT, "restrict" },
};

static const char *const keywords[] = {
	[ECLI_TYPE_STRUCT] = "struct",  [ECLI_TYPE_UNION] = "union", [ECLI_TYPE_ENUM] = "enum",
	[ECLI_TYPE_FORWARD] = "struct", [ECLI_TYPE_TAG] = NULL, /* the last kind, for the size */
};
static_assert(ARRAY_SIZE(keywords) == ECLI_TYPE_TAG + 1, "an entry per kind");

static bool is_link(const struct ecli_type *type)
{
	return type->kind == ECLI_TYPE_POINTER || type->kind == ECLI_TYPE_ARRAY || type->kind == ECLI_TYPE_FUNC_PROTO;
}

/* Whether link @i is a pointer to an array or a function: then it needs parentheses. */
static bool is_wrapped(const struct link *chain, size_t n, size_t i)
{
	return chain[i].type->kind == ECLI_TYPE_POINTER && i + 1 < n && chain[i + 1].type->kind != ECLI_TYPE_POINTER;
}

static void add_base(const struct ecli_types *types, const struct ecli_type *type, uint32_t qualifiers,
		     struct ecli_buf *buf)
{
	const char *keyword = keywords[type->kind];

	if (type->kind == ECLI_TYPE_FORWARD && types->raw[type->id] & RAW_FLAG)
		keyword = "union";
	for (size_t i = 0; i < ARRAY_SIZE(qualifier_names); i++)
		if (qualifiers & 1u << qualifier_names[i].kind)
			ecli_buf_add_format(buf, "%s ", qualifier_names[i].text);
	if (is_link(type))
		ecli_buf_add_text(buf, "...");
	else if (type->kind == ECLI_TYPE_VOID)
		ecli_buf_add_text(buf, "void");
	else if (keyword)
		ecli_buf_add_format(buf, "%s %s", keyword, *type->name ? type->name : "{...}");
	else
		ecli_buf_add_text(buf, type->name);
}

/* What stands left of the name: from the innermost link outwards. */
static void add_left(const struct link *chain, size_t n, struct ecli_buf *buf)
{
	bool needs_space = true;

	for (size_t i = n; i-- > 0;) {
		if (chain[i].type->kind != ECLI_TYPE_POINTER)
			continue;
		ecli_buf_add_format(buf, "%s%s*", needs_space ? " " : "", is_wrapped(chain, n, i) ? "(" : "");
		needs_space = false;
		for (size_t q = 0; q < ARRAY_SIZE(qualifier_names); q++) {
			if (!(chain[i].qualifiers & 1u << qualifier_names[q].kind))
				continue;
			ecli_buf_add_format(buf, "%s%s", needs_space ? " " : "", qualifier_names[q].text);
			needs_space = true;
		}
	}
}

/* What stands right of it: from the outermost link inwards. */
static void add_right(const struct link *chain, size_t n, struct ecli_buf *buf)
{
	for (size_t i = 0; i < n; i++) {
		if (is_wrapped(chain, n, i))
			ecli_buf_add_char(buf, ')');
		if (chain[i].type->kind == ECLI_TYPE_ARRAY)
			ecli_buf_add_format(buf, "[%u]", chain[i].type->count);
		else if (chain[i].type->kind == ECLI_TYPE_FUNC_PROTO)
			ecli_buf_add_text(buf, i == 0 ? " ()" : "()");
	}
}

void ecli_type_format(const struct ecli_types *types, uint32_t id, struct ecli_buf *buf)
{
	const struct ecli_type *type = ecli_types_get(types, id);
	struct link chain[MAX_CHAIN];
	uint32_t qualifiers = 0;
	size_t n = 0;

	while (type && (type->kind == ECLI_TYPE_MODIFIER || (is_link(type) && n < MAX_CHAIN))) {
		if (type->kind == ECLI_TYPE_MODIFIER) {
			qualifiers |= 1u << (types->raw[type->id] & RAW_KIND);
		} else {
			/* A const array is an array of const elements: C has no other. */
			bool is_own = type->kind == ECLI_TYPE_POINTER;

			chain[n++] = (struct link){ type, is_own ? qualifiers : 0 };
			qualifiers = is_own ? 0 : qualifiers;
		}
		type = ecli_types_get(types, type->target_id);
	}
	if (!type)
		return;
	add_base(types, type, qualifiers, buf);
	add_left(chain, n, buf);
	add_right(chain, n, buf);
}
