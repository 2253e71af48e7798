/* SPDX-License-Identifier: MIT */
/*
 * libbpf's print callback has no context argument, so the place to put what it says is a pointer of file scope:
 * together with the log hook of base/ the only mutable state of this kind. It is thread-local, because libbpf calls
 * back on the thread that called it, and NULL except during ecli_load_open() and attaching.
 *
 * Only warnings are read, and one kind of debug message: the others are not even formatted unless someone listens, for there are hundreds of them.
 */
#include "load/capture.h"

#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include <ecli/base.h>

#include "base/cleanup.h"

static _Thread_local struct ecli_capture *current;

/* Behind the name of what a program asks for (__weak) and the kernel does not have. */
#define ABSENT "' (weak): not resolved"

/* A message that begins with @prefix establishes the fact at @offset. */
static const struct {
	const char *prefix;
	size_t offset;
} facts[] = {
	{ "Error in bpf_object__probe_loading", offsetof(struct ecli_capture, nothing_loads) },
	{ "failed to find valid kernel BTF", offsetof(struct ecli_capture, no_kernel_btf) },
	{ "Error loading vmlinux BTF", offsetof(struct ecli_capture, no_kernel_btf) },
	{ "failed to parse target BTF", offsetof(struct ecli_capture, bad_target_btf) },
	{ "usdt: failed to find USDT support BPF maps", offsetof(struct ecli_capture, no_usdt_maps) },
};

/* Copies what stands between @prefix and @after. */
static void read_until(const char *line, const char *prefix, const char *after, char *ret, size_t size)
{
	size_t skip = strlen(prefix);

	if (strncmp(line, prefix, skip))
		return;
	const char *end = strstr(line + skip, after);
	if (!end)
		return;
	snprintf(ret, size, "%.*s", (int)(end - line - (long)skip), line + skip);
}

/* A list that is full ends with the last name that fits. */
static void read_absent(const char *line, struct ecli_capture *capture)
{
	size_t used = strlen(capture->absent), room = sizeof(capture->absent) - used;
	char name[128] = "";

	read_until(line, "extern '", ABSENT, name, sizeof(name));
	if (name[0] && strlen(name) + sizeof(", ") <= room)
		snprintf(capture->absent + used, room, "%s%s", used ? ", " : "", name);
}

static void read_quoted(const char *line, const char *prefix, char *ret, size_t size)
{
	read_until(line, prefix, "': ", ret, size);
}

void ecli_capture_read(struct ecli_capture *capture, const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		if (!strncmp(line, facts[i].prefix, strlen(facts[i].prefix)))
			*(bool *)((char *)capture + facts[i].offset) = true;

	read_quoted(line, "prog '", capture->prog, sizeof(capture->prog));
	if (strstr(line, "': failed to create"))
		read_quoted(line, "map '", capture->map, sizeof(capture->map));
	if (strstr(line, "' (strong): not resolved"))
		read_until(line, "extern '", "' (", capture->missing_extern, sizeof(capture->missing_extern));
	if (strstr(line, ABSENT))
		read_absent(line, capture);
	if (!strncmp(line, "extern (", 8) && strstr(line, "not found in kernel") && strchr(line, '\''))
		read_quoted(strchr(line, '\''), "'", capture->missing_extern, sizeof(capture->missing_extern));
}

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	static const char prefix[] = "libbpf: ";
	bool is_fact = current && (level == LIBBPF_WARN || strstr(format, ABSENT));
	char text[1024];

	if (!is_fact && !ecli_log_wants(ECLI_LOG_DEBUG))
		return 0;

	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';

	bool prefixed = !strncmp(text, prefix, sizeof(prefix) - 1);
	if (is_fact)
		ecli_capture_read(current, prefixed ? text + sizeof(prefix) - 1 : text);
	ecli_log(ECLI_LOG_DEBUG, prefixed ? "%s" : "libbpf: %s", text);
	return 0;
}

void ecli_capture_start(struct ecli_capture *capture)
{
	*capture = (struct ecli_capture){ 0 };
	current = capture;
	libbpf_set_print(print);
}

void ecli_capture_stop(void)
{
	current = NULL;
}
