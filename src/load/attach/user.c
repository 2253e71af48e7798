/* SPDX-License-Identifier: MIT */
/*
 * SEC("uprobe/FILE:FUNCTION"), SEC("uprobe.multi/FILE:PATTERN"), SEC("usdt/FILE:PROVIDER:NAME"): functions of user programs. FILE may be a
 * path, a library or a program (binary.h); `pid` of the program's extras limits it to one process and to what that sees.
 *
 * A pattern is attached with one link (6.6); without that kind of link a probe for each function.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "load/attach/binary.h"
#include "load/attach/link.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

#define MAX_SINGLE 1000 /* probes without a link for all of them */

struct place {
	char file[PATH_MAX];
	const char *what; /* after the first ':' */
	int pid;
};

static bool is_return(const struct ecli_attach *job)
{
	return !strncmp(job->kind->prefix, "uret", 4);
}

static int no_file(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	if (place->pid >= 0 && !strchr(place->file, '/'))
		return ecli_err_set(err, -ENOENT,
				    "process %d has no file \"%.200s\" mapped, and it is neither a library "
				    "nor a program here (program %s)",
				    place->pid, place->file, job->name);
	if (!strchr(place->file, '/'))
		return ecli_err_set(err, -ENOENT,
				    "there is neither a program nor a library \"%.200s\", which program %s "
				    "traces: give its path",
				    place->file, job->name);
	return ecli_err_set(err, -ENOENT, "there is no file %.300s, which program %s traces", place->file, job->name);
}

static int read_place(const struct ecli_attach *job, struct ecli_err *err, struct place *ret)
{
	const char *colon = strchr(job->target, ':');
	bool is_usdt = job->kind->target == ECLI_TARGET_USDT;

	if (!colon || colon == job->target || !colon[1] || (is_usdt && !strchr(colon + 1, ':')))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: \"%.200s\" does not say what to trace: give --attach %s=%s",
					 job->name, job->target, job->name, ecli_target_form(job->kind));
	ret->what = colon + 1;
	CLEANUP_FREE char *name = strndup(job->target, (size_t)(colon - job->target));
	if (!name)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_target_pid(job, err, &ret->pid);
	if (r)
		return r;
	return ecli_binary_find(name, ret->pid, ret->file) ? 0 : no_file(job, ret, err);
}

/* ---- many functions -------------------------------------------------------------------------------------------- */

static int attach_each(const struct ecli_attach *job, const struct place *place, const uint64_t *offsets, size_t count,
		       struct ecli_err *err)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = is_return(job));

	if (count > MAX_SINGLE)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -E2BIG,
					 "%zu functions of %.200s are like %s (program %s), and without links for many "
					 "this kernel stands probes for %d at once",
					 count, place->file, place->what, job->name, MAX_SINGLE);
	for (size_t i = 0; i < count; i++) {
		struct bpf_link *link =
			bpf_program__attach_uprobe_opts(job->prog, place->pid, place->file, offsets[i], &opts);
		int r = link ? ecli_links_add(job->links, link, job->name, err) : -errno;

		if (r)
			return link ? r : ecli_explain_attach(job, r, err);
	}
	return 0;
}

static int attach_pattern(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	CLEANUP_FREE uint64_t *offsets = NULL;
	size_t count = 0;

	int r = ecli_binary_functions(place->file, place->what, &offsets, &count);
	if (r == -ENOMEM)
		return ecli_err_set(err, r, "out of memory");
	if (r)
		return ecli_err_set(err, r, "program %s: %.300s is not a program or library for this machine",
				    job->name, place->file);
	if (!count)
		return ecli_err_set(err, -ENOENT, "%.300s has no function like %.100s (program %s)", place->file,
				    place->what, job->name);
	const struct ecli_link_attr attr = {
		.fd = (uint32_t)job->fd,
		.attach_type = (uint32_t)job->attach_type,
		.uprobe_multi = { .path = (uint64_t)(uintptr_t)place->file,
				  .offsets = (uint64_t)(uintptr_t)offsets,
				  .count = (uint32_t)count,
				  .flags = is_return(job) ? ECLI_MULTI_RETURN : 0,
				  .pid = place->pid > 0 ? (uint32_t)place->pid : 0 },
	};
	r = job->no_links ? -EINVAL : ecli_link_create(&attr);
	if (r >= 0) {
		ecli_log(ECLI_LOG_INFO, "%s: %zu functions of %s are like %s", job->name, count, place->file,
			 place->what);
		return ecli_links_add_fd(job->links, r, job->name, err);
	}
	if (r != -EINVAL && r != -EOPNOTSUPP)
		return ecli_explain_attach(job, r, err);
	if (job->attach_type == ECLI_ATTACH_UPROBE_SESSION)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r, "this kernel has no uprobe.session (program %s)",
					 job->name);
	ecli_log(ECLI_LOG_INFO, "%s: no link for many functions here; probing %zu one by one", job->name, count);
	return attach_each(job, place, offsets, count, err);
}

/* ---- one ------------------------------------------------------------------------------------------------------- */

/* A name that only libbpf understands, or a file that cannot be read, is no sure "no". */
static int look_function(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	CLEANUP_FREE char *name = strndup(place->what, strcspn(place->what, "+"));
	CLEANUP_FREE uint64_t *offsets = NULL;
	bool is_pattern = strpbrk(place->what, "*?");
	uint64_t number;
	size_t count;

	if (!name)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (!ecli_num_parse_u64(name, &number) || strpbrk(name, "@[\\") ||
	    ecli_binary_functions(place->file, name, &offsets, &count) || count)
		return 0;
	return ecli_err_set(err, -ENOENT, "%.300s has no function %s%.100s (program %s)", place->file,
			    is_pattern ? "like " : "", name, job->name);
}

/* "function", "function+0x10" or the offset in the file itself */
static int attach_function(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	const char *plus = strchr(place->what, '+');
	CLEANUP_FREE char *name = strndup(place->what, plus ? (size_t)(plus - place->what) : strlen(place->what));
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = is_return(job), .func_name = name);
	uint64_t offset = 0;

	if (!name)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (!plus && !ecli_num_parse_u64(name, &offset))
		opts.func_name = NULL;
	else if (plus && ecli_num_parse_u64(plus + 1, &offset))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: \"%.100s\" after the function is not an offset", job->name, plus);
	struct bpf_link *link = bpf_program__attach_uprobe_opts(job->prog, place->pid, place->file, offset, &opts);
	int r = -errno;
	if (link)
		return ecli_links_add(job->links, link, job->name, err);
	/* libbpf has other words, and errnos, for a function that the file only calls. */
	return r != -EPERM && r != -EACCES && look_function(job, place, err) ? -ENOENT
									     : ecli_explain_attach(job, r, err);
}

static int attach_usdt(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	const char *colon = strchr(place->what, ':');
	CLEANUP_FREE char *provider = strndup(place->what, (size_t)(colon - place->what));

	if (!provider)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	struct bpf_link *link = bpf_program__attach_usdt(job->prog, place->pid, place->file, provider, colon + 1, NULL);
	return link ? ecli_links_add(job->links, link, job->name, err) : ecli_explain_attach(job, -errno, err);
}

int ecli_attach_user_look(const struct ecli_attach *job, struct ecli_err *err)
{
	struct place place;

	int r = read_place(job, err, &place);
	return r || job->kind->target == ECLI_TARGET_USDT ? r : look_function(job, &place, err);
}

int ecli_attach_user(const struct ecli_attach *job, struct ecli_err *err)
{
	struct place place;

	int r = read_place(job, err, &place);
	if (r)
		return r;
	if (job->kind->target == ECLI_TARGET_USDT)
		return attach_usdt(job, &place, err);
	if (job->kind->attach_type || strpbrk(place.what, "*?"))
		return attach_pattern(job, &place, err);
	return attach_function(job, &place, err);
}
