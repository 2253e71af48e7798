/* SPDX-License-Identifier: MIT */
/*
 * Reads the instructions of an object as the verifier would meet them, but follows no path: every call and every form of
 * instruction in any program section counts, taken or not.
 *
 *     byte 0  opcode      byte 1  destination | source << 4      bytes 2-3  offset      bytes 4-7  immediate
 *     85 0? .... ID       call of helper ID (source 0)           18 ...    a 64-bit constant: takes two slots
 *
 * A kfunc is a call of a symbol that is nowhere in the object; which ones there are stands in the BTF section ".ksyms".
 * Sources: Documentation/bpf/standardization/instruction-set.rst; struct btf_ext_header of Documentation/bpf/btf.rst.
 */
#include "inspect/model.h"

#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/elf.h"
#include "inspect/tables.h"

#define INSTRUCTION_BYTES 8u
#define OP_CALL           (BPF_JMP | BPF_CALL)
#define OP_CONSTANT64     (BPF_LD | BPF_IMM | BPF_DW)
#define OP_ATOMIC32       (0xc0u | BPF_W | BPF_STX)
#define OP_ATOMIC64       (0xc0u | BPF_DW | BPF_STX)
#define MODE_SIGN_EXTEND  0x80u
#define HELPERS_MAX       4096u /* numbers above are nonsense; the kernel has 212 */

struct instruction {
	unsigned char opcode, source;
	int16_t offset;
	int32_t immediate;
};

/* What was seen in all sections. */
struct seen {
	uint32_t helpers[HELPERS_MAX];
	bool subprograms, atomics, jumps32, back_jumps, version4;
};

static struct instruction decode(const unsigned char *p)
{
	return (struct instruction){
		.opcode = p[0],
		.source = p[1] >> 4,
		.offset = (int16_t)(p[2] | p[3] << 8),
		.immediate = (int32_t)(p[4] | (uint32_t)p[5] << 8 | (uint32_t)p[6] << 16 | (uint32_t)p[7] << 24),
	};
}

/* Forms that only instruction set version 4 has (clang -mcpu=v4). */
static bool is_version4(const struct instruction *in)
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

static void look(const struct instruction *in, struct seen *seen)
{
	unsigned int class = BPF_CLASS(in->opcode);

	if (in->opcode == OP_CALL) {
		if (in->source == BPF_PSEUDO_CALL && in->immediate != -1)
			seen->subprograms = true;
		else if (in->source == 0 && in->immediate > 0 && (uint32_t)in->immediate < HELPERS_MAX)
			seen->helpers[in->immediate]++;
		return;
	}
	if ((in->opcode == OP_ATOMIC32 || in->opcode == OP_ATOMIC64) && in->immediate != BPF_ADD)
		seen->atomics = true;
	if (class == BPF_JMP32)
		seen->jumps32 = true;
	if (class == BPF_JMP && in->offset < 0 && BPF_OP(in->opcode) != BPF_EXIT)
		seen->back_jumps = true;
	seen->version4 |= is_version4(in);
}

static void look_through(const struct ecli_elf_section *section, struct seen *seen)
{
	for (uint64_t at = 0; section->size - at >= INSTRUCTION_BYTES; at += INSTRUCTION_BYTES) {
		struct instruction in = decode(section->data + at);

		look(&in, seen);
		if (in.opcode == OP_CONSTANT64 && section->size - at >= 2 * INSTRUCTION_BYTES)
			at += INSTRUCTION_BYTES;
	}
}

static bool is_code(const struct ecli_elf_section *section)
{
	return section->type == SHT_PROGBITS && (section->flags & SHF_EXECINSTR) && section->data;
}

static int add_call(struct inspect *inspect, struct ecli_inspect_call call, struct ecli_err *err)
{
	struct ecli_inspect *public = &inspect->public;
	struct ecli_inspect_call *item = INSPECT_ADD(public->calls, public->n_calls);

	if (!item)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*item = call;

	const char *sentence = inspect_call_effect(call.name);
	if (!sentence)
		return 0;
	struct ecli_inspect_effect *effect = INSPECT_ADD(public->effects, public->n_effects);
	if (!effect)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*effect = (struct ecli_inspect_effect){ .sentence = sentence, .cause = call.name };
	return 0;
}

static const char *helper_name(struct inspect *inspect, uint32_t id)
{
	const char *name = inspect_helper_name(id);
	struct ecli_buf buf = { 0 };

	if (name)
		return name;
	ecli_buf_add_format(&buf, "helper number %u", id);
	return inspect_keep(inspect, ecli_buf_take(&buf));
}

static int add_calls(struct inspect *inspect, const struct seen *seen, struct ecli_err *err)
{
	const struct ecli_type *externs = ecli_types_find(inspect->types, ECLI_TYPE_SECTION, ".ksyms");

	for (uint32_t id = 1; id < HELPERS_MAX; id++) {
		if (!seen->helpers[id])
			continue;
		struct ecli_inspect_call call = { .name = helper_name(inspect, id),
						  .id = id,
						  .count = seen->helpers[id],
						  .since = inspect_helper_since(id) };
		int r = call.name ? add_call(inspect, call, err) : ecli_err_set(err, -ENOMEM, "out of memory");
		if (r)
			return r;
	}
	for (uint32_t i = 0; externs && i < externs->n_members; i++) {
		const struct ecli_type *type = ecli_types_get(inspect->types, externs->members[i].type_id);

		if (!type || type->kind != ECLI_TYPE_FUNC)
			continue;
		int r = add_call(
			inspect,
			(struct ecli_inspect_call){ .name = externs->members[i].name, .is_kfunc = true, .since = "" },
			err);
		r = r ? r : inspect_need(inspect, "calls of kernel functions (kfuncs)", "5.13", err);
		if (r)
			return r;
	}
	return 0;
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
static int measure_progs(struct inspect *inspect, const struct ecli_elf *elf, struct ecli_err *err)
{
	size_t n = inspect->public.n_progs;
	CLEANUP_FREE struct ecli_inspect_prog **sorted = calloc(n + 1, sizeof(struct ecli_inspect_prog *));
	uint64_t count = ecli_elf_symbol_count(elf);

	if (!sorted)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		sorted[i] = &inspect->public.progs[i];
	qsort(sorted, n, sizeof(struct ecli_inspect_prog *), by_name);
	for (uint64_t i = 0; i < count; i++) {
		struct ecli_elf_symbol symbol;

		if (!ecli_elf_symbol(elf, i, &symbol) || symbol.type != STT_FUNC)
			continue;
		struct ecli_inspect_prog key = { .name = symbol.name }, *wanted = &key;
		struct ecli_inspect_prog **found =
			bsearch(&wanted, sorted, n, sizeof(struct ecli_inspect_prog *), by_name);
		if (found)
			(*found)->instructions = (uint32_t)(symbol.size / INSTRUCTION_BYTES);
	}
	return 0;
}

int inspect_code(struct inspect *inspect, struct ecli_err *err)
{
	const struct ecli_package *package = inspect->public.package;
	CLEANUP_FREE struct seen *seen = calloc(1, sizeof(*seen));
	struct ecli_elf elf;

	if (!seen)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_elf_open(&elf, package->object, package->object_size, err);
	if (r)
		return r;
	for (uint32_t i = 1; i < elf.n_sections; i++) {
		struct ecli_elf_section section;

		if (!ecli_elf_section(&elf, i, &section) || !is_code(&section))
			continue;
		inspect->public.instructions += (uint32_t)(section.size / INSTRUCTION_BYTES);
		look_through(&section, seen);
	}
	inspect->public.license = section_text(inspect, &elf, "license");
	inspect->public.compiler = section_text(inspect, &elf, ".comment");
	r = measure_progs(inspect, &elf, err);
	r = r ? r : add_calls(inspect, seen, err);
	return r ? r : add_needs(inspect, &elf, seen, err);
}
