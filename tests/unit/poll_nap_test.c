/* SPDX-License-Identifier: MIT */
/* poll/nap.h: how long the reader naps, by how full the buffers are. */
#include "unit.h"

#include "poll/nap.h"

static void naps_follow_the_fill(void **state)
{
	(void)state;
	struct poll_nap nap = { 0 };
	uint64_t large = 1u << 24;

	assert_int_equal(poll_nap_next(&nap, 1, large), NAP_START_NS);
	assert_int_equal(poll_nap_next(&nap, 1, large), 2 * NAP_START_NS);
	for (int i = 0; i < 20; i++)
		poll_nap_next(&nap, 1, large);
	assert_int_equal(poll_nap_next(&nap, POLL_FILL_FULL / 8, large), NAP_MAX_NS);
	assert_int_equal(poll_nap_next(&nap, POLL_FILL_FULL / 8, 0), NAP_MAX_NS);
	/* Filling up: no nap, and shorter ones after. */
	assert_int_equal(poll_nap_next(&nap, POLL_FILL_FULL / 2, large), 0);
	assert_int_equal(poll_nap_next(&nap, POLL_FILL_FULL / 8, large), NAP_MAX_NS / 2);
	for (int i = 0; i < 20; i++)
		assert_int_equal(poll_nap_next(&nap, POLL_FILL_FULL, large), 0);
	assert_int_equal(poll_nap_next(&nap, POLL_FILL_FULL / 8, large), NAP_MIN_NS);
	poll_nap_reset(&nap);
	assert_int_equal(poll_nap_next(&nap, 1, large), NAP_START_NS);
	/* Never longer than a buffer can take, and on a tiny one not at all. */
	for (int i = 0; i < 20; i++)
		poll_nap_next(&nap, 1, large);
	assert_int_equal(poll_nap_next(&nap, 1, 256 * 1024), 128 * 1024);
	assert_int_equal(poll_nap_next(&nap, 1, 4096), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(naps_follow_the_fill) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
