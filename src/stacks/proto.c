/* SPDX-License-Identifier: MIT */
/*
 * The wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding/): a tag is the field's number
 * and the wire type, 0 for a varint and 2 for bytes with their length; a varint has seven bits a byte, the lowest first.
 */
#include "stacks/proto.h"

enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

void ecli_proto_varint(struct ecli_buf *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		ecli_buf_add_char(out, (char)(value | 0x80));
	ecli_buf_add_char(out, (char)value);
}

void ecli_proto_number(struct ecli_buf *out, unsigned int field, uint64_t value)
{
	if (!value)
		return;
	ecli_proto_varint(out, (uint64_t)field << 3 | WIRE_VARINT);
	ecli_proto_varint(out, value);
}

void ecli_proto_bytes(struct ecli_buf *out, unsigned int field, const void *data, size_t len)
{
	ecli_proto_varint(out, (uint64_t)field << 3 | WIRE_BYTES);
	ecli_proto_varint(out, len);
	ecli_buf_add(out, data, len);
}

void ecli_proto_message(struct ecli_buf *out, unsigned int field, struct ecli_buf *message)
{
	if (ecli_buf_failed(message))
		out->failed = true;
	ecli_proto_bytes(out, field, message->data, message->len);
	ecli_buf_clear(message);
}
