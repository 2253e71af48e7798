/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for package/tar: any bytes as an archive, once as they are and once with the checksum of each header made right, since
 * changes would otherwise end at the first header.
 *
 *     input = bytes of an archive
 *
 * Whatever the bytes, reading ends; each entry lies within the archive behind the one before it; its path is ended, not rooted,
 * and says whether it is a file of type information; damage is a sentence; the same bytes give the same entries.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "package/machine.h"
#include "package/tar.h"
#include "plain.h"

enum { BLOCK = 512, SUM_AT = 148, SUM_LEN = 8, MAGIC_AT = 257, MAX_INPUT = 1 << 16 };

static const struct ecli_machine machine = { .id = "debian", .version = "12", .arch = "x86_64", .release = "6.1.0-1" };

static void check_entry(const struct ecli_tar *tar, const struct ecli_tar_entry *entry, const char *after)
{
	const char *data = entry->data, *end = (const char *)tar->data + tar->size;
	volatile char sum = 0;

	CHECK(data >= after && entry->size <= (size_t)(end - data));
	for (size_t i = 0; i < entry->size; i++)
		sum ^= data[i];
	CHECK(memchr(entry->path, 0, sizeof(entry->path)));
	CHECK(entry->path[0] != '/' && strncmp(entry->path, "./", 2) != 0);

	int fit = ecli_machine_fit(&machine, entry->path);
	CHECK(fit >= 0 && fit <= 3 && (!fit || strstr(entry->path, "6.1.0-1.btf")));
}

/* A number that differs when the entries do. */
static uint64_t read_entries(const void *data, size_t size)
{
	struct ecli_tar tar = { .data = data, .size = size };
	struct ecli_tar_entry entry;
	struct ecli_err err = { 0 };
	const char *after = data;
	uint64_t sum = 0;
	int r;

	while ((r = ecli_tar_next(&tar, &err, &entry)) > 0) {
		check_entry(&tar, &entry, after);
		after = (const char *)entry.data + entry.size;
		sum = sum * 31 + (uint64_t)((const char *)entry.data - (const char *)data) + entry.size +
		      strlen(entry.path);
	}
	CHECK(!r || (r == -EINVAL && *err.text));
	return sum;
}

static void make_sums_right(char *data, size_t size)
{
	for (size_t at = 0; size - at >= BLOCK; at += BLOCK) {
		char *block = data + at;
		unsigned int sum = 0;

		if (memcmp(block + MAGIC_AT, "ustar", 5) != 0)
			continue;
		memset(block + SUM_AT, ' ', SUM_LEN);
		for (size_t i = 0; i < BLOCK; i++)
			sum += (unsigned char)block[i];
		snprintf(block + SUM_AT, SUM_LEN, "%06o", sum);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > MAX_INPUT)
		return 0;
	CLEANUP_FREE char *copy = malloc(size ? size : 1);

	CHECK(copy);
	memcpy(copy, data, size);
	read_entries(copy, size);
	make_sums_right(copy, size);
	CHECK(ecli_tar_is(copy, size) == (size >= BLOCK && !memcmp(copy + MAGIC_AT, "ustar", 5)));
	CHECK(read_entries(copy, size) == read_entries(copy, size));
	return 0;
}
