/* SPDX-License-Identifier: MIT */
/*
 * A hook is a place and a name; a way is how a program gets there. All hooks with the same ways are one group of alternatives, whose choices are the ways, so that
 * a tool with pairs at several hooks gets to all of them in the same way:
 *
 *     tp_btf/sched_switch   raw_tp/sched_switch      group "tp_btf+raw_tp": tp_btf | raw_tp
 *     tp_btf/sched_wakeup   raw_tp/sched_wakeup
 *
 * A probe somewhere within a function (kprobe/f+8) is at another hook than one at its beginning.
 */
#include "package/pairs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/elf.h"

enum place { PLACE_TRACEPOINT, PLACE_ENTRY, PLACE_RETURN };

/* In the order of a group's name. */
static const struct {
	const char *prefix;
	enum place place;
	const char *way;
} sections[] = {
	{ "tp_btf", PLACE_TRACEPOINT, "tp_btf" },
	{ "raw_tp", PLACE_TRACEPOINT, "raw_tp" },
	{ "raw_tracepoint", PLACE_TRACEPOINT, "raw_tp" },
	{ "tp", PLACE_TRACEPOINT, "tp" },
	{ "tracepoint", PLACE_TRACEPOINT, "tp" },
	{ "fentry", PLACE_ENTRY, "fentry" },
	{ "fentry.s", PLACE_ENTRY, "fentry" },
	{ "kprobe", PLACE_ENTRY, "kprobe" },
	{ "fexit", PLACE_RETURN, "fentry" },
	{ "fexit.s", PLACE_RETURN, "fentry" },
	{ "kretprobe", PLACE_RETURN, "kprobe" },
};

static const char *const ways[] = { "tp_btf", "raw_tp", "tp", "fentry", "kprobe" };

static const char *const own_words[] = { "both", "alternative", "optional", "target" };

struct hook {
	enum place place;
	const char *name, *way;
};

/* False: of a kind that has one way only, or the author says what is to be. */
static bool read_hook(const struct ecli_package_prog *prog, struct hook *ret)
{
	const char *section = prog->attach ? prog->attach : "", *slash = strchr(section, '/');

	for (size_t i = 0; i < ARRAY_SIZE(own_words); i++)
		if (ecli_package_extra(&prog->extras, own_words[i]))
			return false;
	for (size_t i = 0; slash && i < ARRAY_SIZE(sections); i++) {
		size_t len = strlen(sections[i].prefix);

		if (len != (size_t)(slash - section) || strncmp(section, sections[i].prefix, len) != 0)
			continue;
		*ret = (struct hook){ sections[i].place, slash + 1, sections[i].way };
		/* "sched/sched_switch" is sched_switch for all others. */
		if (!strcmp(ret->way, "tp") && strchr(ret->name, '/'))
			ret->name = strchr(ret->name, '/') + 1;
		return *ret->name && !strpbrk(ret->name, "+*?");
	}
	return false;
}

static bool is_same_hook(const struct hook *a, const struct hook *b)
{
	return a->place == b->place && !strcmp(a->name, b->name);
}

bool ecli_package_is_pair(const struct ecli_package *package, size_t a, size_t b)
{
	struct hook left, right;

	return read_hook(&package->progs[a], &left) && read_hook(&package->progs[b], &right) &&
	       is_same_hook(&left, &right) && strcmp(left.way, right.way) != 0;
}

void ecli_package_mark_unasked(const struct ecli_package *package, const char **out)
{
	struct ecli_elf_section section;
	struct ecli_elf_symbol symbol;
	struct ecli_elf elf;

	if (!package->object || ecli_elf_open(&elf, package->object, package->object_size, NULL))
		return;
	for (uint64_t i = 0; i < ecli_elf_symbol_count(&elf); i++) {
		if (!ecli_elf_symbol(&elf, i, &symbol) || symbol.type != STT_FUNC ||
		    !ecli_elf_section(&elf, symbol.section, &section) || section.name[0] != '?')
			continue;
		for (size_t k = 0; k < package->n_progs; k++)
			if (package->progs[k].name && !strcmp(package->progs[k].name, symbol.name))
				out[k] = section.name;
	}
}

int ecli_package_pair_tag(const struct ecli_package *package, const char *const *left_out, size_t index, char **ret_tag)
{
	CLEANUP_BUF struct ecli_buf tag = { 0 };
	bool has[ARRAY_SIZE(ways)] = { 0 };
	struct hook own, other;
	size_t count = 0;

	*ret_tag = NULL;
	if ((left_out && left_out[index]) || !read_hook(&package->progs[index], &own))
		return 0;
	for (size_t i = 0; i < package->n_progs; i++) {
		if ((left_out && left_out[i]) || !read_hook(&package->progs[i], &other) || !is_same_hook(&own, &other))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(ways); k++)
			has[k] |= !strcmp(ways[k], other.way);
	}
	for (size_t k = 0; k < ARRAY_SIZE(ways); k++)
		if (has[k])
			ecli_buf_add_format(&tag, "%s%s", count++ ? "+" : "", ways[k]);
	if (count < 2)
		return 0;
	ecli_buf_add_format(&tag, "/%s", own.way);
	*ret_tag = ecli_buf_failed(&tag) ? NULL : strdup(ecli_buf_text(&tag));
	return *ret_tag ? 0 : -ENOMEM;
}
