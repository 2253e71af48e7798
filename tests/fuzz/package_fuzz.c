/* SPDX-License-Identifier: MIT */
/*
 * Hostile packages. Whatever the bytes, reading ends in a sentence or in a package; a package can be written, reads back, and
 * writes the same bytes again; its variables become options or are refused with a sentence. No crash, no leak, no hang.
 *
 *     input = bytes of a package, or its text and its object (composed.h)
 *
 * As a plain program it runs the files it is given as they are, then mutates good packages and objects by a fixed sequence of random
 * numbers as often as argv[1] says: ECLI_FUZZ_TRY=N says which try it is from N on.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/options.h>

#include "base/file.h"
#include "base/num.h"
#include "composed.h"
#include "package/model.h"
#include "plain.h"
#include "unit/object_fixture.h"

static void try_options(const struct ecli_package *package)
{
	CLEANUP_TYPES struct ecli_types *types = NULL;
	CLEANUP_BUF struct ecli_buf help = { 0 };
	struct ecli_globals *globals = NULL;
	struct ecli_err err = { 0 };
	size_t count;

	if (ecli_types_read_object(package->object, package->object_size, &err, &types) ||
	    ecli_globals_build(package, types, &err, &globals)) {
		CHECK(*err.text);
		return;
	}
	const struct ecli_option *options = ecli_globals_options(globals, &count);
	ecli_options_help(options, count, &help);
	const struct ecli_global *values = ecli_globals_values(globals, &count);
	for (size_t i = 0; i < count; i++)
		CHECK(values[i].size_bytes && values[i].bytes);
	ecli_globals_free(globals);
}

static bool try_package(const void *data, size_t size)
{
	CLEANUP_PACKAGE struct ecli_package *package = NULL, *again = NULL;
	CLEANUP_BUF struct ecli_buf first = { 0 }, second = { 0 };
	struct ecli_err err = { 0 };

	if (ecli_package_read("t", data, size, &err, &package)) {
		CHECK(!package && *err.text && err.code < 0);
		return false;
	}
	int r = ecli_package_write(package, &first, &err);
	if (r)
		fprintf(stderr, "%s\n", err.text);
	CHECK(!r);
	CHECK(!ecli_package_read("t", first.data, first.len, &err, &again));
	CHECK(!ecli_package_write(again, &second, &err));
	CHECK(first.len == second.len && !memcmp(first.data, second.data, first.len));
	try_options(package);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct ecli_buf package = { 0 };

	if (fuzz_compose(data, size, &package))
		try_package(package.data, package.len);
	else
		try_package(data, size);
	return 0;
}

#ifndef ECLI_LIBFUZZER

/* ---- the plain program ----------------------------------------------------------------------------------------- */

enum { MAX_CHANGES = 4 };

static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static uint64_t below(uint64_t limit)
{
	return limit ? next_random() % limit : 0;
}

/* Pieces that mean something to a reader of JSON or of this format. */
static const char *const pieces[] = {
	"null",
	"true",
	"-1",
	"0",
	"1e9",
	"18446744073709551615",
	"4294967296",
	"\"\"",
	"{}",
	"[]",
	"[",
	"{",
	"}",
	"]",
	",",
	":",
	"\"\\u0000\"",
	"\"name\"",
	"\"__padding\"",
	"\".rodata\"",
	"\".bss\"",
	"\"min_us\"",
	"\"cmdarg\"",
	"\"default\"",
	"\"value\"",
	"\"sample\"",
	"\"type\"",
	"\"linear_hist\"",
	"\"export_types\"",
	"\"structs\"",
	"\"data\"",
	"\"\xe4\xb8\xad\"",
	"\"\xff\"",
};

static const unsigned char bytes[] = { 0, 1, 2, 0x7f, 0x80, 0xff, '"', '\\', '{', '=' };

static void change(struct ecli_buf *buf, size_t from)
{
	size_t at = from + below(buf->len - from), n = 1 + below(8);

	if (at + n > buf->len)
		n = buf->len - at;
	switch (below(6)) {
	case 0:
		buf->data[at] = (char)bytes[below(sizeof(bytes))];
		break;
	case 1:
		buf->data[at] ^= (char)(1 << below(8));
		break;
	case 2: /* take some out */
		memmove(buf->data + at, buf->data + at + n, buf->len - at - n);
		buf->len -= n;
		break;
	case 3: /* write one part over another */
		memmove(buf->data + at, buf->data + from + below(buf->len - n - from + 1), n);
		break;
	case 4: { /* a piece over what is there */
		const char *piece = pieces[below(ARRAY_SIZE(pieces))];

		memcpy(buf->data + at, piece, strlen(piece) < buf->len - at ? strlen(piece) : buf->len - at);
		break;
	}
	default:
		if (!below(8))
			buf->len = from + below(buf->len - from) + 1;
	}
}

static void make_json(const struct ecli_buf *object, bool old, struct ecli_buf *out)
{
	CLEANUP_BUF struct ecli_buf squeezed = { 0 };

	CHECK(!ecli_squeeze_write(object->data, object->len, &squeezed));
	ecli_buf_add_text(out, old ? "{\"data\":\"" : "{\"bpf_object\":\"");
	ecli_base64_encode(squeezed.data, squeezed.len, out);
	if (old)
		ecli_buf_add_text(
			out,
			"\",\"name\":\"old\",\"maps\":[{\"name\":\"events\",\"export_data_types\":[{\"Struct Name\":"
			"\"event\",\"Size\":64,\"Fields\":[{\"Name\":\"pid\",\"Type\":\"u32\"}]}]}],\"progs\":[{"
			"\"name\":"
			"\"on_switch\"}]}");
	else
		ecli_buf_add_format(out, "\",\"bpf_object_size\":%zu,%s", object->len,
				    "\"meta\":{\"bpf_skel\":{\"data_sections\":[{\"name\":\".rodata\",\"variables\":[{"
				    "\"name\":\"min_us\",\"type\":"
				    "\"u64\",\"value\":5,\"cmdarg\":{\"default\":1.5e3,\"long\":\"min\",\"short\":"
				    "\"m\",\"help\":\"h\"}},{\"name\":"
				    "\"comm\",\"type\":\"char[16]\",\"value\":\"abc\",\"size\":4},{\"name\":\"failed\","
				    "\"value\":true}]},{\"name\":"
				    "\".bss\",\"variables\":[{\"name\":\"limit\",\"cmdarg\":{}}]}],\"doc\":{\"brief\":"
				    "\"b\"},\"maps\":[{\"name\":"
				    "\"events\",\"sample\":{\"interval\":10,\"type\":\"log2_hist\"},\"intepreter\":{"
				    "\"x\":[1,2]}}],\"obj_name\":\"o\","
				    "\"progs\":[{\"name\":\"on_switch\",\"link\":true}]},\"export_types\":[{\"name\":"
				    "\"event\",\"type_id\":0,"
				    "\"members\":[{\"name\":\"pid\",\"type\":\"u32\",\"hidden\":true}]}],\"perf_buffer_"
				    "pages\":3}}");
}

/* One input: a kind of package, or its object, a few changes. */
static void make_input(const struct ecli_buf *object, struct ecli_buf *out)
{
	CLEANUP_BUF struct ecli_buf changed = { 0 };
	unsigned int kind = (unsigned int)below(5);

	ecli_buf_add(&changed, object->data, object->len);
	if (kind < 2) /* the object is hostile, its package is not */
		for (uint64_t n = 1 + below(MAX_CHANGES); n; n--)
			change(&changed, 0);
	if (kind == 0) {
		ecli_buf_add(out, changed.data, changed.len);
		return;
	}
	make_json(&changed, kind == 4, out);
	if (kind == 1)
		return;
	/* Mostly what is after the object, which is the larger part of the text. */
	const char *end = memmem(out->data, out->len, "\",\"", 3);
	size_t from = below(8) ? (size_t)(end - out->data) : 0;
	for (uint64_t n = 1 + below(MAX_CHANGES); n; n--)
		change(out, from < out->len ? from : 0);
}

/* The files of a folder, as they are. */
static void run_folder(const char *path)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, NULL, alphasort);

	CHECK(n > 2);
	for (int i = 0; i < n; i++) {
		CLEANUP_BUF struct ecli_buf name = { 0 }, file = { 0 };

		ecli_buf_add_format(&name, "%s/%s", path, entries[i]->d_name);
		if (*entries[i]->d_name != '.') {
			CHECK(!ecli_file_read(ecli_buf_text(&name), 1 << 24, &file, NULL));
			LLVMFuzzerTestOneInput((const uint8_t *)ecli_buf_text(&file), file.len);
		}
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	CLEANUP_BUF struct ecli_buf object = { 0 };
	uint64_t runs = argc > 1 ? fuzz_runs(argv[1]) : 1000, tried = 0, accepted = 0;
	const char *at = getenv("ECLI_FUZZ_TRY"); /* say where it is from this try on */
	uint64_t from = UINT64_MAX;

	if (at && ecli_num_parse_u64(at, &from))
		return 2;
	for (int i = 2; i < argc; i++)
		run_folder(argv[i]);
	fixture_object(&object, true);
	CHECK(try_package(object.data, object.len));
	for (; tried < runs; tried++) {
		CLEANUP_BUF struct ecli_buf input = { 0 };

		make_input(&object, &input);
		/* Exactly as long as it is, so that a sanitizer sees every byte read past its end. */
		CLEANUP_FREE char *exact = malloc(input.len ? input.len : 1);
		CHECK(exact);
		if (input.len)
			memcpy(exact, input.data, input.len);
		if (tried >= from)
			fprintf(stderr, "try %llu\n", (unsigned long long)tried);
		accepted += try_package(exact, input.len);
	}
	printf("%llu tried, %llu accepted\n", (unsigned long long)tried, (unsigned long long)accepted);
	/* Both kinds must come up, or the mutations test nothing. */
	return tried > 20 && accepted && accepted < tried ? 0 : 1;
}

#endif
