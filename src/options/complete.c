/* SPDX-License-Identifier: MIT */
/*
 * What a person may type next, from the same table that parsing reads. The words before the last are taken as they are, right or
 * wrong: somebody who asks for help has not finished. Candidates are whole words, one a line, each beginning with what was
 * typed; '-' and '_' in a name stay as they were typed.
 *
 *     --ou|          --output
 *     --output |     table plain json
 *     --modes=A,|    --modes=A,MODE_A --modes=A,MODE_B
 */
#include <string.h>

#include "base/cleanup.h"
#include "options/value.h"

/* A word that is being typed: @head stays, @typed is to be completed. */
struct unfinished {
	const char *head;
	size_t head_len;
	const char *typed;
	struct ecli_buf *out;
};

static void offer(const struct unfinished *word, const char *candidate)
{
	if (strncmp(candidate, word->typed, strlen(word->typed)) != 0)
		return;
	ecli_buf_add(word->out, word->head, word->head_len);
	ecli_buf_add_text(word->out, candidate);
	ecli_buf_add_char(word->out, '\n');
}

static bool is_file(const struct ecli_option *option)
{
	static const char *const words[] = { "FILE", "DIR", "PATH" };

	for (size_t i = 0; option->metavar && i < ARRAY_SIZE(words); i++)
		if (!strcmp(option->metavar, words[i]))
			return true;
	return false;
}

static void offer_values(const struct ecli_option *option, struct unfinished word)
{
	enum ecli_option_kind kind = option->kind;

	if (kind == ECLI_OPTION_LIST) {
		const char *comma = strrchr(word.typed, ',');

		kind = option->item_kind;
		if (comma && !word.head_len)
			word.head = word.typed;
		if (comma) {
			word.head_len += (size_t)(comma + 1 - word.typed);
			word.typed = comma + 1;
		}
	}
	switch (kind) {
	case ECLI_OPTION_BOOL:
		offer(&word, "true");
		offer(&word, "false");
		break;
	case ECLI_OPTION_ENUM:
		for (uint32_t i = 0; option->enum_type && i < option->enum_type->n_values; i++)
			offer(&word, option->enum_type->values[i].name);
		break;
	case ECLI_OPTION_CHOICE:
		for (size_t i = 0; option->choices[i]; i++)
			offer(&word, option->choices[i]);
		break;
	default:
		break;
	}
}

/* @typed begins with a dash. */
static void offer_name(const char *typed, const char *prefix, const char *name, struct ecli_buf *out)
{
	CLEANUP_BUF struct ecli_buf whole = { 0 };
	size_t len = strlen(typed);

	ecli_buf_add_format(&whole, "--%s%s", prefix, name);
	const char *text = ecli_buf_text(&whole);
	if (len > whole.len)
		return;
	/* The part of the same length must be the same name; its two dashes are compared like others. */
	char *begin = strndup(text, len);
	if (begin && ecli_option_same_name(typed, len, begin))
		ecli_buf_add_format(out, "%s%s\n", typed, text + len);
	free(begin);
}

static void offer_names(const struct ecli_option *options, size_t count, const char *typed, struct ecli_buf *out)
{
	for (size_t i = 0; i < count; i++) {
		if (!options[i].help && !options[i].type_text)
			continue; /* not shown in --help either */
		offer_name(typed, "", options[i].name, out);
		if (options[i].kind == ECLI_OPTION_BOOL)
			offer_name(typed, "no-", options[i].name, out);
	}
	if (typed[1] && typed[1] != '-' && !typed[2])
		ecli_buf_add_format(out, "%s\n", typed); /* -x is whole */
}

/* The value of an option; @head_len bytes of @word come before it. */
static enum ecli_complete complete_value(const struct ecli_option *option, const char *word, size_t head_len,
					 struct ecli_buf *out, int *ret_used)
{
	if (is_file(option)) {
		*ret_used = (int)head_len;
		return ECLI_COMPLETE_FILE;
	}
	offer_values(option, (struct unfinished){ word, head_len, word + head_len, out });
	return ECLI_COMPLETE_DONE;
}

enum ecli_complete ecli_options_complete(const struct ecli_option *options, size_t count, int argc, char *const *argv,
					 struct ecli_buf *out, int *ret_used)
{
	const struct ecli_option *waiting = NULL;
	const char *last = argv[argc - 1];

	for (int i = 0; i < argc - 1; i++) {
		if (waiting) {
			waiting = NULL;
			continue;
		}
		if (argv[i][0] != '-' || !argv[i][1] || !strcmp(argv[i], "--")) {
			*ret_used = i + (argv[i][0] == '-' && argv[i][1]);
			return ECLI_COMPLETE_WORD;
		}
		waiting = ecli_option_waiting(options, count, argv[i]);
	}
	if (waiting)
		return complete_value(waiting, last, 0, out, ret_used);
	if (last[0] != '-') {
		*ret_used = argc - 1;
		return ECLI_COMPLETE_WORD;
	}
	const char *equals = strchr(last, '=');
	if (!equals || strncmp(last, "--", 2) != 0) {
		offer_names(options, count, last, out);
		return ECLI_COMPLETE_DONE;
	}
	const struct ecli_option *option = ecli_option_find(options, count, last + 2, (size_t)(equals - last - 2));
	return option ? complete_value(option, last, (size_t)(equals + 1 - last), out, ret_used) : ECLI_COMPLETE_DONE;
}
