/* SPDX-License-Identifier: MIT */
/*
 * SEC("uprobe/FILE:FUNCTION"), SEC("uprobe.multi/FILE:PATTERN"), SEC("usdt/FILE:PROVIDER:NAME"): functions of user programs. FILE may be a
 * path, a library or a program (binary.h); `pid` of the program's extras limits it to one process and to what that sees.
 *
 *     target ─ place.c ─> files and offsets ─┬─ a program loaded for it: one link for all of a file (6.6)
 *                                            └─ else a probe for each
 *
 * Offsets are found by us, and the kernel and libbpf are given the descriptor's path: the file that was checked is the one that is traced.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/attach/link.h"
#include "load/attach/place.h"
#include "load/attach/returns.h"
#include "load/attach/usdt.h"
#include "load/explain.h"

#define MAX_SINGLE 1000 /* probes without a link for all of them */

/*
 * Whether this kernel links one program to many functions of files, and, first_of_pid, limits such a link to a process: kernels before 6.10 saw the thread of
 * that number only, and refuse a negative one too late to tell it from a file that is none. A folder is no file to probe (-EBADF).
 */
static void ask_for_uprobe_multi(bool *ret_any, bool *ret_of_process)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = (enum bpf_attach_type)ECLI_ATTACH_UPROBE_MULTI);
	CLEANUP_FD int prog = bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", code, ARRAY_SIZE(code), &opts);
	const uint64_t offset = 0;
	struct ecli_link_attr attr = {
		.fd = (uint32_t)prog,
		.attach_type = ECLI_ATTACH_UPROBE_MULTI,
		.uprobe_multi = { .path = (uint64_t)(uintptr_t) "/",
				  .offsets = (uint64_t)(uintptr_t)&offset,
				  .count = 1 },
	};

	*ret_any = prog >= 0 && ecli_link_create(&attr) == -EBADF;
	attr.uprobe_multi.pid = UINT32_MAX;
	*ret_of_process = *ret_any && ecli_link_create(&attr) == -EINVAL;
}

bool ecli_attach_has_uprobe_multi(bool of_process)
{
	static bool is_asked, any, of_processes;

	if (!is_asked)
		ask_for_uprobe_multi(&any, &of_processes);
	is_asked = true;
	return of_process ? of_processes : any;
}

/* ---- functions ------------------------------------------------------------------------------------------------- */

static int attach_at(const struct ecli_attach *job, const struct ecli_place *place, uint64_t offset,
		     struct ecli_err *err)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = ecli_returns_is(job));
	int fd = ecli_attach_uprobe_at(job, place->binary.kernel_path, offset, place->pid);

	if (fd >= 0)
		return ecli_links_add_fd(job->links, fd, job->name, err);
	if (fd != -ENOSYS)
		return ecli_explain_attach(job, fd, err);
	struct bpf_link *link =
		bpf_program__attach_uprobe_opts(job->prog, place->pid, place->binary.kernel_path, offset, &opts);

	return link ? ecli_links_add(job->links, link, job->name, err) : ecli_explain_attach(job, -errno, err);
}

static int attach_each(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err)
{
	size_t count = place->functions.count;
	int r = 0;

	if (count > MAX_SINGLE)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -E2BIG,
					 "%zu functions of %.200s are like %s (program %s), and without links for many "
					 "this kernel stands probes for %d at once",
					 count, place->binary.path, place->what, job->name, MAX_SINGLE);
	for (size_t i = 0; !r && i < count; i++)
		r = attach_at(job, place, place->functions.offsets[i], err);
	return r;
}

static int attach_linked(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err)
{
	const struct ecli_link_attr attr = {
		.fd = (uint32_t)job->fd,
		.attach_type = (uint32_t)job->attach_type,
		.uprobe_multi = { .path = (uint64_t)(uintptr_t)place->binary.kernel_path,
				  .offsets = (uint64_t)(uintptr_t)place->functions.offsets,
				  .count = (uint32_t)place->functions.count,
				  .flags = !strncmp(job->kind->prefix, "uret", 4) ? ECLI_MULTI_RETURN : 0,
				  .pid = place->pid > 0 ? (uint32_t)place->pid : 0 },
	};
	int r = ecli_link_create(&attr);

	if (r >= 0)
		return ecli_links_add_fd(job->links, r, job->name, err);
	if ((r == -EINVAL || r == -EOPNOTSUPP) && job->attach_type == ECLI_ATTACH_UPROBE_SESSION)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r, "this kernel has no uprobe.session (program %s)",
					 job->name);
	return ecli_explain_attach(job, r, err);
}

static bool is_linked(const struct ecli_attach *job)
{
	return job->attach_type == ECLI_ATTACH_UPROBE_MULTI || job->attach_type == ECLI_ATTACH_UPROBE_SESSION;
}

static int attach_place(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err)
{
	if (job->kind->target == ECLI_TARGET_USDT)
		return ecli_usdt_attach(job, place, err);
	if (place->is_pattern)
		ecli_log(ECLI_LOG_INFO, "%s: %zu functions of %s are like %s%s", job->name, place->functions.count,
			 place->binary.path, place->what, is_linked(job) ? "" : "; probing them one by one");
	return is_linked(job) ? attach_linked(job, place, err) : attach_each(job, place, err);
}

int ecli_attach_user_look(const struct ecli_attach *job, struct ecli_err *err)
{
	CLEANUP(ecli_places_done) struct ecli_places places;

	return ecli_places_find(job, err, &places);
}

int ecli_attach_user(const struct ecli_attach *job, struct ecli_err *err)
{
	CLEANUP(ecli_places_done) struct ecli_places places;
	int r = ecli_places_find(job, err, &places);

	for (size_t i = 0; !r && i < places.count; i++)
		r = attach_place(job, &places.items[i], err);
	return r;
}
