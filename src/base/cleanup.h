/* SPDX-License-Identifier: MIT */
/*
 * Cleanup attributes for owning locals. A local that owns something says so where it is declared, and every way out of the
 * block releases it; handing ownership on is written TAKE_PTR(p) or TAKE_FD(fd).
 */
#ifndef ECLI_BASE_CLEANUP_H
#define ECLI_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ecli/base.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define CLEANUP_FREE CLEANUP(cleanup_free)
#define CLEANUP_FD   CLEANUP(cleanup_fd)
#define CLEANUP_FILE CLEANUP(cleanup_file)
#define CLEANUP_BUF  CLEANUP(ecli_buf_done)

/* Defines cleanup_<name>() for a type with a free function that accepts NULL. */
#define DEFINE_CLEANUP(name, type, free_fn)                                                                            \
	static inline void cleanup_##name(type *p)                                                                     \
	{                                                                                                              \
		if (*p)                                                                                                \
			free_fn(*p);                                                                                   \
	}

#define TAKE_PTR(p)                                                                                                    \
	({                                                                                                             \
		__typeof__(p) taken_ = (p);                                                                            \
		(p) = NULL;                                                                                            \
		taken_;                                                                                                \
	})

#define TAKE_FD(fd)                                                                                                    \
	({                                                                                                             \
		int taken_ = (fd);                                                                                     \
		(fd) = -1;                                                                                             \
		taken_;                                                                                                \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
