/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for types/, plan/ and render/: hostile type information and hostile records through everything that reads
 * them.
 *
 *     input = n, n bytes of record, bytes of a .BTF section       or an ELF object, with bytes of its own as the record
 *
 * Asked of each row: JSON is one line that a JSON parser takes, time first; a table or plain row is one line without
 * control characters; and writing straight from the record gives the bytes that the general way over the visitor gives.
 * Whether the values are right is oracle_fuzz's question.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "plain.h"
#include "render/put.h"
#include "unit/walk_model.h"

/* Types rendered of one input, and the longest record: more would only cost time. */
#define MAX_RENDERED 32
#define MAX_RECORD   512u
#define MAX_NOTES    16

static void check_row(enum ecli_format format, const struct ecli_buf *row)
{
	CHECK(row->len && row->data[row->len - 1] == '\n');
	for (size_t i = 0; i + 1 < row->len; i++) {
		/* Frames of a stack stand below the row. */
		if (format != ECLI_FORMAT_JSON && row->data[i] == '\n' && !strncmp(row->data + i + 1, "    ", 4))
			continue;
		CHECK((unsigned char)row->data[i] >= 0x20 && (format == ECLI_FORMAT_JSON || row->data[i] != 0x7f));
	}
	if (format != ECLI_FORMAT_JSON)
		return;
	CHECK(!strncmp(row->data, "{\"time\":\"", strlen("{\"time\":\"")));
	/* As real numbers: those of 128 bits are none jansson has integers for. */
	json_error_t why;
	json_t *parsed = json_loadb(row->data, row->len, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &why);
	if (!parsed)
		fprintf(stderr, "%s at %d in %.*s", why.text, why.position, (int)row->len, row->data);
	CHECK(json_is_object(parsed));
	json_decref(parsed);
}

static void render(const struct ecli_plan *plan, enum ecli_format format, const void *record, size_t size)
{
	CLEANUP_BUF struct ecli_buf out = { 0 }, expected = { 0 };
	struct ecli_render *renderer = NULL, *general = NULL;
	const char *map = size % 2 ? "events" : NULL;

	CHECK(!ecli_render_new(plan, format, map, NULL, &renderer));
	CHECK(!ecli_render_new(plan, format, map, NULL, &general) && !ecli_puts_build(general, false));
	ecli_render_header(renderer, &out);
	ecli_buf_clear(&out);
	for (int i = 0; i < 2; i++) { /* the second row meets what the first one left */
		CHECK(!ecli_render_row(renderer, 1700000000123456789u, record, size, &out));
		CHECK(!ecli_render_row(general, 1700000000123456789u, record, size, &expected));
		check_row(format, &out);
		CHECK(out.len == expected.len && !memcmp(out.data, expected.data, out.len));
		ecli_buf_clear(&out);
		ecli_buf_clear(&expected);
	}
	if (ecli_plan_least(plan))
		CHECK(ecli_render_row(renderer, 1, record, ecli_plan_least(plan) - 1, &out) == -EBADMSG && !out.len);
	ecli_render_free(renderer);
	ecli_render_free(general);
}

static void render_plan(const struct ecli_plan *plan, const uint8_t *bytes, size_t len)
{
	size_t size = ecli_plan_size(plan), least = ecli_plan_least(plan);

	if (size > MAX_RECORD)
		return;
	/* Where the last array is as long as the record, records are of any length. */
	size = least + len % (size - least + 1);
	CLEANUP_FREE uint8_t *record = malloc(size ? size : 1);
	CHECK(record);
	for (size_t i = 0; i < size; i++)
		record[i] = len ? bytes[i % len] : (uint8_t)(i * 37);
	for (int format = ECLI_FORMAT_TABLE; format <= ECLI_FORMAT_JSON; format++)
		render(plan, (enum ecli_format)format, record, size);
}

/* Every other plan has a format for each column, by turns; one that does not fit is ignored. Not those that ask the system for every value,
 * nor those for which each renderer measures how far clocks are apart. */
static size_t make_notes(const struct ecli_plan *plan, uint32_t first, struct ecli_plan_note *notes)
{
	size_t count = 0;

	for (uint32_t i = 0; i < ecli_plan_columns(plan) && count < MAX_NOTES; i++) {
		enum ecli_as as = (enum ecli_as)((first + i) % ECLI_AS_COUNT);

		if (as != ECLI_AS_NUMBER && as != ECLI_AS_IFINDEX && as != ECLI_AS_CGROUP_ID &&
		    as != ECLI_AS_TIMESTAMP && as != ECLI_AS_TIMESTAMP_BOOT)
			notes[count++] = (struct ecli_plan_note){ .field = ecli_plan_column(plan, i)->name,
								  .format = ecli_as_name(as) };
	}
	return count;
}

static void render_type(const struct ecli_types *types, uint32_t id, const uint8_t *bytes, size_t len)
{
	struct ecli_plan *plan = NULL, *formatted = NULL;
	struct ecli_plan_note notes[MAX_NOTES];

	if (ecli_plan_build(types, id, NULL, 0, NULL, &plan))
		return;
	if ((id + len) % 2) {
		size_t n_notes = make_notes(plan, id + (uint32_t)len, notes);

		CHECK(!ecli_plan_build(types, id, notes, n_notes, NULL, &formatted));
		render_plan(formatted, bytes, len);
	} else {
		render_plan(plan, bytes, len);
	}
	ecli_plan_free(formatted);
	ecli_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ecli_types *types = NULL;
	struct walk walk = { 0 };
	const uint8_t *record = data;
	size_t len = size < 256 ? size : 256;

	if (size >= SELFMAG && !memcmp(data, ELFMAG, SELFMAG)) {
		if (ecli_types_read_object(data, size, NULL, &types) < 0)
			return 0;
	} else {
		if (size < 1 || data[0] >= size)
			return 0;
		record = data + 1;
		len = data[0];
		if (ecli_types_read(record + len, size - 1 - len, NULL, &types) < 0)
			return 0;
	}
	walk_model(&walk, types, record, len);
	for (uint32_t id = 1, rendered = 0; id < ecli_types_count(types) && rendered < MAX_RENDERED; id++)
		if (ecli_types_get(types, id)->size_bytes) {
			render_type(types, id, record, len);
			rendered++;
		}
	ecli_types_free(types);
	return 0;
}
