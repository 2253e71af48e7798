/* SPDX-License-Identifier: MIT */
/* Events that end in an array as long as the record: every length, to the byte, through the plan and all renderers. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "plan/ops.h"
#include "plan_fixture.h"

#define WALL_NS 1795341600123456789u

DEFINE_CLEANUP(render, struct ecli_render *, ecli_render_free)

static void fixture_make(struct fixture *f, const char *first, const char *line)
{
	*f = (struct fixture){ .spec = spec_new() };
	if (first)
		spec_define(f->spec, first);
	f->id = spec_define(f->spec, line);
	fixture_plan(f, NULL, 0);
}

/* The JSON row behind its time. The record lies in a block of its size, so that AddressSanitizer sees each byte too far. */
static void shows(const struct fixture *f, const void *data, size_t size, const char *want)
{
	for (int format = ECLI_FORMAT_TABLE; format <= ECLI_FORMAT_JSON; format++) {
		CLEANUP(cleanup_render) struct ecli_render *render = NULL;
		CLEANUP_BUF struct ecli_buf out = { 0 };
		CLEANUP_FREE void *copy = malloc(size ? size : 1);

		memcpy(copy, data, size);
		assert_int_equal(ecli_render_new(f->plan, (enum ecli_format)format, NULL, NULL, &render), 0);
		int r = ecli_render_row(render, WALL_NS, copy, size, &out);
		if (!want) {
			assert_int_equal(r, -EBADMSG);
			assert_int_equal(out.len, 0);
			continue;
		}
		assert_int_equal(r, 0);
		if (format == ECLI_FORMAT_JSON)
			assert_string_equal(strchr(ecli_buf_text(&out), ',') + 1, want);
	}
}

static void text_goes_to_the_end(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f, NULL, "struct event u32:pid u8:n char[0]:path");
	assert_int_equal(ecli_plan_size(f.plan), 8);
	assert_int_equal(ecli_plan_least(f.plan), 5);
	shows(&f, "\7\0\0\0\1", 4, NULL);
	shows(&f, "\7\0\0\0\1", 5, "\"pid\":7,\"n\":1,\"path\":\"\"}\n");
	shows(&f, "\7\0\0\0\1a", 6, "\"pid\":7,\"n\":1,\"path\":\"a\"}\n");
	shows(&f, "\7\0\0\0\1ab\0cd", 10, "\"pid\":7,\"n\":1,\"path\":\"ab\"}\n");

	/* Longer than anything that could have been prepared for. */
	char *record = malloc(100005);
	CLEANUP_BUF struct ecli_buf want = { 0 };
	memcpy(record, "\7\0\0\0\1", 5);
	memset(record + 5, 1, 100000);
	ecli_buf_add_text(&want, "\"pid\":7,\"n\":1,\"path\":\"");
	for (int i = 0; i < 100000; i++)
		ecli_buf_add_text(&want, "\\u0001");
	ecli_buf_add_text(&want, "\"}\n");
	shows(&f, record, 100005, ecli_buf_text(&want));
	free(record);
	fixture_done(&f);
}

static void elements_go_to_the_end(void **state)
{
	(void)state;
	static const char bytes[] = "\2\0\0\0\0\0\0\0"
				    "\1\0\0\0\0\0\0\0\377\377\377\377\377\377\377\377\3\0\0";
	struct fixture f;

	fixture_make(&f, NULL, "struct event u64:n u64[0]:ips");
	shows(&f, bytes, 7, NULL);
	shows(&f, bytes, 8, "\"n\":2,\"ips\":[]}\n");
	shows(&f, bytes, 15, "\"n\":2,\"ips\":[]}\n");
	shows(&f, bytes, 16, "\"n\":2,\"ips\":[1]}\n");
	shows(&f, bytes, 27, "\"n\":2,\"ips\":[1,18446744073709551615]}\n");
	fixture_done(&f);

	fixture_make(&f, "struct point u16:x u8[2]:y", "struct event u32:n point[0]:path");
	shows(&f, "\1\0\0\0\2\0\3\4\5\0\6\7\10", 13,
	      "\"n\":1,\"path\":[{\"x\":2,\"y\":[3,4]},{\"x\":5,\"y\":[6,7]}]}\n");
	shows(&f, "\1\0\0\0", 4, "\"n\":1,\"path\":[]}\n");
	fixture_done(&f);
}

static void a_long_array_may_come_in_part(void **state)
{
	(void)state;
	char bytes[4 + 64 + 8] = "\1\0\0\0";
	struct fixture f;

	fixture_make(&f, NULL, "struct event u32:n char[64]:args");
	assert_int_equal(ecli_plan_least(f.plan), 4);
	memset(bytes + 4, 'x', sizeof(bytes) - 4);
	shows(&f, bytes, 3, NULL);
	shows(&f, bytes, 4, "\"n\":1,\"args\":\"\"}\n");
	shows(&f, bytes, 7, "\"n\":1,\"args\":\"xxx\"}\n");
	/* What lies behind the type's end is padding. */
	shows(&f, bytes, sizeof(bytes),
	      "\"n\":1,\"args\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n");
	fixture_done(&f);

	/* A short one is a record that was cut off. */
	fixture_make(&f, NULL, "struct event u32:n char[16]:comm");
	assert_int_equal(ecli_plan_least(f.plan), 20);
	shows(&f, bytes, 19, NULL);
	fixture_done(&f);

	/* Behind the array comes something that a short record does not have. */
	fixture_make(&f, NULL, "struct event char[64]:args u32:n");
	assert_int_equal(ecli_plan_least(f.plan), 68);
	fixture_done(&f);
}

static void tampered_tails_are_refused(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f, NULL, "struct event u32:n u32[0]:list");
	struct ecli_plan *plan = f.plan, kept = *plan;
	struct plan_op *op = &plan->ops[plan->tail], kept_op = *op;
	assert_int_equal(plan_verify(plan), 0);
	plan->tail = 0;
	assert_int_equal(plan_verify(plan), -EINVAL);
	*plan = kept;
	plan->tail = plan->n_ops;
	assert_int_equal(plan_verify(plan), -EINVAL);
	*plan = kept;
	plan->tail_offset = 3; /* the number before it would reach into it */
	assert_int_equal(plan_verify(plan), -EINVAL);
	*plan = kept;
	plan->has_tail = false;
	assert_int_equal(plan_verify(plan), -EINVAL);
	*plan = kept;
	op->size = 0;
	assert_int_equal(plan_verify(plan), -EINVAL);
	*op = kept_op;
	op->offset = 5;
	assert_int_equal(plan_verify(plan), -EINVAL);
	*op = kept_op;
	assert_int_equal(plan_verify(plan), 0);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_goes_to_the_end),
		cmocka_unit_test(elements_go_to_the_end),
		cmocka_unit_test(a_long_array_may_come_in_part),
		cmocka_unit_test(tampered_tails_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
