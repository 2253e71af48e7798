/* SPDX-License-Identifier: MIT */
/*
 * Cleaning paths. clang is told that it compiles in ".", so its names of files begin with "./" or "/"; a string that
 * does is a file's name (or a line of source, which no rule fits). A name only gets shorter, so it is rewritten where
 * it is and ends sooner.
 */
#include "compile/paths.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static const char *skip_dots(const char *path)
{
	while (path[0] == '.' && path[1] == '/')
		for (path += 2; *path == '/'; path++)
			;
	return path;
}

static void clean(const struct ecli_path_rule *rules, char *name)
{
	const char *rest = skip_dots(name), *front = "";

	for (; rules->prefix; rules++) {
		size_t len = strlen(rules->prefix);

		if (len && !strncmp(rest, rules->prefix, len)) {
			rest += len;
			front = rules->replacement;
			break;
		}
	}
	size_t front_len = strlen(front);
	if (front_len > (size_t)(rest - name))
		return;
	memmove(name + front_len, rest, strlen(rest) + 1);
	memcpy(name, front, front_len);
}

void ecli_paths_clean(const struct ecli_path_rule *rules, unsigned char *btf, size_t size)
{
	struct btf_header header;

	if (size < sizeof(header))
		return;
	memcpy(&header, btf, sizeof(header));
	uint64_t start = (uint64_t)header.hdr_len + header.str_off;
	if (header.magic != BTF_MAGIC || !ecli_num_within(start, header.str_len, size) || !header.str_len)
		return;

	char *at = (char *)btf + start, *end = at + header.str_len;
	if (end[-1])
		return;
	while (at < end) {
		size_t len = strlen(at);

		if (*at == '/' || (at[0] == '.' && at[1] == '/'))
			clean(rules, at);
		at += len + 1;
	}
}

char *ecli_paths_dir_of(const char *source)
{
	source = skip_dots(source);
	const char *slash = strrchr(source, '/');

	return strndup(source, slash ? (size_t)(slash - source) + 1 : 0);
}
