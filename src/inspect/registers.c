/* SPDX-License-Identifier: MIT */
/*
 * Whether a probe of user programs writes into its context. Kernels after 6.18 let it: the context holds the registers of the program that is
 * probed, its next instruction among them. Everything else that a probe writes to is its own.
 *
 * Where may the context be, instruction by instruction: a bit for each register and each 8 bytes of the stack, joined where ways meet, until nothing
 * changes. A store through a register that may hold it counts.
 *
 *     entry             context {r1}                  *(u64 *)(r10 - 8) = r6     context {r1, r6, stack -8}
 *     r6 = r1           context {r1, r6}              r2 = *(u64 *)(r10 - 8)     context {r1, r2, r6, stack -8}
 *     call helper       context {r6}                  *(u64 *)(r2 + 80) = r3     found
 *
 * Functions of .text are looked at once for all who call them. One that is given addresses of the stack can leave something there for who called
 * it. A load or store by such an address may get another size when it is loaded (CO-RE), so any size counts. Programs for kernel functions are of the same
 * type for the kernel: one can go on in another (bpf_tail_call), so where there are probes of user programs these count, too. It errs to the
 * side of finding: what is too long for the verifier counts as found.
 */
#include "inspect/model.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#define CHANGES "can change registers of the programs that it probes"

#define LONGEST   1000000u /* instructions: the verifier takes no more */
#define FRAME     10
#define SLOTS     64
#define ARGUMENTS 0x3eu /* r1 to r5 */
#define SCRATCH   0x3fu /* what a call leaves undefined: r0 to r5 */

#define MODE_ATOMIC      0xc0u
#define LOAD_ACQUIRE     0x100
#define COMPARE_EXCHANGE 0xf1
#ifndef BPF_FETCH
#define BPF_FETCH 0x01
#endif

/* What may be in registers and on the stack before an instruction. */
struct held {
	uint64_t slots, frame_slots; /* the context; addresses of the stack */
	uint16_t context, frame;     /* the same in registers */
	bool is_reached, is_new;
};

/* What functions of .text are given, and what they may leave on the stack of who calls. */
struct given {
	uint16_t context, frame;
	bool slots; /* the context, on the stack of who calls */
	bool leaves_context, leaves_frame;
};

struct walk {
	const struct ecli_code *code;
	const struct ecli_code_function *function;
	struct held *held; /* one for each slot of the function */
	uint64_t count;
	struct given given;
	bool has_callbacks, found;
};

static uint16_t with(uint16_t set, unsigned int bit, bool is_in)
{
	return (uint16_t)(is_in ? set | 1u << bit : set & ~(1u << bit));
}

static bool has(uint16_t set, unsigned int bit)
{
	return set >> bit & 1;
}

/* The slot of an aligned place in the frame; SLOTS: none. */
static unsigned int slot_of(const struct ecli_instruction *in)
{
	return in->offset < 0 && in->offset >= -8 * SLOTS && in->offset % 8 == 0 ? (unsigned int)(-in->offset / 8 - 1)
										 : SLOTS;
}

static void join(struct walk *walk, uint64_t at, const struct held *from)
{
	if (at >= walk->count)
		return;
	struct held *to = &walk->held[at], old = *to;

	to->slots |= from->slots;
	to->frame_slots |= from->frame_slots;
	to->context |= from->context;
	to->frame |= from->frame;
	if (!old.is_reached || to->slots != old.slots || to->frame_slots != old.frame_slots ||
	    to->context != old.context || to->frame != old.frame)
		to->is_reached = to->is_new = true;
}

/* ---- one instruction ------------------------------------------------------------------------------------------- */

static void compute(const struct ecli_instruction *in, struct held *held)
{
	bool by_register = BPF_SRC(in->opcode) == BPF_X, moves = BPF_OP(in->opcode) == BPF_MOV;
	bool context = by_register && has(held->context, in->source),
	     frame = by_register && has(held->frame, in->source);

	if (BPF_CLASS(in->opcode) == BPF_ALU) /* 32 bits are no address */
		context = frame = false;
	else if (!moves) {
		context |= has(held->context, in->destination);
		frame |= has(held->frame, in->destination);
	}
	held->context = with(held->context, in->destination, context);
	held->frame = with(held->frame, in->destination, frame);
}

static void load(const struct walk *walk, const struct ecli_instruction *in, struct held *held)
{
	unsigned int slot = slot_of(in);
	bool context = false, frame = false;

	if (BPF_SIZE(in->opcode) == BPF_DW && in->source == FRAME && slot < SLOTS) {
		context = held->slots >> slot & 1;
		frame = held->frame_slots >> slot & 1;
	} else if ((BPF_SIZE(in->opcode) == BPF_DW || in->source != FRAME) && has(held->frame, in->source)) {
		context = held->slots || walk->given.slots;
		frame = held->frame_slots;
	}
	held->context = with(held->context, in->destination, context);
	held->frame = with(held->frame, in->destination, frame);
}

static void store(struct walk *walk, const struct ecli_instruction *in, struct held *held)
{
	bool by_register = BPF_CLASS(in->opcode) == BPF_STX, whole = BPF_SIZE(in->opcode) == BPF_DW;
	bool context = by_register && has(held->context, in->source);
	bool frame = by_register && has(held->frame, in->source);
	unsigned int slot = slot_of(in);

	walk->found |= has(held->context, in->destination);
	if (in->destination == FRAME && slot < SLOTS && whole) {
		held->slots = (held->slots & ~(UINT64_C(1) << slot)) | (uint64_t)context << slot;
		held->frame_slots = (held->frame_slots & ~(UINT64_C(1) << slot)) | (uint64_t)frame << slot;
	} else if (has(held->frame, in->destination)) {
		held->slots |= context ? UINT64_MAX : 0;
		held->frame_slots |= frame ? UINT64_MAX : 0;
		walk->given.leaves_context |= context && !walk->function->is_program;
		walk->given.leaves_frame |= frame && !walk->function->is_program;
	}
}

/* Takes what was there out of memory as well; a load with "acquire" (6.15) is a form of it. */
static void exchange(struct walk *walk, const struct ecli_instruction *in, struct held *held)
{
	bool on_stack = has(held->frame, in->destination);
	bool context = on_stack && (held->slots || walk->given.slots), frame = on_stack && held->frame_slots;
	unsigned int to = in->immediate == COMPARE_EXCHANGE ? 0 : in->source;

	if (in->immediate == LOAD_ACQUIRE) {
		load(walk, in, held);
		return;
	}
	store(walk, in, held);
	if (in->immediate & BPF_FETCH) {
		held->context = with(held->context, to, context);
		held->frame = with(held->frame, to, frame);
	}
}

static void call(struct walk *walk, const struct ecli_instruction *in, struct held *held)
{
	uint16_t context = held->context & ARGUMENTS, frame = held->frame & ARGUMENTS;
	bool is_inner = in->source == BPF_PSEUDO_CALL;

	/* A helper hands one of its arguments to the function that it calls back, as any of that one's. */
	if (is_inner || walk->has_callbacks) {
		walk->given.context |= is_inner || !context ? context : ARGUMENTS;
		walk->given.frame |= is_inner || !frame ? frame : ARGUMENTS;
		walk->given.slots |= frame && held->slots;
		held->slots |= frame && walk->given.leaves_context ? UINT64_MAX : 0;
		held->frame_slots |= frame && walk->given.leaves_frame ? UINT64_MAX : 0;
	}
	held->context &= (uint16_t)~SCRATCH;
	held->frame &= (uint16_t)~SCRATCH;
	held->context = with(held->context, 0, is_inner && (context || walk->given.slots));
}

static void step(struct walk *walk, uint64_t at)
{
	struct ecli_instruction in = ecli_code_decode(walk->function->bytes + at * ECLI_CODE_BYTES);
	unsigned int class = BPF_CLASS(in.opcode), op = BPF_OP(in.opcode);
	struct held held = walk->held[at];
	bool jumps = class == BPF_JMP || class == BPF_JMP32, is_call = in.opcode == (BPF_JMP | BPF_CALL);

	held.frame = with(held.frame, FRAME, true);
	if (class == BPF_ALU || class == BPF_ALU64) {
		compute(&in, &held);
	} else if (class == BPF_LDX) {
		load(walk, &in, &held);
	} else if (class == BPF_STX && BPF_MODE(in.opcode) == MODE_ATOMIC) {
		exchange(walk, &in, &held);
	} else if (class == BPF_ST || class == BPF_STX) {
		store(walk, &in, &held);
	} else if (is_call) {
		call(walk, &in, &held);
	} else if (class == BPF_LD) {
		uint16_t lost = ecli_code_length(&in) > ECLI_CODE_BYTES ? (uint16_t)(1u << in.destination) : SCRATCH;

		held.context &= (uint16_t)~lost;
		held.frame &= (uint16_t)~lost;
	}
	if (jumps && !is_call && op != BPF_EXIT) {
		int64_t distance = class == BPF_JMP32 && op == BPF_JA ? in.immediate : in.offset;

		join(walk, at + 1 + (uint64_t)distance, &held);
	}
	if (!jumps || is_call || (op != BPF_EXIT && op != BPF_JA))
		join(walk, at + ecli_code_length(&in) / ECLI_CODE_BYTES, &held);
}

/* ---- functions ------------------------------------------------------------------------------------------------- */

static void look_through(struct walk *walk, const struct ecli_code_function *function)
{
	struct held entry = { .context = walk->given.context, .frame = walk->given.frame };
	bool again = true;

	if (function->is_program)
		entry = (struct held){ .context = 1u << 1 };
	walk->function = function;
	walk->count = function->size / ECLI_CODE_BYTES;
	memset(walk->held, 0, walk->count * sizeof(*walk->held));
	join(walk, 0, &entry);
	while (again && !walk->found) {
		again = false;
		for (uint64_t at = 0; at < walk->count; at++) {
			if (!walk->held[at].is_new)
				continue;
			walk->held[at].is_new = false;
			again = true;
			step(walk, at);
		}
	}
}

static bool is_of(const struct ecli_code_function *function, const char *const *kinds)
{
	const char *section = function->section + (function->section[0] == '?');

	for (; function->is_program && *kinds; kinds++)
		if (!strncmp(section, *kinds, strlen(*kinds)))
			return true;
	return false;
}

static bool is_probe(const struct ecli_code_function *function)
{
	static const char *const kinds[] = { "uprobe", "uretprobe", "usdt", NULL };

	return is_of(function, kinds);
}

/* Of the type of probes. */
static bool is_like_probe(const struct ecli_code_function *function)
{
	static const char *const kinds[] = { "kprobe", "kretprobe", "ksyscall", "kretsyscall", NULL };

	return is_probe(function) || is_of(function, kinds);
}

/* Whether a 64-bit constant is the address of a function. */
static bool is_function(const struct ecli_elf *elf, const struct walk *walk, const struct ecli_code_function *function,
			uint64_t at)
{
	const struct ecli_code_fill *fill =
		ecli_code_fill_at(walk->code, function->section_index, function->offset + at);
	struct ecli_elf_section section;
	struct ecli_elf_symbol symbol;

	return fill && ecli_elf_symbol(elf, fill->symbol, &symbol) && ecli_elf_section(elf, symbol.section, &section) &&
	       (section.flags & SHF_EXECINSTR);
}

/* Also whether there are functions to be called back, and how long the longest one is. */
static bool measure(const struct ecli_elf *elf, struct walk *walk, uint64_t *ret_longest)
{
	uint64_t total = 0;
	bool any = false;

	*ret_longest = 0;
	for (size_t i = 0; i < walk->code->n_functions; i++) {
		const struct ecli_code_function *function = &walk->code->functions[i];
		uint64_t count = function->size / ECLI_CODE_BYTES;

		any |= is_probe(function);
		total += count;
		*ret_longest = count > *ret_longest ? count : *ret_longest;
		for (uint64_t at = 0; at < function->size;) {
			struct ecli_instruction in = ecli_code_decode(function->bytes + at);

			if (ecli_code_length(&in) > ECLI_CODE_BYTES)
				walk->has_callbacks |= is_function(elf, walk, function, at);
			at += ecli_code_length(&in);
		}
	}
	walk->found = any && total > LONGEST;
	return any;
}

static bool is_more(const struct given *now, const struct given *before)
{
	return now->context != before->context || now->frame != before->frame || now->slots != before->slots ||
	       now->leaves_context != before->leaves_context || now->leaves_frame != before->leaves_frame;
}

int inspect_registers(struct inspect *inspect, const struct ecli_elf *elf, const struct ecli_code *code,
		      struct ecli_err *err)
{
	struct walk walk = { .code = code };
	struct given before;
	uint64_t longest;
	const char *cause = "";

	if (!measure(elf, &walk, &longest))
		return 0;
	CLEANUP_FREE struct held *held = walk.found ? NULL : calloc(longest + 1, sizeof(*held));
	if (!walk.found && !held)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	walk.held = held;
	do {
		before = walk.given;
		for (size_t i = 0; i < code->n_functions && !walk.found; i++) {
			const struct ecli_code_function *function = &code->functions[i];

			if (!is_like_probe(function) && (function->is_program || !*function->name))
				continue;
			look_through(&walk, function);
			cause = function->name;
		}
	} while (!walk.found && is_more(&walk.given, &before));
	return walk.found ? inspect_effect(inspect, CHANGES, *cause ? cause : "its probes", err) : 0;
}
