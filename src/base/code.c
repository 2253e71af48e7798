/* SPDX-License-Identifier: MIT */
/*
 * What libbpf does with the code of an object (libbpf.c: bpf_object__add_programs(), bpf_object__reloc_code()), so that whoever tells of an
 * object tells of what will be loaded:
 *
 *     a function   a symbol that says "function" in a section of instructions; its bytes, from its place on, and no others
 *     a program    one outside of .text; libbpf takes no static ones
 *     a call       of a helper by number; of a function, in its section by distance or by relocation; of a kernel function by relocation
 *
 * The verifier reads a program from its first slot to its last and takes the second slot of a 64-bit constant for no instruction; so do we,
 * function by function. Code between functions (bpftool leaves it behind when one definition replaces a weak one) is never loaded. It is read
 * like a function of its own, and has to be whole instructions like one.
 *
 * What a relocation fills in is not what stands there. libbpf passes over sections of relocations by their names (ignore_elf_section()), so only
 * those count that are called as their target is, and an object with others is refused. A call that is filled in with a setting of the kernel
 * (__kconfig) would get the setting's place for the number of a function.
 */
#include "base/code.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

#define OP_CALL       (BPF_JMP | BPF_CALL)
#define OP_CONSTANT64 (BPF_LD | BPF_IMM | BPF_DW)
#define SOURCE_KFUNC  2 /* BPF_PSEUDO_KFUNC_CALL, since 5.13 */
#define SOURCE_FUNC   4 /* BPF_PSEUDO_FUNC, since 5.13 */

#define HIDES "no compiler makes such an object: it is damaged or hides something"

/* ---- instructions ---------------------------------------------------------------------------------------------- */

struct ecli_instruction ecli_code_decode(const unsigned char *p)
{
	return (struct ecli_instruction){
		.opcode = p[0],
		.destination = p[1] & 0xf,
		.source = p[1] >> 4,
		.offset = (int16_t)(p[2] | p[3] << 8),
		.immediate = (int32_t)(p[4] | (uint32_t)p[5] << 8 | (uint32_t)p[6] << 16 | (uint32_t)p[7] << 24),
	};
}

uint64_t ecli_code_length(const struct ecli_instruction *in)
{
	return in->opcode == OP_CONSTANT64 ? 2 * ECLI_CODE_BYTES : ECLI_CODE_BYTES;
}

/* By class, the low three bits of an opcode: a bit for each value of the other five. */
static const uint32_t known[] = {
	[BPF_LD] = 0x00000778,  [BPF_LDX] = 0x0007f000, [BPF_ST] = 0x0000f000,    [BPF_STX] = 0x0f00f000,
	[BPF_ALU] = 0x0ffdffff, [BPF_JMP] = 0x1ff5fffd, [BPF_JMP32] = 0x0ff0fffd, [BPF_ALU64] = 0x07fdffff,
};
static_assert(ARRAY_SIZE(known) == 8, "a row for each class");

bool ecli_code_is_known(const struct ecli_instruction *in)
{
	return known[BPF_CLASS(in->opcode)] >> (in->opcode >> 3) & 1;
}

/* ---- sections that count once ---------------------------------------------------------------------------------- */

/* Of these libbpf uses one; of two, which one is its own affair, and we might look at the other. */
static const char *const once[] = { ".BTF",        ".BTF.ext",         ".maps",        ".text", "license", "version",
				    ".struct_ops", ".struct_ops.link", "?.struct_ops", NULL };

static int check_sections(const struct ecli_elf *elf, struct ecli_err *err)
{
	bool seen[ARRAY_SIZE(once)] = { false };

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		struct ecli_elf_section section;

		if (!ecli_elf_section(elf, i, &section))
			continue;
		for (size_t k = 0; once[k]; k++) {
			if (strcmp(section.name, once[k]))
				continue;
			if (seen[k])
				return ecli_err_set(err, -EINVAL, "the object has two sections %s; " HIDES, once[k]);
			seen[k] = true;
		}
	}
	return 0;
}

/* ---- functions ------------------------------------------------------------------------------------------------- */

static bool is_code(const struct ecli_elf_section *section)
{
	return section->type == SHT_PROGBITS && (section->flags & SHF_EXECINSTR) && section->data && section->size;
}

static bool is_text(const char *name)
{
	for (; *name; name++)
		if (*name < 0x20 || *name > 0x7e)
			return false;
	return true;
}

static void *grow(void *items_pointer, size_t *count, size_t item_bytes)
{
	char *items;

	memcpy(&items, items_pointer, sizeof(items));
	/* Powers of two are the sizes at which the memory was full. */
	if (!(*count & (*count - 1))) {
		items = reallocarray(items, *count ? 2 * *count : 1, item_bytes);
		if (!items)
			return NULL;
		memcpy(items_pointer, &items, sizeof(items));
	}
	return items + (*count)++ * item_bytes;
}
#define GROW(items, count) ((__typeof__(items))grow(&(items), &(count), sizeof(*(items))))

static int out_of_memory(struct ecli_err *err)
{
	return ecli_err_set(err, -ENOMEM, "out of memory");
}

static int check_function(const struct ecli_elf_symbol *symbol, const struct ecli_elf_section *section, bool is_program,
			  struct ecli_err *err)
{
	const char *name = symbol->name;

	if (!is_text(name) || (is_program && (!*name || !is_text(section->name))))
		return ecli_err_set(err, -EINVAL,
				    "the object has a program whose name or section is no plain text; " HIDES);
	if (!symbol->size || symbol->size % ECLI_CODE_BYTES || symbol->value % ECLI_CODE_BYTES)
		return ecli_err_set(err, -EINVAL,
				    "function %.60s of the object is not made of whole instructions; " HIDES, name);
	if (!ecli_num_within(symbol->value, symbol->size, section->size))
		return ecli_err_set(err, -EINVAL, "the object is damaged: function %.60s lies outside its section",
				    name);
	if (is_program && symbol->bind == STB_LOCAL)
		return ecli_err_set(
			err, -EINVAL,
			"function %.60s in SEC(\"%.60s\") is static, which a program cannot be: leave out static, "
			"or the section",
			name, section->name);
	return 0;
}

static int add_symbols(const struct ecli_elf *elf, struct ecli_code *code, struct ecli_err *err)
{
	const uint64_t count = ecli_elf_symbol_count(elf);

	for (uint64_t i = 0; i < count; i++) {
		struct ecli_elf_section section;
		struct ecli_elf_symbol symbol;

		if (!ecli_elf_symbol(elf, i, &symbol) || symbol.type != STT_FUNC ||
		    !ecli_elf_section(elf, symbol.section, &section) || !is_code(&section))
			continue;
		bool is_program = strcmp(section.name, ".text") != 0;
		int r = check_function(&symbol, &section, is_program, err);
		if (r)
			return r;
		struct ecli_code_function *function = GROW(code->functions, code->n_functions);
		if (!function)
			return out_of_memory(err);
		*function = (struct ecli_code_function){ .name = symbol.name,
							 .section = section.name,
							 .section_index = section.index,
							 .offset = symbol.value,
							 .size = symbol.size,
							 .bytes = section.data + symbol.value,
							 .is_program = is_program };
	}
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct ecli_code_function *x = a, *y = b;

	if (x->section_index != y->section_index)
		return x->section_index < y->section_index ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* The functions of a section begin at @first; adds what lies between them to the end of the list. */
static int look_between(const struct ecli_elf_section *section, size_t first, struct ecli_code *code, size_t n_symbols,
			struct ecli_err *err)
{
	uint64_t at = 0;

	for (size_t i = first;; i++) {
		bool is_one = i < n_symbols && code->functions[i].section_index == section->index;
		if (!is_one && at == section->size)
			return 0;
		uint64_t next = is_one ? code->functions[i].offset : section->size, size = 0;

		if (is_one && i > first && next == code->functions[i - 1].offset &&
		    code->functions[i].size == code->functions[i - 1].size) {
			code->functions[i].is_again = true;
			continue;
		}
		if (next < at)
			return ecli_err_set(err, -EINVAL, "functions %.60s and %.60s of the object overlap; " HIDES,
					    code->functions[i - 1].name, code->functions[i].name);
		if (is_one)
			size = code->functions[i].size;
		if (next > at) {
			struct ecli_code_function *rest = GROW(code->functions, code->n_functions);

			if (!rest)
				return out_of_memory(err);
			*rest = (struct ecli_code_function){ .name = "",
							     .section = section->name,
							     .section_index = section->index,
							     .offset = at,
							     .size = next - at,
							     .bytes = section->data + at };
			if (rest->size % ECLI_CODE_BYTES)
				return ecli_err_set(
					err, -EINVAL,
					"section %.60s of the object does not hold whole instructions; " HIDES,
					section->name);
		}
		at = next + size;
	}
}

static size_t first_of(const struct ecli_code *code, size_t n, uint32_t section_index)
{
	size_t low = 0;

	while (n) {
		size_t half = n / 2;

		if (code->functions[low + half].section_index < section_index) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low;
}

static int add_rest(const struct ecli_elf *elf, struct ecli_code *code, struct ecli_err *err)
{
	const size_t n_symbols = code->n_functions;
	int r = 0;

	for (uint32_t i = 1; !r && i < elf->n_sections; i++) {
		struct ecli_elf_section section;

		if (ecli_elf_section(elf, i, &section) && is_code(&section))
			r = look_between(&section, first_of(code, n_symbols, i), code, n_symbols, err);
	}
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct ecli_code_function *const *)a)->name,
		      (*(const struct ecli_code_function *const *)b)->name);
}

/* Programs are found by name, by libbpf and by us. */
static int check_names(const struct ecli_code *code, struct ecli_err *err)
{
	CLEANUP_FREE const struct ecli_code_function **programs =
		calloc(code->n_functions + 1, sizeof(struct ecli_code_function *));
	size_t n = 0;

	if (!programs)
		return out_of_memory(err);
	for (size_t i = 0; i < code->n_functions; i++)
		if (code->functions[i].is_program)
			programs[n++] = &code->functions[i];
	qsort(programs, n, sizeof(struct ecli_code_function *), by_name);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(programs[i - 1]->name, programs[i]->name))
			return ecli_err_set(err, -EINVAL, "the object has two programs %.60s; " HIDES,
					    programs[i]->name);
	return 0;
}

static int find_functions(const struct ecli_elf *elf, struct ecli_code *code, struct ecli_err *err)
{
	int r = add_symbols(elf, code, err);

	if (r)
		return r;
	if (code->n_functions)
		qsort(code->functions, code->n_functions, sizeof(*code->functions), by_place);
	r = add_rest(elf, code, err);
	if (r)
		return r;
	if (code->n_functions)
		qsort(code->functions, code->n_functions, sizeof(*code->functions), by_place);
	return check_names(code, err);
}

/* ---- what is filled in ----------------------------------------------------------------------------------------- */

static int by_fill(const void *a, const void *b)
{
	const struct ecli_code_fill *x = a, *y = b;

	if (x->section_index != y->section_index)
		return x->section_index < y->section_index ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int check_name(const struct ecli_elf_section *relocations, const struct ecli_elf_section *target,
		      struct ecli_err *err)
{
	static const char prefix[] = ".rel";
	size_t len = sizeof(prefix) - 1;

	if (!strncmp(relocations->name, prefix, len) && !strcmp(relocations->name + len, target->name))
		return 0;
	return ecli_err_set(err, -EINVAL, "section %.60s of the object fills in the code of section %.60s; " HIDES,
			    relocations->name, target->name);
}

static int find_fills(const struct ecli_elf *elf, struct ecli_code *code, struct ecli_err *err)
{
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		struct ecli_elf_section relocations, target;
		Elf64_Rel rel;

		if (!ecli_elf_section(elf, i, &relocations) || relocations.type != SHT_REL || !relocations.data ||
		    !ecli_elf_section(elf, relocations.info, &target) || !is_code(&target))
			continue;
		int r = check_name(&relocations, &target, err);
		if (r)
			return r;
		for (uint64_t at = 0; at + sizeof(rel) <= relocations.size; at += sizeof(rel)) {
			struct ecli_code_fill *fill = GROW(code->fills, code->n_fills);

			if (!fill)
				return out_of_memory(err);
			memcpy(&rel, relocations.data + at, sizeof(rel));
			*fill = (struct ecli_code_fill){ .section_index = target.index,
							 .symbol = (uint32_t)ELF64_R_SYM(le64toh(rel.r_info)),
							 .offset = le64toh(rel.r_offset) };
		}
	}
	if (code->n_fills)
		qsort(code->fills, code->n_fills, sizeof(*code->fills), by_fill);
	for (size_t i = 1; i < code->n_fills; i++)
		if (!by_fill(&code->fills[i - 1], &code->fills[i]))
			return ecli_err_set(err, -EINVAL, "the object fills in one instruction twice; " HIDES);
	return 0;
}

const struct ecli_code_fill *ecli_code_fill_at(const struct ecli_code *code, uint32_t section_index, uint64_t offset)
{
	const struct ecli_code_fill key = { .section_index = section_index, .offset = offset };

	return code->n_fills ? bsearch(&key, code->fills, code->n_fills, sizeof(*code->fills), by_fill) : NULL;
}

/* ---- forms ----------------------------------------------------------------------------------------------------- */

static const char *whose(const struct ecli_code_function *function)
{
	return *function->name ? function->name : function->section;
}

/* Names that libbpf takes for settings (libbpf.c, bpf_object__resolve_externs()). */
static bool is_setting(const char *name)
{
	static const char *const prefixes[] = { "CONFIG_", "LINUX_" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static int check_call(const struct ecli_elf *elf, const struct ecli_code_function *function,
		      const struct ecli_instruction *in, const struct ecli_code_fill *fill, struct ecli_err *err)
{
	struct ecli_elf_symbol symbol;

	if (fill && ecli_elf_symbol(elf, fill->symbol, &symbol) && symbol.section == SHN_UNDEF &&
	    is_setting(symbol.name))
		return ecli_err_set(err, -EINVAL,
				    "%.60s calls %.60s, which is a setting of the kernel and no function; " HIDES,
				    whose(function), symbol.name);
	if (in->source == SOURCE_KFUNC && !fill)
		return ecli_err_set(err, -EINVAL,
				    "%.60s calls a function of the kernel by number (%d) instead of by name; " HIDES,
				    whose(function), in->immediate);
	if (in->source > SOURCE_KFUNC || in->destination)
		return ecli_err_set(err, -EINVAL, "%.60s has a call of an unknown form (%d); " HIDES, whose(function),
				    in->source);
	return 0;
}

/* Maps, functions, variables of the kernel are named by relocations; their numbers only exist when they are loaded. */
static int check_constant(const struct ecli_code_function *function, const struct ecli_instruction *in, uint64_t at,
			  bool is_filled, struct ecli_err *err)
{
	if (function->size - at < 2 * ECLI_CODE_BYTES || function->bytes[at + ECLI_CODE_BYTES])
		return ecli_err_set(err, -EINVAL, "the object is damaged: %.60s has half of a 64-bit constant",
				    whose(function));
	if (in->source && !(in->source == SOURCE_FUNC && is_filled))
		return ecli_err_set(
			err, -EINVAL,
			"%.60s names a map or something of the kernel by number (%d) instead of by name; " HIDES,
			whose(function), in->immediate);
	return 0;
}

static int check_code(const struct ecli_elf *elf, const struct ecli_code *code,
		      const struct ecli_code_function *function, struct ecli_err *err)
{
	for (uint64_t at = 0; at < function->size;) {
		struct ecli_instruction in = ecli_code_decode(function->bytes + at);
		int r = 0;

		if (in.opcode == OP_CALL || in.opcode == OP_CONSTANT64) {
			const struct ecli_code_fill *fill =
				ecli_code_fill_at(code, function->section_index, function->offset + at);

			r = in.opcode == OP_CALL ? check_call(elf, function, &in, fill, err)
						 : check_constant(function, &in, at, fill, err);
		}
		if (r)
			return r;
		at += ecli_code_length(&in);
	}
	return 0;
}

bool ecli_code_calls(const struct ecli_code *code, uint32_t helper)
{
	for (size_t i = 0; i < code->n_functions; i++) {
		const struct ecli_code_function *function = &code->functions[i];
		struct ecli_instruction in;

		for (uint64_t at = 0; at < function->size; at += ecli_code_length(&in)) {
			in = ecli_code_decode(function->bytes + at);
			if (in.opcode == OP_CALL && !in.source && (uint32_t)in.immediate == helper &&
			    !ecli_code_fill_at(code, function->section_index, function->offset + at))
				return true;
		}
	}
	return false;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

void ecli_code_done(struct ecli_code *code)
{
	free(code->functions);
	free(code->fills);
	*code = (struct ecli_code){ 0 };
}

int ecli_code_read(const struct ecli_elf *elf, struct ecli_err *err, struct ecli_code *ret)
{
	CLEANUP(ecli_code_done) struct ecli_code code = { 0 };

	int r = check_sections(elf, err);
	r = r ? r : find_functions(elf, &code, err);
	r = r ? r : find_fills(elf, &code, err);
	for (size_t i = 0; !r && i < code.n_functions; i++)
		r = check_code(elf, &code, &code.functions[i], err);
	if (r)
		return r;
	*ret = code;
	code = (struct ecli_code){ 0 };
	return 0;
}
