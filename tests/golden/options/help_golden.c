/* SPDX-License-Identifier: MIT */
/*
 * Golden test of the help rows: option tables with everything that can go wrong in a layout (long names, long words, long
 * types, no help, scripts without spaces, hostile text), shown as ecli shows them.
 *
 * `help_golden FILE` compares, `help_golden --update FILE` writes what it got into the file. No line may be wider than 80
 * columns but one that holds nothing else than a long name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/options.h>

#include "base/cleanup.h"
#include "base/file.h"

static const char *const formats[] = { "table", "plain", "json", NULL };

/* What a program itself has: no types. */
static const struct ecli_option program[] = {
	{ .name = "output",
	  .short_name = 'o',
	  .kind = ECLI_OPTION_CHOICE,
	  .choices = formats,
	  .metavar = "FORMAT",
	  .default_text = "table",
	  .help = "table, plain or json" },
	{ .name = "duration",
	  .short_name = 'd',
	  .kind = ECLI_OPTION_FLOAT,
	  .metavar = "SECONDS",
	  .help = "stop after this time" },
	{ .name = "strict", .kind = ECLI_OPTION_FLAG, .help = "exit status 4 if an event was lost" },
	{ .name = "help", .short_name = 'h', .kind = ECLI_OPTION_FLAG, .help = "show this help" },
};

/* What a package may bring. */
static const struct ecli_option tool[] = {
	{ .name = "min_us",
	  .short_name = 'm',
	  .kind = ECLI_OPTION_UINT,
	  .type_text = "u64",
	  .default_text = "0",
	  .help = "least time a task must have waited to be shown, in microseconds; 0 shows every wait, however short "
		  "it "
		  "was" },
	{ .name = "failed",
	  .short_name = 'f',
	  .kind = ECLI_OPTION_BOOL,
	  .type_text = "bool",
	  .default_text = "false",
	  .help = "only failed calls, whoever did them" },
	{ .name = "comm", .kind = ECLI_OPTION_STRING, .type_text = "char[16]", .default_text = "\"cc1 plus\"" },
	{ .name = "nothing_is_said_of_this_one", .kind = ECLI_OPTION_SINT, .type_text = "int" },
	{ .name = "a_name_so_long_that_it_has_no_room",
	  .kind = ECLI_OPTION_SINT,
	  .type_text = "long long",
	  .help = "starts on a line of its own" },
	{ .name = "mode",
	  .kind = ECLI_OPTION_ENUM,
	  .type_text = "enum a_mode_with_a_very_long_name",
	  .default_text = "MODE_B",
	  .help = "the type is too long" },
	{ .name = "path",
	  .kind = ECLI_OPTION_STRING,
	  .type_text = "char[4096]",
	  .help = "/a/very/long/path/that/is/one/word/and/has/to/be/broken/somewhere/because/it/is/longer/than/a/"
		  "line" },
	{ .name = "chinese",
	  .kind = ECLI_OPTION_UINT,
	  .type_text = "u32",
	  .help = "任务在运行队列中等待的最短时间，单位为微秒；等待时间较短的任务不会显示出来。默认显示所有等待" },
	{ .name = "hostile",
	  .kind = ECLI_OPTION_UINT,
	  .type_text = "u32",
	  .help = "  two\n\n lines\tand \x1b[31mred\x1b[0m \xe2\x80\xae"
		  "desrever \xff\xc3 \xc2\x9b end  " },
	{ .name = "empty", .kind = ECLI_OPTION_UINT, .type_text = "", .default_text = "7", .help = "" },
};

static void make(struct ecli_buf *out)
{
	ecli_buf_add_text(out, "=== a program\n");
	ecli_options_help(program, ARRAY_SIZE(program), out);
	ecli_buf_add_text(out, "=== a tool\n");
	ecli_options_help(tool, ARRAY_SIZE(tool), out);
	ecli_buf_add_text(out, "=== nothing\n");
	ecli_options_help(NULL, 0, out);
	ecli_buf_add_text(out, "=== one, long\n");
	ecli_options_help(&tool[4], 1, out);
}

/* Number of the first line that differs, and both texts of it. */
static void show_difference(const char *expected, const char *got)
{
	for (int line = 1;; line++) {
		size_t a = strcspn(expected, "\n"), b = strcspn(got, "\n");

		if (a != b || strncmp(expected, got, a) || expected[a] != got[b]) {
			fprintf(stderr, "line %d\nexpected: %.*s\ngot:      %.*s\n", line, (int)a, expected, (int)b,
				got);
			return;
		}
		if (!expected[a])
			return;
		expected += a + 1;
		got += b + 1;
	}
}

int main(int argc, char **argv)
{
	CLEANUP_BUF struct ecli_buf got = { 0 }, expected = { 0 };
	bool update = argc == 3 && !strcmp(argv[1], "--update");
	struct ecli_err err = { 0 };

	if (argc != 2 + update) {
		fprintf(stderr, "usage: help_golden [--update] FILE\n");
		return 2;
	}
	make(&got);
	const char *path = argv[1 + update];
	int r = update ? ecli_file_write(path, got.data, got.len, &err)
		       : ecli_file_read(path, 1 << 20, &expected, &err);
	if (r) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (update || !strcmp(ecli_buf_text(&expected), ecli_buf_text(&got)))
		return 0;
	show_difference(ecli_buf_text(&expected), ecli_buf_text(&got));
	return 1;
}
