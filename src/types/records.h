/* SPDX-License-Identifier: MIT */
/*
 * Between the two halves of reading: read.c walks over the type data, records.c knows what one record looks like.
 */
#ifndef ECLI_TYPES_RECORDS_H
#define ECLI_TYPES_RECORDS_H

#include <string.h>

#include "types/model.h"

/* What is being read, and how much of the model is filled. */
struct reader {
	const uint8_t *data; /* the type data */
	uint32_t data_size;
	bool all_printable; /* the whole string section: then no name needs a look of its own */
	struct ecli_types *types;
	uint32_t n_members, n_values; /* used so far */
	struct ecli_err *err;
};

/* One record, split. Its bytes are known to be there. */
struct record {
	uint32_t name_offset, kind, vlen, size_or_type;
	bool flag;
	const uint8_t *more;          /* what follows the first 12 bytes */
	uint32_t n_members, n_values; /* how much of the model it needs */
};

static inline uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v)); /* nothing is aligned until proven so */
	return v;
}

/* Splits the record at *@at, which is type @id, and moves *@at behind it. */
int types_next_record(const struct reader *reader, uint32_t id, uint32_t *at, struct record *ret_record);
/* Fills type @id of the model from its record. */
int types_fill_record(struct reader *reader, uint32_t id, const struct record *record);
/* Whether all of it, NULs apart, is printable ASCII. */
bool types_is_printable(const char *text, size_t len);

#endif
