/* SPDX-License-Identifier: MIT */
/*
 * What is said while stacks are gathered and nothing is shown, and where they went:
 *
 *     collecting: 12 s, 812 stacks, 34,567 samples; Ctrl-C ends          one line of a terminal, written over itself
 *     ecli: wrote cpu.html: 812 stacks, 34,567 samples
 *
 * Only for a person at a terminal: the session is not given the hook otherwise. The line is taken away with blanks, which every
 * terminal knows, before anything else is said.
 */
#include "run.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../common/say.h"

#define WIDEST 79
#define ECHO   2

/* A line that a narrow terminal breaks cannot be written over. The last column stays free: some terminals break there. */
static int width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col || size.ws_col > WIDEST)
		return WIDEST;
	return size.ws_col - 1;
}

/* 34567 as "34,567". */
static void add_number(struct ecli_buf *out, uint64_t value)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			ecli_buf_add_char(out, ',');
		ecli_buf_add_char(out, digits[i]);
	}
}

/* "812 stacks, 34,567 samples", "1 stack, 1 sample"; what is not known is left out. */
static void add_counts(struct ecli_buf *out, uint64_t stacks, uint64_t weight, const char *what)
{
	if (stacks) {
		ecli_buf_add_text(out, ", ");
		add_number(out, stacks);
		ecli_buf_add_text(out, stacks == 1 ? " stack" : " stacks");
	}
	if (weight) {
		ecli_buf_add_text(out, ", ");
		add_number(out, weight);
		ecli_buf_add_char(out, ' ');
		size_t len = strlen(what);
		if (weight == 1 && len > 2 && what[len - 1] == 's') /* one sample, but one "us" */
			len--;
		ecli_render_safe_text(what, len, out);
	}
}

void run_end_progress(struct run *run)
{
	if (run->has_progress)
		say_format("\r%*s\r", width(), "");
	run->has_progress = false;
}

void run_on_progress(void *ctx, const struct ecli_session_progress *progress)
{
	struct run *run = ctx;
	struct ecli_buf out = { 0 };

	if (!progress) {
		run_end_progress(run);
		return;
	}
	ecli_buf_add_format(&out, "collecting: %llu s", (unsigned long long)(progress->elapsed_ns / 1000000000));
	add_counts(&out, progress->stacks, progress->weight, progress->what);
	ecli_buf_add_text(&out, "; Ctrl-C ends");
	/* The cursor stays behind the words, with room for the terminal's "^C": so the end takes that away, too. */
	int room = width() > ECHO ? width() - ECHO : 0;
	say_format("\r%*s\r%.*s", width(), "", room, ecli_buf_text(&out));
	ecli_buf_done(&out);
	run->has_progress = true;
}

void run_on_profile(void *ctx, const struct ecli_session_profile *profile)
{
	struct run *run = ctx;
	struct ecli_buf out = { 0 };

	if (!strcmp(profile->path, "-"))
		return;
	run_end_progress(run);
	ecli_buf_add_text(&out, "ecli: wrote ");
	ecli_render_safe_text(profile->path, strlen(profile->path), &out);
	ecli_buf_add_text(&out, profile->stacks ? ": " : ", but no stack was seen");
	if (profile->stacks) {
		struct ecli_buf counts = { 0 };

		add_counts(&counts, profile->stacks, profile->weight, profile->what);
		ecli_buf_add_text(&out, ecli_buf_text(&counts) + 2);
		ecli_buf_done(&counts);
	}
	ecli_buf_add_char(&out, '\n');
	if (!ecli_buf_failed(&out))
		say(out.data, out.len);
	ecli_buf_done(&out);
}
