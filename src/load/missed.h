/* SPDX-License-Identifier: MIT */
/* What the kernel did not run a program for. See missed.c. */
#ifndef ECLI_LOAD_MISSED_H
#define ECLI_LOAD_MISSED_H

#include <stdint.h>

/* Since the program was loaded; 0 where the kernel does not tell. */
uint64_t ecli_missed_by_recursion(int prog_fd);
/* Since the link was made; 0 for links that are no kprobes, and where the kernel does not tell. */
uint64_t ecli_missed_by_probe(int link_fd);

#endif
