/* SPDX-License-Identifier: MIT */
/* load/ without a kernel: choices move on, verdicts are found in logs, messages become facts, sizes are rounded. */
#include "unit.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "load/attach/attach.h"
#include "load/attach/perf_event.h"
#include "load/capture.h"
#include "load/choices.h"
#include "load/configure.h"
#include "load/explain.h"
#include "load/kernel.h"
#include "load/verdict.h"

#define MAX_ITEMS 80

/* A package of programs and maps with nothing but tags. */
struct fixture {
	struct ecli_package package;
	struct ecli_package_prog progs[MAX_ITEMS];
	struct ecli_package_map maps[MAX_ITEMS];
	struct ecli_package_extra tags[2 * MAX_ITEMS];
};

static struct ecli_package_extras tag(struct fixture *f, size_t index, const char *json)
{
	f->tags[index] = (struct ecli_package_extra){ (char *)"alternative", (char *)json };
	return (struct ecli_package_extras){ json ? &f->tags[index] : NULL, json ? 1 : 0 };
}

static void add_prog(struct fixture *f, const char *json)
{
	size_t i = f->package.n_progs++;

	f->package.progs = f->progs;
	f->progs[i].extras = tag(f, i, json);
}

static void add_map(struct fixture *f, const char *json)
{
	size_t i = f->package.n_maps++;

	f->package.maps = f->maps;
	f->maps[i].extras = tag(f, MAX_ITEMS + i, json);
}

static void choices_keep_the_order_of_programs(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	struct ecli_choices c;

	add_prog(&f, "\"fentry\"");
	add_prog(&f, NULL);
	add_prog(&f, "\"fentry\"");
	add_prog(&f, "\"syscalls\"");
	add_prog(&f, "\"time/boot\"");
	add_prog(&f, "[\"time/mono\",\"syscalls\"]");
	add_map(&f, "\"syscalls\"");
	add_map(&f, "\"fentry, syscalls\"");
	add_map(&f, "\"nobody/else\"");
	assert_int_equal(ecli_choices_build(&c, &f.package, NULL), 0);

	assert_int_equal(c.count, 2);
	assert_string_equal(c.groups[0].name, "");
	assert_string_equal(c.groups[0].items[0].name, "fentry");
	assert_string_equal(c.groups[0].items[1].name, "syscalls");
	assert_string_equal(c.groups[1].name, "time");
	assert_string_equal(c.groups[1].items[1].name, "mono");
	assert_null(ecli_choices_sole_next(&c));

	static const bool first[] = { true, true, true, false, true, false },
			  then[] = { false, true, false, true, true, true };
	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		assert_int_equal(ecli_choices_takes(&c, c.prog_tags[i]), first[i]);
	assert_false(ecli_choices_takes(&c, c.map_tags[0]));
	assert_true(ecli_choices_takes(&c, c.map_tags[1]));
	assert_false(ecli_choices_takes(&c, c.map_tags[2]));

	struct ecli_choice_group *group = ecli_choices_group_of(&c, c.prog_tags[0]);
	assert_ptr_equal(group, &c.groups[0]);
	assert_true(ecli_choice_group_has_next(group));
	assert_null(ecli_choices_group_of(&c, c.prog_tags[1]));
	assert_null(ecli_choices_group_of(&c, c.prog_tags[3]));
	group->current++;
	for (size_t i = 0; i < ARRAY_SIZE(then); i++)
		assert_int_equal(ecli_choices_takes(&c, c.prog_tags[i]), then[i]);
	assert_true(ecli_choices_takes(&c, c.map_tags[0]) && ecli_choices_takes(&c, c.map_tags[1]));
	assert_ptr_equal(ecli_choices_sole_next(&c), &c.groups[1]);
	/* Of several groups the one that can still move is named; when none can, the one that failed. */
	assert_ptr_equal(ecli_choices_group_of(&c, "syscalls, time/boot"), &c.groups[1]);
	assert_ptr_equal(ecli_choices_group_of(&c, "syscalls"), &c.groups[0]);
	c.groups[0].items[0].why = strdup("not here");
	ecli_choices_rewind(&c);
	assert_int_equal(c.groups[0].current, 0);
	assert_null(c.groups[0].items[0].why);
	ecli_choices_done(&c);
	assert_int_equal(c.count, 0);
}

static void choices_are_bounded(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_choices c;
	char names[MAX_ITEMS][24];

	for (int i = 0; i < MAX_ITEMS; i++) {
		snprintf(names[i], sizeof(names[i]), "\"c%d\"", i);
		add_prog(&f, names[i]);
	}
	assert_int_equal(ecli_choices_build(&c, &f.package, &err), -EINVAL);
	for (int i = 0; i < MAX_ITEMS; i++)
		snprintf(names[i], sizeof(names[i]), "\"g%d/c\"", i);
	assert_int_equal(ecli_choices_build(&c, &f.package, &err), -EINVAL);
	assert_non_null(strstr(err.text, "groups of alternatives"));

	struct fixture odd = { 0 };
	add_prog(&odd, "\"\"");
	add_prog(&odd, "true");
	add_prog(&odd, "\"/\"");
	assert_int_equal(ecli_choices_build(&c, &odd.package, &err), 0);
	assert_true(ecli_choices_takes(&c, c.prog_tags[0])); /* an empty tag is none */
	ecli_choices_done(&c);
}

static void verdicts_are_found(void **state)
{
	(void)state;
	static const struct {
		const char *log, *reason, *source, *where, *tail;
	} cases[] = {
		{ "0: R1=ctx() R10=fp0\n; int f(void *ctx) @ a.bpf.c:7\n0: (79) r1 = *(u64 *)(r1 +0)\n"
		  "; return *v; } @ t4.bpf.c:10\n8: (79) r0 = *(u64 *)(r0 +0)\nR0 invalid mem access "
		  "'map_value_or_null'\n"
		  "processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0\n",
		  "R0 invalid mem access 'map_value_or_null'", "return *v; }", "t4.bpf.c:10",
		  "0: R1=ctx() R10=fp0\n; int f(void *ctx) @ a.bpf.c:7\n0: (79) r1 = *(u64 *)(r1 +0)\n"
		  "; return *v; } @ t4.bpf.c:10\n8: (79) r0 = *(u64 *)(r0 +0)\nR0 invalid mem access "
		  "'map_value_or_null'" },
		{ "; return *v;\n8: (79) r0 = *(u64 *)(r0 +0)\n R0=inv0\nR0 invalid mem access 'inv'\nprocessed 8 "
		  "insns\n",
		  "R0 invalid mem access 'inv'", "return *v;", "", NULL },
		{ "; m->x @ y; @ dir/a.c:3\n1: (85) call unknown#299\ninvalid func unknown#299\n",
		  "invalid func unknown#299", "m->x @ y;", "dir/a.c:3", NULL },
		{ "; while (1)\ninfinite loop detected at insn 5\ncur state: R0=0 R1=1\nold state: R0=0 R1=1\n"
		  " R0=1\nprocessed 9 insns\n\n",
		  "infinite loop detected at insn 5", "while (1)", "", NULL },
		{ "; while (n--)\n8: (07) r6 += -1  ; R6=scalar()\n9: (55) if r6 != 0x0 goto pc-6 BPF program is too "
		  "large. "
		  "Processed 1000001 insn\nprocessed 1000001 insns\n",
		  "BPF program is too large. Processed 1000001 insn", "while (n--)", "", NULL },
		{ "; x = bpf_probe_read(&v, 4, p); @ a.c:9\n5: (85) call bpf_probe_read#4\n"
		  "program of this type cannot use helper bpf_probe_read#4\n\n"
		  "Verification failed: Policy: Operation is not allowed\n\nReason:\n  The helper is not allowed.\n\n"
		  "At:\n  insn 5\n  >>> 5 | (85) call bpf_probe_read#4\n\nSuggestion:\n  Use a helper allowed for "
		  "this.\n\n"
		  "processed 6 insns (limit 1000000)\n",
		  "program of this type cannot use helper bpf_probe_read#4", "x = bpf_probe_read(&v, 4, p);", "a.c:9",
		  "; x = bpf_probe_read(&v, 4, p); @ a.c:9\n5: (85) call bpf_probe_read#4\n"
		  "program of this type cannot use helper bpf_probe_read#4" },
		{ "\nVerification failed: no\n", "", "", "", "" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\nlast one\nprocessed 1 insns", "last one", "", "",
		  "3\n4\n5\n6\n7\n8\n9\nlast one" },
		{ "", "", "", "", "" },
		{ "\n\n", "", "", "", "" },
		{ ";", "", "", "", ";" },
		{ "; @ :1\n", "", "@ :1", "", NULL },
		{ "; a @ b:\nno", "no", "a @ b:", "", NULL },
		{ "processed 1 insns", "", "", "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_verdict v;
		char tail[1024];

		ecli_verdict_read(cases[i].log, &v);
		assert_string_equal(v.reason, cases[i].reason);
		assert_string_equal(v.source, cases[i].source);
		assert_string_equal(v.where, cases[i].where);
		snprintf(tail, sizeof(tail), "%.*s", (int)v.tail_len, v.tail);
		if (cases[i].tail)
			assert_string_equal(tail, cases[i].tail);
	}
}

static void reasons_have_advice(void **state)
{
	(void)state;
	assert_non_null(
		strstr(ecli_verdict_advice("R0 invalid mem access 'map_value_or_null'"), "bpf_map_lookup_elem()"));
	assert_non_null(strstr(ecli_verdict_advice("R6 invalid mem access 'ringbuf_mem_or_null'"), "NULL"));
	assert_non_null(strstr(ecli_verdict_advice("BPF program is too large. Processed 1 insn"), "bpf_loop()"));
	assert_null(ecli_verdict_advice("R0 !read_ok"));
	assert_null(ecli_verdict_advice(""));
}

static void a_call_of_nothing_is_seen(void **state)
{
	(void)state;
	assert_true(
		ecli_verdict_calls_nothing("0: (b7) r1 = 3\n1: (85) call #0                       ;\n2: (95) exit\n"));
	assert_true(ecli_verdict_calls_nothing("9: (85) call kernel-function#0\nR0 !read_ok\n"));
	assert_true(ecli_verdict_calls_nothing("invalid kernel function call not eliminated in verifier pass\n"));
	assert_false(
		ecli_verdict_calls_nothing("1: (85) call bpf_map_lookup_elem#1\n2: (85) call bpf_x#05\n3: (85) call "));
	assert_false(ecli_verdict_calls_nothing("1: (85) call pc+3\n2: (b7) r0 = 1 #0\n"));
	assert_false(ecli_verdict_calls_nothing(""));
}

static void messages_become_facts(void **state)
{
	(void)state;
	struct ecli_capture c = { 0 };

	ecli_capture_read(&c, "prog 'bad': BPF program load failed: Permission denied");
	assert_string_equal(c.prog, "bad");
	ecli_capture_read(&c, "prog 'unfinished");
	assert_string_equal(c.prog, "bad");
	ecli_capture_read(&c, "map 'start': failed to create: Invalid argument(-22)");
	assert_string_equal(c.map, "start");
	ecli_capture_read(&c, "extern (func ksym) 'bpf_new': not found in kernel or module BTFs");
	assert_string_equal(c.missing_extern, "bpf_new");
	ecli_capture_read(&c, "extern 'bpf_a' (weak): not resolved, defaulting to zero");
	ecli_capture_read(&c, "extern 'bpf_b' (weak): not resolved, defaulting to zero");
	assert_string_equal(c.absent, "bpf_a, bpf_b");
	assert_string_equal(c.missing_extern, "bpf_new");
	assert_false(c.nothing_loads || c.no_kernel_btf || c.bad_target_btf || c.no_usdt_maps);
	ecli_capture_read(&c, "Error loading vmlinux BTF: -3");
	ecli_capture_read(&c, "usdt: failed to find USDT support BPF maps, did you forget to include bpf/usdt.bpf.h?");
	assert_true(c.no_kernel_btf && c.no_usdt_maps);
	ecli_capture_read(&c, "Error in bpf_object__probe_loading():Operation not permitted(1). Couldn't load");
	assert_true(c.nothing_loads);

	char name[400];
	snprintf(name, sizeof(name), "prog '%0300d': failed to load: -1", 0);
	ecli_capture_read(&c, name);
	assert_int_equal(strlen(c.prog), sizeof(c.prog) - 1);
}

static void ring_sizes_are_rounded_up(void **state)
{
	(void)state;
	static const struct {
		uint32_t bytes, page, size;
	} cases[] = {
		{ 1, 4096, 4096 },
		{ 4096, 4096, 4096 },
		{ 4097, 4096, 8192 },
		{ 262144, 4096, 262144 },
		{ 1, 16384, 16384 },
		{ 4096, 65536, 65536 },
		{ 262144, 65536, 262144 },
		{ 300000, 4096, 524288 },
		{ 1u << 31, 4096, 1u << 31 },
		{ UINT32_MAX, 4096, UINT32_MAX },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ecli_configure_ring_size(cases[i].bytes, cases[i].page), cases[i].size);
}

static void sections_have_kinds(void **state)
{
	(void)state;
	const char *target = NULL;

	assert_string_equal(ecli_attach_find("tp_btf/sched_switch", &target)->noun, "tp_btf");
	assert_string_equal(target, "sched_switch");
	assert_string_equal(ecli_attach_find("tracepoint/syscalls/sys_enter_read", &target)->noun, "tracepoint");
	assert_string_equal(target, "syscalls/sys_enter_read");
	assert_string_equal(ecli_attach_find("perf_event", &target)->noun, "perf_event");
	assert_string_equal(target, "");
	assert_non_null(ecli_attach_find("fentry.s/f", &target));
	static const char *const unknown[] = {
		"", "/", "xdpx", "tp_bt", "tp_btfx/a", "tpx", "tcpx", "lwt_in", "TP/a/b"
	};
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_null(ecli_attach_find(unknown[i], &target));
}

static int sum_cpu(void *ctx, int cpu)
{
	*(int *)ctx += 1000 + cpu;
	return cpu == 99 ? 7 : 0;
}

static void cpu_lists_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		int r, sum;
	} cases[] = {
		{ "0\n", 0, 1000 },       { "0-3,5\n", 0, 5011 },
		{ "2-2", 0, 1002 },       { "98-100", 7, 2197 },
		{ "", -EBADMSG, 0 },      { "x", -EBADMSG, 0 },
		{ "3-1", -EBADMSG, 0 },   { "0-", -EBADMSG, 0 },
		{ "0,", -EBADMSG, 1000 }, { "0-99999999", -EBADMSG, 0 },
		{ " 1", -EBADMSG, 0 },    { "1 2", -EBADMSG, 1001 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int sum = 0;

		assert_int_equal(ecli_perf_event_each_cpu(cases[i].list, sum_cpu, &sum), cases[i].r);
		assert_int_equal(sum, cases[i].sum);
	}
}

static int spec(const char *event, const char *freq, const char *period, struct perf_event_attr *attr,
		struct ecli_err *err)
{
	struct ecli_package_extra items[3];
	struct ecli_package_extras extras = { items, 0 };

	if (event)
		items[extras.count++] = (struct ecli_package_extra){ (char *)"event", (char *)event };
	if (freq)
		items[extras.count++] = (struct ecli_package_extra){ (char *)"freq", (char *)freq };
	if (period)
		items[extras.count++] = (struct ecli_package_extra){ (char *)"period", (char *)period };
	return ecli_perf_event_spec(&extras, "p", err, attr);
}

static void perf_events_have_defaults(void **state)
{
	(void)state;
	struct perf_event_attr a;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_perf_event_spec(NULL, "p", &err, &a), 0);
	assert_true(a.type == PERF_TYPE_SOFTWARE && a.config == PERF_COUNT_SW_CPU_CLOCK && a.freq &&
		    a.sample_freq == 99);
	assert_int_equal(spec("\"cpu-cycles\"", "49", NULL, &a, &err), 0);
	assert_true(a.type == PERF_TYPE_HARDWARE && a.config == PERF_COUNT_HW_CPU_CYCLES && a.freq &&
		    a.sample_freq == 49);
	assert_int_equal(spec("\"page-faults\"", NULL, NULL, &a, &err), 0);
	assert_true(a.config == PERF_COUNT_SW_PAGE_FAULTS && !a.freq && a.sample_period == 1);
	assert_int_equal(spec("\"LLC-load-misses\"", NULL, "\"1000\"", &a, &err), 0);
	assert_true(a.type == PERF_TYPE_HW_CACHE && a.config == (2 | 0 << 8 | 1 << 16) && a.sample_period == 1000);
	assert_int_equal(spec("\"r01c2\"", NULL, NULL, &a, &err), 0);
	assert_true(a.type == PERF_TYPE_RAW && a.config == 0x1c2);

	static const char *const bad[][3] = {
		{ "\"nope\"", NULL, NULL }, { "\"r\"", NULL, NULL },
		{ "\"r01g\"", NULL, NULL }, { NULL, "0", NULL },
		{ NULL, "-1", NULL },       { NULL, "99", "1" },
		{ NULL, NULL, "1.5" },      { NULL, NULL, "9223372036854775808" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err = (struct ecli_err){ 0 };
		assert_int_equal(spec(bad[i][0], bad[i][1], bad[i][2], &a, &err), -EINVAL);
		assert_memory_equal(err.text, "program p: ", 11);
	}
}

static void words_are_plain(void **state)
{
	(void)state;
	char text[] = "a\x1b[31mb\nc\x7f\xc2\x9b"
		      "d\x9b \xe4\xb8\xad\xc3\xa9";

	ecli_explain_clean(text);
	assert_string_equal(text, "a?[31mb\nc?\xc2?d? \xe4\xb8\xad\xc3\xa9");
	assert_string_equal(ecli_kernel_helper_name(131), "bpf_ringbuf_reserve");
	assert_string_equal(ecli_kernel_helper_name(1), "bpf_map_lookup_elem");
	assert_null(ecli_kernel_helper_name(0));
	assert_null(ecli_kernel_helper_name(UINT64_MAX));
	assert_string_equal(ecli_kernel_map_words(BPF_MAP_TYPE_TASK_STORAGE), "task storage");
	assert_string_equal(ecli_kernel_errno_words(-524), "not supported");
	assert_string_equal(ecli_kernel_errno_words(ENOENT), "No such file or directory");
	assert_non_null(strstr(ecli_kernel_errno_words(-4001), "damaged"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choices_keep_the_order_of_programs),
		cmocka_unit_test(choices_are_bounded),
		cmocka_unit_test(verdicts_are_found),
		cmocka_unit_test(reasons_have_advice),
		cmocka_unit_test(a_call_of_nothing_is_seen),
		cmocka_unit_test(messages_become_facts),
		cmocka_unit_test(ring_sizes_are_rounded_up),
		cmocka_unit_test(sections_have_kinds),
		cmocka_unit_test(cpu_lists_are_read),
		cmocka_unit_test(perf_events_have_defaults),
		cmocka_unit_test(words_are_plain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
