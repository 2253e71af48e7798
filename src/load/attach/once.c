/* SPDX-License-Identifier: MIT */
/*
 * SEC("syscall"): a program that is attached to nothing and run once (5.14), when everything else is attached; with no context. Its
 * result is told with -v; a negative one is a failure of the tool.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "load/explain.h"
#include "load/kernel.h"

int ecli_attach_once_look(const struct ecli_attach *job, struct ecli_err *err)
{
	if (!*job->target)
		return 0;
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
				 "program %s is run once and attached to nothing: it takes no target", job->name);
}

int ecli_attach_once(const struct ecli_attach *job, struct ecli_err *err)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	int r = ecli_attach_once_look(job, err);
	if (r)
		return r;
	r = bpf_prog_test_run_opts(job->fd, &opts);
	if (r && (errno == EPERM || errno == EACCES) && !ecli_kernel_may_load())
		return ecli_explain_refused(-errno, err);
	if (r)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -errno, "this kernel does not run program %s: %s",
					 job->name, ecli_kernel_errno_words(errno));
	if ((int)opts.retval < 0)
		return ecli_err_set(err, (int)opts.retval < -4095 ? -EINVAL : (int)opts.retval,
				    "program %s returned %d (%s)", job->name, (int)opts.retval,
				    ecli_kernel_errno_words((int)opts.retval));
	ecli_log(ECLI_LOG_INFO, "%s: run once, returned %d", job->name, (int)opts.retval);
	job->links->ran++;
	return 0;
}
