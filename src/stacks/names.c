/* SPDX-License-Identifier: MIT */
/*
 * The table of names.h. A frame that was seen before, nearly all are, costs one hash over its strings and one comparison;
 * strings are looked up singly only for a new frame.
 *
 * Bounds: MAX_FRAMES frames, MAX_TEXT_BYTES of strings, MAX_STRING_BYTES of one. A longer string is cut: what demanglers make of
 * templates may be endless, and two that differ behind 4 KiB look the same to everybody.
 */
#include "stacks/names.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum {
	MAX_FRAMES = 1 << 20,
	MAX_TEXT_BYTES = 1 << 26,
	MAX_STRING_BYTES = 4096,
	LEAST_ROOM = 64,
	LEAST_TEXT_ROOM = 4096
};

struct span {
	const char *text; /* NULL: not known */
	size_t len;
};

void ecli_names_done(struct ecli_names *names)
{
	free(names->items);
	free(names->text);
	ecli_index_done(&names->index);
	ecli_index_done(&names->texts);
	*names = (struct ecli_names){ 0 };
}

void ecli_names_clear(struct ecli_names *names)
{
	names->count = 0;
	names->text_len = 0;
	ecli_index_clear(&names->index);
	ecli_index_clear(&names->texts);
}

const char *ecli_names_text(const struct ecli_names *names, uint32_t at)
{
	return at ? names->text + at : NULL;
}

static struct span span_of(const char *text)
{
	return (struct span){ text, text ? strnlen(text, MAX_STRING_BYTES) : 0 };
}

/* A string in the block ends with NUL; one that is looked for may go on where it is cut. */
static bool is_same(const struct ecli_names *names, uint32_t at, struct span span)
{
	if (!at || !span.text)
		return !at && !span.text;
	return !memcmp(names->text + at, span.text, span.len) && !names->text[at + span.len];
}

static int add_text(struct ecli_names *names, struct span span, uint32_t hash, uint32_t *ret_at)
{
	size_t start = names->text_len ? names->text_len : 1, end = start + span.len + 1;

	if (end > MAX_TEXT_BYTES)
		return -E2BIG;
	/* is_same() compares as many bytes as what it looks for has: there must be as many behind the last string. */
	if (end + MAX_STRING_BYTES > names->text_room) {
		size_t room = names->text_room ? names->text_room * 2 : LEAST_TEXT_ROOM + MAX_STRING_BYTES;
		char *text = realloc(names->text, room);

		if (!text)
			return -ENOMEM;
		memset(text + names->text_room, 0, room - names->text_room);
		names->text = text;
		names->text_room = room;
	}
	if (ecli_index_reserve(&names->texts) < 0)
		return -ENOMEM;
	memcpy(names->text + start, span.text, span.len);
	names->text[end - 1] = '\0';
	names->text_len = end;
	ecli_index_add(&names->texts, hash, (uint32_t)start);
	*ret_at = (uint32_t)start;
	return 0;
}

static int intern(struct ecli_names *names, struct span span, uint32_t *ret_at)
{
	uint32_t at;

	if (!span.text) {
		*ret_at = 0;
		return 0;
	}
	uint32_t hash = (uint32_t)ecli_hash_bytes(names->seed, span.text, span.len);
	for (struct ecli_probe probe = ecli_probe(&names->texts, hash); ecli_probe_next(&names->texts, &probe, &at);)
		if (is_same(names, at, span)) {
			*ret_at = at;
			return 0;
		}
	return add_text(names, span, hash, ret_at);
}

static int add_frame(struct ecli_names *names, const struct span *spans, struct ecli_name name, uint32_t hash,
		     uint32_t *ret_item)
{
	uint32_t *places[] = { &name.function, &name.module, &name.file };

	if (names->count >= MAX_FRAMES)
		return -E2BIG;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int r = intern(names, spans[i], places[i]);

		if (r < 0)
			return r;
	}
	if (names->count == names->room) {
		uint32_t room = names->room ? names->room * 2 : LEAST_ROOM;
		struct ecli_name *items = reallocarray(names->items, room, sizeof(*items));

		if (!items)
			return -ENOMEM;
		names->items = items;
		names->room = room;
	}
	if (ecli_index_reserve(&names->index) < 0)
		return -ENOMEM;
	*ret_item = names->count++;
	names->items[*ret_item] = name;
	ecli_index_add(&names->index, hash, *ret_item);
	return 0;
}

int ecli_names_frame(struct ecli_names *names, const struct ecli_frame *frame, uint32_t kind, uint32_t *ret_item)
{
	/* Where in a file unknown code would be nobody knows. */
	struct span spans[] = { span_of(frame->function), span_of(frame->module),
				span_of(frame->function ? frame->file : NULL) };
	struct ecli_name name = { .line = frame->function && frame->file ? frame->line : 0, .kind = kind };
	uint64_t sum = ecli_hash_word(names->seed, (uint64_t)name.line << 32 | kind);
	uint32_t item;

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++)
		sum = spans[i].text ? ecli_hash_bytes(sum, spans[i].text, spans[i].len)
				    : ecli_hash_word(sum, UINT64_MAX);
	uint32_t hash = (uint32_t)sum;
	for (struct ecli_probe probe = ecli_probe(&names->index, hash);
	     ecli_probe_next(&names->index, &probe, &item);) {
		const struct ecli_name *old = &names->items[item];

		if (old->line == name.line && old->kind == kind && is_same(names, old->function, spans[0]) &&
		    is_same(names, old->module, spans[1]) && is_same(names, old->file, spans[2])) {
			*ret_item = item;
			return 0;
		}
	}
	return add_frame(names, spans, name, hash, ret_item);
}

static int compare_texts(const struct ecli_names *names, uint32_t a, uint32_t b)
{
	if (a == b || !a || !b)
		return !!a - !!b;
	return strcmp(names->text + a, names->text + b);
}

int ecli_names_compare_functions(const struct ecli_names *names, uint32_t a, uint32_t b)
{
	const struct ecli_name *one = &names->items[a], *two = &names->items[b];
	int r = compare_texts(names, one->function, two->function);

	if (!r)
		r = compare_texts(names, one->module, two->module);
	return r ? r : (int)one->kind - (int)two->kind;
}

int ecli_names_compare(const struct ecli_names *names, uint32_t a, uint32_t b)
{
	const struct ecli_name *one = &names->items[a], *two = &names->items[b];
	int r = ecli_names_compare_functions(names, a, b);

	if (!r)
		r = compare_texts(names, one->file, two->file);
	return r ? r : one->line < two->line ? -1 : one->line > two->line;
}

struct order {
	const struct ecli_names *names;
	ecli_names_compare_fn compare;
};

static int compare_items(const void *a, const void *b, void *ctx)
{
	const struct order *order = ctx;

	return order->compare(order->names, *(const uint32_t *)a, *(const uint32_t *)b);
}

int ecli_names_classify(const struct ecli_names *names, ecli_names_compare_fn compare, struct ecli_classes *ret_classes)
{
	struct order order = { names, compare };
	CLEANUP_FREE uint32_t *of = calloc((size_t)names->count + 1, sizeof(*of));
	CLEANUP_FREE uint32_t *item = calloc((size_t)names->count + 1, sizeof(*item));
	uint32_t count = 0;

	if (!of || !item)
		return -ENOMEM;
	for (uint32_t i = 0; i < names->count; i++)
		item[i] = i;
	qsort_r(item, names->count, sizeof(*item), compare_items, &order);
	/* Writing item[count - 1] never runs ahead of reading item[i]. */
	for (uint32_t i = 0; i < names->count; i++) {
		uint32_t this = item[i];

		if (!count || compare(names, item[count - 1], this))
			item[count++] = this;
		of[this] = count - 1;
	}
	*ret_classes = (struct ecli_classes){ TAKE_PTR(of), TAKE_PTR(item), count };
	return 0;
}

void ecli_classes_done(struct ecli_classes *classes)
{
	free(classes->of);
	free(classes->item);
	*classes = (struct ecli_classes){ 0 };
}
