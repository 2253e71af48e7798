/* SPDX-License-Identifier: MIT */
/* Names of files for the shells' completion. */
#ifndef ECLI_CLI_COMPLETE_H
#define ECLI_CLI_COMPLETE_H

#include <ecli/base.h>

/*
 * Appends the files and folders that @word, from its byte @start on, may become: whole words, a line each, folders with '/' at the
 * end. @suffixes: files must end in one of them, NULL at the end; NULL: any file. What cannot be read has no candidates.
 */
void cli_complete_files(const char *word, size_t start, const char *const *suffixes, struct ecli_buf *out);

#endif
