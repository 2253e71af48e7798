/* SPDX-License-Identifier: MIT */
/*
 * The main() of a fuzz target without libFuzzer: each file as it is, then mutations of it. Each input lies in a block of
 * exactly its size, so that AddressSanitizer sees one byte too many. A folder stands for the files in it.
 */
#include "plain.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

enum { MAX_FILE_SIZE = 1 << 20 };

static uint64_t seed;
static size_t n_files;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* One change; words get the values that hurt sizes and counts. */
static size_t mutate(uint8_t *data, size_t size)
{
	static const uint32_t words[] = { 0, 1, 7, 0x7fffffff, 0x80000000, 0xffffffff, 0x01000000, 0x84000001 };
	static const char bytes[] = "\0\n\"'{}[]@=-,:0a\x80\xff";
	uint32_t at = random_below((uint32_t)size), word = words[random_below(ARRAY_SIZE(words))];

	switch (random_below(6)) {
	case 0:
		data[at] ^= (uint8_t)(1u << random_below(8));
		return size;
	case 1:
		data[at] = (uint8_t)bytes[random_below(sizeof(bytes) - 1)];
		return size;
	case 2: /* one part over another */
		memmove(data + at, data + random_below(at + 1), size - at);
		return size;
	case 3: /* a byte less */
		memmove(data + at, data + at + 1, size - at - 1);
		return size > 1 ? size - 1 : size;
	case 4:
		if (size - at >= sizeof(word))
			memcpy(data + at, &word, sizeof(word));
		return size;
	default:
		return random_below(16) ? size : at + 1;
	}
}

static void run_copy(const uint8_t *data, size_t size)
{
	CLEANUP_FREE uint8_t *copy = malloc(size ? size : 1);

	CHECK(copy);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
}

static int run_file(const char *path, unsigned long runs)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	struct ecli_err err = { 0 };

	if (ecli_file_read(path, MAX_FILE_SIZE, &buf, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	n_files++;
	run_copy((const uint8_t *)ecli_buf_text(&buf), buf.len);
	CLEANUP_FREE uint8_t *data = malloc(buf.len + 1);
	CHECK(data);
	for (unsigned long i = 0; buf.len && i < runs; i++) {
		size_t size = buf.len;

		seed = i;
		memcpy(data, buf.data, size);
		for (uint32_t changes = 1 + random_below(4); changes; changes--)
			size = mutate(data, size);
		run_copy(data, size);
	}
	return 0;
}

static int run_path(const char *path, unsigned long runs)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, NULL, alphasort), r = 0;

	if (n < 0)
		return errno == ENOTDIR ? run_file(path, runs) : -1;
	for (int i = 0; i < n; i++) {
		CLEANUP_BUF struct ecli_buf file = { 0 };

		ecli_buf_add_format(&file, "%s/%s", path, entries[i]->d_name);
		if (*entries[i]->d_name != '.')
			r |= run_file(ecli_buf_text(&file), runs);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int main(int argc, char **argv)
{
	unsigned long runs = argc > 1 ? fuzz_runs(argv[1]) : 0;

	if (argc < 3) {
		fprintf(stderr, "usage: %s MUTATIONS FILE|FOLDER...\n", argv[0]);
		return 2;
	}
	for (int i = 2; i < argc; i++)
		if (run_path(argv[i], runs) < 0) {
			fprintf(stderr, "%s could not be run\n", argv[i]);
			return 1;
		}
	printf("%zu files, %lu mutations each\n", n_files, runs);
	return n_files ? 0 : 1;
}
