/* SPDX-License-Identifier: MIT */
/*
 * Settled spans, oldest below, and what was added since, each over all before it:
 *
 *     added 2          [ c      ]               items are walked by where they start; of those that cover a place the
 *     added 1     [ b      ]          ───>      one that was added last is on the top of a heap
 *     settled  [ a ][ a2 ]    [ a3 ]            [ a ][b ][ c      ][a3]
 *
 * n items give at most 2n - 1 spans, in n log n steps, whatever their shape. Names are copied, those that still have a span only.
 */
#include "symbols/spans.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void ecli_spans_done(struct ecli_spans *spans)
{
	free(spans->items);
	ecli_buf_done(&spans->names);
	*spans = (struct ecli_spans){ 0 };
}

static bool grow(struct ecli_spans *spans)
{
	size_t more = spans->room ? spans->room * 2 : 64;
	struct ecli_span *items = reallocarray(spans->items, more, sizeof(*items));

	if (!items)
		return false;
	spans->items = items;
	spans->room = more;
	return true;
}

static uint32_t add_name(struct ecli_buf *names, const char *name, size_t len)
{
	uint32_t at = (uint32_t)names->len;

	ecli_buf_add(names, name, len);
	ecli_buf_add_char(names, '\0');
	return at;
}

bool ecli_spans_add(struct ecli_spans *spans, uint64_t start, uint64_t size, const char *name, size_t len)
{
	uint64_t end = start + size < start ? UINT64_MAX : start + size;

	if (spans->names.len + len >= UINT32_MAX || (spans->count == spans->room && !grow(spans)))
		return false;
	uint32_t at = add_name(&spans->names, name, len);
	if (ecli_buf_failed(&spans->names))
		return false;
	spans->items[spans->count++] = (struct ecli_span){ start, end, start, at };
	return true;
}

/* ---- settling -------------------------------------------------------------------------------------------------- */

/* All items in work: numbers of items, and what comes out. */
struct sweep {
	const struct ecli_span *items;
	uint32_t *by_start, *heap; /* the highest number first */
	size_t n_heap;
	uint32_t *new_names; /* of each item; UINT32_MAX: not copied yet */
	struct ecli_spans out;
	uint32_t last; /* the item that the last span is of */
};

static int by_start(const void *a, const void *b, void *ctx)
{
	const struct ecli_span *items = ctx, *x = &items[*(const uint32_t *)a], *y = &items[*(const uint32_t *)b];

	return x->start < y->start ? -1 : x->start > y->start;
}

static void push(struct sweep *sweep, uint32_t item)
{
	size_t at = sweep->n_heap++;

	for (size_t up; at && sweep->heap[up = (at - 1) / 2] < item; at = up)
		sweep->heap[at] = sweep->heap[up];
	sweep->heap[at] = item;
}

static void pop(struct sweep *sweep)
{
	uint32_t item = sweep->heap[--sweep->n_heap];
	size_t at = 0;

	for (size_t down; (down = 2 * at + 1) < sweep->n_heap; at = down) {
		if (down + 1 < sweep->n_heap && sweep->heap[down + 1] > sweep->heap[down])
			down++;
		if (sweep->heap[down] < item)
			break;
		sweep->heap[at] = sweep->heap[down];
	}
	sweep->heap[at] = item;
}

/* A part of @item goes out; behind the last one of the same it makes that one longer. */
static bool put(struct sweep *sweep, const struct ecli_buf *names, uint32_t item, uint64_t start, uint64_t end)
{
	struct ecli_spans *out = &sweep->out;
	const struct ecli_span *its = &sweep->items[item];

	if (out->count && sweep->last == item && out->items[out->count - 1].end == start) {
		out->items[out->count - 1].end = end;
		return true;
	}
	if (out->count == out->room && !grow(out))
		return false;
	if (sweep->new_names[item] == UINT32_MAX) {
		const char *name = names->data + its->name;

		sweep->new_names[item] = add_name(&out->names, name, strlen(name));
	}
	out->items[out->count++] = (struct ecli_span){ start, end, its->function, sweep->new_names[item] };
	sweep->last = item;
	return !ecli_buf_failed(&out->names);
}

static bool walk(struct sweep *sweep, const struct ecli_buf *names, size_t count)
{
	uint64_t at = 0;

	for (size_t i = 0; i < count || sweep->n_heap;) {
		if (!sweep->n_heap)
			at = sweep->items[sweep->by_start[i]].start;
		while (i < count && sweep->items[sweep->by_start[i]].start <= at)
			push(sweep, sweep->by_start[i++]);
		while (sweep->n_heap && sweep->items[sweep->heap[0]].end <= at)
			pop(sweep);
		if (!sweep->n_heap)
			continue;
		uint32_t top = sweep->heap[0];
		uint64_t end = sweep->items[top].end;
		if (i < count && sweep->items[sweep->by_start[i]].start < end)
			end = sweep->items[sweep->by_start[i]].start;
		if (!put(sweep, names, top, at, end))
			return false;
		at = end;
	}
	return true;
}

bool ecli_spans_settle(struct ecli_spans *spans)
{
	size_t count = spans->count;
	CLEANUP_FREE uint32_t *numbers = count ? calloc(count, 3 * sizeof(*numbers)) : NULL;

	if (count == spans->n_settled)
		return true;
	struct sweep sweep = {
		.items = spans->items, .by_start = numbers, .heap = numbers + count, .new_names = numbers + 2 * count
	};
	if (numbers) {
		for (uint32_t i = 0; i < count; i++) {
			sweep.by_start[i] = i;
			sweep.new_names[i] = UINT32_MAX;
		}
		qsort_r(sweep.by_start, count, sizeof(*numbers), by_start, spans->items);
	}
	if (!numbers || !walk(&sweep, &spans->names, count)) {
		ecli_spans_done(&sweep.out);
		spans->count = spans->n_settled;
		return false;
	}
	sweep.out.n_settled = sweep.out.count;
	ecli_spans_done(spans);
	*spans = sweep.out;
	return true;
}

bool ecli_spans_find(const struct ecli_spans *spans, uint64_t address, struct ecli_symtab_function *ret)
{
	size_t low = 0;

	for (size_t high = spans->n_settled; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (spans->items[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address >= spans->items[low - 1].end)
		return false;
	const struct ecli_span *found = &spans->items[low - 1];
	*ret = (struct ecli_symtab_function){ .name = spans->names.data + found->name, .start = found->function };
	return true;
}

size_t ecli_spans_cost(size_t len)
{
	return 2 * sizeof(struct ecli_span) + len + 1;
}

size_t ecli_spans_bytes(const struct ecli_spans *spans)
{
	return (2 * spans->count - spans->n_settled) * sizeof(*spans->items) + spans->names.len;
}
