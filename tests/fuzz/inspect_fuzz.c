/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for inspect/: what a hostile package is said to be.
 *
 *     input = bytes of a package or an object, or its text and its object (composed.h)
 *
 * Whatever the bytes, it ends in a sentence or in an inspection whose texts are there, and whose schema is JSON.
 */
#include <string.h>

#include <jansson.h>

#include <ecli/inspect.h>
#include <ecli/package.h>
#include <ecli/types.h>

#include "base/cleanup.h"
#include "composed.h"
#include "plain.h"

static void check_fields(const struct ecli_inspect_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CHECK(fields[i].shape <= ECLI_INSPECT_ARRAY);
}

static void check(const struct ecli_inspect *inspect)
{
	CLEANUP_BUF struct ecli_buf schema = { 0 };

	for (size_t i = 0; i < inspect->n_progs; i++)
		CHECK(inspect->progs[i].name && *inspect->progs[i].name);
	for (size_t i = 0; i < inspect->n_maps; i++)
		CHECK(inspect->maps[i].name);
	for (size_t i = 0; i < inspect->n_sources; i++)
		check_fields(inspect->sources[i].fields, inspect->sources[i].n_fields);
	ecli_inspect_schema(inspect, &schema);
	CHECK(!ecli_buf_failed(&schema));
	json_error_t why;
	json_t *parsed = json_loadb(schema.data, schema.len, JSON_ALLOW_NUL, &why);
	if (!parsed)
		fprintf(stderr, "%s at %d in %.*s", why.text, why.position, (int)schema.len, schema.data);
	CHECK(json_is_object(parsed));
	json_decref(parsed);
}

static void inspect(const void *data, size_t size)
{
	const struct ecli_inspect_opts opts = { .cpus = 2, .page_bytes = 4096 };
	struct ecli_package *package = NULL;
	struct ecli_inspect *inspect = NULL;
	struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };

	if (ecli_package_read("x", data, size, &err, &package))
		return;
	int r = ecli_types_read_object(package->object, package->object_size, &err, &types);
	r = r ? r : ecli_inspect_build(package, types, &opts, &err, &inspect);
	CHECK(!r || (r < 0 && *err.text && !inspect));
	if (!r)
		check(inspect);
	ecli_inspect_free(inspect);
	ecli_types_free(types);
	ecli_package_free(package);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct ecli_buf package = { 0 };

	if (fuzz_compose(data, size, &package))
		inspect(package.data, package.len);
	else
		inspect(data, size);
	return 0;
}
