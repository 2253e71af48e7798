/* SPDX-License-Identifier: MIT */
/*
 * SEC("uprobe/FILE:FUNCTION"), SEC("uprobe.multi/FILE:PATTERN"), SEC("usdt/FILE:PROVIDER:NAME"): functions of user programs. FILE may be a
 * path, a library or a program (binary.h); `pid` of the program's extras limits it to one process and to what that sees.
 *
 * A pattern is attached with one link (6.6); without that kind of link a probe for each function.
 *
 * Offsets are found by us, and the kernel and libbpf are given the descriptor's path: the file that was checked is the one that is traced.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "load/attach/binary.h"
#include "load/attach/functions.h"
#include "load/attach/link.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

#define MAX_SINGLE 1000 /* probes without a link for all of them */

struct place {
	struct ecli_binary binary;
	const char *what; /* after the first ':' */
	int pid;
};
#define PLACE_EMPTY                                                                                                    \
	{                                                                                                              \
		.binary.fd = -1, .pid = -1                                                                             \
	}

static void close_place(struct place *place)
{
	ecli_binary_close(&place->binary);
}

static bool is_return(const struct ecli_attach *job)
{
	return !strncmp(job->kind->prefix, "uret", 4);
}

static int no_file(const struct ecli_attach *job, const struct place *place, int code, struct ecli_err *err)
{
	const char *path = place->binary.path;

	if (code == -ENOMEM)
		return ecli_err_set(err, code, "out of memory");
	if (code == -ESRCH)
		return ecli_err_set(err, code, "process %d has ended (program %s)", place->pid, job->name);
	if (code == -EREMOTE)
		return ecli_err_set(err, code,
				    "may not look at the files of process %d, which program %s traces: try sudo",
				    place->pid, job->name);
	if (code != -ENOENT)
		return ecli_err_set(err, code, "program %s: cannot trace %.300s: %s", job->name, path,
				    ecli_foreign_words(code));
	if (place->pid >= 0 && !strchr(path, '/'))
		return ecli_err_set(err, -ENOENT,
				    "process %d has no file \"%.200s\" mapped, and it is neither a library "
				    "nor a program here (program %s)",
				    place->pid, path, job->name);
	if (!strchr(path, '/'))
		return ecli_err_set(err, -ENOENT,
				    "there is neither a program nor a library \"%.200s\", which program %s "
				    "traces: give its path",
				    path, job->name);
	return ecli_err_set(err, -ENOENT, "there is no file %.300s, which program %s traces", path, job->name);
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
	r = ecli_binary_open(name, ret->pid, &ret->binary);
	return r ? no_file(job, ret, r, err) : 0;
}

/* Why its functions cannot be told. */
static int cannot_read(const struct ecli_attach *job, const struct place *place, int code, struct ecli_err *err)
{
	const char *path = place->binary.path;

	switch (code) {
	case -ENOMEM:
		return ecli_err_set(err, code, "out of memory");
	case -ENOEXEC:
		return ecli_err_set(err, code, "program %s: %.300s is not a program or library for this machine",
				    job->name, path);
	case -E2BIG:
		return ecli_err_set(err, code,
				    "program %s: %.300s has more functions, or longer names, than are looked through",
				    job->name, path);
	case -ESTALE:
		return ecli_err_set(err, code, "program %s: %.300s was changed while it was read", job->name, path);
	default:
		return ecli_err_set(err, code, "program %s: cannot read %.300s: %s", job->name, path, strerror(-code));
	}
}

/* ---- many functions -------------------------------------------------------------------------------------------- */

static int attach_at(const struct ecli_attach *job, const struct place *place, uint64_t offset, struct ecli_err *err)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = is_return(job));
	int fd = ecli_attach_uprobe_at(job, place->binary.kernel_path, offset, place->pid);

	if (fd >= 0)
		return ecli_links_add_fd(job->links, fd, job->name, err);
	if (fd != -ENOSYS)
		return ecli_explain_attach(job, fd, err);
	struct bpf_link *link =
		bpf_program__attach_uprobe_opts(job->prog, place->pid, place->binary.kernel_path, offset, &opts);

	return link ? ecli_links_add(job->links, link, job->name, err) : ecli_explain_attach(job, -errno, err);
}

static int attach_each(const struct ecli_attach *job, const struct place *place, const uint64_t *offsets, size_t count,
		       struct ecli_err *err)
{
	int r = 0;

	if (count > MAX_SINGLE)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -E2BIG,
					 "%zu functions of %.200s are like %s (program %s), and without links for many "
					 "this kernel stands probes for %d at once",
					 count, place->binary.path, place->what, job->name, MAX_SINGLE);
	for (size_t i = 0; !r && i < count; i++)
		r = attach_at(job, place, offsets[i], err);
	return r;
}

static int attach_pattern(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	CLEANUP_FREE uint64_t *offsets = NULL;
	const char *path = place->binary.path;
	size_t count = 0;

	int r = ecli_functions_like(place->binary.fd, place->what, &offsets, &count);
	if (r)
		return cannot_read(job, place, r, err);
	if (!count)
		return ecli_err_set(err, -ENOENT, "%.300s has no function like %.100s (program %s)", path, place->what,
				    job->name);
	const struct ecli_link_attr attr = {
		.fd = (uint32_t)job->fd,
		.attach_type = (uint32_t)job->attach_type,
		.uprobe_multi = { .path = (uint64_t)(uintptr_t)place->binary.kernel_path,
				  .offsets = (uint64_t)(uintptr_t)offsets,
				  .count = (uint32_t)count,
				  .flags = is_return(job) ? ECLI_MULTI_RETURN : 0,
				  .pid = place->pid > 0 ? (uint32_t)place->pid : 0 },
	};
	r = job->no_links ? -EINVAL : ecli_link_create(&attr);
	if (r >= 0) {
		ecli_log(ECLI_LOG_INFO, "%s: %zu functions of %s are like %s", job->name, count, path, place->what);
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

/* "function", "function+0x10" or the offset in the file itself */
static int find_offset(const struct ecli_attach *job, const struct place *place, struct ecli_err *err, uint64_t *ret)
{
	const char *plus = strchr(place->what, '+');
	CLEANUP_FREE char *name = strndup(place->what, plus ? (size_t)(plus - place->what) : strlen(place->what));
	uint64_t function = 0, more = 0;

	if (!name)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (!plus && !ecli_num_parse_u64(name, ret))
		return 0;
	if (plus && ecli_num_parse_u64(plus + 1, &more))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: \"%.100s\" after the function is not an offset", job->name, plus);
	int r = ecli_functions_find(place->binary.fd, name, &function);
	if (r == -ENOENT)
		return ecli_err_set(err, r, "%.300s has no function %.100s (program %s)", place->binary.path, name,
				    job->name);
	if (r == -ENOTUNIQ)
		return ecli_err_set(err, r, "%.300s has several functions %.100s (program %s): give the offset of one",
				    place->binary.path, name, job->name);
	if (r)
		return cannot_read(job, place, r, err);
	*ret = function + more;
	return 0;
}

static int attach_function(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	uint64_t offset = 0;
	int r = find_offset(job, place, err, &offset);

	return r ? r : attach_at(job, place, offset, err);
}

/* libbpf maps the file: nobody may cut it meanwhile. */
static int attach_usdt(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	const char *colon = strchr(place->what, ':');
	CLEANUP_FREE char *provider = strndup(place->what, (size_t)(colon - place->what));

	if (!provider)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_binary_hold(&place->binary);
	if (r)
		return ecli_err_set(err, r, "program %s: cannot trace %.300s: somebody has it open for writing",
				    job->name, place->binary.path);
	r = ecli_functions_check(place->binary.fd);
	if (r)
		r = cannot_read(job, place, r, err);
	if (!r) {
		struct bpf_link *link = bpf_program__attach_usdt(job->prog, place->pid, place->binary.kernel_path,
								 provider, colon + 1, NULL);

		r = link ? ecli_links_add(job->links, link, job->name, err) : ecli_explain_attach(job, -errno, err);
	}
	ecli_binary_let_go(&place->binary);
	return r;
}

static bool is_pattern(const struct ecli_attach *job, const struct place *place)
{
	return job->kind->attach_type || strpbrk(place->what, "*?");
}

static int look(const struct ecli_attach *job, const struct place *place, struct ecli_err *err)
{
	CLEANUP_FREE uint64_t *offsets = NULL;
	uint64_t offset;
	size_t count;

	if (job->kind->target == ECLI_TARGET_USDT)
		return 0;
	if (!is_pattern(job, place))
		return find_offset(job, place, err, &offset);
	int r = ecli_functions_like(place->binary.fd, place->what, &offsets, &count);
	if (r)
		return cannot_read(job, place, r, err);
	return count ? 0
		     : ecli_err_set(err, -ENOENT, "%.300s has no function like %s (program %s)", place->binary.path,
				    place->what, job->name);
}

int ecli_attach_user_look(const struct ecli_attach *job, struct ecli_err *err)
{
	CLEANUP(close_place) struct place place = PLACE_EMPTY;
	int r = read_place(job, err, &place);

	return r ? r : look(job, &place, err);
}

int ecli_attach_user(const struct ecli_attach *job, struct ecli_err *err)
{
	CLEANUP(close_place) struct place place = PLACE_EMPTY;
	int r = read_place(job, err, &place);

	if (r)
		return r;
	if (job->kind->target == ECLI_TARGET_USDT)
		return attach_usdt(job, &place, err);
	return is_pattern(job, &place) ? attach_pattern(job, &place, err) : attach_function(job, &place, err);
}
