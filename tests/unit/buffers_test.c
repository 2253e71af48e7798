/* SPDX-License-Identifier: MIT */
/* src/session/buffers.c: what size is chosen on which machine. */
#include "unit.h"

#include <ecli/session.h>

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

struct machine_case {
	bool is_perf;
	uint64_t record_bytes, size_bytes;
	struct ecli_session_machine machine;
};

static void sizes_follow_records_and_machines(void **state)
{
	(void)state;
	static const struct machine_case cases[] = {
		/* 2 ms of 16 M/s, 56 bytes each: 1.8 million bytes. */
		{ false, 48, 2 * MIB, { 4096, 8 * GIB, 2 } },
		{ false, 4, 512 * KIB, { 4096, 8 * GIB, 2 } },
		{ false, 300, 4 * MIB, { 4096, 8 * GIB, 2 } },
		/* CPUs share a ring; memory does not grow with them. */
		{ false, 48, 2 * MIB, { 4096, 512 * GIB, 256 } },
		{ false, 48, 2 * MIB, { 65536, 8 * GIB, 2 } },
		/* 3 ms of 3 M/s, 72 bytes each, on each CPU, as long as all together stay within 4 MiB. */
		{ true, 48, MIB, { 4096, 8 * GIB, 2 } },
		{ true, 48, 512 * KIB, { 4096, 8 * GIB, 8 } },
		{ true, 48, 64 * KIB, { 4096, 8 * GIB, 64 } },
		{ true, 48, 65536, { 65536, 8 * GIB, 4096 } },
		/* A thousandth of a small machine's memory. */
		{ false, 48, 128 * KIB, { 4096, 128 * MIB, 1 } },
		{ false, 48, 4096, { 4096, 0, 1 } },
		{ false, UINT64_MAX, 4 * MIB, { 4096, 8 * GIB, 2 } },
		{ false, 0, 256 * KIB, { 4096, 8 * GIB, 2 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(ecli_session_buffer_bytes(cases[i].is_perf, cases[i].record_bytes, &cases[i].machine),
				 cases[i].size_bytes);
}

static void this_machine_is_one(void **state)
{
	(void)state;
	struct ecli_session_machine machine = ecli_session_this_machine();

	assert_true(machine.cpus >= 1);
	assert_true(machine.page_bytes >= 4096 && !(machine.page_bytes & (machine.page_bytes - 1)));
	assert_true(machine.memory_bytes > 16 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_follow_records_and_machines),
		cmocka_unit_test(this_machine_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
