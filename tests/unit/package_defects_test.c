/* SPDX-License-Identifier: MIT */
/* package/: a package.json with something wrong or unusual in it: every defect into its sentence. */
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
		"\"progs\":[{\"name\":\"on_switch\",\"attach\":\"tp_btf/sched_switch\",\"link\":true},"
		"{\"name\":\"on_switch_raw\"}]},\"export_types\":[{\"name\":\"e\","
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
		{ ",{\"name\":\"on_switch_raw\"}", "",
		  "the package does not list program on_switch_raw (SEC(\"?raw_tp/sched_switch\")) of its object: the "
		  "package is "
		  "damaged or hides something; build it again" },
		{ "on_switch_raw", "On_switch_raw",
		  "the package lists program On_switch_raw, which its object does not have: the package is damaged" },
		{ "on_switch_raw", "on_switch", "the package lists program on_switch twice: the package is damaged" },
		{ "\"attach\":\"tp_btf/sched_switch\"", "\"attach\":\"tp_btf/sched_wakeup\"",
		  "the package says that program on_switch attaches to \"tp_btf/sched_wakeup\", its object says "
		  "\"tp_btf/sched_switch\": the package is damaged" },
		{ "{\"name\":\"on_switch_raw\"}", "{\"name\":\"on_switch_raw\",\"attach\":\"?tp_btf/sched_switch\"}",
		  "the package says that program on_switch_raw attaches to \"?tp_btf/sched_switch\", its object says "
		  "\"raw_tp/sched_switch\"" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_object_stands_anywhere),
		cmocka_unit_test(every_defect_has_its_sentence),
		cmocka_unit_test(a_package_cut_off_is_told_with_its_place),
		cmocka_unit_test(files_are_read_or_told),
		cmocka_unit_test(too_many_keys_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
