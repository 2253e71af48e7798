/* SPDX-License-Identifier: MIT */
/*
 * Columns to widths.
 *
 *     wish     |PID....|COMM............|PATH..............................|COUNT..|      too wide for the screen
 *     shrunk   |PID....|COMM............|PATH.................|COUNT..|                   the widest text gives first
 *     placed   |COMM............|PATH.........|COUNT..|                                   still too wide: columns before the wanted one go
 *
 * Invariant: the columns placed and the gaps between them never take more than the screen has; a column that is wider than the whole
 * screen is cut to it. Numbers are never cut otherwise: a number without its end is another number.
 */
#include "layout.h"

static uint64_t taken(const struct layout_column *columns, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += columns[i].width + (i ? LAYOUT_GAP : 0);
	return sum;
}

/* The widest column that can be cut further, or @n. */
static size_t widest(const struct layout_column *columns, size_t n)
{
	size_t found = n;

	for (size_t i = 0; i < n; i++)
		if (columns[i].width > columns[i].least && (found == n || columns[i].width > columns[found].width))
			found = i;
	return found;
}

/* The second widest sets how far the widest may be cut at once. */
static void shrink(struct layout_column *columns, size_t n, uint32_t screen_width)
{
	uint64_t sum = taken(columns, n);

	while (sum > screen_width) {
		size_t i = widest(columns, n);

		if (i == n)
			return;
		uint32_t floor = columns[i].least;
		for (size_t k = 0; k < n; k++)
			if (k != i && columns[k].width > columns[k].least && columns[k].width > floor)
				floor = columns[k].width;
		if (floor >= columns[i].width)
			floor = columns[i].width - 1; /* equally wide ones give in turn */
		uint64_t cut = columns[i].width - floor, over = sum - screen_width;
		cut = cut < over ? cut : over;
		columns[i].width -= (uint32_t)cut;
		sum -= cut;
	}
}

struct layout_place layout_fit(struct layout_column *columns, size_t n, size_t wanted, uint32_t screen_width)
{
	struct layout_place place = { 0 };

	for (size_t i = 0; i < n; i++)
		columns[i].width = columns[i].wish;
	if (!n)
		return place;
	shrink(columns, n, screen_width);
	while (place.first < wanted && taken(columns + place.first, wanted - place.first + 1) > screen_width)
		place.first++;
	place.count = n - place.first;
	while (place.count > 1 && taken(columns + place.first, place.count) > screen_width)
		place.count--;
	if (columns[place.first].width > screen_width)
		columns[place.first].width = screen_width;
	return place;
}
