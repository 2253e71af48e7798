/* SPDX-License-Identifier: MIT */
/*
 * Addresses. Bytes in network order wherever they come from: an integer of 4 bytes is looked at as it lay in the record.
 *
 *     ipv4 192.0.2.1     ipv6 2001:db8::1 (RFC 5952)     mac 02:00:5e:10:00:01     port 443
 *     endpoint 192.0.2.1:443   [2001:db8::1]:443   without a port 2001:db8::1   neither 4 nor 6: -
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/formats.h"

static void add_address(struct ecli_buf *out, int family, const void *bytes)
{
	char text[INET6_ADDRSTRLEN];

	/* Fails for an unknown family or too little room only. */
	if (inet_ntop(family, bytes, text, sizeof(text)))
		ecli_buf_add_text(out, text);
}

void ecli_format_port(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out)
{
	(void)formats;
	ecli_format_unsigned(out, ntohs((uint16_t)ecli_format_bits(field, value)));
}

void ecli_format_ipv4(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out)
{
	uint32_t number = (uint32_t)value->u;

	(void)formats;
	add_address(out, AF_INET, field->format->raw_kind == ECLI_VALUE_BYTES ? value->str.text : (char *)&number);
}

void ecli_format_ipv6(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out)
{
	(void)formats, (void)field;
	add_address(out, AF_INET6, value->str.text);
}

void ecli_format_mac(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		     struct ecli_buf *out)
{
	(void)formats, (void)field;
	for (size_t i = 0; i < value->str.len; i++)
		ecli_buf_add_format(out, "%s%02x", i ? ":" : "", (unsigned char)value->str.text[i]);
}

/* ---- endpoints ------------------------------------------------------------------------------------------------- */

/* The parts lie within the bytes: the plan looked for them there. */
struct parts {
	char addr[16];
	uint8_t version;
	bool has_port, has_proto;
	uint16_t port, proto;
};

static struct parts take_apart(const struct ecli_field *field, const struct ecli_value *value)
{
	const struct ecli_endpoint *at = &field->format->endpoint;
	struct parts parts = { .has_port = at->port != ECLI_ENDPOINT_NONE,
			       .has_proto = at->proto != ECLI_ENDPOINT_NONE };

	memcpy(parts.addr, value->str.text + at->addr, sizeof(parts.addr));
	memcpy(&parts.version, value->str.text + at->version, sizeof(parts.version));
	if (parts.has_port)
		memcpy(&parts.port, value->str.text + at->port, sizeof(parts.port));
	if (parts.has_proto)
		memcpy(&parts.proto, value->str.text + at->proto, sizeof(parts.proto));
	return parts;
}

static int family_of(const struct parts *parts)
{
	return parts->version == 4 ? AF_INET : parts->version == 6 ? AF_INET6 : AF_UNSPEC;
}

void ecli_format_endpoint(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			  struct ecli_buf *out)
{
	struct parts parts = take_apart(field, value);
	int family = family_of(&parts);
	bool is_bracketed = family == AF_INET6 && parts.has_port;

	(void)formats;
	if (family == AF_UNSPEC) {
		ecli_buf_add_char(out, '-');
		return;
	}
	if (is_bracketed)
		ecli_buf_add_char(out, '[');
	add_address(out, family, parts.addr);
	if (is_bracketed)
		ecli_buf_add_char(out, ']');
	if (parts.has_port) {
		ecli_buf_add_char(out, ':');
		ecli_format_unsigned(out, parts.port);
	}
}

void ecli_format_endpoint_raw(const struct ecli_field *field, const struct ecli_value *value, struct ecli_buf *out)
{
	struct parts parts = take_apart(field, value);

	ecli_buf_add_text(out, "{\"addr\":\"");
	add_address(out, family_of(&parts), parts.addr);
	ecli_buf_add_format(out, "\",\"version\":%u", parts.version);
	if (parts.has_port)
		ecli_buf_add_format(out, ",\"port\":%u", parts.port);
	if (parts.has_proto)
		ecli_buf_add_format(out, ",\"proto\":%u", parts.proto);
	ecli_buf_add_char(out, '}');
}
