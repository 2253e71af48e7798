/* SPDX-License-Identifier: MIT */
/* A type written as text (support/spec.h), its model and its plan: what the tests of rows, formats and formulas stand on. */
#ifndef ECLI_TESTS_PLAN_FIXTURE_H
#define ECLI_TESTS_PLAN_FIXTURE_H

#include <ecli/plan.h>

#include "support/spec.h"

struct fixture {
	struct spec *spec;
	struct ecli_types *types;
	struct ecli_plan *plan;
	uint32_t id;            /* of the type */
	size_t size;            /* of a record */
	struct ecli_buf record; /* one, where a test has one for all; else empty */
};

/* The model and the plan of f->id, the last step of making one. */
static inline void fixture_plan(struct fixture *f, const struct ecli_plan_note *notes, size_t n_notes)
{
	struct ecli_err err = { 0 };

	f->types = spec_types(f->spec);
	f->size = spec_size(f->spec, f->id);
	if (ecli_plan_build(f->types, f->id, notes, n_notes, &err, &f->plan))
		fail_msg("%s", err.text);
	assert_int_equal(ecli_plan_size(f->plan), f->size);
}

static inline void fixture_done(struct fixture *f)
{
	ecli_buf_done(&f->record);
	ecli_plan_free(f->plan);
	ecli_types_free(f->types);
	spec_free(f->spec);
}

#endif
