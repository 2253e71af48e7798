/* SPDX-License-Identifier: MIT */
/*
 * What a word means beside a field: a name of its enum, what its format has names or a notation for (notation.c), a number with the units of the
 * format; and the sentence about a word that means nothing there.
 *
 * Everything becomes a range of whole numbers by value: a field's width and sign play no part here.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "options/names.h"
#include "options/quantity.h"
#include "options/value.h"
#include "plan/ops.h"
#include "where/where.h"

struct where_range where_single(where_wide bits, bool is_negative)
{
	struct where_number number = { is_negative ? 0 - bits : bits, is_negative && bits };

	return (struct where_range){ number, number };
}

int where_number_compare(const struct where_number *a, const struct where_number *b)
{
	if (a->is_negative != b->is_negative)
		return a->is_negative ? -1 : 1;
	return a->bits == b->bits ? 0 : a->bits < b->bits ? -1 : 1;
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

int where_read_digits(const char *text, unsigned int base, where_wide *ret)
{
	const where_wide most = ~(where_wide)0;
	where_wide value = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		unsigned int c = (unsigned char)*text;
		unsigned int digit = isdigit((int)c)    ? c - '0'
				     : isxdigit((int)c) ? (unsigned int)tolower((int)c) - 'a' + 10
							: 16;

		if (digit >= base)
			return -EINVAL;
		if (value > (most - digit) / base)
			return -ERANGE;
		value = value * base + digit;
	}
	*ret = value;
	return 0;
}

/* @unit: of a number without one; NULL: the notation's own. */
static int read_quantity(enum ecli_notation notation, const char *unit, const char *text, uint64_t *ret)
{
	char with_unit[64];

	if (!unit || text[strspn(text, "0123456789.")])
		return ecli_quantity_parse(notation, text, ret);
	if ((size_t)snprintf(with_unit, sizeof(with_unit), "%s%s", text, unit) >= sizeof(with_unit))
		return -ERANGE;
	return ecli_quantity_parse(notation, with_unit, ret);
}

/* With the units of the field's format; an octal number where these are shown as such. */
static int read_number(const struct where_field *field, const char *text, struct where_range *ret)
{
	static const struct {
		enum ecli_notation notation;
		const char *unit; /* of a plain number, where that is not the notation's own */
	} units[ECLI_AS_COUNT] = {
		[ECLI_AS_DURATION] = { ECLI_NOTATION_NS, NULL },
		[ECLI_AS_DURATION_US] = { ECLI_NOTATION_US, NULL },
		[ECLI_AS_DURATION_MS] = { ECLI_NOTATION_MS, NULL },
		[ECLI_AS_BYTES] = { ECLI_NOTATION_BYTES, NULL },
		[ECLI_AS_NS_IN_US] = { ECLI_NOTATION_NS, "us" },
		[ECLI_AS_NS_IN_MS] = { ECLI_NOTATION_NS, "ms" },
		[ECLI_AS_US_IN_MS] = { ECLI_NOTATION_US, "ms" },
		[ECLI_AS_BYTES_IN_KIB] = { ECLI_NOTATION_BYTES, "KiB" },
	};
	static const enum ecli_notation plain[ECLI_UNITS] = {
		[ECLI_UNIT_NS] = ECLI_NOTATION_NS,       [ECLI_UNIT_US] = ECLI_NOTATION_US,
		[ECLI_UNIT_MS] = ECLI_NOTATION_MS,       [ECLI_UNIT_S] = ECLI_NOTATION_S,
		[ECLI_UNIT_BYTES] = ECLI_NOTATION_BYTES,
	};
	enum ecli_as as = field->format ? field->format->as : ECLI_AS_NUMBER;
	enum ecli_notation notation = as == ECLI_AS_NUMBER ? plain[field->field->unit] : units[as].notation;
	bool is_negative = *text == '-';
	const char *digits = text + is_negative;
	uint64_t quantity;
	where_wide value;
	int r;

	if (!strncmp(digits, "0x", 2) || !strncmp(digits, "0X", 2)) {
		r = where_read_digits(digits + 2, 16, &value);
	} else if (*digits == '0' && (as == ECLI_AS_OCTAL || as == ECLI_AS_FILE_MODE)) {
		r = where_read_digits(digits, 8, &value);
	} else if (ecli_quantity_is(notation)) {
		r = read_quantity(notation, units[as].unit, digits, &quantity);
		value = r ? 0 : quantity;
	} else {
		r = where_read_digits(digits, 10, &value);
	}
	if (!r && is_negative && value > (where_wide)1 << 127)
		r = -ERANGE;
	if (!r)
		*ret = where_single(value, is_negative);
	return r;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

static int read_enum(const struct where_field *field, const char *text, struct where_range *ret)
{
	const struct plan_enum *names = field->op->names;

	for (uint32_t i = 0; names && i < names->count; i++) {
		int64_t value = names->values[i].value;

		if (strcmp(names->values[i].name, text) != 0)
			continue;
		*ret = field->field->is_signed && value < 0 ? where_single(0 - (where_wide)value, true)
							    : where_single((uint64_t)value, false);
		return 0;
	}
	return -EINVAL;
}

static int read_bool(const struct where_field *field, const char *text, struct where_range *ret)
{
	if (field->type != WHERE_BOOL || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
		return -EINVAL;
	*ret = where_single(*text == 't', false);
	return 0;
}

/* "READ|WRITE", as flags are shown. */
static int read_one(const struct where_field *field, const char *text, struct where_range *ret)
{
	const struct where_notation *notation = where_notation_of(field);
	int r = read_enum(field, text, ret);

	r = r ? read_bool(field, text, ret) : 0;
	r = r && notation->read ? notation->read(field, text, ret) : r;
	return r == -EINVAL && !notation->has_no_numbers ? read_number(field, text, ret) : r;
}

static int read_flags(const struct where_field *field, const char *text, struct where_range *ret)
{
	CLEANUP_FREE char *copy = strdup(text);
	struct where_range part;
	where_wide bits = 0;
	char *rest = copy, *name;

	if (!copy)
		return -ENOMEM;
	while ((name = strsep(&rest, "|"))) {
		int r = read_one(field, name, &part);
		if (r)
			return r;
		bits |= part.first.bits;
	}
	*ret = where_single(bits, false);
	return 0;
}

static void add_names(const struct where_field *field, const char *text, struct ecli_buf *out)
{
	const struct plan_enum *names = field->op->names;
	struct ecli_nearest nearest = { .word = text, .len = strlen(text) };

	for (uint32_t i = 0; i < names->count; i++) {
		ecli_nearest_offer(&nearest, names->values[i].name);
		if (i < 8)
			ecli_buf_add_format(out, "%s%s", i ? ", " : "one of ", names->values[i].name);
	}
	ecli_buf_add_text(out, names->count > 8 ? ", ... or a number" : " or a number");
	if (nearest.best)
		ecli_buf_add_format(out, " (did you mean %s?)", nearest.best);
}

static bool has_unit(const char *text)
{
	return isdigit((unsigned char)*text) && strspn(text, "0123456789.") < strlen(text) && text[1] != 'x';
}

static int explain(const struct where_field *field, const struct where_node *node, const char *text, int r,
		   struct ecli_err *err)
{
	enum ecli_as as = field->format ? field->format->as : ECLI_AS_NUMBER;
	const char *beside = where_notation_of(field)->what;
	CLEANUP_BUF struct ecli_buf what = { 0 };

	if (r == -EDOM && as == ECLI_AS_ERRNO)
		return where_error(err, node->begin, "%s has errors as negative numbers; write -%.64s", field->name,
				   text);
	if (field->op->names && field->op->names->count)
		add_names(field, text, &what);
	else
		ecli_buf_add_text(&what, as == ECLI_AS_ERRNO && !field->field->is_signed
						 ? "an error such as ENOENT, or a number"
					 : beside                                ? beside
					 : field->type == WHERE_BOOL             ? "true or false"
					 : field->field->kind == ECLI_VALUE_CHAR ? "one character in quotes or a number"
										 : "a whole number");
	return where_error(err, node->begin, "%s takes %s, not %.64s%s", field->name, ecli_buf_text(&what), text,
			   r == -EDOM || r == -ERANGE  ? "; that is too large or no whole number of its unit"
			   : !beside && has_unit(text) ? "; it has no unit"
						       : "");
}

int where_value_read(const struct where_field *field, const struct where_node *node, const char *text,
		     struct ecli_err *err, struct where_range *ret)
{
	enum ecli_as as = field->format ? field->format->as : ECLI_AS_NUMBER;
	int r;

	if (node->kind == WHERE_TEXT && field->field->kind == ECLI_VALUE_CHAR && node->len == 1) {
		*ret = where_single((unsigned char)*node->text, false);
		return 0;
	}
	if (node->kind == WHERE_TEXT && node->len != strlen(text))
		return where_error(err, node->begin, "%s cannot have a zero byte", field->name);
	if (strchr(text, '|') && (as == ECLI_AS_FLAGS || as == ECLI_AS_FILE_FLAGS))
		r = read_flags(field, text, ret);
	else
		r = read_one(field, text, ret);
	return r ? explain(field, node, text, r, err) : 0;
}
