/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for types/ and plan/: hostile type information and hostile records through everything that reads them.
 *
 *     input = n, n bytes of record, bytes of a .BTF section       or an ELF object, with bytes of its own as the record
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address -DECLI_LIBFUZZER. Without it, this is a program that runs the files
 * it is given and then a fixed number of mutations of each; the same numbers give the same inputs, so a failure comes
 * again.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/walk_model.h"
#include "base/cleanup.h"
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ecli_types *types = NULL;
	struct walk walk = { 0 };
	const uint8_t *record = data;
	size_t len = size < 256 ? size : 256;

	if (size >= SELFMAG && !memcmp(data, ELFMAG, SELFMAG)) {
		if (ecli_types_read_object(data, size, NULL, &types) < 0)
			return 0;
	} else {
		if (size < 1 || data[0] >= size)
			return 0;
		record = data + 1;
		len = data[0];
		if (ecli_types_read(record + len, size - 1 - len, NULL, &types) < 0)
			return 0;
	}
	walk_model(&walk, types, record, len);
	ecli_types_free(types);
	return 0;
}

#ifndef ECLI_LIBFUZZER

#define MAX_INPUT (1u << 20)

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* One change. Words get the values that hurt: ids, sizes and counts are all 32 bits wide in BTF. */
static size_t mutate(uint8_t *data, size_t size)
{
	static const uint32_t words[] = { 0,          1,          2,          7,          0x7fffffff,
					  0x80000000, 0xffffffff, 0x01000000, 0x04000001, 0x84000001 };
	uint32_t at = random_below((uint32_t)size), word;

	switch (random_below(6)) {
	case 0:
		data[at] ^= (uint8_t)(1u << random_below(8));
		return size;
	case 1:
		data[at] = (uint8_t)random_below(256);
		return size;
	case 2: /* another id or offset */
		word = random_below(64);
		break;
	case 3:
		word = words[random_below(ARRAY_SIZE(words))];
		break;
	case 4: /* a word from elsewhere */
		if (size < sizeof(word))
			return size;
		memcpy(&word, data + random_below((uint32_t)(size - sizeof(word) + 1)), sizeof(word));
		break;
	default: /* rarely shorter: most short ones end in the header's check */
		return random_below(16) ? size : at + 1;
	}
	if (size - at >= sizeof(word))
		memcpy(data + at, &word, sizeof(word));
	return size;
}

/* Each input in a block of exactly its size, so that AddressSanitizer sees one byte too many. */
static void run_copy(const uint8_t *data, size_t size)
{
	CLEANUP_FREE uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
}

static int run_file(const char *path, unsigned runs)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	struct ecli_err err = { 0 };

	if (ecli_file_read(path, MAX_INPUT, &buf, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	run_copy((const uint8_t *)buf.data, buf.len);

	CLEANUP_FREE uint8_t *data = malloc(buf.len + 1);
	if (!data || !buf.len)
		return -1;
	for (unsigned i = 0; i < runs; i++) {
		size_t size = buf.len;

		seed = i;
		memcpy(data, buf.data, size);
		for (uint32_t changes = 1 + random_below(4); changes; changes--)
			size = mutate(data, size);
		run_copy(data, size);
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned runs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;

	if (argc < 3) {
		fprintf(stderr, "usage: btf_fuzz MUTATIONS FILE...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		if (run_file(argv[i], runs) < 0)
			return 1;
	printf("%d files, %u mutations each\n", argc - 2, runs);
	return 0;
}

#endif
