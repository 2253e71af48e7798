/* SPDX-License-Identifier: MIT */
/*
 * Failures of loading. In the order in which they exclude each other: rights, the machine as a whole, the kernel's type
 * information, one map, one program; for a program the verifier's log is looked at before the errno, because the log
 * knows more. A log that mentions something the kernel does not have is the kernel's lack; any other log is a
 * rejection, with its last lines. (What went wrong when attaching is said by explain_attach.c.)
 */
#include "load/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "load/kernel.h"
#include "load/verdict.h"

#define NEEDS_BTF "no type information of itself (/sys/kernel/btf/vmlinux; CONFIG_DEBUG_INFO_BTF)"

int ecli_explain_refused(int code, struct ecli_err *err)
{
	if (ecli_kernel_may_load() && !ecli_kernel_may_network())
		return ecli_err_set(err, -EPERM, "needs CAP_NET_ADMIN for programs of packets, sockets and cgroups: %s",
				    geteuid() ? "try sudo" : "in a container, run it with --privileged");
	if (ecli_kernel_may_load())
		return ecli_err_set_fail(
			err, ECLI_FAIL_KERNEL, code,
			"this system does not let even root load BPF programs (%s): it is locked down, "
			"or this is a container without the right to",
			ecli_kernel_errno_words(code));
	if (geteuid() == 0)
		return ecli_err_set(err, -EPERM,
				    "needs CAP_BPF and CAP_PERFMON, which root does not have here: in a container, "
				    "run it with --privileged");
	return ecli_err_set(err, -EPERM, "needs root (CAP_BPF and CAP_PERFMON): try sudo");
}

int ecli_explain_no_btf(const char *prog, struct ecli_err *err)
{
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ESRCH, "this kernel has " NEEDS_BTF ", which program %s needs",
				 prog);
}

static const struct {
	enum ecli_target target;
	const char *words;
} target_words[] = {
	{ ECLI_TARGET_FUNCTION, "function" },
	{ ECLI_TARGET_TRACEPOINT_NAME, "tracepoint" },
	{ ECLI_TARGET_LSM, "security hook" },
	{ ECLI_TARGET_ITER, "iterator" },
};

int ecli_explain_missing(const struct ecli_attach_kind *kind, const char *target, const char *prog,
			 struct ecli_err *err)
{
	const char *words = "place to attach to called";

	for (size_t i = 0; i < ARRAY_SIZE(target_words); i++)
		if (target_words[i].target == kind->target)
			words = target_words[i].words;
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ENOENT, "this kernel has no %s %s (program %s)", words, target,
				 prog);
}

bool ecli_explain_is_final(const struct ecli_err *err)
{
	return err->code == -ENOMEM || ecli_explain_is_files(err->code) ||
	       (err->code == -EPERM && !ecli_kernel_may_load());
}

void ecli_explain_clean(char *text)
{
	unsigned char previous = 0;

	for (unsigned char *p = (unsigned char *)text; *p; previous = *p++) {
		/* U+0080 to U+009F, controls too, are c2 80 to c2 9f in UTF-8; bare they are controls of 8-bit
		 * terminals. */
		bool is_c1 = *p >= 0x80 && *p < 0xa0 && (previous == 0xc2 || previous < 0x80);

		if (*p == '\t')
			*p = ' ';
		else if ((*p < 0x20 && *p != '\n') || *p == 0x7f || is_c1)
			*p = '?';
	}
}

/* ---- maps ------------------------------------------------------------------------------------------------------ */

static int explain_map(struct bpf_map *map, int code, struct ecli_err *err)
{
	const char *name = bpf_map__name(map);
	const char *words = ecli_kernel_map_words(bpf_map__type(map));

	if (code == -ENOMEM)
		return ecli_err_set(err, code, "not enough memory for map %s (%u entries of %u bytes)", name,
				    bpf_map__max_entries(map), bpf_map__value_size(map));
	if (libbpf_probe_bpf_map_type(bpf_map__type(map), NULL) == 0)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code, "this kernel has no %s maps (map %s)", words,
					 name);
	if (code == -E2BIG)
		return ecli_err_set(err, code, "map %s is larger than a map can be (%u entries of %u bytes)", name,
				    bpf_map__max_entries(map), bpf_map__value_size(map));
	return ecli_err_set(err, code, "the kernel refused map %s (%s, key %u bytes, value %u bytes, %u entries): %s",
			    name, words, bpf_map__key_size(map), bpf_map__value_size(map), bpf_map__max_entries(map),
			    ecli_kernel_errno_words(code));
}

/* ---- programs: what the verifier said -------------------------------------------------------------------------- */

static int explain_helper(const char *prog, const struct ecli_verdict *verdict, int code, struct ecli_err *err)
{
	const char *number = strrchr(verdict->reason, '#');
	const char *name = number ? ecli_kernel_helper_name(strtoull(number + 1, NULL, 10)) : NULL;

	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code, "this kernel does not have %s%s for program %s",
				 name ? "the helper " : "helper number ",
				 name     ? name
				 : number ? number + 1
					  : "?",
				 prog);
}

/* "failed to resolve CO-RE relocation <byte_off> [13] struct task_struct.nope (0:3 @ offset 8)" */
static int explain_relocation(const char *prog, const struct ecli_verdict *verdict, int code, struct ecli_err *err)
{
	const char *name = strchr(verdict->reason, ']');
	size_t len = name ? strcspn(name, "(") : 0;

	if (!name)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel's types lack something that program %s reads", prog);
	name++;
	while (*name == ' ')
		name++;
	len = strcspn(name, "(");
	while (len && name[len - 1] == ' ')
		len--;
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code, "this kernel has no %.*s, which program %s reads",
				 (int)len, name, prog);
}

static int explain_unmade_map(const char *prog, const struct ecli_verdict *verdict, int code, struct ecli_err *err)
{
	return ecli_err_set(err, code, "program %s uses a map of an alternative that was not taken: %s", prog,
			    verdict->reason);
}

static int explain_atomics(const char *prog, const struct ecli_verdict *verdict, int code, struct ecli_err *err)
{
	(void)verdict;
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
				 "this kernel has no atomic operations that return a value (Linux 5.12), which program "
				 "%s uses",
				 prog);
}

/* A function that is only passed to a helper is none for a kernel that cannot pass functions. */
static int explain_callback(const char *prog, const struct ecli_verdict *verdict, int code, struct ecli_err *err)
{
	(void)verdict;
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
				 "this kernel does not let helpers call functions (Linux 5.13), as program %s does",
				 prog);
}

/* Reasons that mean something else than "the program is wrong". */
static const struct {
	const char *part;
	int (*explain)(const char *prog, const struct ecli_verdict *verdict, int code, struct ecli_err *err);
} reasons[] = {
	{ "invalid func ", explain_helper },
	{ "unknown func ", explain_helper },
	{ "cannot use helper ", explain_helper }, /* since 6.9 */
	{ "failed to resolve CO-RE relocation", explain_relocation },
	{ "is referenced but wasn't created", explain_unmade_map },
	{ "BPF_STX uses reserved fields", explain_atomics },
	{ "number of funcs in func_info doesn't match number of subprogs", explain_callback },
};

static int explain_verdict(const char *prog, const char *log, int code, struct ecli_err *err)
{
	struct ecli_verdict verdict;

	ecli_verdict_read(log, &verdict);
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (strstr(verdict.reason, reasons[i].part))
			return reasons[i].explain(prog, &verdict, code, err);

	bool has_source = verdict.source[0], has_where = verdict.where[0];
	const char *advice = ecli_verdict_advice(verdict.reason);
	size_t tail_len = verdict.tail_len < 3000 ? verdict.tail_len : 3000;
	if (strlen(verdict.reason) == tail_len && !memcmp(verdict.reason, verdict.tail, tail_len))
		tail_len = 0; /* a log of one line is not shown twice */
	return ecli_err_set(err, code, "the kernel rejected program %s%s%s%s%s%s%s: %s%s%s%s%.*s", prog,
			    has_source ? " at `" : "", verdict.source, has_source ? "`" : "", has_where ? " (" : "",
			    verdict.where, has_where ? ")" : "",
			    verdict.reason[0] ? verdict.reason : "the end of its log follows", advice ? "; " : "",
			    advice ? advice : "", tail_len ? "\n" : "", (int)tail_len, verdict.tail);
}

/* ---- programs: what errno says --------------------------------------------------------------------------------- */

/* A flag at loading (5.18); kernels that do not know it refuse any program with it without a word. */
static bool has_xdp_frags(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_XDP_HAS_FRAGS);
	CLEANUP_FD int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, NULL, "GPL", code, ARRAY_SIZE(code), &opts);

	return fd >= 0;
}

static int explain_prog(const struct bpf_program *prog, const char *log, int code, struct ecli_err *err)
{
	const char *name = bpf_program__name(prog), *section = bpf_program__section_name(prog);
	const char *target = "", *words = ecli_kernel_errno_words(code);
	const struct ecli_attach_kind *kind = ecli_attach_find(section, &target);

	/* Before 6.0 the kernel takes such a program for one of LSM, and what it says of it has nothing to do with that. */
	if (kind && !strcmp(kind->prefix, "lsm_cgroup") &&
	    libbpf_find_vmlinux_btf_id("bpf_trampoline_link_cgroup_shim", BPF_TRACE_FENTRY) < 0)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code, "this kernel has no %s programs (program %s)",
					 kind->noun, name);
	if (kind && !strcmp(kind->prefix, "xdp.frags") && code == -EINVAL && !has_xdp_frags())
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel has no XDP programs for frames in several pieces (program %s)",
					 name);
	if (log[0])
		return explain_verdict(name, log, code, err);
	if (code == -ESRCH && kind && kind->btf_prefix)
		return ecli_explain_missing(kind, target, name, err);
	if (code == -EPERM || code == -EACCES)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel does not let %s programs attach (%s; program %s)",
					 kind ? kind->noun : section, words, name);
	/* Types that are newer than libbpf, which it cannot probe, are refused without a word where they are not known. */
	bool is_newer = code == -EINVAL && (int)bpf_program__type(prog) > BPF_PROG_TYPE_SYSCALL;
	if (is_newer || libbpf_probe_bpf_prog_type(bpf_program__type(prog), NULL) == 0 || code == -ENOTSUP ||
	    code == -524)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code, "this kernel has no %s programs (program %s: %s)",
					 kind ? kind->noun : section, name, words);
	return ecli_err_set(err, code, "the kernel refused program %s (SEC(\"%s\")): %s", name, section, words);
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

/* What CAP_BPF alone does not load: maps of sockets and interfaces, programs on packets, sockets, cgroups and other programs. */
static bool is_about_networks(const struct ecli_explain_load *what)
{
	const struct bpf_program *prog = bpf_object__find_program_by_name(what->object, what->capture->prog);
	const char *words;
	const struct ecli_attach_kind *kind = prog ? ecli_attach_find(bpf_program__section_name(prog), &words) : NULL;

	return what->capture->map[0] || (kind && kind->target >= ECLI_TARGET_INTERFACE);
}

int ecli_explain_load(const struct ecli_explain_load *what, int code, struct ecli_err *err, const char **ret_prog,
		      const char **ret_map)
{
	const struct ecli_capture *capture = what->capture;
	bool refused = code == -EPERM || (code == -EACCES && !what->log[0]);

	*ret_prog = *ret_map = NULL;
	if (ecli_explain_is_files(code))
		return ecli_explain_files(code, err);
	if (refused && (capture->nothing_loads || !ecli_kernel_may_load() ||
			(!ecli_kernel_may_network() && is_about_networks(what))))
		return ecli_explain_refused(code, err);
	if (capture->nothing_loads)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code, "this kernel cannot run BPF programs: %s",
					 ecli_kernel_errno_words(code));
	if (capture->bad_target_btf)
		return ecli_err_set(err, -EINVAL, "%s does not hold type information (BTF) of a kernel",
				    what->btf_name ? what->btf_name : "the given file");
	if (capture->no_kernel_btf)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ESRCH,
					 "this kernel has " NEEDS_BTF ", which the tool needs to fit itself to it: "
					 "take a kernel that has it, or name a file with it (--btf FILE)");
	if (capture->missing_extern[0])
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ENOENT,
					 "this kernel has no function or variable %s, which the tool uses",
					 capture->missing_extern);

	struct bpf_map *map = capture->map[0] ? bpf_object__find_map_by_name(what->object, capture->map) : NULL;
	if (map) {
		*ret_map = bpf_map__name(map);
		return explain_map(map, code, err);
	}
	struct bpf_program *prog =
		capture->prog[0] ? bpf_object__find_program_by_name(what->object, capture->prog) : NULL;
	if (prog) {
		*ret_prog = bpf_program__name(prog);
		return explain_prog(prog, what->log, code, err);
	}
	return ecli_err_set(err, code, "the tool's object could not be loaded: %s", ecli_kernel_errno_words(code));
}
