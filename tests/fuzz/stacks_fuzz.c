/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for stacks: a profile of hostile names through all three writers, each read back.
 *
 *     input = stack...        stack = weight (8 bits), frames (4 bits) and whether the process is the same, text of the process, frame...
 *     frame = kind (2 bits) and line (6 bits), text of function, module and file        text = length, bytes; 255: not known
 *
 * Folded: a line a stack, weights give the total. Flame: what lies between the tags is JSON (jansson), its own weights give the total,
 * its totals add up, and the page has no more tags than an empty one. pprof: it inflates, every message ends where it should, every number
 * that is referred to exists, and the values give the total.
 */
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <zlib.h>

#include <ecli/stacks.h>

#include "base/cleanup.h"
#include "plain.h"

enum { MAX_BYTES = 1 << 14, MAX_TEXTS = 4096, MAX_IDS = 1 << 15, UNKNOWN = 255 };

struct input {
	const uint8_t *at, *end;
	char *texts[MAX_TEXTS];
	size_t n_texts;
};

static unsigned int byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static const char *text(struct input *in)
{
	size_t len = byte(in), left = (size_t)(in->end - in->at);

	if (len == UNKNOWN || in->n_texts == MAX_TEXTS)
		return NULL;
	len = len < left ? len : left;
	char *copy = strndup((const char *)in->at, len);
	CHECK(copy);
	in->at += len;
	in->texts[in->n_texts++] = copy;
	return copy;
}

static void add_stack(struct input *in, struct ecli_stacks *stacks, uint64_t *total)
{
	struct ecli_frame items[2][16];
	struct ecli_frames frames[2] = { { .items = items[0] }, { .items = items[1] } };
	uint64_t weight = byte(in);
	unsigned int count = byte(in) & 15;
	const char *process = text(in);

	for (unsigned int i = 0; i < count; i++) {
		unsigned int kind = byte(in);
		struct ecli_frames *to = &frames[kind & 1];

		struct ecli_frame *frame = &to->items[to->count++];

		*frame = (struct ecli_frame){ .line = kind >> 2, .is_kernel = kind & 1, .is_inlined = kind & 2 };
		frame->function = text(in);
		frame->module = text(in);
		frame->file = text(in);
	}
	CHECK(ecli_stacks_add(stacks, process, &frames[0], &frames[1], weight) == 0);
	*total += weight;
}

static void check_folded(const struct ecli_stacks *stacks, uint64_t total)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };
	uint64_t sum = 0;

	CHECK(ecli_stacks_folded(stacks, &out) == 0);
	ecli_buf_text(&out);
	for (char *line = out.data, *end; (end = memchr(line, '\n', (size_t)(out.data + out.len - line)));
	     line = end + 1) {
		char *space = memrchr(line, ' ', (size_t)(end - line)), *rest;

		CHECK(space && space > line);
		sum += strtoull(space + 1, &rest, 10);
		CHECK(rest == end);
		for (char *c = line; c < end; c++)
			CHECK((unsigned char)*c >= ' ');
	}
	CHECK(sum == total && (!out.len || out.data[out.len - 1] == '\n'));
}

static size_t count_tags(const char *page)
{
	size_t n = 0;

	for (; (page = strchr(page, '<')); page++)
		n++;
	return n;
}

static void check_flame(const struct ecli_stacks *stacks, uint64_t total)
{
	static const char tag[] = "id=\"profile\">\n";
	CLEANUP_BUF struct ecli_buf out = { 0 };
	static size_t tags;
	uint64_t sum = 0;

	CHECK(ecli_stacks_flame(stacks, &out) == 0);
	const char *page = ecli_buf_text(&out), *begin = strstr(page, tag);
	CHECK(strlen(page) == out.len && begin);
	tags = tags ? tags : count_tags(page);
	CHECK(count_tags(page) == tags);
	begin += sizeof(tag) - 1;
	json_t *profile = json_loadb(begin, (size_t)(strstr(begin, "</script>") - begin), 0, NULL);
	CHECK(profile);
	json_t *nodes = json_object_get(profile, "nodes"), *functions = json_object_get(profile, "functions");
	for (size_t i = 0; i < json_array_size(nodes); i += 4) {
		json_int_t function = json_integer_value(json_array_get(nodes, i + 1));

		CHECK(function < (json_int_t)json_array_size(functions) && (function >= 0) == (i > 0));
		sum += (uint64_t)json_integer_value(json_array_get(nodes, i + 3));
	}
	CHECK(sum == total);
	CHECK(json_integer_value(json_array_get(nodes, 2)) == (json_int_t)total);
	json_decref(profile);
}

struct message {
	const uint8_t *at, *end;
};

static uint64_t varint(struct message *m)
{
	uint64_t value = 0;

	for (unsigned int shift = 0;; shift += 7) {
		CHECK(m->at < m->end && shift < 64);
		value |= (uint64_t)(*m->at & 0x7f) << shift;
		if (!(*m->at++ & 0x80))
			return value;
	}
}

/* The next field: its number, or 0 at the end. */
static unsigned int field(struct message *m, uint64_t *ret_value, struct message *ret_bytes)
{
	if (m->at == m->end)
		return 0;
	uint64_t tag = varint(m);
	*ret_value = varint(m);
	if ((tag & 7) == 2) {
		CHECK(*ret_value <= (uint64_t)(m->end - m->at));
		*ret_bytes = (struct message){ m->at, m->at + *ret_value };
		m->at += *ret_value;
	} else
		CHECK((tag & 7) == 0);
	return (unsigned int)(tag >> 3);
}

static uint64_t id_of(struct message m)
{
	uint64_t value;
	struct message bytes;

	CHECK(field(&m, &value, &bytes) == 1 && value && value < MAX_IDS);
	return value;
}

/* What samples, locations and functions refer to exists before them; the values of the samples are added up. */
static uint64_t check_profile(struct message all)
{
	static bool has_location[MAX_IDS], has_function[MAX_IDS];
	uint64_t value, part_value, strings = 0, sum = 0;
	struct message m, part, inner;

	memset(has_location, 0, sizeof(has_location));
	memset(has_function, 0, sizeof(has_function));
	for (unsigned int number; (number = field(&all, &value, &m));) {
		strings += number == 6;
		if (number == 5)
			has_function[id_of(m)] = true;
		else if (number == 4)
			has_location[id_of(m)] = true;
		else if (number != 2)
			continue;
		for (unsigned int n; (n = field(&m, &part_value, &part));) {
			if (number == 2 && n == 1)
				while (part.at < part.end)
					CHECK(has_location[varint(&part) % MAX_IDS]);
			else if (number == 2 && n == 2)
				sum += varint(&part);
			else if (number == 5 && n > 1)
				CHECK(part_value < strings);
			else if (number == 4 && n == 4)
				CHECK(field(&part, &part_value, &inner) == 1 && has_function[part_value % MAX_IDS]);
		}
	}
	return sum;
}

static void check_pprof(const struct ecli_stacks *stacks, uint64_t total)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };
	static unsigned char plain[1 << 22];
	z_stream stream = { .next_out = plain, .avail_out = sizeof(plain) };

	CHECK(ecli_stacks_pprof(stacks, 1, 2, &out) == 0);
	stream.next_in = (unsigned char *)out.data;
	stream.avail_in = (uInt)out.len;
	CHECK(inflateInit2(&stream, 15 + 16) == Z_OK && inflate(&stream, Z_FINISH) == Z_STREAM_END && !stream.avail_in);
	inflateEnd(&stream);
	CHECK(check_profile((struct message){ plain, plain + stream.total_out }) == total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .at = data, .end = data + size };
	struct ecli_stacks *stacks;
	uint64_t total = 0;

	if (size > MAX_BYTES)
		return 0;
	struct ecli_stacks_opts opts = { .title = text(&in) };
	opts.what = text(&in);
	opts.unit = text(&in);
	CHECK(ecli_stacks_new(&opts, NULL, &stacks) == 0);
	check_flame(stacks, 0);
	while (in.at < in.end)
		add_stack(&in, stacks, &total);
	CHECK(ecli_stacks_total(stacks) == total);
	check_folded(stacks, total);
	check_flame(stacks, total);
	check_pprof(stacks, total);
	ecli_stacks_free(stacks);
	for (size_t i = 0; i < in.n_texts; i++)
		free(in.texts[i]);
	return 0;
}
