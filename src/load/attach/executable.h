/* SPDX-License-Identifier: MIT */
/*
 * A program or library as bytes of ELF: its segments, sections and symbols. The file is somebody else's: nothing in it is believed, it may change
 * while it is read, and the work is bounded whatever it says. 32 and 64 bits, of this machine's byte order.
 */
#ifndef ECLI_LOAD_ATTACH_EXECUTABLE_H
#define ECLI_LOAD_ATTACH_EXECUTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecli/base.h>

#define ECLI_EXECUTABLE_MAX_NAME 4096 /* bytes of a name with the NUL; longer ones are cut off */
#define ECLI_EXECUTABLE_MAX_LOAD 64   /* segments that are loaded */

struct ecli_executable_section {
	uint32_t name, type, link;
	uint64_t offset, size;
};

struct ecli_executable {
	int fd; /* borrowed */
	uint64_t size;
	bool is_64;
	uint16_t machine; /* EM_... */
	struct ecli_executable_load {
		uint64_t address, offset, size;
		bool is_code;
	} loads[ECLI_EXECUTABLE_MAX_LOAD];
	size_t n_loads;
	struct ecli_executable_section *sections; /* owned */
	uint32_t n_sections, names;               /* which section has the names of sections */
};

/*
 * Errors of all calls: -ENOEXEC: no ELF file of this machine's byte order, or a damaged one; -E2BIG: more than is looked through; -ESTALE: it was
 * cut while it was read; -ENOMEM; else why it cannot be read.
 */

/* Reads @fd from its beginning, wherever it stands. The caller closes @ret, whatever comes back; @fd stays open. */
int ecli_executable_open(int fd, struct ecli_executable *ret);
void ecli_executable_close(struct ecli_executable *executable);

/* Whether this machine runs it: a library for another one is never mapped here. */
bool ecli_executable_is_native(const struct ecli_executable *executable);
/* The name of the machine it is for, "?" where it is none of the usual ones. */
const char *ecli_executable_machine(const struct ecli_executable *executable);

/* Where the byte at a virtual address lies in the file: through the segment that has it, which must be executable for code. */
bool ecli_executable_to_offset(const struct ecli_executable *executable, uint64_t address, bool is_code,
			       uint64_t *ret_offset);

/* Whether it has a section of that name. */
int ecli_executable_has_section(const struct ecli_executable *executable, const char *name, bool *ret);

/* The bytes of a section, malloc'ed with a NUL behind; -E2BIG above @max. */
int ecli_executable_read(const struct ecli_executable *executable, const struct ecli_executable_section *section,
			 uint64_t max, unsigned char **ret);

/* One symbol with a place in an executable segment. */
struct ecli_executable_symbol {
	const char *name; /* @room bytes of it may be read; it need not end there */
	size_t room;
	uint64_t address, offset;
	enum ecli_executable_kind {
		ECLI_EXECUTABLE_FUNCTION,
		ECLI_EXECUTABLE_INDIRECT, /* code that chooses the function when a process starts (IFUNC) */
		ECLI_EXECUTABLE_UNTYPED,  /* a label, as assembly code without .type leaves it */
	} kind;
	uint16_t version; /* its index in .gnu.version; 0: none */
	bool is_old;      /* of several versions not the one that programs get that are linked now */
};
typedef int (*ecli_executable_fn)(void *ctx, const struct ecli_executable_symbol *symbol);

/* Calls @fn for the symbols of .dynsym and .symtab, the first of each. Ends with what @fn returns if that is not 0. */
int ecli_executable_symbols(const struct ecli_executable *executable, ecli_executable_fn fn, void *ctx);

/* The index of the version called @name that the file defines; 0: it defines none of that name. */
int ecli_executable_version(const struct ecli_executable *executable, const char *name, uint16_t *ret);

/*
 * The slots that the linker wants filled with what a resolver chooses (R_*_IRELATIVE), as pairs {resolver, slot} of virtual addresses. @ret is freed by
 * the caller; of files of 32 bits there are none.
 */
struct ecli_executable_slot {
	uint64_t resolver, slot;
};
int ecli_executable_slots(const struct ecli_executable *executable, struct ecli_executable_slot **ret,
			  size_t *ret_count);

/* Whether a reader with no bounds of its own (libelf, libbpf) can be given the file: 0, or an error of above, -E2BIG also for notes that are too
 * many. */
int ecli_executable_check(const struct ecli_executable *executable);

#endif
