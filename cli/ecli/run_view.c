/* SPDX-License-Identifier: MIT */
/*
 * Whether a run is shown as a screen, as far as words of the command line decide it: not with --no-screen, and not when -o says how rows are to
 * look. What the terminal and the package have to say about it is asked later, by cli/view/ and by the session.
 */
#include "run.h"

#include <string.h>

static void word_loss(const struct ecli_session_loss *loss, struct ecli_buf *out)
{
	run_add_loss(out, loss, loss->total);
	ecli_buf_add_format(out, ": %s", ecli_loss_names[loss->why]);
}

/* The name that the person used, else the package's without the _bpf that files of kernel code have. */
static void add_name(const struct run *run, const char *word, struct ecli_buf *out)
{
	bool is_name = !strchr(word, '/') && !strchr(word, '.') && strcmp(word, "-") != 0;
	const char *name = is_name ? word : run->package->name;
	size_t len = strlen(name);

	if (!is_name && len > 4 && !strcmp(name + len - 4, "_bpf"))
		len -= 4;
	ecli_buf_add(out, name, len);
}

void run_view_prepare(struct run *run, const char *word)
{
	struct ecli_buf name = { 0 };

	if (run->no_screen || run->has_rows)
		return;
	add_name(run, word, &name);
	const struct view_opts opts = { .tool = ecli_buf_text(&name), .verbose = run->verbose, .word_loss = word_loss };
	run->view = view_new(&opts);
	if (run->view)
		run->session.view = view_hooks(run->view);
	ecli_buf_done(&name);
}
