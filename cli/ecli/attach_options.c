/* SPDX-License-Identifier: MIT */
/*
 * --attach, and its short forms for what all programs of a kind have in common. The short forms come first, so that a program that
 * --attach names goes where that says.
 */
#include "attach_options.h"

#include <errno.h>
#include <string.h>

#include <ecli/load.h>
#include <ecli/render.h>

int attach_take(struct attach_words *words, int index, const char *text, struct ecli_err *err)
{
	if (index) {
		words->common[index - 1] = text;
		return 0;
	}
	if (words->count == ATTACH_MAX_WORDS)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -E2BIG, "--attach can be given %d times",
					 ATTACH_MAX_WORDS);
	words->words[words->count++] = text;
	return 0;
}

bool attach_applies(const struct ecli_package *package, int index)
{
	return index ? ecli_attach_has(package, (enum ecli_attach_common)(index - 1)) : package->n_progs > 0;
}

int attach_apply(const struct attach_words *words, struct ecli_package *package, struct ecli_err *err)
{
	int r = 0;

	for (int i = 0; !r && i < 3; i++)
		if (words->common[i])
			r = ecli_attach_set(package, (enum ecli_attach_common)i, words->common[i], err);
	return r || !words->count ? r : ecli_package_set_targets(package, words->words, words->count, err);
}

static void add_padded(struct ecli_buf *out, const char *untrusted, size_t width)
{
	size_t before = out->len;

	ecli_render_safe_text(untrusted, strlen(untrusted), out);
	size_t took = out->len - before;
	ecli_buf_add_repeat(out, ' ', took < width ? width - took : 0);
}

/* The widest of those that are not too wide to be in a column. */
static size_t widest(size_t so_far, size_t len, size_t most)
{
	return len > so_far && len <= most ? len : so_far;
}

static void add_line(const struct ecli_package_prog *prog, size_t name, size_t target, struct ecli_buf *out)
{
	const char *form = ecli_attach_form(prog);
	struct ecli_buf present = { 0 };

	ecli_attach_present(prog, &present);
	const char *now = ecli_buf_text(&present);
	ecli_buf_add_text(out, "  ");
	add_padded(out, prog->name, name);
	ecli_buf_add_text(out, "  ");
	if (!form) {
		ecli_render_safe_text(now, strlen(now), out);
	} else if (strlen(now) <= target && 2 + name + 2 + target + 2 + strlen(form) <= 80) {
		add_padded(out, now, target);
		ecli_buf_add_format(out, "  %s", form);
	} else { /* a line each */
		ecli_render_safe_text(now, strlen(now), out);
		ecli_buf_add_format(out, "\n%*s%s", (int)(2 + name + 2), "", form);
	}
	ecli_buf_add_char(out, '\n');
	ecli_buf_done(&present);
}

void attach_help(const struct ecli_package *package, struct ecli_buf *out)
{
	size_t name = 0, target = 0;

	for (size_t i = 0; i < package->n_progs; i++) {
		struct ecli_buf present = { 0 };

		ecli_attach_present(&package->progs[i], &present);
		name = widest(name, strlen(package->progs[i].name), 32);
		target = widest(target, present.len, 32);
		ecli_buf_done(&present);
	}
	for (size_t i = 0; i < package->n_progs; i++)
		add_line(&package->progs[i], name, target, out);
}
