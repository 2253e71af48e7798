/* SPDX-License-Identifier: MIT */
/* src/poll/loop.c: the last drain, when there is no time for all of it. */
#include "unit.h"

#include <stdlib.h>

#include "poll/source.h"
#include "still_clock.h"

#define MS 1000000ull

/* So many records, a microsecond each. */
struct made_up {
	struct poll_source source;
	uint64_t left, given;
	bool was_cut;
};

static int drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		 struct ecli_err *err)
{
	struct made_up *self = (struct made_up *)source;

	(void)err;
	assert_true(budget->last);
	self->was_cut |= budget->cut;
	for (; self->left; self->left--, self->given++) {
		if (poll_now_ns() >= budget->deadline_ns) {
			round->more = true;
			return 0;
		}
		clock_move(1000);
	}
	return 0;
}

static void leave(struct poll_source *source)
{
	(void)source;
}

static const struct poll_source_ops ops = { .drain = drain, .free = leave };

static bool is_past(void *ctx)
{
	return poll_now_ns() >= *(const uint64_t *)ctx;
}

static struct ecli_poll *make(struct made_up *sources, size_t count)
{
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_int_equal(ecli_poll_new(&err, &poll), 0);
	for (size_t i = 0; i < count; i++) {
		sources[i].source = (struct poll_source){ .ops = &ops, .fd = -1, .is_buffer = true };
		assert_int_equal(poll_add_source(poll, &sources[i].source, &err), 0);
	}
	return poll;
}

/* It stops within a slice, tells those that come after, and says that something is left. */
static void it_ends_when_its_time_is_over(void **state)
{
	(void)state;
	struct made_up sources[3] = { { .left = 1000 }, { .left = 1000000 }, { .left = 100 } };
	struct ecli_poll *poll = make(sources, 3);
	struct ecli_err err = { 0 };

	clock_stop();
	uint64_t over_ns = poll_now_ns() + 100 * MS;
	assert_int_equal(ecli_poll_drain_until(poll, is_past, &over_ns, &err), 1);
	assert_in_range(poll_now_ns(), over_ns, over_ns + 5 * MS);
	assert_int_equal(sources[0].left, 0);
	assert_false(sources[0].was_cut);
	assert_in_range(sources[1].given, 99000, 104000);
	assert_true(sources[1].was_cut && sources[2].was_cut);
	assert_int_equal(sources[2].given, 0);
	clock_go();
	ecli_poll_free(poll);
}

/* The time is over, but nothing is left: then nothing was cut. */
static void what_was_read_before_was_not_cut(void **state)
{
	(void)state;
	struct made_up sources[2] = { { .left = 1000 }, { .left = 0 } };
	struct ecli_poll *poll = make(sources, 2);
	struct ecli_err err = { 0 };

	clock_stop();
	uint64_t over_ns = poll_now_ns() + MS / 2;
	assert_int_equal(ecli_poll_drain_until(poll, is_past, &over_ns, &err), 0);
	assert_int_equal(sources[0].given, 1000);
	clock_go();
	ecli_poll_free(poll);
}

static void without_an_end_it_reads_all(void **state)
{
	(void)state;
	struct made_up sources[2] = { { .left = 1000000 }, { .left = 100 } };
	struct ecli_poll *poll = make(sources, 2);
	struct ecli_err err = { 0 };

	clock_stop();
	assert_int_equal(ecli_poll_drain(poll, &err), 0);
	assert_int_equal(sources[0].given + sources[1].given, 1000100);
	clock_go();
	ecli_poll_free(poll);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_when_its_time_is_over),
		cmocka_unit_test(what_was_read_before_was_not_cut),
		cmocka_unit_test(without_an_end_it_reads_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
