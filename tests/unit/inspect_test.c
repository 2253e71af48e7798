/* SPDX-License-Identifier: MIT */
/*
 * Inspection: the tables against the kernel's own header, what is found in an object made by hand, and that no damaged
 * object does harm. The tools as a whole are tests/cli/inspect.sh.
 */
#include "unit.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/inspect.h>

#include "base/elf.h"
#include "inspect/tables.h"
#include "package_fixture.h"

struct subject {
	struct ecli_package *package;
	struct ecli_types *types;
	struct ecli_inspect *inspect;
};

static void open_subject(struct subject *subject)
{
	*subject = (struct subject){ .package = read_object() };
	assert_int_equal(
		ecli_types_read_object(subject->package->object, subject->package->object_size, NULL, &subject->types),
		0);
}

static int look(struct subject *subject)
{
	const struct ecli_inspect_opts opts = { .cpus = 4, .page_bytes = 4096 };
	struct ecli_err err = { 0 };

	ecli_inspect_free(subject->inspect);
	subject->inspect = NULL;
	return ecli_inspect_build(subject->package, subject->types, &opts, &err, &subject->inspect);
}

static void close_subject(struct subject *subject)
{
	ecli_inspect_free(subject->inspect);
	ecli_types_free(subject->types);
	ecli_package_free(subject->package);
}

/* The bytes of a section of the subject's object. */
static unsigned char *section(struct subject *subject, const char *name)
{
	struct ecli_elf elf;
	struct ecli_elf_section found;

	assert_int_equal(ecli_elf_open(&elf, subject->package->object, subject->package->object_size, NULL), 0);
	assert_true(ecli_elf_find_section(&elf, name, &found));
	return (unsigned char *)found.data;
}

static const struct ecli_inspect_map *find_map(const struct subject *subject, const char *name)
{
	for (size_t i = 0; i < subject->inspect->n_maps; i++)
		if (!strcmp(subject->inspect->maps[i].name, name))
			return &subject->inspect->maps[i];
	fail_msg("no map %s", name);
	return NULL;
}

static const char *needed_since(const struct subject *subject, const char *what)
{
	for (size_t i = 0; i < subject->inspect->n_features; i++)
		if (!strcmp(subject->inspect->features[i].what, what))
			return subject->inspect->features[i].since;
	return NULL;
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */

#define NAME(name) "bpf_" #name
static const char *const kernel_names[] = { __BPF_FUNC_MAPPER(NAME) };

static void helpers_have_the_kernels_names(void **state)
{
	(void)state;
	size_t n = sizeof(kernel_names) / sizeof(kernel_names[0]);

	assert_true(n >= 200);
	for (uint32_t id = 1; id < n && id < 212; id++)
		assert_string_equal(inspect_helper_name(id), kernel_names[id]);
	assert_null(inspect_helper_name(0));
	assert_null(inspect_helper_name(212));
	assert_null(inspect_helper_name(UINT32_MAX));
}

/* What is not known to be harmless is told, so every helper is in one of the two lists, and none in both. */
static void every_helper_is_judged(void **state)
{
	static const char *const harmless[] = { "__bpf_trap", "bpf_rcu_read_lock", "bpf_iter_num_next",
						"css_rstat_updated", "bpf_cpumask_xor" };
	static const char *const effects[] = { "bpf_send_signal_task", "bpf_sock_destroy", "crash_kexec" };

	(void)state;
	for (uint32_t id = 1; id < 212; id++) {
		const char *name = inspect_helper_name(id);
		size_t len = strlen(name);

		if (inspect_is_harmless(name, len) == (inspect_call_effect(name, len) != NULL))
			fail_msg("%s is in both lists or in none", name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		assert_true(inspect_is_harmless(harmless[i], strlen(harmless[i])));
	for (size_t i = 0; i < ARRAY_SIZE(effects); i++)
		assert_non_null(inspect_call_effect(effects[i], strlen(effects[i])));
	/* As far as the name goes, and no further. */
	assert_true(inspect_is_harmless("bpf_loop___new", 8));
	assert_false(inspect_is_harmless("bpf_loops", 9));
	assert_false(inspect_is_harmless("bpf_loo", 7));
	assert_null(inspect_call_effect("bpf_send_signal_new", 19));
	assert_string_equal(inspect_call_cost("bpf_loop"), "up to 8388608 rounds each time it is reached");
	assert_null(inspect_call_cost("bpf_loop_x"));
}

static void helpers_have_versions(void **state)
{
	static const struct {
		uint32_t id;
		const char *since;
	} rows[] = {
		{ 0, "" },
		{ BPF_FUNC_map_lookup_elem, "3.19" },
		{ BPF_FUNC_probe_read, "4.1" },
		{ BPF_FUNC_override_return, "4.16" },
		{ BPF_FUNC_send_signal, "5.3" },
		{ BPF_FUNC_probe_read_kernel_str, "5.5" },
		{ BPF_FUNC_tcp_send_ack, "5.6" },
		{ BPF_FUNC_ringbuf_output, "5.8" },
		{ BPF_FUNC_redirect_peer, "5.10" },
		{ BPF_FUNC_get_current_task_btf, "5.11" },
		{ BPF_FUNC_get_attach_cookie, "5.15" },
		{ BPF_FUNC_loop, "5.17" },
		{ BPF_FUNC_user_ringbuf_drain, "6.1" },
		{ 211, "6.2" },
		{ 212, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(inspect_helper_since(rows[i].id), rows[i].since);
}

static void sections_have_kinds(void **state)
{
	static const struct {
		const char *section, *words, *target;
		bool has_effect;
	} rows[] = {
		{ "tracepoint/syscalls/sys_enter_open", "tracepoint", "syscalls/sys_enter_open", false },
		{ "xdp", "network interface, as packets arrive", "", true },
		{ "cgroup/connect4", "connect(2) of a cgroup", "", true },
		{ "cgroup/new_thing", "cgroup", "new_thing", true },
		{ "fentry.s/do_exit", "kernel function, at its entry, may sleep", "do_exit", false },
		{ "perf_event", "performance event", "", false },
	};
	const char *target;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct inspect_kind *kind = inspect_kind_find(rows[i].section, &target);

		assert_non_null(kind);
		assert_string_equal(kind->words, rows[i].words);
		assert_string_equal(target, rows[i].target);
		assert_int_equal(kind->effect != NULL, rows[i].has_effect);
	}
	assert_null(inspect_kind_find("xdpx", &target));
	assert_null(inspect_kind_find("", &target));
	assert_string_equal(target, "");
}

static void map_types_have_words(void **state)
{
	(void)state;
	for (uint32_t type = 1; type <= 33; type++)
		assert_non_null(inspect_map_type_find(type));
	assert_string_equal(inspect_map_type_find(BPF_MAP_TYPE_TASK_STORAGE)->words, "task storage");
	assert_null(inspect_map_type_find(0));
	assert_null(inspect_map_type_find(34));
}

/* ---- an object ------------------------------------------------------------------------------------------------- */

static void an_object_is_told(void **state)
{
	struct subject subject;

	(void)state;
	open_subject(&subject);
	assert_int_equal(look(&subject), 0);
	assert_int_equal(subject.inspect->instructions, 6);
	assert_string_equal(subject.inspect->license, "GPL");
	assert_null(subject.inspect->compiler);
	assert_int_equal(subject.inspect->n_progs, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(subject.inspect->progs[i].instructions, 2);
		assert_string_equal(subject.inspect->progs[i].target, "sched_switch");
	}
	assert_int_equal(subject.inspect->n_calls, 0);
	assert_int_equal(subject.inspect->n_effects, 0);
	assert_int_equal(find_map(&subject, "events")->max_entries, 4096);
	/* 2 ms of 8-byte records at full rate. */
	assert_int_equal(find_map(&subject, "events")->run_bytes, 512 * 1024);
	assert_int_equal(find_map(&subject, "events")->memory_bytes, 512 * 1024 + 3 * 4096);
	assert_string_equal(find_map(&subject, "events")->value_type, "struct event");
	assert_int_equal(find_map(&subject, ".rodata")->memory_bytes, 4096);
	assert_true(find_map(&subject, ".bss")->is_section);
	assert_int_equal(subject.inspect->memory_bytes, (uint64_t)(128 + 3 + subject.inspect->n_maps - 1) * 4096);
	assert_int_equal(subject.inspect->n_sources, 1);
	assert_int_equal(subject.inspect->sources[0].n_fields, 2);
	assert_string_equal(subject.inspect->sources[0].fields[0].type, "u32");
	assert_string_equal(subject.inspect->sources[0].fields[1].type, "s32");
	assert_string_equal(needed_since(&subject, "ring buffer maps"), "5.8");
	assert_string_equal(needed_since(&subject, "tp_btf programs"), "5.5");
	assert_null(needed_since(&subject, "bounded loops"));
	close_subject(&subject);
}

static void instructions_are_read(void **state)
{
	static const struct {
		unsigned char code[8];
		const char *call, *needed;
	} rows[] = {
		{ { 0x85, 0, 0, 0, 109 }, "bpf_send_signal", NULL },
		{ { 0x85, 0, 0, 0, 212 }, "helper number 212", NULL },
		{ { 0x85, 0x10, 0, 0, 1 }, NULL, "functions called by functions" },
		{ { 0x16, 0, 1, 0, 0 }, NULL, "32-bit jumps" },
		{ { 0x15, 0, 0xff, 0xff, 0 }, NULL, "bounded loops" },
		{ { 0xdb, 0, 0, 0, 0xe1 }, NULL, "atomic instructions" },
		{ { 0xdb, 0, 0, 0, 0 }, NULL, NULL },
		{ { 0x91, 0, 0, 0, 0 }, NULL, "instruction set version 4" },
		{ { 0xbf, 0, 8, 0, 0 }, NULL, "instruction set version 4" },
	};
	struct subject subject;

	(void)state;
	open_subject(&subject);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(section(&subject, ".text"), rows[i].code, 8);
		assert_int_equal(look(&subject), 0);
		assert_int_equal(subject.inspect->n_calls, rows[i].call ? 1 : 0);
		if (rows[i].call)
			assert_string_equal(subject.inspect->calls[0].name, rows[i].call);
		if (rows[i].needed)
			assert_non_null(needed_since(&subject, rows[i].needed));
		static const char *const all[] = { "functions called by functions", "32-bit jumps", "bounded loops",
						   "atomic instructions", "instruction set version 4" };
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
			if (!rows[i].needed || strcmp(rows[i].needed, all[k]))
				assert_null(needed_since(&subject, all[k]));
	}
	/* The second half of a 64-bit constant is no instruction, and looks like none; a function that ends with the first one is damaged. */
	memcpy(section(&subject, ".text"), (unsigned char[16]){ 0x18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 36 }, 16);
	assert_int_equal(look(&subject), 0);
	assert_int_equal(subject.inspect->n_calls, 0);
	section(&subject, ".text")[8] = 0x85;
	assert_int_equal(look(&subject), -EINVAL);
	memcpy(section(&subject, ".text") + 8, (unsigned char[8]){ 0x18 }, 8);
	assert_int_equal(look(&subject), -EINVAL);
	close_subject(&subject);
}

static void sizes_do_not_overflow(void **state)
{
	static const struct {
		const char *entries;
		uint64_t bytes;
		bool is_per_entry;
	} rows[] = {
		{ "4294967295", (1ull << 32) + 3 * 4096, false },
		{ "5000", 512 * 1024 + 3 * 4096, false }, /* as in a run */
		{ "524289", 1024 * 1024 + 3 * 4096, false },
		{ "\"99999999999999999999\"", 1, true },
		{ "\"threads_max\"", 1, true },
	};
	struct subject subject;

	(void)state;
	open_subject(&subject);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t m = 0; m < subject.package->n_maps; m++)
			if (!strcmp(subject.package->maps[m].ident, "events"))
				ecli_package_extra_set(&subject.package->maps[m].extras, "max_entries",
						       rows[i].entries);
		assert_int_equal(look(&subject), 0);
		assert_int_equal(find_map(&subject, "events")->is_per_entry, rows[i].is_per_entry);
		assert_int_equal(find_map(&subject, "events")->memory_bytes, rows[i].bytes);
	}
	close_subject(&subject);
}

static void damaged_objects_do_no_harm(void **state)
{
	struct subject subject;
	uint64_t random = 88172645463325252ull;

	(void)state;
	open_subject(&subject);
	size_t size = subject.package->object_size;
	unsigned char *whole = malloc(size);
	assert_non_null(whole);
	memcpy(whole, subject.package->object, size);
	for (unsigned int round = 0; round < 4000; round++) {
		unsigned char *object = subject.package->object;

		memcpy(object, whole, size);
		for (unsigned int hit = 0; hit <= round % 4; hit++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			object[random % size] = (unsigned char)(random >> 32);
		}
		/* A cut object in memory of just its size, so that a read past its end is seen. */
		subject.package->object_size = round % 3 ? size : random % size;
		unsigned char *cut = malloc(subject.package->object_size + !subject.package->object_size);
		assert_non_null(cut);
		memcpy(cut, object, subject.package->object_size);
		subject.package->object = cut;
		int r = look(&subject);
		assert_true(r == 0 || r == -EINVAL || r == -ENOTSUP);
		ecli_inspect_free(subject.inspect);
		subject.inspect = NULL;
		free(cut);
		subject.package->object = object;
	}
	free(whole);
	close_subject(&subject);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(helpers_have_the_kernels_names), cmocka_unit_test(every_helper_is_judged),
		cmocka_unit_test(helpers_have_versions),          cmocka_unit_test(sections_have_kinds),
		cmocka_unit_test(map_types_have_words),           cmocka_unit_test(an_object_is_told),
		cmocka_unit_test(instructions_are_read),          cmocka_unit_test(sizes_do_not_overflow),
		cmocka_unit_test(damaged_objects_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
