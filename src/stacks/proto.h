/* SPDX-License-Identifier: MIT */
/*
 * Protocol buffers, as much as a profile needs (protobuf.dev, "Encoding"): varints, and lengths before bytes. A field that is zero
 * or empty is not written, as proto3 has it. A message within a message is written to a buffer of its own first.
 */
#ifndef ECLI_STACKS_PROTO_H
#define ECLI_STACKS_PROTO_H

#include <ecli/base.h>

void ecli_proto_varint(struct ecli_buf *out, uint64_t value);
void ecli_proto_number(struct ecli_buf *out, unsigned int field, uint64_t value);
/* Bytes, a string, a message: also when it is empty. */
void ecli_proto_bytes(struct ecli_buf *out, unsigned int field, const void *data, size_t len);
/* The same with the bytes of @message, which is empty afterwards. */
void ecli_proto_message(struct ecli_buf *out, unsigned int field, struct ecli_buf *message);

#endif
