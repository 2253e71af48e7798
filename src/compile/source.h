/* SPDX-License-Identifier: MIT */
/*
 * What a source or header declares at file scope, and the doc comment of each: the lexer's tokens, read as
 * declarations.
 *
 *     /// @export                      STRUCT  event               doc of line 1
 *     struct event {
 *             __u32 pid; ///< @hidden  MEMBER  event.pid           doc of line 3
 *     };
 *     SEC("tp/x") int BPF_PROG(f, ..)  FUNCTION f
 *     const volatile int a, b;         OBJECT  a, OBJECT b         variables and maps
 *     /// text
 *     KNOB(__u32, limit, 0);           MACRO   KNOB                with the names "limit"
 *
 * It is not a C parser: whether a declaration is really in the object is asked of the object's BTF by the caller.
 */
#ifndef ECLI_COMPILE_SOURCE_H
#define ECLI_COMPILE_SOURCE_H

#include "compile/doc.h"

enum ecli_decl_kind {
	ECLI_DECL_OBJECT,   /* a variable or map */
	ECLI_DECL_FUNCTION, /* a function with a body */
	ECLI_DECL_STRUCT,   /* a struct with a name and a body */
	ECLI_DECL_MEMBER,   /* a named member of such a struct */
	ECLI_DECL_MACRO,    /* a macro: what it declares is one of its arguments, or unknown */
};

struct ecli_decl {
	enum ecli_decl_kind kind;
	char *name;
	char *parent; /* MEMBER: name of the struct; MACRO: the names among its arguments, a space behind each; else NULL */
	uint32_t line;
	bool is_open; /* MACRO: the next declaration follows without a `;`: it may be what the comment speaks of */
	struct ecli_doc doc; /* line 0: none */
};

/* What this very file includes. */
struct ecli_includes {
	bool vmlinux, bpf, uapi, other; /* uapi: of linux/ */
	bool begins_with_bpf;           /* before anything that defines the types which those files use */
};

struct ecli_source {
	char *path; /* for sentences */
	struct ecli_decl *decls;
	size_t n_decls;
	struct ecli_doc file_doc; /* the first doc comment when no declaration follows it directly */
	struct ecli_doc *stray;   /* doc comments with tags that belong to nothing */
	size_t n_stray;
	struct ecli_includes includes;
};

/* Reads any text. Errors: -ENOMEM. @path: copied, for sentences. */
int ecli_source_parse(const char *path, const char *text, size_t len, struct ecli_err *err,
		      struct ecli_source *ret_source);
/* The same from a file of at most 16 MiB. */
int ecli_source_read(const char *path, struct ecli_err *err, struct ecli_source *ret_source);
void ecli_source_done(struct ecli_source *source);

#endif
