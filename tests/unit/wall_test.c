/* SPDX-License-Identifier: MIT */
/* base/wall.c: a moment keeps the wall time it had, when the clock was set and when the machine slept, on clocks that the test moves. */
#include "unit.h"

#include "base/kernel_clock.h"
#include "base/wall.h"
#include "still_clock.h"

#define MS     1000000ll
#define SECOND 1000000000ll
#define HOUR   (3600 * SECOND)

struct moment {
	uint64_t mono_ns, boot_ns, wall_ns;
};

static struct moment now(void)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return (struct moment){ ecli_kernel_mono_ns(), ecli_kernel_boot_ns(),
				(uint64_t)wall.tv_sec * SECOND + (uint64_t)wall.tv_nsec };
}

static void assert_times(const struct moment *moment)
{
	assert_int_equal(ecli_wall_of_mono(moment->mono_ns), moment->wall_ns);
	assert_int_equal(ecli_wall_of_boot(moment->boot_ns), moment->wall_ns);
}

static void fall_asleep(int64_t ns)
{
	clock_set(CLOCK_BOOTTIME, ns);
	clock_set(CLOCK_REALTIME, ns);
}

static int stop(void **state)
{
	(void)state;
	clock_stop(); /* one after the other: their distances are new */
	ecli_wall_measure();
	ecli_wall_has_slept();
	return 0;
}

static int go(void **state)
{
	(void)state;
	clock_go();
	return 0;
}

static void a_set_clock_counts_from_then_on(void **state)
{
	(void)state;
	struct moment before = now();

	clock_move(SECOND);
	clock_set(CLOCK_REALTIME, HOUR);
	assert_int_equal(ecli_wall_look(), ECLI_WALL_SET);
	struct moment then = now();
	clock_move(SECOND);
	clock_set(CLOCK_REALTIME, -2 * HOUR);
	assert_int_equal(ecli_wall_look(), ECLI_WALL_SET);
	assert_int_equal(ecli_wall_look(), ECLI_WALL_SAME);
	clock_move(SECOND);
	struct moment after = now();
	assert_times(&before);
	assert_times(&then);
	assert_times(&after);
}

static void drift_is_taken_up(void **state)
{
	(void)state;
	clock_move(SECOND);
	clock_set(CLOCK_REALTIME, MS);
	assert_int_equal(ecli_wall_look(), ECLI_WALL_SAME);
	assert_int_equal(ecli_wall_of_mono(now().mono_ns), now().wall_ns - MS);
	assert_int_equal(ecli_wall_measure(), ECLI_WALL_SAME);
	assert_int_equal(ecli_wall_of_mono(now().mono_ns), now().wall_ns);
}

/* What was made between falling asleep and the look after waking up is told apart by when the machine slept. */
static void a_sleep_divides_what_was_before_from_what_was_after(void **state)
{
	(void)state;
	clock_move(SECOND);
	struct moment before = now(), steps[3];

	clock_move(300 * MS);
	steps[0] = now();
	fall_asleep(20 * SECOND);
	clock_move(1);
	steps[1] = now();
	clock_move(700 * MS);
	steps[2] = now();
	assert_false(ecli_wall_has_slept());
	assert_int_equal(ecli_wall_look(), ECLI_WALL_SLEPT);
	assert_int_equal(ecli_wall_measure(), ECLI_WALL_SAME);
	assert_true(ecli_wall_has_slept());
	assert_false(ecli_wall_has_slept());
	assert_times(&before);
	assert_times(&steps[2]);
	/* Not known yet: */
	assert_int_equal(ecli_wall_of_mono(steps[1].mono_ns), steps[1].wall_ns - 20 * SECOND);
	ecli_wall_slept_at(steps[0].mono_ns);
	for (int i = 0; i < 3; i++)
		assert_times(&steps[i]);
	assert_times(&before);

	/* Of another time, before the change or after it, nothing is moved. */
	ecli_wall_slept_at(steps[2].mono_ns + SECOND);
	ecli_wall_slept_at(0);
	for (int i = 0; i < 3; i++)
		assert_times(&steps[i]);
}

static void a_sleep_and_a_set_clock_at_once(void **state)
{
	(void)state;
	clock_move(SECOND);
	struct moment before = now();

	fall_asleep(10 * SECOND);
	clock_set(CLOCK_REALTIME, -HOUR);
	clock_move(100 * MS);
	assert_int_equal(ecli_wall_look(), ECLI_WALL_SLEPT);
	ecli_wall_slept_at(before.mono_ns);
	struct moment after = now();
	assert_times(&before);
	assert_times(&after);
}

/* Only so many are kept: what is older has the time of the oldest. */
static void the_last_changes_are_known(void **state)
{
	(void)state;
	struct moment moments[20];

	for (int i = 0; i < 20; i++) {
		clock_move(SECOND);
		moments[i] = now();
		clock_move(SECOND);
		if (i % 2)
			fall_asleep(5 * SECOND);
		else
			clock_set(CLOCK_REALTIME, 7 * SECOND);
		assert_int_equal(ecli_wall_look(), i % 2 ? ECLI_WALL_SLEPT : ECLI_WALL_SET);
		ecli_wall_slept_at(moments[i].mono_ns);
	}
	for (int i = 19; i > 12; i--)
		assert_times(&moments[i]);
	assert_true(ecli_wall_of_mono(moments[0].mono_ns) > moments[0].wall_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_set_clock_counts_from_then_on, stop, go),
		cmocka_unit_test_setup_teardown(drift_is_taken_up, stop, go),
		cmocka_unit_test_setup_teardown(a_sleep_divides_what_was_before_from_what_was_after, stop, go),
		cmocka_unit_test_setup_teardown(a_sleep_and_a_set_clock_at_once, stop, go),
		cmocka_unit_test_setup_teardown(the_last_changes_are_known, stop, go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
