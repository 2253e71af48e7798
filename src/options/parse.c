/* SPDX-License-Identifier: MIT */
/*
 * Reads the words of a command line by a table of options. What a word means depends on the table and on nothing else:
 *
 *     --name VALUE   --name=VALUE   -xVALUE   -x VALUE   -x=VALUE        the value is the next word, whatever it begins
 * with
 *     --name  --no-name  --enable-name  --disable-name  --name=false     a BOOL; a name that is in the table comes
 * first -abc                                                               switches in one word
 *     --                                                                 the rest are no options
 *
 * Every error is one of usage and says what would have been right.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "options/value.h"

/* Where the reading is. */
struct reader {
	const struct ecli_options_parse *how;
	int argc;
	char *const *argv;
	int next; /* the first word not looked at yet */
	struct ecli_err *err;
};

/* Ways to write a BOOL besides its own name. */
static const struct {
	const char *prefix;
	bool value;
} bool_forms[] = { { "no-", false }, { "enable-", true }, { "disable-", false } };

static bool takes_value(const struct ecli_option *option)
{
	return option->kind != ECLI_OPTION_FLAG && option->kind != ECLI_OPTION_BOOL;
}

const struct ecli_option *ecli_option_find(const struct ecli_option *options, size_t count, const char *name,
					   size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (ecli_option_same_name(name, len, options[i].name))
			return &options[i];
	for (size_t i = 0; i < count; i++)
		if (options[i].other_name && ecli_option_same_name(name, len, options[i].other_name))
			return &options[i];
	return NULL;
}

static const struct ecli_option *find_long(const struct ecli_options_parse *how, const char *name, size_t len)
{
	return ecli_option_find(how->options, how->count, name, len);
}

static const struct ecli_option *find_short(const struct ecli_option *options, size_t count, char name)
{
	for (size_t i = 0; i < count; i++)
		if (options[i].short_name && options[i].short_name == name)
			return &options[i];
	return NULL;
}

const struct ecli_option *ecli_option_waiting(const struct ecli_option *options, size_t count, const char *word)
{
	const struct ecli_option *option = NULL;

	if (!strncmp(word, "--", 2)) {
		option = strchr(word, '=') ? NULL : ecli_option_find(options, count, word + 2, strlen(word + 2));
		return option && takes_value(option) ? option : NULL;
	}
	while (*++word) {
		option = find_short(options, count, *word);
		if (!option || word[1] == '=')
			return NULL;
		if (takes_value(option))
			return word[1] ? NULL : option;
	}
	return NULL;
}

/* The BOOL that "no-name" and its like mean. */
static const struct ecli_option *find_bool_form(const struct ecli_options_parse *how, const char *word, size_t len,
						bool *ret_value)
{
	for (size_t i = 0; i < ARRAY_SIZE(bool_forms); i++) {
		size_t n = strlen(bool_forms[i].prefix);

		if (len <= n || !(ecli_option_same_name(word, n, bool_forms[i].prefix)))
			continue;
		const struct ecli_option *option = find_long(how, word + n, len - n);
		if (option && option->kind == ECLI_OPTION_BOOL) {
			*ret_value = bool_forms[i].value;
			return option;
		}
	}
	return NULL;
}

static int hand_over(struct reader *reader, const struct ecli_option_value *value)
{
	return reader->how->on_option(reader->how->ctx, value, reader->err);
}

static int hand_over_switch(struct reader *reader, const struct ecli_option *option, bool flag)
{
	return hand_over(reader, &(struct ecli_option_value){ .option = option, .flag = flag });
}

static int hand_over_text(struct reader *reader, const struct ecli_option *option, const char *text)
{
	struct ecli_option_value value;
	int r = ecli_option_read_value(option, text, &value, reader->err);

	return r ? r : hand_over(reader, &value);
}

/* An option that takes a value, with the value in the same word (@text) or in the next one (@text NULL). */
static int take_value(struct reader *reader, const struct ecli_option *option, const char *text)
{
	CLEANUP_BUF struct ecli_buf expected = { 0 };

	if (text)
		return hand_over_text(reader, option, text);
	if (reader->next < reader->argc)
		return hand_over_text(reader, option, reader->argv[reader->next++]);
	ecli_option_expects(option, &expected);
	return ecli_err_set_fail(reader->err, ECLI_FAIL_USAGE, -EINVAL, "--%s needs a value: %s", option->name,
				 ecli_buf_text(&expected));
}

static int unknown_long(struct reader *reader, const char *word, size_t len)
{
	struct ecli_nearest nearest = { .word = word, .len = len };
	int shown = len < 200 ? (int)len : 200;

	for (size_t i = 0; i < reader->how->count; i++)
		ecli_nearest_offer(&nearest, reader->how->options[i].name);
	if (nearest.best)
		return ecli_err_set_fail(reader->err, ECLI_FAIL_USAGE, -EINVAL,
					 "there is no option --%.*s; did you mean --%s?", shown, word, nearest.best);
	return ecli_err_set_fail(reader->err, ECLI_FAIL_USAGE, -EINVAL,
				 "there is no option --%.*s; --help shows them all", shown, word);
}

/* @word: what follows the two dashes. */
static int take_long(struct reader *reader, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct ecli_option *option = find_long(reader->how, word, len);
	bool flag = true;

	if (!option) {
		option = find_bool_form(reader->how, word, len, &flag);
		if (!option)
			return unknown_long(reader, word, len);
		if (equals)
			return ecli_err_set_fail(reader->err, ECLI_FAIL_USAGE, -EINVAL,
						 "--%.*s takes no value; write --%s=true or --%s=false", (int)len, word,
						 option->name, option->name);
	}
	if (!takes_value(option) && !equals)
		return hand_over_switch(reader, option, flag);
	return take_value(reader, option, equals ? equals + 1 : NULL);
}

/* @word: what follows the one dash; not empty. */
static int take_short(struct reader *reader, const char *word)
{
	for (; *word; word++) {
		const struct ecli_option *option = find_short(reader->how->options, reader->how->count, *word);

		/* A character beyond ASCII is several bytes: shown with what follows, it stays readable. */
		if (!option)
			return ecli_err_set_fail(reader->err, ECLI_FAIL_USAGE, -EINVAL,
						 "there is no option -%.*s; --help shows them all",
						 (unsigned char)*word < 0x80 ? 1 : 40, word);
		if (takes_value(option) || word[1] == '=')
			return take_value(reader, option, word[1] ? word + 1 + (word[1] == '=') : NULL);
		int r = hand_over_switch(reader, option, true);
		if (r)
			return r;
	}
	return 0;
}

/* A word that is no option where only options may be. A value after a BOOL is the likely cause. */
static int plain_word(struct reader *reader, int index)
{
	const char *word = reader->argv[index];
	const char *before = index ? reader->argv[index - 1] : "";
	bool ignored;

	if (!strncmp(before, "--", 2) && !strchr(before, '=') && ecli_option_read_bool(word, &ignored)) {
		const struct ecli_option *option = find_long(reader->how, before + 2, strlen(before + 2));

		if (option && option->kind == ECLI_OPTION_BOOL)
			return ecli_err_set_fail(reader->err, ECLI_FAIL_USAGE, -EINVAL,
						 "\"%s\" is not expected here; write --%s=%s", word, option->name,
						 word);
	}
	return ecli_err_set_fail(reader->err, ECLI_FAIL_USAGE, -EINVAL,
				 "\"%.200s\" is not expected here: it is not an option", word);
}

int ecli_option_twice(const char *name, const char *first, const char *second, struct ecli_err *err)
{
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EEXIST,
				 "--%s is given twice, as \"%.60s\" and as \"%.60s\": give it once", name,
				 first ? first : "", second ? second : "");
}

int ecli_options_parse(const struct ecli_options_parse *how, int argc, char *const *argv, struct ecli_err *err,
		       int *ret_used)
{
	struct reader reader = { .how = how, .argc = argc, .argv = argv, .err = err };
	bool ended = false;

	while (!ended && reader.next < argc) {
		const char *word = argv[reader.next];

		if (word[0] != '-' || !word[1])
			break;
		reader.next++;
		ended = !strcmp(word, "--");
		int r = ended ? 0 : word[1] == '-' ? take_long(&reader, word + 2) : take_short(&reader, word + 1);
		if (r)
			return r;
	}
	if (!how->stop_at_word && reader.next < argc)
		return plain_word(&reader, reader.next);
	*ret_used = reader.next;
	return 0;
}
