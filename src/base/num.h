/* SPDX-License-Identifier: MIT */
/*
 * Checked numbers: text to integers with every error told apart, and arithmetic on sizes from untrusted input. Decimal and 0x
 * hexadecimal; no octal (a leading zero is a decimal digit), no white space, no trailing text.
 */
#ifndef ECLI_BASE_NUM_H
#define ECLI_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0; -EINVAL: not a number; -ERANGE: does not fit 64 bits. @ret is untouched on failure. */
int ecli_num_parse_u64(const char *text, uint64_t *ret);
int ecli_num_parse_s64(const char *text, int64_t *ret);
/* A finite decimal number. */
int ecli_num_parse_double(const char *text, double *ret);

/* Largest value of an unsigned, least and largest of a signed integer of @size_bytes (1 to 8). */
uint64_t ecli_num_max_unsigned(uint32_t size_bytes);
int64_t ecli_num_max_signed(uint32_t size_bytes);
int64_t ecli_num_min_signed(uint32_t size_bytes);

/* Whether [offset, offset + len) lies within @size, without overflow. */
static inline bool ecli_num_within(uint64_t offset, uint64_t len, uint64_t size)
{
	return offset <= size && len <= size - offset;
}

#endif
