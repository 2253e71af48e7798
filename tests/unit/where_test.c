/* SPDX-License-Identifier: MIT */
/*
 * where/: what an expression says of a known record, what it cannot say and in which words, and which parts of it the kernel
 * can check. where_types_test.c has several types and types of variable length; tests/fuzz/where_fuzz.c compares random expressions with an oracle.
 */
#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <ecli/where.h>

#include "base/cleanup.h"
#include "plan_fixture.h"

DEFINE_CLEANUP(where, struct ecli_where *, ecli_where_free)
DEFINE_CLEANUP(program, struct ecli_where_program *, ecli_where_program_free)

static const char *const definitions[] = {
	"typedef ecli_duration_us u64",
	"typedef ecli_bytes u32",
	"typedef ecli_errno s32",
	"typedef gadget_errno u32",
	"typedef ecli_signal u8",
	"typedef ecli_syscall u16",
	"typedef ecli_capability u8",
	"typedef ecli_tcp_state u8",
	"typedef ecli_file_flags u32",
	"typedef ecli_file_mode u32",
	"typedef ecli_uid u32",
	"typedef ecli_port u16",
	"typedef ecli_ipv4 u32",
	"typedef ecli_ipv6 u8[16]",
	"typedef ecli_mac u8[6]",
	"typedef ecli_dev u32",
	"enum color RED=0 GREEN=5 BLUE=7",
	"senum level LOW=-3 HIGH=9",
	"enum way_set READ=1 WRITE=2 EXEC=4",
	"struct point s16:x s16:y",
	"struct event u8:a u64:big s32:minus s64:least bool:yes bool:no char:letter u32/3:low s32/5:odd u32/24:high "
	"color:color "
	"level:level way_set:ways ptr:pointer char[8]:task f32:half f64:tenth u128:wide s128:thin "
	"ecli_duration_us:took ecli_bytes:size "
	"ecli_errno:ret gadget_errno:code ecli_signal:signal ecli_syscall:call ecli_capability:cap "
	"ecli_tcp_state:state "
	"ecli_file_flags:flags ecli_file_mode:mode ecli_uid:uid ecli_port:port ecli_ipv4:from ecli_ipv6:to "
	"ecli_mac:mac ecli_dev:dev "
	"s32[3]:v point:at point[2]:path u32[2][2]:grid",
};
/* In the order of the leaves. */
static const char record[] =
	"200 18446744073709551615 -5 -9223372036854775808 1 0 120 5 -9 1000 5 -3 3 4096 \"nginx\" 0.5 0.1 "
	"340282366920938463463374607431768211455 -170141183460469231731687303715884105728 12000 8192 -2 4294967294 "
	"9 2 21 1 578 33261 0 47873 16885952 32 1 13 184 0 0 0 0 0 0 0 0 0 0 0 1 2 0 94 16 0 1 8388609 "
	"10 -20 30 1 -2 3 4 5 6 11 12 21 22";

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->spec = spec_new();
	for (size_t i = 0; i < ARRAY_SIZE(definitions); i++)
		fixture->id = spec_define(fixture->spec, definitions[i]);
	fixture_plan(fixture, NULL, 0);
	spec_encode(fixture->spec, fixture->id, record, &fixture->record);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	fixture_done(fixture);
	free(fixture);
	return 0;
}

static struct ecli_where_program *bind(const struct fixture *fixture, const char *text, struct ecli_where **ret_where)
{
	const struct ecli_plan *plan = fixture->plan;
	struct ecli_where_program *program = NULL;
	struct ecli_err err = { 0 };

	if (ecli_where_parse(text, &err, ret_where) || ecli_where_bind(*ret_where, &plan, 1, &err, &program))
		fail_msg("%s: %s", text, err.text);
	return program;
}

static bool matches(const struct fixture *fixture, const char *text)
{
	CLEANUP(cleanup_where) struct ecli_where *where = NULL;
	CLEANUP(cleanup_program) struct ecli_where_program *program = bind(fixture, text, &where);

	return ecli_where_matches(program, fixture->record.data, fixture->record.len);
}

static void values(void **state)
{
	static const char *const hold[] = {
		/* width and sign of a field do not matter, only its value */
		"a == 200",
		"a != 201",
		"a > 199",
		"a < 300",
		"a != 300",
		"a > -1",
		"-1 < a",
		"a >= 0",
		"200 <= a",
		"a == 0xc8",
		"big == 18446744073709551615",
		"big > 18446744073709551614",
		"big > -1",
		"big == 0xffffffffffffffff",
		"minus == -5",
		"minus < 0",
		"minus < 4294967291",
		"minus != 4294967291",
		"minus < big",
		"minus < a",
		"least < minus",
		"least == -9223372036854775808",
		"least != 9223372036854775808",
		"big > least",
		"a == a",
		"v[0] < v[2]",
		"wide == 340282366920938463463374607431768211455",
		"wide > big",
		"thin < least",
		"thin == -170141183460469231731687303715884105728",
		"thin < 0",
		"wide > -1",
		/* bits */
		"low == 5",
		"odd == -9",
		"high == 1000",
		"odd < 0",
		"low & 4",
		"!(low & 2)",
		"(low & 6) == 4",
		"high & 8",
		/* bool, char, enum, pointer, float */
		"yes",
		"!no",
		"yes == true",
		"no == false",
		"yes != false",
		"no != true",
		"yes == 1",
		"letter == 'x'",
		"letter == 120",
		"letter >= 'a'",
		"color == GREEN",
		"color == 5",
		"color != RED",
		"level == LOW",
		"level < HIGH",
		"level == -3",
		"ways & READ",
		"ways & (READ|EXEC)",
		"!(ways & EXEC)",
		"ways == \"READ|WRITE\"",
		"ways == (READ|WRITE)",
		"pointer == 0x1000",
		"pointer",
		"half == 0.5",
		"tenth == 0.1",
		"half > 0.25",
		"!(tenth > 0.5)",
		/* text */
		"task == \"nginx\"",
		"task == 'nginx'",
		"task != \"ngin\"",
		"task != \"nginxx\"",
		"task ~ \"ng*\"",
		"task ~ '*x'",
		"task ~ 'n?[a-i]*'",
		"task ~ 'n[!a-f]inx'",
		"task !~ 'ng'",
		"task ~ '\\x6e*'",
		"task !~ 'nginx\\*'",
		"task in ('a', 'nginx')",
		"task ~ '*'",
		"task != ''",
		/* formats */
		"took == 12ms",
		"took == 12000",
		"took > 11.5ms",
		"took < 1s",
		"size == 8k",
		"size in (4k..16K)",
		"ret == -ENOENT",
		"ret == -2",
		"ret_raw == -2",
		"ret != -EINTR",
		"code == -ENOENT",
		"code == 4294967294",
		"signal == SIGKILL",
		"signal == 9",
		"call == open",
		"call in (read, open)",
		"cap == CAP_SYS_ADMIN",
		"state == ESTABLISHED",
		"flags & O_CREAT",
		"flags & O_RDWR",
		"!(flags & O_EXCL)",
		"flags & 'O_CREAT|O_EXCL'",
		"mode & 0100",
		"(mode & 07777) == 0755",
		"uid == root",
		"uid == 'root'",
		"uid == 0",
		"port == 443",
		"port < 1024",
		"port > 442",
		"port in (80, 443)",
		"port_raw == 47873",
		"from == 192.168.1.1",
		"from == 192.168.0.0/16",
		"from != 192.168.2.0/24",
		"from in (10.0.0.0/8, 192.168.1.0/31)",
		"from > 192.168.1.0",
		"to == 2001:db8::1",
		"to == 2001:db8::/32",
		"to != ::1",
		"mac == 02:00:5e:10:00:01",
		"dev == '8:1'",
		"dev == 8:1",
		"from_raw == 16885952",
		/* paths */
		"v[0] == 10",
		"v[1] == -20",
		"v[2] == 30",
		"at.x == 1",
		"at.y == -2",
		"path[1].y == 6",
		"path[0].x == 3",
		"grid[1][0] == 21",
		/* in, &&, ||, precedence */
		"a in (1, 2, 200)",
		"a in (100..255)",
		"!(a in (1, 2))",
		"minus in (-9..-5)",
		"a in (0..199, 200)",
		"tenth in (0..1)",
		"a == 1 && a == 2 || a == 200",
		"a == 200 || a == 1 && a == 2",
		"(a == 200 || a == 1) && big",
		"!(a == 1) && a == 200",
		"!!(a == 200)",
		"a in (200) && task ~ 'n*'",
		"a==200&&minus==-5",
	};
	static const char *const fail[] = {
		"a == 201",
		"a == 456",
		"a == -56",
		"a > 255",
		"a < -1",
		"big < 0",
		"big == -1",
		"minus > 0",
		"minus == 4294967291",
		"yes == 2",
		"minus > a",
		"least > 0",
		"least > big",
		"wide < big",
		"odd == 23",
		"low & 2",
		"a & 256",
		"no",
		"!yes",
		"letter == 'X'",
		"ways & EXEC",
		"task == \"NGINX\"",
		"task == \"nginx\\x00\"",
		"task ~ 'ng'",
		"task ~ ''",
		"task ~ 'ngin[a-w]'",
		"took == 12us",
		"ret == -1",
		"port == 47873",
		"from == 1.1.168.192",
		"from == 192.168.1.0/32",
		"v[1] > 0",
		"a in (1..199)",
		"half != 0.5",
		"a == 200 && a == 1",
		"!(a == 200 || a == 1)",
	};

	for (size_t i = 0; i < ARRAY_SIZE(hold); i++)
		if (!matches(*state, hold[i]))
			fail_msg("does not hold: %s", hold[i]);
	for (size_t i = 0; i < ARRAY_SIZE(fail); i++)
		if (matches(*state, fail[i]))
			fail_msg("holds: %s", fail[i]);
}

/* A pattern sees the text that rows have, whatever the format; numbers have none. */
static void shown(void **state)
{
	static const char *const hold[] = {
		"color ~ 'G*'",
		"color !~ 'R*'",
		"color ~ 'GREEN'",
		"level ~ 'LO*'",
		"ways ~ '*WRITE*'",
		"ret ~ '-ENO*'",
		"signal ~ 'SIGK*'",
		"cap ~ 'CAP_SYS*'",
		"state ~ 'EST*'",
		"from ~ '192.168.*'",
		"to ~ '*:*'",
		"dev ~ '8:*'",
		"took ~ '12ms'",
		"size ~ '8KiB'",
		"uid ~ 'r*t'",
		"mode ~ '-rwx*'",
		"mac ~ '*:??:*'",
		"!(color ~ 'BLUE')",
		"color ~ 'G*' && a == 200",
		"port !~ 'x'",
	};
	static const char *const fail[] = { "color ~ 'green'", "color ~ 'GREE'", "ret ~ 'ENOENT'", "ret !~ '-ENOENT'",
					    "uid ~ '0'" };

	for (size_t i = 0; i < ARRAY_SIZE(hold); i++)
		if (!matches(*state, hold[i]))
			fail_msg("%s does not hold", hold[i]);
	for (size_t i = 0; i < ARRAY_SIZE(fail); i++)
		if (matches(*state, fail[i]))
			fail_msg("%s holds", fail[i]);
}

/* Plain numbers that count something take units, and endpoints networks. */
static void units_and_endpoints(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want; /* NULL: it holds; "": it does not; else the sentence */
	} cases[] = {
		{ "ns == 5ms", NULL },
		{ "ns > 4999us && ns < 5001us", NULL },
		{ "us >= 1.5s && us <= 1500000", NULL },
		{ "ms in (2s, 3s)", NULL },
		{ "s == 2h", NULL },
		{ "bytes == 4k && bytes < 1M", NULL },
		{ "several[1] == 2us", NULL },
		{ "plain == 5ms", "plain takes a whole number, not 5ms; it has no unit" },
		{ "us == 1ns", "us takes a time such as 10ms (a plain number: us), not 1ns" },
		{ "us ~ '15*'", "~ compares text, and us is none" },
		{ "four == 10.1.2.3", NULL },
		{ "four.addr == 10.1.2.3", NULL },
		{ "four == 10.0.0.0/8 && four != 11.0.0.0/8", NULL },
		{ "four == 10.1.2.3:443", NULL },
		{ "four == 10.1.2.3:80", "" },
		{ "four != 10.1.2.3:80", NULL },
		{ "four == ::/0", "" },
		{ "six == ::/0 && six != 0.0.0.0/0", NULL },
		{ "six == fe80::1 && six == '[fe80::1]:53'", NULL },
		{ "six in (10.0.0.0/8, fe80::/10)", NULL },
		{ "four ~ '10.1.*:443' && six ~ '[[]fe80*'", NULL },
		{ "four > 10.0.0.0", "four has several parts; compare it with == or !=" },
		{ "four == 10.0.0.0/33", "four takes an address such as 10.0.0.1 or fe80::1, a network" },
		{ "four", "four has several parts; compare it, or four.port != 0" },
		{ "four == plain", "four takes an address" },
		{ "four in (10.0.0.1..10.0.0.9)", "four has several parts and no ranges" },
	};
	const struct ecli_plan_note notes[] = {
		{ .field = "ns", .unit = "ns" },         { .field = "us", .unit = "us" },
		{ .field = "ms", .unit = "ms" },         { .field = "s", .unit = "s" },
		{ .field = "bytes", .unit = "bytes" },   { .field = "several", .unit = "ns" },
		{ .field = "plain", .unit = "furlong" },
	};
	struct fixture f = { .spec = spec_new() };

	spec_define(f.spec, "struct gadget_l4endpoint_t u8[16]:addr_raw u16:port u16:proto u8:version u8[3]:zero");
	f.id = spec_define(f.spec, "struct event u64:ns u64:us u32:ms u16:s u64:bytes u32:plain u32[2]:several "
				   "gadget_l4endpoint_t:four gadget_l4endpoint_t:six");
	fixture_plan(&f, notes, ARRAY_SIZE(notes));
	spec_encode(f.spec, f.id,
		    "5000000 1500000 3000 7200 4096 5 1 2000 "
		    "10 1 2 3 0 0 0 0 0 0 0 0 0 0 0 0 443 6 4 0 0 0 254 128 0 0 0 0 0 0 0 0 0 0 0 0 0 1 53 17 6 0 0 0",
		    &f.record);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(cleanup_where) struct ecli_where *where = NULL;
		CLEANUP(cleanup_program) struct ecli_where_program *program = NULL;
		const struct ecli_plan *plan = f.plan;
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_where_parse(cases[i].text, &err, &where), 0);
		int r = ecli_where_bind(where, &plan, 1, &err, &program);
		if (cases[i].want && *cases[i].want) {
			assert_int_equal(r, -EINVAL);
			if (!strstr(err.text, cases[i].want))
				fail_msg("%s: %s", cases[i].text, err.text);
			continue;
		}
		if (r)
			fail_msg("%s: %s", cases[i].text, err.text);
		if (ecli_where_matches(program, f.record.data, f.record.len) != !cases[i].want)
			fail_msg("%s is %s", cases[i].text, cases[i].want ? "true" : "false");
	}
	fixture_done(&f);
}

static void sentences(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "column 1: the expression is empty; write a comparison such as pid == 1" },
		{ "   ", "column 1: the expression is empty; write a comparison such as pid == 1" },
		{ "a = 1", "column 3: a comparison is written ==" },
		{ "a == 1 &&", "column 10: a field or a value is missing at the end" },
		{ "a == 1 b", "column 8: expected && or ||, not b" },
		{ "(a == 1", "column 8: &&, || or ) is missing at the end" },
		{ "a == 1)", "column 7: expected && or ||, not )" },
		{ "a in 1", "column 6: expected ( and values after in, not 1" },
		{ "a in (1", "column 8: , or ) is missing at the end" },
		{ "a in ()", "column 7: expected a value, not )" },
		{ "a == 'x", "column 6: this text has no end; close it with '" },
		{ "a == #", "column 6: # means nothing here; put text into quotes" },
		{ "a == 10ms", "column 6: a takes a whole number, not 10ms; it has no unit" },
		{ "a == 1.5", "column 6: a takes a whole number, not 1.5" },
		{ "took == 1.5us",
		  "column 9: took takes a time such as 10ms (a plain number: us), not 1.5us; that is too large or no "
		  "whole number of its unit" },
		{ "taks == 'x'", "column 1: there is no field taks (did you mean task?); there are a, big, minus, "
				 "least, yes, no, letter, "
				 "low, odd, high, color, level, ways, pointer, task, half, ..." },
		{ "at.z == 1",
		  "column 1: there is no field at.z; there are a, big, minus, least, yes, no, letter, low, odd, high, "
		  "color, level, ways, pointer, task, half, ..." },
		{ "1 == 2", "column 1: there is no field 1; there are a, big, minus, least, yes, no, letter, low, odd, "
			    "high, color, level, "
			    "ways, pointer, task, half, ..." },
		{ "'x' == 'y'", "column 1: expected a field before ==" },
		{ "v == 1", "column 1: v has 3 elements; write v[0] or another of them" },
		{ "v[3] == 1", "column 1: v[3] does not exist; the last element is [2]" },
		{ "at == 1", "column 1: at has members; write at.x" },
		{ "task == nginx",
		  "column 9: task is text: put what it is compared with into quotes, task == \"nginx\"" },
		{ "task > 'a'", "column 1: > compares numbers, and task is text" },
		{ "task", "column 1: task is text; compare it, task != \"\"" },
		{ "a ~ 'x*'", "column 1: ~ compares text, and a is none" },
		{ "color == GREN",
		  "column 10: color takes one of RED, GREEN, BLUE or a number (did you mean GREEN?), not GREN" },
		{ "ret == ENOENT", "column 8: ret has errors as negative numbers; write -ENOENT" },
		{ "signal == KILL", "column 11: signal takes a signal such as SIGKILL, or a number, not KILL" },
		{ "from == 10.0.0",
		  "column 9: from takes an address such as 10.0.0.1 or a network such as 10.0.0.0/8, not 10.0.0" },
		{ "from == 10.0.0.0/33",
		  "column 9: from takes an address such as 10.0.0.1 or a network such as 10.0.0.0/8, not 10.0.0.0/33" },
		{ "low & 4 == 4", "column 7: expected a number or a name beside &; put what is compared into ( )" },
		{ "low & -1", "column 7: & takes no negative number" },
		{ "task & 1", "column 1: & is for whole numbers, and task is none" },
		{ "a == 1 | b == 2", "column 1: | puts bits together beside &; between comparisons write ||" },
		{ "a < 5 < 9", "column 1: expected a field before <" },
		{ "a in (5..1)", "column 7: there is nothing from 5 to 1" },
		{ "half == 'x'", "column 1: half is a number; compare it with one" },
		{ "half == x", "column 1: half takes a number such as 0.5, not x" },
		{ "yes == maybe", "column 8: yes takes true or false, not maybe" },
		{ "half < tenth", "column 1: half takes a number such as 0.5, not tenth" },
	};
	const struct fixture *fixture = *state;
	const struct ecli_plan *plan = fixture->plan;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(cleanup_where) struct ecli_where *where = NULL;
		struct ecli_where_program *program = NULL;
		struct ecli_err err = { 0 };
		int r = ecli_where_parse(cases[i].text, &err, &where);

		r = r ? r : ecli_where_bind(where, &plan, 1, &err, &program);
		if (!r || strcmp(err.text, cases[i].says) != 0)
			fail_msg("\n%s\nsays:   %s\nshould: %s", cases[i].text, r ? err.text : "nothing",
				 cases[i].says);
		assert_int_equal(err.fail, ECLI_FAIL_USAGE);
		assert_null(program);
	}
}

/* What the kernel side would do, from the words of docs/formats/prelude.md. */
static bool predicate_holds(const struct ecli_where_predicate *predicate, const char *bytes)
{
	uint64_t v = 0;

	assert_true(predicate->offset % predicate->size_bytes == 0);
	memcpy(&v, bytes + predicate->offset, predicate->size_bytes);
	v <<= predicate->left;
	if (predicate->flags & ECLI_WHERE_IS_SIGNED)
		v = (uint64_t)((int64_t)v >> predicate->right);
	else
		v >>= predicate->right;
	v &= predicate->mask;
	return (v - predicate->low <= predicate->span) != !!(predicate->flags & ECLI_WHERE_IS_NEGATED);
}

static void predicates(void **state)
{
	static const struct {
		const char *text, *in_kernel, *here;
		bool is_whole;
	} cases[] = {
		{ "a == 200", "a == 200", "", true },
		{ "a == 200 && task ~ 'n*' && minus < 0", "a == 200 && minus < 0", "task ~ 'n*'", false },
		{ "(a == 200 && big > 5) && !(low & 2)", "a == 200 && big > 5 && !(low & 2)", "", true },
		{ "a == 1 || a == 200", "", "a == 1 || a == 200", false },
		{ "yes && !no && letter == 'x' && color == GREEN && odd == -9 && pointer && port == 443 && from == "
		  "192.168.1.1",
		  "yes && !no && letter == 'x' && color == GREEN && odd == -9 && pointer && port == 443 && from == "
		  "192.168.1.1",
		  "", true },
		{ "port < 1024 && wide > 1 && half > 0", "", "port < 1024 && wide > 1 && half > 0", false },
		{ "a < 300 && a > 1", "a > 1", "a < 300", true },
		{ "a > 1 && a > 2 && a > 3 && a > 4 && a > 5 && a > 6 && a > 7 && a > 8 && a > 9",
		  "a > 1 && a > 2 && a > 3 && a > 4 && a > 5 && a > 6 && a > 7 && a > 8", "a > 9", false },
		{ "minus < a", "", "minus < a", false },
		{ "(ways & WRITE) != 0", "(ways & WRITE) != 0", "", true },
		{ "a in (100..255)", "a in (100..255)", "", true },
	};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(cleanup_where) struct ecli_where *where = NULL;
		CLEANUP(cleanup_program) struct ecli_where_program *program = bind(fixture, cases[i].text, &where);
		CLEANUP_BUF struct ecli_buf in_kernel = { 0 }, here = { 0 };
		size_t count;
		bool is_whole;
		const struct ecli_where_predicate *items = ecli_where_predicates(program, &count, &is_whole);

		ecli_where_describe(program, true, &in_kernel);
		ecli_where_describe(program, false, &here);
		assert_string_equal(ecli_buf_text(&in_kernel), cases[i].in_kernel);
		assert_string_equal(ecli_buf_text(&here), cases[i].here);
		assert_int_equal(is_whole, cases[i].is_whole);
		for (size_t k = 0; k < count; k++)
			if (!predicate_holds(&items[k], fixture->record.data))
				fail_msg("predicate %zu of %s does not hold", k, cases[i].text);
	}
}

/* Not its business: a row that cannot be shown is counted by whoever shows rows. */
static void short_records(void **state)
{
	const struct fixture *fixture = *state;
	CLEANUP(cleanup_where) struct ecli_where *where = NULL;
	CLEANUP(cleanup_program) struct ecli_where_program *program = bind(fixture, "a == 1", &where);

	assert_false(ecli_where_matches(program, fixture->record.data, fixture->record.len));
	assert_true(ecli_where_matches(program, fixture->record.data, fixture->record.len - 1));
	assert_true(ecli_where_matches(program, fixture->record.data, 0));
}

static void too_much(void **state)
{
	static char text[5000];
	struct ecli_where *where = NULL;
	struct ecli_err err = { 0 };

	(void)state;
	memset(text, '(', 4999);
	assert_int_equal(ecli_where_parse(text, &err, &where), -E2BIG);
	text[4000] = '\0';
	assert_int_equal(ecli_where_parse(text, &err, &where), -EINVAL);
	assert_string_equal(err.text, "column 65: this is nested deeper than 64 levels");
	memset(text, '!', 100);
	assert_int_equal(ecli_where_parse(text, &err, &where), -EINVAL);
	assert_null(where);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(shown, set_up, tear_down),
		cmocka_unit_test(units_and_endpoints),
		cmocka_unit_test_setup_teardown(sentences, set_up, tear_down),
		cmocka_unit_test_setup_teardown(predicates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(short_records, set_up, tear_down),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
