/* SPDX-License-Identifier: MIT */
/* An allocator in a library of its own, as people put one in front of the C library's. */
#include <stddef.h>

static char heap[1 << 24];
static size_t used;

void *malloc(size_t size)
{
	void *piece = heap + used;

	used += (size + 31) & ~(size_t)31;
	return used <= sizeof(heap) ? piece : NULL;
}

void free(void *piece)
{
	(void)piece;
}

void *calloc(size_t count, size_t size)
{
	return malloc(count * size);
}

void *realloc(void *old, size_t size)
{
	char *piece = malloc(size);

	for (size_t i = 0; old && piece && i < size; i++)
		piece[i] = ((char *)old)[i];
	return piece;
}
