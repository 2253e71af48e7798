/* SPDX-License-Identifier: MIT */
/*
 * Kinds that are attached by a name alone: tracepoints, fentry and fexit, security hooks, replaced functions; with the program's
 * descriptor where that is enough (direct.c), else by libbpf. Another target than the section's was told when the program was loaded
 * (attach.c), or is in the job. Beside that nothing to do but to say well what went wrong.
 */
#include "load/attach/attach.h"

#include <errno.h>

#include "load/explain.h"

int ecli_attach_auto(const struct ecli_attach *job, struct ecli_err *err)
{
	int fd, r = ecli_attach_direct(job, &fd);

	if (!r)
		return ecli_links_add_fd(job->links, fd, job->name, err);
	if (r != -ENOSYS)
		return ecli_explain_attach(job, r, err);

	struct bpf_link *link = bpf_program__attach(job->prog);
	if (!link)
		return ecli_explain_attach(job, -errno, err);
	return ecli_links_add(job->links, link, job->name, err);
}
