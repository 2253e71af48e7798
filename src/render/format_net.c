/* SPDX-License-Identifier: MIT */
/*
 * Addresses. Bytes in network order wherever they come from: an integer of 4 bytes is looked at as it lay in the record.
 *
 *     ipv4 192.0.2.1     ipv6 2001:db8::1 (RFC 5952)     mac 02:00:5e:10:00:01     port 443
 *     ip   192.0.2.1 (::ffff:192.0.2.1), else as ipv6
 *     endpoint 192.0.2.1:443   [2001:db8::1]:443   without a port 2001:db8::1   neither 4 nor 6: -
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/digits.h"
#include "render/formats.h"

/* ---- addresses ------------------------------------------------------------------------------------------------- */

#define ADDRESS_ROOM 64 /* eight groups of four digits, or six and an IPv4 address, and what is stored after it */
#define WORDS        8

/* Four parts of up to three digits; 41 / 2^12 is 1/100 and 103 / 2^10 is 1/10, exact for what can stand there. */
static char *put_ipv4(char *p, const unsigned char *bytes)
{
	for (size_t i = 0; i < 4; i++) {
		uint32_t part = bytes[i], hundreds = part * 41 >> 12, rest = part - 100 * hundreds;
		uint32_t tens = rest * 103 >> 10, blank = (part < 10) + (part < 100);
		uint32_t text =
			('0' + hundreds) | ('0' + tens) << 8 | ('0' + rest - 10 * tens) << 16 | (uint32_t)'.' << 24;

		text >>= 8 * blank;
		memcpy(p, &text, sizeof(text));
		p += 4 - blank;
	}
	return p - 1;
}

/* The longest run of at least two zero words, the first of equals (RFC 5952, 4.2): it becomes "::". */
static size_t find_zeros(const uint16_t *words, size_t *ret_len)
{
	size_t best = WORDS, best_len = 1;

	for (size_t i = 0, len = 0; i < WORDS; i++) {
		len = words[i] ? 0 : len + 1;
		if (len > best_len) {
			best = i + 1 - len;
			best_len = len;
		}
	}
	*ret_len = best_len;
	return best;
}

/* As inet_ntop(3) writes it, which takes ten times as long: with an IPv4 address at the end of ::ffff:0:0/96 and ::/96. */
static char *put_ipv6(char *p, const unsigned char *bytes)
{
	uint16_t words[WORDS];
	size_t zeros_len, zeros;

	for (size_t i = 0; i < WORDS; i++)
		words[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
	zeros = find_zeros(words, &zeros_len);
	for (size_t i = 0; i < WORDS; i++) {
		if (i == zeros) {
			*p++ = ':';
			i += zeros_len - 1;
			if (i == WORDS - 1)
				*p++ = ':';
			continue;
		}
		if (i)
			*p++ = ':';
		if (i == 6 && zeros == 0 && (zeros_len == 6 || (zeros_len == 5 && words[5] == 0xffff)))
			return put_ipv4(p, bytes + 12);
		for (unsigned int shift = words[i] >> 12  ? 16
					  : words[i] >> 8 ? 12
					  : words[i] >> 4 ? 8
							  : 4;
		     shift; shift -= 4)
			*p++ = "0123456789abcdef"[words[i] >> (shift - 4) & 15];
	}
	return p;
}

/* Nothing for an unknown family. */
static void add_address(struct ecli_buf *out, int family, const void *bytes)
{
	if (family == AF_UNSPEC || !ecli_buf_reserve(out, ADDRESS_ROOM))
		return;
	char *p = out->data + out->len;
	out->len = (size_t)((family == AF_INET ? put_ipv4(p, bytes) : put_ipv6(p, bytes)) - out->data);
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

/* What a socket of both families calls an IPv4 address is one: RFC 4291, 2.5.5.2. */
void ecli_format_ip(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		    struct ecli_buf *out)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool is_ipv4 = !memcmp(value->str.text, mapped, sizeof(mapped));

	(void)formats, (void)field;
	add_address(out, is_ipv4 ? AF_INET : AF_INET6, value->str.text + (is_ipv4 ? sizeof(mapped) : 0));
}

void ecli_format_mac(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		     struct ecli_buf *out)
{
	(void)formats, (void)field;
	if (!ecli_buf_reserve(out, 3 * value->str.len))
		return;
	char *p = out->data + out->len;
	for (size_t i = 0; i < value->str.len; i++) {
		p = ecli_digits_bytes(p, value->str.text + i, 1);
		*p++ = ':';
	}
	out->len = (size_t)(p - out->data) - 1;
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
	ecli_buf_add_text(out, "\",\"version\":");
	ecli_format_unsigned(out, parts.version);
	if (parts.has_port) {
		ecli_buf_add_text(out, ",\"port\":");
		ecli_format_unsigned(out, parts.port);
	}
	if (parts.has_proto) {
		ecli_buf_add_text(out, ",\"proto\":");
		ecli_format_unsigned(out, parts.proto);
	}
	ecli_buf_add_char(out, '}');
}
