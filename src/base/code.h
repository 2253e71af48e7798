/* SPDX-License-Identifier: MIT */
/*
 * The code of a BPF object as libbpf takes it: which functions there are, which of them are programs, what their instructions are and
 * which of those a relocation fills in. Nothing of it is executed, no path is followed.
 *
 *     .text                 helper [0, 16)          functions that programs call
 *     tp_btf/sched_switch   on_switch [0, 64)       every function symbol is a program
 *                           "" [64, 72)             code of no function: never loaded, but told like the rest
 *
 * All names point into the object's bytes and live as long as they do.
 */
#ifndef ECLI_BASE_CODE_H
#define ECLI_BASE_CODE_H

#include "base/elf.h"

#define ECLI_CODE_BYTES 8u /* of one instruction */

struct ecli_code_function {
	const char *name; /* "" for code that belongs to no function symbol */
	const char *section;
	uint32_t section_index;
	uint64_t offset, size; /* bytes, whole instructions */
	const unsigned char *bytes;
	bool is_program;
	bool is_again; /* another name of the function before it in the list: the same bytes */
};

/* An instruction that is filled in when it is loaded; @symbol: what with, an index of the table of symbols. */
struct ecli_code_fill {
	uint32_t section_index, symbol;
	uint64_t offset;
};

struct ecli_code {
	struct ecli_code_function *functions; /* in the order of their places */
	size_t n_functions;
	struct ecli_code_fill *fills; /* the same */
	size_t n_fills;
};

struct ecli_instruction {
	unsigned char opcode, destination, source;
	int16_t offset;
	int32_t immediate;
};

/*
 * Finds and checks the functions. Refused (-EINVAL, a sentence) is what no compiler makes and what would make the object say one thing and
 * load another: functions that overlap, are cut, end within an instruction or have names that are no text, two programs of one name, static
 * programs, sections that libbpf expects once and finds twice, calls and 64-bit constants that name something of the kernel by a
 * number instead of a relocation, relocations that libbpf may pass over or two at one place, calls of a setting. -ENOMEM. @ret: ecli_code_done().
 */
int ecli_code_read(const struct ecli_elf *elf, struct ecli_err *err, struct ecli_code *ret);
void ecli_code_done(struct ecli_code *code);

/* The instruction at @bytes, ECLI_CODE_BYTES of them. */
struct ecli_instruction ecli_code_decode(const unsigned char *bytes);
/* How many bytes it takes: a 64-bit constant has two slots. */
uint64_t ecli_code_length(const struct ecli_instruction *in);
/* Whether the opcode is one of Linux 6.18 (Documentation/bpf/standardization/instruction-set.rst). */
bool ecli_code_is_known(const struct ecli_instruction *in);

/* Whether some function, taken or not, calls the helper of that number (enum bpf_func_id). */
bool ecli_code_calls(const struct ecli_code *code, uint32_t helper);

/* What fills in the instruction at that place; NULL: nothing. */
const struct ecli_code_fill *ecli_code_fill_at(const struct ecli_code *code, uint32_t section_index, uint64_t offset);

#endif
