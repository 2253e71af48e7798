/* SPDX-License-Identifier: MIT */
/*
 * clang's object -> the object of the package: without DWARF, with the prelude's counter map when the object refers to
 * it.
 */
#ifndef ECLI_COMPILE_LINK_H
#define ECLI_COMPILE_LINK_H

#include <ecli/base.h>

/* An unnamed file in memory that a path (/proc/self/fd/N) names, also in a child that inherits it. -errno on failure. */
int ecli_link_memory_file(const char *name, const void *data, size_t size, struct ecli_err *err);
/* Its path, in a buffer of the caller's. */
#define ECLI_LINK_PATH_MAX 32
void ecli_link_path(int fd, char path[ECLI_LINK_PATH_MAX]);

/*
 * @object_fd: clang's output, a memory file. Appends the final object to @ret_object.
 * @source: what was compiled, for sentences about it (mistakes.h). @paths: see paths.h; @err's other sentences call the
 * object "the compiler's output".
 */
struct ecli_path_rule;
struct ecli_source;
int ecli_link(int object_fd, const struct ecli_source *source, const struct ecli_path_rule *paths, struct ecli_err *err,
	      struct ecli_buf *ret_object);

#endif
