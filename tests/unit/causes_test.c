/* SPDX-License-Identifier: MIT */
/* Whose fault a failure is, and what stands around it: each row of the table of causes, kernel symbols by name, pairs of programs, CPUs that come. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/kernel_clock.h"
#include "load/attach/kfunctions.h"
#include "load/attach/ktable.h"
#include "load/causes.h"
#include "load/helpers.h"
#include "load/surroundings.h"
#include "package/pairs.h"
#include "session/cpus.h"

/* What one question is answered with: a part of the sentence, and whose fault it is. */
static const struct {
	struct ecli_question question;
	enum ecli_fail fail;
	const char *part;
} answers[] = {
	{ { ECLI_STAGE_OBJECT, 0, -EPERM, ECLI_FACT_NO_BPF | ECLI_FACT_NO_PERFMON | ECLI_FACT_ROOT },
	  ECLI_FAIL_ERROR,
	  "which root does not have here" },
	{ { ECLI_STAGE_OBJECT, 0, -EACCES, ECLI_FACT_NO_BPF | ECLI_FACT_NO_PERFMON },
	  ECLI_FAIL_ERROR,
	  "needs root (CAP_BPF and" },
	{ { ECLI_STAGE_MAP, 0, -EPERM, ECLI_FACT_NO_BPF }, ECLI_FAIL_ERROR, "needs CAP_BPF beside CAP_PERFMON" },
	{ { ECLI_STAGE_MAP, 0, -EPERM, ECLI_FACT_LOCKED_MEMORY | ECLI_FACT_NO_NETWORK | ECLI_FACT_ABOUT_NETWORK },
	  ECLI_FAIL_ERROR,
	  "may lock too little memory" },
	{ { ECLI_STAGE_PROGRAM, 0, -EINVAL, ECLI_FACT_HELPER_REFUSED | ECLI_FACT_NO_PERFMON },
	  ECLI_FAIL_ERROR,
	  "program P calls W" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -EACCES, ECLI_FACT_NO_PERFMON },
	  ECLI_FAIL_ERROR,
	  "needs CAP_PERFMON beside" },
	{ { ECLI_STAGE_OBJECT, 0, -EPERM, ECLI_FACT_ABOUT_NETWORK | ECLI_FACT_NO_NETWORK | ECLI_FACT_ROOT },
	  ECLI_FAIL_ERROR,
	  "CAP_NET_ADMIN for programs of packets, sockets and cgroups: in a container" },
	{ { ECLI_STAGE_OBJECT, 0, -EPERM, ECLI_FACT_ABOUT_NETWORK | ECLI_FACT_NO_NETWORK },
	  ECLI_FAIL_ERROR,
	  "cgroups: try sudo" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_UPROBE, -EACCES, ECLI_FACT_NO_ADMIN },
	  ECLI_FAIL_ERROR,
	  "CAP_SYS_ADMIN for a probe of a function" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_USDT, -EACCES, ECLI_FACT_NO_ADMIN },
	  ECLI_FAIL_ERROR,
	  "CAP_SYS_ADMIN for a probe in a file" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_TRACEPOINT, -EACCES, ECLI_FACT_NO_ADMIN | ECLI_FACT_PARANOID },
	  ECLI_FAIL_ERROR,
	  "program P attaches by a perf event" },
	{ { ECLI_STAGE_PROGRAM, 0, -EINVAL,
	    ECLI_FACT_HELPER_REFUSED | ECLI_FACT_HELPER_LOCKED | ECLI_FACT_CONFIDENTIAL | ECLI_FACT_INTEGRITY },
	  ECLI_FAIL_KERNEL,
	  "locked down (lockdown=confidentiality): no program may read its memory, as P does with W" },
	{ { ECLI_STAGE_PROGRAM, 0, -EINVAL, ECLI_FACT_HELPER_REFUSED | ECLI_FACT_HELPER_LOCKED | ECLI_FACT_INTEGRITY },
	  ECLI_FAIL_KERNEL,
	  "lockdown=integrity" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -EPERM, ECLI_FACT_CONFIDENTIAL },
	  ECLI_FAIL_KERNEL,
	  "no kprobes, as program P is" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_SYSCALL, -EPERM, ECLI_FACT_CONFIDENTIAL },
	  ECLI_FAIL_KERNEL,
	  "no kprobes, as program P is" },
	{ { ECLI_STAGE_OBJECT, 0, -EPERM, ECLI_FACT_NOTHING_LOADS }, ECLI_FAIL_KERNEL, "does not let even root load" },
	{ { ECLI_STAGE_OBJECT, 0, -ENOSYS, ECLI_FACT_NOTHING_LOADS }, ECLI_FAIL_KERNEL, "cannot run BPF programs: D" },
	{ { ECLI_STAGE_OBJECT, 0, -EINVAL, ECLI_FACT_BAD_TARGET_BTF },
	  ECLI_FAIL_ERROR,
	  "W does not hold type information" },
	{ { ECLI_STAGE_OBJECT, 0, -ESRCH, ECLI_FACT_NO_KERNEL_BTF | ECLI_FACT_NO_SYSFS },
	  ECLI_FAIL_ERROR,
	  "/sys is not mounted" },
	{ { ECLI_STAGE_OBJECT, 0, -ESRCH, ECLI_FACT_NO_KERNEL_BTF }, ECLI_FAIL_KERNEL, "(--btf FILE)" },
	{ { ECLI_STAGE_PROGRAM, 0, -ESRCH, ECLI_FACT_NO_KERNEL_BTF }, ECLI_FAIL_KERNEL, "which program P needs" },
	{ { ECLI_STAGE_MACHINE, 0, -EIO, ECLI_FACT_NO_SYSFS }, ECLI_FAIL_ERROR, "/sys is not mounted" },
	{ { ECLI_STAGE_MACHINE, 0, -EIO, ECLI_FACT_NO_PROCFS }, ECLI_FAIL_ERROR, "/proc is not mounted" },
	{ { ECLI_STAGE_TRACEFS, 0, -ENOENT, ECLI_FACT_NO_SYSFS }, ECLI_FAIL_ERROR, "/sys is not mounted" },
	{ { ECLI_STAGE_TRACEFS, 0, -EPERM, ECLI_FACT_CONFIDENTIAL | ECLI_FACT_MOUNTED },
	  ECLI_FAIL_KERNEL,
	  "does not show its tracepoints" },
	{ { ECLI_STAGE_TRACEFS, 0, -EACCES, ECLI_FACT_MOUNTED }, ECLI_FAIL_ERROR, "may not read W" },
	{ { ECLI_STAGE_TRACEFS, 0, -EPERM, ECLI_FACT_NO_ADMIN | ECLI_FACT_ROOT },
	  ECLI_FAIL_ERROR,
	  "which root does not have here" },
	{ { ECLI_STAGE_TRACEFS, 0, -EPERM, ECLI_FACT_NO_ADMIN },
	  ECLI_FAIL_ERROR,
	  "takes root (CAP_SYS_ADMIN): try sudo" },
	{ { ECLI_STAGE_TRACEFS, 0, -ENODEV }, ECLI_FAIL_KERNEL, "has no tracefs" },
	{ { ECLI_STAGE_TRACEFS, 0, -ENOENT }, ECLI_FAIL_KERNEL, "has no tracefs" },
	{ { ECLI_STAGE_TRACEFS, 0, -EBUSY }, ECLI_FAIL_ERROR, "cannot be (D)" },
	{ { ECLI_STAGE_OBJECT, 0, -ESRCH, ECLI_FACT_MISSING_EXTERN }, ECLI_FAIL_KERNEL, "no function or variable W" },
	{ { ECLI_STAGE_OBJECT, 0, -ESRCH, ECLI_FACT_UNSET_CONFIG | ECLI_FACT_NO_CONFIG_FILE },
	  ECLI_FAIL_ERROR,
	  "neither /proc/config.gz nor D" },
	{ { ECLI_STAGE_OBJECT, 0, -ESRCH, ECLI_FACT_UNSET_CONFIG }, ECLI_FAIL_KERNEL, "built without W" },
	{ { ECLI_STAGE_PROGRAM, 0, -EINVAL, ECLI_FACT_HELPER_UNKNOWN },
	  ECLI_FAIL_KERNEL,
	  "does not have W for program P" },
	{ { ECLI_STAGE_PROGRAM, 0, -EINVAL, ECLI_FACT_HELPER_REFUSED | ECLI_FACT_HELPER_NOWHERE },
	  ECLI_FAIL_ERROR,
	  "which no kernel (up to" },
	{ { ECLI_STAGE_PROGRAM, 0, -EINVAL, ECLI_FACT_HELPER_REFUSED },
	  ECLI_FAIL_KERNEL,
	  "the helper W for D programs" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -ENOENT, ECLI_FACT_NO_KPROBES | ECLI_FACT_NO_SYSFS },
	  ECLI_FAIL_ERROR,
	  "/sys is not mounted, which kprobes" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_SYSCALL, -ENOENT, ECLI_FACT_NO_KPROBES | ECLI_FACT_NO_SYSFS },
	  ECLI_FAIL_ERROR,
	  "/sys is not mounted, which kprobes" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_UPROBE, -ENOENT, ECLI_FACT_NO_UPROBES | ECLI_FACT_NO_SYSFS },
	  ECLI_FAIL_ERROR,
	  "/sys is not mounted, which uprobes" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_USDT, -ENOENT, ECLI_FACT_NO_UPROBES | ECLI_FACT_NO_SYSFS },
	  ECLI_FAIL_ERROR,
	  "/sys is not mounted, which uprobes" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_TRACEPOINT, -ENOENT, ECLI_FACT_NO_SYSCALL_EVENTS },
	  ECLI_FAIL_KERNEL,
	  "CONFIG_FTRACE_SYSCALLS" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_TRACEPOINT, -ENOENT }, ECLI_FAIL_KERNEL, "no tracepoint W (program P)" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_TRACEPOINT, -EINVAL }, ECLI_FAIL_ERROR, "write SEC(\"tp/CATEGORY/NAME\")" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_TRACEPOINT_NAME, -ENOENT },
	  ECLI_FAIL_KERNEL,
	  "no tracepoint W (program P)" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_TRACEPOINT_NAME, -EINVAL }, ECLI_FAIL_KERNEL, "fewer arguments" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -ENOENT, ECLI_FACT_NO_KPROBES },
	  ECLI_FAIL_KERNEL,
	  "has no kprobes" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_SYSCALL, -ENOENT, ECLI_FACT_NO_KPROBES },
	  ECLI_FAIL_KERNEL,
	  "has no kprobes" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -ENOENT }, ECLI_FAIL_KERNEL, "no function W that can be probed" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -EADDRNOTAVAIL }, ECLI_FAIL_KERNEL, "several functions W" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -ENOTSUP }, ECLI_FAIL_KERNEL, "in this way" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -EINVAL, ECLI_FACT_RETURNS | ECLI_FACT_AT_OFFSET },
	  ECLI_FAIL_ERROR,
	  "has no offset" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -EINVAL, ECLI_FACT_AT_OFFSET },
	  ECLI_FAIL_ERROR,
	  "the beginning of an instruction" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -EILSEQ, ECLI_FACT_AT_OFFSET },
	  ECLI_FAIL_ERROR,
	  "the beginning of an instruction" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_KPROBE, -EINVAL }, ECLI_FAIL_KERNEL, "does not let W be probed" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_SYSCALL, -ENOENT }, ECLI_FAIL_KERNEL, "no system call W" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_UPROBE, -ENOENT, ECLI_FACT_NO_UPROBES },
	  ECLI_FAIL_KERNEL,
	  "has no uprobes" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_UPROBE, -EINVAL }, ECLI_FAIL_ERROR, "does not take a probe at \"W:D\"" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_USDT, -ENOENT, ECLI_FACT_NO_USDT_MAPS }, ECLI_FAIL_ERROR, "bpf/usdt.bpf.h" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_USDT, -EINVAL, ECLI_FACT_NO_UPROBES }, ECLI_FAIL_KERNEL, "has no uprobes" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_USDT, -ENOENT }, ECLI_FAIL_ERROR, "probe D of W has arguments" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_USDT, -EINVAL }, ECLI_FAIL_ERROR, "probe D of W has arguments" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_USDT, -E2BIG }, ECLI_FAIL_ERROR, "probe D of W has arguments" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_FUNCTION, -ENOTSUP }, ECLI_FAIL_KERNEL, "attach to W (D)" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_LSM, -ENOTSUP }, ECLI_FAIL_KERNEL, "security hook W" },
	{ { ECLI_STAGE_ATTACH, ECLI_TARGET_ITER, -ENOTSUP }, ECLI_FAIL_KERNEL, "iterator W" },
};

static void each_cause_has_its_sentence(void **state)
{
	(void)state;

	assert_int_equal(ARRAY_SIZE(answers), ecli_cause_count());
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct ecli_question question = answers[i].question;
		struct ecli_err err = { 0 };

		question.prog = "P";
		question.what = "W";
		question.detail = "D";
		assert_int_equal(ecli_cause_find(&question, &err), question.code);
		assert_int_equal(err.fail, answers[i].fail);
		if (!strstr(err.text, answers[i].part))
			fail_msg("row %zu: \"%s\" is not in \"%s\"", i, answers[i].part, err.text);
	}
}

static void what_is_not_known_is_left_alone(void **state)
{
	(void)state;
	struct ecli_err err = { .text = "as before" };
	struct ecli_question question = { ECLI_STAGE_ATTACH, ECLI_TARGET_INTERFACE, -EBUSY, 0, "P", "W", "D" };

	assert_int_equal(ecli_cause_find(&question, &err), 0);
	assert_string_equal(err.text, "as before");
	question.code = -EPERM; /* with every right and no lockdown */
	assert_int_equal(ecli_cause_find(&question, &err), 0);
}

static void levels_of_a_lockdown_are_read(void **state)
{
	(void)state;
	assert_null(ecli_lockdown_read("[none] integrity confidentiality\n"));
	assert_string_equal(ecli_lockdown_read("none [integrity] confidentiality\n"), "integrity");
	assert_string_equal(ecli_lockdown_read("none integrity [confidentiality]\n"), "confidentiality");
	assert_null(ecli_lockdown_read(""));
	assert_null(ecli_lockdown_read("none [integrityx]"));
}

static void helpers_of_no_kernel_are_known(void **state)
{
	(void)state;
	assert_true(ecli_helper_is_nowhere(BPF_PROG_TYPE_RAW_TRACEPOINT, 46)); /* bpf_get_socket_cookie */
	assert_false(ecli_helper_is_nowhere(BPF_PROG_TYPE_SOCKET_FILTER, 46));
	assert_false(ecli_helper_is_nowhere(BPF_PROG_TYPE_RAW_TRACEPOINT, 113)); /* bpf_probe_read_kernel */
	assert_false(ecli_helper_is_nowhere(BPF_PROG_TYPE_KPROBE, 58));          /* bpf_override_return */
	assert_false(ecli_helper_is_nowhere(BPF_PROG_TYPE_RAW_TRACEPOINT, 212)); /* newer than the table */
	assert_false(ecli_helper_is_nowhere(BPF_PROG_TYPE_LSM, 46));             /* a kind that is not in it */
	assert_true(ecli_helper_is_locked(4, true));
	assert_false(ecli_helper_is_locked(4, false));
	assert_true(ecli_helper_is_locked(36, false));
}

/* ---- functions of the kernel ----------------------------------------------------------------------------------- */

static void targets_of_kprobes_are_read(void **state)
{
	(void)state;
	struct ecli_ktarget t;

	assert_int_equal(ecli_ktarget_read("loop:loop_queue_rq+0x10", &t), 0);
	assert_string_equal(t.module, "loop");
	assert_string_equal(t.name, "loop_queue_rq");
	assert_true(t.has_offset && t.offset == 16 && !t.is_pattern);
	assert_int_equal(ecli_ktarget_read("loop:lo*", &t), 0);
	assert_true(t.is_pattern);
	static const char *const bad[] = { "", ":f", "f+", "f+x", "f*+1", "+1", "m:" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ecli_ktarget_read(bad[i], &t), -EINVAL);
}

static void scan(const char *table, const char *target, struct ecli_ktable *ret)
{
	struct ecli_ktarget want;
	CLEANUP_FILE FILE *file = fmemopen((char *)table, strlen(table), "r");

	assert_non_null(file);
	assert_int_equal(ecli_ktarget_read(target, &want), 0);
	ecli_ktable_scan(file, &want, ret);
}

static void names_are_found_in_the_table_of_symbols(void **state)
{
	(void)state;
	static const char table[] = "ffffffff00000010 t s_next\nffffffff00000020 d s_next\nffffffff00000030 t s_next\n"
				    "ffffffffc0000040 t s_next\t[loop]\nffffffff00000050 t gone.part.0\n"
				    "ffffffff00000060 t gone.isra.0\nffffffff00000070 t gone.isra.0.cold\n"
				    "ffffffff00000080 t local.llvm.123\nffffffff00000090 t s_next_other\nbroken";
	struct ecli_ktable t;

	scan(table, "s_next", &t);
	assert_int_equal(t.count, 3);
	assert_true(t.addresses[0] == 0xffffffff00000010 && t.addresses[1] == 0xffffffff00000030);
	assert_string_equal(t.variant, "");
	scan(table, "loop:s_next", &t);
	assert_int_equal(t.count, 1);
	scan(table, "gone", &t);
	assert_int_equal(t.count, 0);
	assert_string_equal(t.variant, "gone.isra.0");
	assert_false(ecli_ktable_is_same(t.variant));
	scan(table, "local", &t);
	assert_true(ecli_ktable_is_same(t.variant));
	scan(table, "nobody", &t);
	assert_true(t.is_read && !t.count && !*t.variant);
}

static void functions_are_found_by_address(void **state)
{
	(void)state;
	static char with[] = "ffffffff00000030 s_next\nffffffff00000010 s_next\nffffffffc0000020 lo_open [loop]\n";
	static char without[] = "s_next\ns_next\nlo_open [loop]\n";
	CLEANUP(ecli_kfunctions_done) struct ecli_kfunctions f = { 0 };
	struct ecli_ktarget want;
	CLEANUP_FILE FILE *one = fmemopen(with, sizeof(with) - 1, "r");
	CLEANUP_FILE FILE *two = fmemopen(without, sizeof(without) - 1, "r");

	assert_int_equal(ecli_ktarget_read("s_nex?", &want), 0);
	assert_int_equal(ecli_kfunctions_read(one, true, &want, &f), 0);
	assert_int_equal(f.count, 2);
	assert_true(f.addresses[0] == 0xffffffff00000010 && f.addresses[1] == 0xffffffff00000030);
	ecli_kfunctions_drop_doubles(&f);
	assert_true(f.count == 1 && !f.addresses);
	ecli_kfunctions_done(&f);
	assert_int_equal(ecli_ktarget_read("loop:*", &want), 0);
	assert_int_equal(ecli_kfunctions_read(two, false, &want, &f), 0);
	assert_int_equal(f.count, 1);
	assert_string_equal(f.names[0], "lo_open");
}

/* ---- pairs ----------------------------------------------------------------------------------------------------- */

static void two_ways_to_one_hook_are_a_pair(void **state)
{
	(void)state;
	static const char *const sections[] = { "tp_btf/sched_switch", "raw_tp/sched_switch", "tp/sched/sched_switch",
						"fentry/vfs_read",     "kretprobe/vfs_read",  "kprobe/vfs_read",
						"kprobe/vfs_read+4",   "tp_btf/sched_wakeup", "?raw_tp/sched_wakeup" };
	static const char *const tags[] = { "tp_btf+raw_tp+tp/tp_btf",
					    "tp_btf+raw_tp+tp/raw_tp",
					    "tp_btf+raw_tp+tp/tp",
					    "fentry+kprobe/fentry",
					    NULL,
					    "fentry+kprobe/kprobe",
					    NULL,
					    NULL,
					    NULL };
	struct ecli_package_prog progs[ARRAY_SIZE(sections)] = { 0 };
	struct ecli_package package = { .progs = progs, .n_progs = ARRAY_SIZE(progs) };
	const char *left_out[ARRAY_SIZE(sections)] = { 0 };
	char *tag;

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		progs[i].attach = (char *)sections[i];
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		assert_int_equal(ecli_package_pair_tag(&package, left_out, i, &tag), 0);
		if (tags[i])
			assert_string_equal(tag, tags[i]);
		else
			assert_null(tag);
		free(tag);
	}
	assert_true(ecli_package_is_pair(&package, 0, 1) && !ecli_package_is_pair(&package, 3, 4));
	/* Who was left out makes no pair, nor does one whose author wants both. */
	left_out[5] = "so";
	assert_int_equal(ecli_package_pair_tag(&package, left_out, 3, &tag), 0);
	assert_null(tag);
	struct ecli_package_extra both = { (char *)"both", (char *)"true" };
	progs[3].extras = (struct ecli_package_extras){ &both, 1 };
	assert_false(ecli_package_is_pair(&package, 3, 5));
}

/* ---- CPUs, clocks ---------------------------------------------------------------------------------------------- */

static void new_cpus_are_told(void **state)
{
	(void)state;
	struct cpus before = { (struct cpu_seen[]){ { 0, 7 }, { 2, 8 }, { 5, 9 } }, 3 };
	struct cpus now = { (struct cpu_seen[]){ { 0, 7 }, { 1, 20 }, { 5, 9 }, { 7, 21 } }, 4 };
	struct cpus back = { (struct cpu_seen[]){ { 0, 7 }, { 2, 22 }, { 5, 9 } }, 3 };
	uint32_t ret[4];

	assert_int_equal(cpus_new(&before, &now, ret), 2);
	assert_true(ret[0] == 1 && ret[1] == 7);
	assert_int_equal(cpus_new(&now, &before, ret), 1);
	assert_int_equal(cpus_new(&now, &now, ret), 0);
	/* It went and came back between two looks. */
	assert_int_equal(cpus_new(&before, &back, ret), 1);
	assert_int_equal(ret[0], 2);
}

static void offsets_of_a_time_namespace_are_read(void **state)
{
	(void)state;
	int64_t mono, boot;

	ecli_kernel_clock_read("monotonic     1000000         5\nboottime          -7         0\n", &mono, &boot);
	assert_true(mono == 1000000000000005 && boot == -7000000000);
	ecli_kernel_clock_read("nonsense\n", &mono, &boot);
	assert_true(!mono && !boot);
	ecli_kernel_clock_read("", &mono, &boot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cause_has_its_sentence),
		cmocka_unit_test(what_is_not_known_is_left_alone),
		cmocka_unit_test(levels_of_a_lockdown_are_read),
		cmocka_unit_test(helpers_of_no_kernel_are_known),
		cmocka_unit_test(targets_of_kprobes_are_read),
		cmocka_unit_test(names_are_found_in_the_table_of_symbols),
		cmocka_unit_test(functions_are_found_by_address),
		cmocka_unit_test(two_ways_to_one_hook_are_a_pair),
		cmocka_unit_test(new_cpus_are_told),
		cmocka_unit_test(offsets_of_a_time_namespace_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
