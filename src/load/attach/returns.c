/* SPDX-License-Identifier: MIT */
/*
 * Go copies a goroutine's stack when it grows, and reads the return addresses on it: with the one of a return probe there the program ends
 * ("unexpected return pc"). C functions of a Go program run on stacks that stay where they are.
 *
 * The filters: commit cf6cb56ef244 of Linux, "seccomp: passthrough uretprobe systemcall without filtering", in 6.14, 6.13.3 and 6.12.14.
 */
#include "load/attach/returns.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "load/attach/link.h"

#define MAX_STATUS_BYTES 65536

bool ecli_returns_is(const struct ecli_attach *job)
{
	return !strncmp(job->kind->prefix, "uret", 4) || job->kind->attach_type == ECLI_ATTACH_UPROBE_SESSION;
}

/* "sqlite3_step", not "main.(*T).f", "main.*" or an offset: the linker of Go puts its package before every name. */
static bool is_of_c(const char *name)
{
	if (isdigit((unsigned char)*name))
		return false;
	while (isalnum((unsigned char)*name) || *name == '_')
		name++;
	return !*name;
}

int ecli_returns_check_go(const struct ecli_attach *job, const struct ecli_place *place,
			  const struct ecli_executable *executable, struct ecli_err *err)
{
	static const char *const marks[] = { ".go.buildinfo", ".gopclntab", ".data.rel.ro.gopclntab" };
	bool is_go = false;

	if (!ecli_returns_is(job) || is_of_c(place->what))
		return 0;
	for (size_t i = 0; !is_go && i < ARRAY_SIZE(marks); i++)
		if (ecli_executable_has_section(executable, marks[i], &is_go))
			return 0; /* its symbols were read, so this is no reason to give up */
	if (!is_go)
		return 0;
	return ecli_err_set(
		err, -EPERM,
		"program %s: %.300s is a Go program, which a probe at the return of %.100s would end, because Go "
		"moves stacks: probe its entry, or its return instructions by FILE:FUNCTION+OFFSET",
		job->name, place->binary.path, place->what);
}

bool ecli_returns_is_filtered(const char *release)
{
	/* The first release of each series that is well. */
	static const struct {
		unsigned int minor, patch;
	} series[] = { { 11, UINT32_MAX }, { 12, 14 }, { 13, 3 } };
	unsigned int major = 0, minor = 0, patch = 0;

	if (sscanf(release, "%u.%u.%u", &major, &minor, &patch) < 2 || major != 6)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(series); i++)
		if (series[i].minor == minor)
			return patch < series[i].patch;
	return false;
}

static bool has_filter(int pid)
{
	CLEANUP_BUF struct ecli_buf status = { 0 };
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	CLEANUP_FD int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || !ecli_foreign_read_proc(folder, "status", MAX_STATUS_BYTES, &status))
		return false;
	const char *line = strstr(status.data, "\nSeccomp:");
	unsigned int mode;
	return line && sscanf(line, "\nSeccomp: %u", &mode) == 1 && mode;
}

/* One sentence is enough for all of a tool's programs. */
static bool is_first(const struct ecli_attach *job)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, job->object) {
		const char *section = bpf_program__section_name(prog);

		section += *section == '?';
		if (bpf_program__autoload(prog) &&
		    (!strncmp(section, "uret", 4) || !strncmp(section, "uprobe.session", 14)))
			return prog == job->prog;
	}
	return true;
}

int ecli_returns_check_filter(const struct ecli_attach *job, int pid, struct ecli_err *err)
{
	struct utsname names;

	if (!ecli_returns_is(job) || uname(&names) || strcmp(names.machine, "x86_64") != 0 ||
	    !ecli_returns_is_filtered(names.release))
		return 0;
	if (pid < 0 && is_first(job))
		ecli_log(ECLI_LOG_WARN,
			 "at the return probes of this tool the kernel (%s) ends processes with a filter of system "
			 "calls "
			 "(seccomp) that does not know uretprobe(2): trace one process without",
			 names.release);
	if (pid < 0)
		return 0;
	if (!has_filter(pid))
		return 0;
	return ecli_err_set(
		err, -EPERM,
		"program %s: process %d has a filter of system calls (seccomp), and this kernel (%s) would end it "
		"at a return probe: probe entries, or take Linux 6.12.14, 6.13.3 or later",
		job->name, pid, names.release);
}
