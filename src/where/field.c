/* SPDX-License-Identifier: MIT */
/*
 * "a.b[2]" to bytes of a record. The names are those of the JSON output: anonymous structs are flattened, a formatted field also
 * has its raw value under a name of its own, an endpoint has its parts. Columns that the table hides are there too.
 *
 *     path    a      .b     [2]
 *     ops     OPEN   LOOP   leaf          offset = the leaf's + 2 * the loop's stride
 *
 * Invariant: what is found lies within the record, because the plan's ops do and an index is below the loop's count.
 */
#include <errno.h>
#include <string.h>

#include "options/value.h"
#include "plan/ops.h"
#include "where/where.h"

enum { MAX_LISTED = 16 };

struct path {
	const struct ecli_plan *plan;
	const struct where_node *word;
	const char *rest; /* what is not followed yet */
	uint32_t extra;   /* bytes that indexes have added */
	uint32_t end;     /* of an element of the plan's tail; 0: it is none */
	bool is_raw;
	struct ecli_err *err;
};

/* ---- leaves ---------------------------------------------------------------------------------------------------- */

static void set_number(struct where_field *field, const struct plan_op *op)
{
	static const uint8_t sizes[] = {
		[OP_UINT8] = 1,  [OP_UINT16] = 2, [OP_UINT32] = 4, [OP_UINT64] = 8, [OP_SINT8] = 1,
		[OP_SINT16] = 2, [OP_SINT32] = 4, [OP_SINT64] = 8, [OP_BOOL8] = 1,
	};
	bool is_odd = op->code == OP_BITS || op->code == OP_WIDE;

	field->load.size_bytes = (uint8_t)(is_odd ? op->size : sizes[op->code]);
	field->load.shift = is_odd ? op->shift : 0;
	field->load.bits = (uint8_t)(is_odd ? op->bits : 8 * field->load.size_bytes);
	field->load.is_signed = field->field->is_signed;
}

/* Formats of bytes in network order are numbers of which the first byte counts most. */
static bool set_bytes(struct where_field *field, const struct plan_op *op)
{
	enum ecli_as as = field->format ? field->format->as : ECLI_AS_NUMBER;

	if (op->code == OP_BYTES &&
	    (as == ECLI_AS_IPV4 || as == ECLI_AS_IPV6 || as == ECLI_AS_IP || as == ECLI_AS_MAC)) {
		field->load.size_bytes = (uint8_t)op->size;
		field->load.bits = (uint8_t)(8 * op->size);
		field->load.is_big = true;
		return true;
	}
	if (op->code == OP_WIDE && (as == ECLI_AS_IPV6 || as == ECLI_AS_IP))
		field->load.is_big = true;
	if (as == ECLI_AS_PORT || as == ECLI_AS_IPV4)
		field->load.is_big = true;
	if (field->load.is_big)
		field->load.is_signed = false;
	return op->code != OP_BYTES;
}

/* ".port" of an endpoint: a small struct that the plan has as one leaf. */
static bool set_endpoint_part(struct path *path, struct where_field *field)
{
	const struct ecli_endpoint *endpoint = &field->format->endpoint;
	const struct {
		const char *name;
		uint16_t offset;
		uint8_t size_bytes;
	} parts[] = {
		{ ".port", endpoint->port, 2 },
		{ ".proto", endpoint->proto, 2 },
		{ ".version", endpoint->version, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcmp(path->rest, parts[i].name) != 0 || parts[i].offset == ECLI_ENDPOINT_NONE)
			continue;
		field->load.offset += parts[i].offset;
		field->load.size_bytes = parts[i].size_bytes;
		field->load.bits = (uint8_t)(8 * parts[i].size_bytes);
		field->format = NULL;
		return true;
	}
	return false;
}

static int set_leaf(struct path *path, const struct plan_op *op, struct where_field *ret)
{
	const struct ecli_field *leaf = &path->plan->fields[op->field];
	struct where_field field = {
		.op = op,
		.field = leaf,
		.format = leaf->format,
		.type = WHERE_NUMBER,
		.is_words = op->code == OP_WORDS,
		.load.offset = op->offset + path->extra,
		.size_bytes = op->size,
		.end = path->end,
		.name = path->word->text,
	};
	bool is_endpoint = field.format && field.format->as == ECLI_AS_ENDPOINT;

	if (is_endpoint && set_endpoint_part(path, &field)) {
		*ret = field;
		return 0;
	}
	if (is_endpoint && (!*path->rest || !strcmp(path->rest, ".addr"))) {
		field.type = WHERE_ENDPOINT;
		*ret = field;
		return 0;
	}
	if (*path->rest)
		return -ENOENT;
	if (op->code == OP_WORDS && path->is_raw)
		return where_error(path->err, path->word->begin, "%s is shown only; it cannot be compared", field.name);
	if (op->code == OP_STRING || op->code == OP_WORDS)
		field.type = WHERE_STRING;
	else if (op->code == OP_FLOAT32 || op->code == OP_FLOAT64)
		field.type = WHERE_FLOAT;
	else if (op->code != OP_BYTES)
		set_number(&field, op);
	if (path->plan->is_tail_open && op == &path->plan->ops[path->plan->tail])
		field.size_bytes = UINT32_MAX; /* text up to the end of the record */
	if (!set_bytes(&field, op))
		return where_error(path->err, path->word->begin, "%s is of a type that cannot be compared", field.name);
	if (leaf->kind == ECLI_VALUE_BOOL)
		field.type = WHERE_BOOL;
	if (path->is_raw && op->code != OP_BYTES) {
		field.format = NULL;
		field.load.is_big = false;
		field.load.is_signed = leaf->is_signed;
	}
	*ret = field;
	return 0;
}

/* ---- paths ----------------------------------------------------------------------------------------------------- */

/* Whether the path goes on with that name; then it is taken off. */
static bool take_name(struct path *path, const char *name)
{
	size_t len = strlen(name);

	if (!len || strncmp(path->rest, name, len) != 0 || !strchr(".[", path->rest[len]))
		return false;
	path->rest += len;
	return true;
}

static bool take_field(struct path *path, const struct ecli_field *field)
{
	if (take_name(path, field->name))
		return true;
	if (!field->format || !field->format->raw_name || !take_name(path, field->format->raw_name))
		return false;
	path->is_raw = true;
	return true;
}

static int take_index(struct path *path, const struct plan_op *loop)
{
	const char *at = path->rest + 1;
	uint64_t index = 0;

	if (*path->rest != '[')
		return where_error(path->err, path->word->begin, "%s has %u elements; write %s[0] or another of them",
				   path->word->text, loop->count, path->word->text);
	for (; *at >= '0' && *at <= '9' && index < UINT32_MAX; at++)
		index = index * 10 + (uint64_t)(*at - '0');
	bool is_tail = path->plan->has_tail && loop == &path->plan->ops[path->plan->tail];
	bool is_open = is_tail && path->plan->is_tail_open;
	uint64_t end = (index + 1) * loop->size + loop->offset;
	if (index >= loop->count && !(is_open && end < UINT32_MAX))
		return where_error(path->err, path->word->begin, "%s does not exist; the last element is [%u]",
				   path->word->text,
				   is_open ? (UINT32_MAX - loop->offset) / loop->size - 2 : loop->count - 1);
	path->extra += (uint32_t)index * loop->size;
	path->end = is_tail ? (uint32_t)end : path->end;
	path->rest = strchr(path->rest, ']') + 1;
	return 0;
}

/* The last op of what begins at @i. */
static uint32_t last_of(const struct ecli_plan *plan, uint32_t i)
{
	return plan_op_is_leaf(&plan->ops[i]) ? i : plan->ops[i].partner;
}

/* The ops of one group after the other; the plan's nesting bounds the rounds of the outer loop. */
static int follow(struct path *path, struct where_field *ret)
{
	const struct ecli_plan *plan = path->plan;
	uint32_t i = 0, end = plan->n_ops;

	while (i < end) {
		const struct plan_op *op = &plan->ops[i];

		if (!take_field(path, &plan->fields[op->field])) {
			i = last_of(plan, i) + 1;
			continue;
		}
		while (op->code == OP_LOOP) {
			int r = take_index(path, op);
			if (r)
				return r;
			op = &plan->ops[++i];
		}
		if (plan_op_is_leaf(op))
			return set_leaf(path, op, ret);
		if (!*path->rest)
			return where_error(path->err, path->word->begin, "%s has members; write %s.%s",
					   path->word->text, path->word->text, plan->fields[op[1].field].name);
		if (*path->rest++ != '.')
			return -ENOENT;
		end = op->partner;
		i++;
	}
	return -ENOENT;
}

int where_field_find(const struct ecli_plan *plan, const struct where_node *word, struct ecli_err *err,
		     struct where_field *ret)
{
	struct path path = { .plan = plan, .word = word, .rest = word->text, .err = err };

	return follow(&path, ret);
}

bool where_field_exists(const struct ecli_plan *const *plans, size_t n, const struct where_node *word)
{
	struct where_field field;
	bool exists = false;

	for (size_t i = 0; i < n; i++)
		exists |= where_field_find(plans[i], word, NULL, &field) != -ENOENT;
	return exists;
}

/* ---- what there is instead ------------------------------------------------------------------------------------- */

static bool is_listed_before(const struct ecli_plan *const *plans, size_t plan, const char *name)
{
	for (size_t i = 0; i < plan; i++)
		for (uint32_t k = 0; k < ecli_plan_columns(plans[i]); k++)
			if (!strcmp(ecli_plan_column(plans[i], k)->name, name))
				return true;
	return false;
}

/* The last name of the path is most likely the one that is wrong; names of members are offered for a member. */
static const char *nearest(const struct ecli_plan *const *plans, size_t n, const char *word)
{
	const char *dot = strrchr(word, '.');
	const char *name = dot ? dot + 1 : word;
	struct ecli_nearest found = { .word = name, .len = strcspn(name, "[") };

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < ecli_plan_fields(plans[i]); k++)
			if (found.len > 1 && !dot == !ecli_plan_field(plans[i], k)->depth)
				ecli_nearest_offer(&found, ecli_plan_field(plans[i], k)->name);
	return found.best;
}

int where_field_missing(const struct ecli_plan *const *plans, size_t n, const struct where_node *word,
			struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf list = { 0 };
	const char *best = nearest(plans, n, word->text);
	unsigned int listed = 0;

	for (size_t i = 0; i < n; i++) {
		const char *why = ecli_plan_dropped(plans[i], word->text);

		if (why)
			return where_error(err, word->begin, "%.64s is measured %s", word->text, why);
	}
	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < ecli_plan_columns(plans[i]); k++) {
			const char *name = ecli_plan_column(plans[i], k)->name;

			if (is_listed_before(plans, i, name))
				continue;
			if (listed++ < MAX_LISTED)
				ecli_buf_add_format(&list, "%s%s", listed > 1 ? ", " : "", name);
		}
	return where_error(err, word->begin, "there is no field %.64s%s%s%s; there %s %s%s", word->text,
			   best ? " (did you mean " : "", best ? best : "", best ? "?)" : "", listed > 1 ? "are" : "is",
			   ecli_buf_text(&list), listed > MAX_LISTED ? ", ..." : "");
}
