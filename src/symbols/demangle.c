/* SPDX-License-Identifier: MIT */
/*
 * The demangler is GCC's, libiberty (docs/design/0013-symbols.md says why). Its two entry points with a callback build
 * everything on the stack and hand over text in pieces.
 *
 * Names come from files anybody may write, and a few hundred bytes can stand for gigabytes: each substitution may name
 * twice what the one before it names. Neither entry point can be told to stop, so the callback leaves with longjmp() once
 * the text is longer than anybody reads. Nothing is lost by that in C++; in Rust at most one identifier's letters.
 *
 * Parameters are left out, as perf does: they make most of a C++ name and say little in a stack.
 */
#include "symbols/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>
#undef ARRAY_SIZE /* libiberty's */

#include "base/cleanup.h"

enum {
	MAX_MANGLED = 16 << 10,
	MAX_READABLE = 4 << 10,
};

struct readable {
	struct ecli_buf *out;
	size_t before; /* length of out when this name began */
	jmp_buf too_long;
};

static void on_text(const char *text, size_t len, void *ctx)
{
	struct readable *readable = ctx;

	if (readable->out->len - readable->before + len > MAX_READABLE)
		longjmp(readable->too_long, 1);
	ecli_buf_add(readable->out, text, len);
}

bool ecli_demangle(const char *name, struct ecli_buf *out)
{
	struct readable readable = { .out = out, .before = out->len };

	/* Rust's older form is made of valid C++ names: Rust is asked first. */
	if (name[0] != '_' || !strchr("ZR_", name[1]) || strnlen(name, MAX_MANGLED) == MAX_MANGLED)
		return false;
	if (setjmp(readable.too_long)) {
		out->len = readable.before;
		return false;
	}
	if (rust_demangle_callback(name, 0, on_text, &readable) ||
	    (out->len = readable.before, cplus_demangle_v3_callback(name, DMGL_ANSI, on_text, &readable)))
		return out->len > readable.before;
	out->len = readable.before;
	return false;
}

const char *ecli_demangle_keep(const char *name, struct ecli_names *names)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	if (strnlen(name, MAX_MANGLED) == MAX_MANGLED)
		return NULL;
	return ecli_names_add(names, ecli_demangle(name, &text) ? ecli_buf_text(&text) : name);
}
