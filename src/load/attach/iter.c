/* SPDX-License-Identifier: MIT */
/*
 * Iterators: the link runs nothing by itself; whoever reads makes a file of it (BPF_ITER_CREATE) and the program runs
 * once for each object of the kernel while that file is read. Iterators over one map or one task, which need more than
 * the section's name, are not done here.
 */
#include "load/attach/attach.h"

#include <errno.h>

#include <bpf/bpf.h>

#include "load/explain.h"

int ecli_attach_iter(const struct ecli_attach *job, struct ecli_err *err)
{
	int fd = bpf_link_create(job->fd, 0, BPF_TRACE_ITER, NULL);

	if (fd < 0)
		return ecli_explain_attach(job, -errno, err);
	return ecli_links_add_iter(job->links, fd, bpf_program__name(job->prog), err);
}
