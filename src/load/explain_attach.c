/* SPDX-License-Identifier: MIT */
/*
 * Failures of attaching, turned into questions to the table of causes (causes.c): what kind of target it was, what the kernel answered, and what of the
 * target's form or of the machine matters. Of probes in files the file and what is in it are told apart.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "load/causes.h"
#include "load/explain.h"
#include "load/kernel.h"

int ecli_explain_attach(const struct ecli_attach *job, int code, struct ecli_err *err)
{
	const char *words = ecli_kernel_errno_words(code);
	struct ecli_question question = { .stage = ECLI_STAGE_ATTACH,
					  .target = job->kind->target,
					  .code = code,
					  .facts = ecli_cause_facts(),
					  .prog = job->name,
					  .what = job->target,
					  .detail = words };
	char file[PATH_MAX];

	if (job->kind->target == ECLI_TARGET_UPROBE || job->kind->target == ECLI_TARGET_USDT) {
		size_t len = strcspn(job->target, ":");

		snprintf(file, sizeof(file), "%.*s", (int)len, job->target);
		question.what = file;
		question.detail = job->target + len + (job->target[len] == ':');
	}
	if (job->capture->no_usdt_maps)
		question.facts |= ECLI_FACT_NO_USDT_MAPS;
	if (job->kind->target == ECLI_TARGET_TRACEPOINT && strncmp(job->target, "syscalls/", 9) != 0)
		question.facts &= ~(uint32_t)ECLI_FACT_NO_SYSCALL_EVENTS;
	if (job->kind->target == ECLI_TARGET_KPROBE && strchr(job->target, '+'))
		question.facts |= ECLI_FACT_AT_OFFSET;
	if (!strncmp(job->kind->prefix, "kret", 4))
		question.facts |= ECLI_FACT_RETURNS;
	if (ecli_explain_is_files(code))
		return ecli_explain_files(code, err);
	int r = ecli_cause_find(&question, err);

	return r ? r
		 : ecli_err_set(err, code, "cannot attach program %s (SEC(\"%s\")): %s", job->name, job->section,
				words);
}
