/* SPDX-License-Identifier: MIT */
/*
 * From one program to its links: which targets it has, what the kernel must be told of them before it loads the program, and a
 * call of the kind's function for each. Who wins:
 *
 *     --attach, @target  >  --ifname, --cgroup, @tchook, @ifindex, ...  >  the section  >  the kind's default
 *
 * The kinds whose target is part of the loaded program (fentry, tp_btf, LSM, iterators: those with a btf_prefix) have exactly one.
 * Links are kept in the order in which they were made and go in that order.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "load/attach/hook.h"
#include "load/attach/link.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

/* ---- before loading -------------------------------------------------------------------------------------------- */

/* fentry and the like are loaded for their target; other than the section says it is only told here. */
static int set_typed_target(struct bpf_program *prog, const struct ecli_attach_kind *kind, const char *target,
			    struct ecli_err *err)
{
	int r = bpf_program__set_attach_target(prog, 0, target);

	if (!r)
		return 0;
	if (r == -ESRCH && !ecli_kernel_has_btf())
		return ecli_explain_no_btf(bpf_program__name(prog), err);
	return ecli_explain_missing(kind, target, bpf_program__name(prog), err);
}

static int set_type(struct bpf_program *prog, const struct ecli_attach_kind *kind, const char *words, bool no_links,
		    bool has_uprobe_multi)
{
	int attach_type = kind->attach_type;

	if (!kind->prog_type)
		return 0;
	if (!strcmp(kind->prefix, "tcx"))
		attach_type = !strcmp(words, "egress") ? ECLI_ATTACH_TCX_EGRESS : ECLI_ATTACH_TCX_INGRESS;
	if (!strcmp(kind->prefix, "netkit"))
		attach_type = !strcmp(words, "peer") ? ECLI_ATTACH_NETKIT_PEER : ECLI_ATTACH_NETKIT_PRIMARY;
	if (bpf_program__type(prog) != kind->prog_type)
		bpf_program__set_type(prog, kind->prog_type);
	/* A program loaded for such a link could not be attached one by one. */
	if (attach_type == ECLI_ATTACH_KPROBE_MULTI && (no_links || !ecli_attach_has_kprobe_multi()))
		attach_type = 0;
	if (attach_type == ECLI_ATTACH_UPROBE_MULTI && !has_uprobe_multi)
		attach_type = 0;
	if (attach_type || bpf_program__expected_attach_type(prog) == ECLI_ATTACH_KPROBE_MULTI ||
	    bpf_program__expected_attach_type(prog) == ECLI_ATTACH_UPROBE_MULTI)
		bpf_program__set_expected_attach_type(prog, (enum bpf_attach_type)attach_type);
	return 0;
}

/* What may be a pattern is attached with one link (5.18, 6.6), for which the program must have been loaded; all its targets then are. */
static void set_multi(struct bpf_program *prog, const struct ecli_attach_kind *kind, const char *target, bool no_links,
		      bool has_uprobe_multi)
{
	if (!strpbrk(target, "*?") || kind->attach_type)
		return;
	if (kind->target == ECLI_TARGET_KPROBE && !no_links && ecli_attach_has_kprobe_multi())
		bpf_program__set_expected_attach_type(prog, (enum bpf_attach_type)ECLI_ATTACH_KPROBE_MULTI);
	if (kind->target == ECLI_TARGET_UPROBE && has_uprobe_multi)
		bpf_program__set_expected_attach_type(prog, (enum bpf_attach_type)ECLI_ATTACH_UPROBE_MULTI);
}

/* Kinds that attach nowhere without being told; the others have a default of their own. */
static bool needs_target(const struct ecli_attach_kind *kind)
{
	return kind->target > ECLI_TARGET_NONE && kind->target <= ECLI_TARGET_USDT;
}

/* Whether a program on functions of files can be attached with links of many. */
static bool may_link_uprobes(const struct ecli_attach_kind *kind, const struct ecli_package_extras *extras,
			     bool no_links)
{
	const char *pid = extras ? ecli_package_extra(extras, "pid") : NULL;

	return kind->target == ECLI_TARGET_UPROBE && !no_links &&
	       ecli_attach_has_uprobe_multi(pid && strcmp(pid, "null") != 0);
}

int ecli_attach_prepare(struct bpf_program *prog, const struct ecli_package_extras *extras, bool no_links,
			struct ecli_links *held, struct ecli_err *err)
{
	CLEANUP(ecli_package_targets_done) struct ecli_package_targets targets = { 0 };
	const char *name = bpf_program__name(prog), *section = bpf_program__section_name(prog), *words = "";
	const struct ecli_attach_kind *kind = ecli_attach_find(section, &words);

	if (!kind || (!kind->prog_type && bpf_program__type(prog) == BPF_PROG_TYPE_UNSPEC))
		return ecli_err_set(err, -EOPNOTSUPP,
				    "program %s: attaching SEC(\"%s\") programs is not supported by this version", name,
				    section);
	int r = extras ? ecli_package_targets_read(extras, name, err, &targets) : 0;
	if (r)
		return r;
	/* Asked only where it matters: it takes the kernel a load. */
	bool is_many = kind->attach_type || strpbrk(words, "*?");
	for (size_t i = 0; i < targets.count; i++)
		is_many |= strpbrk(targets.items[i], "*?") != NULL;
	bool has_uprobe_multi = is_many && may_link_uprobes(kind, extras, no_links);
	r = set_type(prog, kind, words, no_links, has_uprobe_multi);
	if (r)
		return r;
	if (!targets.count && !*words && (needs_target(kind) || kind->btf_prefix))
		return ecli_err_set(err, -EINVAL,
				    "program %s: SEC(\"%s\") does not say what to attach to: give --attach %s=%s", name,
				    section, name, ecli_target_form(kind));
	if (kind->target == ECLI_TARGET_BPF)
		return ecli_target_replace(prog, targets.count ? targets.items[0] : words, held, err);
	if (kind->btf_prefix && needs_target(kind)) {
		if (targets.count > 1)
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
						 "program %s: %s programs attach to one place, not to %zu", name,
						 kind->noun, targets.count);
		if (targets.count && strpbrk(targets.items[0], "*?"))
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
						 "program %s: %s programs attach to one place, not to a pattern", name,
						 kind->noun);
		return targets.count ? set_typed_target(prog, kind, targets.items[0], err) : 0;
	}
	for (size_t i = 0; i < targets.count; i++)
		set_multi(prog, kind, targets.items[i], no_links, has_uprobe_multi);
	if (!targets.count)
		set_multi(prog, kind, words, no_links, has_uprobe_multi);
	return 0;
}

/* ---- attaching ------------------------------------------------------------------------------------------------- */

int ecli_attach_each(struct ecli_attach *job, ecli_attach_fn fn, void *ctx, struct ecli_err *err)
{
	CLEANUP(ecli_package_targets_done) struct ecli_package_targets targets = { 0 };
	int r = job->extras ? ecli_package_targets_read(job->extras, job->name, err, &targets) : 0;

	if (r)
		return r;
	job->target = needs_target(job->kind) ? job->words : "";
	if (!targets.count)
		return fn(job, ctx, err);
	for (size_t i = 0; !r && i < targets.count; i++) {
		job->target = targets.items[i];
		r = fn(job, ctx, err);
	}
	job->target = "";
	return r;
}

static int attach(const struct ecli_attach *job, void *ctx, struct ecli_err *err)
{
	(void)ctx;
	if (job->opts->is_ending && job->opts->is_ending(job->opts->ctx))
		return ecli_err_set(err, -EINTR, "interrupted");
	return job->kind->attach(job, err);
}

int ecli_attach_run(struct ecli_attach *job, struct ecli_err *err)
{
	const char *sans = job->kind->tracefs_sans;
	int r = sans && (!*sans || access(sans, R_OK)) ? ecli_load_need_tracefs(err, NULL) : 0;

	return r ? r : ecli_attach_each(job, attach, NULL, err);
}

/* ---- links ----------------------------------------------------------------------------------------------------- */

static const struct ecli_link no_link = { .fd = -1, .map = { .fd = -1 } };

static void destroy(struct ecli_link *link)
{
	bpf_link__destroy(link->link);
	ecli_hook_free(link->hook);
	if (link->map.fd >= 0)
		bpf_prog_detach2(link->map.prog_fd, link->map.fd, (enum bpf_attach_type)link->map.attach_type);
	if (link->fd >= 0)
		close(link->fd);
}

static int add(struct ecli_links *links, struct ecli_link link, struct ecli_err *err)
{
	struct ecli_link *items = reallocarray(links->items, links->count + 1, sizeof(*items));

	if (!items) {
		destroy(&link);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	links->items = items;
	items[links->count++] = link;
	return 0;
}

int ecli_links_add(struct ecli_links *links, struct bpf_link *bpf_link, const char *prog, struct ecli_err *err)
{
	struct ecli_link link = no_link;

	link.link = bpf_link;
	link.prog = prog;
	return add(links, link, err);
}

int ecli_links_add_fd(struct ecli_links *links, int fd, const char *prog, struct ecli_err *err)
{
	struct ecli_link link = no_link;

	link.fd = fd;
	link.prog = prog;
	return add(links, link, err);
}

int ecli_links_add_iter(struct ecli_links *links, int fd, const char *prog, struct ecli_err *err)
{
	struct ecli_link link = no_link;

	link.fd = fd;
	link.prog = prog;
	link.is_iter = true;
	return add(links, link, err);
}

int ecli_links_add_hook(struct ecli_links *links, struct ecli_hook *hook, const char *prog, struct ecli_err *err)
{
	struct ecli_link link = no_link;

	link.hook = hook;
	link.prog = prog;
	return add(links, link, err);
}

int ecli_links_add_map(struct ecli_links *links, const struct ecli_attach *job, int map_fd, struct ecli_err *err)
{
	struct ecli_link link = no_link;

	link.map = (struct ecli_link_map){ .fd = map_fd, .prog_fd = job->fd, .attach_type = job->attach_type };
	link.prog = job->name;
	return add(links, link, err);
}

void ecli_links_cut(struct ecli_links *links, size_t count)
{
	while (links->count > count)
		destroy(&links->items[--links->count]);
}

void ecli_links_release(struct ecli_links *links)
{
	for (size_t i = 0; i < links->count; i++) {
		ecli_hook_free(links->items[i].hook);
		links->items[i].hook = NULL;
	}
}

void ecli_links_done(struct ecli_links *links)
{
	for (size_t i = 0; i < links->count; i++)
		destroy(&links->items[i]);
	free(links->items);
	ecli_samplers_free(links);
	*links = (struct ecli_links){ 0 };
}
