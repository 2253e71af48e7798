/* SPDX-License-Identifier: MIT */
/* symbols/spans.c against a model that paints every byte, and symbols/perfmap.c over a file that is written again. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "random.h"
#include "still_clock.h"
#include "symbols/perfmap.h"
#include "symbols/spans.h"

enum { BYTES = 64, BUDGET = 12 << 20 };

/* ---- functions over each other --------------------------------------------------------------------------------- */

/* Functions of any shape, settled now and then: at each byte the one that was added last. */
static void the_last_one_wins(void **state)
{
	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct ecli_spans spans = { 0 };
		int owner[BYTES] = { 0 };
		uint32_t starts[32] = { 0 };

		for (int n = 1; n < 32; n++) {
			uint32_t start = random_below(BYTES), size = 1 + random_below(BYTES - start);
			char name[16];

			starts[n] = start;
			snprintf(name, sizeof(name), "f%d", n);
			assert_true(ecli_spans_add(&spans, start, size, name, strlen(name)));
			for (uint32_t at = start; at < start + size; at++)
				owner[at] = n;
			if (!random_below(4))
				assert_true(ecli_spans_settle(&spans));
		}
		assert_true(ecli_spans_settle(&spans));
		for (uint32_t at = 0; at < BYTES; at++) {
			struct ecli_symtab_function found;
			char name[16];

			snprintf(name, sizeof(name), "f%d", owner[at]);
			assert_int_equal(ecli_spans_find(&spans, at, &found), owner[at] != 0);
			if (!owner[at])
				continue;
			assert_string_equal(found.name, name);
			assert_int_equal(found.start, starts[owner[at]]);
		}
		ecli_spans_done(&spans);
	}
}

static void the_ends_of_memory(void **state)
{
	(void)state;
	struct ecli_spans spans = { 0 };
	struct ecli_symtab_function found;

	assert_true(ecli_spans_add(&spans, UINT64_MAX - 10, UINT64_MAX, "last", 4));
	assert_true(ecli_spans_add(&spans, 0, 1, "first", 5));
	assert_true(ecli_spans_settle(&spans));
	assert_true(ecli_spans_find(&spans, 0, &found));
	assert_string_equal(found.name, "first");
	assert_false(ecli_spans_find(&spans, 1, &found));
	assert_true(ecli_spans_find(&spans, UINT64_MAX - 1, &found));
	assert_string_equal(found.name, "last");
	ecli_spans_done(&spans);
}

/* ---- a file that changes --------------------------------------------------------------------------------------- */

struct fixture {
	int fd; /* of the file, to write to */
	size_t budget;
	struct ecli_perfmap *map;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .fd = memfd_create("perf.map", MFD_CLOEXEC), .budget = BUDGET };
	fixture.map = ecli_perfmap_new(fcntl(fixture.fd, F_DUPFD_CLOEXEC, 0), &fixture.budget);
	*state = &fixture;
	return fixture.fd < 0 || !fixture.map;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	ecli_perfmap_free(fixture->map);
	assert_int_equal(fixture->budget, BUDGET);
	close(fixture->fd);
	return 0;
}

/* Writes @text behind what is there; with @is_new over it, and cuts off the rest. The file's time moves, however coarse it is. */
static void put(struct fixture *fixture, bool is_new, const char *text)
{
	static time_t written = 1000;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = ++written } };

	if (is_new)
		assert_int_equal(ftruncate(fixture->fd, 0), 0);
	assert_true(lseek(fixture->fd, 0, SEEK_END) >= 0);
	assert_int_equal(write(fixture->fd, text, strlen(text)), strlen(text));
	assert_int_equal(futimens(fixture->fd, times), 0);
	clock_move(600000000);
}

static const char *name_at(struct fixture *fixture, uint64_t address)
{
	struct ecli_symtab_function found;

	return ecli_perfmap_find(fixture->map, address, &found) ? found.name : "";
}

static void later_lines_win_wherever_they_lie(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, true, "1000 100 old\nf80 200 new\n");
	assert_string_equal(name_at(fixture, 0x1010), "new");
	assert_string_equal(name_at(fixture, 0xf80), "new");
	assert_string_equal(name_at(fixture, 0x117f), "new");
	assert_string_equal(name_at(fixture, 0x1180), "");
	/* Many small ones behind its start, then one over all, then one that begins where it does and is shorter. */
	for (int i = 0; i < 100; i++) {
		char line[64];

		snprintf(line, sizeof(line), "%x 8 small%d\n", 0x1000 + i * 8, i);
		put(fixture, false, line);
	}
	assert_string_equal(name_at(fixture, 0x1010), "small2");
	put(fixture, false, "f80 800 large\n");
	assert_string_equal(name_at(fixture, 0x1700), "large");
	assert_string_equal(name_at(fixture, 0x1010), "large");
	put(fixture, false, "f80 8 short\n");
	assert_string_equal(name_at(fixture, 0xf87), "short");
	assert_string_equal(name_at(fixture, 0xf88), "large");
}

static void a_file_that_is_written_again(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, true, "1000 100 first_1\n2000 100 first_2\n3000 100 first_3\n");
	assert_string_equal(name_at(fixture, 0x2000), "first_2");
	assert_string_equal(name_at(fixture, 0x3000), "first_3");
	/* Shorter. */
	put(fixture, true, "1000 100 second_1\n2000 100 second_2\n");
	assert_string_equal(name_at(fixture, 0x2000), "second_2");
	assert_string_equal(name_at(fixture, 0x3000), "");
	/* Longer by the time it is looked at. */
	put(fixture, true, "1000 100 thirdly_1\n2000 100 thirdly_2\n3000 100 thirdly_3\n");
	assert_string_equal(name_at(fixture, 0x1000), "thirdly_1");
	assert_string_equal(name_at(fixture, 0x2000), "thirdly_2");
	assert_string_equal(name_at(fixture, 0x3000), "thirdly_3");
	/* As long as it was. */
	put(fixture, true, "1000 100 thirdly_1\n2000 100 another_2\n3000 100 thirdly_3\n");
	assert_string_equal(name_at(fixture, 0x2000), "another_2");
	/* Empty, and with something again. */
	put(fixture, true, "");
	assert_string_equal(name_at(fixture, 0x2000), "");
	put(fixture, false, "2000 10 last\n");
	assert_string_equal(name_at(fixture, 0x2000), "last");
	assert_string_equal(name_at(fixture, 0x2010), "");
}

/* What lies under others makes room for what comes. */
static void a_map_that_grows_for_ever(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(4 << 20), *at = text;

	for (uint32_t i = 0; i < 100000; i++)
		at += sprintf(at, "%x 40 function_%u\n", 0x1000 + i % 1000 * 0x40, i);
	put(fixture, true, text);
	free(text);
	assert_string_equal(name_at(fixture, 0x1000), "function_99000");
	assert_string_equal(name_at(fixture, 0x1000 + 999 * 0x40), "function_99999");
	assert_true(BUDGET - fixture->budget < 100 << 10);
}

static void a_map_that_is_too_large(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(8 << 20), *at = text;

	for (uint32_t i = 0; i < 200000; i++)
		at += sprintf(at, "%x 40 function_%u\n", 0x1000 + i * 0x40, i);
	put(fixture, true, text);
	free(text);
	assert_string_equal(name_at(fixture, 0x1000), "function_0");
	assert_string_equal(name_at(fixture, 0x1000 + 199999 * 0x40), "");
	assert_true(BUDGET - fixture->budget <= 4 << 20);
	/* Until it is written again. */
	put(fixture, true, "1000 100 again\n");
	assert_string_equal(name_at(fixture, 0x1000), "again");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_one_wins),
		cmocka_unit_test(the_ends_of_memory),
		cmocka_unit_test_setup_teardown(later_lines_win_wherever_they_lie, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_written_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_map_that_grows_for_ever, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_map_that_is_too_large, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
