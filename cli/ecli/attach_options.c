/* SPDX-License-Identifier: MIT */
/*
 * --attach, and its short forms for what all programs of a kind have in common. The short forms come first, so that a program that
 * --attach names goes where that says.
 */
#include "attach_options.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <ecli/load.h>
#include <ecli/render.h>

int attach_take(struct attach_words *words, int index, const char *text, struct ecli_err *err)
{
	static const char *const names[] = { "ifname", "cgroup", "target-pid" };

	if (index && words->common[index - 1])
		return ecli_option_twice(names[index - 1], words->common[index - 1], text, err);
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

/* ---- completion ------------------------------------------------------------------------------------------------ */

/* What a target of that form may begin with: interfaces are few and have names. */
static void offer_targets(const char *head, size_t head_len, const char *typed, const char *form, struct ecli_buf *out)
{
	struct if_nameindex *all = form && !strncmp(form, "IFACE", 5) ? if_nameindex() : NULL;

	for (struct if_nameindex *one = all; one && one->if_name; one++)
		if (!strncmp(one->if_name, typed, strlen(typed)))
			ecli_buf_add_format(out, "%.*s%s\n", (int)head_len, head, one->if_name);
	if (all)
		if_freenameindex(all);
	if (!strncmp("none", typed, strlen(typed)))
		ecli_buf_add_format(out, "%.*snone\n", (int)head_len, head);
}

/* @value begins in @word: "PROGRAM=TARGET". */
static void complete_attach(const struct ecli_package *package, const char *word, const char *value,
			    struct ecli_buf *out)
{
	const char *equals = strchr(value, '=');

	for (size_t i = 0; i < package->n_progs; i++) {
		const struct ecli_package_prog *prog = &package->progs[i];
		size_t len = prog->name ? strlen(prog->name) : 0;

		if (!len || prog->name[strcspn(prog->name, "\n")])
			continue;
		if (equals && len == (size_t)(equals - value) && !strncmp(prog->name, value, len))
			offer_targets(word, (size_t)(equals + 1 - word), equals + 1, ecli_attach_form(prog), out);
		else if (!equals && !strncmp(prog->name, value, strlen(value)))
			ecli_buf_add_format(out, "%.*s%s=\n", (int)(value - word), word, prog->name);
	}
}

bool attach_complete(const struct ecli_package *package, int argc, char **argv, struct ecli_buf *out)
{
	static const char option[] = "--attach";
	const char *last = argv[argc - 1], *before = argc > 1 ? argv[argc - 2] : "";

	if (!strcmp(before, option))
		complete_attach(package, last, last, out);
	else if (!strncmp(last, option, strlen(option)) && last[strlen(option)] == '=')
		complete_attach(package, last, last + strlen(option) + 1, out);
	else
		return false;
	return true;
}
