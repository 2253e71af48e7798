/* SPDX-License-Identifier: MIT */
/*
 * One typed word into one value, by the kind of the option: a table of readers and of what each takes, so that the
 * sentence after a wrong value and the sentence after a missing one are the same words.
 */
#include "options/value.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "options/list.h"
#include "options/names.h"
#include "options/quantity.h"

enum { MAX_NAMES_SHOWN = 10, MAX_TYPED_SHOWN = 200 };

typedef int (*read_fn)(const struct ecli_option *option, const char *text, struct ecli_option_value *value);
typedef void (*expects_fn)(const struct ecli_option *option, struct ecli_buf *buf);

static uint32_t width(const struct ecli_option *option)
{
	return option->size_bytes && option->size_bytes < 8 ? option->size_bytes : 8;
}

static bool is_signed(const struct ecli_option *option)
{
	return option->kind == ECLI_OPTION_SINT ||
	       (option->kind == ECLI_OPTION_ENUM && option->enum_type && option->enum_type->is_signed);
}

static uint64_t most(const struct ecli_option *option)
{
	return option->most ? option->most : ecli_num_max_unsigned(width(option));
}

/* A range that the option was given is in units for people, one of the type in what the value is kept in. */
static void add_range(const struct ecli_option *option, struct ecli_buf *buf)
{
	if (option->most) {
		ecli_buf_add_text(buf, "from ");
		ecli_quantity_show(option->notation, option->least, buf);
		ecli_buf_add_text(buf, " to ");
		ecli_quantity_show(option->notation, option->most, buf);
		return;
	}
	if (is_signed(option))
		ecli_buf_add_format(buf, "from %lld to %lld", (long long)ecli_num_min_signed(width(option)),
				    (long long)ecli_num_max_signed(width(option)));
	else
		ecli_buf_add_format(buf, "from %llu to %llu", (unsigned long long)option->least,
				    (unsigned long long)most(option));
	if (ecli_quantity_is(option->notation))
		ecli_buf_add_format(buf, " %s", ecli_quantity_unit(option->notation));
}

/* ---- readers --------------------------------------------------------------------------------------------------- */

bool ecli_option_read_bool(const char *text, bool *ret)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "true", true }, { "false", false }, { "1", true },  { "0", false },
		{ "yes", true },  { "no", false },    { "on", true }, { "off", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(text, words[i].word)) {
			*ret = words[i].value;
			return true;
		}
	}
	return false;
}

static int read_bool(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	(void)option;
	return ecli_option_read_bool(text, &value->flag) ? 0 : -EINVAL;
}

/* A character as itself or in quotes; digits are numbers. */
static bool read_character(const char *text, uint64_t *ret)
{
	size_t len = strlen(text);
	bool is_quoted = len == 3 && text[0] == '\'' && text[2] == '\'';

	if (!is_quoted && (len != 1 || isdigit((unsigned char)*text)))
		return false;
	*ret = (unsigned char)text[is_quoted];
	return isprint((unsigned char)*ret);
}

/* "max" in times and sizes: a limit that is none, which nobody types in digits. */
static bool is_limit(const struct ecli_option *option, const char *text)
{
	return ecli_quantity_is(option->notation) && !strcmp(text, "max");
}

/* A number of the option's notation without its sign. */
static int read_magnitude(const struct ecli_option *option, const char *text, uint64_t *ret)
{
	int r = ecli_quantity_parse(option->notation, text, ret);

	if (r != -EINVAL)
		return r;
	if (option->notation == ECLI_NOTATION_CHARACTER)
		return read_character(text, ret) ? 0 : -EINVAL;
	return ecli_names_read(option->notation, text, ret) ? 0 : -EINVAL;
}

static int read_uint(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	uint64_t number = most(option);
	int r = is_limit(option, text) ? 0 : read_magnitude(option, text, &number);

	if (r || number < option->least || number > most(option))
		return r ? r : -ERANGE;
	value->u = number;
	return 0;
}

static int read_sint(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	bool has_sign = (text[0] == '-' || text[0] == '+') && text[1];
	uint64_t magnitude, limit = (uint64_t)ecli_num_max_signed(width(option)) + (*text == '-' && has_sign);
	int r = read_magnitude(option, text + has_sign, &magnitude);

	if (r || magnitude > limit)
		return r ? r : -ERANGE;
	value->s = *text == '-' && has_sign ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

static int read_float(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	double number;
	int r = ecli_num_parse_double(text, &number);

	if (r || (option->size_bytes == 4 && fabs(number) > FLT_MAX))
		return r ? r : -ERANGE;
	value->f = number;
	return 0;
}

static int read_string(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	(void)value; /* the text itself is the value */
	if (option->least && !*text)
		return -EINVAL;
	return option->max_len && strlen(text) > option->max_len ? -ERANGE : 0;
}

static int read_enum(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	const struct ecli_type *type = option->enum_type;

	for (uint32_t i = 0; type && i < type->n_values; i++) {
		if (!strcmp(type->values[i].name, text)) {
			value->u = (uint64_t)type->values[i].value;
			return 0;
		}
	}
	if (!is_signed(option))
		return read_uint(option, text, value);
	int r = read_sint(option, text, value);
	value->u = (uint64_t)value->s;
	return r;
}

static int read_choice(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	size_t len = option->takes_file ? strcspn(text, "=") : strlen(text);

	for (size_t i = 0; option->choices[i]; i++) {
		if (strlen(option->choices[i]) == len && !strncmp(option->choices[i], text, len)) {
			value->u = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_address(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	unsigned char bytes[16];

	(void)value; /* the text itself is the value */
	return inet_pton(option->notation == ECLI_NOTATION_IPV4 ? AF_INET : AF_INET6, text, bytes) == 1 ? 0 : -EINVAL;
}

static int read_list(const struct ecli_option *option, const char *text, struct ecli_option_value *value)
{
	return ecli_list_read(option, text, NULL, NULL, &value->count);
}

/* ---- what they take -------------------------------------------------------------------------------------------- */

static void expects_bool(const struct ecli_option *option, struct ecli_buf *buf)
{
	(void)option;
	ecli_buf_add_text(buf, "true or false");
}

static void expects_integer(const struct ecli_option *option, struct ecli_buf *buf)
{
	bool is_quantity = ecli_quantity_is(option->notation), is_size = option->notation == ECLI_NOTATION_BYTES;

	ecli_buf_add_text(buf, is_size                                       ? "a size "
			       : is_quantity                                 ? "a time "
			       : option->notation == ECLI_NOTATION_PORT_BE   ? "a port "
			       : option->notation == ECLI_NOTATION_CHARACTER ? "one character or a whole number "
									     : "a whole number ");
	add_range(option, buf);
	if (is_quantity)
		ecli_buf_add_format(buf, ", such as %s",
				    is_size                                     ? "4k or 16M"
				    : option->notation == ECLI_NOTATION_SECONDS ? "10 or 0.5 (seconds), 500ms or 2m"
										: "10ms or 2s");
	if (ecli_names_of(option->notation))
		ecli_buf_add_format(buf, " or the name of %s", ecli_names_of(option->notation));
}

static void expects_float(const struct ecli_option *option, struct ecli_buf *buf)
{
	(void)option;
	ecli_buf_add_text(buf, "a number such as 2, 0.5 or 1e6");
}

static void expects_string(const struct ecli_option *option, struct ecli_buf *buf)
{
	if (option->max_len)
		ecli_buf_add_format(buf, "at most %zu bytes", option->max_len);
	else
		ecli_buf_add_text(buf, option->metavar ? option->metavar : "a text");
}

static void expects_enum(const struct ecli_option *option, struct ecli_buf *buf)
{
	uint32_t count = option->enum_type ? option->enum_type->n_values : 0;

	for (uint32_t i = 0; i < count && i < MAX_NAMES_SHOWN; i++)
		ecli_buf_add_format(buf, "%s%s", i ? ", " : "one of ", option->enum_type->values[i].name);
	if (count > MAX_NAMES_SHOWN)
		ecli_buf_add_text(buf, ", ...");
	ecli_buf_add_text(buf, count ? ", or a whole number " : "a whole number ");
	add_range(option, buf);
}

static void expects_choice(const struct ecli_option *option, struct ecli_buf *buf)
{
	for (size_t i = 0; option->choices[i]; i++)
		ecli_buf_add_format(buf, "%s%s", i ? ", " : "one of ", option->choices[i]);
	if (option->takes_file)
		ecli_buf_add_text(buf, "; =FILE after it writes a file");
}

static void expects_address(const struct ecli_option *option, struct ecli_buf *buf)
{
	ecli_buf_add_text(buf, option->notation == ECLI_NOTATION_IPV4 ? "an IPv4 address such as 10.0.0.1"
								      : "an IPv6 address such as fe80::1");
}

static void expects_list(const struct ecli_option *option, struct ecli_buf *buf);

static void expects_nothing(const struct ecli_option *option, struct ecli_buf *buf)
{
	(void)option;
	ecli_buf_add_text(buf, "no value");
}

/* In the order of enum ecli_option_kind. */
static const struct {
	read_fn read;
	expects_fn expects;
} kinds[] = {
	[ECLI_OPTION_FLAG] = { NULL, expects_nothing },
	[ECLI_OPTION_BOOL] = { read_bool, expects_bool },
	[ECLI_OPTION_UINT] = { read_uint, expects_integer },
	[ECLI_OPTION_SINT] = { read_sint, expects_integer },
	[ECLI_OPTION_FLOAT] = { read_float, expects_float },
	[ECLI_OPTION_STRING] = { read_string, expects_string },
	[ECLI_OPTION_ENUM] = { read_enum, expects_enum },
	[ECLI_OPTION_CHOICE] = { read_choice, expects_choice },
	[ECLI_OPTION_ADDRESS] = { read_address, expects_address },
	[ECLI_OPTION_LIST] = { read_list, expects_list },
};
static_assert(ARRAY_SIZE(kinds) == ECLI_OPTION_LIST + 1, "a reader for each kind");

static void expects_list(const struct ecli_option *option, struct ecli_buf *buf)
{
	struct ecli_option item = ecli_list_item(option);

	ecli_buf_add_format(buf, "up to %u values separated by commas, each ", option->max_count);
	kinds[item.kind].expects(&item, buf);
}

/* ---- used by the other files ----------------------------------------------------------------------------------- */

bool ecli_option_same_name(const char *a, size_t len, const char *b)
{
	for (size_t i = 0; i < len; i++) {
		if (!b[i])
			return false;
		if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	}
	return !b[len];
}

void ecli_option_expects(const struct ecli_option *option, struct ecli_buf *buf)
{
	kinds[option->kind].expects(option, buf);
}

/* `, not "10x"`, or how long a text was, or what was probably meant. */
static void add_given(const struct ecli_option *option, const char *text, struct ecli_buf *buf)
{
	size_t len = strlen(text);

	if (option->kind == ECLI_OPTION_STRING) {
		if (len)
			ecli_buf_add_format(buf, ", not %zu", len);
		else
			ecli_buf_add_text(buf, ", not an empty text");
		return;
	}
	ecli_buf_add_format(buf, ", not \"%.*s%s\"", MAX_TYPED_SHOWN, text, len > MAX_TYPED_SHOWN ? "..." : "");

	struct ecli_nearest nearest = { .word = text, .len = len };
	if (option->kind == ECLI_OPTION_CHOICE)
		for (size_t i = 0; option->choices[i]; i++)
			ecli_nearest_offer(&nearest, option->choices[i]);
	else if (option->kind == ECLI_OPTION_ENUM && option->enum_type)
		for (uint32_t i = 0; i < option->enum_type->n_values; i++)
			ecli_nearest_offer(&nearest, option->enum_type->values[i].name);
	if (nearest.best)
		ecli_buf_add_format(buf, "; did you mean %s?", nearest.best);
}

/* What the rest of the sentence does not say. */
static void add_reason(const struct ecli_option *option, const char *text, int reason, struct ecli_buf *buf)
{
	static const char ends[] = ", \t\n";
	uint32_t count = 0;

	for (text += strspn(text, ends); reason == -E2BIG && *text; text += strspn(text, ends)) {
		text += strcspn(text, ends);
		count++;
	}
	if (reason == -E2BIG)
		ecli_buf_add_format(buf, ": these are %u", count);
	if (reason == -ERANGE && option->kind == ECLI_OPTION_FLOAT)
		ecli_buf_add_format(buf, ": its largest is %s", option->size_bytes == 4 ? "3.4e38" : "1.7e308");
	if (reason == -EDOM)
		ecli_buf_add_format(buf, ": that is no whole number of %s", ecli_quantity_unit(option->notation));
}

int ecli_option_read_text(const struct ecli_option *option, const char *text, struct ecli_option_value *ret)
{
	struct ecli_option_value value = { .option = option, .text = text };
	int r = kinds[option->kind].read ? kinds[option->kind].read(option, text, &value) : -EINVAL;

	if (!r)
		*ret = value;
	return r;
}

int ecli_option_read_value(const struct ecli_option *option, const char *text, struct ecli_option_value *ret,
			   struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf sentence = { 0 };

	if (!kinds[option->kind].read)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "--%s takes no value", option->name);
	int r = ecli_option_read_text(option, text, ret);
	if (!r)
		return 0;
	ecli_buf_add_format(&sentence, "--%s takes ", option->name);
	ecli_option_expects(option, &sentence);
	add_given(option, text, &sentence);
	add_reason(option, text, r, &sentence);
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "%s", ecli_buf_text(&sentence));
}
