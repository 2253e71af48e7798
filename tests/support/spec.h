/* SPDX-License-Identifier: MIT */
/*
 * Event types and records from a line of text, for tests and benchmarks: BTF through libbpf's writer, bytes by natural
 * alignment. What is wrong in a text ends the program with a sentence; this is for texts that we wrote.
 *
 *     enum state RUNNING=0 SLEEPING=1          senum: signed        enum64, senum64: 8 bytes
 *     typedef ecli_ipv4 u32
 *     struct addr u8:family u16:port           union: the same
 *     struct event char[16]:comm state:state addr[2]:peers u32/3:flags ptr:p addr:     (no name: anonymous)
 *
 * Types: u8 to u128, s8 to s128, bool, char, f32, f64, f128, ptr, and what was defined; [N] after any of them. Values
 * of a record are words in the order of the leaves: numbers, "text" with \xNN and \" for char arrays, @HEX for raw
 * bytes of one leaf.
 */
#ifndef ECLI_TESTS_SPEC_H
#define ECLI_TESTS_SPEC_H

#include <ecli/plan.h>
#include <ecli/types.h>

struct spec;

struct spec *spec_new(void);
void spec_free(struct spec *spec);
/* One of the lines above. Returns the id of the type. */
uint32_t spec_define(struct spec *spec, const char *line);
/* A type by its text, "u32[3]". */
uint32_t spec_type(struct spec *spec, const char *text);
uint64_t spec_size(const struct spec *spec, uint32_t id);
/* The model of all types so far; owned by the caller. */
struct ecli_types *spec_types(const struct spec *spec);
/* Appends a record of the type. */
void spec_encode(const struct spec *spec, uint32_t id, const char *values, struct ecli_buf *out);

#endif
