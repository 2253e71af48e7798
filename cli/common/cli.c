/* SPDX-License-Identifier: MIT */
/*
 * The voice of both programs. Everything that reaches stderr passes here, as one line that begins with the program's
 * name; text that came from a package or the kernel cannot move the cursor or change colours.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ecli/render.h>

#include "say.h"

/* @words: the name of the program is the first of them. A further line may be a name with a newline in it: none looks like one of ours. */
static void print_safe(const char *words, const char *text)
{
	struct ecli_buf line = { 0 };

	ecli_buf_add_format(&line, "%.*s: ", (int)strcspn(words, " "), words);
	for (bool is_first = true; *text; is_first = false) {
		size_t len = strcspn(text, "\n");

		if (!is_first && len)
			ecli_buf_add_text(&line, "  ");
		ecli_render_safe_text(text, len, &line);
		ecli_buf_add_char(&line, '\n');
		text += len + (text[len] == '\n');
	}
	say(line.data, line.len);
	ecli_buf_done(&line);
}

static void print_where_help_is(const char *words)
{
	struct ecli_buf line = { 0 };

	ecli_buf_add_text(&line, "Try '");
	ecli_render_safe_text(words, strlen(words), &line);
	ecli_buf_add_text(&line, " --help'.\n");
	say(line.data, line.len);
	ecli_buf_done(&line);
}

/* A probe without a link takes a file each. The soft limit is for programs that use select(2), which we do not. */
static void raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

void cli_begin(void)
{
	/* Each the wrong way round: reading the first and writing to the others give EBADF, as they would have. */
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
			break; /* no /dev/null: as bad as before */
	signal(SIGXFSZ, SIG_IGN);
	raise_files();
}

int cli_error(const char *words, const struct ecli_err *err)
{
	if (*err->text)
		print_safe(words, err->text);
	if (err->fail == ECLI_FAIL_USAGE)
		print_where_help_is(words);
	return err->fail ? (int)err->fail : CLI_EXIT_FAILED;
}

int cli_usage_error(const char *words, const char *format, ...)
{
	struct ecli_err err = { .fail = ECLI_FAIL_USAGE };
	va_list args;

	va_start(args, format);
	vsnprintf(err.text, sizeof(err.text), format, args);
	va_end(args);
	return cli_error(words, &err);
}

static void log_line(void *ctx, enum ecli_log_level level, const char *line)
{
	(void)level;
	print_safe(ctx, line);
}

void cli_log_to_stderr(const char *program, int verbose)
{
	enum ecli_log_level level = verbose >= 2 ? ECLI_LOG_DEBUG : verbose ? ECLI_LOG_INFO : ECLI_LOG_WARN;

	ecli_log_set(log_line, (void *)program, level);
}

/* Whether nobody will ever read what is written to stdout: a pipe or socket whose other end is closed. */
static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

int cli_close_stdout(const char *program)
{
	/* An error of an earlier write left a mark, but not its reason: errno is of no use then. */
	bool had_error = ferror(stdout), is_gone = reader_is_gone();

	errno = 0;
	if (fclose(stdout) == 0 && !had_error)
		return CLI_EXIT_OK;
	if (errno == EPIPE || is_gone)
		return CLI_EXIT_OK;
	say_format("%s: cannot write the output: %s\n", program, errno ? strerror(errno) : "write error");
	return CLI_EXIT_FAILED;
}

int cli_print(const char *program, struct ecli_buf *out)
{
	if (out->len)
		fwrite(out->data, 1, out->len, stdout);
	ecli_buf_done(out);
	return cli_close_stdout(program);
}
