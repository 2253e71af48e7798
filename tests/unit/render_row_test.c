/* SPDX-License-Identifier: MIT */
/*
 * render/: whole rows over the real plan. Random types and random bytes must give valid JSON, rows of plain output that
 * split at spaces, and tables without trailing spaces, the same bytes on the fused and on the general way; a short record
 * must give nothing.
 */
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "plan_fixture.h"
#include "random.h"
#include "render/put.h"

#define WALL_NS 1795341600123456789u

static struct fixture fixture_new(const char *line)
{
	struct fixture f = { .spec = spec_new() };

	f.id = spec_define(f.spec, line);
	fixture_plan(&f, NULL, 0);
	return f;
}

static struct ecli_render *renderer(const struct fixture *f, enum ecli_format format, const char *map)
{
	struct ecli_render *render;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_render_new(f->plan, format, map, &err, &render), 0);
	return render;
}

/* ---- random types ---------------------------------------------------------------------------------------------- */

static void random_members(struct ecli_buf *line, uint32_t count, bool is_inner)
{
	static const char *const types[] = { "u8",
					     "u16",
					     "u32",
					     "u64",
					     "u128",
					     "s8",
					     "s16",
					     "s32",
					     "s64",
					     "s128",
					     "f32",
					     "f64",
					     "bool",
					     "char",
					     "ptr",
					     "color",
					     "big",
					     "f128",
					     "char[7]",
					     "char[33]",
					     "char[3][5]",
					     "u8[3]",
					     "s64[2][2]",
					     "u32/5",
					     "s16/3",
					     "ecli_errno",
					     "ecli_ipv4[2]",
					     "ecli_mac",
					     "many_set",
					     "ecli_duration[2][2]",
					     "ecli_endpoint",
					     "inner",
					     "inner[2]",
					     "both" };
	uint32_t usable = (uint32_t)ARRAY_SIZE(types) - (is_inner ? 3 : 0);

	for (uint32_t i = 0; i < count; i++)
		ecli_buf_add_format(line, " %s:%c%u", types[random_below(usable)], is_inner ? 'i' : 'm', i);
}

static struct fixture random_fixture(struct ecli_plan_note *notes, size_t n_notes)
{
	struct fixture f = { .spec = spec_new() };
	CLEANUP_BUF struct ecli_buf inner = { 0 }, both = { 0 }, line = { 0 };

	spec_define(f.spec, "enum color RED=0 GREEN=1 BLUE=200");
	spec_define(f.spec, "enum64 many_set ONE=1 TWO=2 LAST=0x8000000000000000");
	spec_define(f.spec, "typedef ecli_errno s32");
	spec_define(f.spec, "typedef ecli_ipv4 u32");
	spec_define(f.spec, "typedef ecli_mac u8[6]");
	spec_define(f.spec, "typedef ecli_duration s64");
	spec_define(f.spec, "struct ecli_endpoint u8[16]:addr u16:port u8:version");
	spec_define(f.spec, "senum64 big ZERO=0 LOW=-9223372036854775808");
	ecli_buf_add_text(&inner, "struct inner");
	random_members(&inner, 1 + random_below(4), true);
	spec_define(f.spec, ecli_buf_text(&inner));
	ecli_buf_add_text(&both, "union both");
	random_members(&both, 1 + random_below(3), true);
	spec_define(f.spec, ecli_buf_text(&both));
	ecli_buf_add_text(&line, "struct event u32:first");
	random_members(&line, 1 + random_below(12), false);
	f.id = spec_define(f.spec, ecli_buf_text(&line));
	fixture_plan(&f, notes, n_notes);
	return f;
}

/* Noise, zeros, or text with what is special in it. */
static void random_bytes(unsigned char *data, size_t size)
{
	static const char special[] = "\"\\ \n\x1b\xc3\xa9\xe2\x80\xae\xff{},=-a";
	uint32_t style = random_below(3);

	for (size_t i = 0; i < size; i++)
		data[i] = style == 0   ? (unsigned char)random_below(256)
			  : style == 1 ? (unsigned char)special[random_below(sizeof(special))]
				       : (unsigned char)(random_below(4) ? 0 : random_below(256));
}

static void check_json(const struct fixture *f, const char *row, size_t len, const char *map)
{
	json_error_t error;
	json_t *object =
		json_loadb(row, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);

	if (!object)
		fail_msg("%s in %.*s", error.text, (int)len, row);
	size_t raw = 0;
	for (uint32_t i = 0; i < ecli_plan_columns(f->plan); i++)
		raw += ecli_plan_column(f->plan, i)->format != NULL;
	assert_int_equal(json_object_size(object), ecli_plan_columns(f->plan) + raw + 1 + (map ? 1 : 0));
	assert_true(!strncmp(row, "{\"time\":\"2026-11-22T10:00:00.123456+00:00\"", 42));
	assert_ptr_equal(memchr(row, '\n', len), row + len - 1);
	json_decref(object);
}

static size_t shown_columns(const struct fixture *f)
{
	size_t shown = 0;

	for (uint32_t i = 0; i < ecli_plan_columns(f->plan); i++)
		shown += !ecli_plan_column(f->plan, i)->hidden;
	return shown;
}

static void check_text_bytes(const char *row, size_t len)
{
	assert_ptr_equal(memchr(row, '\n', len), row + len - 1);
	assert_int_not_equal(row[len - 2], ' ');
	for (size_t i = 0; i + 1 < len; i++)
		assert_true((unsigned char)row[i] >= ' ' && row[i] != 0x7f);
	assert_null(memmem(row, len, "\xe2\x80\xae", 3));
}

static void check_plain(const struct fixture *f, const char *row, size_t len, const char *map)
{
	size_t spaces = 0;

	check_text_bytes(row, len);
	for (size_t i = 0; i < len; i++)
		spaces += row[i] == ' ';
	assert_int_equal(spaces, shown_columns(f) + (map ? 1 : 0));
	assert_null(memmem(row, len, "  ", 2));
}

/* Cell by cell: what stands in the row of a table, with nothing but padding between. */
static void check_cells(const struct fixture *f, struct ecli_render *render, const void *record, const char *row,
			size_t len)
{
	const char *p = memchr(row, ' ', len), *end = row + len - 1;

	for (uint32_t i = 0; i < ecli_plan_columns(f->plan); i++) {
		CLEANUP_BUF struct ecli_buf cell = { 0 };
		bool is_hidden = ecli_plan_column(f->plan, i)->hidden;

		assert_int_equal(ecli_render_cell(render, i, WALL_NS, record, f->size, &cell), is_hidden ? -ENOENT : 0);
		if (is_hidden)
			continue;
		while (cell.len && cell.data[cell.len - 1] == ' ') /* padding as well */
			cell.len--;
		while (p && p < end && *p == ' ' &&
		       ((size_t)(end - p) < cell.len || !cell.len || memcmp(p, cell.data, cell.len) != 0))
			p++;
		assert_true(!cell.len || (p && (size_t)(end - p) >= cell.len && !memcmp(p, cell.data, cell.len)));
		p = cell.len ? p + cell.len : p;
	}
	while (p && p < end && *p == ' ')
		p++;
	assert_true(!p || p == end);
}

static void any_bytes_of_any_type_give_a_valid_row(void **state)
{
	(void)state;
	for (int i = 0; i < 400; i++) {
		struct ecli_plan_note note = { .field = "m1", .hidden = true };
		struct fixture f = random_fixture(&note, i % 3 == 0);
		const char *map = i % 2 ? "ev \"x\"\n" : NULL;
		/* Exactly as large as it is, so that a read beyond is seen by ASan. */
		CLEANUP_FREE unsigned char *record = malloc(f.size);

		assert_non_null(record);
		for (int format = 0; ecli_format_names[format]; format++) {
			struct ecli_render *render = renderer(&f, (enum ecli_format)format, map);
			struct ecli_render *general = renderer(&f, (enum ecli_format)format, map);
			CLEANUP_BUF struct ecli_buf out = { 0 }, expected = { 0 };

			assert_int_equal(ecli_puts_build(general, false), 0);
			ecli_render_header(render, &out);
			ecli_render_header(general, &expected);
			if (format == ECLI_FORMAT_PLAIN)
				check_plain(&f, out.data, out.len, map);
			assert_true(format != ECLI_FORMAT_JSON || !out.len);
			for (int row = 0; row < 20; row++) {
				size_t start = out.len;

				random_bytes(record, f.size);
				assert_int_equal(ecli_render_row(render, WALL_NS, record, f.size, &out), 0);
				assert_int_equal(ecli_render_row(general, WALL_NS, record, f.size, &expected), 0);
				if (format == ECLI_FORMAT_JSON)
					check_json(&f, out.data + start, out.len - start, map);
				else if (format == ECLI_FORMAT_PLAIN)
					check_plain(&f, out.data + start, out.len - start, map);
				else
					check_text_bytes(out.data + start, out.len - start);
				if (format == ECLI_FORMAT_TABLE && !map)
					check_cells(&f, general, record, out.data + start, out.len - start);
			}
			assert_string_equal(ecli_buf_text(&out), ecli_buf_text(&expected));
			ecli_render_free(render);
			ecli_render_free(general);
		}
		fixture_done(&f);
	}
}

static void json_carries_exact_values(void **state)
{
	(void)state;
	struct fixture f =
		fixture_new("struct event u64:big s64:low char[4]:name u32[2]:v f64:real bool:on ptr:p u128:w");
	CLEANUP_BUF struct ecli_buf record = { 0 }, out = { 0 };
	struct ecli_render *render = renderer(&f, ECLI_FORMAT_JSON, NULL);

	spec_encode(f.spec, f.id,
		    "9223372036854775807 -9223372036854775808 \"a\\\"\" 1 2 0.1 1 0xff 18446744073709551616", &record);
	assert_int_equal(ecli_render_row(render, WALL_NS, record.data, record.len, &out), 0);
	json_t *object = json_loadb(out.data, out.len, 0, NULL);
	json_int_t big, low;
	const char *name, *pointer, *wide;
	int first, second, on;
	double real;
	assert_int_equal(json_unpack(object, "{sIsIsss[ii]sfsbssss}", "big", &big, "low", &low, "name", &name, "v",
				     &first, &second, "real", &real, "on", &on, "p", &pointer, "w", &wide),
			 0);
	assert_true(big == INT64_MAX && low == INT64_MIN && first == 1 && second == 2 && real == 0.1 && on);
	assert_string_equal(name, "a\"");
	assert_string_equal(pointer, "0xff");
	assert_string_equal(wide, "18446744073709551616");
	json_decref(object);
	ecli_render_free(render);
	fixture_done(&f);
}

/* ---- edges ----------------------------------------------------------------------------------------------------- */

static void short_record_gives_nothing(void **state)
{
	(void)state;
	struct fixture f = fixture_new("struct event char[16]:task u64:delta_us s32:pid");
	unsigned char record[64] = { 0 };

	for (int format = 0; ecli_format_names[format]; format++) {
		struct ecli_render *render = renderer(&f, (enum ecli_format)format, NULL);
		CLEANUP_BUF struct ecli_buf out = { 0 };

		ecli_buf_add_text(&out, "kept\n");
		assert_int_equal(ecli_render_row(render, WALL_NS, record, f.size - 1, &out), -EBADMSG);
		assert_int_equal(ecli_render_row(render, WALL_NS, record, 0, &out), -EBADMSG);
		assert_int_equal(ecli_render_cell(render, 1, WALL_NS, record, f.size - 1, &out), -EBADMSG);
		assert_int_equal(ecli_render_cell(render, 3, WALL_NS, record, f.size, &out), -ENOENT);
		assert_string_equal(ecli_buf_text(&out), "kept\n");
		assert_int_equal(ecli_render_row(render, WALL_NS, record, f.size + 4, &out), 0); /* padded: fine */
		assert_memory_equal(out.data, "kept\n", 5);
		ecli_render_free(render);
	}
	fixture_done(&f);
}

static void failed_buffer_stays_as_it_was(void **state)
{
	(void)state;
	struct fixture f = fixture_new("struct event u32:pid");
	struct ecli_render *render = renderer(&f, ECLI_FORMAT_TABLE, NULL);
	CLEANUP_BUF struct ecli_buf out = { 0 };
	uint32_t pid = 1;

	ecli_buf_add_text(&out, "kept");
	assert_false(ecli_buf_reserve(&out, SIZE_MAX - 8));
	assert_int_equal(ecli_render_row(render, WALL_NS, &pid, sizeof(pid), &out), -ENOMEM);
	assert_int_equal(out.len, 4);
	ecli_render_free(render);
	fixture_done(&f);
}

static void long_text_grows_the_buffer(void **state)
{
	(void)state;
	struct fixture f = fixture_new("struct event u32:pid char[20000]:path char[20000]:other u32[5000]:v");
	CLEANUP_FREE unsigned char *record = calloc(1, f.size);

	assert_non_null(record);
	memset(record, 0x1b, f.size);
	for (int format = 0; ecli_format_names[format]; format++) {
		struct ecli_render *render = renderer(&f, (enum ecli_format)format, NULL);
		CLEANUP_BUF struct ecli_buf out = { 0 };
		size_t escapes = 0, numbers = 0;

		assert_int_equal(ecli_render_row(render, WALL_NS, record, f.size, &out), 0);
		const char *mark = format == ECLI_FORMAT_JSON ? "\\u001b" : "\\e";
		for (const char *c = ecli_buf_text(&out); (c = strstr(c, mark)); c++)
			escapes++;
		for (const char *c = ecli_buf_text(&out); (c = strstr(c, "454761243")); c++)
			numbers++;
		assert_int_equal(escapes, 40000);
		assert_int_equal(numbers, 5001);
		ecli_render_free(render);
	}
	fixture_done(&f);
}

static void column_grows_and_stays_grown(void **state)
{
	(void)state;
	struct fixture f = fixture_new("struct event u32:a char[64]:b u32:c");
	struct ecli_render *render = renderer(&f, ECLI_FORMAT_TABLE, NULL);
	CLEANUP_BUF struct ecli_buf out = { 0 };
	static const struct {
		const char *values;
		size_t end_of_b; /* where column c ends: the length of the line */
	} rows[] = {
		{ "1 \"x\" 1", 8 + 8 + 17 + 8 },
		{ "1 \"twenty characters 20\" 1", 8 + 8 + 1 + 20 + 8 },
		{ "1 \"x\" 1", 8 + 8 + 1 + 20 + 8 },
		{ "1 \"fifty characters fifty characters fifty characters\" 1", 8 + 8 + 1 + 50 + 8 },
		{ "1 \"x\" 1", 8 + 8 + 1 + 40 + 8 }, /* the limit */
		{ "4294967295 \"x\" 1", 8 + 11 + 1 + 40 + 8 },
		{ "1 \"x\" 1", 8 + 11 + 1 + 40 + 8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP_BUF struct ecli_buf record = { 0 };

		ecli_buf_clear(&out);
		spec_encode(f.spec, f.id, rows[i].values, &record);
		assert_int_equal(ecli_render_row(render, WALL_NS, record.data, record.len, &out), 0);
		assert_int_equal(out.len, rows[i].end_of_b + 1);
	}
	ecli_render_free(render);
	fixture_done(&f);
}

static void names_the_row_uses_keep_keys_different(void **state)
{
	(void)state;
	/* Every name the underscores could lead to is taken already. */
	struct fixture f =
		fixture_new("struct event u8:time u8:time_ u8:time__ u8:time___ u8:time____ u8:time_____ u8:time______ "
			    "u8:time_______ u8:time________ u8:map u8:map_");
	struct ecli_render *render = renderer(&f, ECLI_FORMAT_JSON, "m");
	CLEANUP_BUF struct ecli_buf out = { 0 };
	unsigned char record[32] = { 0 };

	assert_int_equal(ecli_render_row(render, WALL_NS, record, f.size, &out), 0);
	check_json(&f, out.data, out.len, "m");
	ecli_render_free(render);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_of_any_type_give_a_valid_row),
		cmocka_unit_test(json_carries_exact_values),
		cmocka_unit_test(short_record_gives_nothing),
		cmocka_unit_test(failed_buffer_stays_as_it_was),
		cmocka_unit_test(long_text_grows_the_buffer),
		cmocka_unit_test(column_grows_and_stays_grown),
		cmocka_unit_test(names_the_row_uses_keep_keys_different),
	};
	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
