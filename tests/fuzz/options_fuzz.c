/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for options/: any words against a table of every kind of option, and against the globals of a package.
 *
 *     input = words, each ended by a newline or a NUL
 *
 * Whatever the words, reading ends; what is handed over fits the option's type; an error is a sentence of usage; a global
 * keeps its size, and what was set is among the values; what completes the last word begins with it.
 */
#include <string.h>

#include <ecli/options.h>

#include "base/cleanup.h"
#include "options/bytes.h"
#include "package/model.h"
#include "plain.h"
#include "unit/object_fixture.h"

#define MAX_WORDS 64

static const char *const formats[] = { "table", "plain", "json", NULL };
static const struct ecli_type_value mode_values[] = { { "MODE_A", 0 }, { "MODE_B", 5 }, { "MODE_NEG", -1 } };
static const struct ecli_type mode = {
	.kind = ECLI_TYPE_ENUM, .is_signed = true, .n_values = 3, .values = mode_values
};

static const struct ecli_option table[] = {
	{ .name = "verbose", .short_name = 'v', .kind = ECLI_OPTION_FLAG },
	{ .name = "help",
	  .short_name = 'h',
	  .kind = ECLI_OPTION_FLAG,
	  .help = "show this help and nothing else at all" },
	{ .name = "output", .short_name = 'o', .kind = ECLI_OPTION_CHOICE, .choices = formats },
	{ .name = "min_us", .short_name = 'm', .kind = ECLI_OPTION_UINT, .size_bytes = 8, .default_text = "0" },
	{ .name = "small", .kind = ECLI_OPTION_UINT, .size_bytes = 1 },
	{ .name = "nice", .short_name = 'n', .kind = ECLI_OPTION_SINT, .size_bytes = 2 },
	{ .name = "ratio", .short_name = 'r', .kind = ECLI_OPTION_FLOAT, .size_bytes = 4 },
	{ .name = "comm", .short_name = 'c', .kind = ECLI_OPTION_STRING, .max_len = 15 },
	{ .name = "path", .kind = ECLI_OPTION_STRING, .metavar = "FILE" },
	{ .name = "mode", .kind = ECLI_OPTION_ENUM, .size_bytes = 4, .enum_type = &mode },
	{ .name = "failed", .short_name = 'f', .kind = ECLI_OPTION_BOOL },
	{ .name = "no_fork", .kind = ECLI_OPTION_BOOL },
	{ .name = "time", .short_name = 't', .kind = ECLI_OPTION_UINT, .size_bytes = 4, .notation = ECLI_NOTATION_US },
	{ .name = "left", .kind = ECLI_OPTION_SINT, .size_bytes = 8, .notation = ECLI_NOTATION_S },
	{ .name = "size", .kind = ECLI_OPTION_UINT, .size_bytes = 8, .notation = ECLI_NOTATION_BYTES },
	{ .name = "last",
	  .kind = ECLI_OPTION_UINT,
	  .size_bytes = 8,
	  .notation = ECLI_NOTATION_SECONDS,
	  .least = 1000000,
	  .most = 3600000000000 },
	{ .name = "letter", .kind = ECLI_OPTION_SINT, .size_bytes = 1, .notation = ECLI_NOTATION_CHARACTER },
	{ .name = "ip", .kind = ECLI_OPTION_ADDRESS, .size_bytes = 4, .notation = ECLI_NOTATION_IPV4 },
	{ .name = "ip6", .kind = ECLI_OPTION_ADDRESS, .size_bytes = 16, .notation = ECLI_NOTATION_IPV6 },
	{ .name = "ports",
	  .short_name = 'p',
	  .kind = ECLI_OPTION_LIST,
	  .item_kind = ECLI_OPTION_UINT,
	  .size_bytes = 2,
	  .max_count = 4,
	  .notation = ECLI_NOTATION_PORT_BE,
	  .help = "a list" },
	{ .name = "modes",
	  .kind = ECLI_OPTION_LIST,
	  .item_kind = ECLI_OPTION_ENUM,
	  .size_bytes = 4,
	  .max_count = 3,
	  .enum_type = &mode,
	  .help = "a list of names" },
	{ .name = "ips",
	  .kind = ECLI_OPTION_LIST,
	  .item_kind = ECLI_OPTION_ADDRESS,
	  .size_bytes = 4,
	  .max_count = 2,
	  .notation = ECLI_NOTATION_IPV4 },
};

/* One reading of a command line. */
struct given {
	char *words[MAX_WORDS + 1];
	int count;
	struct ecli_globals *globals; /* NULL: the table above */
	size_t handed_over;
};

static bool is_of_line(const struct given *given, const char *text)
{
	for (int i = 0; i < given->count; i++)
		if (text >= given->words[i] && text <= given->words[i] + strlen(given->words[i]))
			return true;
	return false;
}

/* Into a block of exactly the variable's size and back into text. */
static void store(const struct ecli_option_value *value)
{
	const struct ecli_option *option = value->option;
	size_t size = option->kind == ECLI_OPTION_STRING ? option->max_len + 1
		      : option->kind == ECLI_OPTION_LIST ? (size_t)option->max_count * option->size_bytes
		      : option->kind == ECLI_OPTION_BOOL ? 1
							 : option->size_bytes;
	if (!size || option->kind == ECLI_OPTION_CHOICE || option->kind == ECLI_OPTION_FLAG)
		return;
	CLEANUP_FREE unsigned char *bytes = malloc(size);
	CHECK(bytes);
	memset(bytes, 0xaa, size);
	ecli_bytes_store(value, option, bytes, (uint32_t)size);
	free(ecli_bytes_show(option, bytes, value->count));
	if (option->kind == ECLI_OPTION_LIST)
		CHECK(ecli_bytes_count(option, bytes) <= value->count && value->count <= option->max_count);
}

static int on_option(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct given *given = ctx;
	const struct ecli_option *option = value->option;
	unsigned int bits = option->size_bytes * 8;

	given->handed_over++;
	store(value);
	switch (option->kind) {
	case ECLI_OPTION_UINT:
		CHECK(bits == 64 || value->u < 1ull << bits);
		break;
	case ECLI_OPTION_SINT:
		CHECK(bits == 64 || (value->s < 1ll << (bits - 1) && value->s >= -(1ll << (bits - 1))));
		break;
	case ECLI_OPTION_STRING:
		CHECK(is_of_line(given, value->text));
		CHECK(!option->max_len || strlen(value->text) <= option->max_len);
		break;
	case ECLI_OPTION_CHOICE:
		CHECK(value->u < 3 && !strcmp(value->text, formats[value->u]));
		break;
	default:
		break;
	}
	return given->globals ? ecli_globals_set(given->globals, value, err) : 0;
}

static void read_words(struct given *given, bool stop_at_word)
{
	struct ecli_options_parse how = { .options = table,
					  .count = ARRAY_SIZE(table),
					  .stop_at_word = stop_at_word,
					  .on_option = on_option,
					  .ctx = given };
	struct ecli_err err = { 0 };
	int used = -1;

	if (given->globals)
		how.options = ecli_globals_options(given->globals, &how.count);
	int r = ecli_options_parse(&how, given->count, given->words, &err, &used);
	if (r) {
		CHECK(r < 0 && *err.text && err.fail == ECLI_FAIL_USAGE);
		CHECK(strlen(err.text) < sizeof(err.text));
	} else {
		CHECK(used >= 0 && used <= given->count && (stop_at_word || used == given->count));
		CHECK(given->handed_over <= (size_t)given->count * 64 + 4096);
	}
}

/* Candidates are whole lines that begin with what was typed. */
static void complete(const struct given *given)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };
	int used = -1;

	if (!given->count)
		return;
	const char *last = given->words[given->count - 1];
	enum ecli_complete what =
		ecli_options_complete(table, ARRAY_SIZE(table), given->count, given->words, &out, &used);
	CHECK(what != ECLI_COMPLETE_WORD || (used >= 0 && used < given->count));
	CHECK(what != ECLI_COMPLETE_FILE || (used >= 0 && (size_t)used <= strlen(last)));
	CHECK(what == ECLI_COMPLETE_DONE || !out.len);
	for (const char *line = ecli_buf_text(&out); *line; line = strchr(line, '\n') + 1)
		CHECK(!strncmp(line, last, strlen(last)) && strchr(line, '\n'));
}

static void on_claim(void *ctx, const struct ecli_option *option, const char *value, const char *path)
{
	(void)ctx;
	CHECK(option->name && strlen(path) >= strlen(value));
}

static void read_globals(struct given *given, const struct ecli_package *package, const struct ecli_types *types)
{
	size_t n_values;

	CHECK(!ecli_globals_build(package, types, NULL, &given->globals));
	read_words(given, false);
	ecli_globals_check(given->globals, NULL);
	CHECK(!ecli_globals_claims(given->globals, on_claim, NULL));
	const struct ecli_global *values = ecli_globals_values(given->globals, &n_values);
	CHECK(!given->handed_over || n_values);
	for (size_t i = 0; i < n_values; i++)
		CHECK(values[i].bytes && values[i].size_bytes);
	ecli_globals_free(given->globals);
}

/* The words as a command line has them: each a string of its own, in a block of its size. */
static void split(struct given *given, const char *text, size_t len)
{
	while (len && given->count < MAX_WORDS) {
		size_t n = 0;

		while (n < len && text[n] && text[n] != '\n')
			n++;
		given->words[given->count] = strndup(text, n);
		CHECK(given->words[given->count]);
		given->count++;
		n += n < len;
		text += n;
		len -= n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ecli_package *package;
	static struct ecli_types *types;
	struct given given = { 0 }, copy;
	CLEANUP_BUF struct ecli_buf help = { 0 };

	if (!package) {
		CLEANUP_BUF struct ecli_buf object = { 0 };

		fixture_object(&object, true);
		CHECK(!ecli_package_from_object("t.bpf.o", object.data, object.len, NULL, &package));
		CHECK(!ecli_types_read_object(object.data, object.len, NULL, &types));
	}
	split(&given, (const char *)data, size);
	copy = given;
	read_words(&copy, false);
	copy = given;
	read_words(&copy, true);
	copy = given;
	read_globals(&copy, package, types);
	complete(&given);
	ecli_options_help(table, ARRAY_SIZE(table), &help);
	CHECK(!ecli_buf_failed(&help));
	for (int i = 0; i < given.count; i++)
		free(given.words[i]);
	return 0;
}
