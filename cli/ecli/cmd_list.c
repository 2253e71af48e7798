/* SPDX-License-Identifier: MIT */
/*
 * ecli list: the installed tools, a line each with what they are for. A package that cannot be read is listed with the
 * reason, so that a damaged file is not a missing one.
 */
#include "ecli.h"

#include <stdio.h>
#include <string.h>

#include <ecli/options.h>
#include <ecli/package.h>
#include <ecli/render.h>

#include "../common/cli.h"
#include "../common/say.h"

#define NAME_WIDTH 16

static void print_package(void *ctx, const char *name, const char *path)
{
	struct ecli_buf *out = ctx;
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };
	const char *text = "";

	if (ecli_package_read_file(path, &err, &package))
		text = err.text;
	else if (package->doc.brief)
		text = package->doc.brief;
	else if (package->doc.description)
		text = package->doc.description;

	size_t before = out->len;
	ecli_render_safe_text(name, strlen(name), out);
	size_t width = out->len - before;
	ecli_buf_add_repeat(out, ' ', width < NAME_WIDTH ? NAME_WIDTH - width + 1 : 1);
	ecli_render_safe_text(text, strcspn(text, "\n"), out);
	ecli_buf_add_char(out, '\n');
	ecli_package_free(package);
}

static int help(void)
{
	fputs("Shows the installed tools, a line each with what they are for.\n\n"
	      "Usage: ecli list\n\n"
	      "A tool is a folder with a package.json in it. Looked for in the folders that\n"
	      "ECLI_PACKAGES names (absolute, with ':' between), and in share/ecli/packages of\n"
	      "where ecli is installed, /usr/local and /usr; of two with one name the first\n"
	      "counts. What lies beside ecli counts only where nobody else can write.\n"
	      "The options of a tool: ecli run TOOL --help\n",
	      stdout);
	return cli_close_stdout("ecli");
}

static int run(int argc, char **argv)
{
	struct ecli_buf out = { 0 };
	struct ecli_err err = { 0 };

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return help();
	if (argc > 1)
		return cli_usage_error("ecli list", "list takes no arguments, but was given \"%s\"", argv[1]);
	if (packages_each(print_package, &out, &err)) {
		ecli_buf_done(&out);
		return cli_error("ecli list", &err);
	}
	if (!out.len)
		say_format("ecli: no tools are installed; build them with make, or name their folder in "
			   "ECLI_PACKAGES\n");
	return cli_print("ecli", &out);
}

const struct command command_list = {
	.name = "list",
	.words = "",
	.summary = "show the installed tools",
	.run = run,
};
