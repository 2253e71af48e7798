/* SPDX-License-Identifier: MIT */
/*
 * Kinds that libbpf attaches from the section's name alone: tracepoints, fentry and fexit, security hooks, replaced functions. Another
 * target than the section's was told when the program was loaded, or is told here. Beside that nothing to do but to say well
 * what went wrong.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "load/explain.h"

static struct bpf_link *attach_tracepoint(const struct ecli_attach *job)
{
	const char *slash = strchr(job->target, '/');
	char category[64];

	if (!slash || (size_t)(slash - job->target) >= sizeof(category)) {
		errno = EINVAL;
		return NULL;
	}
	snprintf(category, sizeof(category), "%.*s", (int)(slash - job->target), job->target);
	return bpf_program__attach_tracepoint(job->prog, category, slash + 1);
}

static struct bpf_link *attach(const struct ecli_attach *job)
{
	if (job->kind->btf_prefix || !strcmp(job->target, job->words))
		return bpf_program__attach(job->prog);
	if (job->kind->target == ECLI_TARGET_TRACEPOINT)
		return attach_tracepoint(job);
	if (job->kind->target == ECLI_TARGET_TRACEPOINT_NAME)
		return bpf_program__attach_raw_tracepoint(job->prog, job->target);
	return bpf_program__attach(job->prog);
}

int ecli_attach_auto(const struct ecli_attach *job, struct ecli_err *err)
{
	struct bpf_link *link = attach(job);

	if (!link)
		return ecli_explain_attach(job, -errno, err);
	return ecli_links_add(job->links, link, job->name, false, err);
}
