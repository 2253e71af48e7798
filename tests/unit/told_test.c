/* SPDX-License-Identifier: MIT */
/* symbols/told.c: what was told of a process, in the end, against a model that marks every byte. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "symbols/told.h"

static struct ecli_told *told;

static int setup(void **state)
{
	(void)state;
	told = ecli_told_new();
	return told == NULL;
}

static int teardown(void **state)
{
	(void)state;
	ecli_told_free(told);
	return 0;
}

static void tell(enum ecli_symbols_event_kind kind, uint32_t pid, uint32_t parent)
{
	ecli_told_add(told, &(struct ecli_symbols_event){ .kind = kind, .pid = pid, .parent = parent });
}

static void map(uint32_t pid, uint64_t start, uint64_t size_bytes, uint64_t inode, const char *path)
{
	ecli_told_add(told, &(struct ecli_symbols_event){ .kind = ECLI_SYMBOLS_MAPPED,
							  .pid = pid,
							  .start = start,
							  .size_bytes = size_bytes,
							  .offset = start / 2,
							  .device_major = 8,
							  .device_minor = 1,
							  .inode = inode,
							  .path = path });
}

static size_t maps_of(uint32_t pid, struct ecli_map ret[ECLI_TOLD_MAPPINGS])
{
	struct ecli_image_id id = ecli_told_last(told, pid);

	return ecli_told_maps(told, &id, ret);
}

/* "1000-2000 a, 3000-4000 b (parent 7)" */
static const char *told_of(uint32_t pid)
{
	static char text[4096];
	struct ecli_map maps[ECLI_TOLD_MAPPINGS];
	struct ecli_told_image images[ECLI_TOLD_IMAGES];
	bool is_any = ecli_told_images(told, pid, NULL, images);
	size_t count = is_any ? ecli_told_maps(told, &images[0].id, maps) : 0;
	uint32_t parent = is_any ? images[0].parent.pid : 0;
	int len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(maps[i].offset, maps[i].start / 2);
		assert_int_equal(maps[i].device_major, 8);
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s%llx-%llx %s", i ? ", " : "",
				(unsigned long long)maps[i].start, (unsigned long long)maps[i].end, maps[i].path);
	}
	if (parent)
		snprintf(text + len, sizeof(text) - (size_t)len, " (parent %u)", parent);
	return text;
}

static void a_program_has_what_it_mapped(void **state)
{
	(void)state;
	tell(ECLI_SYMBOLS_FORKED, 10, 1);
	assert_string_equal(told_of(10), " (parent 1)");
	tell(ECLI_SYMBOLS_EXECED, 10, 0);
	map(10, 0x7000, 0x1000, 2, "/lib/c");
	map(10, 0x1000, 0x2000, 1, "/bin/a");
	assert_string_equal(told_of(10), "1000-3000 /bin/a, 7000-8000 /lib/c");
	/* Another program in the same process. */
	tell(ECLI_SYMBOLS_EXECED, 10, 0);
	assert_string_equal(told_of(10), "");
	assert_string_equal(told_of(11), "");
}

static void a_child_has_a_copy(void **state)
{
	(void)state;
	tell(ECLI_SYMBOLS_EXECED, 20, 0);
	map(20, 0x1000, 0x1000, 1, "/bin/a");
	tell(ECLI_SYMBOLS_FORKED, 21, 20);
	map(20, 0x3000, 0x1000, 2, "/lib/b");
	map(21, 0x5000, 0x1000, 3, "/lib/c");
	tell(ECLI_SYMBOLS_FORKED, 22, 21);
	assert_string_equal(told_of(20), "1000-2000 /bin/a, 3000-4000 /lib/b");
	assert_string_equal(told_of(21), "1000-2000 /bin/a, 5000-6000 /lib/c");
	assert_string_equal(told_of(22), "1000-2000 /bin/a, 5000-6000 /lib/c");
	/* A pid that is used again. */
	tell(ECLI_SYMBOLS_FORKED, 20, 99);
	assert_string_equal(told_of(20), " (parent 99)");
}

/* What was there before anything was told: its own /proc knows the rest, and for a copy of it the parent's. */
static void a_process_from_before_is_asked_itself(void **state)
{
	(void)state;
	map(30, 0x1000, 0x1000, 1, "/lib/late");
	assert_string_equal(told_of(30), "1000-2000 /lib/late (parent 30)");
	tell(ECLI_SYMBOLS_FORKED, 31, 30);
	tell(ECLI_SYMBOLS_FORKED, 32, 31);
	assert_string_equal(told_of(31), "1000-2000 /lib/late (parent 30)");
	assert_string_equal(told_of(32), "1000-2000 /lib/late (parent 30)");
}

static void name(enum ecli_symbols_event_kind kind, uint32_t pid, const char *thread)
{
	ecli_told_add(told, &(struct ecli_symbols_event){ .kind = kind, .pid = pid, .path = thread });
}

/* The images of a pid that may have had such a thread: "1000", where the first thing that each has lies; "*" behind one that certainly had. */
static const char *images_with(uint32_t pid, const char *thread)
{
	static char text[256];
	struct ecli_told_image images[ECLI_TOLD_IMAGES];
	size_t count = ecli_told_images(told, pid, thread, images);
	int len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count && i < ECLI_TOLD_IMAGES; i++) {
		struct ecli_map maps[ECLI_TOLD_MAPPINGS];
		size_t n = ecli_told_maps(told, &images[i].id, maps);

		assert_int_equal(images[i].id.is_last, images[i].id.image == ecli_told_last(told, pid).image);
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s%llx%s", i ? " " : "",
				n ? (unsigned long long)maps[0].start : 0ull, images[i].has_thread ? "*" : "");
	}
	if (count > ECLI_TOLD_IMAGES)
		strcpy(text, "many");
	return text;
}

/* A pid that is given again, and one that begins another program, are several images; names of threads tell them apart. */
static void images_by_the_names_of_threads(void **state)
{
	(void)state;
	ecli_told_add_old(told, 60, "shell", true);
	ecli_told_add_old(told, 61, "server", false);
	assert_string_equal(images_with(60, "shell"), "0*");
	assert_string_equal(images_with(60, "other"), "");
	/* Of who had more threads not all names are known. */
	assert_string_equal(images_with(61, "worker"), "0");
	assert_string_equal(images_with(61, "server"), "0*");

	/* The shell starts a program, which names a thread; the pid is given again. */
	tell(ECLI_SYMBOLS_FORKED, 62, 60);
	name(ECLI_SYMBOLS_EXECED, 62, "first");
	map(62, 0x1000, 0x1000, 1, "/bin/first");
	name(ECLI_SYMBOLS_NAMED, 62, "helper");
	tell(ECLI_SYMBOLS_FORKED, 62, 61);
	name(ECLI_SYMBOLS_EXECED, 62, "second");
	map(62, 0x2000, 0x1000, 2, "/bin/second");
	assert_string_equal(images_with(62, NULL), "2000 0 1000 0");
	assert_string_equal(images_with(62, "first"), "0 1000*");
	assert_string_equal(images_with(62, "helper"), "0 1000*");
	assert_string_equal(images_with(62, "second"), "2000* 0");
	assert_string_equal(images_with(62, "shell"), "0 0*");

	/* More names than are kept: it may have had any. */
	for (int i = 0; i < 10; i++) {
		char thread[16];

		snprintf(thread, sizeof(thread), "thread-%c", (char)('a' + i));
		name(ECLI_SYMBOLS_NAMED, 62, thread);
	}
	assert_string_equal(images_with(62, "first"), "2000 0 1000*");
	for (int i = 0; i < 10; i++)
		name(ECLI_SYMBOLS_EXECED, 63, "again");
	assert_string_equal(images_with(63, "again"), "many");
	assert_string_equal(images_with(63, "never"), "");
}

static void nonsense_is_passed_over(void **state)
{
	(void)state;
	map(0, 0x1000, 0x1000, 1, "/bin/a");
	map(40, 0x1000, 0, 1, "/bin/a");
	map(40, UINT64_MAX - 0xfff, 0x2000, 1, "/bin/a");
	assert_string_equal(told_of(40), "");
	assert_string_equal(told_of(0), "");
	char *path = malloc(5000);
	memset(path, 'x', 4999);
	path[4999] = '\0';
	map(40, 0x1000, 0x1000, 1, path);
	free(path);
	assert_string_equal(told_of(40), "");
	tell(ECLI_SYMBOLS_FORKED, 41, 41);
	assert_string_equal(told_of(41), "");
}

enum { PAGES = 40 };

/* Random mappings over each other: each page belongs to the mapping that was told of last and lies on it, whole mappings go. */
static void the_last_one_wins(void **state)
{
	(void)state;
	for (int round = 0; round < 2000; round++) {
		uint64_t owner[PAGES] = { 0 }; /* inode of what lies there */

		tell(ECLI_SYMBOLS_EXECED, 50, 0);
		for (uint64_t n = 1; n <= 12; n++) {
			uint64_t start = random_below(PAGES - 1), size = 1 + random_below(PAGES - (uint32_t)start - 1);
			char path[16];

			snprintf(path, sizeof(path), "/%llu", (unsigned long long)n);
			map(50, (start + 1) << 12, size << 12, n, path);
			for (uint64_t page = start; page < start + size; page++) {
				uint64_t gone = owner[page];

				for (int other = 0; gone && other < PAGES; other++)
					if (owner[other] == gone)
						owner[other] = 0;
				owner[page] = n;
			}
		}
		struct ecli_map maps[ECLI_TOLD_MAPPINGS];
		size_t count = maps_of(50, maps);
		uint64_t seen[PAGES] = { 0 };

		for (size_t i = 0; i < count; i++) {
			assert_true(!i || maps[i - 1].end <= maps[i].start);
			for (uint64_t page = maps[i].start >> 12; page < maps[i].end >> 12; page++)
				seen[page - 1] = maps[i].inode;
		}
		assert_memory_equal(seen, owner, sizeof(seen));
	}
}

static void many_processes_make_room(void **state)
{
	(void)state;
	enum { MANY = 70000, KEPT = 65536 };

	for (uint32_t pid = 1; pid <= MANY; pid++) {
		tell(ECLI_SYMBOLS_EXECED, pid, 0);
		map(pid, 0x1000, 0x1000, 1, "/bin/a");
	}
	for (uint32_t pid = 1; pid <= MANY; pid++)
		if (strcmp(told_of(pid), pid <= MANY - KEPT ? "" : "1000-2000 /bin/a") != 0)
			fail_msg("process %u of %u: \"%s\"", pid, MANY, told_of(pid));
	/* And many mappings of one. */
	tell(ECLI_SYMBOLS_EXECED, MANY, 0);
	for (uint64_t i = 1; i <= 100; i++)
		map(MANY, i << 12, 0x1000, 1, "/bin/a");
	struct ecli_map maps[ECLI_TOLD_MAPPINGS];
	assert_int_equal(maps_of(MANY, maps), ECLI_TOLD_MAPPINGS);
	/* And many files. */
	tell(ECLI_SYMBOLS_EXECED, MANY, 0);
	for (uint64_t i = 1; i <= 5000; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/many/%llu", (unsigned long long)i);
		map(MANY, 0x1000, 0x1000, i, path);
	}
	assert_int_equal(maps_of(MANY, maps), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_program_has_what_it_mapped, setup, teardown),
		cmocka_unit_test_setup_teardown(a_child_has_a_copy, setup, teardown),
		cmocka_unit_test_setup_teardown(a_process_from_before_is_asked_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(images_by_the_names_of_threads, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_one_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(many_processes_make_room, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
