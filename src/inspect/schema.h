/* SPDX-License-Identifier: MIT */
/* The parts of a JSON schema that schema.c puts together. */
#ifndef ECLI_INSPECT_SCHEMA_H
#define ECLI_INSPECT_SCHEMA_H

#include <ecli/plan.h>

#include "base/cleanup.h"

/* Appends the schema of what a formatted field shows. */
void schema_add_format(const struct ecli_field_format *format, struct ecli_buf *out);
/* Appends that of an endpoint's raw value: its parts. */
void schema_add_endpoint(const struct ecli_endpoint *endpoint, struct ecli_buf *out);

/* Appends that of the frames of a stack (render/frames.c). */
void schema_add_frames(struct ecli_buf *out);

#endif
