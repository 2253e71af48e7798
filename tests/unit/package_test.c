/* SPDX-License-Identifier: MIT */
/* package/: objects and every generation of package.json into the model, every defect into its sentence. */
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

static void add_object_text(struct ecli_buf *text, bool squeeze, bool lines)
{
	CLEANUP_BUF struct ecli_buf object = { 0 }, squeezed = { 0 }, base64 = { 0 };

	fixture_object(&object, true);
	if (squeeze)
		assert_int_equal(ecli_squeeze_write(object.data, object.len, &squeezed), 0);
	else
		ecli_buf_add(&squeezed, object.data, object.len);
	ecli_base64_encode(squeezed.data, squeezed.len, &base64);
	for (size_t i = 0; i < base64.len; i++) {
		if (lines && i % 76 == 75)
			ecli_buf_add_text(text, "\\n");
		ecli_buf_add_char(text, base64.data[i]);
	}
	if (lines)
		ecli_buf_add_text(text, "\\n");
}

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
		"\"progs\": [{\"name\": \"on_switch\"}, {\"name\": \"gone\"}]}");
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
	assert_string_equal(p->progs[1].attach, "");
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
		"\"progs\":[{\"name\":\"on_switch_raw\"}]}}}");
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

/* ---- defects --------------------------------------------------------------------------------------------------- */

/* A small good package whose parts the cases replace. */
static void make_good(struct ecli_buf *text)
{
	CLEANUP_BUF struct ecli_buf object = { 0 };

	fixture_object(&object, true);
	ecli_buf_add_text(text, "{\"bpf_object\":\"");
	add_object_text(text, true, false);
	ecli_buf_add_format(text, "\",\"bpf_object_size\":%zu,", object.len);
	ecli_buf_add_text(
		text,
		"\"meta\":{\"bpf_skel\":{\"data_sections\":[{\"name\":\".rodata\",\"variables\":[{\"name\":\"v\","
		"\"type\":\"int\",\"cmdarg\":{\"short\":\"s\"}}]}],\"doc\":{\"brief\":\"b\"},\"maps\":[{\"name\":\"m\","
		"\"mmaped\":true,\"sample\":{\"interval\":1,\"type\":\"default_kv\"}}],\"obj_name\":\"o\","
		"\"progs\":[{\"name\":\"p\",\"attach\":\"a\",\"link\":true}]},\"export_types\":[{\"name\":\"e\","
		"\"type_id\":1,\"members\":[{\"name\":\"x\"}]}],\"poll_timeout_ms\":1}}");
}

/* Replaces the first @find by @with; the text is the answer's. */
static void replace(struct ecli_buf *text, const char *find, const char *with)
{
	CLEANUP_FREE char *old = strdup(ecli_buf_text(text));
	char *at = strstr(old, find);

	if (!at)
		fail_msg("no %s in the text", find);
	ecli_buf_clear(text);
	ecli_buf_add(text, old, (size_t)(at - old));
	ecli_buf_add_text(text, with);
	ecli_buf_add_text(text, at + strlen(find));
}

/* Where it stands first, the object is read past jansson. */
static void the_object_stands_anywhere(void **state)
{
	(void)state;
	static const struct {
		const char *find, *with;
	} same[] = {
		{ "{", "{\"x\":0," },
		{ "{\"bpf_object\":", " {\n\t\"bpf_object\" : " },
		{ "{\"bpf_object\":", "{\"bpf\\u005fobject\":" },
		{ "{", "{\"bpf_object\":\"AAAA\"," },
		{ "{", "{\"bpf_object\":7," },
	};
	CLEANUP_BUF struct ecli_buf first = { 0 };

	make_good(&first);
	CLEANUP_PACKAGE struct ecli_package *expected = read_text(ecli_buf_text(&first));
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		CLEANUP_BUF struct ecli_buf text = { 0 };

		make_good(&text);
		replace(&text, same[i].find, same[i].with);
		CLEANUP_PACKAGE struct ecli_package *p = read_text(ecli_buf_text(&text));
		assert_int_equal(p->object_size, expected->object_size);
		assert_memory_equal(p->object, expected->object, expected->object_size);
		assert_string_equal(p->name, expected->name);
		assert_string_equal(p->vars[0].name, expected->vars[0].name);
	}
}

static void every_defect_has_its_sentence(void **state)
{
	(void)state;
	static const struct {
		const char *find, *with, *text;
	} cases[] = {
		{ "{\"bpf_object\"", "[\"bpf_object\"", "this is neither a package.json nor a BPF object" },
		{ "{\"bpf_object\":", "{\"bpf_object\";",
		  "the package is not valid JSON: ':' expected near ';' (line 1, column 14)" },
		{ "\"poll_timeout_ms\":1}}", "\"poll_timeout_ms\":1}}x",
		  "the file goes on after the end of the package (line 1," },
		{ "\"o\"", "\"o\\u0000\"", "the package has a text with a NUL character in it (line 1," },
		{ "\"o\"", "\"\xff\"", "the package has bytes that are not UTF-8 (line 1," },
		{ "timeout_ms\":1", "timeout_ms\":99999999999999999999",
		  "the package has a number that is too large; write it in quotes" },
		{ "\"bpf_object\":", "\"object\":", "the package has no bpf_object" },
		{ "\"meta\"", "\"mete\"", "the package has no meta: it cannot be run; build it again" },
		{ "\"bpf_skel\"", "\"skel\"", "meta has no bpf_skel" },
		{ "\"bpf_object\":\"", "\"bpf_object\":7,\"x\":\"", "bpf_object must be a text, but is a number" },
		{ "\"bpf_object\":\"", "\"bpf_object\":\"\",\"x\":\"", "bpf_object is empty" },
		{ "\"bpf_object\":\"", "\"bpf_object\":\"AAAA\",\"x\":\"",
		  "bpf_object holds neither a zlib stream nor a BPF object" },
		/* The last of a key counts, however it is spelled. */
		{ "\"meta\"", "\"bpf\\u005fobject\":\"AAAA\",\"meta\"",
		  "bpf_object holds neither a zlib stream nor a BPF object" },
		{ "\"bpf_object\":\"", "\"bpf_object\":\"!",
		  "bpf_object is not base64: it has the character '!' at offset 0" },
		{ "\"bpf_object\":\"", "\"bpf_object\":\"eNo=\",\"x\":\"",
		  "bpf_object is cut off: its zlib stream ends in the middle, after 2" },
		{ "\"bpf_object\":\"", "\"bpf_object\":\"eNr/////\",\"x\":\"",
		  "bpf_object is damaged: its zlib stream is wrong at byte " },
		/* zlib of "hello" */
		{ "\"bpf_object\":\"", "\"bpf_object\":\"eNrLSM3JyQcABiwCFQ==\",\"x\":\"", "bpf_object_size says " },
		{ "\"bpf_object_size\":", "\"bpf_object_size\":1,\"x\":",
		  "bpf_object_size says 1 bytes, but the object has more: the package is damaged; build it again" },
		{ "\"bpf_object_size\":", "\"bpf_object_size\":1", "bytes, but the object has " },
		{ "\"bpf_object_size\":", "\"bpf_object_size\":0,\"x\":",
		  "bpf_object_size must be from 1 to 268435456, but is 0" },
		{ "\"bpf_object_size\":", "\"bpf_object_size\":-5,\"x\":",
		  "bpf_object_size must be from 1 to 268435456, but is -5" },
		{ "\"bpf_object_size\":", "\"bpf_object_size\":\"5\",\"x\":",
		  "bpf_object_size must be a whole number, but is a text" },
		{ "\"o\"", "[]", "meta.bpf_skel.obj_name must be a text, but is a list" },
		{ "{\"brief\":\"b\"}", "3", "meta.bpf_skel.doc must be an object, but is a number" },
		{ "\"b\"", "true", "meta.bpf_skel.doc.brief must be a text, but is true or false" },
		{ "[{\"name\":\"v\"", "[5,{\"name\":\"v\"",
		  "meta.bpf_skel.data_sections[0].variables[0] must be an object, but is a number" },
		{ "\"name\":\"v\",", "", "meta.bpf_skel.data_sections[0].variables[0] has no name" },
		{ "\"name\":\".rodata\",", "", "meta.bpf_skel.data_sections[0] has no name" },
		{ "{\"short\":\"s\"}", "\"s\"",
		  "meta.bpf_skel.data_sections[0].variables[0].cmdarg must be an object, but is a text" },
		{ "\"short\":\"s\"", "\"short\":1",
		  "meta.bpf_skel.data_sections[0].variables[0].cmdarg.short must be a text, but is a number" },
		{ "\"mmaped\":true", "\"mmaped\":1",
		  "meta.bpf_skel.maps[0].mmaped must be true or false, but is a number" },
		{ "default_kv", "log9",
		  "meta.bpf_skel.maps[0].sample.type must be default_kv, log2_hist, linear_hist or stacks, but is "
		  "\"log9\"" },
		{ "\"interval\":1", "\"top\":0",
		  "meta.bpf_skel.maps[0].sample.top must be from 1 to 4294967295, but is 0" },
		{ "\"interval\":1", "\"base\":\"0\"",
		  "meta.bpf_skel.maps[0].sample.base must be a whole number, but is a text" },
		{ "\"interval\":1", "\"interval\":86400001",
		  "meta.bpf_skel.maps[0].sample.interval must be from 0 to 86400000, but is 86400001" },
		{ "\"progs\":[", "\"progs\":[null,", "meta.bpf_skel.progs[0] must be an object, but is null" },
		{ "\"progs\":[", "\"progs\":{},\"x\":[", "meta.bpf_skel.progs must be a list, but is an object" },
		{ "\"link\":true", "\"link\":\"no\"",
		  "meta.bpf_skel.progs[0].link must be true or false, but is a text" },
		{ "\"name\":\"e\",", "", "meta.export_types[0] has no name" },
		{ "\"type_id\":1", "\"type_id\":1.5",
		  "meta.export_types[0].type_id must be a whole number, but is a number with a fraction" },
		{ "[{\"name\":\"x\"}]", "[\"x\"]", "meta.export_types[0].members[0] must be an object, but is a text" },
		{ "\"poll_timeout_ms\":1", "\"poll_timeout_ms\":4294967296",
		  "meta.poll_timeout_ms must be from 0 to 4294967295, but is 4294967296" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf text = { 0 };
		struct ecli_package *package = NULL;
		struct ecli_err err = { 0 };

		make_good(&text);
		replace(&text, cases[i].find, cases[i].with);
		assert_int_equal(ecli_package_read("t.json", text.data, text.len, &err, &package), -EINVAL);
		assert_null(package);
		assert_memory_equal(err.text, "t.json: ", 8);
		assert_int_equal(err.fail, ECLI_FAIL_ERROR);
		if (!strstr(err.text + 8, cases[i].text))
			fail_msg("expected \"%s\", got \"%s\"", cases[i].text, err.text);
	}
}

static void a_package_cut_off_is_told_with_its_place(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };
	char expected[200];

	make_good(&text);
	for (size_t size = 1; size < text.len; size++) {
		assert_int_equal(ecli_package_read("t.json", text.data, size, &err, &package), -EINVAL);
		snprintf(expected, sizeof(expected),
			 "t.json: the file is cut off: the package ends in the middle (line 1, column %zu)", size);
		assert_string_equal(err.text, expected);
	}
	assert_int_equal(ecli_package_read("t.json", " \n", 2, &err, &package), -EINVAL);
	assert_string_equal(err.text, "t.json: the file is empty; give a package.json or a BPF object");
	assert_int_equal(ecli_package_read("t.json", "{}", 2, &err, &package), -EINVAL);
	assert_string_equal(err.text, "t.json: this is JSON, but not a package: it has neither bpf_object nor data");
	assert_int_equal(ecli_package_read("t.json", "{\"bpf_skel\":{}}", 15, &err, &package), -EINVAL);
	assert_string_equal(err.text, "t.json: this is only the description of a package, without its object; give the "
				      "package.json, or name it "
				      "foo.skel.json and put foo.bpf.o beside it");
	assert_null(package);
}

static void files_are_read_or_told(void **state)
{
	(void)state;
	CLEANUP_PACKAGE struct ecli_package *package = NULL;
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct ecli_err err = { 0 };
	char path[] = "/tmp/ecli-package-XXXXXX";
	CLEANUP_FD int fd = mkstemp(path);

	assert_true(fd >= 0);
	make_good(&text);
	assert_int_equal(ecli_file_write(path, text.data, text.len, &err), 0);
	assert_int_equal(ecli_package_read_file(path, &err, &package), 0);
	assert_string_equal(package->name, "o");
	unlink(path);
	struct ecli_package *none = NULL;
	assert_int_equal(ecli_package_read_file("/nonexistent/x.json", &err, &none), -ENOENT);
	assert_string_equal(err.text, "cannot read /nonexistent/x.json: No such file or directory");
	assert_null(none);
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

static void too_many_keys_are_refused(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf keys = { 0 }, text = { 0 };
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };

	for (int i = 0; i < 1500; i++)
		ecli_buf_add_format(&keys, "\"k%d\":1,", i);
	ecli_buf_add_text(&keys, "\"link\"");
	make_good(&text);
	replace(&text, "\"link\"", ecli_buf_text(&keys));
	assert_int_equal(ecli_package_read("t", text.data, text.len, &err, &package), -EINVAL);
	assert_string_equal(err.text, "t: meta.bpf_skel.progs[0] has 1503 keys; more than 1000 are not accepted");

	ecli_buf_clear(&keys);
	ecli_buf_clear(&text);
	ecli_buf_add_text(&keys, "\"maps\":[");
	for (int i = 0; i < 10000; i++)
		ecli_buf_add_text(&keys, "{},");
	make_good(&text);
	replace(&text, "\"maps\":[", ecli_buf_text(&keys));
	assert_int_equal(ecli_package_read("t", text.data, text.len, &err, &package), -EINVAL);
	assert_string_equal(err.text, "t: meta.bpf_skel.maps has 10001 entries; more than 10000 are not accepted");
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
		cmocka_unit_test(the_object_stands_anywhere),
		cmocka_unit_test(every_defect_has_its_sentence),
		cmocka_unit_test(a_package_cut_off_is_told_with_its_place),
		cmocka_unit_test(files_are_read_or_told),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(a_bomb_is_not_inflated),
		cmocka_unit_test(too_many_keys_are_refused),
		cmocka_unit_test(extras_are_found_and_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
