/* SPDX-License-Identifier: MIT */
/*
 * Text of untrusted processes, one character at a time. There is one rule for all formats (clean_one) and a few more characters
 * for each; names are short and each is written once or twice, so that nothing here has to be fast.
 */
#include "stacks/text.h"

#include <string.h>

#include "render/utf8.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* What stands for the character at @text, and how long both are. */
static const char *clean_one(const char *text, size_t len, size_t *ret_used, size_t *ret_len)
{
	uint32_t code;
	unsigned int bytes = ecli_utf8_decode(text, len, &code);

	*ret_used = bytes ? bytes : 1;
	if (!bytes || ecli_utf8_is_unsafe(code)) {
		*ret_len = sizeof(replacement) - 1;
		return replacement;
	}
	*ret_len = bytes;
	return text;
}

void ecli_stacks_add_clean(struct ecli_buf *out, const char *text, const char *swap)
{
	size_t used, size;

	for (size_t len = text ? strlen(text) : 0; len; text += used, len -= used) {
		const char *shown = clean_one(text, len, &used, &size);

		if (*swap && *shown == *swap)
			ecli_buf_add_char(out, swap[1]);
		else
			ecli_buf_add(out, shown, size);
	}
}

void ecli_stacks_add_json(struct ecli_buf *out, const char *text)
{
	size_t used, size;

	for (size_t len = text ? strlen(text) : 0; len; text += used, len -= used) {
		const char *shown = clean_one(text, len, &used, &size);

		if (strchr("\"\\<>&", *shown))
			ecli_buf_add_format(out, "\\u%04x", (unsigned int)*shown);
		else
			ecli_buf_add(out, shown, size);
	}
}

void ecli_stacks_add_html(struct ecli_buf *out, const char *text)
{
	size_t used, size;

	for (size_t len = text ? strlen(text) : 0; len; text += used, len -= used) {
		const char *shown = clean_one(text, len, &used, &size);

		if (strchr("\"'<>&", *shown))
			ecli_buf_add_format(out, "&#%u;", (unsigned int)*shown);
		else
			ecli_buf_add(out, shown, size);
	}
}

const char *ecli_stacks_basename(const char *module)
{
	const char *slash = module ? strrchr(module, '/') : NULL;

	return slash && slash[1] ? slash + 1 : module;
}

void ecli_stacks_add_unnamed(struct ecli_buf *out, const char *module, const char *swap)
{
	const char *name = module ? ecli_stacks_basename(module) : "unknown";
	bool has_brackets = *name == '['; /* "[vdso]" */

	ecli_buf_add_text(out, has_brackets ? "" : "[");
	ecli_stacks_add_clean(out, *name ? name : "kernel", swap);
	ecli_buf_add_text(out, has_brackets ? "" : "]");
}

bool ecli_stacks_is_jit(const char *module)
{
	const char *name = ecli_stacks_basename(module);

	if (!name)
		return false;
	size_t digits = strncmp(name, "perf-", 5) ? 0 : strspn(name + 5, "0123456789");
	return !strcmp(name, "[jit]") || (digits && !strcmp(name + 5 + digits, ".map"));
}
