/* SPDX-License-Identifier: MIT */
/*
 * SEC("kprobe/..."), SEC("ksyscall/..."), SEC("kprobe.multi/PATTERN"), SEC("kprobe.session/PATTERN"): functions of the kernel, by name or
 * by pattern ('*' and '?'), with MODULE: before it of a module.
 *
 *     one name     a perf event, or tracefs on old kernels; a name that the kernel has several times: each of them, by address
 *     a pattern    the names of tracefs's available_filter_functions that fit (kfunctions.h), in one link (5.18); without that kind
 *                  of link a probe each, of which a kernel stands some hundreds
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "load/attach/kfunctions.h"
#include "load/attach/ktable.h"
#include "load/attach/link.h"
#include "load/explain.h"

#ifdef __aarch64__
#define SYSCALL_PREFIX "__arm64_sys_"
#else
#define SYSCALL_PREFIX "__x64_sys_"
#endif

#define MAX_SINGLE 1000 /* probes without a link for all of them */

/* With a program that does nothing and a function that nobody has: a kernel with such links looks for the function. */
static bool ask_for_kprobe_multi(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = (enum bpf_attach_type)ECLI_ATTACH_KPROBE_MULTI);
	const char *name = "ecli_no_such_function";
	CLEANUP_FD int prog = bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", code, ARRAY_SIZE(code), &opts);

	if (prog < 0)
		return false;
	const struct ecli_link_attr attr = {
		.fd = (uint32_t)prog,
		.attach_type = ECLI_ATTACH_KPROBE_MULTI,
		.kprobe_multi = { .count = 1, .symbols = (uint64_t)(uintptr_t)&name },
	};
	CLEANUP_FD int link = ecli_link_create(&attr);
	return link >= 0 || (link != -EINVAL && link != -EOPNOTSUPP);
}

bool ecli_attach_has_kprobe_multi(void)
{
	static int answer = -1;

	if (answer < 0)
		answer = ask_for_kprobe_multi();
	return answer;
}

static bool is_return(const struct ecli_attach *job)
{
	return !strncmp(job->kind->prefix, "kret", 4);
}

/* Loaded for links of many, which is the only way to attach it then. */
static bool is_linked(const struct ecli_attach *job)
{
	return job->attach_type == ECLI_ATTACH_KPROBE_MULTI || job->attach_type == ECLI_ATTACH_KPROBE_SESSION;
}

static int read_target(const struct ecli_attach *job, struct ecli_ktarget *ret, struct ecli_err *err)
{
	if (ecli_ktarget_read(job->target, ret))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: \"%.100s\" names no function of the kernel; write "
					 "[MODULE:]FUNCTION or FUNCTION+OFFSET",
					 job->name, job->target);
	if ((is_return(job) || is_linked(job)) && ret->has_offset)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: a %s probe has no offset: write %.*s", job->name, job->kind->noun,
					 (int)strcspn(job->target, "+"), job->target);
	return 0;
}

/* ---- what is not there ----------------------------------------------------------------------------------------- */

static bool has_module(const char *name)
{
	char path[sizeof("/sys/module/") + 64];

	snprintf(path, sizeof(path), "/sys/module/%.63s", name);
	return !euidaccess(path, F_OK);
}

/* The kernel does not know the name, or not as one that can be probed. */
static int explain_name(const struct ecli_attach *job, const struct ecli_ktarget *want, const struct ecli_ktable *has,
			struct ecli_err *err)
{
	if (*want->module && !has_module(want->module))
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ENOENT,
					 "module %s is not loaded, of which program %s probes %s: modprobe %s",
					 want->module, job->name, want->name, want->module);
	if (*has->variant && !has->count)
		return ecli_err_set_fail(
			err, ECLI_FAIL_KERNEL, -ENOENT,
			"this kernel has no function %s that can be probed (program %s): the compiler made %s of "
			"it, whose arguments may be others: --attach %s=%s",
			want->name, job->name, has->variant, job->name, has->variant);
	return ecli_explain_attach(job, has->count ? -EINVAL : -ENOENT, err);
}

/* ---- one by one ------------------------------------------------------------------------------------------------ */

/* By libbpf where the kernel has probes in tracefs only. */
static int attach_named(const struct ecli_attach *job, const char *name, uint64_t offset)
{
	int fd = ecli_attach_kprobe_at(job, name, offset);

	if (fd >= 0)
		return ecli_links_add_fd(job->links, fd, job->name, NULL);
	if (fd != -ENOSYS)
		return fd;
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .offset = offset, .retprobe = is_return(job));
	struct bpf_link *link = bpf_program__attach_kprobe_opts(job->prog, name, &opts);

	return link ? ecli_links_add(job->links, link, job->name, NULL) : -errno;
}

/* A name that stands for several: each of them by its address. What cannot be probed (notrace) is left out, and told. */
static int attach_all(const struct ecli_attach *job, const struct ecli_ktarget *want, const struct ecli_ktable *has)
{
	size_t count = has->count < ECLI_KTABLE_MAX ? has->count : ECLI_KTABLE_MAX, attached = 0;
	int r = -EADDRNOTAVAIL;

	for (size_t i = 0; i < count && has->addresses[i]; i++) {
		int one = attach_named(job, NULL, has->addresses[i] + want->offset);

		attached += !one;
		r = one ? one : r;
	}
	if (!attached)
		return r;
	ecli_log(attached < has->count ? ECLI_LOG_WARN : ECLI_LOG_INFO,
		 "%s: this kernel has %zu functions %s; %zu of them are probed", job->name, has->count, want->name,
		 attached);
	return 0;
}

/* Which function it is that the kernel could not find by its name, or found several times. */
static int attach_by_table(const struct ecli_attach *job, const struct ecli_ktarget *want, int code,
			   struct ecli_err *err)
{
	struct ecli_ktable has;
	int r = code;

	ecli_ktable_find(want, &has);
	if (code == -EADDRNOTAVAIL) {
		r = attach_all(job, want, &has);
	} else if (!has.count && *has.variant && ecli_ktable_is_same(has.variant)) {
		ecli_log(ECLI_LOG_INFO, "%s: %s is called %s in this kernel", job->name, want->name, has.variant);
		r = attach_named(job, has.variant, want->offset);
	} else {
		return explain_name(job, want, &has, err);
	}
	return r ? ecli_explain_attach(job, r, err) : 0;
}

static int attach_function(const struct ecli_attach *job, const struct ecli_ktarget *want, struct ecli_err *err)
{
	char name[sizeof(want->module) + sizeof(want->name) + 1];

	snprintf(name, sizeof(name), "%s%s%s", want->module, *want->module ? ":" : "", want->name);
	int r = attach_named(job, name, want->offset);
	if (r == -EADDRNOTAVAIL || r == -ENOENT)
		return attach_by_table(job, want, r, err);
	return r ? ecli_explain_attach(job, r, err) : 0;
}

/* ---- many ------------------------------------------------------------------------------------------------------ */

static int find(const struct ecli_attach *job, const struct ecli_ktarget *want, struct ecli_kfunctions *ret,
		struct ecli_err *err)
{
	struct ecli_ktable has;
	const char *tracefs;

	int r = ecli_load_need_tracefs(err, &tracefs);
	r = r ? r : ecli_kfunctions_find(tracefs, want, ret);
	if (r == -ENOMEM)
		return ecli_err_set(err, r, "out of memory");
	if (r == -ENOENT)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r,
					 "this kernel does not list the functions that can be traced, which program %s "
					 "needs for %s",
					 job->name, job->target);
	if (r || ret->count)
		return r;
	if (want->is_pattern)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ENOENT,
					 "this kernel has no function like %s that can be probed (program %s)",
					 job->target, job->name);
	ecli_ktable_find(want, &has);
	return explain_name(job, want, &has, err);
}

/* Kernels without links for many: what cannot be probed is left out, as the link does not. */
static int attach_each(const struct ecli_attach *job, const struct ecli_ktarget *want, struct ecli_err *err)
{
	CLEANUP(ecli_kfunctions_done) struct ecli_kfunctions functions = { 0 };
	size_t attached = 0;
	int r = find(job, want, &functions, err);

	if (r)
		return r;
	ecli_kfunctions_drop_doubles(&functions);
	if (functions.count > MAX_SINGLE)
		return ecli_err_set_fail(
			err, ECLI_FAIL_KERNEL, -E2BIG,
			"%zu functions of this kernel are like %s (program %s), and without links for many "
			"it stands probes for %d at once",
			functions.count, job->target, job->name, MAX_SINGLE);
	ecli_log(ECLI_LOG_INFO, "%s: no link for many functions here; probing %zu one by one", job->name,
		 functions.count);
	for (size_t i = 0; i < functions.count; i++) {
		struct ecli_ktarget one = *want;
		struct ecli_err why;

		snprintf(one.name, sizeof(one.name), "%s", functions.names[i]);
		int code = attach_function(job, &one, &why);
		attached += !code;
		r = code ? code : r;
	}
	return attached ? 0 : ecli_explain_attach(job, r, err);
}

static int link_many(const struct ecli_attach *job, const struct ecli_kfunctions *functions)
{
	const struct ecli_link_attr attr = {
		.fd = (uint32_t)job->fd,
		.attach_type = (uint32_t)job->attach_type,
		.kprobe_multi = { .flags = is_return(job) ? ECLI_MULTI_RETURN : 0,
				  .count = (uint32_t)functions->count,
				  .symbols = functions->addresses ? 0 : (uint64_t)(uintptr_t)functions->names,
				  .addresses = (uint64_t)(uintptr_t)functions->addresses },
	};

	return ecli_link_create(&attr);
}

static int attach_linked(const struct ecli_attach *job, const struct ecli_ktarget *want, struct ecli_err *err)
{
	CLEANUP(ecli_kfunctions_done) struct ecli_kfunctions functions = { 0 };
	int r = find(job, want, &functions, err);

	if (r)
		return r;
	size_t found = functions.count;
	r = functions.addresses ? link_many(job, &functions) : -EINVAL;
	if (r < 0) {
		/* By name the kernel takes one of each. */
		ecli_kfunctions_drop_doubles(&functions);
		if (functions.count < found)
			ecli_log(ECLI_LOG_WARN,
				 "%s: %zu functions that are like %s share a name with another, and only one of a name "
				 "is "
				 "traced",
				 job->name, found - functions.count, job->target);
		r = link_many(job, &functions);
	}
	if (r >= 0) {
		ecli_log(ECLI_LOG_INFO, "%s: %zu functions are like %s", job->name, functions.count, job->target);
		return ecli_links_add_fd(job->links, r, job->name, err);
	}
	if ((r == -EINVAL || r == -EOPNOTSUPP) && job->attach_type == ECLI_ATTACH_KPROBE_SESSION)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r, "this kernel has no kprobe.session (program %s)",
					 job->name);
	return ecli_explain_attach(job, r, err);
}

/* ---- the kind -------------------------------------------------------------------------------------------------- */

static int attach_syscall(const struct ecli_attach *job, struct ecli_err *err)
{
	LIBBPF_OPTS(bpf_ksyscall_opts, opts, .retprobe = is_return(job));
	char name[ECLI_KSYM_NAME];

	/* Where there are wrappers (4.17); libbpf knows the other names. */
	snprintf(name, sizeof(name), SYSCALL_PREFIX "%.200s", job->target);
	int fd = ecli_attach_kprobe_at(job, name, 0);
	if (fd >= 0)
		return ecli_links_add_fd(job->links, fd, job->name, err);
	struct bpf_link *link = bpf_program__attach_ksyscall(job->prog, job->target, &opts);

	return link ? ecli_links_add(job->links, link, job->name, err) : ecli_explain_attach(job, -errno, err);
}

int ecli_attach_probe(const struct ecli_attach *job, struct ecli_err *err)
{
	struct ecli_ktarget want;

	if (job->kind->target == ECLI_TARGET_SYSCALL)
		return attach_syscall(job, err);
	int r = read_target(job, &want, err);
	if (r)
		return r;
	if (is_linked(job))
		return attach_linked(job, &want, err);
	return want.is_pattern ? attach_each(job, &want, err) : attach_function(job, &want, err);
}

int ecli_attach_probe_look(const struct ecli_attach *job, struct ecli_err *err)
{
	CLEANUP(ecli_kfunctions_done) struct ecli_kfunctions functions = { 0 };
	struct ecli_ktarget want;
	struct ecli_ktable has;

	int r = read_target(job, &want, err);
	if (r || want.is_pattern || is_linked(job))
		return r ? r : find(job, &want, &functions, err);
	ecli_ktable_find(&want, &has);
	if (!has.is_read || has.count == 1 || (has.count && has.addresses[0]) || *want.module)
		return has.is_read && !has.count ? explain_name(job, &want, &has, err) : 0;
	if (has.count)
		return ecli_explain_attach(job, -EADDRNOTAVAIL, err);
	return *has.variant && ecli_ktable_is_same(has.variant) ? 0 : explain_name(job, &want, &has, err);
}
