/* SPDX-License-Identifier: MIT */
/* One file with code: what it tells of an address. Read at the first question. */
#ifndef ECLI_SYMBOLS_SYMFILE_H
#define ECLI_SYMBOLS_SYMFILE_H

#include <time.h>

#include "symbols/files.h"
#include "symbols/image.h"
#include "symbols/lines.h"

struct ecli_symfile {
	struct ecli_file_key key;
	int fd; /* -1: closed since, or in memory */
	uint64_t size;
	struct timespec changed;
	uint32_t user;            /* whose it is */
	uint32_t holder;          /* whose process mapped it first */
	struct ecli_files *owner; /* NULL: of none */
	bool is_old;              /* was changed since: no new process maps it */
	char *path;
	uint32_t number;
	unsigned refs; /* mappings */
	uint64_t used; /* when it was asked last, in questions */
	bool with_lines;

	bool is_read;
	enum ecli_left_out no_lines, no_functions; /* why not, where the file has them */
	bool has_lost_lines;                       /* they had to go, and can be read again */
	unsigned n_reads, n_line_reads;
	struct ecli_names *names; /* borrowed */
	struct ecli_image_load loads[ECLI_IMAGE_LOADS];
	size_t n_loads;
	struct ecli_symtab functions;
	int debug_fd; /* the file that lines come from, when it is another; -1. Open also when they are lost */
	struct ecli_lines *lines; /* NULL: none */
};

/* Nothing is read or opened. NULL when out of memory. */
struct ecli_symfile *ecli_symfile_new(struct ecli_names *names, const char *path);
void ecli_symfile_free(struct ecli_symfile *file);

/* The vdso of this process, and the size of its mapping. NULL: there is none. */
struct ecli_symfile *ecli_symfile_vdso(struct ecli_names *names, uint64_t *ret_size_bytes);

/* Whether all that can be read of it is. */
bool ecli_symfile_is_ready(const struct ecli_symfile *file);
/* Reads what is not read yet. @root_fd: of a process that maps it, for its debug file; -1. */
void ecli_symfile_read(struct ecli_symfile *file, int root_fd);
/* Reads functions and closes: what can be told from now on is what is in memory. */
void ecli_symfile_settle(struct ecli_symfile *file);
/* Frees what was read, or only the lines; unless it is closed it can be read again, a few times. */
void ecli_symfile_forget_lines(struct ecli_symfile *file);
void ecli_symfile_forget(struct ecli_symfile *file);
size_t ecli_symfile_bytes(const struct ecli_symfile *file);

/* The file as work that is done. */
struct ecli_work ecli_symfile_work(const struct ecli_symfile *file);

/* After a file was read: others may have to give up their memory for it. */
void ecli_files_used(struct ecli_files *files, struct ecli_symfile *file);
/* The same before so many bytes of it are read. False: they will not fit. */
bool ecli_files_make_room(struct ecli_files *files, const struct ecli_symfile *file, size_t bytes);
struct ecli_checked *ecli_files_checked(struct ecli_files *files);

#endif
