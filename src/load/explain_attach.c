/* SPDX-License-Identifier: MIT */
/*
 * Failures of attaching: a table of what the section names, what the errno then means, and the sentence. "%1$s" is the
 * program, "%2$s" the target, "%3$s" the errno in words; for probes in files "%2$s" is the file and "%3$s" what is in
 * it. A sentence uses them without gaps (%3$s only with %2$s), as printf wants it. The first row that fits is taken.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "load/explain.h"
#include "load/kernel.h"

#define ANY_CODE 0
#define USDT_ARGUMENTS                                                                                                 \
	"program %1$s: probe %3$s of %2$s has arguments, or more sites, than can be read: probe the function that it " \
	"is in"

/* Facts that libbpf's messages gave, as bits. */
enum {
	FACT_NO_USDT_MAPS = 1,
	FACT_NO_KPROBES = 2,
	FACT_NO_UPROBES = 4,
};

static const struct {
	enum ecli_target target;
	int code;           /* negative errno, ANY_CODE */
	unsigned int facts; /* all of these */
	enum ecli_fail fail;
	const char *sentence;
} rows[] = {
	{ ECLI_TARGET_TRACEPOINT, -ENOENT, 0, ECLI_FAIL_KERNEL, "this kernel has no tracepoint %2$s (program %1$s)" },
	{ ECLI_TARGET_TRACEPOINT, -EINVAL, 0, ECLI_FAIL_ERROR,
	  "program %1$s: \"%2$s\" does not name a tracepoint; write SEC(\"tp/CATEGORY/NAME\") (%3$s)" },
	{ ECLI_TARGET_TRACEPOINT_NAME, -ENOENT, 0, ECLI_FAIL_KERNEL,
	  "this kernel has no tracepoint %2$s (program %1$s)" },
	{ ECLI_TARGET_TRACEPOINT_NAME, -EINVAL, 0, ECLI_FAIL_KERNEL,
	  "tracepoint %2$s of this kernel has fewer arguments than program %1$s reads (%3$s)" },
	{ ECLI_TARGET_KPROBE, ANY_CODE, FACT_NO_KPROBES, ECLI_FAIL_KERNEL,
	  "this kernel has no kprobes (program %1$s)" },
	{ ECLI_TARGET_SYSCALL, ANY_CODE, FACT_NO_KPROBES, ECLI_FAIL_KERNEL,
	  "this kernel has no kprobes (program %1$s)" },
	{ ECLI_TARGET_KPROBE, -ENOENT, 0, ECLI_FAIL_KERNEL,
	  "this kernel has no function %2$s that can be probed (program %1$s)" },
	{ ECLI_TARGET_KPROBE, -ENOTSUP, 0, ECLI_FAIL_KERNEL,
	  "this kernel cannot probe %2$s in this way (program %1$s: %3$s)" },
	{ ECLI_TARGET_SYSCALL, -ENOENT, 0, ECLI_FAIL_KERNEL, "this kernel has no system call %2$s (program %1$s)" },
	{ ECLI_TARGET_UPROBE, ANY_CODE, FACT_NO_UPROBES, ECLI_FAIL_KERNEL,
	  "this kernel has no uprobes (program %1$s)" },
	{ ECLI_TARGET_UPROBE, -EINVAL, 0, ECLI_FAIL_ERROR,
	  "program %1$s: the kernel does not take a probe at \"%2$s:%3$s\": no instruction that can be probed begins "
	  "there" },
	{ ECLI_TARGET_USDT, ANY_CODE, FACT_NO_USDT_MAPS, ECLI_FAIL_ERROR,
	  "program %1$s: a USDT program has to include bpf/usdt.bpf.h" },
	{ ECLI_TARGET_USDT, ANY_CODE, FACT_NO_UPROBES, ECLI_FAIL_KERNEL, "this kernel has no uprobes (program %1$s)" },
	/* That it is there was seen before: this is about what stands in it. */
	{ ECLI_TARGET_USDT, -ENOENT, 0, ECLI_FAIL_ERROR, USDT_ARGUMENTS },
	{ ECLI_TARGET_USDT, -EINVAL, 0, ECLI_FAIL_ERROR, USDT_ARGUMENTS },
	{ ECLI_TARGET_USDT, -E2BIG, 0, ECLI_FAIL_ERROR, USDT_ARGUMENTS },
	{ ECLI_TARGET_FUNCTION, ANY_CODE, 0, ECLI_FAIL_KERNEL,
	  "this kernel does not let program %1$s attach to %2$s (%3$s)" },
	{ ECLI_TARGET_LSM, ANY_CODE, 0, ECLI_FAIL_KERNEL,
	  "this kernel does not let program %1$s attach to security hook %2$s (%3$s)" },
	{ ECLI_TARGET_ITER, ANY_CODE, 0, ECLI_FAIL_KERNEL,
	  "this kernel does not run iterator %2$s for program %1$s (%3$s)" },
};

static unsigned int find_facts(const struct ecli_capture *capture)
{
	unsigned int facts = 0;

	facts |= capture->no_usdt_maps ? FACT_NO_USDT_MAPS : 0;
	/* Both ways into the kernel are missing: the event source, and the file in tracefs of kernels before 4.17. */
	if (access("/sys/bus/event_source/devices/kprobe", F_OK) && access("/sys/kernel/tracing/kprobe_events", F_OK) &&
	    access("/sys/kernel/debug/tracing/kprobe_events", F_OK))
		facts |= FACT_NO_KPROBES;
	if (access("/sys/bus/event_source/devices/uprobe", F_OK) && access("/sys/kernel/tracing/uprobe_events", F_OK) &&
	    access("/sys/kernel/debug/tracing/uprobe_events", F_OK))
		facts |= FACT_NO_UPROBES;
	return facts;
}

int ecli_explain_attach(const struct ecli_attach *job, int code, struct ecli_err *err)
{
	const char *prog = job->name, *words = ecli_kernel_errno_words(code);
	unsigned int facts = find_facts(job->capture);
	const char *target = job->target, *detail = words;
	char file[PATH_MAX];

	if (job->kind->target == ECLI_TARGET_UPROBE || job->kind->target == ECLI_TARGET_USDT) {
		size_t len = strcspn(target, ":");

		snprintf(file, sizeof(file), "%.*s", (int)len, target);
		detail = target + len + (target[len] == ':');
		target = file;
	}

	if (ecli_explain_is_files(code))
		return ecli_explain_files(code, err);
	if ((code == -EPERM || code == -EACCES) && !ecli_kernel_may_load())
		return ecli_explain_refused(code, err);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].target == job->kind->target && (rows[i].code == ANY_CODE || rows[i].code == code) &&
		    (rows[i].facts & facts) == rows[i].facts)
			return ecli_err_set_fail(err, rows[i].fail, code, rows[i].sentence, prog, target, detail);
	return ecli_err_set(err, code, "cannot attach program %s (SEC(\"%s\")): %s", prog, job->section, words);
}
