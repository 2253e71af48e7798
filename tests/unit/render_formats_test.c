/* SPDX-License-Identifier: MIT */
/*
 * render/: what golden files cannot show because it is the machine's: clocks, users, interfaces, control groups, the tables
 * of the headers; and that no bytes in any format make a row invalid.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <ecli/render.h>

#include "base/cgroup.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/names.h"
#include "base/wall.h"
#include "render/accounts.h"
#include "render/formats.h"
#include "render/lookup.h"
#include "still_clock.h"
#include "support/spec.h"

#define NS_PER_S 1000000000u
#define WALL_NS  1795341600123456789u

/* ---- tables ---------------------------------------------------------------------------------------------------- */

static void tables_are_those_of_the_headers(void **state)
{
	(void)state;
	size_t errors = 0;

	/* libc has its own table of errors, made elsewhere. */
	for (int code = 1; code < 256; code++) {
		const char *name = ecli_names_get(&ecli_names_errno, (uint64_t)code), *theirs = strerrorname_np(code);

		assert_int_equal(!name, !theirs);
		/* The other name of this one. */
		if (name && strcmp(theirs, "ENOTSUP") != 0)
			assert_string_equal(name, theirs);
		errors += name != NULL;
	}
	assert_true(errors > 130);
	for (int number = 1; number < 32; number++) {
		char ours[32];

		assert_non_null(ecli_names_get(&ecli_names_signal, (uint64_t)number));
		snprintf(ours, sizeof(ours), "SIG%s", sigabbrev_np(number));
		if (strcmp(ours, "SIGPOLL") != 0 && strcmp(ours, "SIGIO") != 0)
			assert_string_equal(ecli_names_get(&ecli_names_signal, (uint64_t)number), ours);
	}
	assert_null(ecli_names_get(&ecli_names_signal, 0));
	assert_string_equal(ecli_names_get(&ecli_names_syscall, SYS_openat), "openat");
	assert_string_equal(ecli_names_get(&ecli_names_syscall, SYS_read), "read");
	assert_string_equal(ecli_names_get(&ecli_names_syscall, SYS_bpf), "bpf");
	assert_null(ecli_names_get(&ecli_names_syscall, ecli_names_syscall.count));
	for (uint64_t cap = 0; cap <= 40; cap++)
		assert_non_null(ecli_names_get(&ecli_names_capability, cap));
}

/* ---- accounts -------------------------------------------------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
	assert_int_equal(ecli_file_write(path, text, strlen(text), NULL), 0);
}

static void accounts_are_read_from_the_file(void **state)
{
	(void)state;
	char path[] = "/tmp/ecli-accounts-XXXXXX";
	struct ecli_accounts accounts;

	close(mkstemp(path));
	write_text(path, "# comment\n"
			 "root:x:0:0:root:/root:/bin/sh\n"
			 "second:x:0:0::/:/bin/sh\n"
			 "+::::::\n"
			 ":x:7:\n"
			 "no-id:x::\n"
			 "signed:x:-1:\n"
			 "large:x:4294967296:\n"
			 "hex:x:0x10:\n"
			 "most:x:4294967295:0\n"
			 "short:x\n"
			 "\n"
			 "last:x:1000");
	ecli_accounts_init(&accounts, path);
	assert_string_equal(ecli_accounts_name(&accounts, 0, 0), "root");
	assert_string_equal(ecli_accounts_name(&accounts, UINT32_MAX, 0), "most");
	assert_string_equal(ecli_accounts_name(&accounts, 1000, 0), "last");
	assert_null(ecli_accounts_name(&accounts, 7, 0));
	assert_null(ecli_accounts_name(&accounts, 16, 0));
	assert_null(ecli_accounts_name(&accounts, 1001, 0));

	/* A user who was added later is found, but not looked for with every row. */
	write_text(path, "new:x:1001:\n");
	assert_null(ecli_accounts_name(&accounts, 1001, 9u * NS_PER_S));
	assert_string_equal(ecli_accounts_name(&accounts, 1001, 10ull * NS_PER_S), "new");
	assert_null(ecli_accounts_name(&accounts, 0, 10ull * NS_PER_S));
	/* Rows do not come in order; that is no reason to read again. */
	write_text(path, "back:x:0:\n");
	assert_null(ecli_accounts_name(&accounts, 0, 5ull * NS_PER_S));
	unlink(path);
	assert_null(ecli_accounts_name(&accounts, 5, 50ull * NS_PER_S));
	assert_null(ecli_accounts_name(&accounts, 1001, 50ull * NS_PER_S));
	ecli_accounts_done(&accounts);
}

/* ---- names of the running system ------------------------------------------------------------------------------- */

static unsigned int asked;

static bool ask_odd(uint64_t key, char *ret_name)
{
	asked++;
	snprintf(ret_name, ECLI_LOOKUP_NAME_MAX, "n%llu", (unsigned long long)key);
	return key % 2;
}

static void lookups_are_remembered_for_a_while(void **state)
{
	(void)state;
	static struct ecli_lookup lookup;
	uint64_t now = 100ull * NS_PER_S;

	ecli_lookup_init(&lookup, ask_odd);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(ecli_lookup_name(&lookup, 1, now), "n1");
		assert_null(ecli_lookup_name(&lookup, 2, now + 1));
	}
	assert_int_equal(asked, 2);
	assert_string_equal(ecli_lookup_name(&lookup, 1, now + 5ull * NS_PER_S), "n1");
	assert_int_equal(asked, 3);
	/* The same slot. */
	assert_string_equal(ecli_lookup_name(&lookup, 1 + ECLI_LOOKUP_SLOTS, now), "n65");
	assert_string_equal(ecli_lookup_name(&lookup, 1, now), "n1");
	assert_int_equal(asked, 5);
	ecli_lookup_done(&lookup);
}

static void the_system_is_asked(void **state)
{
	(void)state;
	char name[ECLI_LOOKUP_NAME_MAX], lo[IF_NAMESIZE];

	assert_true(ecli_lookup_interface(1, name) == (if_indextoname(1, lo) != NULL));
	if (if_indextoname(1, lo))
		assert_string_equal(name, lo);
	assert_false(ecli_lookup_interface(0, name));
	assert_false(ecli_lookup_interface(1ull << 32 | 1, name));
	assert_false(ecli_lookup_cgroup(UINT64_MAX, name));
	uint64_t id = 0;
	if (ecli_lookup_cgroup(1, name)) { /* the root, where version 2 is mounted and we may ask */
		assert_string_equal(name, "/");
		assert_int_equal(ecli_cgroup_id(name, &id), 0);
		assert_int_equal(id, 1);
		assert_int_equal(ecli_cgroup_id("/none/of/these", &id), -EINVAL);
		assert_int_equal(ecli_cgroup_id("/../../..", &id), -EINVAL);
	}
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* One row of a struct with one member. */
static char *row(const char *member, const char *format_name, enum ecli_format format, uint64_t wall_ns,
		 const void *bytes, size_t size)
{
	CLEANUP_BUF struct ecli_buf line = { 0 }, out = { 0 };
	struct ecli_plan_note note = { .field = "f", .format = format_name };
	struct spec *spec = spec_new();
	struct ecli_plan *plan = NULL;
	struct ecli_render *render = NULL;

	ecli_buf_add_format(&line, "struct event %s:f", member);
	uint32_t id = spec_define(spec, ecli_buf_text(&line));
	struct ecli_types *types = spec_types(spec);
	assert_int_equal(ecli_plan_build(types, id, &note, 1, NULL, &plan), 0);
	assert_int_equal(ecli_render_new(plan, format, NULL, NULL, &render), 0);
	assert_int_equal(ecli_render_row(render, wall_ns, bytes, size, &out), 0);
	ecli_render_free(render);
	ecli_plan_free(plan);
	ecli_types_free(types);
	spec_free(spec);
	return ecli_buf_take(&out);
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void timestamps_are_wall_time(void **state)
{
	(void)state;
	static const struct {
		const char *format;
		clockid_t clock;
	} cases[] = { { "timestamp", CLOCK_MONOTONIC },
		      { "timestamp_boot", CLOCK_BOOTTIME },
		      { "timestamp_real", CLOCK_REALTIME } };

	/* The clocks are stopped one after the other, which is a change of their distance: a second later all is as it was for what is tried. */
	clock_stop();
	ecli_wall_measure();
	clock_move(2 * NS_PER_S);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t wall = clock_ns(CLOCK_REALTIME), then = clock_ns(cases[i].clock) - NS_PER_S;
		CLEANUP_FREE char *text = row("u64", cases[i].format, ECLI_FORMAT_PLAIN, wall, &then, sizeof(then));
		CLEANUP_BUF struct ecli_buf expected = { 0 };

		ecli_render_iso_time(wall - NS_PER_S, &expected);
		const char *value = strchr(text, ' ') + 1;
		assert_memory_equal(value, ecli_buf_text(&expected), expected.len);
	}
	clock_go();
}

static void system_calls_and_users_are_named(void **state)
{
	(void)state;
	uint64_t call = SYS_openat, unknown = 1u << 20;
	uint32_t root = 0, nobody_has = 4294967000u;
	static const char head[] = "{\"time\":\"2026-11-22T10:00:00.123456+00:00\",";
	CLEANUP_FREE char *openat_row = row("u64", "syscall", ECLI_FORMAT_JSON, WALL_NS, &call, 8);
	CLEANUP_FREE char *number_row = row("s64", "syscall", ECLI_FORMAT_JSON, WALL_NS, &unknown, 8);
	CLEANUP_FREE char *uid_row = row("u32", "uid", ECLI_FORMAT_JSON, WALL_NS, &root, 4);
	CLEANUP_FREE char *gid_row = row("u32", "gid", ECLI_FORMAT_JSON, WALL_NS, &nobody_has, 4);
	CLEANUP_FREE char *want = NULL;

	assert_true(asprintf(&want, "%s\"f\":\"openat\",\"f_raw\":%d}\n", head, SYS_openat) > 0);
	assert_string_equal(openat_row, want);
	assert_string_equal(number_row + strlen(head), "\"f\":\"1048576\",\"f_raw\":1048576}\n");
	assert_string_equal(uid_row + strlen(head), "\"f\":\"root\",\"f_raw\":0}\n");
	assert_string_equal(gid_row + strlen(head), "\"f\":\"4294967000\",\"f_raw\":4294967000}\n");
}

/* The text of a value in plain output. */
static char *word(const char *type, const char *format, const void *bytes, size_t size)
{
	CLEANUP_FREE char *text = row(type, format, ECLI_FORMAT_PLAIN, WALL_NS, bytes, size);

	text[strlen(text) - 1] = '\0';
	return strdup(text + strlen("10:00:00 "));
}

/* With many zeros, because where they are is what the text of an IPv6 address depends on. */
static void addresses_are_as_libc_writes_them(void **state)
{
	(void)state;
	uint32_t random = 1;

	for (int i = 0; i < 3000; i++) {
		unsigned char bytes[16];
		char four[INET_ADDRSTRLEN], six[INET6_ADDRSTRLEN], mac[24];

		for (size_t j = 0; j < sizeof(bytes); j++) {
			random = random * 1664525 + 1013904223;
			bytes[j] = (unsigned char)(random >> 24);
			random = random * 1664525 + 1013904223;
			if (random >> 30 < (unsigned int)i % 4 || (j < 10 && i % 5 == 0))
				bytes[j] = 0;
			if (i % 10 == 0 && (j == 10 || j == 11))
				bytes[j] = 0xff;
		}
		CLEANUP_FREE char *got_four = word("u8[4]", "ipv4", bytes + 12, 4);
		CLEANUP_FREE char *got_six = word("u8[16]", "ipv6", bytes, 16);
		CLEANUP_FREE char *got_mac = word("u8[6]", "mac", bytes, 6);

		assert_string_equal(got_four, inet_ntop(AF_INET, bytes + 12, four, sizeof(four)));
		assert_string_equal(got_six, inet_ntop(AF_INET6, bytes, six, sizeof(six)));
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3],
			 bytes[4], bytes[5]);
		assert_string_equal(got_mac, mac);
	}
}

static void octal_numbers_are_as_printf_writes_them(void **state)
{
	(void)state;
	for (unsigned int bits = 0; bits <= 64; bits++) {
		for (uint64_t add = 0; add < 2; add++) {
			uint64_t number = (bits < 64 ? ((uint64_t)1 << bits) - 1 : UINT64_MAX - 1) + add;
			CLEANUP_FREE char *got = word("u64", "octal", &number, 8);
			char want[32];

			snprintf(want, sizeof(want), "%#llo", (unsigned long long)number);
			assert_string_equal(got, want);
		}
	}
}

static void check_row(const char *text, enum ecli_format format)
{
	size_t len = strlen(text);

	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	if (format == ECLI_FORMAT_JSON) {
		json_t *object =
			json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);

		if (!object)
			fail_msg("no JSON: %s", text);
		assert_true(json_object_size(object) <= 3);
		json_decref(object);
	} else if (format == ECLI_FORMAT_PLAIN) {
		assert_ptr_equal(strchr(text, ' '), strrchr(text, ' '));
	} else {
		assert_int_not_equal(text[len - 2], ' ');
	}
}

/* Every format on every type, fitting or not: the row is valid, whatever the bytes. */
static void any_format_on_any_type_gives_a_valid_row(void **state)
{
	(void)state;
	static const char *const members[] = {
		"u8",  "u16", "u32",   "u64",   "s8",     "s16",    "s32",   "s64",     "u128",      "bool",    "char",
		"f64", "ptr", "u8[4]", "u8[6]", "u8[16]", "u32[4]", "u32/5", "char[6]", "u16[2][3]", "u8[3][4]"
	};
	static const unsigned char fills[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };

	for (enum ecli_as as = 0; as < ECLI_AS_COUNT; as++)
		for (size_t m = 0; m < ARRAY_SIZE(members); m++)
			for (size_t f = 0; f < ARRAY_SIZE(fills); f++)
				for (int format = 0; ecli_format_names[format]; format++) {
					unsigned char bytes[16];
					bool is_stack = as == ECLI_AS_KERNEL_STACK || as == ECLI_AS_USER_STACK;

					/* A stack is no cell of a row: frames_test. */
					if (is_stack && format != ECLI_FORMAT_JSON)
						continue;
					memset(bytes, fills[f], sizeof(bytes));
					CLEANUP_FREE char *text =
						row(members[m], ecli_as_name(as), (enum ecli_format)format, WALL_NS,
						    bytes, sizeof(bytes));
					check_row(text, (enum ecli_format)format);
				}
}

/* Names of an enum are as long as their author likes; the text of flags is not cut. */
static void many_long_flags_fit(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf line = { 0 }, out = { 0 };
	struct spec *spec = spec_new();
	struct ecli_plan *plan = NULL;
	struct ecli_render *render = NULL;
	uint64_t all = UINT64_MAX;

	ecli_buf_add_text(&line, "enum64 many_set");
	for (unsigned int bit = 0; bit < 64; bit++) {
		ecli_buf_add_text(&line, " N");
		ecli_buf_add_repeat(&line, 'x', 100);
		ecli_buf_add_format(&line, "%u=%llu", bit, 1ull << bit);
	}
	spec_define(spec, ecli_buf_text(&line));
	uint32_t id = spec_define(spec, "struct event many_set:f");
	struct ecli_types *types = spec_types(spec);
	assert_int_equal(ecli_plan_build(types, id, NULL, 0, NULL, &plan), 0);
	for (int format = 0; ecli_format_names[format]; format++) {
		assert_int_equal(ecli_render_new(plan, (enum ecli_format)format, NULL, NULL, &render), 0);
		ecli_buf_clear(&out);
		assert_int_equal(ecli_render_row(render, WALL_NS, &all, sizeof(all), &out), 0);
		size_t bars = 0;
		for (size_t i = 0; i < out.len; i++)
			bars += out.data[i] == '|';
		assert_int_equal(bars, 63);
		ecli_render_free(render);
	}
	ecli_plan_free(plan);
	ecli_types_free(types);
	spec_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_those_of_the_headers),
		cmocka_unit_test(accounts_are_read_from_the_file),
		cmocka_unit_test(lookups_are_remembered_for_a_while),
		cmocka_unit_test(the_system_is_asked),
		cmocka_unit_test(timestamps_are_wall_time),
		cmocka_unit_test(system_calls_and_users_are_named),
		cmocka_unit_test(addresses_are_as_libc_writes_them),
		cmocka_unit_test(octal_numbers_are_as_printf_writes_them),
		cmocka_unit_test(any_format_on_any_type_gives_a_valid_row),
		cmocka_unit_test(many_long_flags_fit),
	};
	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
