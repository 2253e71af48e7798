/* SPDX-License-Identifier: MIT */
/*
 * Whether values make sense: together, and on this machine. A value that is read without an error may still be one that leaves nothing to
 * show, and a tool that shows nothing looks like a machine without trouble.
 *
 *     @at_most VARIABLE   of a lower limit: the upper one            --min_block_time 10s --max_block_time 5s: refused
 *     @exists PATTERN     what a value names, % stands for it        --disk sdz: told that there is no /sys/class/block/sdz
 *
 * This file looks at nothing but the values: whether a path is there is its caller's to find out.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "options/bytes.h"
#include "options/globals.h"
#include "options/list.h"

/* A signed one with its sign. False: no integer, or not in the order of the machine's. */
static bool read_integer(const struct ecli_option *option, const unsigned char *bytes, uint64_t *ret)
{
	uint32_t size = option->size_bytes;
	bool is_signed = option->kind == ECLI_OPTION_SINT;

	if ((!is_signed && option->kind != ECLI_OPTION_UINT) || !size || size > sizeof(*ret) ||
	    option->notation == ECLI_NOTATION_PORT_BE)
		return false;
	*ret = is_signed && bytes[size - 1] & 0x80 ? UINT64_MAX : 0;
	for (uint32_t i = size; i--;)
		*ret = *ret << 8 | bytes[i];
	return true;
}

static bool is_above(const struct ecli_global_entry *low, const struct ecli_global_entry *high)
{
	uint64_t a, b;

	if (low->option.kind != high->option.kind || low->option.notation != high->option.notation ||
	    !read_integer(&low->option, low->global.bytes, &a) || !read_integer(&high->option, high->global.bytes, &b))
		return false;
	return low->option.kind == ECLI_OPTION_SINT ? (int64_t)a > (int64_t)b : a > b;
}

int ecli_globals_check(const struct ecli_globals *globals, struct ecli_err *err)
{
	for (size_t i = 0; i < globals->n_entries; i++) {
		const struct ecli_global_entry *low = &globals->entries[i];
		const struct ecli_global_entry *high = low->at_most ? ecli_globals_find(globals, low->at_most) : NULL;

		if (!high || !low->is_row || !high->is_row || !is_above(low, high))
			continue;
		CLEANUP_FREE char *a = ecli_bytes_show(&low->option, low->global.bytes, 1);
		CLEANUP_FREE char *b = ecli_bytes_show(&high->option, high->global.bytes, 1);
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "--%s %s is above --%s %s: that leaves nothing to show", low->option.name,
					 a ? a : "?", high->option.name, b ? b : "?");
	}
	return 0;
}

/* Whether a value names anything: 0, a negative number and no text stand for all there are. */
static bool is_name(const struct ecli_option *option, const unsigned char *bytes)
{
	uint64_t number;

	if (option->kind == ECLI_OPTION_STRING)
		return *bytes;
	return read_integer(option, bytes, &number) && number && (option->kind != ECLI_OPTION_SINT || !(number >> 63));
}

static int claim(const struct ecli_global_entry *entry, const struct ecli_option *option, const unsigned char *bytes,
		 ecli_globals_claim_fn fn, void *ctx)
{
	CLEANUP_BUF struct ecli_buf path = { 0 };

	if (!is_name(option, bytes))
		return 0;
	CLEANUP_FREE char *value = option->kind == ECLI_OPTION_STRING ? strndup((const char *)bytes, option->max_len)
								      : ecli_bytes_show(option, bytes, 1);
	if (!value)
		return -ENOMEM;
	if (ecli_package_place_of(entry->exists, value, &path))
		return 0;
	if (ecli_buf_failed(&path))
		return -ENOMEM;
	fn(ctx, option, value, ecli_buf_text(&path));
	return 0;
}

int ecli_globals_claims(const struct ecli_globals *globals, ecli_globals_claim_fn fn, void *ctx)
{
	int r = 0;

	for (size_t i = 0; i < globals->n_entries; i++) {
		const struct ecli_global_entry *entry = &globals->entries[i];
		bool is_list = entry->option.kind == ECLI_OPTION_LIST;
		struct ecli_option item = is_list ? ecli_list_item(&entry->option) : entry->option;

		if (!entry->exists || !entry->is_row || !entry->is_set)
			continue;
		for (uint32_t k = 0; !r && k < (is_list ? entry->count : 1); k++)
			r = claim(entry, &item, entry->global.bytes + (size_t)k * item.size_bytes, fn, ctx);
	}
	return r;
}
