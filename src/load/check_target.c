/* SPDX-License-Identifier: MIT */
/*
 * Whether what a program attaches to exists, where that can be known without attaching: tracepoints by their folder in
 * tracefs or the kernel's type information, kernel functions by /proc/kallsyms, user functions by their file. What the
 * kernel looked up when the program was loaded (tp_btf, fentry, LSM, iterators) is not looked up again. The sentences are
 * those of a run (explain_attach.c).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "load/attach/target.h"
#include "load/check.h"
#include "load/explain.h"
#include "load/surroundings.h"

/* One program and what is known while it is looked at. */
struct question {
	struct ecli_try_input *input;
	const struct ecli_attach *job;
	struct ecli_capture facts; /* what explain_attach.c is told */
};

/* ---- kernel functions ------------------------------------------------------------------------------------------ */

/* A system call's function has the architecture before its name: "__x64_sys_prctl". */
static bool is_syscall(const char *symbol, const char *name)
{
	size_t len = strlen(symbol), tail = strlen(name);

	return len >= tail + 4 && !strcmp(symbol + len - tail, name) && !memcmp(symbol + len - tail - 4, "sys_", 4);
}

/* True also when the list cannot be read: only a sure "no" is told. */
static bool kernel_has_syscall(const char *name)
{
	CLEANUP_FILE FILE *file = fopen("/proc/kallsyms", "re");
	CLEANUP_FREE char *line = NULL;
	size_t size = 0, lines = 0;

	while (file && getline(&line, &size, file) > 0) {
		char *symbol = strchr(line, ' ');

		symbol = symbol ? strchr(symbol + 1, ' ') : NULL;
		if (!symbol)
			continue;
		symbol++;
		symbol[strcspn(symbol, "\t\n")] = '\0';
		lines++;
		if (is_syscall(symbol, name))
			return true;
	}
	return !lines;
}

/* ---- one for each kind of target ------------------------------------------------------------------------------- */

static int look_tracepoint(struct question *q, struct ecli_err *err)
{
	const char *tracefs;
	char path[PATH_MAX];

	int r = ecli_load_need_tracefs(err, &tracefs);
	if (r)
		return r;
	snprintf(path, sizeof(path), "%s/events/%s/id", tracefs, q->job->target);
	return euidaccess(path, F_OK) ? ecli_explain_attach(q->job, -ENOENT, err) : 0;
}

static int look_raw_tracepoint(struct question *q, struct ecli_err *err)
{
	char name[256];

	if (q->job->kind->btf_prefix || !ecli_kernel_has_btf())
		return 0;
	snprintf(name, sizeof(name), "btf_trace_%s", q->job->target);
	bool has = ecli_kernel_may_have_name(&q->input->kernel, name);
	ecli_kernel_done(&q->input->kernel);
	return has ? 0 : ecli_explain_attach(q->job, -ENOENT, err);
}

static int look_kprobe(struct question *q, struct ecli_err *err)
{
	return ecli_has_probes("kprobe") ? ecli_attach_probe_look(q->job, err)
					 : ecli_explain_attach(q->job, -ENOENT, err);
}

static int look_syscall(struct question *q, struct ecli_err *err)
{
	bool is_there = ecli_has_probes("kprobe") && kernel_has_syscall(q->job->target);

	return is_there ? 0 : ecli_explain_attach(q->job, -ENOENT, err);
}

static int look_file(struct question *q, struct ecli_err *err)
{
	int r = ecli_attach_user_look(q->job, err);

	return r || ecli_has_probes("uprobe") ? r : ecli_explain_attach(q->job, -ENOENT, err);
}

/* Kinds that look by themselves. */
static int look_by_kind(struct question *q, struct ecli_err *err)
{
	static const struct {
		int (*attach)(const struct ecli_attach *job, struct ecli_err *err);
		int (*look)(const struct ecli_attach *job, struct ecli_err *err);
	} kinds[] = {
		{ ecli_attach_tc, ecli_attach_tc_look },
		{ ecli_attach_xdp, ecli_attach_xdp_look },
		{ ecli_attach_socket_filter, ecli_attach_socket_filter_look },
		{ ecli_attach_perf_event, ecli_attach_perf_event_look },
		{ ecli_attach_netfilter, ecli_attach_netfilter_look },
		{ ecli_attach_socket_map, ecli_attach_socket_map_look },
		{ ecli_attach_once, ecli_attach_once_look },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].attach == q->job->kind->attach)
			return kinds[i].look(q->job, err);
	return 0;
}

static int look_cgroup(struct question *q, struct ecli_err *err)
{
	char path[PATH_MAX];
	CLEANUP_FD int fd = ecli_target_cgroup(q->job, err, path);

	return fd < 0 ? fd : 0;
}

static int look_netns(struct question *q, struct ecli_err *err)
{
	CLEANUP_FD int fd = ecli_target_netns(q->job, err);

	return fd < 0 ? fd : 0;
}

static const struct {
	enum ecli_target target;
	int (*look)(struct question *q, struct ecli_err *err);
} looks[] = {
	{ ECLI_TARGET_TRACEPOINT, look_tracepoint }, { ECLI_TARGET_TRACEPOINT_NAME, look_raw_tracepoint },
	{ ECLI_TARGET_KPROBE, look_kprobe },         { ECLI_TARGET_SYSCALL, look_syscall },
	{ ECLI_TARGET_UPROBE, look_file },           { ECLI_TARGET_USDT, look_file },
	{ ECLI_TARGET_CGROUP, look_cgroup },         { ECLI_TARGET_NETNS, look_netns },
	{ ECLI_TARGET_INTERFACE, look_by_kind },     { ECLI_TARGET_EVENT, look_by_kind },
	{ ECLI_TARGET_NETFILTER, look_by_kind },     { ECLI_TARGET_MAP, look_by_kind },
	{ ECLI_TARGET_NONE, look_by_kind },
};

static int look(const struct ecli_attach *job, void *ctx, struct ecli_err *err)
{
	struct question *q = ctx;

	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		int r = looks[i].target == job->kind->target ? looks[i].look(q, err) : 0;
		if (r)
			return r;
	}
	return 0;
}

int ecli_check_targets(struct ecli_try_input *input, struct ecli_try *try, const struct ecli_capture *capture,
		       struct ecli_try_fault *fault)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, try->object) {
		struct ecli_attach job = { .name = bpf_program__name(prog),
					   .section = bpf_program__section_name(prog),
					   .fd = -1,
					   .attach_type = bpf_program__expected_attach_type(prog),
					   .prog = prog,
					   .object = try->object,
					   .links = &try->links };
		struct question q = { .input = input, .job = &job, .facts = *capture };

		job.kind = bpf_program__autoload(prog) ? ecli_attach_find(job.section, &job.words) : NULL;
		job.capture = &q.facts;
		fault->prog = ecli_try_find_prog(input->package, job.name);
		if (fault->prog >= 0)
			job.extras = &input->package->progs[fault->prog].extras;
		int r = job.kind ? ecli_attach_each(&job, look, &q, &fault->err) : 0;
		if (r)
			return r;
	}
	fault->prog = -1;
	return 0;
}
