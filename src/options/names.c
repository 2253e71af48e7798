/* SPDX-License-Identifier: MIT */
/*
 * Names that stand for numbers in what a person types. Users and groups come from the files themselves. The C library's own way would load plug-ins (NSS), which a static program does
 * not have; names that only a directory server knows are not found here, and their number can be typed instead.
 */
#include "options/names.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/names.h"
#include "base/num.h"

enum { MAX_FILE_BYTES = 4 << 20 };

/* The third field of a line, as a number. */
static bool read_id(const char *rest, uint32_t *ret_id)
{
	const char *second = strchr(rest, ':');
	char digits[16];
	uint64_t id;

	if (!second)
		return false;
	size_t len = strcspn(second + 1, ":");
	if (len >= sizeof(digits))
		return false;
	memcpy(digits, second + 1, len);
	digits[len] = '\0';
	if (ecli_num_parse_u64(digits, &id) || id > UINT32_MAX)
		return false;
	*ret_id = (uint32_t)id;
	return true;
}

bool ecli_names_find(const char *path, const char *name, uint32_t *ret_id)
{
	CLEANUP_BUF struct ecli_buf file = { 0 };
	size_t len = strlen(name);

	if (!len || strpbrk(name, ":\n") || ecli_file_read(path, MAX_FILE_BYTES, &file, NULL))
		return false;
	ecli_buf_text(&file); /* a NUL at the end */
	for (char *line = file.data, *end; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (!strncmp(line, name, len) && line[len] == ':')
			return read_id(line + len + 1, ret_id);
	}
	return false;
}

static const struct {
	enum ecli_notation notation;
	const char *what;
	const char *path;               /* a file like passwd(5), or */
	const struct ecli_names *names; /* a table of the system's */
} notations[] = {
	{ ECLI_NOTATION_USER, "a user", "/etc/passwd", NULL },
	{ ECLI_NOTATION_GROUP, "a group", "/etc/group", NULL },
	{ ECLI_NOTATION_ERRNO, "an error", NULL, &ecli_names_errno },
	{ ECLI_NOTATION_SIGNAL, "a signal", NULL, &ecli_names_signal },
	{ ECLI_NOTATION_SYSCALL, "a system call", NULL, &ecli_names_syscall },
};

const char *ecli_names_of(enum ecli_notation notation)
{
	for (size_t i = 0; i < ARRAY_SIZE(notations); i++)
		if (notations[i].notation == notation)
			return notations[i].what;
	return NULL;
}

bool ecli_names_read(enum ecli_notation notation, const char *name, uint64_t *ret_number)
{
	for (size_t i = 0; i < ARRAY_SIZE(notations); i++) {
		uint32_t id;

		if (notations[i].notation != notation)
			continue;
		if (notations[i].names)
			return ecli_names_number(notations[i].names, name, ret_number);
		if (!ecli_names_find(notations[i].path, name, &id)) {
			if (strcmp(name, "any") != 0)
				return false;
			id = UINT32_MAX; /* (uid_t)-1: nobody has it */
		}
		*ret_number = id;
		return true;
	}
	return false;
}
