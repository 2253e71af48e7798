/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for where/: random expressions over random records, judged by an oracle that shares nothing with it.
 *
 *     input = 0, text of an expression             hostile text: parsed, bound, run over a record
 *     input = another byte, a byte a choice, ...   a tree: printed as a person would write it, and judged
 *
 * The oracle evaluates the tree itself, so the parser's precedence is judged too; it gets a field's value from ecli_plan_run() and compares
 * numbers as sign and magnitude. Asked of each: the program says what the oracle says; each predicate holds for every record that
 * is wanted; when they are the whole expression, they hold for no other.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include <ecli/where.h>

#include "base/cleanup.h"
#include "plain.h"
#include "support/spec.h"

__extension__ typedef unsigned __int128 wide;

static const char *const definitions[] = {
	"typedef ecli_duration_us u64",
	"typedef ecli_port u16",
	"typedef ecli_ipv4 u32",
	"enum color RED=0 GREEN=5 BLUE=7",
	"senum level LOW=-3 MIDDLE=0 HIGH=9",
	"struct point s16:x u8:y",
	"struct event u8:a u16:b u32:c u64:d s8:e s16:f s32:g s64:h bool:yes char:letter u32/3:low s32/5:odd "
	"u64/40:long color:color "
	"level:level ptr:pointer char[6]:task f64:ratio u128:wide s128:thin ecli_duration_us:took ecli_port:port "
	"ecli_ipv4:from s32[2]:v "
	"point:at u32/1:bit s8/7:small",
};

/* As paths; what is not a number has a kind of its own. */
static const struct name {
	const char *path;
	enum { NUMBER, BOOLEAN, TIME, PORT, TEXT, REAL } kind;
} names[] = {
	{ "a", NUMBER },       { "b", NUMBER },   { "c", NUMBER },     { "d", NUMBER },     { "e", NUMBER },
	{ "f", NUMBER },       { "g", NUMBER },   { "h", NUMBER },     { "yes", BOOLEAN },  { "letter", NUMBER },
	{ "low", NUMBER },     { "odd", NUMBER }, { "long", NUMBER },  { "color", NUMBER }, { "level", NUMBER },
	{ "pointer", NUMBER }, { "task", TEXT },  { "ratio", REAL },   { "wide", NUMBER },  { "thin", NUMBER },
	{ "took", TIME },      { "port", PORT },  { "v[0]", NUMBER },  { "v[1]", NUMBER },  { "at.x", NUMBER },
	{ "at.y", NUMBER },    { "bit", NUMBER }, { "small", NUMBER },
};
enum { N_NAMES = ARRAY_SIZE(names), MAX_NODES = 24 };

/* ---- values, as the plan tells them ---------------------------------------------------------------------------- */

struct number {
	bool is_negative;
	wide magnitude;
};

struct value {
	struct number number;
	char text[16];
	double real;
};

struct values {
	struct value items[N_NAMES];
	char path[64];
	uint32_t index; /* in the array that is open */
	bool in_array;
};

static struct number of_signed(__int128 value)
{
	return (struct number){ value < 0, value < 0 ? 0 - (wide)value : (wide)value };
}

static void on_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct values *values = ctx;
	char path[128];
	enum ecli_value_kind kind = field->format ? field->format->raw_kind : value->kind;
	struct value out = { 0 };

	if (values->in_array)
		snprintf(path, sizeof(path), "%s[%u]", values->path, values->index++);
	else
		snprintf(path, sizeof(path), "%s%s%s", values->path, *values->path ? "." : "", field->name);
	if (kind == ECLI_VALUE_STRING)
		memcpy(out.text, value->str.text, value->str.len);
	else if (kind == ECLI_VALUE_FLOAT)
		out.real = value->f;
	else if (kind == ECLI_VALUE_UINT128)
		out.number.magnitude = value->wide;
	else if (kind == ECLI_VALUE_SINT128)
		out.number = of_signed((__int128)value->wide);
	else if (field->is_signed)
		out.number = of_signed(value->s);
	else
		out.number.magnitude = value->u;
	if (field->format && field->format->as == ECLI_AS_PORT)
		out.number.magnitude = (value->u & 0xff) << 8 | value->u >> 8;
	for (size_t i = 0; i < N_NAMES; i++)
		if (!strcmp(names[i].path, path))
			values->items[i] = out;
}

static void on_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct values *values = ctx;

	snprintf(values->path, sizeof(values->path), "%s", field->name);
	values->in_array = group == ECLI_GROUP_ARRAY;
	values->index = 0;
}

static void on_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct values *values = ctx;

	(void)field;
	(void)group;
	*values->path = '\0';
	values->in_array = false;
}

/* ---- choices --------------------------------------------------------------------------------------------------- */

static const uint8_t *choices;
static size_t n_choices;
static uint64_t seed;

/* The input's bytes first, then what follows from them. */
static uint32_t pick(uint32_t n)
{
	uint32_t value = 0;

	for (uint32_t limit = 1; n_choices && limit < n; limit *= 256) {
		value = value * 256 + *choices++;
		seed = (seed ^ value) * 0x100000001b3u;
		n_choices--;
	}
	if (!n_choices) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		value = (uint32_t)(seed >> 33);
	}
	return value % n;
}

static uint64_t pick_bits(void)
{
	return (uint64_t)pick(1u << 24) << 40 ^ (uint64_t)pick(1u << 24) << 20 ^ pick(1u << 24);
}

/* Numbers that hurt, numbers near a value, any numbers. */
static struct number pick_number(const struct number *near)
{
	struct number number = { pick(4) == 0, 0 };

	switch (pick(6)) {
	case 0:
	case 1:
	case 2:
		number = *near;
		if (pick(3) == 0 && number.magnitude && number.magnitude < (wide)1 << 120)
			number.magnitude += pick(2) ? 1 : -(wide)1;
		break;
	case 3:
		number.magnitude = ((wide)1 << pick(127)) - pick(2);
		break;
	case 4:
		number.magnitude = pick(12);
		break;
	default:
		number.magnitude = pick_bits();
		break;
	}
	if (!number.magnitude || number.magnitude > (wide)1 << 127)
		number.is_negative = false;
	return number;
}

/* ---- trees ----------------------------------------------------------------------------------------------------- */

/* In the order of how tightly they bind in C. */
enum kind { OR, AND, BITS, EQ, NE, LT, LE, GT, GE, IN, LIKE, UNLIKE, ALONE, NOT };

struct node {
	enum kind kind;
	struct node *left, *right;
	size_t name;
	bool has_mask, has_range;
	wide mask;
	struct number values[3]; /* IN: the first, and the ends of the second */
	bool is_field;           /* compared with names[other] */
	size_t other;
	char text[24];
	double real;
};

static struct node nodes[MAX_NODES];
static uint32_t n_nodes;
static const struct values *near;

static struct node *make_test(struct node *node)
{
	static const char letters[] = "abn*?";
	const struct value *value;

	node->name = pick(N_NAMES);
	value = &near->items[node->name];
	node->kind = EQ + (enum kind)pick(6);
	switch (names[node->name].kind) {
	case TEXT:
		node->kind = (enum kind[]){ EQ, NE, LIKE, UNLIKE }[pick(4)];
		snprintf(node->text, sizeof(node->text), "%s", pick(3) ? value->text : "");
		for (uint32_t i = pick(4); i; i--)
			node->text[pick(6)] = node->kind >= LIKE ? letters[pick(5)] : letters[pick(3)];
		for (char *at = node->text; *at; at++) /* what a person types */
			if (!isalnum((unsigned char)*at) && !(node->kind >= LIKE && strchr("*?", *at)))
				*at = 'a';
		return node;
	case REAL:
		node->real = (double)(int)pick(40) / 4 - 3;
		return node;
	case BOOLEAN:
		node->kind = (enum kind[]){ EQ, NE, ALONE, GE }[pick(4)];
		node->values[0].magnitude = pick(3);
		return node;
	default:
		break;
	}
	node->values[0] = pick_number(&value->number);
	if (names[node->name].kind == TIME) /* what has a unit is read with the parser of options, which has 64 bits */
		node->values[0].magnitude = (uint64_t)node->values[0].magnitude | 1;
	if (names[node->name].kind == NUMBER && pick(6) == 0) {
		node->has_mask = true;
		node->mask = pick(2) ? (wide)pick_bits() : (wide)1 << pick(64);
		node->kind = pick(2) ? ALONE : node->kind;
	} else if (names[node->name].kind == NUMBER && pick(8) == 0) {
		node->other = pick(N_NAMES);
		node->is_field = names[node->other].kind == NUMBER;
	} else if (pick(8) == 0) {
		node->kind = ALONE;
	} else if (pick(8) == 0) {
		node->kind = IN;
		node->values[1] = pick_number(&value->number);
		node->values[1].magnitude = (uint64_t)node->values[1].magnitude >> 1;
		node->values[1].is_negative &= node->values[1].magnitude != 0;
		node->values[2] = node->values[1];
		node->has_range = !node->values[1].is_negative;
		if (node->has_range)
			node->values[2].magnitude += pick(100);
	}
	return node;
}

static struct node *make(uint32_t depth)
{
	struct node *node = &nodes[n_nodes++];

	*node = (struct node){ 0 };
	if (!depth || n_nodes + 2 * depth + 2 >= MAX_NODES || pick(4) == 0)
		return make_test(node);
	node->kind = pick(5) ? pick(3) ? AND : OR : NOT;
	node->left = make(depth - 1);
	if (node->kind != NOT)
		node->right = make(depth - 1);
	return node;
}

/* ---- the oracle ------------------------------------------------------------------------------------------------ */

static int compare(const struct number *a, const struct number *b)
{
	if (a->is_negative != b->is_negative)
		return a->is_negative ? -1 : 1;
	if (a->magnitude == b->magnitude)
		return 0;
	return (a->magnitude < b->magnitude) != a->is_negative ? -1 : 1;
}

static bool is_so(enum kind kind, int order)
{
	switch (kind) {
	case EQ:
		return order == 0;
	case NE:
		return order != 0;
	case LT:
		return order < 0;
	case LE:
		return order <= 0;
	case GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool glob(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return glob(pattern + 1, text) || (*text && glob(pattern, text + 1));
	if (!*text)
		return !*pattern;
	return (*pattern == '?' || *pattern == *text) && glob(pattern + 1, text + 1);
}

static bool judge_test(const struct node *node, const struct values *values)
{
	const struct value *value = &values->items[node->name];
	struct number number = value->number;

	if (names[node->name].kind == TEXT) {
		if (node->kind == LIKE || node->kind == UNLIKE)
			return glob(node->text, value->text) == (node->kind == LIKE);
		return !strcmp(node->text, value->text) == (node->kind == EQ);
	}
	if (names[node->name].kind == REAL) {
		if (value->real != value->real)
			return node->kind == NE;
		return is_so(node->kind, value->real < node->real ? -1 : value->real > node->real);
	}
	if (node->has_mask) {
		wide bits = number.is_negative ? 0 - number.magnitude : number.magnitude;
		/* Only the bits that the field has: of a negative one, there are not more to the left. */
		static const struct {
			const char *path;
			unsigned int bits;
		} sizes[] = { { "e", 8 },      { "f", 16 },    { "g", 32 },    { "h", 64 },    { "odd", 5 },
			      { "level", 32 }, { "v[0]", 32 }, { "v[1]", 32 }, { "at.x", 16 }, { "small", 7 } };
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			if (!strcmp(sizes[i].path, names[node->name].path))
				bits &= ((wide)1 << sizes[i].bits) - 1;
		number = (struct number){ false, bits & node->mask };
	}
	if (node->kind == ALONE)
		return number.magnitude != 0;
	if (node->kind == IN)
		return compare(&number, &node->values[0]) == 0 ||
		       (compare(&number, &node->values[1]) >= 0 && compare(&number, &node->values[2]) <= 0);
	return is_so(node->kind,
		     compare(&number, node->is_field ? &values->items[node->other].number : &node->values[0]));
}

static bool judge(const struct node *node, const struct values *values)
{
	switch (node->kind) {
	case OR:
		return judge(node->left, values) || judge(node->right, values);
	case AND:
		return judge(node->left, values) && judge(node->right, values);
	case NOT:
		return !judge(node->left, values);
	default:
		return judge_test(node, values);
	}
}

/* ---- printing -------------------------------------------------------------------------------------------------- */

static void put_number(const struct number *number, enum kind kind, struct ecli_buf *out)
{
	char digits[48];
	size_t at = sizeof(digits);
	unsigned int base = kind != IN && pick(3) == 0 ? 16 : 10;

	digits[--at] = '\0';
	for (wide rest = number->magnitude; rest || at == sizeof(digits) - 1; rest /= base)
		digits[--at] = "0123456789abcdef"[rest % base];
	ecli_buf_add_format(out, "%s%s%s", number->is_negative ? "-" : "", base == 16 ? "0x" : "", digits + at);
}

static void put_value(const struct node *node, struct ecli_buf *out)
{
	const struct number *number = &node->values[0];

	if (node->is_field)
		ecli_buf_add_text(out, names[node->other].path);
	else if (names[node->name].kind == REAL)
		ecli_buf_add_format(out, "%g", node->real);
	else if (names[node->name].kind == TEXT)
		ecli_buf_add_format(out, pick(2) ? "\"%s\"" : "'%s'", node->text);
	else if (names[node->name].kind == BOOLEAN && number->magnitude < 2 && pick(2))
		ecli_buf_add_text(out, number->magnitude ? "true" : "false");
	else if (names[node->name].kind == TIME && number->magnitude % 1000 == 0 && number->magnitude < UINT32_MAX)
		ecli_buf_add_format(out, "%s%" PRIu64 "ms", number->is_negative ? "-" : "",
				    (uint64_t)(number->magnitude / 1000));
	else
		put_number(number, node->kind, out);
}

static void put_side(const struct node *node, struct ecli_buf *out)
{
	const char *path = names[node->name].path;

	if (!node->has_mask) {
		ecli_buf_add_text(out, path);
		return;
	}
	ecli_buf_add_format(out, node->kind == ALONE ? "%s & " : "(%s&", path);
	put_number(&(struct number){ false, node->mask }, EQ, out);
	if (node->kind != ALONE)
		ecli_buf_add_char(out, ')');
}

static void put_test(const struct node *node, struct ecli_buf *out)
{
	static const char *const signs[] = { [EQ] = "==", [NE] = "!=", [LT] = "<",   [LE] = "<=",
					     [GT] = ">",  [GE] = ">=", [LIKE] = "~", [UNLIKE] = "!~" };
	static const char *const turned[] = {
		[EQ] = "==", [NE] = "!=", [LT] = ">", [LE] = ">=", [GT] = "<", [GE] = "<="
	};
	const char *blank = pick(2) ? " " : "";

	if (node->kind == ALONE) {
		put_side(node, out);
	} else if (node->kind == IN) {
		put_side(node, out);
		ecli_buf_add_text(out, " in (");
		put_value(node, out);
		ecli_buf_add_text(out, ", ");
		put_number(&node->values[1], IN, out);
		if (node->has_range) {
			ecli_buf_add_text(out, "..");
			put_number(&node->values[2], IN, out);
		}
		ecli_buf_add_char(out, ')');
	} else if (node->kind < LIKE && pick(5) == 0) {
		put_value(node, out);
		ecli_buf_add_format(out, "%s%s%s", blank, turned[node->kind], blank);
		put_side(node, out);
	} else {
		put_side(node, out);
		ecli_buf_add_format(out, "%s%s%s", blank, signs[node->kind], blank);
		put_value(node, out);
	}
}

/* Parentheses only where C needs them. */
static void put(const struct node *node, enum kind above, struct ecli_buf *out)
{
	bool is_inner = node->kind < above || (above == NOT && node->kind != NOT);

	if (is_inner)
		ecli_buf_add_char(out, '(');
	if (node->kind == NOT) {
		ecli_buf_add_char(out, '!');
		put(node->left, NOT, out);
	} else if (node->kind <= AND) {
		put(node->left, node->kind, out);
		ecli_buf_add_text(out, node->kind == AND ? " && " : "||");
		put(node->right, node->kind, out);
	} else {
		put_test(node, out);
	}
	if (is_inner)
		ecli_buf_add_char(out, ')');
}

/* ---- asking ---------------------------------------------------------------------------------------------------- */

static struct ecli_types *types; /* of the plan: both stay to the end */
static struct ecli_plan *plan;
static size_t record_size;

static void tear_down(void)
{
	ecli_plan_free(plan);
	ecli_types_free(types);
}

static void set_up(void)
{
	struct spec *spec = spec_new();
	uint32_t id = 0;

	for (size_t i = 0; i < ARRAY_SIZE(definitions); i++)
		id = spec_define(spec, definitions[i]);
	types = spec_types(spec);
	CHECK(!ecli_plan_build(types, id, NULL, 0, NULL, &plan));
	record_size = ecli_plan_size(plan);
	atexit(tear_down);
	spec_free(spec);
}

static bool predicates_hold(const struct ecli_where_predicate *items, size_t count, const uint8_t *record)
{
	bool hold = true;

	for (size_t i = 0; i < count; i++) {
		const struct ecli_where_predicate *item = &items[i];
		uint64_t v = 0;

		CHECK(item->offset % item->size_bytes == 0 && item->offset + item->size_bytes <= record_size);
		CHECK(item->left < 64 && item->right < 64);
		memcpy(&v, record + item->offset, item->size_bytes);
		v <<= item->left;
		v = item->flags & ECLI_WHERE_IS_SIGNED ? (uint64_t)((int64_t)v >> item->right) : v >> item->right;
		hold &= ((v & item->mask) - item->low <= item->span) != !!(item->flags & ECLI_WHERE_IS_NEGATED);
	}
	return hold;
}

/* The program of a text, run over a record that ends where the memory does. */
static bool run(const char *text, const uint8_t *record, bool must_work, bool *ret_matches)
{
	struct ecli_where_program *program = NULL;
	struct ecli_where *where = NULL;
	struct ecli_err err = { 0 };
	const struct ecli_plan *one = plan;
	bool is_whole;
	size_t count;

	int r = ecli_where_parse(text, &err, &where);
	r = r ? r : ecli_where_bind(where, &one, 1, &err, &program);
	if (must_work && r)
		fprintf(stderr, "%s\n%s\n", text, err.text);
	CHECK(!must_work || !r);
	if (r) {
		CHECK(err.fail == ECLI_FAIL_USAGE && *err.text);
	} else {
		CLEANUP_BUF struct ecli_buf told = { 0 };
		const struct ecli_where_predicate *items = ecli_where_predicates(program, &count, &is_whole);
		bool hold = predicates_hold(items, count, record);

		*ret_matches = ecli_where_matches(program, record, record_size);
		if ((*ret_matches && !hold) || (is_whole && hold != *ret_matches))
			fprintf(stderr, "predicates: %s\n", text);
		CHECK(!*ret_matches || hold);
		CHECK(!is_whole || hold == *ret_matches);
		ecli_where_describe(program, true, &told);
		ecli_where_describe(program, false, &told);
	}
	ecli_where_program_free(program);
	ecli_where_free(where);
	return !r;
}

static void fill(uint8_t *record)
{
	static const uint8_t often[] = { 0, 0, 1, 3, 5, 0x7f, 0x80, 0xff, 0xff, 'a', 'b', 'n' };

	for (size_t i = 0; i < record_size; i++)
		record[i] = pick(4) ? often[pick(ARRAY_SIZE(often))] : (uint8_t)pick(256);
}

static void run_tree(uint8_t *record)
{
	static const struct ecli_visitor visitor = { on_leaf, on_open, on_close };
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct values values = { 0 };
	bool matches;

	fill(record);
	CHECK(!ecli_plan_run(plan, record, record_size, &visitor, &values));
	near = &values;
	n_nodes = 0;
	struct node *root = make(pick(5));
	put(root, OR, &text);
	for (int i = 0; i < 4; i++) {
		CHECK(run(ecli_buf_text(&text), record, true, &matches));
		if (matches != judge(root, &values))
			fprintf(stderr, "%s: %s, the oracle says the other\n", ecli_buf_text(&text),
				matches ? "holds" : "does not hold");
		CHECK(matches == judge(root, &values));
		fill(record);
		values = (struct values){ 0 };
		CHECK(!ecli_plan_run(plan, record, record_size, &visitor, &values));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!plan)
		set_up();
	if (!size)
		return 0;
	CLEANUP_FREE uint8_t *record = malloc(record_size);
	CHECK(record);
	choices = data + 1;
	n_choices = size - 1;
	seed = size;
	if (*data) {
		run_tree(record);
		return 0;
	}

	CLEANUP_FREE char *text = calloc(1, size);
	bool matches;
	CHECK(text);
	memcpy(text, data + 1, size - 1);
	for (size_t i = 0; i < record_size; i++)
		record[i] = (uint8_t)(data[i % size] * 7);
	run(text, record, false, &matches);
	return 0;
}
