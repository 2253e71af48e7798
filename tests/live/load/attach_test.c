/* SPDX-License-Identifier: MIT */
/*
 * Programs of each kind run and count what really happened; of alternatives the first that works is taken; optional
 * ones may fail; and afterwards nothing is left in the kernel.
 */
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(package, struct ecli_package *, ecli_package_free)
DEFINE_CLEANUP(load, struct ecli_load *, ecli_load_close)
#define OWN_PACKAGE CLEANUP(cleanup_package) struct ecli_package *
#define OWN_LOAD    CLEANUP(cleanup_load) struct ecli_load *

/* The uprobe's target: must stay a function of its own, with a symbol. */
void load_test_mark(void);
__attribute__((noinline, noclone, used)) void load_test_mark(void)
{
	__asm__ volatile("" ::: "memory");
}

static void must_load(const struct ecli_package *package, struct ecli_load **ret)
{
	struct ecli_err err = { 0 };

	if (load_package(package, &err, ret))
		fail_msg("%s", err.text);
}

static void system_call_programs_count_exactly(void **state)
{
	(void)state;
	static const char *const progs[] = { "tp_btf_enter", "raw_tp_enter", "tp_enter" };

	for (uint32_t i = 0; i < ARRAY_SIZE(progs); i++) {
		OWN_PACKAGE package = open_package("kinds");
		OWN_LOAD load = NULL;

		take_prog(package, progs[i], "it");
		must_load(package, &load);
		call_getppid(100);
		assert_int_equal(read_hits(load, i), 100);
		ecli_load_detach(load);
		call_getppid(100);
		assert_int_equal(read_hits(load, i), 100); /* maps stay readable, nothing counts any more */
		assert_string_equal(log_text(), "it: taken\n");
	}
}

static void uprobes_count_exactly(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	OWN_LOAD load = NULL;

	take_prog(package, "uprobe_mark", "it");
	must_load(package, &load);
	for (int i = 0; i < 50; i++)
		load_test_mark();
	assert_int_equal(read_hits(load, 5), 50);
}

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What the kernel was asked for last: the program is linked with --wrap for syscall(2). */
static struct perf_event_attr asked;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

__attribute__((no_sanitize("address"))) long __wrap_syscall(long number, ...)
{
	long args[6];
	va_list list;

	va_start(list, number);
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_perf_event_open)
		memcpy(&asked, (const void *)args[0], sizeof(asked));
	return __real_syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}

static uint64_t sample_half_second(const char *event, const char *freq)
{
	OWN_PACKAGE package = open_package("kinds");
	OWN_LOAD load = NULL;

	take_prog(package, "sample", "it");
	if (event)
		ecli_package_extra_set_text(&find_prog(package, "sample")->extras, "event", event);
	if (freq)
		ecli_package_extra_set(&find_prog(package, "sample")->extras, "freq", freq);
	asked = (struct perf_event_attr){ 0 };
	must_load(package, &load);
	assert_int_equal(asked.freq, 1);
	assert_int_equal(asked.sample_freq, freq ? strtoul(freq, NULL, 10) : 99);
	/* Of our own running time, so that a busy machine does not matter. */
	for (double end = now(CLOCK_PROCESS_CPUTIME_ID) + 0.5; now(CLOCK_PROCESS_CPUTIME_ID) < end;)
		;
	ecli_load_detach(load);
	return read_hits(load, 4);
}

/* The frequency is what the kernel is asked for; what it makes of it on a machine that does other things, too, is about that. */
static void perf_events_sample_by_frequency(void **state)
{
	(void)state;
	uint64_t usual = sample_half_second(NULL, NULL), fast = sample_half_second("cpu-clock", "997");
	uint64_t cycles = sample_half_second("cpu-cycles", NULL);

	note("in 0.5 s of running: %lu samples at 99 Hz, %lu at 997 Hz, %lu of cycles\n", (unsigned long)usual,
	     (unsigned long)fast, (unsigned long)cycles);
	assert_in_range(usual, 5, 250);
	assert_in_range(fast, 2 * usual, 2500);
	assert_in_range(cycles, 5, 250);
}

static void perf_events_count_every_one(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	OWN_LOAD load = NULL;

	take_prog(package, "sample", "it");
	ecli_package_extra_set_text(&find_prog(package, "sample")->extras, "event", "page-faults");
	must_load(package, &load);
	/* Read-only and of a file of one page: a fault for each mapping, whatever large pages the kernel likes. */
	CLEANUP_FD int fd = memfd_create("page", MFD_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	uint64_t before = read_hits(load, 4);
	for (int i = 0; i < 64; i++) {
		volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		assert_true(page != MAP_FAILED && *page == 'x');
		munmap((void *)page, 4096);
	}
	assert_in_range(read_hits(load, 4) - before, 64, 200);
}

static void iterators_give_a_link(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	OWN_LOAD load = NULL;
	const char *prog = NULL;
	int link_fd = -1, tgids[4096];
	bool found = false;

	take_prog(package, "iter_task", "it");
	must_load(package, &load);
	assert_int_equal(ecli_load_iter_count(load), 1);
	ecli_load_iter(load, 0, &prog, &link_fd);
	assert_string_equal(prog, "iter_task");

	CLEANUP_FD int fd = bpf_iter_create(link_fd);
	assert_true(fd >= 0);
	ssize_t n;
	while ((n = read(fd, tgids, sizeof(tgids))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(*tgids); i++)
			found |= tgids[i] == getpid();
	assert_true(found);
	ecli_load_detach(load);
	assert_int_equal(ecli_load_iter_count(load), 0);
}

static void the_first_choice_that_works_is_taken(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	OWN_LOAD load = NULL;
	bool fentry = kernel_has_fentry();

	take_prog(package, "tp_enter", "syscalls");
	take_prog(package, "fentry_read", "fentry");
	must_load(package, &load);
	assert_string_equal(log_text(), "syscalls: taken\n");
	call_getppid(10);
	assert_int_equal(read_hits(load, 2), 10);
	ecli_load_close(TAKE_PTR(load));

	take_prog(package, "tp_enter", "syscalls"); /* now the last */
	must_load(package, &load);
	uint64_t before = read_hits(load, 3);
	call_getppid(10);
	char byte;
	assert_int_equal(read(-1, &byte, 1), -1);
	if (fentry) {
		assert_string_equal(log_text(), "fentry: taken\n");
		assert_int_equal(read_hits(load, 2), 0);
		assert_true(read_hits(load, 3) > before);
	} else {
		assert_non_null(strstr(log_text(), "fentry: this kernel "));
		assert_non_null(strstr(log_text(), "; trying syscalls\nsyscalls: taken\n"));
		assert_int_equal(read_hits(load, 2), 10);
		assert_int_equal(read_hits(load, 3), 0);
	}
	note("%s", log_text());
}

static void groups_choose_apart_from_each_other(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	OWN_LOAD load = NULL;

	take_prog(package, "tp_btf_enter", "a/btf");
	take_prog(package, "raw_tp_enter", "a/raw");
	take_prog(package, "tp_missing", "b/first");
	take_prog(package, "raw_tp_missing", "b/second");
	take_prog(package, "uprobe_no_symbol", "b/second");
	take_prog(package, "uses_spare", "b/third");
	take_prog(package, "uprobe_no_file", "c/one");
	make_optional(package, "uprobe_no_file");
	tag_map(package, "spare", "b/third");
	must_load(package, &load);
	note("%s", log_text());
	assert_non_null(strstr(log_text(), "first: this kernel has no tracepoint sched/ecli_no_such_event "
					   "(program tp_missing); trying second\n"));
	assert_non_null(strstr(log_text(), "trying third\n"));
	assert_non_null(strstr(log_text(), "a/btf: taken\nb/third: taken\n"));
	assert_true(map_fd(load, "spare", NULL) >= 0);
	call_getppid(5);
	assert_int_equal(read_hits(load, 0), 5);
	assert_int_equal(read_hits(load, 1), 0);
	ecli_load_close(TAKE_PTR(load));

	/* The map of a choice that is not taken is not made. */
	take_prog(package, "uses_spare", "a/raw");
	tag_map(package, "spare", "a/raw");
	take_prog(package, "tp_enter", "b/first");
	struct ecli_package_prog *missing = find_prog(package, "tp_missing");
	ecli_package_extra_set_text(&missing->extras, "alternative", "z/other");
	make_optional(package, "tp_missing");
	must_load(package, &load);
	assert_int_equal(map_fd(load, "spare", NULL), -1);
}

static void a_look_and_a_try_say_the_same(void **state)
{
	(void)state;
	static const char *const progs[] = { "fentry_missing", "tp_btf_missing", "iter_missing" };

	for (size_t i = 0; i < ARRAY_SIZE(progs); i++) {
		OWN_PACKAGE tried = open_package("kinds");
		OWN_PACKAGE looked_up = open_package("kinds");
		OWN_LOAD load = NULL;
		struct ecli_err err = { 0 };
		char line[sizeof(err.text) + 64];

		take_prog(tried, progs[i], "only");
		assert_int_not_equal(load_package(tried, &err, &load), 0);
		assert_int_equal(err.fail, ECLI_FAIL_KERNEL);
		/* Only after a first failure are names looked up. */
		take_prog(looked_up, "raw_tp_missing", "zero");
		take_prog(looked_up, progs[i], "first");
		take_prog(looked_up, "uses_spare", "second");
		must_load(looked_up, &load);
		snprintf(line, sizeof(line), "first: %s; trying second\nsecond: taken\n", err.text);
		assert_string_equal(strchr(log_text(), '\n') + 1, line);
	}
}

static void optional_programs_may_fail(void **state)
{
	(void)state;
	static const char *const progs[] = { "tp_missing", "fentry_missing", "rejected", "not_supported",
					     "raw_tp_missing" };
	OWN_PACKAGE package = open_package("kinds");
	OWN_LOAD load = NULL;
	char want[128];

	take_prog(package, "tp_enter", "x/it");
	for (size_t i = 0; i < ARRAY_SIZE(progs); i++) {
		take_prog(package, progs[i], "x/it");
		make_optional(package, progs[i]);
	}
	must_load(package, &load);
	note("%s", log_text());
	for (size_t i = 0; i < ARRAY_SIZE(progs); i++) {
		snprintf(want, sizeof(want), "%s: ", progs[i]);
		assert_non_null(strstr(log_text(), want));
	}
	call_getppid(3);
	assert_int_equal(read_hits(load, 2), 3);
	ecli_load_close(TAKE_PTR(load));

	/* A tool of which nothing is left is not running. */
	struct ecli_err err = { 0 };
	make_optional(package, "tp_enter");
	take_prog(package, "tp_enter", "never/this");
	OWN_PACKAGE empty = open_package("kinds");
	take_prog(empty, "tp_missing", "x");
	make_optional(empty, "tp_missing");
	assert_int_not_equal(load_package(empty, &err, &load), 0);
	assert_int_equal(err.fail, ECLI_FAIL_KERNEL);
}

/* ---- nothing is left ------------------------------------------------------------------------------------------- */

/* Open descriptors of this process that are of BPF; ids of the programs and maps among them. */
static size_t list_bpf(uint32_t *progs, uint32_t *maps, size_t max)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	size_t count = 0, n_progs = 0, n_maps = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char link[64], target[64] = "";
		int fd = atoi(entry->d_name);

		snprintf(link, sizeof(link), "/proc/self/fd/%.20s", entry->d_name);
		if (readlink(link, target, sizeof(target) - 1) <= 0 ||
		    (!strstr(target, "bpf") && !strstr(target, "perf_event") && !strstr(target, "btf")))
			continue;
		count++;
		struct bpf_prog_info prog = { 0 };
		struct bpf_map_info map = { 0 };
		__u32 prog_size = sizeof(prog), map_size = sizeof(map);
		if (strstr(target, "bpf-prog") && n_progs < max && !bpf_obj_get_info_by_fd(fd, &prog, &prog_size))
			progs[n_progs++] = prog.id;
		if (strstr(target, "bpf-map") && n_maps < max && !bpf_obj_get_info_by_fd(fd, &map, &map_size))
			maps[n_maps++] = map.id;
	}
	closedir(dir);
	return count;
}

static bool is_gone(int (*get)(__u32 id), uint32_t id)
{
	/* The kernel frees after a grace period, which other programs on the machine can make long. */
	for (int i = 0; i < 6000; i++) {
		int fd = get(id);

		if (fd < 0)
			return true;
		close(fd);
		usleep(10000);
	}
	return false;
}

static void nothing_is_left_behind(void **state)
{
	(void)state;
	uint32_t progs[64] = { 0 }, maps[64] = { 0 }, none[1];
	OWN_PACKAGE package = open_package("kinds");
	OWN_LOAD load = NULL;
	struct ecli_err err = { 0 };

	assert_int_equal(list_bpf(none, none, 0), 0);
	take_prog(package, "tp_btf_enter", "x/it");
	take_prog(package, "raw_tp_enter", "x/it");
	take_prog(package, "tp_enter", "x/it");
	take_prog(package, "sample", "x/it");
	take_prog(package, "uprobe_mark", "x/it");
	take_prog(package, "iter_task", "x/it");
	must_load(package, &load);
	size_t open = list_bpf(progs, maps, ARRAY_SIZE(progs));
	assert_true(open >= 6 + 6 + 3); /* programs, links, maps */
	assert_true(progs[5] && maps[2]);
	ecli_load_detach(load);
	assert_true(list_bpf(none, none, 0) < open);
	ecli_load_close(TAKE_PTR(load));
	assert_int_equal(list_bpf(none, none, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(progs); i++) {
		assert_true(!progs[i] || is_gone(bpf_prog_get_fd_by_id, progs[i]));
		assert_true(!maps[i] || is_gone(bpf_map_get_fd_by_id, maps[i]));
	}

	/* Nor after a failure, early or late. */
	take_prog(package, "uprobe_no_symbol", "x/it");
	assert_int_not_equal(load_package(package, &err, &load), 0);
	assert_int_equal(list_bpf(none, none, 0), 0);
	take_prog(package, "rejected", "x/it");
	assert_int_not_equal(load_package(package, &err, &load), 0);
	assert_int_equal(list_bpf(none, none, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(system_call_programs_count_exactly),
		cmocka_unit_test(uprobes_count_exactly),
		cmocka_unit_test(perf_events_sample_by_frequency),
		cmocka_unit_test(perf_events_count_every_one),
		cmocka_unit_test(iterators_give_a_link),
		cmocka_unit_test(the_first_choice_that_works_is_taken),
		cmocka_unit_test(groups_choose_apart_from_each_other),
		cmocka_unit_test(a_look_and_a_try_say_the_same),
		cmocka_unit_test(optional_programs_may_fail),
	};
	return skip_without_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
