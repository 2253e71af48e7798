/* SPDX-License-Identifier: MIT */
/*
 * One doc comment, read: its plain text and its tags (docs/formats/annotations.md).
 *
 *     /// Shortest wait to report, in microseconds.            text   "Shortest wait to report, in microseconds."
 *     /// @cmdarg {"short": "m",                               tag    cmdarg = {"short": "m", "long": "min"}
 *     ///          "long": "min"}
 */
#ifndef ECLI_COMPILE_DOC_H
#define ECLI_COMPILE_DOC_H

#include <ecli/base.h>

struct ecli_doc_tag {
	char *name;
	char *value; /* "" when the tag stands alone */
	uint32_t line;
};

struct ecli_doc {
	char *text; /* lines without a tag, joined by spaces; "" when there are none */
	struct ecli_doc_tag *tags;
	size_t n_tags;
	uint32_t line; /* of the comment's start; 0: there is no comment */
};

/*
 * Reads the raw text of one or more adjacent doc comments, with their marks, starting at @line. Any bytes are accepted;
 * bytes that are not UTF-8 become U+FFFD. 0 or -ENOMEM.
 */
int ecli_doc_parse(const char *raw, size_t len, uint32_t line, struct ecli_doc *ret_doc);
void ecli_doc_done(struct ecli_doc *doc);

/* The last tag of that name, or NULL. */
const struct ecli_doc_tag *ecli_doc_tag(const struct ecli_doc *doc, const char *name);

#endif
