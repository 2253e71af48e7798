/* SPDX-License-Identifier: MIT */
/*
 * Which put writes which column, and the general way for the rest.
 *
 *     UINT, SINT of 1 to 8 bytes -> unsigned_number, signed_number of the sink
 *     STRING up to 4096 bytes    -> text, or short_text; put_tail at the end of the event
 *     formatted, not foreign     -> formatted
 *     all else                   -> by_visitor: enums, bit-fields, floats, groups; a JSON key too long
 *
 * A number is read as the word of 8 bytes around it, and what is not its own is shifted out; so one way reads all sizes.
 * In a record of less than 8 bytes there is no such word: it goes the general way. So does a flexible array at the end; a
 * long text there is read as far as the record has it.
 */
#include "render/put.h"

#include <errno.h>

#include "base/cleanup.h"
#include "render/clean.h"
#include "render/formats.h"
#include "render/frames.h"
#include "render/sink.h"

#define TEXT_MAX 4096u /* a longer array is mostly empty: room for it is made when it is there */

/* ---- puts of any sink ------------------------------------------------------------------------------------------ */

char *ecli_put_resume(struct ecli_render *render)
{
	struct ecli_buf *out = render->out;

	render->at = out->data + out->len;
	render->limit = out->data + out->cap;
	/* Without memory the row is lost, but it is written to its end: behind its time there is room for all of that. */
	char *p = room(render, render->puts.room);
	return p ? p : out->data + render->row_start + ECLI_CLOCK_TIME_LEN;
}

static char *by_visitor(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	render->at = p;
	ecli_plan_run_column(render->plan, put->column->field->column, record, render->record_size,
			     &render->sink->visitor, render);
	render->out->len = (size_t)(render->at - render->out->data);
	return ecli_put_resume(render);
}

static char *put_map(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)put, (void)record;
	memcpy(p, render->map.data, render->map.len);
	return p + render->map.len;
}

/* A text at the end of the event, of which a record may have only a part, or nothing. */
static char *put_tail(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	struct ecli_put cut = *put;

	if (render->record_size - put->at < put->size)
		cut.size = (uint32_t)(render->record_size - put->at);
	return cut.size ? render->sink->put.short_text(render, &cut, record, p) : by_visitor(render, put, record, p);
}

struct ecli_value ecli_put_value(const struct ecli_put *put, const uint8_t *record)
{
	struct ecli_value value = { .kind = ECLI_VALUE_FORMATTED };

	if (put->size) {
		value.str.text = (const char *)record + put->at;
		value.str.len = put->size;
	} else if (put->column->field->is_signed) {
		value.s = ecli_put_signed(put, record);
	} else {
		value.u = ecli_put_unsigned(put, record);
	}
	return value;
}

/* ---- choosing -------------------------------------------------------------------------------------------------- */

/* Whether there is such a word; where, and what of it is the number. */
static bool find_word(const struct ecli_render *render, struct ecli_put *put, uint32_t offset)
{
	uint32_t size = put->column->field->size_bytes, word = sizeof(uint64_t);

	if (render->least_size < word || size > word)
		return false;
	/* It ends where the number does, or, when that is too near to the start of the record, begins there. */
	put->at = offset + size >= word ? offset + size - word : 0;
	put->left = (uint8_t)(8 * (put->at + word - offset - size));
	put->right = (uint8_t)(8 * (word - size));
	return true;
}

static void set_text(struct ecli_put *put, uint32_t offset)
{
	put->at = offset;
	put->size = put->column->field->size_bytes;
}

static void set_key(struct ecli_put *put, bool is_text)
{
	put->key_len = (uint8_t)(put->column->key_len + is_text);
	memcpy(put->key, put->column->key, ECLI_PUT_KEY_ROOM);
	if (is_text)
		put->key[put->key_len - 1] = '"';
}

/* The sink's put for a column, made ready; NULL: it has none. */
static ecli_put_fn choose(const struct ecli_render *render, struct ecli_put *put)
{
	const struct ecli_put_fns *fns = &render->sink->put;
	const struct ecli_field *field = put->column->field;
	bool is_text = field->kind == ECLI_VALUE_STRING;
	uint32_t offset;

	if (put->column->key_len + is_text > ECLI_PUT_KEY_ROOM ||
	    !ecli_plan_column_offset(render->plan, field->column, &offset))
		return NULL;
	set_key(put, is_text);
	switch (field->kind) {
	case ECLI_VALUE_UINT:
		return find_word(render, put, offset) ? fns->unsigned_number : NULL;
	case ECLI_VALUE_SINT:
		return find_word(render, put, offset) ? fns->signed_number : NULL;
	case ECLI_VALUE_STRING:
		set_text(put, offset);
		if (put->size > TEXT_MAX)
			return NULL;
		if (offset + put->size > render->least_size)
			return put_tail;
		return put->size >= ECLI_CLEAN_CHUNK ? fns->text : fns->short_text;
	case ECLI_VALUE_FORMATTED:
		if (ecli_formats_look(field->format->as)->is_foreign)
			return NULL;
		if (field->format->raw_kind != ECLI_VALUE_BYTES)
			return find_word(render, put, offset) ? fns->formatted : NULL;
		set_text(put, offset);
		return fns->formatted;
	default:
		return NULL;
	}
}

/* What a fused put writes at most, what it stores too much included; columns of a table may yet grow. */
static size_t room_of(const struct ecli_put *put)
{
	size_t width = put->column->width > ECLI_LAYOUT_GROW_MAX ? put->column->width : ECLI_LAYOUT_GROW_MAX;

	return ECLI_PUT_KEY_ROOM + (size_t)put->size * ECLI_ESCAPE_JSON_ROOM + ECLI_ESCAPE_SLACK + width +
	       ECLI_SINK_VALUE_ROOM;
}

/* What a value that goes the general way usually takes. Only an estimate: room() sees to the rest. */
static size_t usual_room(const struct ecli_column *column)
{
	return column->key_len + column->width + ECLI_SINK_VALUE_ROOM;
}

static struct ecli_put *add(struct ecli_puts *puts, ecli_put_fn fn)
{
	struct ecli_put *put = &puts->items[puts->count++];

	*put = (struct ecli_put){ .fn = fn };
	return put;
}

/* Where a row begins that has no time: what stops put_end(); the renderer takes it away. */
static char *put_mark(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render, (void)put, (void)record;
	*p = '|';
	return p + 1;
}

int ecli_puts_build(struct ecli_render *render, bool is_fused)
{
	const struct ecli_put_fns *fns = &render->sink->put;
	struct ecli_puts *puts = &render->puts;
	size_t general = 0;

	ecli_puts_done(puts);
	puts->items = calloc(render->layout.count + 4, sizeof(*puts->items));
	if (!puts->items)
		return -ENOMEM;
	puts->room = ECLI_SINK_HEAD_ROOM + render->map.len;
	add(puts, render->is_untimed ? put_mark : fns->time);
	if (render->map.len)
		add(puts, put_map);
	for (uint32_t i = 0; i < render->layout.count; i++) {
		struct ecli_column *column = &render->layout.columns[i];

		if (!column->is_shown && render->format != ECLI_FORMAT_JSON)
			continue;
		struct ecli_put *put = add(puts, NULL);
		put->column = column;
		if (ecli_plan_column_is_stack(render->plan, i)) {
			put->fn = ecli_frames_put_json;
			general += usual_room(column);
			continue;
		}
		if (is_fused)
			put->fn = choose(render, put);
		if (put->fn) {
			puts->room += room_of(put);
			if (fns->fit)
				fns->fit(put);
		} else {
			put->fn = by_visitor;
			general += usual_room(column);
		}
	}
	add(puts, fns->end);
	if (render->stack && render->format != ECLI_FORMAT_JSON)
		add(puts, ecli_frames_put_text);
	render->row_room = puts->room + general;
	return 0;
}

void ecli_puts_done(struct ecli_puts *puts)
{
	free(puts->items);
	*puts = (struct ecli_puts){ 0 };
}
