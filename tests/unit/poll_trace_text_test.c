/* SPDX-License-Identifier: MIT */
/* poll/trace_text.c: text that means well, text that does not, and any cut between two reads. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "poll/trace_text.h"

static int on_line(void *ctx, const struct ecli_poll_print *line)
{
	struct ecli_buf *out = ctx;

	ecli_buf_add_format(out, "{%.*s|%u|%u|%llu|%.*s}", (int)line->task_len, line->task, line->pid, line->cpu,
			    (unsigned long long)line->mono_ns, (int)line->message_len, line->message);
	return 0;
}

static struct trace_text *new_text(struct ecli_buf *out)
{
	struct trace_text *text = calloc(1, sizeof(*text));

	assert_non_null(text);
	text->on_line = on_line;
	text->ctx = out;
	return text;
}

static void feed(struct trace_text *text, const char *bytes, size_t len)
{
	while (len) {
		size_t room;
		char *place = trace_text_room(text, &room);

		assert_true(room > 0);
		if (room > len)
			room = len;
		memcpy(place, bytes, room);
		assert_int_equal(trace_text_take(text, room), 0);
		bytes += room;
		len -= room;
	}
}

static const struct {
	const char *in, *out;
} cases[] = {
	{ "            bash-1234    [001] d..31   123.456789: bpf_trace_printk: hello\n",
	  "{bash|1234|1|123456789000|hello}" },
	/* before 5.9, and as some print the made-up address */
	{ "            bash-1234    [001] d...   123.456789: 0x00000001: a: b\n", "{bash|1234|1|123456789000|a: b}" },
	{ "            bash-1234    [001] d...   123.456789: 0x1: x\n", "{bash|1234|1|123456789000|x}" },
	/* no flags; thread groups; a wide pid; an unknown task; an empty message */
	{ "            bash-1234    [001]   123.456789: bpf_trace_printk: x\n", "{bash|1234|1|123456789000|x}" },
	{ "            bash-1234    (   1234) [001] d..31 1.000000: bpf_trace_printk: x\n",
	  "{bash|1234|1|1000000000|x}" },
	{ "            bash-1234    (-------) [001] d..31 1.000000: bpf_trace_printk: x\n",
	  "{bash|1234|1|1000000000|x}" },
	{ "           <...>-4194303 [127] ..... 9999999.000001: bpf_trace_printk: x\n",
	  "{<...>|4194303|127|9999999000001000|x}" },
	{ "            bash-1234    [001] d..31   123.456789: bpf_trace_printk: \n", "{bash|1234|1|123456789000|}" },
	/* names with everything in them */
	{ "   a b-7 [001] c-1234    [001] d..31     1.000000: bpf_trace_printk: x\n",
	  "{a b-7 [001] c|1234|1|1000000000|x}" },
	{ "kworker/u8:1-eve-77      [000] d..31     1.000000: bpf_trace_printk: x\n",
	  "{kworker/u8:1-eve|77|0|1000000000|x}" },
	{ "            a\nb\n-12      [000] d..31     1.000000: bpf_trace_printk: x\n", "{a\nb\n|12|0|1000000000|x}" },
	{ "a-1 [0] . 1.0: -12      [000] d..31     1.000000: bpf_trace_printk: x\n",
	  "{a-1 [0] . 1.0: |12|0|1000000000|x}" },
	/* a longer or unpadded name, should a kernel print one: the last dash before the CPU */
	{ "a-name-longer-than-16-chars-55 [000] d..31 1.000000: bpf_trace_printk: x\n",
	  "{a-name-longer-than-16-chars|55|0|1000000000|x}" },
	{ "sh-55 [000] d..31 1.000000: bpf_trace_printk: x-1 [1]\n", "{sh|55|0|1000000000|x-1 [1]}" },
	/* messages of several lines; what follows them; dashes and brackets inside */
	{ "              sh-1       [000] d..31     1.000000: bpf_trace_printk: one\ntwo\n\nthree\n\n"
	  "              sh-2       [000] d..31     1.000001: bpf_trace_printk: x\n",
	  "{sh|1|0|1000000000|one\ntwo\n\nthree}{sh|2|0|1000001000|x}" },
	{ "              sh-1       [000] d..31     1.000000: bpf_trace_printk: a\n-1 [000] b\n",
	  "{sh|1|0|1000000000|a\n-1 [000] b}" },
	/* the kernel's own lines, other events, and their continuations */
	{ "CPU:1 [LOST 12 EVENTS]\n              sh-1       [000] d..31     1.000000: bpf_trace_printk: x\nCPU:0 [LOST "
	  "3 EVENTS]\n",
	  "{sh|1|0|1000000000|x}" },
	{ "              sh-1       [000] d..31     1.000000: sched_switch: prev=1\nnext\n", "" },
	{ "              sh-1       [000] d..31     1.000000: do_idle <-cpu_startup_entry\n", "" },
	{ "a line of nobody\n", "" },
	/* nearly records */
	{ "              sh-        [000] d..31     1.000000: bpf_trace_printk: x\n", "" },
	{ "              sh-99999999999 [000] d..31 1.000000: bpf_trace_printk: x\n", "" },
	{ "              sh-1       [000 d..31      1.000000: bpf_trace_printk: x\n", "" },
	{ "              sh-1       [000] d..31     1.: bpf_trace_printk: x\n", "" },
	{ "              sh-1       [000] d..31     99999999999999999999.000000: bpf_trace_printk: x\n", "" },
	{ "              sh-1       [000] d..31     999999999999999999.000000: bpf_trace_printk: x\n", "" },
	{ "\n\n\n", "" },
};

static void lines_are_understood(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf out = { 0 };
		CLEANUP_FREE struct trace_text *text = new_text(&out);

		feed(text, cases[i].in, strlen(cases[i].in));
		assert_int_equal(trace_text_flush(text), 0);
		if (strcmp(ecli_buf_text(&out), cases[i].out))
			fail_msg("case %zu: %s", i, ecli_buf_text(&out));
	}
}

static void losses_are_counted(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	CLEANUP_FREE struct trace_text *text = new_text(&out);
	static const char lines[] =
		"CPU:1 [LOST 12 EVENTS]\nCPU:0 [LOST 3 EVENTS]\nCPU:0 [LOST x EVENTS]\nCPU:0 [LOST 3 EVENTS] \n";

	feed(text, lines, sizeof(lines) - 1);
	assert_int_equal(text->lost, 15);
}

/* The reads may end anywhere inside a record without a newline in its head. */
static void any_cut_gives_the_same(void **state)
{
	(void)state;
	static const char in[] = "            bash-1234    [001] d..31   123.456789: bpf_trace_printk: hello\nworld\n"
				 "CPU:1 [LOST 12 EVENTS]\n"
				 "   a b-7 [001] c-1234    [001] d..31     1.000000: bpf_trace_printk: x\n";
	static const char expected[] = "{bash|1234|1|123456789000|hello\nworld}{a b-7 [001] c|1234|1|1000000000|x}";

	for (size_t step = 1; step < sizeof(in); step++) {
		CLEANUP_BUF struct ecli_buf out = { 0 };
		CLEANUP_FREE struct trace_text *text = new_text(&out);

		for (size_t at = 0; at < sizeof(in) - 1; at += step)
			feed(text, in + at, at + step < sizeof(in) - 1 ? step : sizeof(in) - 1 - at);
		trace_text_flush(text);
		assert_string_equal(ecli_buf_text(&out), expected);
	}
}

static void a_line_without_end_is_dropped(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	CLEANUP_FREE struct trace_text *text = new_text(&out);
	static const char line[] = "              sh-1       [000] d..31     1.000000: bpf_trace_printk: x\n";

	for (size_t i = 0; i < 2 * TRACE_TEXT_BYTES; i++)
		feed(text, "-", 1);
	feed(text, "\n", 1);
	feed(text, line, sizeof(line) - 1);
	trace_text_flush(text);
	assert_string_equal(ecli_buf_text(&out), "{sh|1|0|1000000000|x}");
}

/* Damaged text: no crash, no read outside (the sanitizers look), and the reader recovers. */
static void damage_does_no_harm(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	CLEANUP_FREE struct trace_text *text = new_text(&out);
	static const char alphabet[] = "-[]:. \n0123456789(d";
	unsigned seed = 7;
	char bytes[400];

	for (int round = 0; round < 20000; round++) {
		const char *in = cases[(size_t)round % ARRAY_SIZE(cases)].in;
		size_t len = strlen(in) < sizeof(bytes) ? strlen(in) : sizeof(bytes);

		memcpy(bytes, in, len);
		for (int i = 0; i < 4; i++) {
			seed = seed * 1103515245u + 12345u;
			bytes[(seed >> 8) % len] = alphabet[(seed >> 20) % (sizeof(alphabet) - 1)];
		}
		feed(text, bytes, len);
		if (round % 16 == 0)
			trace_text_flush(text);
		if (out.len > 100000)
			ecli_buf_clear(&out);
	}
	feed(text, "\n", 1);
	trace_text_flush(text);
	ecli_buf_clear(&out);
	feed(text, cases[0].in, strlen(cases[0].in));
	trace_text_flush(text);
	assert_string_equal(ecli_buf_text(&out), cases[0].out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_understood),   cmocka_unit_test(losses_are_counted),
		cmocka_unit_test(any_cut_gives_the_same), cmocka_unit_test(a_line_without_end_is_dropped),
		cmocka_unit_test(damage_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
