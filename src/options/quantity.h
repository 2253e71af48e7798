/* SPDX-License-Identifier: MIT */
/*
 * Numbers with a unit: times and sizes, to and from whole numbers of the unit a variable is kept in.
 */
#ifndef ECLI_OPTIONS_QUANTITY_H
#define ECLI_OPTIONS_QUANTITY_H

#include <ecli/package.h>

/* Whether values of this notation may carry a unit. */
bool ecli_quantity_is(enum ecli_notation notation);

/*
 * "10ms", "1.5s", "4k", or a plain number (also 0x...) of the notation's own unit (of SECONDS: seconds). -EINVAL: not that; -EDOM: no whole number
 * of the unit; -ERANGE: does not fit 64 bits. @ret is untouched on failure.
 */
int ecli_quantity_parse(enum ecli_notation notation, const char *text, uint64_t *ret);

/* Appends the number with the largest unit that shows it whole: 10000 us are "10ms". */
void ecli_quantity_show(enum ecli_notation notation, uint64_t value, struct ecli_buf *out);

/* What it is kept in: "us", "bytes". */
const char *ecli_quantity_unit(enum ecli_notation notation);

#endif
