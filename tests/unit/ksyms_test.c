/* SPDX-License-Identifier: MIT */
/* symbols/ksyms.c and symbols/ktold.c: symbols that come and go, below a /proc of our own. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "still_clock.h"
#include "symbols/ksyms.h"

#define MODULES   0xffffffffc0200000ull
#define BPF       0xffffffffc0300000ull
#define SECOND_NS 1000000000ull

static char proc[64], path[80];
static struct ecli_ksyms *ksyms;

static void put(const char *name, const char *text)
{
	char file[96];

	snprintf(file, sizeof(file), "%s/%s", proc, name);
	assert_int_equal(ecli_file_write(file, text, strlen(text), NULL), 0);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(proc, "/tmp/ecli-ksyms.XXXXXX");
	assert_non_null(mkdtemp(proc));
	snprintf(path, sizeof(path), "%s/kallsyms", proc);
	put("modules", "ext4 8192 1 - Live 0xffffffffc0200000\nother 4096 0 - Live 0xffffffffc0210000 (OE)\n");
	put("kallsyms", "ffffffff81000000 T startup_64\n"
			"ffffffff81000040 T do_work\n"
			"ffffffffc0200000 t init_once\t[ext4]\n"
			"ffffffffc0200100 t last_of_ext4\t[ext4]\n"
			"ffffffffc0210000 t other_work\t[other]\n"
			"ffffffffc0300000 t bpf_prog_1_early\t[bpf]\n");
	ksyms = ecli_ksyms_new(path);
	return ksyms == NULL;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	clock_go();
	ecli_ksyms_free(ksyms);
	snprintf(command, sizeof(command), "rm -r '%s'", proc);
	return system(command);
}

/* "NAME+OFFSET", "": none. */
static const char *at(uint64_t address)
{
	static char text[128];
	struct ecli_ksym found;

	text[0] = '\0';
	if (ecli_ksyms_find(ksyms, address, &found))
		snprintf(text, sizeof(text), "%s+%llu", found.name, (unsigned long long)found.offset);
	return text;
}

static void tell(uint64_t start, uint64_t size_bytes, const char *name, bool is_gone, uint64_t time_ns)
{
	ecli_ksyms_tell(ksyms, &(struct ecli_symbols_event){ .kind = ECLI_SYMBOLS_KERNEL,
							     .start = start,
							     .size_bytes = size_bytes,
							     .path = name,
							     .is_gone = is_gone,
							     .time_ns = time_ns });
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static void a_module_ends(void **state)
{
	(void)state;
	assert_string_equal(at(0xffffffff81000044), "do_work+4");
	assert_string_equal(at(MODULES + 0x104), "last_of_ext4+4");
	assert_string_equal(at(MODULES + 0x1fff), "last_of_ext4+7935");
	assert_string_equal(at(MODULES + 0x2000), "");
	assert_string_equal(at(MODULES + 0x11000), "");
}

static void a_module_that_comes_later(void **state)
{
	(void)state;
	clock_stop();
	assert_string_equal(at(MODULES + 0x3000), "");
	put("modules", "ext4 8192 1 - Live 0xffffffffc0200000\nother 4096 0 - Live 0xffffffffc0210000\n"
		       "late 4096 0 - Live 0xffffffffc0203000\n");
	put("kallsyms", "ffffffff81000000 T startup_64\n"
			"ffffffffc0200000 t init_once\t[ext4]\n"
			"ffffffffc0203000 t late_work\t[late]\n"
			"ffffffffc0210000 t other_work\t[other]\n");
	/* Looked at a moment ago. */
	clock_move(SECOND_NS);
	assert_string_equal(at(MODULES + 0x3008), "late_work+8");
	assert_string_equal(at(MODULES + 8), "init_once+8");
	/* And one that goes. */
	put("modules", "ext4 8192 1 - Live 0xffffffffc0200000\n");
	put("kallsyms", "ffffffff81000000 T startup_64\nffffffffc0200000 t init_once\t[ext4]\n");
	clock_move(SECOND_NS);
	assert_string_equal(at(MODULES + 0x3008), "");
	assert_string_equal(at(MODULES + 0x10008), "");
}

static void programs_that_are_told_of(void **state)
{
	(void)state;
	uint64_t now = now_ns();

	assert_string_equal(at(BPF + 8), "bpf_prog_1_early+8");
	/* Behind it, where it would have reached. */
	tell(BPF + 0x400, 0x200, "bpf_prog_2_late", false, now);
	assert_string_equal(at(BPF + 0x3ff), "bpf_prog_1_early+1023");
	assert_string_equal(at(BPF + 0x410), "bpf_prog_2_late+16");
	/* Gone, and known still. */
	tell(BPF + 0x400, 0x200, "bpf_prog_2_late", true, now + SECOND_NS);
	assert_string_equal(at(BPF + 0x410), "bpf_prog_2_late+16");
	/* Nobody can tell: both were there for long. */
	tell(BPF + 0x500, 0x200, "bpf_prog_3_next", false, now + SECOND_NS);
	tell(BPF + 0x500, 0x200, "bpf_prog_3_next", true, now + 2 * SECOND_NS);
	assert_string_equal(at(BPF + 0x410), "bpf_prog_2_late+16");
	assert_string_equal(at(BPF + 0x510), "");
	assert_string_equal(at(BPF + 0x610), "bpf_prog_3_next+272");
	/* One that was there before anything was told, and went. */
	tell(BPF, 0x100, "bpf_prog_1_early", true, now + 2 * SECOND_NS);
	assert_string_equal(at(BPF + 8), "bpf_prog_1_early+8");
}

/* A tool's own loader takes the place for some milliseconds before the tool does. */
static void a_program_that_came_for_a_moment(void **state)
{
	(void)state;
	uint64_t now = now_ns();

	tell(BPF, 0x400, "bpf_prog_loader", false, now);
	tell(BPF, 0x400, "bpf_prog_loader", true, now + SECOND_NS / 100);
	assert_string_equal(at(BPF + 8), "bpf_prog_loader+8");
	tell(BPF, 0x200, "bpf_prog_tool", false, now + SECOND_NS / 50);
	tell(BPF, 0x200, "bpf_prog_tool", true, now + 5 * SECOND_NS);
	assert_string_equal(at(BPF + 8), "bpf_prog_tool+8");
	assert_string_equal(at(BPF + 0x208), "bpf_prog_loader+520");
}

static void more_than_are_kept(void **state)
{
	(void)state;
	uint64_t now = now_ns();

	for (uint64_t i = 0; i < 10000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "prog_%llu", (unsigned long long)i);
		tell(BPF + 0x10000 + i * 64, 64, name, false, now);
	}
	assert_string_equal(at(BPF + 0x10000 + 9999 * 64), "prog_9999+0");
	assert_string_equal(at(BPF + 0x10000 + 5000 * 64 + 1), "prog_5000+1");
	tell(0, 0, "nothing", false, now);
	tell(UINT64_MAX - 10, 100, "beyond", false, now);
	assert_string_equal(at(UINT64_MAX - 5), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_module_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_module_that_comes_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(programs_that_are_told_of, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_program_that_came_for_a_moment, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_than_are_kept, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
