/* SPDX-License-Identifier: MIT */
/*
 * Tar archives, as pax(1) of POSIX describes ustar and its extended headers, plus what GNU adds:
 *
 *     header 512 | data, padded to 512 | header 512 | ... | two blocks of zeros
 *
 *     name 0+100   size 124+12 (octal)   checksum 148+8   type 156   magic 257 "ustar"   prefix 345+155
 *
 * An entry of type 'x' (POSIX: lines "LENGTH path=VALUE", "LENGTH size=VALUE") or 'L' (GNU: the name and a NUL) says what did
 * not fit into the header after it. GNU writes a size of 8 GiB and more as a number of base 256.
 *
 * Untrusted: each header's checksum and size are checked before a byte of its data is offered, and entries are counted.
 * Folders, links and devices are passed over; nothing is ever written to disk, so their names cannot do harm.
 */
#include "package/tar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum {
	BLOCK = 512,
	SIZE_AT = 124,
	SIZE_LEN = 12,
	SUM_AT = 148,
	SUM_LEN = 8,
	TYPE_AT = 156,
	MAGIC_AT = 257,
	PREFIX_AT = 345,
	VERSION_AT = 263,
	NAME_LEN = 100,
	PREFIX_LEN = 155,
	MAX_ENTRIES = 20000, /* btfhub has a few thousand kernels */
};

bool ecli_tar_is(const void *data, size_t size)
{
	return size >= BLOCK && !memcmp((const char *)data + MAGIC_AT, "ustar", 5);
}

/* What an entry says of the one after it. */
struct ahead {
	bool has_path, has_size;
	uint64_t size;
};

/* An octal field, ended by a space or a NUL, or GNU's base 256 behind a first byte of 0x80. False when it is no number. */
static bool read_number(const char *field, size_t len, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0, digits = 0;

	if ((unsigned char)*field == 0x80) {
		for (i = 1; i < len; i++) {
			if (value >> 56)
				return false;
			value = value << 8 | (unsigned char)field[i];
		}
		*ret = value;
		return true;
	}
	while (i < len && field[i] == ' ')
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++, digits++)
		value = value * 8 + (uint64_t)(field[i] - '0');
	if (!digits || (i < len && field[i] != ' ' && field[i] != '\0'))
		return false;
	*ret = value;
	return true;
}

static bool is_zero(const char *block)
{
	for (size_t i = 0; i < BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

/* The checksum counts its own field as spaces. */
static bool has_right_sum(const char *block)
{
	uint64_t said, sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : (unsigned char)block[i];
	return read_number(block + SUM_AT, SUM_LEN, &said) && said == sum;
}

static void set_path(struct ecli_tar_entry *entry, const char *text, size_t len)
{
	while (len && (*text == '/' || (len > 1 && text[0] == '.' && text[1] == '/'))) {
		size_t skip = *text == '/' ? 1 : 2;

		text += skip;
		len -= skip;
	}
	if (len >= sizeof(entry->path))
		len = sizeof(entry->path) - 1;
	memcpy(entry->path, text, len);
	entry->path[len] = '\0';
}

static void path_of_header(struct ecli_tar_entry *entry, const char *block)
{
	char path[PREFIX_LEN + NAME_LEN + 2];
	const char *prefix = block + PREFIX_AT;

	/* GNU's own format ends its magic in a space and keeps times where ustar has the prefix. */
	if (*prefix && block[MAGIC_AT + 5] == '\0')
		snprintf(path, sizeof(path), "%.*s/%.*s", PREFIX_LEN, prefix, NAME_LEN, block);
	else
		snprintf(path, sizeof(path), "%.*s", NAME_LEN, block);
	set_path(entry, path, strlen(path));
}

/* The records of an extended header. Keys that change neither name nor size are passed over. False when it is damaged. */
static bool read_extended(const char *text, size_t len, struct ahead *ahead, struct ecli_tar_entry *entry)
{
	while (len) {
		uint64_t size = 0;
		size_t at = 0;

		for (; at < len && at < 8 && text[at] >= '0' && text[at] <= '9'; at++)
			size = size * 10 + (uint64_t)(text[at] - '0');
		const char *equals = at < len && size <= len ? memchr(text + at, '=', len - at) : NULL;
		if (!at || !equals || equals >= text + size || text[at] != ' ' || text[size - 1] != '\n')
			return false;
		const char *value = equals + 1, *key = text + at + 1;
		size_t n_value = (size_t)(text + size - 1 - value), n_key = (size_t)(equals - key);

		if (n_key == 4 && !memcmp(key, "path", 4)) {
			set_path(entry, value, strnlen(value, n_value));
			ahead->has_path = true;
		} else if (n_key == 4 && !memcmp(key, "size", 4)) {
			char number[24];

			snprintf(number, sizeof(number), "%.*s", (int)(n_value < 24 ? n_value : 23), value);
			if (ecli_num_parse_u64(number, &ahead->size))
				return false;
			ahead->has_size = true;
		}
		text += size;
		len -= size;
	}
	return true;
}

int ecli_tar_next(struct ecli_tar *tar, struct ecli_err *err, struct ecli_tar_entry *ret)
{
	struct ecli_tar_entry entry = { .data = NULL };
	struct ahead ahead = { false };

	while (ecli_num_within(tar->at, BLOCK, tar->size)) {
		const char *block = (const char *)tar->data + tar->at;
		char type = block[TYPE_AT];
		uint64_t size;

		if (is_zero(block))
			return 0;
		if (memcmp(block + MAGIC_AT, "ustar", 5) != 0 || !has_right_sum(block) ||
		    !read_number(block + SIZE_AT, SIZE_LEN, &size))
			return ecli_err_set(err, -EINVAL, "the archive is damaged at byte %zu", tar->at);
		if (++tar->entries > MAX_ENTRIES)
			return ecli_err_set(err, -EINVAL, "the archive has more than %d entries", MAX_ENTRIES);
		if (ahead.has_size && !memchr("xgKL", type, 4))
			size = ahead.size;
		tar->at += BLOCK;
		if (!ecli_num_within(tar->at, size, tar->size))
			return ecli_err_set(err, -EINVAL, "the archive is cut off: it ends within an entry");
		entry.data = (const char *)tar->data + tar->at;
		entry.size = (size_t)size;
		tar->at += (entry.size + BLOCK - 1) / BLOCK * BLOCK;

		if (type == 'L') {
			set_path(&entry, entry.data, strnlen(entry.data, entry.size));
			ahead.has_path = true;
		} else if (type == 'x') {
			if (!read_extended(entry.data, entry.size, &ahead, &entry))
				return ecli_err_set(err, -EINVAL, "the archive is damaged at byte %zu",
						    (size_t)((const char *)entry.data - (const char *)tar->data));
		} else if (type == '0' || type == '\0' || type == '7') {
			if (!ahead.has_path)
				path_of_header(&entry, block);
			*ret = entry;
			return 1;
		} else if (type != 'g' && type != 'K') {
			ahead = (struct ahead){ false };
		}
	}
	/* Some writers leave out the blocks of zeros. */
	return 0;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

/* Where @path is cut into prefix and name; NULL when nowhere. */
static const char *cut(const char *path)
{
	const char *name = path;

	for (; name && strlen(name) > NAME_LEN; name++)
		if (!(name = strchr(name, '/')))
			return NULL;
	return name && (name == path || name - path - 1 <= PREFIX_LEN) ? name : NULL;
}

int ecli_tar_add(struct ecli_buf *tar, const char *path, const void *data, size_t size)
{
	static const char padding[BLOCK];
	char block[BLOCK + 1] = { 0 };
	const char *name = cut(path);
	unsigned int sum = 0;

	if (!name || !*name)
		return -ENAMETOOLONG;
	memcpy(block, name, strlen(name));
	if (name > path)
		memcpy(block + PREFIX_AT, path, (size_t)(name - path) - 1);
	memcpy(block + NAME_LEN,
	       "0000644\0"
	       "0000000\0"
	       "0000000",
	       23); /* mode, owner, group */
	snprintf(block + SIZE_AT, SIZE_LEN, "%011zo", size);
	snprintf(block + SIZE_AT + SIZE_LEN, SIZE_LEN, "%011o", 0); /* time */
	memset(block + SUM_AT, ' ', SUM_LEN);
	block[TYPE_AT] = '0';
	memcpy(block + MAGIC_AT, "ustar", 6);
	memcpy(block + VERSION_AT, "00", 2);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + SUM_AT, SUM_LEN, "%06o", sum & 0777777);
	ecli_buf_add(tar, block, BLOCK);
	ecli_buf_add(tar, data, size);
	ecli_buf_add(tar, padding, (BLOCK - size % BLOCK) % BLOCK);
	return ecli_buf_failed(tar) ? -ENOMEM : 0;
}

void ecli_tar_end(struct ecli_buf *tar)
{
	static const char zeros[2 * BLOCK];

	ecli_buf_add(tar, zeros, sizeof(zeros));
}
