/* SPDX-License-Identifier: MIT */
/*
 * render/: the fused way by itself. What it writes must be what the general way writes, for numbers of every size, sign
 * and place, for texts of every length and content, while columns grow; a row must cost no allocation and no system call.
 *
 * The linker sends all calls of malloc() and its kin in this program through the counters below.
 */
#include "unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "plan_fixture.h"
#include "random.h"
#include "render/clean.h"
#include "render/sink.h"

#define WALL_NS 1795341600123456789u

/* ---- counted memory -------------------------------------------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

static uint64_t allocations;
static bool is_memory_out;

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	allocations++;
	return is_memory_out ? NULL : __real_realloc(p, size);
}

/* ---- records --------------------------------------------------------------------------------------------------- */

static struct fixture fixture_new(const char *line)
{
	struct fixture f = { .spec = spec_new() };

	spec_define(f.spec, "struct inner u16:a char[5]:b");
	spec_define(f.spec, "enum color RED=0 GREEN=1 BLUE=200");
	spec_define(f.spec, "typedef ecli_errno s32");
	spec_define(f.spec, "typedef ecli_ipv4 u32");
	spec_define(f.spec, "typedef ecli_ipv6 u8[16]");
	spec_define(f.spec, "typedef ecli_mac u8[6]");
	spec_define(f.spec, "typedef ecli_port u16");
	spec_define(f.spec, "typedef ecli_duration u64");
	spec_define(f.spec, "typedef ecli_octal u32");
	spec_define(f.spec, "typedef ecli_timestamp u64");
	f.id = spec_define(f.spec, line);
	fixture_plan(&f, NULL, 0);
	return f;
}

/* Numbers of any count of digits, near powers of ten, and their negatives; here and there a small one. */
static uint64_t random_number(void)
{
	uint64_t power = 1, value = next_random() >> next_random() % 64;

	for (uint64_t i = next_random() % 20; i; i--)
		power *= 10;
	if (next_random() % 4 == 0)
		value = power + next_random() % 3 - 1;
	return next_random() % 4 ? value : 0 - value;
}

/* A text of up to @size bytes, its end not always marked; mostly clean, and noise behind it. Now and then as long as it
 * can become when escaped. */
static void random_text(char *text, size_t size)
{
	static const char special[] = "\"\\ \n\x1b\x7f\xc3\xa9\xe2\x80\xae\xe4\xb8\xad\xff-";
	size_t len = next_random() % (size + 1);

	if (next_random() % 16 == 0) {
		memset(text, 0x1b, size);
		return;
	}
	for (size_t i = 0; i < size; i++)
		text[i] = i < len ? (char)('a' + next_random() % 26) : (char)next_random();
	if (len < size)
		text[len] = '\0';
	for (uint64_t i = next_random() % 4; i > 1 && len; i--)
		text[next_random() % len] = special[next_random() % sizeof(special)];
}

static void random_record(const struct fixture *f, unsigned char *record)
{
	for (uint32_t i = 0; i < ecli_plan_columns(f->plan); i++) {
		const struct ecli_field *field = ecli_plan_column(f->plan, i);
		uint64_t number = random_number();
		uint32_t offset;

		if (!ecli_plan_column_offset(f->plan, i, &offset))
			continue;
		if (field->kind == ECLI_VALUE_STRING)
			random_text((char *)record + offset, field->size_bytes);
		else
			memcpy(record + offset, &number, field->size_bytes < 8 ? field->size_bytes : 8);
	}
}

static struct ecli_render *renderer(const struct fixture *f, int format, bool is_fused)
{
	struct ecli_render *render;

	assert_int_equal(ecli_render_new(f->plan, (enum ecli_format)format, NULL, NULL, &render), 0);
	assert_int_equal(ecli_puts_build(render, is_fused), 0);
	return render;
}

/* ---- both ways ------------------------------------------------------------------------------------------------- */

static const char *const events[] = {
	"struct event u8:a",
	"struct event u32:a u16:b",
	"struct event u8:a s8:b u16:c s16:d u32:e s32:f u64:g s64:h",
	"struct event s64:a_title_longer_than_any_number u64:b s64:c",
	"struct event u8:a u8:b s8:c u8:d s32:e s16:f",
	"struct event char[1]:a char[3]:b char[7]:c char[8]:d char[9]:e",
	"struct event char[16]:a char[15]:b char[17]:c s32:d char[31]:e",
	"struct event s32:a char[40]:b char[512]:c",
	"struct event u64:a_name_of_32_bytes_with_its_quotes char[20]:another_name_that_is_rather_too_long s8:z",
	"struct event s32:ret inner:group u64:big char[16]:comm color:color u32[3]:v s8:last",
	"struct event u32:pid inner[2]:groups char[24]:comm ecli_errno:ret ecli_ipv4:ip u64:after",
	"struct event u32/5:bits u32/27:rest char[16]:comm ecli_port:port ecli_duration:took",
	"struct event u32:pid char[4096]:path char[4097]:other u64:ns",
	"struct event u64[600]:v char[4096]:path",
	"struct event u32:pid s16:b char[64]:args",
	"struct event char[16]:comm char[100]:args",
	"struct event s16:a s8:b char[4097]:args",
	"struct event u16:a u32:b char[16]:comm u64[20]:stack",
	"struct event s32:a s64:b char[0]:args",
	"struct event u8:a u16[0]:args",
};

static void fused_rows_are_the_general_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(events) * 3; i++) {
		struct fixture f = fixture_new(events[i / 3]);
		struct ecli_render *fused = renderer(&f, (int)(i % 3), true),
				   *general = renderer(&f, (int)(i % 3), false);
		CLEANUP_FREE unsigned char *whole = calloc(1, f.size);
		CLEANUP_BUF struct ecli_buf out = { 0 }, expected = { 0 };
		size_t least = ecli_plan_least(f.plan);

		assert_true(whole && fused && general);
		for (int row = 0; row < 1000; row++) {
			uint64_t wall_ns = WALL_NS + next_random() % 5000000000u;

			random_record(&f, whole);
			/* Exactly as large as it is, so that a read beyond is seen by ASan; some end within their last array. */
			size_t size = row % 2 ? f.size : least + next_random() % (f.size - least + 1);
			CLEANUP_FREE unsigned char *record = malloc(size ? size : 1);
			assert_non_null(record);
			memcpy(record, whole, size);
			/* Now and then an output without any room left over. */
			if (row % 10 == 0) {
				ecli_buf_done(&out);
				ecli_buf_clear(&expected);
			}
			assert_int_equal(ecli_render_row(fused, wall_ns, record, size, &out), 0);
			assert_int_equal(ecli_render_row(general, wall_ns, record, size, &expected), 0);
			assert_int_equal(out.len, expected.len);
			if (memcmp(out.data, expected.data, out.len) != 0)
				fail_msg("%s\n%s\n%s", events[i / 3], ecli_buf_text(&out), ecli_buf_text(&expected));
		}
		ecli_render_free(fused);
		ecli_render_free(general);
		fixture_done(&f);
	}
}

/* Or the comparison above would compare one way with itself. */
static void usual_columns_are_fused(void **state)
{
	(void)state;
	struct fixture f =
		fixture_new("struct event char[16]:task u8:a s16:b u32:c s64:d char[3]:e char[4096]:f color:g "
			    "char[4097]:h inner:i");

	for (int format = 0; ecli_format_names[format]; format++) {
		struct ecli_render *fused = renderer(&f, format, true), *general = renderer(&f, format, false);
		uint32_t n = fused->puts.count;

		/* Time, ten columns, end. */
		assert_int_equal(n, 12);
		assert_int_equal(general->puts.count, 12);
		for (uint32_t i = 1; i < n - 1; i++) {
			assert_ptr_equal(general->puts.items[i].fn, general->puts.items[1].fn);
			assert_int_equal(fused->puts.items[i].fn != general->puts.items[1].fn, i <= 7);
		}
		ecli_render_free(fused);
		ecli_render_free(general);
	}
	fixture_done(&f);
}

/* ---- clean runs ------------------------------------------------------------------------------------------------ */

static void check_chunk(const char *text, struct ecli_clean clean)
{
	char copy[ECLI_CLEAN_CHUNK];
	size_t expected = 0;

	while (expected < ECLI_CLEAN_CHUNK) {
		unsigned char c = (unsigned char)text[expected];

		if (c < clean.first || c >= 0x80 || c == clean.stop_a || c == clean.stop_b || c == clean.stop_c)
			break;
		expected++;
	}
	assert_int_equal(ecli_clean_chunk_words(copy, text, clean), expected);
	assert_memory_equal(copy, text, sizeof(copy));
	memset(copy, 0, sizeof(copy));
	assert_int_equal(ecli_clean_chunk(copy, text, clean), expected);
	assert_memory_equal(copy, text, sizeof(copy));
}

static void every_byte_is_judged_in_every_place(void **state)
{
	(void)state;
	static const struct ecli_clean sets[] = { ECLI_CLEAN_JSON, ECLI_CLEAN_TABLE, ECLI_CLEAN_PLAIN,
						  ECLI_CLEAN_TABLE_QUOTED, ECLI_CLEAN_PLAIN_QUOTED };

	for (size_t set = 0; set < ARRAY_SIZE(sets); set++) {
		for (int i = 0; i < 256 * ECLI_CLEAN_CHUNK; i++) {
			char text[ECLI_CLEAN_CHUNK];

			memset(text, 'x', sizeof(text));
			check_chunk(text, sets[set]);
			text[i % ECLI_CLEAN_CHUNK] = (char)(i / ECLI_CLEAN_CHUNK);
			check_chunk(text, sets[set]);
			for (size_t j = 0; j < sizeof(text); j++)
				text[j] = (char)(next_random() % 8 ? 'a' + next_random() % 26 : next_random());
			check_chunk(text, sets[set]);
		}
	}
}

/* ---- costs ----------------------------------------------------------------------------------------------------- */

static const char busy_event[] =
	"struct event char[16]:task u64:delta_us s32:pid u32[4]:v inner:i color:c ecli_errno:ret "
	"ecli_ipv4:ip ecli_ipv6:six ecli_port:port ecli_mac:mac ecli_duration:took ecli_octal:mode "
	"ecli_timestamp:seen char[300]:path";

static void fill_busy(const struct fixture *f, unsigned char *record)
{
	for (size_t i = 0; i < f->size; i++)
		record[i] = (unsigned char)next_random();
	random_record(f, record);
}

static void a_row_allocates_nothing(void **state)
{
	(void)state;
	struct fixture f = fixture_new(busy_event);
	CLEANUP_FREE unsigned char *record = malloc(f.size);
	CLEANUP_BUF struct ecli_buf out = { 0 };

	assert_non_null(record);
	assert_true(ecli_buf_reserve(&out, 65536));
	for (int format = 0; ecli_format_names[format]; format++) {
		struct ecli_render *render = renderer(&f, format, true);
		uint64_t before = 0;

		for (int row = 0; row < 2000; row++) {
			if (row == 200) /* the calendar and the texts of formats have their memory by then */
				before = allocations;
			ecli_buf_clear(&out);
			fill_busy(&f, record);
			assert_int_equal(
				ecli_render_row(render, WALL_NS + (uint64_t)row * 100000000, record, f.size, &out), 0);
		}
		assert_true(before > 0);
		assert_int_equal(allocations - before, 0);
		ecli_render_free(render);
	}
	fixture_done(&f);
}

/* From here on any system call but exit(2) ends the process. */
static bool confine(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void run_confined(const struct fixture *f, struct ecli_render *render, unsigned char *record,
			 struct ecli_buf *out)
{
	ecli_render_row(render, WALL_NS, record, f->size, out);
	if (!confine())
		syscall(SYS_exit, 77);
	for (int row = 0; row < 2000; row++) {
		ecli_buf_clear(out);
		fill_busy(f, record);
		if (ecli_render_row(render, WALL_NS + (uint64_t)row * 10000000, record, f->size, out))
			syscall(SYS_exit, 1);
	}
	syscall(SYS_exit, 0);
}

static void a_row_makes_no_system_call(void **state)
{
	(void)state;
	struct fixture f = fixture_new(busy_event);
	CLEANUP_FREE unsigned char *record = malloc(f.size);
	CLEANUP_BUF struct ecli_buf out = { 0 };

	assert_non_null(record);
	assert_true(ecli_buf_reserve(&out, 65536));
	for (int format = 0; ecli_format_names[format]; format++) {
		struct ecli_render *render = renderer(&f, format, true);
		int status = 0;
		pid_t pid = fork();

		assert_true(pid >= 0);
		fill_busy(&f, record);
		if (pid == 0)
			run_confined(&f, render, record, &out);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		ecli_render_free(render);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
			skip(); /* no seccomp here */
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	fixture_done(&f);
}

/* ---- memory runs out ------------------------------------------------------------------------------------------- */

static void a_row_that_finds_no_memory_leaves_nothing(void **state)
{
	(void)state;
	struct fixture f = fixture_new("struct event u32:a inner[300]:groups char[16]:b u64:c");
	CLEANUP_FREE unsigned char *record = calloc(1, f.size);

	assert_non_null(record);
	for (int format = 0; ecli_format_names[format]; format++) {
		struct ecli_render *render = renderer(&f, format, true);
		CLEANUP_BUF struct ecli_buf out = { 0 };

		/* The usual room is there, what the groups take beyond it is not. */
		assert_true(ecli_buf_reserve(&out, render->row_room));
		out.len = out.cap - render->row_room;
		memset(out.data, 'k', out.len);
		size_t len = out.len;
		is_memory_out = true;
		int r = ecli_render_row(render, WALL_NS, record, f.size, &out);
		is_memory_out = false;
		assert_int_equal(r, -ENOMEM);
		assert_true(out.failed);
		assert_int_equal(out.len, len);
		ecli_render_free(render);
	}
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fused_rows_are_the_general_ones),
		cmocka_unit_test(usual_columns_are_fused),
		cmocka_unit_test(every_byte_is_judged_in_every_place),
		cmocka_unit_test(a_row_allocates_nothing),
		cmocka_unit_test(a_row_makes_no_system_call),
		cmocka_unit_test(a_row_that_finds_no_memory_leaves_nothing),
	};
	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
