/* SPDX-License-Identifier: MIT */
/*
 * How far a text can be copied as it is: 16 bytes looked at and stored at once.
 *
 *     text   c c 1 \0 . . . .  . . . . . . . .
 *     marks  0 0 0 1  ...                          -> 3: the index of the first byte that needs care
 *
 * A byte needs care when it is below the set's first ordinary one (so a NUL always does), when its high bit is set, or
 * when it is one of the set's stops. That is one comparison of signed bytes and one for each stop. Every x86-64 has the
 * 16 lanes for it (SSE2); elsewhere two words of 8 bytes give the same answer by arithmetic.
 *
 * Nothing here looks at a byte that the caller did not say is there.
 */
#ifndef ECLI_RENDER_CLEAN_H
#define ECLI_RENDER_CLEAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/cleanup.h"

#define ECLI_CLEAN_CHUNK 16

/* What does not need care: from @first on, but the stops, which may repeat. Constant where these functions are used, so that
 * repeats cost nothing. */
struct ecli_clean {
	uint8_t first; /* 1 to 0x7f */
	uint8_t stop_a, stop_b, stop_c;
};

#define ECLI_CLEAN_JSON         ((struct ecli_clean){ ' ', '\\', 0x7f, '"' })
#define ECLI_CLEAN_TABLE        ((struct ecli_clean){ ' ', '\\', 0x7f, 0x7f })
#define ECLI_CLEAN_PLAIN        ((struct ecli_clean){ ' ' + 1, '\\', 0x7f, 0x7f })
#define ECLI_CLEAN_TABLE_QUOTED ((struct ecli_clean){ ' ', '\\', 0x7f, '"' })
#define ECLI_CLEAN_PLAIN_QUOTED ((struct ecli_clean){ ' ' + 1, '\\', 0x7f, '"' })

#define ECLI_CLEAN_EACH(byte) (0x0101010101010101u * (uint64_t)(byte))

static inline uint64_t ecli_clean_zero_bytes(uint64_t word)
{
	return (word - ECLI_CLEAN_EACH(1)) & ~word & ECLI_CLEAN_EACH(0x80);
}

/* The high bit of each byte that needs care. May mark too much above the lowest mark, never below it. */
static inline uint64_t ecli_clean_word(uint64_t word, struct ecli_clean clean)
{
	uint64_t found = word | ((word - ECLI_CLEAN_EACH(clean.first)) & ~word);

	found |= ecli_clean_zero_bytes(word ^ ECLI_CLEAN_EACH(clean.stop_a));
	found |= ecli_clean_zero_bytes(word ^ ECLI_CLEAN_EACH(clean.stop_b));
	found |= ecli_clean_zero_bytes(word ^ ECLI_CLEAN_EACH(clean.stop_c));
	return found & ECLI_CLEAN_EACH(0x80);
}

/* Copies 16 bytes of @text to @p; the index of the first that needs care, or 16. */
static inline size_t ecli_clean_chunk_words(char *p, const char *text, struct ecli_clean clean)
{
	uint64_t words[2];

	memcpy(words, text, sizeof(words));
	memcpy(p, words, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		uint64_t found = ecli_clean_word(words[i], clean);

		if (found)
			return 8 * i + (size_t)__builtin_ctzll(found) / 8;
	}
	return ECLI_CLEAN_CHUNK;
}

#ifdef __SSE2__
/* The same. A byte of 0x80 and above is negative, hence below the first ordinary one too. */
static inline size_t ecli_clean_chunk_lanes(char *p, const char *text, struct ecli_clean clean)
{
	__m128i bytes, found;

	memcpy(&bytes, text, sizeof(bytes));
	memcpy(p, &bytes, sizeof(bytes));
	found = _mm_cmplt_epi8(bytes, _mm_set1_epi8((char)clean.first));
	found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)clean.stop_a)));
	found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)clean.stop_b)));
	found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)clean.stop_c)));
	return (size_t)__builtin_ctz((unsigned int)_mm_movemask_epi8(found) | 1u << ECLI_CLEAN_CHUNK);
}
#define ecli_clean_chunk ecli_clean_chunk_lanes
#else
#define ecli_clean_chunk ecli_clean_chunk_words
#endif

#endif
