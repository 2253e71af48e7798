/* SPDX-License-Identifier: MIT */
/*
 * SEC("kprobe/..."), SEC("ksyscall/..."), SEC("kprobe.multi/PATTERN"), SEC("kprobe.session/PATTERN"): functions of the kernel, by name or
 * by pattern ('*' and '?').
 *
 *     one name     libbpf: perf_event_open(2), or tracefs on old kernels
 *     a pattern    the names of tracefs's available_filter_functions that fit, in one link (5.18); without that kind of
 *                  link a probe each, of which a kernel stands some hundreds
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "load/attach/link.h"
#include "load/explain.h"
#include "load/kernel.h"
#include "where/where.h"

#define MAX_FUNCTIONS 100000
#define MAX_SINGLE    1000 /* probes without a link for all of them */

struct names {
	char **items;
	size_t count;
};

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(struct names *names, const char *name)
{
	if (!(names->count & (names->count - 1))) {
		char **items = reallocarray(names->items, names->count ? names->count * 2 : 1, sizeof(*items));

		if (!items)
			return -ENOMEM;
		names->items = items;
	}
	names->items[names->count] = strdup(name);
	return names->items[names->count++] ? 0 : -ENOMEM;
}

static void drop_doubles(struct names *names)
{
	size_t kept = 0;

	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), by_name);
	for (size_t i = 0; i < names->count; i++) {
		if (kept && !strcmp(names->items[kept - 1], names->items[i]))
			free(names->items[i]);
		else
			names->items[kept++] = names->items[i];
	}
	names->count = kept;
}

/* "vfs_read" and "nf_hook [module]", a line each. */
static int find_names(const struct ecli_attach *job, struct ecli_err *err, struct names *names)
{
	CLEANUP_FREE char *line = NULL, *path = NULL;
	const char *tracefs;
	size_t size = 0;

	int r = ecli_load_need_tracefs(err, &tracefs);
	if (r)
		return r;
	if (asprintf(&path, "%s/available_filter_functions", tracefs) < 0)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	CLEANUP_FILE FILE *file = fopen(path, "re");
	if (!file)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -errno,
					 "this kernel does not list the functions that can be traced, which program %s "
					 "needs for the pattern %s",
					 job->name, job->target);
	while (!r && names->count < MAX_FUNCTIONS && getline(&line, &size, file) > 0) {
		line[strcspn(line, " \t\n")] = '\0';
		/* Other names are not in the kernel's table of symbols in this form. */
		if (where_glob(job->target, strlen(job->target), line, strlen(line)) &&
		    !strstr(line, "__ftrace_invalid_address"))
			r = add_name(names, line);
	}
	if (r)
		return ecli_err_set(err, r, "out of memory");
	drop_doubles(names);
	if (!names->count)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ENOENT,
					 "this kernel has no function like %s that can be probed (program %s)",
					 job->target, job->name);
	return 0;
}

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

static int attach_one(const struct ecli_attach *job, const char *name, unsigned long offset)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .offset = offset, .retprobe = is_return(job));
	struct bpf_link *link = bpf_program__attach_kprobe_opts(job->prog, name, &opts);

	return link ? ecli_links_add(job->links, link, job->name, NULL) : -errno;
}

/* Kernels without links for many: what cannot be probed is left out, as the link does not. */
static int attach_each(const struct ecli_attach *job, const struct names *names, struct ecli_err *err)
{
	size_t attached = 0;
	int r = 0;

	if (names->count > MAX_SINGLE)
		return ecli_err_set_fail(
			err, ECLI_FAIL_KERNEL, -E2BIG,
			"%zu functions of this kernel are like %s (program %s), and without links for many "
			"it stands probes for %d at once",
			names->count, job->target, job->name, MAX_SINGLE);
	for (size_t i = 0; i < names->count; i++) {
		int one = attach_one(job, names->items[i], 0);

		attached += !one;
		r = one ? one : r;
	}
	return attached ? 0 : ecli_explain_attach(job, r, err);
}

static int attach_pattern(const struct ecli_attach *job, struct ecli_err *err)
{
	CLEANUP(free_names) struct names names = { 0 };

	int r = find_names(job, err, &names);
	if (r)
		return r;
	const struct ecli_link_attr attr = {
		.fd = (uint32_t)job->fd,
		.attach_type = (uint32_t)job->attach_type,
		.kprobe_multi = { .flags = is_return(job) ? ECLI_MULTI_RETURN : 0,
				  .count = (uint32_t)names.count,
				  .symbols = (uint64_t)(uintptr_t)names.items },
	};
	r = job->no_links ? -EINVAL : ecli_link_create(&attr);
	if (r >= 0) {
		ecli_log(ECLI_LOG_INFO, "%s: %zu functions are like %s", job->name, names.count, job->target);
		return ecli_links_add_fd(job->links, r, job->name, err);
	}
	if (r != -EINVAL && r != -EOPNOTSUPP)
		return ecli_explain_attach(job, r, err);
	if (job->attach_type == ECLI_ATTACH_KPROBE_SESSION)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r, "this kernel has no kprobe.session (program %s)",
					 job->name);
	ecli_log(ECLI_LOG_INFO, "%s: no link for many functions here; probing %zu one by one", job->name, names.count);
	return attach_each(job, &names, err);
}

/* "function+0x10": with the descriptor alone, or where the kernel has probes in tracefs only, by libbpf. */
static int attach_function(const struct ecli_attach *job, struct ecli_err *err)
{
	const char *plus = strchr(job->target, '+');
	CLEANUP_FREE char *name = strndup(job->target, plus ? (size_t)(plus - job->target) : strlen(job->target));
	uint64_t offset = 0;
	int fd;

	if (!name)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (!*name || (plus && ecli_num_parse_u64(plus + 1, &offset)))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: \"%.100s\" names no function of the kernel; write FUNCTION or "
					 "FUNCTION+OFFSET",
					 job->name, job->target);
	int r = ecli_attach_direct(job, &fd);
	if (!r)
		return ecli_links_add_fd(job->links, fd, job->name, err);
	r = r == -ENOSYS ? attach_one(job, name, offset) : r;
	return r ? ecli_explain_attach(job, r, err) : 0;
}

static int attach_syscall(const struct ecli_attach *job, struct ecli_err *err)
{
	LIBBPF_OPTS(bpf_ksyscall_opts, opts, .retprobe = is_return(job));
	struct bpf_link *link = bpf_program__attach_ksyscall(job->prog, job->target, &opts);

	return link ? ecli_links_add(job->links, link, job->name, err) : ecli_explain_attach(job, -errno, err);
}

int ecli_attach_probe(const struct ecli_attach *job, struct ecli_err *err)
{
	if (job->kind->target == ECLI_TARGET_SYSCALL)
		return attach_syscall(job, err);
	if (job->kind->attach_type || strpbrk(job->target, "*?"))
		return attach_pattern(job, err);
	return attach_function(job, err);
}
