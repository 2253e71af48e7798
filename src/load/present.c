/* SPDX-License-Identifier: MIT */
/*
 * Where a package's programs would attach, without a kernel: for help, inspection and the options that speak of all programs of a
 * kind at once. Attaching itself reads the same keys in the same order (attach/attach.c, attach/target.c).
 */
#include <errno.h>
#include <string.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "load/attach/attach.h"
#include "load/attach/target.h"

static const struct {
	const char *key, *words;
	enum ecli_target targets[3];
} commons[] = {
	[ECLI_ATTACH_INTERFACE] = { "ifname", "attaches to a network interface", { ECLI_TARGET_INTERFACE } },
	[ECLI_ATTACH_CGROUP] = { "cgroup", "attaches to a cgroup", { ECLI_TARGET_CGROUP } },
	[ECLI_ATTACH_PROCESS] = { "pid",
				  "traces functions of processes or samples them",
				  { ECLI_TARGET_UPROBE, ECLI_TARGET_USDT, ECLI_TARGET_EVENT } },
};

static const struct ecli_attach_kind *kind_of(const struct ecli_package_prog *prog, const char **ret_words)
{
	*ret_words = "";
	return prog->attach ? ecli_attach_find(prog->attach, ret_words) : NULL;
}

const char *ecli_attach_form(const struct ecli_package_prog *prog)
{
	const char *words;
	const struct ecli_attach_kind *kind = kind_of(prog, &words);

	return kind ? ecli_target_form(kind) : NULL;
}

static void add_text(const struct ecli_package_extras *extras, const char *key, struct ecli_buf *out)
{
	CLEANUP_FREE char *text = ecli_package_extra_text(extras, key);

	ecli_buf_add_text(out, text ? text : "?");
}

static bool has_text(const struct ecli_package_extras *extras, const char *key)
{
	const char *json = ecli_package_extra(extras, key);

	return json && strcmp(json, "null") != 0;
}

static const char *point_of(const struct ecli_attach_kind *kind, const char *words, const struct ecli_package_tc *tc)
{
	if (*words)
		return words;
	if (!strcmp(kind->prefix, "netkit"))
		return "primary";
	return tc->attach_point == BPF_TC_EGRESS ? "egress" : tc->attach_point == BPF_TC_CUSTOM ? "custom" : "ingress";
}

/* The index in the package becomes a name only when it is attached: 1 is lo on every machine. */
static void add_interface(const struct ecli_package_prog *prog, const struct ecli_attach_kind *kind, const char *words,
			  struct ecli_buf *out)
{
	bool is_socket = kind->prog_type == BPF_PROG_TYPE_SOCKET_FILTER;
	bool is_xdp = is_socket || kind->prog_type == BPF_PROG_TYPE_XDP; /* as to their keys */
	struct ecli_package_xdp xdp = { .ifindex = 1 };
	struct ecli_package_tc tc = { .ifindex = 1 };

	if (is_xdp)
		ecli_package_xdp_read(&prog->extras, NULL, &xdp);
	else
		ecli_package_tc_read(&prog->extras, NULL, &tc);
	uint32_t index = is_xdp ? xdp.ifindex : tc.ifindex;
	if (has_text(&prog->extras, "ifname"))
		add_text(&prog->extras, "ifname", out);
	else if (is_socket && !has_text(&prog->extras, "ifindex"))
		ecli_buf_add_text(out, "all interfaces");
	else if (index == 1)
		ecli_buf_add_text(out, "lo");
	else
		ecli_buf_add_format(out, "%u", index);
	if (!is_xdp)
		ecli_buf_add_format(out, ":%s", point_of(kind, words, &tc));
}

static void add_default(const struct ecli_package_prog *prog, const struct ecli_attach_kind *kind, const char *words,
			struct ecli_buf *out)
{
	switch (kind->target) {
	case ECLI_TARGET_INTERFACE:
		add_interface(prog, kind, words, out);
		break;
	case ECLI_TARGET_CGROUP:
		if (has_text(&prog->extras, "cgroup"))
			add_text(&prog->extras, "cgroup", out);
		else
			ecli_buf_add_text(out, "the whole machine");
		break;
	case ECLI_TARGET_EVENT:
		if (has_text(&prog->extras, "event"))
			add_text(&prog->extras, "event", out);
		else
			ecli_buf_add_text(out, "cpu-clock");
		break;
	case ECLI_TARGET_NETNS:
		ecli_buf_add_text(out, "this network namespace");
		break;
	case ECLI_TARGET_MAP:
		ecli_buf_add_text(out, "its map of sockets");
		break;
	case ECLI_TARGET_NETFILTER:
		ecli_buf_add_text(out, ECLI_TARGET_NETFILTER_DEFAULT);
		break;
	default:
		ecli_buf_add_text(out, words);
	}
}

/* A target that says only a part leaves the rest to the keys. */
static void add_target(const struct ecli_package_prog *prog, const struct ecli_attach_kind *kind, const char *target,
		       struct ecli_buf *out)
{
	bool is_interface = kind->target == ECLI_TARGET_INTERFACE, none = !strcmp(target, "none");

	if (is_interface && !none && has_text(&prog->extras, "ifname")) {
		add_text(&prog->extras, "ifname", out);
		ecli_buf_add_text(out, target + strcspn(target, ":"));
	} else if (kind->target == ECLI_TARGET_CGROUP && !none && has_text(&prog->extras, "cgroup")) {
		add_text(&prog->extras, "cgroup", out);
	} else {
		ecli_buf_add_text(out, target);
	}
}

void ecli_attach_present(const struct ecli_package_prog *prog, struct ecli_buf *out)
{
	CLEANUP(ecli_package_targets_done) struct ecli_package_targets targets = { 0 };
	const char *words;
	const struct ecli_attach_kind *kind = kind_of(prog, &words);

	if (!kind || ecli_package_targets_read(&prog->extras, prog->name ? prog->name : "", NULL, &targets))
		return;
	if (!targets.count)
		add_default(prog, kind, words, out);
	for (size_t i = 0; i < targets.count; i++) {
		ecli_buf_add_text(out, i ? ", " : "");
		add_target(prog, kind, targets.items[i], out);
	}
}

/* ---- all programs of some kinds -------------------------------------------------------------------------------- */

static bool has_common(const struct ecli_package_prog *prog, enum ecli_attach_common what)
{
	const char *words;
	const struct ecli_attach_kind *kind = kind_of(prog, &words);

	for (size_t i = 0; kind && i < ARRAY_SIZE(commons[what].targets); i++)
		if (commons[what].targets[i] != ECLI_TARGET_NONE && commons[what].targets[i] == kind->target)
			return true;
	return false;
}

bool ecli_attach_has(const struct ecli_package *package, enum ecli_attach_common what)
{
	for (size_t i = 0; i < package->n_progs; i++)
		if (has_common(&package->progs[i], what))
			return true;
	return false;
}

int ecli_attach_set(struct ecli_package *package, enum ecli_attach_common what, const char *value, struct ecli_err *err)
{
	bool any = false;

	for (size_t i = 0; i < package->n_progs; i++) {
		if (!has_common(&package->progs[i], what))
			continue;
		any = true;
		if (ecli_package_extra_set_text(&package->progs[i].extras, commons[what].key, value))
			return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	if (any)
		return 0;
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "no program of this tool %s (\"%.100s\")",
				 commons[what].words, value);
}
