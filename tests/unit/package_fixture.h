/* SPDX-License-Identifier: MIT */
/* Packages to test with: the object of object_fixture.h read as a package, and a package read from its text. */
#ifndef ECLI_TESTS_PACKAGE_FIXTURE_H
#define ECLI_TESTS_PACKAGE_FIXTURE_H

#include <string.h>

#include <ecli/package.h>

#include "base/cleanup.h"
#include "object_fixture.h"
#include "unit.h"

static inline struct ecli_package *read_object(void)
{
	CLEANUP_BUF struct ecli_buf object = { 0 };
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };

	fixture_object(&object, true);
	assert_int_equal(ecli_package_read("dir/my-tool.bpf.o", object.data, object.len, &err, &package), 0);
	return package;
}

static inline struct ecli_package *read_text(const char *text)
{
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };

	if (ecli_package_read("t.json", text, strlen(text), &err, &package))
		fail_msg("%s", err.text);
	return package;
}

#endif
