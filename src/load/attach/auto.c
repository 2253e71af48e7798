/* SPDX-License-Identifier: MIT */
/*
 * Kinds that are attached from the section's name alone: tracepoints, fentry and fexit, security hooks, probes; with the
 * program's descriptor where that is enough (direct.c), else by libbpf. Nothing to do here but to say well what went
 * wrong; whether tracefs is needed first stands in the table of attach.c.
 */
#include "load/attach/attach.h"

#include <errno.h>

#include "load/explain.h"

int ecli_attach_auto(const struct ecli_attach *job, struct ecli_err *err)
{
	const char *prog = bpf_program__name(job->prog);
	int fd, r = ecli_attach_direct(job, &fd);

	if (!r)
		return ecli_links_add_fd(job->links, fd, prog, err);
	if (r != -ENOSYS)
		return ecli_explain_attach(job, r, err);

	struct bpf_link *link = bpf_program__attach(job->prog);
	if (!link)
		return ecli_explain_attach(job, -errno, err);
	return ecli_links_add(job->links, link, prog, err);
}
