/* SPDX-License-Identifier: MIT */
/*
 * What is set before loading arrives in the kernel: globals, map sizes, loss counters; pins do not; and what a load
 * costs.
 */
#include "harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "load/configure.h"

DEFINE_CLEANUP(package, struct ecli_package *, ecli_package_free)
DEFINE_CLEANUP(load, struct ecli_load *, ecli_load_close)
#define OWN_PACKAGE CLEANUP(cleanup_package) struct ecli_package *
#define OWN_LOAD    CLEANUP(cleanup_load) struct ecli_load *

struct values {
	uint32_t tgid, nr, bss, mine;
};

/* The object's variables, each alone in its section. */
static int load_maps(const struct ecli_package *package, struct values *values, struct ecli_err *err,
		     struct ecli_load **ret)
{
	struct ecli_global globals[] = {
		{ ".rodata", "self_tgid", 0, 4, (unsigned char *)&values->tgid },
		{ ".data", "in_data", 0, 4, (unsigned char *)&values->nr },
		{ ".bss", "in_bss", 0, 4, (unsigned char *)&values->bss },
		{ ".data.mine", "in_mine", 0, 4, (unsigned char *)&values->mine },
	};
	struct ecli_load_opts opts = { .globals = globals, .n_globals = ARRAY_SIZE(globals), .loader = test_loader };

	log_start();
	return ecli_load_open(package, &opts, err, ret);
}

static uint32_t read_section(const struct ecli_load *load, const char *map)
{
	uint32_t key = 0, value[4] = { 0 };
	struct ecli_load_map info;

	assert_true(map_fd(load, map, &info) >= 0);
	assert_true(info.value_size <= sizeof(value));
	assert_int_equal(bpf_map_lookup_elem(info.fd, &key, value), 0);
	return value[0];
}

static uint32_t number_in(const char *path)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };

	assert_int_equal(ecli_file_read(path, 64, &buf, NULL), 0);
	return (uint32_t)strtoul(ecli_buf_text(&buf), NULL, 10);
}

static void settings_arrive(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("maps");
	OWN_LOAD load = NULL;
	struct ecli_err err = { 0 };
	struct values values = { (uint32_t)getpid(), SYS_getppid, 1000, 3 };
	struct ecli_load_map map;
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	ecli_package_extra_set_text(&find_map(package, "start")->extras, "max_entries", "threads_max");
	ecli_package_extra_set(&find_map(package, "hits")->extras, "max_entries", "33");
	if (load_maps(package, &values, &err, &load))
		fail_msg("%s", err.text);

	map_fd(load, "ring", &map);
	assert_int_equal(bpf_obj_get_info_by_fd(map.fd, &info, &size), 0);
	assert_int_equal(info.max_entries, 8192);
	assert_true(map.map_type == BPF_MAP_TYPE_RINGBUF && map.max_entries == 8192 && !map.key_size &&
		    !map.value_size);
	map_fd(load, "perf", &map);
	assert_true(map.key_size == 4 && map.value_size == 4 && map.max_entries >= 1);
	map_fd(load, "start", &map);
	uint32_t pids = number_in("/proc/sys/kernel/pid_max"), threads = number_in("/proc/sys/kernel/threads-max");
	assert_int_equal(map.max_entries, pids < threads ? pids : threads);
	map_fd(load, "hits", &map);
	assert_int_equal(map.max_entries, 33);
	assert_int_not_equal(access("/sys/fs/bpf/ecli_load_test_pinned", F_OK), 0);

	call_getppid(100);
	assert_int_equal(read_hits(load, 0), 100);
	assert_int_equal(read_section(load, "maps.bss"), 1000 + 100 * 3);
	assert_int_equal(read_section(load, ".data.mine"), 3);
	assert_int_equal(read_section(load, "maps.data"), SYS_getppid);
}

static void losses_are_counted_by_map(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("maps");
	OWN_LOAD load = NULL;
	struct ecli_err err = { 0 };
	struct values values = { (uint32_t)getpid(), SYS_getppid, 0, 1 };
	struct ecli_load_lost lost = { .total = 1 };

	if (load_maps(package, &values, &err, &load))
		fail_msg("%s", err.text);
	assert_int_equal(ecli_load_lost(load, 0, &lost), 0);
	assert_string_equal(lost.map, "ring");
	assert_int_equal(lost.total, 0);
	call_getppid(7);
	assert_int_equal(ecli_load_lost(load, 0, &lost), 0);
	assert_string_equal(lost.map, "ring");
	assert_int_equal(lost.total, 707);
	assert_int_equal(ecli_load_lost(load, 1, &lost), 0);
	assert_string_equal(lost.map, "start");
	assert_int_equal(lost.total, 70);
	assert_int_equal(lost.map_type, BPF_MAP_TYPE_HASH);
	assert_int_equal(ecli_load_lost(load, 2, &lost), 0);
	assert_string_equal(lost.map, ""); /* a register is no map, but the kind of call is known */
	assert_int_equal(lost.map_type, BPF_MAP_TYPE_STACK_TRACE);
	assert_int_equal(lost.total, 7000);
	ecli_load_detach(load);
	assert_int_equal(ecli_load_lost(load, 1, &lost), 0);
	assert_int_equal(ecli_load_lost(load, 3, &lost), -ENOENT);
	assert_int_equal(lost.total, 70);

	OWN_PACKAGE plain = open_package("kinds");
	OWN_LOAD without = NULL;
	take_prog(plain, "raw_tp_enter", "it");
	assert_int_equal(load_package(plain, &err, &without), 0);
	assert_int_equal(ecli_load_lost(without, 0, &lost), -ENOTSUP);
}

static void wrong_settings_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "0", "\"none\"", "-1", "4294967296", "1.5", "{}", "\"\"" };
	struct ecli_err err = { 0 };
	struct ecli_load *load = NULL;
	unsigned char bytes[64] = { 0 };
	struct ecli_global global = { ".rodata", "x", 0, 1, bytes };
	struct ecli_load_opts opts = { .globals = &global, .n_globals = 1, .loader = test_loader };
	static const struct {
		const char *section;
		uint64_t offset;
		uint32_t size;
	} ranges[] = {
		{ ".rodata", 0, 5 },
		{ ".rodata", 4, 1 },
		{ ".rodata", UINT64_MAX, 1 },
		{ ".rodata", UINT64_MAX - 3, 8 },
		{ ".data", 1, 4 },
		{ ".kconfig", 0, 1 },
		{ "rodata", 0, 1 },
		{ ".rodata.", 0, 1 },
		{ "", 0, 1 },
		{ "ring", 0, 1 },
		{ ".mine", 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		OWN_PACKAGE package = open_package("maps");

		ecli_package_extra_set(&find_map(package, "start")->extras, "max_entries", bad[i]);
		assert_int_equal(ecli_load_open(package, NULL, &err, &load), -EINVAL);
		assert_memory_equal(err.text, "map start: max_entries must be ", 31);
	}
	OWN_PACKAGE package = open_package("maps");
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		global.section = ranges[i].section;
		global.offset_bytes = ranges[i].offset;
		global.size_bytes = ranges[i].size;
		if (ecli_load_open(package, &opts, &err, &load) != -EINVAL)
			fail_msg("range %zu was taken", i);
		assert_memory_equal(err.text, "cannot set x: ", 14);
	}
	assert_null(load);
}

static void damaged_objects_are_refused(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("maps");
	struct ecli_err err = { 0 };
	struct ecli_load *load = NULL;
	size_t whole = package->object_size;

	for (size_t size = 0; size < whole; size += whole / 40 + 1) {
		package->object_size = size;
		assert_true(ecli_load_open(package, NULL, &err, &load) < 0);
		assert_true(err.text[0] && !strchr(err.text, '\n'));
	}
	note("%s\n", err.text);
	package->object_size = whole;
	memset(package->object, 'x', whole);
	assert_true(ecli_load_open(package, NULL, &err, &load) < 0);
}

/* ---- cost ------------------------------------------------------------------------------------------------------ */

/* What this process has read from files so far; 0 where the kernel does not count it. */
static uint64_t bytes_read(void)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	const char *found;

	if (ecli_file_read("/proc/self/io", 4096, &buf, NULL) || !(found = strstr(ecli_buf_text(&buf), "rchar: ")))
		return 0;
	return strtoull(found + strlen("rchar: "), NULL, 10);
}

static uint64_t kernel_btf_bytes(void)
{
	struct stat st = { 0 };

	stat("/sys/kernel/btf/vmlinux", &st);
	return (uint64_t)st.st_size;
}

static void note_loader(void *ctx, enum ecli_log_level level, const char *line)
{
	(void)level;
	*(bool *)ctx |= !strncmp(line, "loaded by a loader program", 26);
}

struct cost {
	uint64_t read_bytes;
	long before_kb, peak_kb;
	int r;
	bool by_loader; /* only with @listens: who listens is told why a choice was not taken, and that costs more */
};

/* In a process of its own, so that the peak of memory is that of one load. */
static struct cost load_once(const struct ecli_package *package, bool listens)
{
	struct cost cost = { 0 };
	int pipe_fds[2];
	struct rusage usage;

	assert_int_equal(pipe(pipe_fds), 0);
	pid_t pid = fork();
	if (!pid) {
		struct ecli_load_opts opts = { .loader = test_loader };
		struct ecli_load *load = NULL;

		if (listens)
			ecli_log_set(note_loader, &cost.by_loader, ECLI_LOG_INFO);
		getrusage(RUSAGE_SELF, &usage);
		cost.before_kb = usage.ru_maxrss;
		cost.read_bytes = bytes_read();
		cost.r = ecli_load_open(package, &opts, NULL, &load);
		cost.read_bytes = bytes_read() - cost.read_bytes;
		getrusage(RUSAGE_SELF, &usage);
		cost.peak_kb = usage.ru_maxrss;
		ecli_load_close(load);
		_exit(ecli_file_write_all(pipe_fds[1], &cost, sizeof(cost)) ? 1 : 0);
	}
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &cost, sizeof(cost)), sizeof(cost));
	close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(cost.r, 0);
	return cost;
}

/*
 * What a load costs is what it reads and keeps; how long that takes is for bench/. The dearest thing is the type information of the
 * kernel: a loader program needs none of it, libbpf reads it at most once for each try.
 */
static void measure(const struct ecli_package *package, const char *what, unsigned tries)
{
	bool by_loader = load_once(package, true).by_loader;
	struct cost cost = load_once(package, false);

	note("%s%s: %lu bytes read, peak %ld kB (%ld kB before)\n", what, by_loader ? ", by a loader program" : "",
	     (unsigned long)cost.read_bytes, cost.peak_kb, cost.before_kb);
	assert_in_range(cost.read_bytes, 0, (by_loader ? 0 : kernel_btf_bytes() * tries) + (256 << 10));
#ifndef __SANITIZE_ADDRESS__
	assert_true(cost.peak_kb < 32 * 1024);
#endif
}

static void a_load_is_cheap(void **state)
{
	(void)state;
	OWN_PACKAGE maps = open_package("maps");
	OWN_PACKAGE two = open_package("kinds");

	log_stop();
	measure(maps, "one tp_btf program with relocations, 7 maps", 1);
	take_prog(two, "fentry_missing", "first");
	take_prog(two, "tp_btf_missing", "second");
	take_prog(two, "iter_missing", "third");
	take_prog(two, "tp_btf_enter", "fourth");
	measure(two, "four choices, three not in the kernel", 4);
	OWN_PACKAGE tried = open_package("kinds");
	take_prog(tried, "tp_missing", "first");
	take_prog(tried, "raw_tp_enter", "second");
	measure(tried, "two choices, the first fails to attach", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_arrive),
		cmocka_unit_test(losses_are_counted_by_map),
		cmocka_unit_test(wrong_settings_are_refused),
		cmocka_unit_test(damaged_objects_are_refused),
		cmocka_unit_test(a_load_is_cheap),
	};
	return skip_without_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
