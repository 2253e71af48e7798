/* SPDX-License-Identifier: MIT */
/*
 * Comparisons of what is more than one number: a field as it is shown, and an endpoint.
 *
 *     softirq ~ "net*"        the name that rows have, matched with the pattern: names of enums, errors, users, addresses, sizes
 *     raddr == 10.0.0.0/8     version == 4, then the address, then, of 10.0.0.1:443, the port
 *
 * Who writes rows writes these texts too (render/formats.h), so a pattern sees what a person sees. Both are asked in user space alone.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "plan/ops.h"
#include "render/formats.h"
#include "where/where.h"

/* ---- as it is shown -------------------------------------------------------------------------------------------- */

bool where_is_shown_as_text(const struct where_field *field)
{
	return field->format || (field->op->names && field->op->names->count);
}

int where_compare_shown(struct where_binder *binder, const struct where_node *node, const struct where_field *field,
			const struct where_node *value, struct where_ways ways, uint16_t *ret)
{
	struct where_test test = {
		.code = WHERE_TEST_SHOWN,
		.load = field->load,
		.end = field->end,
		.shown = { value->text, value->len, field->op, field->field, NULL },
	};

	if (value->kind != WHERE_TEXT)
		return where_error(binder->err, value->begin, "a pattern stands in quotes: %s ~ \"...\"", field->name);
	if (!binder->program->formats && !(binder->program->formats = ecli_formats_new()))
		return ecli_err_set(binder->err, -ENOMEM, "out of memory");
	test.shown.formats = binder->program->formats;
	if (node->kind == WHERE_UNLIKE)
		ways = (struct where_ways){ .no = ways.yes, .yes = ways.no };
	return where_add_test(binder, node, test, ways, ret);
}

static bool glob_text(const struct where_test *test, const char *text)
{
	return where_glob(test->shown.text, test->shown.len, text, strlen(text));
}

bool where_matches_shown(const struct where_test *test, const void *bytes)
{
	struct ecli_formats *formats = test->shown.formats;
	struct ecli_value value;
	struct timespec now;
	char number[32];

	plan_load(test->shown.op, test->shown.field, bytes, &value);
	if (test->shown.field->format) {
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
		ecli_formats_begin(formats, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
		return glob_text(test, ecli_formats_text(formats, test->shown.field, &value));
	}
	if (value.name)
		return glob_text(test, value.name);
	snprintf(number, sizeof(number), test->shown.field->is_signed ? "unknown(%lld)" : "unknown(%llu)",
		 (unsigned long long)value.u);
	return glob_text(test, number);
}

/* ---- endpoints ------------------------------------------------------------------------------------------------- */

struct asked {
	int version; /* 4, 6 */
	struct where_range addr;
	bool has_port;
	uint64_t port;
};

/* "10.0.0.0/8", "fe80::1", "10.0.0.1:443", "[::1]:443". */
static int read_endpoint(const char *text, struct asked *ret)
{
	char address[INET6_ADDRSTRLEN + 8];
	bool is_bracketed = *text == '[';
	const char *end = is_bracketed ? strchr(text, ']') : strchr(text, ':');
	const char *port = NULL;

	if (is_bracketed) {
		if (!end || end[1] != ':')
			return -EINVAL;
		port = end + 2;
		text++;
	} else if (end && !strchr(end + 1, ':') && strchr(text, '.')) {
		port = end + 1;
	} else {
		end = text + strlen(text);
	}
	if ((size_t)snprintf(address, sizeof(address), "%.*s", (int)(end - text), text) >= sizeof(address))
		return -EINVAL;
	ret->has_port = port != NULL;
	if (port && (ecli_num_parse_u64(port, &ret->port) || ret->port > UINT16_MAX))
		return -EINVAL;
	ret->version = 4;
	if (!is_bracketed && !where_read_network(AF_INET, 4, address, &ret->addr))
		return 0;
	ret->version = 6;
	return where_read_network(AF_INET6, 16, address, &ret->addr);
}

static int add_part(struct where_binder *binder, const struct where_node *node, const struct where_field *field,
		    struct where_load load, const struct where_range *range, struct where_ways ways, uint16_t *ret)
{
	struct where_test test = { .code = WHERE_TEST_WIDE, .load = load, .end = field->end };

	test.load.offset += field->load.offset;
	test.load.bits = (uint8_t)(8 * load.size_bytes);
	test.wide.mask = ~(where_wide)0;
	test.wide.low = range->first.bits;
	test.wide.span = range->last.bits - range->first.bits;
	return where_add_test(binder, node, test, ways, ret);
}

int where_compare_endpoint(struct where_binder *binder, const struct where_node *node, const struct where_field *field,
			   enum where_kind kind, const struct where_node *value, struct where_ways ways, uint16_t *ret)
{
	const struct ecli_endpoint *at = &field->format->endpoint;
	struct asked asked = { 0 };

	if (kind != WHERE_EQ && kind != WHERE_NE)
		return where_error(
			binder->err, node->begin,
			"%s has several parts; compare it with == or !=, or one of %s.port, .proto, .version",
			field->name, field->name);
	bool is_value = value->kind == WHERE_WORD || value->kind == WHERE_TEXT;
	if (!is_value || read_endpoint(value->text, &asked) || (asked.has_port && at->port == ECLI_ENDPOINT_NONE))
		return where_error(
			binder->err, value->begin,
			"%s takes an address such as 10.0.0.1 or fe80::1, a network such as 10.0.0.0/8%s, not %.64s",
			field->name, at->port == ECLI_ENDPOINT_NONE ? "" : ", or both such as 10.0.0.1:443",
			is_value ? value->text : "this");
	if (kind == WHERE_NE)
		ways = (struct where_ways){ .no = ways.yes, .yes = ways.no };

	const struct where_range version = where_single((where_wide)asked.version, false);
	const struct where_range port = where_single(asked.port, false);
	const struct where_load addr = { .offset = at->addr,
					 .size_bytes = asked.version == 4 ? 4 : 16,
					 .is_big = true };
	int r = 0;
	if (asked.has_port)
		r = add_part(binder, node, field, (struct where_load){ .offset = at->port, .size_bytes = 2 }, &port,
			     ways, &ways.yes);
	r = r ? r : add_part(binder, node, field, addr, &asked.addr, ways, &ways.yes);
	return r ? r
		 : add_part(binder, node, field, (struct where_load){ .offset = at->version, .size_bytes = 1 },
			    &version, ways, ret);
}
