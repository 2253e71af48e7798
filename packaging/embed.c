/* SPDX-License-Identifier: MIT */
/*
 * A tool of the build: writes files as C text, so that one binary carries them.
 *
 *     embed OUTPUT NAME PATH [NAME PATH ...]      -> const struct ecli_embedded_file ecli_embedded_files[]
 *
 * The hash over all names and bytes is FNV-1a (64 bits): it names the folder into which ecc lays them out.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash = 0xcbf29ce484222325;

static void hash_byte(unsigned char byte)
{
	hash = (hash ^ byte) * 0x100000001b3;
}

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static void write_file(FILE *out, const char *name, const char *path)
{
	FILE *in = fopen(path, "rb");
	unsigned int column = 0;
	int c;

	if (!in)
		fail(path);
	for (const char *p = name; *p; p++)
		hash_byte((unsigned char)*p);
	hash_byte(0);
	fprintf(out, "\t{ \"%s\",\n\t  \"", name);
	size_t size = 0;
	for (; (c = getc(in)) != EOF; size++) {
		hash_byte((unsigned char)c);
		/* Three octal digits always, so that a digit may follow. */
		fprintf(out, c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '?' ? "%c" : "\\%03o", c);
		if (++column % 100 == 0)
			fputs("\"\n\t  \"", out);
	}
	if (ferror(in))
		fail(path);
	fclose(in);
	fprintf(out, "\",\n\t  %zu },\n", size);
}

int main(int argc, char **argv)
{
	if (argc < 4 || argc % 2) {
		fprintf(stderr, "usage: embed OUTPUT NAME PATH [NAME PATH ...]\n");
		return 2;
	}

	FILE *out = fopen(argv[1], "w");
	if (!out)
		fail(argv[1]);
	fputs("/* SPDX-License-Identifier: MIT */\n/* Written by embed.c. */\n#include \"compile/embedded.h\"\n\n"
	      "const struct ecli_embedded_file ecli_embedded_files[] = {\n",
	      out);
	for (int i = 2; i < argc; i += 2)
		write_file(out, argv[i], argv[i + 1]);
	fprintf(out, "};\nconst size_t ecli_embedded_count = %d;\nconst uint64_t ecli_embedded_hash = 0x%016llx;\n",
		(argc - 2) / 2, (unsigned long long)hash);
	if (ferror(out) || fclose(out))
		fail(argv[1]);
	return 0;
}
