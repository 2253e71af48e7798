/* SPDX-License-Identifier: MIT */
/*
 * Users and groups. Both files have lines NAME:X:ID:..., which is all we look at (passwd(5), group(5)); lines that are
 * something else (comments, "+::" of NIS) are passed over. A file is read whole, at most 4 MiB of it and 65536 lines:
 * more names than that are numbers.
 */
#include "render/accounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "render/clock.h"

#define FILE_MAX     (4u << 20)
#define ENTRIES_MAX  65536u
#define AGAIN_NS     10000000000u
#define NAME_LEN_MAX 255

static int by_id(const void *a, const void *b)
{
	const struct ecli_account *left = a, *right = b;

	if (left->id != right->id)
		return left->id < right->id ? -1 : 1;
	return left->name < right->name ? -1 : left->name > right->name; /* order of the file */
}

/* NAME:X:ID, of a line that ends at @end. False when it is none. */
static bool parse_line(const char *line, const char *end, size_t *ret_name_len, uint32_t *ret_id)
{
	const char *first = memchr(line, ':', (size_t)(end - line));
	const char *second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
	uint64_t id = 0;
	const char *c;

	if (!second || first == line || first - line > NAME_LEN_MAX || memchr(line, '\0', (size_t)(first - line)))
		return false;
	for (c = second + 1; c < end && *c >= '0' && *c <= '9' && id <= UINT32_MAX; c++)
		id = id * 10 + (uint64_t)(*c - '0');
	if (c == second + 1 || id > UINT32_MAX || (c < end && *c != ':'))
		return false;
	*ret_name_len = (size_t)(first - line);
	*ret_id = (uint32_t)id;
	return true;
}

static bool add_entry(struct ecli_accounts *accounts, const char *name, size_t len, uint32_t id)
{
	size_t n = accounts->count;

	if ((n & (n - 1)) == 0) { /* room for the next power of two */
		struct ecli_account *grown = reallocarray(accounts->entries, n ? 2 * n : 1, sizeof(*grown));

		if (!grown)
			return false;
		accounts->entries = grown;
	}
	accounts->entries[accounts->count++] = (struct ecli_account){ id, (uint32_t)accounts->names.len };
	ecli_buf_add(&accounts->names, name, len);
	ecli_buf_add_char(&accounts->names, '\0');
	return !ecli_buf_failed(&accounts->names);
}

static void read_file(struct ecli_accounts *accounts)
{
	CLEANUP_BUF struct ecli_buf file = { 0 };
	const char *line, *end, *stop;

	ecli_accounts_done(accounts);
	if (ecli_file_read(accounts->path, FILE_MAX, &file, NULL) < 0)
		return; /* no names, no harm */
	stop = file.data + file.len;
	for (line = file.data; line < stop && accounts->count < ENTRIES_MAX; line = end + 1) {
		size_t len;
		uint32_t id;

		end = memchr(line, '\n', (size_t)(stop - line));
		if (!end)
			end = stop;
		if (parse_line(line, end, &len, &id) && !add_entry(accounts, line, len, id)) {
			ecli_accounts_done(accounts);
			return;
		}
	}
	if (accounts->count)
		qsort(accounts->entries, accounts->count, sizeof(*accounts->entries), by_id);
}

static const char *find(const struct ecli_accounts *accounts, uint32_t id)
{
	size_t low = 0, high = accounts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (accounts->entries[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == accounts->count || accounts->entries[low].id != id)
		return NULL;
	return accounts->names.data + accounts->entries[low].name;
}

void ecli_accounts_init(struct ecli_accounts *accounts, const char *path)
{
	*accounts = (struct ecli_accounts){ .path = path };
}

void ecli_accounts_done(struct ecli_accounts *accounts)
{
	free(accounts->entries);
	ecli_buf_done(&accounts->names);
	accounts->entries = NULL;
	accounts->count = 0;
}

const char *ecli_accounts_name(struct ecli_accounts *accounts, uint32_t id, uint64_t now_ns)
{
	const char *name = accounts->is_read ? find(accounts, id) : NULL;

	if (name || (accounts->is_read && ecli_clock_is_near(now_ns, accounts->read_ns, AGAIN_NS)))
		return name;
	read_file(accounts);
	accounts->is_read = true;
	accounts->read_ns = now_ns;
	return find(accounts, id);
}
