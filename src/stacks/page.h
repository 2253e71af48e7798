/* SPDX-License-Identifier: MIT */
/* The page of a flame graph, put together from page.html, page.css and page.js by page.sh when the program is built. */
#ifndef ECLI_STACKS_PAGE_H
#define ECLI_STACKS_PAGE_H

#include <stddef.h>

/* Where @TITLE@ and @PROFILE@ stood the page is cut in three. */
enum { ECLI_STACKS_PAGE_PARTS = 3 };
extern const char *const ecli_stacks_page[ECLI_STACKS_PAGE_PARTS];
extern const size_t ecli_stacks_page_sizes[ECLI_STACKS_PAGE_PARTS];

#endif
