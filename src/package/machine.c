/* SPDX-License-Identifier: MIT */
/*
 * The running kernel and its distribution, and which file of a btfhub archive is its own. The release decides: type
 * information of any other kernel would be a guess. The distribution and its version only order files of one release,
 * because a self-built kernel may run under any of them.
 */
#include "package/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/file.h"

/* os-release(5): the first that exists. */
static const char *const os_release_files[] = { "/etc/os-release", "/usr/lib/os-release" };

static void copy_value(char *to, size_t room, const char *value, size_t len)
{
	if (len >= 2 && (*value == '"' || *value == '\'') && value[len - 1] == *value) {
		value++;
		len -= 2;
	}
	snprintf(to, room, "%.*s", (int)len, value);
}

void ecli_machine_parse(struct ecli_machine *machine, const char *os_release)
{
	for (const char *line = os_release; *line;) {
		size_t len = strcspn(line, "\n");

		if (!strncmp(line, "ID=", 3))
			copy_value(machine->id, sizeof(machine->id), line + 3, len - 3);
		else if (!strncmp(line, "VERSION_ID=", 11))
			copy_value(machine->version, sizeof(machine->version), line + 11, len - 11);
		line += len + (line[len] == '\n');
	}
}

void ecli_machine_read(struct ecli_machine *ret)
{
	struct ecli_machine machine = { .id = "" };
	struct utsname name;

	if (!uname(&name)) {
		/* btfhub says arm64 where the kernel says aarch64. */
		const char *arch = strcmp(name.machine, "aarch64") ? name.machine : "arm64";

		snprintf(machine.arch, sizeof(machine.arch), "%s", arch);
		snprintf(machine.release, sizeof(machine.release), "%s", name.release);
	}
	for (size_t i = 0; i < ARRAY_SIZE(os_release_files); i++) {
		CLEANUP_BUF struct ecli_buf text = { 0 };

		if (ecli_file_read(os_release_files[i], 1 << 16, &text, NULL))
			continue;
		ecli_machine_parse(&machine, ecli_buf_text(&text));
		break;
	}
	*ret = machine;
}

/* Takes the last part off @path[0..*len); "" when there is none. */
static const char *last_part(const char *path, size_t *len, size_t *ret_len)
{
	size_t end = *len, start = end;

	while (start && path[start - 1] != '/')
		start--;
	*len = start ? start - 1 : 0;
	*ret_len = end - start;
	return path + start;
}

static bool is_part(const char *part, size_t len, const char *text)
{
	return *text && strlen(text) == len && !memcmp(part, text, len);
}

int ecli_machine_fit(const struct ecli_machine *machine, const char *path)
{
	static const char ending[] = ".btf";
	size_t len = strlen(path), n;

	if (len < sizeof(ending) || strcmp(path + len - (sizeof(ending) - 1), ending) != 0)
		return 0;
	len -= sizeof(ending) - 1;
	const char *part = last_part(path, &len, &n);
	if (!is_part(part, n, machine->release))
		return 0;
	part = last_part(path, &len, &n);
	if (!is_part(part, n, machine->arch) && !(is_part(part, n, "aarch64") && !strcmp(machine->arch, "arm64")))
		return 0;
	part = last_part(path, &len, &n);
	bool same_version = is_part(part, n, machine->version);
	part = last_part(path, &len, &n);
	if (!is_part(part, n, machine->id))
		return 1;
	return same_version ? 3 : 2;
}
