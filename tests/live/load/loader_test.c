/* SPDX-License-Identifier: MIT */
/*
 * Both ways into the kernel, a loader program and libbpf: the same programs, instruction by instruction as the kernel
 * translated them, the same maps, the same effects and the same sentences; and a loader program is what is used where it
 * can be.
 */
#include "harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(package, struct ecli_package *, ecli_package_free)
DEFINE_CLEANUP(load, struct ecli_load *, ecli_load_close)
#define OWN_PACKAGE CLEANUP(cleanup_package) struct ecli_package *
#define OWN_LOAD    CLEANUP(cleanup_load) struct ecli_load *

#define MAX_INSNS 4096

static void load_by(enum ecli_loader way, const struct ecli_package *package, struct ecli_load **ret)
{
	struct ecli_err err = { 0 };

	test_loader = way;
	if (load_package(package, &err, ret))
		fail_msg("%s", err.text);
	test_loader = ECLI_LOADER_AUTO;
}

/* ---- what the kernel has --------------------------------------------------------------------------------------- */

struct program {
	struct bpf_prog_info info;
	struct bpf_insn insns[MAX_INSNS];
	uint32_t maps[64];
};

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	return info.id;
}

static const char *map_name(const struct ecli_load *load, uint32_t id)
{
	for (size_t i = 0; i < ecli_load_map_count(load); i++) {
		struct ecli_load_map map;

		ecli_load_map(load, i, &map);
		if (map_id(map.fd) == id)
			return map.name;
	}
	return NULL;
}

/* The program of that name which uses maps of the load; -1: none. */
static int find_program(const struct ecli_load *load, const char *name, struct program *ret)
{
	uint32_t id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);
		struct bpf_prog_info info = { .map_ids = (uintptr_t)ret->maps,
					      .nr_map_ids = 64,
					      .xlated_prog_insns = (uintptr_t)ret->insns,
					      .xlated_prog_len = sizeof(ret->insns) };
		uint32_t len = sizeof(info);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) ||
		    strncmp(info.name, name, sizeof(info.name) - 1))
			continue;
		for (uint32_t i = 0; i < info.nr_map_ids; i++)
			if (map_name(load, ret->maps[i])) {
				ret->info = info;
				return 0;
			}
	}
	return -1;
}

/* Maps are numbers in the code that the kernel shows; the numbers differ, what they name must not. */
static void assert_same_code(const struct ecli_load *a, const struct program *x, const struct ecli_load *b,
			     const struct program *y)
{
	assert_int_equal(x->info.type, y->info.type);
	if (x->info.xlated_prog_len != y->info.xlated_prog_len)
		fail_msg("%s: %u bytes and %u bytes", x->info.name, x->info.xlated_prog_len, y->info.xlated_prog_len);
	assert_in_range(x->info.xlated_prog_len, 16, sizeof(x->insns));
	for (size_t i = 0; i < x->info.xlated_prog_len / sizeof(struct bpf_insn); i++) {
		struct bpf_insn m = x->insns[i], n = y->insns[i];

		if (m.code == (BPF_LD | BPF_IMM | BPF_DW) && (m.src_reg == 1 || m.src_reg == 2)) {
			const char *first = map_name(a, (uint32_t)m.imm), *second = map_name(b, (uint32_t)n.imm);

			assert_true(first && second);
			assert_string_equal(first, second);
			m.imm = n.imm = 0;
		}
		if (memcmp(&m, &n, sizeof(m)))
			fail_msg("%s: instruction %zu differs", x->info.name, i);
	}
}

static void assert_same_maps(const struct ecli_load *a, const struct ecli_load *b)
{
	assert_int_equal(ecli_load_map_count(a), ecli_load_map_count(b));
	for (size_t i = 0; i < ecli_load_map_count(a); i++) {
		struct bpf_map_info m = { 0 }, n = { 0 };
		uint32_t m_len = sizeof(m), n_len = sizeof(n);
		struct ecli_load_map x, y;

		ecli_load_map(a, i, &x);
		ecli_load_map(b, i, &y);
		assert_string_equal(x.name, y.name);
		assert_int_equal(bpf_obj_get_info_by_fd(x.fd, &m, &m_len), 0);
		assert_int_equal(bpf_obj_get_info_by_fd(y.fd, &n, &n_len), 0);
		assert_string_equal(m.name, n.name);
		assert_int_equal(m.type, n.type);
		assert_int_equal(m.key_size, n.key_size);
		assert_int_equal(m.value_size, n.value_size);
		assert_int_equal(m.max_entries, n.max_entries);
		assert_int_equal(m.map_flags, n.map_flags);
	}
}

/* Compares the programs that are loaded; how many. */
static size_t compare(const struct ecli_package *package)
{
	static struct program x, y;
	OWN_LOAD by_program = NULL;
	OWN_LOAD by_libbpf = NULL;

	load_by(ECLI_LOADER_PROGRAM, package, &by_program);
	load_by(ECLI_LOADER_LIBBPF, package, &by_libbpf);
	assert_same_maps(by_program, by_libbpf);
	size_t count = 0;
	for (size_t i = 0; i < package->n_progs; i++) {
		bool is_in = !find_program(by_program, package->progs[i].name, &x);

		assert_int_equal(is_in, !find_program(by_libbpf, package->progs[i].name, &y));
		if (!is_in)
			continue;
		assert_same_code(by_program, &x, by_libbpf, &y);
		count++;
	}
	return count;
}

static void both_ways_load_the_same(void **state)
{
	(void)state;
	static const char *const all[] = { "one", "two", "three", "four" };
	static const char *const kinds[] = { "tp_btf_enter", "raw_tp_enter", "tp_enter", "sample" };
	OWN_PACKAGE ways = open_package("ways");
	OWN_PACKAGE simple = open_package("kinds");
	OWN_PACKAGE sections = open_package("maps");

	assert_int_equal(compare(sections), 1);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		OWN_PACKAGE package = open_package("kinds");

		take_prog(package, kinds[i], "it");
		assert_int_equal(compare(package), 1);
		take_prog(simple, kinds[i], "it");
	}
	assert_int_equal(compare(simple), ARRAY_SIZE(kinds));
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		take_prog(ways, all[i], "it");
	assert_int_equal(compare(ways), ARRAY_SIZE(all));
}

static void our_tools_are_the_same_either_way(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t programs;
	} tools[] = { { "runqslower", 3 }, { "exitsnoop", 1 }, { "unlinksnoop", 2 }, { "runqlat", 3 } };

	/* Of the suite that runs this, so that a second build need not make them again; else of this build. */
	const char *folder = getenv("PACKAGES") ?: getenv("ECLI_LOAD_TOOLS");

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		OWN_PACKAGE package = NULL;
		struct ecli_err err = { 0 };
		char path[512];

		snprintf(path, sizeof(path), "%s/%s/package.json", folder, tools[i].name);
		if (ecli_package_read_file(path, &err, &package))
			fail_msg("%s", err.text);
		size_t count = compare(package);
		note("%s: %zu programs\n", tools[i].name, count);
		assert_true(count >= tools[i].programs);
	}
}

/* ---- effects --------------------------------------------------------------------------------------------------- */

static uint64_t read_u64(const struct ecli_load *load, const char *map)
{
	uint32_t key = 0;
	uint64_t value = 0;
	int fd = map_fd(load, map, NULL);

	return fd < 0 || bpf_map_lookup_elem(fd, &key, &value) ? UINT64_MAX : value;
}

static void effects_are_the_same(void **state)
{
	(void)state;
	static const enum ecli_loader both[] = { ECLI_LOADER_PROGRAM, ECLI_LOADER_LIBBPF };

	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		OWN_PACKAGE package = open_package("ways");
		OWN_LOAD load = NULL;

		take_prog(package, "one", "it");
		take_prog(package, "two", "it");
		take_prog(package, "three", "it");
		load_by(both[i], package, &load);
		call_getppid(10);
		ecli_load_detach(load);
		call_getppid(10);
		assert_int_equal(read_hits(load, 1), 10);
		assert_int_equal(read_hits(load, 2), 10);
		assert_int_equal(read_hits(load, 3), 10);
		assert_int_equal(read_u64(load, "ways.data"), 5 + 10 * (1 + 2 + 3));
		assert_int_equal(read_u64(load, "ways.bss"), 30);
		assert_int_equal((uint32_t)read_u64(load, "inner"), 10);
		assert_int_equal(read_u64(load, "first_map"), 1);
		assert_int_equal(read_u64(load, "second_map"), 2);
	}
}

/* ---- what stays out -------------------------------------------------------------------------------------------- */

static void maps_of_other_choices_are_not_made(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("ways");
	OWN_LOAD load = NULL;

	take_prog(package, "one", "x/one");
	take_prog(package, "two", "x/two");
	tag_map(package, "first_map", "x/one");
	tag_map(package, "second_map", "x/two");
	load_by(ECLI_LOADER_PROGRAM, package, &load);
	call_getppid(3);
	assert_int_equal(read_hits(load, 1), 3);
	assert_int_equal(read_hits(load, 2), 0);
	assert_int_equal(read_u64(load, "first_map"), 1);
	assert_int_equal(map_fd(load, "second_map", NULL), -1);
}

/* A program that needs a map of another choice: libbpf has the word, and the sentence is the same. */
static void maps_that_are_missed_are_named(void **state)
{
	(void)state;
	struct ecli_err by_itself = { 0 }, by_libbpf = { 0 };
	OWN_PACKAGE package = open_package("ways");
	struct ecli_load *load = NULL;

	take_prog(package, "two", "it");
	tag_map(package, "second_map", "other");
	test_loader = ECLI_LOADER_LIBBPF;
	assert_true(load_package(package, &by_libbpf, &load) < 0);
	test_loader = ECLI_LOADER_AUTO;
	assert_true(load_package(package, &by_itself, &load) < 0);
	note("%s\n", by_itself.text);
	assert_non_null(strstr(by_itself.text, "second_map"));
	assert_string_equal(by_itself.text, by_libbpf.text);
}

/* ---- choices --------------------------------------------------------------------------------------------------- */

static void choices_are_the_same_with_and_without_words(void **state)
{
	(void)state;
	static const char *const first[] = { "fentry_missing", "tp_btf_missing", "rejected", "unknown_helper",
					     "unknown_member", "tp_missing",     "no_target" };

	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		for (int words = 0; words < 2; words++) {
			OWN_PACKAGE package = open_package("kinds");
			struct ecli_err err = { 0 };
			OWN_LOAD load = NULL;

			take_prog(package, first[i], "a");
			take_prog(package, "raw_tp_missing", "b");
			take_prog(package, "raw_tp_enter", "c");
			struct ecli_load_opts opts = { .loader = ECLI_LOADER_AUTO };
			if (words)
				log_start();
			else
				log_stop();
			if (ecli_load_open(package, &opts, &err, &load))
				fail_msg("%s: %s", first[i], err.text);
			static struct program program;
			assert_int_equal(find_program(load, "raw_tp_enter", &program), 0);
			if (words)
				assert_non_null(strstr(log_text(), "; trying b\n"));
		}
}

/* Addresses of the kernel in a verifier's log are of one load each. */
static void hide_addresses(char *text)
{
	for (char *p = text; (p = strstr(p, "0xffff"));)
		for (p += 2; strspn(p, "0123456789abcdef"); p++)
			*p = 'x';
}

static void failures_have_the_same_words(void **state)
{
	(void)state;
	static const char *const last[] = { "fentry_missing", "rejected", "unknown_helper", "unknown_member" };

	for (size_t i = 0; i < ARRAY_SIZE(last); i++) {
		OWN_PACKAGE package = open_package("kinds");
		struct ecli_err by_itself = { 0 }, by_libbpf = { 0 };
		struct ecli_load_opts opts = { .loader = ECLI_LOADER_LIBBPF };
		struct ecli_load *load = NULL;

		take_prog(package, "tp_btf_missing", "x/one");
		take_prog(package, "tp_missing", "x/two");
		take_prog(package, last[i], "x/three");
		log_stop();
		assert_true(ecli_load_open(package, &opts, &by_libbpf, &load) < 0);
		opts.loader = ECLI_LOADER_AUTO;
		assert_true(ecli_load_open(package, &opts, &by_itself, &load) < 0);
		hide_addresses(by_itself.text);
		hide_addresses(by_libbpf.text);
		assert_string_equal(by_itself.text, by_libbpf.text);
		assert_int_equal(by_itself.fail, by_libbpf.fail);
		assert_int_equal(by_itself.code, by_libbpf.code);
	}
}

/* A question that the generator answers wrongly: the program would load and take the wrong branch. */
static void weak_symbols_of_the_kernel_are_found(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("weak");
	struct ecli_err err = { 0 };
	struct ecli_load *load = NULL;

	test_loader = ECLI_LOADER_PROGRAM;
	assert_true(load_package(package, &err, &load) < 0);
	assert_string_equal(err.text, "no loader program can load this: it asks what the kernel has (__weak)");
	for (int way = ECLI_LOADER_AUTO; way <= ECLI_LOADER_LIBBPF; way += ECLI_LOADER_LIBBPF) {
		OWN_LOAD found = NULL;

		load_by((enum ecli_loader)way, package, &found);
		call_getppid(5);
		assert_true(read_hits(found, 1) >= 5);
		assert_int_equal(read_hits(found, 2), 0);
	}
}

static void what_only_libbpf_can_is_said(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	struct ecli_err err = { 0 };
	struct ecli_load *load = NULL;

	take_prog(package, "uprobe_no_symbol", "it");
	test_loader = ECLI_LOADER_PROGRAM;
	assert_true(load_package(package, &err, &load) < 0);
	test_loader = ECLI_LOADER_AUTO;
	assert_string_equal(err.text,
			    "no loader program can load this: a program is attached in a way that needs libbpf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_load_the_same),
		cmocka_unit_test(our_tools_are_the_same_either_way),
		cmocka_unit_test(effects_are_the_same),
		cmocka_unit_test(maps_of_other_choices_are_not_made),
		cmocka_unit_test(maps_that_are_missed_are_named),
		cmocka_unit_test(choices_are_the_same_with_and_without_words),
		cmocka_unit_test(failures_have_the_same_words),
		cmocka_unit_test(weak_symbols_of_the_kernel_are_found),
		cmocka_unit_test(what_only_libbpf_can_is_said),
	};
	return skip_without_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
