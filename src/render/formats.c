/* SPDX-License-Identifier: MIT */
/*
 * Formats: the table of them, and those that are only arithmetic. Numbers are cut, not rounded: 999999 ns are 999.99us,
 * so that a value never shows as one that it has not reached.
 *
 *     534ns 1.23us 4.56ms 2.5s 1m30s 2d4h0m9s      512B 1.5KiB 3.99GiB (powers of 1024)      0x1f 0755
 *     0.534 (in us, ms, KiB: a fixed unit, three places)
 *     READ|WRITE|0x40 (bits without a name as one number)                                    8:1
 */
#include "render/formats.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/wall.h"
#include "render/digits.h"

#define NS_PER_S 1000000000u

/* ---- for all writers ------------------------------------------------------------------------------------------- */

uint64_t ecli_format_bits(const struct ecli_field *field, const struct ecli_value *value)
{
	return field->size_bytes < 8 ? value->u & (((uint64_t)1 << 8 * field->size_bytes) - 1) : value->u;
}

void ecli_format_unsigned(struct ecli_buf *out, uint64_t value)
{
	if (ecli_buf_reserve(out, ECLI_DIGITS_ROOM + 8))
		out->len = (size_t)(ecli_digits_unsigned(out->data + out->len, value) - out->data);
}

void ecli_format_number(const struct ecli_field *field, const struct ecli_value *value, struct ecli_buf *out)
{
	if (!field->is_signed)
		ecli_format_unsigned(out, value->u);
	else if (ecli_buf_reserve(out, ECLI_DIGITS_ROOM + 8))
		out->len = (size_t)(ecli_digits_signed(out->data + out->len, value->s) - out->data);
}

void ecli_format_bar(struct ecli_buf *out, size_t start)
{
	if (out->len > start)
		ecli_buf_add_char(out, '|');
}

static void add_hex(struct ecli_buf *out, uint64_t value)
{
	if (ecli_buf_reserve(out, ECLI_DIGITS_HEX_ROOM))
		out->len = (size_t)(ecli_digits_hex(out->data + out->len, value) - out->data);
}

/* The absolute value, with its sign written. */
static uint64_t put_sign(const struct ecli_field *field, const struct ecli_value *value, struct ecli_buf *out)
{
	if (!field->is_signed || value->s >= 0)
		return value->u;
	ecli_buf_add_char(out, '-');
	return 0 - value->u;
}

/* @hundredths of a part of 100 after a whole number, without zeros at the end. */
static void add_fraction(struct ecli_buf *out, uint64_t whole, uint64_t hundredths)
{
	ecli_format_unsigned(out, whole);
	if (hundredths) {
		ecli_buf_add_char(out, '.');
		ecli_buf_add_char(out, (char)('0' + hundredths / 10));
		if (hundredths % 10)
			ecli_buf_add_char(out, (char)('0' + hundredths % 10));
	}
}

/* ---- time ------------------------------------------------------------------------------------------------------ */

/* Each second of rows: the wall clock may be set, and the machine may sleep. */
static void look_at_clocks(struct ecli_formats *formats)
{
	if (formats->has_looked && ecli_clock_is_near(formats->now_ns, formats->looked_ns, NS_PER_S))
		return;
	ecli_wall_measure();
	formats->looked_ns = formats->now_ns;
	formats->has_looked = true;
}

static void put_timestamp(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			  struct ecli_buf *out)
{
	uint64_t ns = value->u;

	/* Nobody was there at 0: the tool did not set it. */
	if (!ns) {
		ecli_buf_add_char(out, '0');
		return;
	}
	look_at_clocks(formats);
	if (field->format->as == ECLI_AS_TIMESTAMP)
		ns = ecli_wall_of_mono(ns);
	else if (field->format->as == ECLI_AS_TIMESTAMP_BOOT)
		ns = ecli_wall_of_boot(ns);
	if (!ecli_buf_reserve(out, ECLI_CLOCK_ISO_LEN))
		return;
	ecli_clock_iso(&formats->clock, ns, out->data + out->len);
	out->len += ECLI_CLOCK_ISO_LEN;
}

/* From a minute on: whole seconds, the largest parts first, none of them left out in between. */
static void put_long_duration(struct ecli_buf *out, uint64_t seconds)
{
	static const struct {
		uint32_t seconds;
		char unit;
	} parts[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	bool is_on = false;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		uint64_t count = seconds / parts[i].seconds;

		seconds %= parts[i].seconds;
		is_on |= count > 0;
		if (!is_on)
			continue;
		ecli_format_unsigned(out, count);
		ecli_buf_add_char(out, parts[i].unit);
	}
}

static void put_duration(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			 struct ecli_buf *out)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	size_t unit = field->format->as == ECLI_AS_DURATION_MS ? 2 : field->format->as == ECLI_AS_DURATION_US ? 1 : 0;
	uint64_t count = put_sign(field, value, out), rest = 0;

	(void)formats;
	while (count >= 1000 && unit < ARRAY_SIZE(units) - 1) {
		rest = count % 1000;
		count /= 1000;
		unit++;
	}
	if (unit == ARRAY_SIZE(units) - 1 && count >= 60) {
		put_long_duration(out, count);
		return;
	}
	add_fraction(out, count, rest / 10);
	ecli_buf_add_text(out, units[unit]);
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

static void put_size(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		     struct ecli_buf *out)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t count = put_sign(field, value, out), rest = 0;
	size_t unit = 0;

	(void)formats;
	while (count >= 1024) {
		rest = count % 1024;
		count /= 1024;
		unit++;
	}
	add_fraction(out, count, rest * 100 / 1024);
	ecli_buf_add_text(out, units[unit]);
}

static void put_hex(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		    struct ecli_buf *out)
{
	(void)formats;
	add_hex(out, ecli_format_bits(field, value));
}

static void put_octal(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out)
{
	uint64_t number = ecli_format_bits(field, value);

	(void)formats;
	if (!ecli_buf_reserve(out, 24))
		return;
	unsigned int digits = (66 - (unsigned int)__builtin_clzll(number | 1)) / 3;
	char *p = out->data + out->len;
	if (number)
		*p++ = '0';
	for (unsigned int shift = 3 * digits; shift; shift -= 3)
		*p++ = (char)('0' + (number >> (shift - 3) & 7));
	out->len = (size_t)(p - out->data);
}

/* Within a group, where no frames are shown: an address of an array, else the id. */
static void put_stack(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out)
{
	if (!*field->name)
		put_hex(formats, field, value, out);
	else
		ecli_format_number(field, value, out);
}

/* The kernel's own dev_t: 12 bits of major, 20 of minor (include/linux/kdev_t.h); not what stat(2) returns. */
static void put_dev(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		    struct ecli_buf *out)
{
	uint64_t dev = ecli_format_bits(field, value);

	(void)formats;
	ecli_format_unsigned(out, dev >> 20);
	ecli_buf_add_char(out, ':');
	ecli_format_unsigned(out, dev & ((1u << 20) - 1));
}

/* A name for all of it; else names of single bits, then names of several bits among the rest, then the rest. */
static void put_flags(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out)
{
	uint64_t rest = ecli_format_bits(field, value), bits;
	size_t start = out->len;
	const char *name;

	(void)formats;
	if (value->name || !rest) {
		ecli_buf_add_text(out, value->name ? value->name : "0");
		return;
	}
	for (int is_single = 1; is_single >= 0; is_single--) {
		for (uint32_t i = 0; rest && (name = ecli_field_name_at(field, i, &bits)); i++) {
			bits &= field->size_bytes < 8 ? ((uint64_t)1 << 8 * field->size_bytes) - 1 : UINT64_MAX;
			if (!bits || (rest & bits) != bits || ((bits & (bits - 1)) == 0) != is_single)
				continue;
			ecli_format_bar(out, start);
			ecli_buf_add_text(out, name);
			rest &= ~bits;
		}
	}
	if (rest) {
		ecli_format_bar(out, start);
		add_hex(out, rest);
	}
}

/* A fixed unit and three places, cut: a column of such numbers can be compared with the eye, and sorted. */
static void put_in_unit(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			struct ecli_buf *out)
{
	static const uint32_t sizes[ECLI_AS_COUNT] = {
		[ECLI_AS_NS_IN_US] = 1000,
		[ECLI_AS_NS_IN_MS] = 1000000,
		[ECLI_AS_US_IN_MS] = 1000,
		[ECLI_AS_BYTES_IN_KIB] = 1024,
	};
	uint64_t size = sizes[field->format->as], count = put_sign(field, value, out);
	uint64_t places = count % size * 1000 / size;

	(void)formats;
	ecli_format_unsigned(out, count / size);
	ecli_buf_add_char(out, '.');
	for (uint64_t power = 100; power; power /= 10)
		ecli_buf_add_char(out, (char)('0' + places / power % 10));
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

static const struct row {
	ecli_format_fn put;
	struct ecli_format_look look;
} rows[] = {
	[ECLI_AS_NUMBER] = { NULL, { 0 } },
	[ECLI_AS_TIMESTAMP] = { put_timestamp, { ECLI_CLOCK_ISO_LEN, .is_left = true } },
	[ECLI_AS_TIMESTAMP_BOOT] = { put_timestamp, { ECLI_CLOCK_ISO_LEN, .is_left = true } },
	[ECLI_AS_TIMESTAMP_REAL] = { put_timestamp, { ECLI_CLOCK_ISO_LEN, .is_left = true } },
	[ECLI_AS_DURATION] = { put_duration, { 8 } },
	[ECLI_AS_DURATION_US] = { put_duration, { 8 } },
	[ECLI_AS_DURATION_MS] = { put_duration, { 8 } },
	[ECLI_AS_BYTES] = { put_size, { 9 } },
	[ECLI_AS_HEX] = { put_hex, { 10 } },
	[ECLI_AS_OCTAL] = { put_octal, { 7 } },
	[ECLI_AS_KERNEL_ADDRESS] = { put_hex, { 18 } },
	[ECLI_AS_USER_ADDRESS] = { put_hex, { 18 } },
	[ECLI_AS_ERRNO] = { ecli_format_errno, { 10, .is_left = true } },
	[ECLI_AS_SIGNAL] = { ecli_format_signal, { 9, .is_left = true } },
	[ECLI_AS_SYSCALL] = { ecli_format_syscall, { 16, .is_left = true } },
	[ECLI_AS_FILE_MODE] = { ecli_format_file_mode, { 10, .is_left = true } },
	[ECLI_AS_FILE_FLAGS] = { ecli_format_file_flags, { 20, .is_left = true } },
	[ECLI_AS_CAPABILITY] = { ecli_format_capability, { 20, .is_left = true } },
	[ECLI_AS_TCP_STATE] = { ecli_format_tcp_state, { 12, .is_left = true } },
	[ECLI_AS_UID] = { ecli_format_uid, { 10, .is_left = true, .is_foreign = true } },
	[ECLI_AS_GID] = { ecli_format_gid, { 10, .is_left = true, .is_foreign = true } },
	[ECLI_AS_IFINDEX] = { ecli_format_ifindex, { 10, .is_left = true, .is_foreign = true } },
	[ECLI_AS_CGROUP_ID] = { ecli_format_cgroup_id, { 24, .is_left = true, .is_foreign = true } },
	[ECLI_AS_DEV] = { put_dev, { 7 } },
	[ECLI_AS_PORT] = { ecli_format_port, { 5, .is_number = true } },
	[ECLI_AS_IPV4] = { ecli_format_ipv4, { 15, .is_left = true } },
	[ECLI_AS_IPV6] = { ecli_format_ipv6, { 24, .is_left = true } },
	[ECLI_AS_MAC] = { ecli_format_mac, { 17, .is_left = true } },
	[ECLI_AS_ENDPOINT] = { ecli_format_endpoint, { 21, .is_left = true } },
	[ECLI_AS_FLAGS] = { put_flags, { 16, .is_left = true, .is_foreign = true } },
	[ECLI_AS_ARGV] = { ecli_format_argv, { 16, .is_left = true, .is_foreign = true, .is_list = true } },
	[ECLI_AS_IP] = { ecli_format_ip, { 15, .is_left = true } },
	[ECLI_AS_NS_IN_US] = { put_in_unit, { 10, .is_number = true } },
	[ECLI_AS_NS_IN_MS] = { put_in_unit, { 10, .is_number = true } },
	[ECLI_AS_US_IN_MS] = { put_in_unit, { 10, .is_number = true } },
	[ECLI_AS_BYTES_IN_KIB] = { put_in_unit, { 10, .is_number = true } },
	[ECLI_AS_KERNEL_STACK] = { put_stack, { 18 } },
	[ECLI_AS_USER_STACK] = { put_stack, { 18 } },
};
static_assert(ARRAY_SIZE(rows) == ECLI_AS_COUNT, "a row per format");

const struct ecli_format_look *ecli_formats_look(enum ecli_as as)
{
	return &rows[as].look;
}

void ecli_formats_begin(struct ecli_formats *formats, uint64_t wall_ns)
{
	formats->now_ns = wall_ns;
	/* What a row that was given up has left. */
	formats->raw_depth = 0;
	ecli_buf_clear(&formats->raw);
}

void ecli_formats_put(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out)
{
	rows[field->format->as].put(formats, field, value, out);
}

const char *ecli_formats_text(struct ecli_formats *formats, const struct ecli_field *field,
			      const struct ecli_value *value)
{
	ecli_buf_clear(&formats->text);
	ecli_formats_put(formats, field, value, &formats->text);
	return ecli_buf_text(&formats->text);
}

void ecli_formats_raw(const struct ecli_field *field, const struct ecli_value *value, struct ecli_buf *out)
{
	switch (field->format->raw_kind) {
	case ECLI_VALUE_BYTES:
		if (field->format->as == ECLI_AS_ENDPOINT) {
			ecli_format_endpoint_raw(field, value, out);
			return;
		}
		if (field->format->as == ECLI_AS_ARGV) {
			ecli_buf_add_text(out, ecli_format_argv_is_cut(value) ? "true" : "false");
			return;
		}
		ecli_buf_add_char(out, '"');
		if (ecli_buf_reserve(out, 2 * value->str.len))
			out->len = (size_t)(ecli_digits_bytes(out->data + out->len, value->str.text, value->str.len) -
					    out->data);
		ecli_buf_add_char(out, '"');
		return;
	case ECLI_VALUE_POINTER:
		ecli_buf_add_char(out, '"');
		add_hex(out, value->u);
		ecli_buf_add_char(out, '"');
		return;
	default:
		ecli_format_number(field, value, out);
	}
}

struct ecli_formats *ecli_formats_new(void)
{
	struct ecli_formats *formats = calloc(1, sizeof(*formats));

	if (!formats)
		return NULL;
	ecli_accounts_init(&formats->users, "/etc/passwd");
	ecli_accounts_init(&formats->groups, "/etc/group");
	ecli_lookup_init(&formats->interfaces, ecli_lookup_interface);
	ecli_lookup_init(&formats->cgroups, ecli_lookup_cgroup);
	return formats;
}

void ecli_formats_free(struct ecli_formats *formats)
{
	if (!formats)
		return;
	ecli_accounts_done(&formats->users);
	ecli_accounts_done(&formats->groups);
	ecli_lookup_done(&formats->interfaces);
	ecli_lookup_done(&formats->cgroups);
	ecli_buf_done(&formats->text);
	ecli_buf_done(&formats->raw);
	free(formats);
}
