/* SPDX-License-Identifier: MIT */
/*
 * ecc [options] SOURCE [HEADER]
 *
 * Reads words and prints the three lines of progress; the work is ecli_compile(). Standard output carries these lines
 * and nothing else, clang speaks on standard error for itself.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecli/compile.h>
#include <ecli/options.h>

#include "../common/cli.h"
#include "../common/complete.h"
#include "../common/say.h"
#include "words.h"

enum ecc_option {
	ECC_OUTPUT,
	ECC_BTF,
	ECC_BTF_FOR,
	ECC_TARGET,
	ECC_CLANG,
	ECC_CFLAG,
	ECC_KEEP_OBJECT,
	ECC_SKELETON,
	ECC_NO_PACKAGE,
	ECC_HEADER_ONLY,
	ECC_VERBOSE,
	ECC_HELP,
	ECC_VERSION,
	/* not shown */
	ECC_STRIP,
	ECC_YAML,
	ECC_BTFGEN,
	ECC_BTFHUB,
	ECC_STANDALONE,
	ECC_WORKSPACE,
	ECC_WASM_HEADER
};

/* The last rows are parsed but not shown: names and options that people know from the eunomia-bpf compiler. */
static const struct ecli_option ecc_options[] = {
	{ "output", 'o', ECLI_OPTION_STRING, .least = 1, .metavar = "DIR",
	  .help = "where package.json goes (default: beside SOURCE)", .id = ECC_OUTPUT },
	{ "btf", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "FILE",
	  .help = "make vmlinux.h from this kernel's BTF (default: the running kernel's)", .id = ECC_BTF },
	{ "btf-for", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "DIR|FILE",
	  .help = "add the types that the tool needs of these kernels, for where they have no BTF; may be given again",
	  .id = ECC_BTF_FOR },
	{ "target", 0, ECLI_OPTION_STRING, .metavar = "ARCH",
	  .help = "the architecture whose registers the tool reads: x86_64, arm64, riscv64, ppc64le "
		  "(default: this machine's)",
	  .id = ECC_TARGET },
	{ "clang", 'c', ECLI_OPTION_STRING, .least = 1, .metavar = "PATH",
	  .help = "the clang to use (default: the newest in PATH)", .id = ECC_CLANG },
	{ "cflag", 'a', ECLI_OPTION_STRING, .metavar = "FLAG", .help = "flags for clang; may be given again",
	  .id = ECC_CFLAG },
	{ "keep-object", 0, ECLI_OPTION_FLAG, .help = "also write the object, NAME.bpf.o", .id = ECC_KEEP_OBJECT },
	{ "skel", 0, ECLI_OPTION_FLAG, .help = "also write NAME.skel.json and the object, NAME.bpf.o",
	  .id = ECC_SKELETON },
	{ "no-generate-package-json", 'n', ECLI_OPTION_FLAG, .help = "write these two and no package.json",
	  .id = ECC_NO_PACKAGE },
	{ "header-only", 0, ECLI_OPTION_FLAG, .help = "SOURCE is a header: package its structs, without programs",
	  .id = ECC_HEADER_ONLY },
	{ "verbose", 'v', ECLI_OPTION_FLAG, .help = "show the command and each choice; twice: everything",
	  .id = ECC_VERBOSE },
	{ "help", 'h', ECLI_OPTION_FLAG, .help = "show this help", .id = ECC_HELP },
	{ "version", 'V', ECLI_OPTION_FLAG, .help = "show the version", .id = ECC_VERSION },
	{ "output-path", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "DIR", .id = ECC_OUTPUT },
	{ "clang-bin", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "PATH", .id = ECC_CLANG },
	{ "additional-cflags", 0, ECLI_OPTION_STRING, .id = ECC_CFLAG },
	{ "llvm-strip-bin", 'l', ECLI_OPTION_STRING, .id = ECC_STRIP },
	{ "yaml", 'y', ECLI_OPTION_FLAG, .id = ECC_YAML },
	{ "btfgen", 'b', ECLI_OPTION_FLAG, .id = ECC_BTFGEN },
	{ "btfhub-archive", 0, ECLI_OPTION_STRING, .id = ECC_BTFHUB },
	{ "standalone", 's', ECLI_OPTION_FLAG, .id = ECC_STANDALONE },
	{ "subskeleton", 0, ECLI_OPTION_FLAG, .id = ECC_STANDALONE },
	{ "workspace-path", 'w', ECLI_OPTION_STRING, .id = ECC_WORKSPACE },
	{ "wasm-header", 0, ECLI_OPTION_FLAG, .id = ECC_WASM_HEADER },
};
#define ECC_OPTIONS (sizeof(ecc_options) / sizeof(ecc_options[0]))
#define ECC_HIDDEN  11
#define ECC_SHOWN   (ECC_OPTIONS - ECC_HIDDEN)

/* What is not done here, and what to do instead. */
static const struct {
	enum ecc_option option;
	const char *sentence;
} refusals[] = {
	{ ECC_YAML,
	  "a package in YAML (-y, --yaml) cannot be written: leave the option out, package.json holds the same" },
	{ ECC_BTFGEN, "BTF of other kernels goes into package.json itself: instead of -b (--btfgen) give the folder "
		      "with --btf-for DIR" },
	{ ECC_BTFHUB, "BTF of other kernels goes into package.json itself: give the folder with --btf-for DIR" },
	{ ECC_STANDALONE,
	  "a standalone program (-s, --standalone) cannot be made: copy the static build of ecli beside "
	  "package.json, the two need nothing else" },
	{ ECC_WORKSPACE,
	  "there is no workspace (-w, --workspace-path): what ecc needs is inside it, folders of headers are "
	  "added with -a -IDIR" },
	{ ECC_WASM_HEADER,
	  "a header for WebAssembly (--wasm-header) cannot be written: ecli runs package.json by itself, and "
	  "--skel writes the description of the object" },
};

struct command_line {
	struct ecli_compile_opts opts;
	struct ecc_words cflags;
	const char **btf_for; /* NULL-terminated; as many places as there are words */
	size_t n_btf_for;
	int verbose;
	bool help, version;
};

static int refuse(enum ecc_option option, struct ecli_err *err)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].option == option)
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ENOTSUP, "%s", refusals[i].sentence);
	return 0;
}

static int add_cflags(struct command_line *line, const char *text, struct ecli_err *err)
{
	int r = ecc_words_add(&line->cflags, text);

	if (r == -EINVAL)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, r, "--cflag: a quote is never closed in \"%s\"", text);
	return r ? ecli_err_set(err, r, "out of memory") : 0;
}

static int on_option(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct command_line *line = ctx;

	switch ((enum ecc_option)value->option->id) {
	case ECC_OUTPUT:
		line->opts.output_dir = value->text;
		return 0;
	case ECC_BTF:
		line->opts.btf_path = value->text;
		return 0;
	case ECC_BTF_FOR:
		line->btf_for[line->n_btf_for++] = value->text;
		return 0;
	case ECC_TARGET:
		line->opts.target = value->text;
		return 0;
	case ECC_CLANG:
		line->opts.clang = value->text;
		return 0;
	case ECC_CFLAG:
		return add_cflags(line, value->text, err);
	case ECC_KEEP_OBJECT:
		line->opts.keep_object = true;
		return 0;
	case ECC_SKELETON:
		line->opts.skeleton = true;
		return 0;
	case ECC_NO_PACKAGE:
		line->opts.no_package = true;
		return 0;
	case ECC_HEADER_ONLY:
		line->opts.header_only = true;
		return 0;
	case ECC_STRIP: /* ecc strips by itself; nothing is different */
		return 0;
	case ECC_VERBOSE:
		line->verbose++;
		return 0;
	case ECC_HELP:
		line->help = true;
		return 0;
	case ECC_VERSION:
		line->version = true;
		return 0;
	default:
		return refuse((enum ecc_option)value->option->id, err);
	}
}

/* What people hand over instead of a source, which clang would only be puzzled by. */
static int check_source(const struct command_line *line, struct ecli_err *err)
{
	static const struct {
		const char *suffix, *sentence;
	} wrong[] = {
		{ ".o", "is compiled already; ecli run takes it as it is" },
		{ ".json", "is a package already; ecli run takes it as it is" },
		{ ".h", "is a header; write ecc SOURCE HEADER, or --header-only to package its structs alone" },
	};
	const char *source = line->opts.source;
	size_t len = strlen(source);

	if (!strcmp(source, "-"))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "- is no file: ecc reads a source by its name, for its headers lie beside it");

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		size_t n = strlen(wrong[i].suffix);

		if (len > n && !strcmp(source + len - n, wrong[i].suffix) &&
		    !(line->opts.header_only && !strcmp(wrong[i].suffix, ".h")))
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "%s %s", source, wrong[i].sentence);
	}
	return 0;
}

/* SOURCE, then HEADER. */
static int take_word(struct command_line *line, const char *word, struct ecli_err *err)
{
	if (!*word)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "the name of a file is empty");
	if (!line->opts.source)
		line->opts.source = word;
	else if (!line->opts.header)
		line->opts.header = word;
	else
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -E2BIG,
					 "one source and one header at most, but \"%s\" is a third file", word);
	return 0;
}

/* Words may stand between options; behind "--" there are only words. */
static int read_words(struct command_line *line, int argc, char **argv, struct ecli_err *err)
{
	struct ecli_options_parse how = {
		.options = ecc_options, .count = ECC_OPTIONS, .stop_at_word = true, .on_option = on_option, .ctx = line
	};
	bool only_words = false;
	int at = 1, r = 0;

	while (!r && at < argc) {
		int used = 0;

		if (!only_words)
			r = ecli_options_parse(&how, argc - at, argv + at, err, &used);
		at += used;
		only_words |= used && !strcmp(argv[at - 1], "--");
		if (!r && at < argc)
			r = take_word(line, argv[at++], err);
	}
	return r;
}

static int help(void)
{
	struct ecli_buf out = { 0 };

	ecli_buf_add_text(&out, "Compiles the kernel side of an eBPF tool into a package that ecli runs anywhere.\n\n"
				"Usage: ecc [OPTIONS] SOURCE [HEADER]\n\n"
				"SOURCE is a tool.bpf.c, HEADER the file that defines its event. Without HEADER\n"
				"the event is the value type of a ring buffer map, a struct under a comment with\n"
				"@export, or what the source hands to bpf_ringbuf_submit() and its like. The\n"
				"result is package.json.\n\nOptions:\n");
	ecli_options_help(ecc_options, ECC_SHOWN, &out);
	ecli_buf_add_text(&out, "\nExamples:\n"
				"  ecc exitsnoop.bpf.c exitsnoop.h\n"
				"  ecc -o out -a -DDEBUG tool.bpf.c\n"
				"  sudo ecli run package.json\n\n"
				"Exit status: 0 done, 1 failed, 2 wrong usage.\n");
	return cli_print("ecc", &out);
}

static void on_step(void *ctx, enum ecli_compile_step step)
{
	static const char *const lines[] = {
		[ECLI_COMPILE_CLANG] = "Compiling bpf object...",
		[ECLI_COMPILE_EXPORTS] = "Generating export types...",
		[ECLI_COMPILE_PACK] = "Packing ebpf object and config into package.json...",
	};

	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	(void)ctx;
	/* Signals are held now: a reader who sleeps is not waited for, and has less to read. A line fits where there is room. */
	if (poll(&out, 1, 0) != 1)
		return;
	puts(lines[step]);
	fflush(stdout); /* before anything clang has to say */
}

static int run(struct command_line *line)
{
	struct ecli_err err = { 0 };
	char *path = NULL;

	line->opts.cflags = (const char *const *)line->cflags.items;
	line->opts.btf_for = line->btf_for;
	line->opts.on_step = on_step;
	cli_log_to_stderr("ecc", line->verbose);
	say_without_waiting();
	int r = ecli_compile(&line->opts, &err, &path);
	say_wait_again(-1);
	if (r)
		return cli_error("ecc", &err);
	free(path);
	return cli_close_stdout("ecc");
}

/* `ecc --complete WORDS`: what may stand for the last word, a line each, for the shells (packaging/completion). */
static int complete(int argc, char **argv)
{
	static const char *const sources[] = { ".c", NULL }, *const headers[] = { ".h", NULL };
	struct ecli_buf out = { 0 };
	int n_words = 0, at = 0, used = 0;

	while (at < argc) {
		enum ecli_complete what =
			ecli_options_complete(ecc_options, ECC_OPTIONS, argc - at, argv + at, &out, &used);

		if (what == ECLI_COMPLETE_FILE)
			cli_complete_files(argv[argc - 1], (size_t)used, NULL, &out);
		if (what != ECLI_COMPLETE_WORD)
			break;
		at += used;
		if (at == argc - 1 && n_words < 2)
			cli_complete_files(argv[at], 0, n_words ? headers : sources, &out);
		n_words++;
		at++;
	}
	fputs(ecli_buf_text(&out), stdout);
	ecli_buf_done(&out);
	return CLI_EXIT_OK;
}

int main(int argc, char **argv)
{
	struct command_line line = { 0 };
	struct ecli_err err = { 0 };
	int status;

	cli_begin();
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && !strcmp(argv[1], "--complete"))
		return complete(argc - 2, argv + 2);
	line.btf_for = calloc((size_t)argc + 1, sizeof(*line.btf_for));
	if (!line.btf_for)
		return CLI_EXIT_FAILED;
	int r = read_words(&line, argc, argv, &err);

	if (line.help) {
		status = help();
	} else if (r) {
		status = cli_error("ecc", &err);
	} else if (line.version) {
		printf("ecc %s\n", ecli_version());
		status = cli_close_stdout("ecc");
	} else if (!line.opts.source) {
		status = cli_usage_error("ecc", "a source is needed: ecc tool.bpf.c [tool.h]");
	} else if (line.opts.header_only && line.opts.header) {
		status = cli_usage_error("ecc", "with --header-only SOURCE is the header: \"%s\" is one file too many",
					 line.opts.header);
	} else if (check_source(&line, &err)) {
		status = cli_error("ecc", &err);
	} else {
		status = run(&line);
	}
	ecc_words_done(&line.cflags);
	free(line.btf_for);
	return status;
}
