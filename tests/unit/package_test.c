/* SPDX-License-Identifier: MIT */
/* package/: objects and every generation of package.json into the model. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include <ecli/package.h>
#include <ecli/types.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "object_fixture.h"
#include "package/base64.h"
#include "package/model.h"
#include "package/squeeze.h"
#include "package_fixture.h"

/* ---- the object itself ----------------------------------------------------------------------------------------- */

static void an_object_describes_itself(void **state)
{
	(void)state;
	CLEANUP_PACKAGE struct ecli_package *p = read_object();

	assert_string_equal(p->name, "my_tool_bpf");
	/* A bare object names no event type; the struct called "event" is taken. */
	assert_int_equal(p->n_exports, 1);
	assert_string_equal(p->exports[0].name, "event");
	assert_true(p->exports[0].type_id && p->exports[0].size_bytes);
	assert_int_equal(p->poll_timeout_ms, 100);
	assert_int_equal(p->perf_buffer_pages, 64);

	/* In the order of their sections, not of the symbol table; no helper of .text, no local function. */
	assert_int_equal(p->n_progs, 2);
	assert_string_equal(p->progs[0].name, "on_switch_raw");
	assert_string_equal(p->progs[0].attach, "raw_tp/sched_switch");
	assert_false(p->progs[0].link);
	assert_string_equal(p->progs[1].name, "on_switch");
	assert_string_equal(p->progs[1].attach, "tp_btf/sched_switch");
	assert_true(p->progs[1].link);

	static const char *const maps[][2] = { { "events", "events" },
					       { "my_tool_.rodata", "rodata" },
					       { "my_tool_.bss", "bss" },
					       { "my_tool_.data", "data" } };
	assert_int_equal(p->n_maps, ARRAY_SIZE(maps));
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		assert_string_equal(p->maps[i].name, maps[i][0]);
		assert_string_equal(p->maps[i].ident, maps[i][1]);
		assert_true(p->maps[i].mmaped == (i > 0));
	}

	assert_int_equal(p->n_vars, 14); /* the static one is not there */
	assert_string_equal(p->vars[0].name, "min_us");
	assert_string_equal(p->vars[0].section, ".rodata");
	assert_string_equal(p->vars[0].type, "u64");
	assert_string_equal(p->vars[4].type, "bool");
	assert_string_equal(p->vars[5].type, "char[16]");
	assert_string_equal(p->vars[13].section, ".data");
}

/* The exported types of a bare object with these structs, those of @kept pointed to from section ecli.types. */
static void guesses(const char *const *structs, const char *const *kept, const char *want)
{
	CLEANUP_BUF struct ecli_buf object = { 0 }, found = { 0 };
	CLEANUP_PACKAGE struct ecli_package *package = NULL;
	struct btf *btf = btf__new_empty();
	struct fixture_var vars[8];
	size_t n_vars = 0;
	struct ecli_err err = { 0 };

	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	for (; *structs; structs++) {
		btf__add_struct(btf, *structs, 4);
		btf__add_field(btf, "x", number, 0, 0);
	}
	for (; kept && *kept; kept++) {
		int target = strcmp(*kept, "int") ? btf__find_by_name_kind(btf, *kept, BTF_KIND_STRUCT) : number;

		vars[n_vars] = (struct fixture_var){ *kept, btf__add_ptr(btf, target), (uint32_t)n_vars * 8, 8, false };
		n_vars++;
	}
	if (n_vars)
		fixture_datasec(btf, "ecli.types", (uint32_t)n_vars * 8, vars, n_vars);
	fixture_object_of(&object, btf);
	btf__free(btf);
	if (ecli_package_read("t.bpf.o", object.data, object.len, &err, &package))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < package->n_exports; i++) {
		assert_true(package->exports[i].type_id && package->exports[i].size_bytes == 4);
		ecli_buf_add_format(&found, "%s%s", i ? " " : "", package->exports[i].name);
	}
	assert_string_equal(ecli_buf_text(&found), want);
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void the_event_of_a_bare_object_is_found(void **state)
{
	(void)state;
	guesses(NAMES("other"), NULL, "");
	guesses(NAMES("other", "event", "open_event"), NULL, "event");
	guesses(NAMES("other", "open_event"), NULL, "open_event");
	guesses(NAMES("open_event", "close_event"), NULL, ""); /* two: nobody knows which */
	guesses(NAMES("_event", "eventful"), NULL, "");
	/* What ecc kept counts alone, the event first. */
	guesses(NAMES("event", "other"), NAMES("other"), "other");
	guesses(NAMES("a", "b", "c_event"), NAMES("a", "int", "b", "c_event"), "c_event a b");
	guesses(NAMES("event"), NAMES("int"), "event");
}

static void what_is_no_package_has_a_way_out(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} cases[] = {
		{ "\0asm\1\0\0\0", 8,
		  "t: this is a WebAssembly module, which is not run; give the package.json that belongs to it" },
		{ "\x1f\x8b\x08", 3, "t: this is compressed; unpack it first (gunzip)" },
		{ "BZh9", 4, "t: this is compressed; unpack it first (bunzip2)" },
		{ "\xfd"
		  "7zXZ\0",
		  6, "t: this is compressed; unpack it first (unxz)" },
		{ "\x28\xb5\x2f\xfd", 4, "t: this is compressed; unpack it first (unzstd)" },
		{ "PK\3\4", 4, "t: this is a zip archive; unpack it first (unzip)" },
		{ "\n#include <x>", 13, "t: this is a source; compile it first: ecc FILE" },
		{ "// SPDX", 7, "t: this looks like a source; compile it first: ecc FILE" },
		{ "/* SPDX", 7, "t: this looks like a source; compile it first: ecc FILE" },
		{ "PK", 2, "t: this is neither a package.json nor a BPF object" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_package *package = NULL;
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_package_read("t", cases[i].bytes, cases[i].len, &err, &package), -EINVAL);
		assert_string_equal(err.text, cases[i].text);
	}
}

static void a_bad_object_is_told(void **state)
{
	(void)state;
	static const struct {
		size_t offset;
		unsigned char byte;
		const char *text;
	} cases[] = {
		{ 0, 'x', "t: this is neither a package.json nor a BPF object" },
		{ 4, 1, "t: this is not a BPF object: it is an ELF file of 32 bits" },
		{ 5, 2, "t: the object is built for a big-endian machine; compile it with -target bpfel for this one" },
		{ 18, 62,
		  "t: this is not a BPF object: it is an ELF file for another machine (number 62); compile it with "
		  "-target bpf" },
		{ 16, 2, "t: this is not a BPF object: it is an ELF file, but not a relocatable one" },
		{ 58, 63, "t: this is not a BPF object: it has no table of sections" },
		{ 62, 0, "t: this is not a valid ELF file: it has no names of sections" },
	};
	CLEANUP_BUF struct ecli_buf object = { 0 };
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };

	fixture_object(&object, true);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char kept = object.data[cases[i].offset];

		object.data[cases[i].offset] = (char)cases[i].byte;
		if (cases[i].offset == 18)
			object.data[19] = 0;
		assert_true(ecli_package_read("t", object.data, object.len, &err, &package) < 0);
		assert_string_equal(err.text, cases[i].text);
		object.data[cases[i].offset] = kept;
	}
	/* Cut anywhere, an object is an error and never a crash. */
	for (size_t size = 0; size < object.len; size += 13) {
		CLEANUP_FREE char *copy = malloc(size ? size : 1);

		memcpy(copy, object.data, size);
		assert_true(ecli_package_read("t", copy, size, &err, &package) < 0);
	}
	assert_null(package);

	CLEANUP_BUF struct ecli_buf bare = { 0 };
	fixture_object(&bare, false);
	assert_int_equal(ecli_package_read("t", bare.data, bare.len, &err, &package), -ENOENT);
	assert_non_null(strstr(err.text, "-g"));
}

/* ---- other generations ----------------------------------------------------------------------------------------- */

static void a_package_of_2022_reads(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf text = { 0 };

	ecli_buf_add_text(&text, "{\"name\": \"template\", \"version\": \"0.1.0\", \"license\": \"GPL\", "
				 "\"description\": \"a tool\", \"data\": \"");
	add_object_text(&text, false, true);
	ecli_buf_add_text(
		&text,
		"\", \"maps\": [{\"name\": \"events\", \"type\": \"BPF_MAP_TYPE_RINGBUF\", "
		"\"export_data_types\": {\"Struct Name\": \"event\", \"Size\": 64, \"DataSize\": 64, \"Fields\": "
		"[{\"Name\": \"pid\", \"Type\": \"unsigned int\", \"LLVMType\": \"i32\", \"FieldOffset\": 0}]}}], "
		"\"progs\": [{\"name\": \"on_switch\"}, {\"name\": \"on_switch_raw\"}]}");
	CLEANUP_PACKAGE struct ecli_package *p = read_text(ecli_buf_text(&text));

	assert_string_equal(p->name, "template");
	assert_string_equal(p->doc.description, "a tool");
	assert_string_equal(p->doc.version, "0.1.0");
	assert_string_equal(ecli_package_extra(&p->extras, "license"), "\"GPL\"");
	assert_int_equal(p->n_vars, 0);
	assert_int_equal(p->n_maps, 1);
	assert_string_equal(p->maps[0].ident, "events");
	assert_string_equal(ecli_package_extra(&p->maps[0].extras, "type"), "\"BPF_MAP_TYPE_RINGBUF\"");
	assert_string_equal(p->progs[0].attach, "tp_btf/sched_switch");
	assert_true(p->progs[0].link);
	assert_string_equal(p->progs[1].attach, "raw_tp/sched_switch");
	assert_int_equal(p->n_exports, 1);
	assert_int_equal(p->exports[0].size_bytes, 8);
	assert_string_equal(p->exports[0].members[0].name, "pid");

	CLEANUP_TYPES struct ecli_types *types = NULL;
	assert_int_equal(ecli_types_read_object(p->object, p->object_size, NULL, &types), 0);
	assert_int_equal(p->exports[0].type_id, ecli_types_find(types, ECLI_TYPE_STRUCT, "event")->id);
}

static void the_draft_and_loose_forms_read(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf text = { 0 };

	/* No size, no attach, null lists, an export list that is an object, a duplicate key, pages that are no power of
	 * two. */
	ecli_buf_add_text(&text, "\n {\"bpf_object\":\"");
	add_object_text(&text, true, true);
	ecli_buf_add_text(
		&text,
		"\",\"meta\":{\"perf_buffer_pages\":5,\"export_types\":{\"export_btf\":\"n+sB\",\"structs\":[{\"id\":3,"
		"\"name\":\"event\"}]},\"bpf_skel\":{\"maps\":null,\"data_sections\":[{\"name\":\".rodata\","
		"\"variables\":[{\"name\":\"min_us\",\"size\":4,\"name\":\"__padding\",\"description\":null}]}],"
		"\"progs\":[{\"name\":\"on_switch_raw\"},{\"name\":\"on_switch\",\"attach\":\"\"}]}}}");
	CLEANUP_PACKAGE struct ecli_package *p = read_text(ecli_buf_text(&text));

	assert_string_equal(p->name, "t");
	assert_int_equal(p->n_maps, 0);
	assert_string_equal(p->progs[0].attach, "raw_tp/sched_switch");
	assert_string_equal(p->vars[0].name, "__padding");
	assert_string_equal(p->vars[0].type, "");
	assert_null(p->vars[0].description);
	assert_string_equal(ecli_package_extra(&p->vars[0].extras, "size"), "4");
	assert_int_equal(p->perf_buffer_pages, 8);
	assert_int_equal(p->exports[0].size_bytes, 8);
	assert_true(p->exports[0].type_id != 0 && p->exports[0].type_id != 3);
}

/* ---- parts ----------------------------------------------------------------------------------------------------- */

static void base64_is_strict(void **state)
{
	(void)state;
	static const struct {
		const char *text, *bytes, *error;
	} cases[] = {
		{ "", "", NULL },
		{ "TQ==", "M", NULL },
		{ "T W\nE\t=\r\n", "Ma", NULL },
		{ "TWFu", "Man", NULL },
		{ "TWFuTQ==", "ManM", NULL },
		{ "TWF", NULL, "x is cut off: its base64 ends at offset 3 inside a group of four characters" },
		{ "TQ=", NULL, "x is cut off: its base64 ends at offset 3 inside a group of four characters" },
		{ "TWF-", NULL, "x is not base64: it has the character '-' at offset 3" },
		{ "TW\x80"
		  "u",
		  NULL, "x is not base64: it has the byte 0x80 at offset 2" },
		{ "=WFu", NULL, "x is not base64: it has a '=' too early at offset 0" },
		{ "TQ=u", NULL, "x is not base64: it goes on after its end at offset 3" },
		{ "TQ== TQ==", NULL, "x is not base64: it goes on after its end at offset 5" },
		{ "TWE==", NULL, "x is not base64: it goes on after its end at offset 4" },
		{ "TR==", NULL, "x is not base64: it has bits after its end at offset 3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf out = { 0 };
		struct ecli_err err = { 0 };
		int r = ecli_base64_decode("x", cases[i].text, strlen(cases[i].text), &out, &err);

		assert_int_equal(r, cases[i].error ? -EINVAL : 0);
		assert_string_equal(cases[i].error ? err.text : ecli_buf_text(&out),
				    cases[i].error ? cases[i].error : cases[i].bytes);
	}
	for (size_t size = 0; size < 300; size++) {
		CLEANUP_BUF struct ecli_buf text = { 0 }, out = { 0 };
		unsigned char bytes[300];

		for (size_t i = 0; i < size; i++)
			bytes[i] = (unsigned char)(i * 7 + size);
		ecli_base64_encode(bytes, size, &text);
		assert_int_equal(ecli_base64_decode("x", text.data, text.len, &out, NULL), 0);
		assert_int_equal(out.len, size);
		if (size)
			assert_memory_equal(out.data, bytes, size);
	}
}

static void a_bomb_is_not_inflated(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf bomb = { 0 }, out = { 0 };
	enum { REAL_BYTES = 32 << 20, LIMIT_BYTES = 1000 };
	CLEANUP_FREE char *zeros = calloc(1, REAL_BYTES);

	assert_int_equal(ecli_squeeze_write(zeros, REAL_BYTES, &bomb), 0);
	assert_true(bomb.len < 100000);
	assert_int_equal(ecli_squeeze_read("x", bomb.data, bomb.len, LIMIT_BYTES, &out, NULL), 0);
	assert_int_equal(out.len, LIMIT_BYTES + 1);
	assert_true(out.cap < 10 * LIMIT_BYTES);
	ecli_buf_clear(&out);
	assert_int_equal(ecli_squeeze_read("x", bomb.data, bomb.len, REAL_BYTES, &out, NULL), 0);
	assert_int_equal(out.len, REAL_BYTES);
	/* A wrong checksum is damage even when all bytes came. */
	bomb.data[bomb.len - 1] ^= 1;
	assert_int_equal(ecli_squeeze_read("x", bomb.data, bomb.len, REAL_BYTES, &out, NULL), -EINVAL);
}

static void extras_are_found_and_replaced(void **state)
{
	(void)state;
	struct ecli_package_prog prog = { 0 };

	assert_null(ecli_package_extra(&prog.extras, "x"));
	assert_null(ecli_package_extra_text(&prog.extras, "x"));
	assert_false(ecli_package_extra_true(&prog.extras, "x"));
	assert_int_equal(ecli_package_extra_set(&prog.extras, "x", "{"), -EINVAL);
	assert_int_equal(ecli_package_extra_set(&prog.extras, "x", " false "), 0);
	assert_false(ecli_package_extra_true(&prog.extras, "x"));
	assert_int_equal(ecli_package_extra_set(&prog.extras, "x", "null"), 0);
	assert_false(ecli_package_extra_true(&prog.extras, "x"));
	assert_int_equal(ecli_package_extra_set(&prog.extras, "x", "0"), 0);
	assert_true(ecli_package_extra_true(&prog.extras, "x"));
	assert_int_equal(ecli_package_extra_set_text(&prog.extras, "b", "a \"b\""), 0);
	assert_int_equal(ecli_package_extra_set(&prog.extras, "a", "[1, 2]"), 0);
	assert_int_equal(prog.extras.count, 3);
	assert_string_equal(prog.extras.items[0].key, "a");
	assert_string_equal(prog.extras.items[2].key, "x");

	CLEANUP_FREE char *text = ecli_package_extra_text(&prog.extras, "b");
	CLEANUP_FREE char *list = ecli_package_extra_text(&prog.extras, "a");
	assert_string_equal(text, "a \"b\"");
	assert_string_equal(list, "[1,2]");
	for (size_t i = 0; i < prog.extras.count; i++) {
		free(prog.extras.items[i].key);
		free(prog.extras.items[i].json);
	}
	free(prog.extras.items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_describes_itself),
		cmocka_unit_test(the_event_of_a_bare_object_is_found),
		cmocka_unit_test(what_is_no_package_has_a_way_out),
		cmocka_unit_test(a_bad_object_is_told),
		cmocka_unit_test(a_package_of_2022_reads),
		cmocka_unit_test(the_draft_and_loose_forms_read),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(a_bomb_is_not_inflated),
		cmocka_unit_test(extras_are_found_and_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
