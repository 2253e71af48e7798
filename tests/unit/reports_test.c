/* SPDX-License-Identifier: MIT */
/* compile/reports: the struct that a source reports, from every way of writing the call and the variable. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/reports.h"

/* The names with a blank between them, then those of typedefs, each behind a '+'. */
static void expect(const char *text, const char *names)
{
	CLEANUP_BUF struct ecli_buf found = { 0 };
	struct ecli_reports reports = { 0 };

	assert_int_equal(ecli_reports_parse(text, strlen(text), &reports), 0);
	for (size_t i = 0; i < reports.count; i++)
		ecli_buf_add_format(&found, "%s%s", i ? " " : "", reports.names[i]);
	for (size_t i = 0; i < reports.n_typedefs; i++)
		ecli_buf_add_format(&found, "+%s", reports.typedefs[i]);
	if (strcmp(ecli_buf_text(&found), names) != 0)
		fail_msg("%s\nis said to report \"%s\"", text, ecli_buf_text(&found));
	ecli_reports_done(&reports);
}

static void the_struct_of_each_call_is_found(void **state)
{
	(void)state;
	expect("struct event *e; e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0); bpf_ringbuf_submit(e, 0);", "event");
	expect("void *p = bpf_ringbuf_reserve(&rb, sizeof(struct event), 0);", "event");
	expect("struct event ev = {}; bpf_ringbuf_output(&rb, &ev, sizeof(ev), 0);", "event");
	expect("struct event ev = {}; bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &ev, sizeof(ev));",
	       "event");
	expect("struct event ev; bpf_perf_event_output(ctx, &pb, 0xffffffffULL, (void *)&ev, sizeof ev);", "event");
	expect("struct event *e = bpf_map_lookup_elem(&heap, &zero); bpf_skb_output(skb, &m, f(1, 2), e, sizeof(*e));",
	       "event");
	expect("char *p; bpf_xdp_output(c, &m, 0, p, sizeof(struct event));", "event");
	expect("bpf_ringbuf_output(&rb, &(struct event){ .pid = 1 }, 4, 0);", "event");
	expect("struct info *t = f(); bpf_seq_write(seq, t, sizeof(struct info));", "info");
	expect("struct event e; struct bpf_dynptr d; bpf_ringbuf_reserve_dynptr(&rb, sizeof e, 0, &d);", "event");
	expect("bpf_ringbuf_submit((struct event *)p, 0);", "event");
	expect("static int report(void *ctx, struct event *e) { bpf_perf_event_output(ctx, &m, 0, e, sizeof(*e)); }",
	       "event");
}

static void the_declaration_may_be_written_in_any_way(void **state)
{
	(void)state;
	expect("struct event *a, *e; bpf_ringbuf_submit(e, 0);", "event");
	expect("const struct event\n* volatile e; bpf_ringbuf_submit(e, 0);", "event");
	expect("struct event events[4]; bpf_ringbuf_submit(events, 0);", "event");
	expect("struct event e[2]; bpf_ringbuf_output(&rb, &e[0], sizeof(e[0]), 0);", "event");
	expect("typedef struct event { int x; struct { int y; } z; } event_t; void f() { event_t *e; "
	       "bpf_ringbuf_submit(e, 0); }",
	       "event");
	expect("struct event { int x; }; typedef struct event event_t; int f(event_t *e) { bpf_ringbuf_submit(e, 0); }",
	       "event");
	expect("typedef struct event event_t; void *p = bpf_ringbuf_reserve(&rb, sizeof(event_t), 0);", "event");
	expect("typedef struct { int x; struct event *next; } event_t; event_t *e; bpf_ringbuf_submit(e, 0);",
	       "+event_t");
	expect("typedef struct { int x; } a; bpf_ringbuf_reserve(&rb, sizeof(a), 0); struct b e; "
	       "bpf_ringbuf_output(&rb, &e, sizeof(a), 0); a v; bpf_ringbuf_output(&rb, &v, sizeof(v), 0);",
	       "b+a");
	/* The nearest declaration before the call, and each struct once. */
	expect("f() { struct a *e; bpf_ringbuf_submit(e, 0); } g() { struct b *e; bpf_ringbuf_submit(e, 0); "
	       "bpf_ringbuf_submit(e, 0); }",
	       "a b");
}

static void what_cannot_be_known_is_left_out(void **state)
{
	(void)state;
	expect("", "");
	expect("struct event *e; /* bpf_ringbuf_submit(e, 0); */ // bpf_ringbuf_submit(e, 0);", "");
	expect("#define SEND(e) bpf_ringbuf_submit(e, 0)\nstruct event *e; SEND(e);", "");
	expect("bpf_ringbuf_submit(e, 0); struct event *e;", "");
	expect("struct event *x; bpf_ringbuf_submit(x->next, 0);", "");
	expect("int e; bpf_ringbuf_submit(e, 0);", "");
	expect("typedef union { int x; } event_t; event_t *e; bpf_ringbuf_submit(e, 0);", "");
	expect("struct { int x; } event_t; event_t *e; bpf_ringbuf_submit(e, 0);", "");
	expect("return e; bpf_ringbuf_submit(e, 0", "");
	expect("bpf_ringbuf_submit(", "");
	expect("bpf_perf_event_output(a, b)", "");
	expect("struct bpf_ringbuf_submit(struct", "");
	expect("x}; } event_t; event_t e; bpf_ringbuf_submit(e, 0);", "");
}

static char folder[] = "/tmp/ecli-reports.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_text(const char *name, const char *text)
{
	assert_int_equal(ecli_file_write(in_folder(name), text, strlen(text), NULL), 0);
}

static void headers_beside_the_source_are_read(void **state)
{
	(void)state;
	struct ecli_reports reports = { 0 };
	struct ecli_err err = { 0 };

	assert_non_null(mkdtemp(folder));
	assert_int_equal(mkdir(in_folder("more"), 0700), 0);
	write_text("tool.bpf.c",
		   "#include \"vmlinux.h\"\n#include <none.h>\n # include <more/tool.h>\n#include \"tool.bpf.c\"\n"
		   "int f(void) { event_t *e; bpf_ringbuf_submit(e, 0); }\n");
	write_text("more/tool.h", "#include \"types.h\"\n#include \"../tool.bpf.c\"\ntypedef struct event event_t;\n");
	write_text("more/types.h", "struct event { int x; };\n");
	write_text("vmlinux.h", "struct event { int y; };\n");
	assert_int_equal(ecli_reports_read(in_folder("tool.bpf.c"), &err, &reports), 0);
	assert_int_equal(reports.count, 1);
	assert_string_equal(reports.names[0], "event");
	assert_string_equal(reports.header, in_folder("more/types.h"));
	ecli_reports_done(&reports);

	/* Defined in the source itself: no header. */
	write_text("own.bpf.c", "struct event { int x; };\n#include \"more/types.h\"\nstruct event e; int f() { "
				"bpf_ringbuf_output(&rb, &e, sizeof(e), 0); }");
	assert_int_equal(ecli_reports_read(in_folder("own.bpf.c"), &err, &reports), 0);
	assert_int_equal(reports.count, 1);
	assert_null(reports.header);
	ecli_reports_done(&reports);

	assert_int_equal(ecli_reports_read(in_folder("absent.bpf.c"), &err, &reports), -ENOENT);
	assert_non_null(strstr(err.text, "absent.bpf.c"));
	static const char *const names[] = {
		"tool.bpf.c", "more/tool.h", "more/types.h", "vmlinux.h", "own.bpf.c", "more", ""
	};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		remove(in_folder(names[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_struct_of_each_call_is_found),
		cmocka_unit_test(the_declaration_may_be_written_in_any_way),
		cmocka_unit_test(what_cannot_be_known_is_left_out),
		cmocka_unit_test(headers_beside_the_source_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
