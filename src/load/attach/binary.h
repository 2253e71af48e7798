/* SPDX-License-Identifier: MIT */
/*
 * Files of user programs and the functions in them, for probes: from "libc" or "bash" to a path, from a pattern to offsets. The
 * files are whatever the machine has; nothing in them is believed.
 */
#ifndef ECLI_LOAD_ATTACH_BINARY_H
#define ECLI_LOAD_ATTACH_BINARY_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include <ecli/base.h>

/*
 * The file that @name means: a path; the name of a library ("libc.so.6", "libc", "c") as the dynamic linker would find it; a
 * program of $PATH. With @pid (-1: none) as that process sees it: its mappings first, and paths through /proc/PID/root.
 * False: there is none; then @ret is @name.
 */
bool ecli_binary_find(const char *name, int pid, char ret[PATH_MAX]);

/* Offsets in a file of 64-bit ELF of its functions whose names fit @pattern (fnmatch(3)), each once. 0 with none is possible. -ENOEXEC:
 * not such a file; -ENOMEM; else why it cannot be read. @ret_offsets is freed by the caller. */
int ecli_binary_functions(const char *path, const char *pattern, uint64_t **ret_offsets, size_t *ret_count);

#endif
