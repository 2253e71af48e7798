/* SPDX-License-Identifier: MIT */
/*
 * What looks like a result, and what a person can say of maps and fields: session/results.c and session/show.c over results.bpf.c.
 * `results_test OBJECT OBJECT_WITH_HISTOGRAMS`.
 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include <ecli/session.h>

#include "base/cleanup.h"
#include "package/model.h"
#include "session/results.h"

static const char *plain, *with_hist;

static void done(int r, const struct ecli_err *err)
{
	if (r)
		fail_msg("%s", err->text);
}

struct opened {
	struct ecli_package *package;
	struct ecli_types *types;
};

static void open_object(struct opened *opened, const char *path)
{
	struct ecli_err err = { 0 };

	*opened = (struct opened){ 0 };
	done(ecli_package_read_file(path, &err, &opened->package), &err);
	done(ecli_types_read_object(opened->package->object, opened->package->object_size, &err, &opened->types), &err);
}

static void opened_done(struct opened *opened)
{
	ecli_types_free(opened->types);
	ecli_package_free(opened->package);
}

static void assert_shown(const struct opened *opened, const char *names)
{
	CLEANUP_BUF struct ecli_buf list = { 0 };

	ecli_session_list_results(opened->package, &list);
	assert_string_equal(ecli_buf_text(&list), names);
}

static enum ecli_package_sample_kind kind_of(const struct opened *opened, const char *map)
{
	for (size_t i = 0; i < opened->package->n_maps; i++)
		if (!strcmp(opened->package->maps[i].ident, map))
			return opened->package->maps[i].sample.kind;
	for (size_t i = 0; i < opened->package->n_vars; i++)
		if (!strcmp(opened->package->vars[i].name, map))
			return opened->package->vars[i].sample.kind;
	return ECLI_SAMPLE_NONE;
}

static void results_are_found(void **state)
{
	(void)state;
	CLEANUP(opened_done) struct opened opened;
	struct ecli_err err = { 0 };

	open_object(&opened, plain);
	done(ecli_session_show_results(opened.package, opened.types, &err), &err);
	assert_shown(&opened, "counts, columns");
	assert_int_equal(kind_of(&opened, "counts"), ECLI_SAMPLE_KEY_VALUE);
	assert_true(ecli_session_has_looks(opened.package));
}

static void histograms_come_before_rows_of_maps(void **state)
{
	(void)state;
	CLEANUP(opened_done) struct opened opened;
	struct ecli_err err = { 0 };

	open_object(&opened, with_hist);
	done(ecli_session_show_results(opened.package, opened.types, &err), &err);
	assert_shown(&opened, "hists, all, per_kind");
	assert_int_equal(kind_of(&opened, "hists"), ECLI_SAMPLE_LOG2_HIST);
	assert_int_equal(kind_of(&opened, "all"), ECLI_SAMPLE_LOG2_HIST);
	assert_int_equal(kind_of(&opened, "per_kind"), ECLI_SAMPLE_KEY_VALUE);
}

static void what_is_asked_for_replaces_what_was_guessed(void **state)
{
	(void)state;
	CLEANUP(opened_done) struct opened opened;
	struct ecli_err err = { 0 };

	open_object(&opened, with_hist);
	done(ecli_session_show_results(opened.package, opened.types, &err), &err);
	done(ecli_session_show(opened.package, opened.types, "wanted", &err), &err);
	done(ecli_session_show(opened.package, opened.types, "none=table", &err), &err);
	assert_shown(&opened, "");
	assert_int_equal(kind_of(&opened, "hists"), ECLI_SAMPLE_NONE);
	assert_int_equal(kind_of(&opened, "wanted"), ECLI_SAMPLE_KEY_VALUE);
	assert_int_equal(kind_of(&opened, "none"), ECLI_SAMPLE_KEY_VALUE);
	/* A package that reports something is left alone. */
	done(ecli_session_show_results(opened.package, opened.types, &err), &err);
	assert_shown(&opened, "");
}

static void ids_of_stacks_have_names(void **state)
{
	(void)state;
	static const struct {
		const char *name, *format;
	} names[] = {
		{ "kern_stack_id", "kernel_stack" },
		{ "kernel_stack", "kernel_stack" },
		{ "kstack_id", "kernel_stack" },
		{ "user_stack_id", "user_stack" },
		{ "ustack", "user_stack" },
		{ "stack_id", "kernel_stack" },
		{ "user_id", NULL },
		{ "kernel", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *format = results_stack_format(names[i].name);

		if (!names[i].format)
			assert_null(format);
		else
			assert_string_equal(format, names[i].format);
	}
}

typedef int (*change)(struct ecli_package *package, const struct ecli_types *types, const char *text,
		      struct ecli_err *err);

static void what_cannot_be_is_said(void **state)
{
	(void)state;
	static const struct {
		change change;
		const char *text, *part; /* NULL: it can be */
	} cases[] = {
		{ ecli_session_show, "counts=stacks", NULL },
		{ ecli_session_show, "counts=", "as table, log2_hist, linear_hist or stacks" },
		{ ecli_session_show, "=table", "no such map" },
		{ ecli_session_show, "on_switch", "it has memory, wanted, begun, counts, columns" },
		{ ecli_session_set_format, "count=duration", NULL },
		{ ecli_session_set_format, "inner=ipv4", NULL }, /* of a member without a name */
		{ ecli_session_set_format, "key=hex", NULL },
		{ ecli_session_set_format, "value=mac", "the format mac is for an array of 6 bytes" },
		{ ecli_session_set_format, "text=argv", NULL },
		{ ecli_session_set_format, "nothing=hex", "have no field nothing" },
		{ ecli_session_set_format, "count", "takes FIELD=FORMAT" },
		{ ecli_session_set_format, "count=", "takes FIELD=FORMAT" },
		{ ecli_session_set_format, "=hex", "takes FIELD=FORMAT" },
		{ ecli_session_set_format, "count=fortnight", "there is no format fortnight" },
		{ ecli_session_set_map_size, "counts=4294967295", NULL },
		{ ecli_session_set_map_size, "counts=4294967296", "N a number from 1 to 4294967295" },
		{ ecli_session_set_map_size, "counts=0", "N a number from 1" },
		{ ecli_session_set_map_size, "counts=-1", "N a number from 1" },
		{ ecli_session_set_map_size, "counts", "takes MAP=N" },
		{ ecli_session_set_map_size, "other=1", "the tool has no map other" },
	};
	CLEANUP(opened_done) struct opened opened;

	open_object(&opened, plain);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_err err = { 0 };
		int r = cases[i].change(opened.package, opened.types, cases[i].text, &err);

		if (!cases[i].part) {
			done(r, &err);
			continue;
		}
		assert_int_equal(r, -EINVAL);
		assert_int_equal(err.fail, ECLI_FAIL_USAGE);
		if (!strstr(err.text, cases[i].part))
			fail_msg("%s: %s", cases[i].text, err.text);
	}
	for (size_t i = 0; i < opened.package->n_maps; i++)
		if (!strcmp(opened.package->maps[i].ident, "counts"))
			assert_string_equal(ecli_package_extra(&opened.package->maps[i].extras, "max_entries"),
					    "4294967295");
}

static void every_program_can_be_left_out(void **state)
{
	(void)state;
	CLEANUP(opened_done) struct opened opened;
	struct ecli_err err = { 0 };

	open_object(&opened, plain);
	done(ecli_session_skip_missing(opened.package, &err), &err);
	assert_true(ecli_package_extra_true(&opened.package->progs[0].extras, "optional"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_found),
		cmocka_unit_test(histograms_come_before_rows_of_maps),
		cmocka_unit_test(what_is_asked_for_replaces_what_was_guessed),
		cmocka_unit_test(ids_of_stacks_have_names),
		cmocka_unit_test(what_cannot_be_is_said),
		cmocka_unit_test(every_program_can_be_left_out),
	};

	assert_int_equal(argc, 3);
	plain = argv[1];
	with_hist = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
