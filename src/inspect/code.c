/* SPDX-License-Identifier: MIT */
/*
 * Reads the instructions of an object, function by function, as the verifier would meet them, but follows no path: every call and every form
 * of instruction counts, taken or not (base/code.h).
 *
 *     byte 0  opcode      byte 1  destination | source << 4      bytes 2-3  offset      bytes 4-7  immediate
 *     85 0? .... ID       call of helper ID (source 0)           18 ...    a 64-bit constant: takes two slots
 *
 * What is not known here, an instruction of later kernels, is told as an effect: it may do anything.
 * Sources: Documentation/bpf/standardization/instruction-set.rst; struct btf_ext_header of Documentation/bpf/btf.rst.
 */
#include "inspect/model.h"

#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "inspect/tables.h"

#define OP_CALL          (BPF_JMP | BPF_CALL)
#define OP_ATOMIC32      (0xc0u | BPF_W | BPF_STX)
#define OP_ATOMIC64      (0xc0u | BPF_DW | BPF_STX)
#define OP_MAY_GOTO      0xe5u /* BPF_JCOND, since 6.9 */
#define MODE_SIGN_EXTEND 0x80u

/* What was seen in all functions. */
struct seen {
	bool subprograms, atomics, jumps32, back_jumps, version4;
};

/* Forms that only instruction set version 4 has (clang -mcpu=v4). */
static bool is_version4(const struct ecli_instruction *in)
{
	unsigned int class = BPF_CLASS(in->opcode), op = BPF_OP(in->opcode);

	if (class == BPF_LDX)
		return BPF_MODE(in->opcode) == MODE_SIGN_EXTEND;
	if (class == BPF_JMP32)
		return op == BPF_JA;
	if (class != BPF_ALU && class != BPF_ALU64)
		return false;
	if (op == BPF_END)
		return class == BPF_ALU64;
	/* Signed division and moves with sign extension say so in the offset. */
	return in->offset && (op == BPF_DIV || op == BPF_MOD || op == BPF_MOV);
}

static void look(const struct ecli_instruction *in, struct seen *seen)
{
	unsigned int class = BPF_CLASS(in->opcode);

	if ((in->opcode == OP_ATOMIC32 || in->opcode == OP_ATOMIC64) && in->immediate != BPF_ADD)
		seen->atomics = true;
	if (class == BPF_JMP32)
		seen->jumps32 = true;
	if (class == BPF_JMP && in->offset < 0 && in->opcode != OP_CALL && BPF_OP(in->opcode) != BPF_EXIT)
		seen->back_jumps = true;
	seen->version4 |= is_version4(in);
}

/* Whether a call of that form goes to a function of the object. */
static bool is_inner(const struct ecli_elf *elf, const struct ecli_instruction *in, const struct ecli_code_fill *fill)
{
	struct ecli_elf_symbol symbol;

	if (in->source != BPF_PSEUDO_CALL)
		return false;
	return !fill || !ecli_elf_symbol(elf, fill->symbol, &symbol) || symbol.section != SHN_UNDEF;
}

static int add_unknown(struct inspect *inspect, const struct ecli_code_function *function, unsigned char opcode,
		       struct ecli_err *err)
{
	struct ecli_buf cause = { 0 };

	ecli_buf_add_format(&cause, "0x%02x in %s", opcode, *function->name ? function->name : function->section);
	return inspect_effect(inspect, "has instructions that are not known here and may do anything",
			      inspect_keep(inspect, ecli_buf_take(&cause)), err);
}

static int look_through(struct inspect *inspect, const struct ecli_elf *elf, const struct ecli_code *code,
			const struct ecli_code_function *function, struct seen *seen, struct ecli_err *err)
{
	bool told = false;
	int r = 0;

	for (uint64_t at = 0; !r && at < function->size;) {
		struct ecli_instruction in = ecli_code_decode(function->bytes + at);

		look(&in, seen);
		if (in.opcode == OP_CALL) {
			const struct ecli_code_fill *fill =
				ecli_code_fill_at(code, function->section_index, function->offset + at);

			seen->subprograms |= is_inner(elf, &in, fill);
			if (!in.source && !fill)
				r = inspect_helper_call(inspect, function, (uint32_t)in.immediate, err);
		} else if (in.opcode == OP_MAY_GOTO) {
			r = inspect_cost(inspect, function, "may_goto", err);
		} else if (!told && !ecli_code_is_known(&in)) {
			told = true;
			r = add_unknown(inspect, function, in.opcode, err);
		}
		at += ecli_code_length(&in);
	}
	return r;
}

/* Whether .BTF.ext holds relocations against the kernel's types (CO-RE). */
static bool has_relocations(const struct ecli_elf *elf)
{
	struct ecli_elf_section section;
	uint32_t head
		[8]; /* magic, version, flags; hdr_len; func_info off, len; line_info off, len; core_relo off, len */

	if (!ecli_elf_find_section(elf, ".BTF.ext", &section) || !section.data || section.size < sizeof(head))
		return false;
	memcpy(head, section.data, sizeof(head));
	return head[1] >= sizeof(head) && head[7] > 4; /* a size of records alone is none */
}

static int add_needs(struct inspect *inspect, const struct ecli_elf *elf, const struct seen *seen, struct ecli_err *err)
{
	const struct {
		bool is_needed;
		const char *what, *since;
	} needs[] = {
		{ has_relocations(elf), "the kernel's own type information (BTF), for CO-RE relocations", "5.4" },
		{ seen->subprograms, "functions called by functions", "4.16" },
		{ seen->jumps32, "32-bit jumps", "5.1" },
		{ seen->back_jumps, "bounded loops", "5.3" },
		{ seen->atomics, "atomic instructions", "5.12" },
		{ seen->version4, "instruction set version 4", "6.6" },
	};
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(needs); i++)
		if (needs[i].is_needed)
			r = inspect_need(inspect, needs[i].what, needs[i].since, err);
	return r;
}

/* Text of a section, up to its NUL. */
static const char *section_text(struct inspect *inspect, const struct ecli_elf *elf, const char *name)
{
	struct ecli_elf_section section;

	if (!ecli_elf_find_section(elf, name, &section) || !section.data || !section.size)
		return NULL;
	size_t skip = section.data[0] ? 0 : 1; /* .comment begins with an empty text */
	size_t len = strnlen((const char *)section.data + skip, (size_t)section.size - skip);
	return len ? inspect_keep(inspect, strndup((const char *)section.data + skip, len)) : NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct ecli_inspect_prog *const *)a)->name, (*(struct ecli_inspect_prog *const *)b)->name);
}

/* How long each program is, from its symbol. */
static int measure_progs(struct inspect *inspect, const struct ecli_code *code, struct ecli_err *err)
{
	size_t n = inspect->public.n_progs;
	CLEANUP_FREE struct ecli_inspect_prog **sorted = calloc(n + 1, sizeof(struct ecli_inspect_prog *));

	if (!sorted)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		sorted[i] = &inspect->public.progs[i];
	qsort(sorted, n, sizeof(struct ecli_inspect_prog *), by_name);
	for (size_t i = 0; i < code->n_functions; i++) {
		struct ecli_inspect_prog key = { .name = code->functions[i].name }, *wanted = &key;
		struct ecli_inspect_prog **found =
			code->functions[i].is_program
				? bsearch(&wanted, sorted, n, sizeof(struct ecli_inspect_prog *), by_name)
				: NULL;

		if (found)
			(*found)->instructions = (uint32_t)(code->functions[i].size / ECLI_CODE_BYTES);
	}
	return 0;
}

int inspect_code(struct inspect *inspect, struct ecli_err *err)
{
	const struct ecli_package *package = inspect->public.package;
	CLEANUP(ecli_code_done) struct ecli_code code = { 0 };
	struct seen seen = { 0 };
	struct ecli_elf elf;

	int r = ecli_elf_open(&elf, package->object, package->object_size, err);
	r = r ? r : ecli_code_read(&elf, err, &code);
	for (size_t i = 0; !r && i < code.n_functions; i++) {
		if (code.functions[i].is_again)
			continue;
		inspect->public.instructions += (uint32_t)(code.functions[i].size / ECLI_CODE_BYTES);
		r = look_through(inspect, &elf, &code, &code.functions[i], &seen, err);
	}
	if (r)
		return r;
	inspect->public.license = section_text(inspect, &elf, "license");
	inspect->public.compiler = section_text(inspect, &elf, ".comment");
	r = measure_progs(inspect, &code, err);
	r = r ? r : inspect_calls(inspect, &elf, &code, err);
	return r ? r : add_needs(inspect, &elf, &seen, err);
}
