/* SPDX-License-Identifier: MIT */
/*
 * What `ecli run --help` says: without a package our options; with one what the tool is, its options, then ours. All that
 * comes from a package is untrusted text.
 */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/cli.h"
#include "../common/told.h"

int run_own_help(void)
{
	struct ecli_buf out = { 0 };

	ecli_buf_add_text(&out, "Runs a tool and shows what it reports.\n\n"
				"Usage: ecli run [OPTIONS] PACKAGE [OPTIONS OF THE TOOL] [INTERVAL [COUNT]]\n\n"
				"PACKAGE is a package.json, a .tar with one in it, a .skel.json with its .bpf.o\n"
				"beside it, a .bpf.o with BTF, - for standard input, or the name of an\n"
				"installed tool (ecli list). INTERVAL and COUNT are for tools that show sampled\n"
				"maps: \"runqlat 1 10\" is \"runqlat --interval 1 --count 10\"; for those\n"
				"that show them only at the end it is the duration: \"profile 10\".\n"
				"\"--interval 1 --duration 10\" makes the same ten looks; a look at a part of an\n"
				"interval, at an end between two, has no rates.\n\n"
				"A TIME is a number with h, m, s, ms, us or ns behind it; without, it is seconds.\n\n"
				"Options:\n");
	ecli_options_help(run_options, n_run_options, &out);
	ecli_buf_add_text(&out, "\nSIGTERM and SIGHUP end a run within a second, with the results that are ready by\n"
				"then; Ctrl-C gives them ten times as long. A second signal ends it at once.\n"
				"Exit status: 0 done, 1 failed, 2 wrong usage, 3 this kernel cannot run it,\n"
				"4 events were lost (--strict), 128 + N signal N came while the tool was loaded,\n"
				"or as a second one.\n");
	return cli_print("ecli", &out);
}

/* A paragraph, and an empty line behind it. */
static void add_paragraph(struct ecli_buf *out, const char *text)
{
	size_t before = out->len;

	cli_add_told(out, text, 2);
	if (out->len > before)
		ecli_buf_add_char(out, '\n');
}

/* Details have lines of their own; they stand last, and beside what we say. */
static void add_details(struct ecli_buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);

		cli_add_told(out, line, 2);
		free(line);
		text += len + (text[len] == '\n');
	}
}

static void add_own_options(const struct run *run, struct ecli_buf *out)
{
	size_t n_own = run->joined.n_all - run->joined.n_tool - run->joined.n_quiet, count = 0;
	struct ecli_option *own = calloc(n_own + 1, sizeof(*own));

	for (size_t i = 0; own && i < n_own; i++)
		if (run_option_helps(run, &run->joined.all[run->joined.n_tool + i]))
			own[count++] = run->joined.all[run->joined.n_tool + i];
	ecli_options_help(own, count, out);
	free(own);
}

int run_tool_help(const struct run *run, const char *word)
{
	const struct ecli_package_doc *doc = &run->package->doc;
	struct ecli_buf out = { 0 };

	add_paragraph(&out, doc->brief);
	add_paragraph(&out, doc->description);
	if (!doc->brief && !doc->description)
		add_paragraph(&out, run->package->name);
	ecli_buf_add_text(&out, "Usage: ecli run ");
	ecli_render_safe_text(word, strlen(word), &out);
	ecli_buf_add_text(&out, !ecli_session_is_sampled(run->package, run->types) ? " [OPTIONS]\n\n"
				: ecli_session_has_one_look(run->package)          ? " [OPTIONS] [DURATION]\n\n"
									  : " [OPTIONS] [INTERVAL [COUNT]]\n\n");
	if (run->joined.n_tool) {
		ecli_buf_add_text(&out, "Options of the tool:\n");
		ecli_options_help(run->joined.all, run->joined.n_tool, &out);
		ecli_buf_add_char(&out, '\n');
	}
	ecli_buf_add_text(&out, "Options of ecli:\n");
	add_own_options(run, &out);
	if (run->package->n_progs) {
		ecli_buf_add_text(&out,
				  "\nIts programs, where they attach, and how --attach PROGRAM=... is written:\n");
		attach_help(run->package, &out);
	}
	if (doc->details) {
		ecli_buf_add_char(&out, '\n');
		add_details(&out, doc->details);
	}
	return cli_print("ecli", &out);
}
