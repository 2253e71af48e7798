/* SPDX-License-Identifier: MIT */
/* Packages to test with: the object of object_fixture.h read as a package or as a package has it, and a package read from its text. */
#ifndef ECLI_TESTS_PACKAGE_FIXTURE_H
#define ECLI_TESTS_PACKAGE_FIXTURE_H

#include <string.h>

#include <ecli/package.h>

#include "base/cleanup.h"
#include "object_fixture.h"
#include "package/base64.h"
#include "package/squeeze.h"
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

/* The object as the text of a package: in zlib or not, in lines or not. */
static inline void add_object_text(struct ecli_buf *text, bool squeeze, bool lines)
{
	CLEANUP_BUF struct ecli_buf object = { 0 }, squeezed = { 0 }, base64 = { 0 };

	fixture_object(&object, true);
	if (squeeze)
		assert_int_equal(ecli_squeeze_write(object.data, object.len, &squeezed), 0);
	else
		ecli_buf_add(&squeezed, object.data, object.len);
	ecli_base64_encode(squeezed.data, squeezed.len, &base64);
	for (size_t i = 0; i < base64.len; i++) {
		if (lines && i % 76 == 75)
			ecli_buf_add_text(text, "\\n");
		ecli_buf_add_char(text, base64.data[i]);
	}
	if (lines)
		ecli_buf_add_text(text, "\\n");
}

#endif
