/* SPDX-License-Identifier: MIT */
/* Symbols: addresses of processes that this test starts, and of the running kernel, into exact functions and offsets. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecli/symbols.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(symbols, struct ecli_symbols *, ecli_symbols_free)

static struct ecli_symbols *new_symbols(void)
{
	struct ecli_symbols *symbols = NULL;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_symbols_new(NULL, &err, &symbols), 0);
	return symbols;
}

/* ---- own functions --------------------------------------------------------------------------------------------- */

__attribute__((noinline)) static void of_this_test(void)
{
	__asm__ volatile("nop; nop; nop; nop");
}

static void functions_of_this_process(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols();
	CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };
	uint64_t addresses[] = { (uintptr_t)of_this_test, (uintptr_t)of_this_test + 3, (uintptr_t)qsort, 16 };

	assert_int_equal(ecli_symbols_user(symbols, (uint32_t)getpid(), addresses, ARRAY_SIZE(addresses), &frames), 0);
	assert_int_equal(frames.count, 4);
	assert_string_equal(frames.items[0].function, "of_this_test");
	assert_int_equal(frames.items[0].offset, 0);
	assert_string_equal(frames.items[0].module, "symbols_test");
	assert_string_equal(frames.items[1].function, "of_this_test");
	assert_int_equal(frames.items[1].offset, 3);
	assert_int_equal(frames.items[1].address, addresses[1]);
	assert_null(frames.items[3].function);
	assert_null(frames.items[3].module);

	/* Where the processor is: the first byte of a function is its own. */
	assert_int_equal(ecli_symbols_user(symbols, (uint32_t)getpid(), &addresses[2], 1, &frames), 0);
	assert_int_equal(frames.count, 5);
	assert_string_equal(frames.items[4].function, "qsort");
	assert_int_equal(frames.items[4].offset, 0);
	assert_string_equal(frames.items[4].module, "libc.so.6");
}

static void a_process_that_has_ended(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols();
	CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };
	uint64_t address = (uintptr_t)of_this_test;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (!child) {
		char c;

		close(ends[1]);
		_exit(read(ends[0], &c, 1) == 0 ? 0 : 1);
	}
	close(ends[0]);
	ecli_symbols_note(symbols, (uint32_t)child);
	close(ends[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(ecli_symbols_user(symbols, (uint32_t)child, &address, 1, &frames), 0);
	assert_string_equal(frames.items[0].function, "of_this_test");
}

static void a_process_that_never_was(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols();
	CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };
	uint64_t address = 0x1234;

	assert_int_equal(ecli_symbols_user(symbols, 0x7ffffff0, &address, 1, &frames), 0);
	assert_int_equal(frames.count, 1);
	assert_int_equal(frames.items[0].address, 0x1234);
	assert_null(frames.items[0].function);
	assert_false(frames.items[0].is_kernel);
}

/* ---- the kernel ------------------------------------------------------------------------------------------------ */

static void functions_of_the_kernel(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols();
	CLEANUP_FILE FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[400], type;
	unsigned long long address, last = 0;
	size_t asked = 0;

	assert_non_null(file);
	for (size_t i = 0; fgets(line, sizeof(line), file); i++) {
		CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };

		if (sscanf(line, "%llx %c %399s", &address, &type, name) != 3 || !address)
			continue;
		bool is_alias = address == last;
		last = address;
		if (i % 97 || !strchr("tT", type) || is_alias)
			continue;
		assert_int_equal(ecli_symbols_kernel(symbols, &(uint64_t){ address }, 1, &frames), 0);
		assert_true(frames.items[0].is_kernel);
		assert_int_equal(frames.items[0].offset, 0);
		assert_string_equal(frames.items[0].function, name);
		assert_string_equal(frames.items[0].module, "");
		asked++;
	}
	if (!last)
		skip(); /* not root: the addresses are hidden */
	assert_true(asked > 100);
	assert_null(ecli_symbols_kernel_problem(symbols));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_of_this_process),
		cmocka_unit_test(a_process_that_has_ended),
		cmocka_unit_test(a_process_that_never_was),
		cmocka_unit_test(functions_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
