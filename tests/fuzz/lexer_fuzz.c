/* SPDX-License-Identifier: MIT */
/*
 * Reads sources that were changed at random, always the same way: cut, doubled, spliced, with bytes that matter to a lexer put
 * anywhere. Asked of each:
 *
 *     tokens lie in the text, in order, with the line that counting newlines gives
 *     names of declarations are words of the text; texts of comments are valid UTF-8
 *     names of reported structs are words of the text, each once
 *     reading ends, and sanitizers find nothing
 *
 *     lexer_fuzz ROUNDS FILE...          with libFuzzer (meson -Dfuzz=true): lexer_fuzz [OPTIONS] FOLDER
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"
#include "compile/lexer.h"
#include "compile/reports.h"
#include "compile/source.h"
#include "plain.h"

#define MAX_INPUT (64 * 1024)

#ifndef ECLI_LIBFUZZER
static const char *const snippets[] = {
	"/*",
	"*/",
	"//",
	"/**",
	"///",
	"///<",
	"\"",
	"'",
	"\\\n",
	"\\\r\n",
	"\n",
	"#if 0\n",
	"#if",
	"#else",
	"#elif 0\n",
	"#endif\n",
	"#",
	"{",
	"}",
	"(",
	")",
	";",
	",",
	"=",
	"struct ",
	"@cmdarg {",
	"@",
	"typedef ",
	"BPF_PROG(",
	"/// doc\nKNOB(__u32, limit, 0)",
	"SEC(\"",
	"[",
	"]",
	"\xff",
	"\xef\xbb\xbf",
	"\xe4\xbd\xa0",
	"enum ",
	"bpf_ringbuf_submit(e, 0);",
	"bpf_perf_event_output(c, &m, 0, &e, sizeof(e));",
	"struct event *e;",
	"event_t e;",
	"} event_t;",
	"sizeof(",
};

static uint64_t state = 0x9e3779b97f4a7c15;

/* xorshift64: the same numbers on every machine. */
static size_t below(size_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return limit ? (size_t)(state % limit) : 0;
}

static void insert(char *text, size_t *len, size_t at, const char *bytes, size_t count)
{
	if (*len + count > MAX_INPUT)
		return;
	memmove(text + at + count, text + at, *len - at);
	memcpy(text + at, bytes, count);
	*len += count;
}

static void mutate(char *text, size_t *len)
{
	for (size_t n = 1 + below(8); n; n--) {
		size_t at = below(*len + 1), count = below(64);

		if (count > *len - at)
			count = *len - at;
		switch (below(6)) {
		case 0: /* one byte */
			if (at < *len)
				text[at] = (char)below(256);
			break;
		case 1: /* take out */
			memmove(text + at, text + at + count, *len - at - count);
			*len -= count;
			break;
		case 2: { /* double */
			char copy[64];
			memcpy(copy, text + at, count);
			insert(text, len, at, copy, count);
			break;
		}
		case 3: /* cut */
			if (!below(4))
				*len = at;
			break;
		default: {
			const char *snippet = snippets[below(ARRAY_SIZE(snippets))];
			insert(text, len, at, snippet, strlen(snippet));
		}
		}
	}
}
#endif

static void fail(const char *what, const char *text, size_t len)
{
	fprintf(stderr, "%s; the input:\n", what);
	fwrite(text, 1, len, stderr);
	abort();
}

static void check_tokens(const char *text, size_t len)
{
	struct ecli_lexer lexer;
	struct ecli_token token;
	const char *at = text;
	uint32_t line = 1;

	ecli_lexer_init(&lexer, text, len);
	for (;;) {
		ecli_lexer_next(&lexer, &token);
		if (token.text < at || token.text + token.len > text + len)
			fail("a token is outside the text or before the last one", text, len);
		for (; at < token.text; at++)
			line += *at == '\n';
		if (token.line != line)
			fail("a token has the wrong line", text, len);
		for (; at < token.text + token.len; at++)
			line += *at == '\n';
		if (token.end_line != line)
			fail("a token has the wrong last line", text, len);
		if (token.kind == ECLI_TOKEN_END)
			break;
		if (!token.len)
			fail("a token is empty", text, len);
	}
	if (at != text + len)
		fail("the last token is not the end", text, len);
}

static bool is_utf8(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		size_t more = *p < 0x80                 ? 0
			      : *p >= 0xc2 && *p < 0xe0 ? 1
			      : *p >= 0xe0 && *p < 0xf0 ? 2
			      : *p >= 0xf0 && *p < 0xf5 ? 3
							: 9;

		if (more == 9)
			return false;
		for (p++; more; more--, p++)
			if ((*p & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static void check_doc(const struct ecli_doc *doc, const char *text, size_t len)
{
	if (!doc->line)
		return;
	if (!is_utf8(doc->text))
		fail("the text of a comment is not UTF-8", text, len);
	for (size_t i = 0; i < doc->n_tags; i++)
		if (!*doc->tags[i].name || !is_utf8(doc->tags[i].value) || doc->tags[i].line < doc->line)
			fail("a tag is wrong", text, len);
}

static void check_source(const char *text, size_t len)
{
	struct ecli_source source;

	if (ecli_source_parse("fuzz", text, len, NULL, &source))
		fail("reading failed", text, len);
	for (size_t i = 0; i < source.n_decls; i++) {
		const struct ecli_decl *decl = &source.decls[i];

		if (!*decl->name || !memmem(text, len, decl->name, strlen(decl->name)))
			fail("a name is not in the text", text, len);
		if ((decl->kind == ECLI_DECL_MEMBER || decl->kind == ECLI_DECL_MACRO) != (decl->parent != NULL))
			fail("only members and macros have a parent", text, len);
		check_doc(&decl->doc, text, len);
	}
	check_doc(&source.file_doc, text, len);
	for (size_t i = 0; i < source.n_stray; i++)
		check_doc(&source.stray[i], text, len);
	ecli_source_done(&source);
}

static void check_reports(const char *text, size_t len)
{
	struct ecli_reports reports = { 0 };

	if (ecli_reports_parse(text, len, &reports))
		fail("reading what is reported failed", text, len);
	for (size_t i = 0; i < reports.count; i++) {
		if (!*reports.names[i] || !memmem(text, len, reports.names[i], strlen(reports.names[i])))
			fail("a reported name is not in the text", text, len);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(reports.names[i], reports.names[k]))
				fail("a name is reported twice", text, len);
	}
	ecli_reports_done(&reports);
}

/* A copy of exactly its size, so that a sanitizer sees the first byte read too far. */
static void check(const char *text, size_t len)
{
	char *exact = malloc(len ? len : 1);

	if (!exact)
		abort();
	memcpy(exact, text, len);
	check_tokens(exact, len);
	check_source(exact, len);
	check_reports(exact, len);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((const char *)data, size);
	return 0;
}

#ifndef ECLI_LIBFUZZER

int main(int argc, char **argv)
{
	static char text[MAX_INPUT];
	struct ecli_err err = { 0 };
	uint64_t rounds = argc > 1 ? fuzz_runs(argv[1]) : 0, inputs = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: lexer_fuzz ROUNDS FILE...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		CLEANUP_BUF struct ecli_buf seed = { 0 };

		if (ecli_file_read(argv[i], MAX_INPUT / 2, &seed, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		check(seed.data, seed.len);
		for (uint64_t round = 0; round < rounds; round++) {
			size_t len = seed.len;

			memcpy(text, seed.data, len);
			mutate(text, &len);
			check(text, len);
			inputs++;
		}
	}
	printf("%llu inputs\n", (unsigned long long)inputs);
	return 0;
}

#endif
