/* SPDX-License-Identifier: MIT */
/*
 * Profiles: what is added comes out of each writer, with the right sums, in an order of its own; names that want to break a
 * format do not; bounds hold.
 */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "stacks/proto.h"
#include "stacks/stacks.h"
#include "stacks/text.h"

#define FRAMES(list) (&(struct ecli_frames){ .items = (list), .count = ARRAY_SIZE(list) })

static struct ecli_frame user_frame(const char *function, const char *file, uint32_t line)
{
	return (struct ecli_frame){
		.function = function, .module = "/usr/bin/make", .file = file, .line = line, .address = line + 1
	};
}

static struct ecli_frame kernel_frame(const char *function)
{
	return (struct ecli_frame){ .function = function, .module = "", .is_kernel = true };
}

static struct ecli_stacks *new_stacks(void)
{
	struct ecli_stacks_opts opts = { .title = "a <title>", .what = "cpu", .unit = "nanoseconds", .period = 10 };
	struct ecli_stacks *stacks = NULL;

	assert_int_equal(ecli_stacks_new(&opts, NULL, &stacks), 0);
	return stacks;
}

/* make 42: main > read_file > buffer (inlined) > vfs_read; make 7: main at another line; sh 3: nothing known */
static void fill(struct ecli_stacks *stacks, bool is_reversed)
{
	struct ecli_frame user[] = { user_frame("buffer", "buf.h", 7), user_frame("read_file", "read.c", 20),
				     user_frame("main", "main.c", 5) };
	struct ecli_frame kernel[] = { kernel_frame("vfs_read") };
	struct ecli_frame other[] = { user_frame("main", "main.c", 9) };
	struct ecli_frame unknown[] = { { .address = 77, .module = "/usr/lib/libc.so.6" }, { .address = 78 } };

	user[0].is_inlined = true;
	for (int i = 0; i < 4; i++)
		switch (is_reversed ? 3 - i : i) {
		case 0:
			assert_int_equal(ecli_stacks_add(stacks, "make", FRAMES(user), FRAMES(kernel), 40), 0);
			break;
		case 1:
			assert_int_equal(ecli_stacks_add(stacks, "make", FRAMES(other), NULL, 7), 0);
			break;
		case 2:
			assert_int_equal(ecli_stacks_add(stacks, "make", FRAMES(user), FRAMES(kernel), 2), 0);
			break;
		default:
			assert_int_equal(ecli_stacks_add(stacks, "sh", FRAMES(unknown), NULL, 3), 0);
		}
}

static void test_folded(void **state)
{
	(void)state;
	static const char expected[] = "make;main 7\n"
				       "make;main;read_file;buffer_[i];vfs_read_[k] 42\n"
				       "sh;[unknown];[libc.so.6] 3\n";

	for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
		struct ecli_stacks *stacks = new_stacks();
		CLEANUP_BUF struct ecli_buf out = { 0 };

		fill(stacks, is_reversed);
		assert_int_equal(ecli_stacks_total(stacks), 52);
		assert_int_equal(ecli_stacks_folded(stacks, &out), 0);
		assert_string_equal(ecli_buf_text(&out), expected);
		ecli_stacks_free(stacks);
	}
}

/* Stacks of nothing, of a process only, of weight 0; all of it forgotten. */
static void test_empty_and_clear(void **state)
{
	(void)state;
	struct ecli_stacks *stacks = new_stacks();
	struct ecli_frame jit[] = { { .function = "render", .module = "/tmp/perf-12.map" } };
	struct ecli_frame vdso[] = { { .module = "[vdso]" } };
	struct ecli_frame kernel[] = { { .module = "", .is_kernel = true } };
	CLEANUP_BUF struct ecli_buf out = { 0 };

	assert_int_equal(ecli_stacks_folded(stacks, &out), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(ecli_stacks_add(stacks, "", NULL, NULL, 5), 0);
	assert_int_equal(ecli_stacks_add(stacks, "idle", NULL, NULL, 6), 0);
	assert_int_equal(ecli_stacks_add(stacks, "never", NULL, NULL, 0), 0);
	assert_int_equal(ecli_stacks_add(stacks, NULL, FRAMES(jit), NULL, 1), 0);
	assert_int_equal(ecli_stacks_add(stacks, "", FRAMES(vdso), FRAMES(kernel), 2), 0);
	assert_int_equal(ecli_stacks_folded(stacks, &out), 0);
	assert_string_equal(ecli_buf_text(&out), "[unknown] 5\n[vdso];[kernel]_[k] 2\nidle 6\nrender_[j] 1\n");
	assert_int_equal(ecli_stacks_total(stacks), 14);

	ecli_stacks_clear(stacks);
	ecli_buf_clear(&out);
	assert_int_equal(ecli_stacks_total(stacks), 0);
	assert_int_equal(ecli_stacks_add(stacks, "ren", NULL, NULL, 4), 0);
	assert_int_equal(ecli_stacks_folded(stacks, &out), 0);
	assert_string_equal(ecli_buf_text(&out), "ren 4\n");
	ecli_stacks_free(stacks);
}

/* What lies between the tags of the data element. */
static char *profile_of(struct ecli_buf *page)
{
	static const char tag[] = "<script type=\"application/json\" id=\"profile\">\n";
	char *begin = strstr(ecli_buf_text(page), tag), *end;

	assert_non_null(begin);
	begin += sizeof(tag) - 1;
	end = strstr(begin, "</script>");
	assert_non_null(end);
	return strndup(begin, (size_t)(end - begin));
}

static void test_flame(void **state)
{
	(void)state;
	static const char expected[] =
		"{\"title\":\"a \\u003ctitle\\u003e\",\"what\":\"cpu\",\"unit\":\"nanoseconds\",\"left_out\":0,\n"
		"\"modules\":[\"/usr/lib/libc.so.6\",\"/usr/bin/make\",\"\"],\n"
		"\"files\":[\"main.c\",\"read.c\",\"buf.h\"],\n"
		"\"functions\":[[\"[unknown]\",-1,5],[\"[libc.so.6]\",0,5],[\"buffer\",1,9],[\"main\",1,1],[\"make\",-"
		"1,0],"
		"[\"read_file\",1,1],[\"sh\",-1,0],[\"vfs_read\",2,4]],\n"
		"\"nodes\":[0,-1,52,0,1,4,49,0,2,3,49,7,3,5,42,0,4,2,42,0,5,7,42,42,1,6,3,0,2,0,3,0,3,1,3,3],\n"
		"\"lines\":[[2,0,0,5,42,0,9,7],[3,0,1,20,42],[4,0,2,7,42]]}\n\n";

	for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
		struct ecli_stacks *stacks = new_stacks();
		CLEANUP_BUF struct ecli_buf out = { 0 };

		fill(stacks, is_reversed);
		assert_int_equal(ecli_stacks_flame(stacks, &out), 0);
		CLEANUP_FREE char *profile = profile_of(&out);
		assert_string_equal(profile, expected);
		assert_non_null(strstr(ecli_buf_text(&out), "<title>a &#60;title&#62;</title>"));
		ecli_stacks_free(stacks);
	}
}

static size_t count_of(const char *text, const char *what)
{
	const char *end = text + strlen(text);
	size_t n = 0;

	/* Not strstr(): AddressSanitizer measures all of the text each time. */
	for (; (text = memmem(text, (size_t)(end - text), what, strlen(what))); text++)
		n++;
	return n;
}

/* Names that want out of a script, a string, a line. */
static void test_hostile_names(void **state)
{
	(void)state;
	static const char *const names[] = { "</script><script>alert(1)</script>",
					     "<!--<script>",
					     "a\"b\\c'd&amp;",
					     "x;y\nz 9\r\t",
					     "\xe2\x80\xa8\xe2\x80\xae",
					     "\xff\xfe\xc0\x80\xed\xa0\x80",
					     "@PROFILE@@TITLE@",
					     "" };
	struct ecli_stacks_opts opts = { .title = "</title><script>alert(2)</script>" };
	struct ecli_stacks *plain = new_stacks(), *stacks;
	CLEANUP_BUF struct ecli_buf page = { 0 }, folded = { 0 }, empty = { 0 };

	assert_int_equal(ecli_stacks_new(&opts, NULL, &stacks), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct ecli_frame frame[] = {
			{ .function = names[i], .module = names[i], .file = names[i], .line = 1 }
		};

		assert_int_equal(ecli_stacks_add(stacks, names[i], FRAMES(frame), NULL, 1), 0);
	}
	assert_int_equal(ecli_stacks_flame(stacks, &page), 0);
	assert_int_equal(ecli_stacks_flame(plain, &empty), 0);
	for (size_t i = 0; i < 3; i++) {
		static const char *const tags[] = { "<script", "</script", "<!--" };

		assert_int_equal(count_of(ecli_buf_text(&page), tags[i]), count_of(ecli_buf_text(&empty), tags[i]));
	}
	CLEANUP_FREE char *profile = profile_of(&page);
	assert_null(strpbrk(profile, "<>&\r\t\xff\xed"));
	assert_null(strstr(profile, "\xe2\x80"));
	assert_non_null(strstr(profile, "\"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)\\u003c/script\\u003e\""));
	assert_non_null(strstr(profile, "\"a\\u0022b\\u005cc'd\\u0026amp;\""));

	/* A line each, and nothing in it but what the form has. */
	assert_int_equal(ecli_stacks_folded(stacks, &folded), 0);
	assert_int_equal(count_of(ecli_buf_text(&folded), "\n"), ARRAY_SIZE(names));
	assert_int_equal(count_of(ecli_buf_text(&folded), ";"), ARRAY_SIZE(names) - 1);
	assert_non_null(strstr(ecli_buf_text(&folded), "x:y\xef\xbf\xbdz 9\xef\xbf\xbd\xef\xbf\xbd;x:y"));
	ecli_stacks_free(stacks);
	ecli_stacks_free(plain);
}

/* Long names are cut and stay one; a sum beyond 2^63 - 1 is refused and changes nothing. */
static void test_bounds(void **state)
{
	(void)state;
	struct ecli_stacks *stacks = new_stacks();
	CLEANUP_FREE char *name = malloc(100001);
	struct ecli_frame frame[] = { { .function = name } };
	CLEANUP_BUF struct ecli_buf out = { 0 };

	memset(name, 'n', 100000);
	name[100000] = '\0';
	assert_int_equal(ecli_stacks_add(stacks, "", FRAMES(frame), NULL, INT64_MAX - 10), 0);
	assert_int_equal(ecli_stacks_add(stacks, "", FRAMES(frame), NULL, 11), -E2BIG);
	assert_int_equal(ecli_stacks_add(stacks, "", FRAMES(frame), NULL, UINT64_MAX), -E2BIG);
	assert_int_equal(ecli_stacks_add(stacks, "", FRAMES(frame), NULL, 10), 0);
	assert_true(ecli_stacks_total(stacks) == INT64_MAX);
	assert_int_equal(ecli_stacks_folded(stacks, &out), 0);
	assert_int_equal(out.len, 4096 + strlen(" 9223372036854775807\n"));
	ecli_stacks_free(stacks);
}

/* New names until the bound: what was added before stays right, known stacks can still be added. */
static void test_full(void **state)
{
	(void)state;
	struct ecli_stacks *stacks = new_stacks();
	char name[4096];
	struct ecli_frame frame[] = { { .function = name } };
	CLEANUP_BUF struct ecli_buf out = { 0 };
	uint64_t added = 0;
	int r;

	memset(name, 'x', sizeof(name));
	do {
		snprintf(name + 4000, 96, "%llu", (unsigned long long)added);
		r = ecli_stacks_add(stacks, "", FRAMES(frame), NULL, 1);
		added += !r;
	} while (!r);
	assert_int_equal(r, -E2BIG);
	assert_in_range(added, 16000, 17000);
	snprintf(name + 4000, 96, "7");
	assert_int_equal(ecli_stacks_add(stacks, "", FRAMES(frame), NULL, 5), 0);
	assert_int_equal(ecli_stacks_total(stacks), added + 5);
	assert_int_equal(ecli_stacks_folded(stacks, &out), 0);
	assert_int_equal(count_of(ecli_buf_text(&out), "\n"), added);
	assert_int_equal(count_of(ecli_buf_text(&out), "x7 6\n"), 1);
	ecli_stacks_free(stacks);
}

/* A stack of 100,000 frames: nothing recurses. Above 100,000 boxes the flame graph leaves the lightest out, and says how many. */
static void test_deep(void **state)
{
	(void)state;
	enum { DEPTH = 100000 };
	struct ecli_stacks *stacks = new_stacks();
	CLEANUP_FREE struct ecli_frame *frames = calloc(DEPTH, sizeof(*frames));
	struct ecli_frames user = { .items = frames, .count = DEPTH };
	CLEANUP_BUF struct ecli_buf folded = { 0 }, flame = { 0 }, pprof = { 0 };

	for (size_t i = 0; i < DEPTH; i++)
		frames[i] = (struct ecli_frame){ .function = i % 2 ? "a" : "b" };
	assert_int_equal(ecli_stacks_add(stacks, "", &user, NULL, 9), 0);
	for (int i = 0; i < 3; i++) {
		struct ecli_frame light[] = { { .function = i ? i > 1 ? "e" : "d" : "c" } };

		assert_int_equal(ecli_stacks_add(stacks, "", FRAMES(light), NULL, 1), 0);
	}
	assert_int_equal(ecli_stacks_folded(stacks, &folded), 0);
	assert_int_equal(folded.len, 2 * DEPTH + 2 + 3 * strlen("c 1\n"));
	assert_int_equal(ecli_stacks_pprof(stacks, 0, 0, &pprof), 0);
	/* 100,004 nodes: the root and those of the heavy stack but one level would fit; all of equal weight go together. */
	assert_int_equal(ecli_stacks_flame(stacks, &flame), 0);
	CLEANUP_FREE char *profile = profile_of(&flame);
	assert_non_null(strstr(profile, "\"left_out\":100003,"));
	assert_non_null(strstr(profile, "\"nodes\":[0,-1,12,0]"));
	ecli_stacks_free(stacks);
}

/* Examples of the public description of the wire format. */
static void test_proto(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf out = { 0 }, inner = { 0 };

	ecli_proto_varint(&out, 0);
	ecli_proto_varint(&out, 127);
	ecli_proto_varint(&out, UINT64_MAX);
	assert_int_equal(out.len, 12);
	assert_memory_equal(out.data, "\x00\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12);
	ecli_buf_clear(&out);
	ecli_proto_number(&out, 1, 150);
	ecli_proto_number(&out, 2, 0);
	ecli_proto_bytes(&out, 2, "testing", 7);
	ecli_proto_number(&inner, 1, 150);
	ecli_proto_message(&out, 3, &inner);
	assert_int_equal(inner.len, 0);
	assert_int_equal(out.len, 3 + 9 + 5);
	assert_memory_equal(out.data, "\x08\x96\x01\x12\x07testing\x1a\x03\x08\x96\x01", 17);
}

/* The same stacks give the same bytes; a gzip stream with nothing of the day in it. What is in it: tests/viewers/pprof.sh. */
static void test_pprof(void **state)
{
	(void)state;
	struct ecli_buf out[2] = { { 0 } };
	unsigned char plain[4096];
	z_stream stream = { .next_out = plain, .avail_out = sizeof(plain) };

	for (int i = 0; i < 2; i++) {
		struct ecli_stacks *stacks = new_stacks();

		fill(stacks, i);
		assert_int_equal(ecli_stacks_pprof(stacks, 1000, 2000, &out[i]), 0);
		ecli_stacks_free(stacks);
	}
	assert_int_equal(out[0].len, out[1].len);
	assert_memory_equal(out[0].data, out[1].data, out[0].len);
	assert_memory_equal(out[0].data, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
	stream.next_in = (unsigned char *)out[0].data;
	stream.avail_in = (unsigned int)out[0].len;
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	inflateEnd(&stream);
	/* string_table[0] is "" */
	assert_memory_equal(plain, "\x32\x00", 2);
	ecli_buf_done(&out[0]);
	ecli_buf_done(&out[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folded), cmocka_unit_test(test_empty_and_clear),
		cmocka_unit_test(test_flame),  cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_bounds), cmocka_unit_test(test_full),
		cmocka_unit_test(test_deep),   cmocka_unit_test(test_proto),
		cmocka_unit_test(test_pprof),
	};

	return cmocka_run_group_tests_name("stacks", tests, NULL, NULL);
}
