/* SPDX-License-Identifier: MIT */
/* package/: the model back into the same bytes, in one form, or nothing at all. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <ecli/package.h>

#include "base/cleanup.h"
#include "package/model.h"
#include "package_fixture.h"

static void assert_same_text(const char *a, const char *b)
{
	assert_true(!a == !b);
	if (a)
		assert_string_equal(a, b);
}

static void assert_same_extras(const struct ecli_package_extras *a, const struct ecli_package_extras *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_string_equal(a->items[i].key, b->items[i].key);
		assert_string_equal(a->items[i].json, b->items[i].json);
	}
}

static void assert_same_vars(const struct ecli_package *a, const struct ecli_package *b)
{
	assert_int_equal(a->n_vars, b->n_vars);
	for (size_t i = 0; i < a->n_vars; i++) {
		const struct ecli_package_var *x = &a->vars[i], *y = &b->vars[i];

		assert_same_text(x->section, y->section);
		assert_same_text(x->name, y->name);
		assert_same_text(x->type, y->type);
		assert_same_text(x->description, y->description);
		assert_same_text(x->value_json, y->value_json);
		assert_int_equal(x->has_cmdarg, y->has_cmdarg);
		assert_same_text(x->arg_long, y->arg_long);
		assert_same_text(x->arg_short, y->arg_short);
		assert_same_text(x->arg_help, y->arg_help);
		assert_same_text(x->arg_default_json, y->arg_default_json);
		assert_same_extras(&x->extras, &y->extras);
	}
}

static void assert_same_maps_and_programs(const struct ecli_package *a, const struct ecli_package *b)
{
	assert_int_equal(a->n_maps, b->n_maps);
	for (size_t i = 0; i < a->n_maps; i++) {
		const struct ecli_package_map *x = &a->maps[i], *y = &b->maps[i];

		assert_same_text(x->name, y->name);
		assert_same_text(x->ident, y->ident);
		assert_int_equal(x->mmaped, y->mmaped);
		assert_int_equal(x->sample.kind, y->sample.kind);
		assert_int_equal(x->sample.interval_ms, y->sample.interval_ms);
		assert_same_text(x->sample.unit, y->sample.unit);
		assert_int_equal(x->sample.clear, y->sample.clear);
		assert_same_text(x->sample.sort, y->sample.sort);
		assert_int_equal(x->sample.n_units, y->sample.n_units);
		for (size_t k = 0; k < x->sample.n_units; k++) {
			assert_same_text(x->sample.units[k].variable, y->sample.units[k].variable);
			assert_same_text(x->sample.units[k].unit, y->sample.units[k].unit);
		}
		assert_int_equal(x->sample.top, y->sample.top);
		assert_int_equal(x->sample.per_cpu, y->sample.per_cpu);
		assert_int_equal(x->sample.base, y->sample.base);
		assert_int_equal(x->sample.step, y->sample.step);
		assert_same_extras(&x->extras, &y->extras);
	}
	assert_int_equal(a->n_progs, b->n_progs);
	for (size_t i = 0; i < a->n_progs; i++) {
		assert_same_text(a->progs[i].name, b->progs[i].name);
		assert_same_text(a->progs[i].attach, b->progs[i].attach);
		assert_int_equal(a->progs[i].link, b->progs[i].link);
		assert_same_extras(&a->progs[i].extras, &b->progs[i].extras);
	}
}

static void assert_same(const struct ecli_package *a, const struct ecli_package *b)
{
	assert_same_text(a->name, b->name);
	assert_int_equal(a->object_size, b->object_size);
	assert_memory_equal(a->object, b->object, a->object_size);
	assert_same_text(a->doc.version, b->doc.version);
	assert_same_text(a->doc.brief, b->doc.brief);
	assert_same_text(a->doc.details, b->doc.details);
	assert_same_text(a->doc.description, b->doc.description);
	assert_same_vars(a, b);
	assert_same_maps_and_programs(a, b);
	assert_int_equal(a->n_exports, b->n_exports);
	for (size_t i = 0; i < a->n_exports; i++) {
		assert_same_text(a->exports[i].name, b->exports[i].name);
		assert_int_equal(a->exports[i].type_id, b->exports[i].type_id);
		assert_int_equal(a->exports[i].size_bytes, b->exports[i].size_bytes);
		assert_int_equal(a->exports[i].n_members, b->exports[i].n_members);
		for (size_t k = 0; k < a->exports[i].n_members; k++) {
			assert_same_text(a->exports[i].members[k].name, b->exports[i].members[k].name);
			assert_same_text(a->exports[i].members[k].type, b->exports[i].members[k].type);
			assert_same_extras(&a->exports[i].members[k].extras, &b->exports[i].members[k].extras);
		}
	}
	assert_int_equal(a->poll_timeout_ms, b->poll_timeout_ms);
	assert_int_equal(a->perf_buffer_pages, b->perf_buffer_pages);
	assert_int_equal(a->multiple_exports, b->multiple_exports);
	assert_same_extras(&a->extras, &b->extras);
}

/* A package in which everything that the model can hold is there. */
static struct ecli_package *make_full(void)
{
	struct ecli_package *p = read_object();

	p->doc.version = strdup("1.0");
	p->doc.brief = strdup("who waits \"long\"\n\xe4\xb8\xad\xe6\x96\x87");
	p->doc.details = strdup("");
	p->doc.description = strdup("text\x01");
	p->vars[0].description = strdup("least wait");
	p->vars[0].value_json = strdup("9007199254740993");
	p->vars[0].has_cmdarg = true;
	p->vars[0].arg_long = strdup("min");
	p->vars[0].arg_short = strdup("m");
	p->vars[0].arg_help = strdup("help");
	p->vars[0].arg_default_json = strdup("-1");
	p->vars[1].has_cmdarg = true;
	assert_int_equal(ecli_package_extra_set(&p->vars[1].extras, "z", "{\"b\": [1, 2.5, null], \"a\": true}"), 0);
	assert_int_equal(ecli_package_extra_set_text(&p->vars[1].extras, "a", "t\"ext"), 0);
	p->maps[0].sample.kind = ECLI_SAMPLE_LOG2_HIST;
	p->maps[0].sample.interval_ms = 250;
	p->maps[0].sample.unit = strdup("usecs");
	p->maps[0].sample.clear = true;
	p->maps[0].sample.sort = strdup("+count");
	p->maps[0].sample.top = 7;
	p->maps[0].sample.units = calloc(1, sizeof(*p->maps[0].sample.units));
	p->maps[0].sample.n_units = 1;
	p->maps[0].sample.units[0] = (struct ecli_package_unit){ strdup("ms"), strdup("msecs") };
	p->maps[0].sample.per_cpu = ECLI_PER_CPU_MAX;
	p->maps[0].sample.base = -5;
	p->maps[0].sample.step = 10;
	p->maps[1].sample.kind = ECLI_SAMPLE_LINEAR_HIST;
	p->maps[1].sample.interval_ms = 1;
	p->maps[2].sample.kind = ECLI_SAMPLE_KEY_VALUE;
	p->maps[2].sample.interval_ms = 1000;
	assert_int_equal(ecli_package_extra_set(&p->maps[0].extras, "intepreter", "{\"stack_trace\":{}}"), 0);
	assert_int_equal(ecli_package_extra_set_text(&p->progs[0].extras, "alternative", "switch/raw"), 0);
	assert_int_equal(p->n_exports, 1); /* found by its name, without members */
	p->exports[0].type_id = 21;
	p->exports[0].size_bytes = 8;
	p->exports[0].members = calloc(2, sizeof(*p->exports[0].members));
	p->exports[0].n_members = 2;
	p->exports[0].members[0] = (struct ecli_package_member){ strdup("pid"), strdup("u32"), { 0 } };
	p->exports[0].members[1] = (struct ecli_package_member){ strdup(""), strdup("composite"), { 0 } };
	assert_int_equal(ecli_package_extra_set(&p->exports[0].members[0].extras, "hidden", "true"), 0);
	p->poll_timeout_ms = 50;
	p->perf_buffer_pages = 16;
	p->multiple_exports = true;
	assert_int_equal(ecli_package_extra_set_text(&p->extras, "eunomia_version", "0.3.4"), 0);
	return p;
}

static void what_is_written_reads_back(void **state)
{
	(void)state;
	CLEANUP_PACKAGE struct ecli_package *full = make_full(), *bare = read_object();
	struct ecli_package *const packages[] = { full, bare };

	for (size_t i = 0; i < ARRAY_SIZE(packages); i++) {
		CLEANUP_PACKAGE struct ecli_package *again = NULL;
		CLEANUP_BUF struct ecli_buf first = { 0 }, second = { 0 };
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_package_write(packages[i], &first, &err), 0);
		again = read_text(ecli_buf_text(&first));
		assert_same(packages[i], again);
		assert_int_equal(ecli_package_write(again, &second, &err), 0);
		assert_string_equal(ecli_buf_text(&first), ecli_buf_text(&second));
	}
}

static void what_is_written_is_canonical(void **state)
{
	(void)state;
	CLEANUP_PACKAGE struct ecli_package *package = make_full();
	CLEANUP_BUF struct ecli_buf text = { 0 };

	assert_int_equal(ecli_package_write(package, &text, NULL), 0);
	assert_ptr_equal(strchr(ecli_buf_text(&text), '\n'), ecli_buf_text(&text) + text.len - 1);
	CLEANUP_JSON json_t *root = json_loadb(text.data, text.len, 0, NULL);
	CLEANUP_FREE char *sorted = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
	assert_int_equal(strlen(sorted), text.len - 1);
	assert_memory_equal(sorted, text.data, text.len - 1);

	/* The keys that other loaders read, in their forms. */
	static const char *const parts[] = {
		"\"bpf_object\":\"",
		"\"bpf_object_size\":",
		"\"obj_name\":\"my_tool_bpf\"",
		"{\"name\":\".rodata\",\"variables\":[{\"cmdarg\":{\"default\":-1,\"help\":\"help\",\"long\":\"min\","
		"\"short\":\"m\"}",
		"{\"ident\":\"bss\",\"mmaped\":true,\"name\":\"my_tool_.bss\"",
		"\"sample\":{\"base\":-5,\"clear_map\":true,\"interval\":250,\"percpu\":\"max\",\"sort\":\"+count\","
		"\"step\":10,\"top\":7,"
		"\"type\":\"log2_hist\",\"unit\":\"usecs\",\"unit_if\":{\"ms\":\"msecs\"}}",
		"{\"attach\":\"tp_btf/sched_switch\",\"link\":true,\"name\":\"on_switch\"}",
		"\"export_types\":[{\"members\":[{\"hidden\":true,\"name\":\"pid\",\"type\":\"u32\"},",
		"\"size\":8,\"type_id\":21}]",
	};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(sorted, parts[i]))
			fail_msg("not written: %s", parts[i]);
	assert_null(strstr(sorted, "\"mmaped\":false"));
}

static void a_model_that_cannot_be_written_leaves_nothing(void **state)
{
	(void)state;
	CLEANUP_PACKAGE struct ecli_package *package = read_object();
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct ecli_err err = { 0 };

	package->doc.brief = strdup("\xff");
	ecli_buf_add_text(&text, "before");
	assert_int_equal(ecli_package_write(package, &text, &err), -EINVAL);
	assert_string_equal(ecli_buf_text(&text), "before");
	assert_non_null(strstr(err.text, "is not valid UTF-8"));
	package->doc.brief[0] = 'x';
	package->vars[0].value_json = strdup("{");
	assert_int_equal(ecli_package_write(package, &text, &err), -EINVAL);
	assert_string_equal(err.text, "the value of value is not valid JSON: {");
}

static void a_skeleton_is_the_meta_alone(void **state)
{
	(void)state;
	CLEANUP_PACKAGE struct ecli_package *package = read_object();
	CLEANUP_BUF struct ecli_buf whole = { 0 }, skeleton = { 0 };
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_package_write(package, &whole, &err), 0);
	assert_int_equal(ecli_package_write_skeleton(package, &skeleton, &err), 0);
	const char *meta = strstr(ecli_buf_text(&whole), "\"meta\":") + strlen("\"meta\":");
	/* All but the brace and the newline at the end of the package. */
	assert_int_equal(strlen(meta) - 2, skeleton.len - 1);
	assert_memory_equal(meta, skeleton.data, skeleton.len - 1);
}

static void a_malformed_tag_leaves_nothing(void **state)
{
	(void)state;
	struct ecli_package_var var = { 0 };
	struct ecli_package_map map = { 0 };
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_package_var_tag(&var, "cmdarg", "{\"long\":\"a\",\"short\":5}", &err), -EINVAL);
	assert_true(!var.has_cmdarg && !var.arg_long);
	assert_int_equal(ecli_package_var_tag(&var, "cmdarg", "{\"long\":\"a\",\"help\":\"h\"}", &err), 0);
	assert_int_equal(ecli_package_var_tag(&var, "cmdarg", "{\"long\":\"b\"}", &err), 0);
	assert_true(var.has_cmdarg);
	assert_string_equal(var.arg_long, "b");
	assert_string_equal(var.arg_help, "h");
	assert_int_equal(ecli_package_var_tag(&var, "description", "\"quoted\"", &err), 0);
	assert_string_equal(var.description, "quoted");
	assert_int_equal(ecli_package_var_tag(&var, "type", "int", &err), -EINVAL);
	assert_int_equal(ecli_package_var_tag(&var, "other", "words of it", &err), 0);
	assert_string_equal(ecli_package_extra(&var.extras, "other"), "\"words of it\"");

	assert_int_equal(ecli_package_map_tag(&map, "sample", "{\"unit\":\"us\",\"clear_map\":3}", &err), -EINVAL);
	assert_int_equal(ecli_package_map_tag(&map, "sample", "{\"sort\":\"a\",\"percpu\":\"mean\"}", &err), -EINVAL);
	assert_string_equal(err.text, "sample.percpu must be sum, max or each, but is \"mean\"");
	assert_true(map.sample.kind == ECLI_SAMPLE_NONE && !map.sample.unit);
	assert_int_equal(ecli_package_map_tag(&map, "sample", "", &err), 0);
	assert_true(map.sample.kind == ECLI_SAMPLE_KEY_VALUE && map.sample.interval_ms == 1000);
	assert_int_equal(ecli_package_map_tag(&map, "export_config", "default", &err), 0);
	assert_string_equal(ecli_package_extra(&map.extras, "export_config"), "\"default\"");

	free(var.arg_long);
	free(var.arg_help);
	free(var.description);
	for (size_t i = 0; i < 2; i++) {
		struct ecli_package_extras *extras = i ? &map.extras : &var.extras;

		free(extras->items[0].key);
		free(extras->items[0].json);
		free(extras->items);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(what_is_written_is_canonical),
		cmocka_unit_test(a_model_that_cannot_be_written_leaves_nothing),
		cmocka_unit_test(a_skeleton_is_the_meta_alone),
		cmocka_unit_test(a_malformed_tag_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
