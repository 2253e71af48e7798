/* SPDX-License-Identifier: MIT */
/*
 * Failures of loading, turned into questions to the table of causes (causes.c): the object as a whole, one map, one program. For a program the
 * verifier's log is looked at before the errno, because the log knows more. A log that mentions something the kernel does not have is the kernel's
 * lack; any other log is a rejection, with its last lines. (Attaching: explain_attach.c.)
 */
#include "load/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "load/causes.h"
#include "load/helpers.h"
#include "load/kernel.h"
#include "load/verdict.h"

/* A question with all that can be seen around it. */
static int ask(struct ecli_question *question, struct ecli_err *err)
{
	question->facts |= ecli_cause_facts();
	return ecli_cause_find(question, err);
}

int ecli_explain_refused(int code, struct ecli_err *err)
{
	struct ecli_question question = { .stage = ECLI_STAGE_OBJECT,
					  .code = code,
					  .facts = ECLI_FACT_NOTHING_LOADS | ECLI_FACT_ABOUT_NETWORK,
					  .prog = "",
					  .what = "",
					  .detail = ecli_kernel_errno_words(code) };

	int r = ask(&question, err);

	return r ? r : ecli_err_set(err, code, "the kernel refuses it: %s", question.detail);
}

int ecli_explain_machine(const char *what, int code, struct ecli_err *err)
{
	struct ecli_question question = { .stage = ECLI_STAGE_MACHINE, .code = code, .prog = "", .what = what };
	int r = ask(&question, err);

	return r ? r : ecli_err_set(err, code, "cannot find out %s: %s", what, ecli_kernel_errno_words(code));
}

int ecli_explain_no_btf(const char *prog, struct ecli_err *err)
{
	struct ecli_question question = {
		.stage = ECLI_STAGE_PROGRAM, .code = -ESRCH, .facts = ECLI_FACT_NO_KERNEL_BTF, .prog = prog
	};

	return ask(&question, err);
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

/* "unknown func bpf_get_socket_cookie#46", since 6.9 "program of this type cannot use helper bpf_get_socket_cookie#46" */
static int explain_helper(const struct bpf_program *prog, const char *reason, uint32_t fact, int code,
			  struct ecli_err *err)
{
	const struct ecli_attach_kind *kind;
	const char *hash = strrchr(reason, '#'), *words, *name;
	uint64_t number = hash ? strtoull(hash + 1, NULL, 10) : 0;
	char unknown[64];

	snprintf(unknown, sizeof(unknown), "helper number %s", hash ? hash + 1 : "?");
	name = ecli_kernel_helper_name(number);
	if (name && fact == ECLI_FACT_HELPER_UNKNOWN) {
		snprintf(unknown, sizeof(unknown), "the helper %s", name);
		name = NULL;
	}
	kind = ecli_attach_find(bpf_program__section_name(prog), &words);
	struct ecli_question question = { .stage = ECLI_STAGE_PROGRAM,
					  .code = code,
					  .facts = fact | ecli_cause_facts(),
					  .prog = bpf_program__name(prog),
					  .what = name ? name : unknown,
					  .detail = kind ? kind->noun : bpf_program__section_name(prog) };
	if (ecli_helper_is_locked(number, question.facts & ECLI_FACT_CONFIDENTIAL))
		question.facts |= ECLI_FACT_HELPER_LOCKED;
	if (ecli_helper_is_nowhere(bpf_program__type(prog), number))
		question.facts |= ECLI_FACT_HELPER_NOWHERE;
	return ecli_cause_find(&question, err);
}

static int explain_unknown(const struct bpf_program *prog, const char *reason, int code, struct ecli_err *err)
{
	return explain_helper(prog, reason, ECLI_FACT_HELPER_UNKNOWN, code, err);
}

static int explain_forbidden(const struct bpf_program *prog, const char *reason, int code, struct ecli_err *err)
{
	return explain_helper(prog, reason, ECLI_FACT_HELPER_REFUSED, code, err);
}

/* "failed to resolve CO-RE relocation <byte_off> [13] struct task_struct.nope (0:3 @ offset 8)" */
static int explain_relocation(const struct bpf_program *prog, const char *reason, int code, struct ecli_err *err)
{
	const char *name = strchr(reason, ']');
	size_t len;

	if (!name)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel's types lack something that program %s reads",
					 bpf_program__name(prog));
	name++;
	while (*name == ' ')
		name++;
	len = strcspn(name, "(");
	while (len && name[len - 1] == ' ')
		len--;
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code, "this kernel has no %.*s, which program %s reads",
				 (int)len, name, bpf_program__name(prog));
}

static int explain_unmade_map(const struct bpf_program *prog, const char *reason, int code, struct ecli_err *err)
{
	return ecli_err_set(err, code, "program %s uses a map of an alternative that was not taken: %s",
			    bpf_program__name(prog), reason);
}

static int explain_atomics(const struct bpf_program *prog, const char *reason, int code, struct ecli_err *err)
{
	(void)reason;
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
				 "this kernel has no atomic operations that return a value (Linux 5.12), which program "
				 "%s uses",
				 bpf_program__name(prog));
}

/* A function that is only passed to a helper is none for a kernel that cannot pass functions. */
static int explain_callback(const struct bpf_program *prog, const char *reason, int code, struct ecli_err *err)
{
	(void)reason;
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
				 "this kernel does not let helpers call functions (Linux 5.13), as program %s does",
				 bpf_program__name(prog));
}

/* Reasons that mean something else than "the program is wrong". */
static const struct {
	const char *part;
	int (*explain)(const struct bpf_program *prog, const char *reason, int code, struct ecli_err *err);
} reasons[] = {
	{ "invalid func ", explain_unknown },        /* a number that this kernel does not have */
	{ "unknown func ", explain_forbidden },      /* one that it has, for others */
	{ "cannot use helper ", explain_forbidden }, /* the same since 6.9 */
	{ "failed to resolve CO-RE relocation", explain_relocation },
	{ "is referenced but wasn't created", explain_unmade_map },
	{ "BPF_STX uses reserved fields", explain_atomics },
	{ "number of funcs in func_info doesn't match number of subprogs", explain_callback },
};

static int explain_verdict(const struct bpf_program *program, const char *log, int code, struct ecli_err *err)
{
	const char *prog = bpf_program__name(program);
	struct ecli_verdict verdict;

	ecli_verdict_read(log, &verdict);
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (strstr(verdict.reason, reasons[i].part))
			return reasons[i].explain(program, verdict.reason, code, err);

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

/* Functions of the kernel (kfuncs) that may be missing, because a program may ask whether they are there, are missing where it does not ask. */
static int explain_absent(const struct bpf_program *prog, const struct ecli_capture *capture, const char *log, int code,
			  struct ecli_err *err)
{
	if (!capture->absent[0] || !ecli_verdict_calls_nothing(log))
		return 0;
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code, "this kernel has no function %s, which program %s calls",
				 capture->absent, bpf_program__name(prog));
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
		return explain_verdict(prog, log, code, err);
	if (code == -ESRCH && kind && kind->btf_prefix)
		return ecli_explain_missing(kind, target, name, err);
	struct ecli_question question = {
		.stage = ECLI_STAGE_PROGRAM, .code = code, .prog = name, .what = target, .detail = words
	};
	if (ask(&question, err))
		return code;
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

/* Where this kernel's configuration would be. */
static bool has_config(char *ret_path, size_t size)
{
	struct utsname system;

	uname(&system);
	snprintf(ret_path, size, "/boot/config-%.80s", system.release);
	return !access(ret_path, R_OK) || !access("/proc/config.gz", R_OK);
}

/* What libbpf said of the object. */
static uint32_t capture_facts(const struct ecli_capture *capture)
{
	bool is_config = !strncmp(capture->missing_extern, "CONFIG_", 7);
	uint32_t facts = 0;

	facts |= capture->nothing_loads ? ECLI_FACT_NOTHING_LOADS : 0;
	facts |= capture->bad_target_btf ? ECLI_FACT_BAD_TARGET_BTF : 0;
	facts |= capture->no_kernel_btf ? ECLI_FACT_NO_KERNEL_BTF : 0;
	if (capture->missing_extern[0])
		facts |= is_config ? ECLI_FACT_UNSET_CONFIG : ECLI_FACT_MISSING_EXTERN;
	return facts;
}

/* What concerns the object as a whole; 0: nothing does. */
static int explain_object(const struct ecli_explain_load *what, int code, struct ecli_err *err)
{
	const struct ecli_capture *capture = what->capture;
	uint32_t facts = capture_facts(capture);
	char config[128];
	struct ecli_question question = { .stage = ECLI_STAGE_OBJECT,
					  /* With a log it is the verifier's refusal. */
					  .code = code == -EACCES && what->log[0] ? -EINVAL : code,
					  .facts = facts | ecli_cause_facts(),
					  .prog = "",
					  .what = capture->missing_extern,
					  .detail = ecli_kernel_errno_words(code) };

	if (is_about_networks(what))
		question.facts |= ECLI_FACT_ABOUT_NETWORK;
	if (capture->bad_target_btf)
		question.what = what->btf_name ? what->btf_name : "the given file";
	if (facts & ECLI_FACT_UNSET_CONFIG) {
		question.facts |= has_config(config, sizeof(config)) ? 0 : ECLI_FACT_NO_CONFIG_FILE;
		question.detail = config;
	}
	return ecli_cause_find(&question, err);
}

int ecli_explain_load(const struct ecli_explain_load *what, int code, struct ecli_err *err, const char **ret_prog,
		      const char **ret_map)
{
	const struct ecli_capture *capture = what->capture;

	*ret_prog = *ret_map = NULL;
	if (ecli_explain_is_files(code))
		return ecli_explain_files(code, err);
	int r = explain_object(what, code, err);
	if (r)
		return r;

	struct bpf_map *map = capture->map[0] ? bpf_object__find_map_by_name(what->object, capture->map) : NULL;
	if (map) {
		*ret_map = bpf_map__name(map);
		return explain_map(map, code, err);
	}
	struct bpf_program *prog =
		capture->prog[0] ? bpf_object__find_program_by_name(what->object, capture->prog) : NULL;
	if (prog) {
		*ret_prog = bpf_program__name(prog);
		r = explain_absent(prog, capture, what->log, code, err);
		return r ? r : explain_prog(prog, what->log, code, err);
	}
	return ecli_err_set(err, code, "the tool's object could not be loaded: %s", ecli_kernel_errno_words(code));
}
