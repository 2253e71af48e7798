/* SPDX-License-Identifier: MIT */
/*
 * What libbpf does for USDT, for some sites of a probe: how its arguments are read is put down as a `struct __bpf_usdt_spec` in the map of <bpf/usdt.bpf.h>,
 * and a uprobe at the site has its number as cookie (5.15). libbpf counts specs from the map's first entry on, we from its last one down.
 */
#include "load/attach/usdt_sites.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/explain.h"

/* struct __bpf_usdt_arg_spec and __bpf_usdt_spec. */
enum { IS_CONSTANT, IS_REGISTER, IS_MEMORY };
struct argument {
	uint64_t value; /* of a constant; distance from the register */
	uint32_t kind;
	uint16_t at; /* of the register in struct pt_regs */
	bool is_signed;
	uint8_t shift; /* bits that are not part of the argument */
};
struct spec {
	struct argument arguments[ECLI_USDT_MAX_ARGUMENTS];
	uint64_t cookie;
	int16_t count;
};
static_assert(sizeof(struct argument) == 16 && sizeof(struct spec) == 208, "as the program reads it");

#if defined(__x86_64__)
static const struct {
	const char *names[4];
	uint16_t at; /* arch/x86/include/asm/ptrace.h */
} registers[] = {
	{ { "r15", "r15d", "r15w", "r15b" }, 0 },  { { "r14", "r14d", "r14w", "r14b" }, 8 },
	{ { "r13", "r13d", "r13w", "r13b" }, 16 }, { { "r12", "r12d", "r12w", "r12b" }, 24 },
	{ { "rbp", "ebp", "bp", "bpl" }, 32 },     { { "rbx", "ebx", "bx", "bl" }, 40 },
	{ { "r11", "r11d", "r11w", "r11b" }, 48 }, { { "r10", "r10d", "r10w", "r10b" }, 56 },
	{ { "r9", "r9d", "r9w", "r9b" }, 64 },     { { "r8", "r8d", "r8w", "r8b" }, 72 },
	{ { "rax", "eax", "ax", "al" }, 80 },      { { "rcx", "ecx", "cx", "cl" }, 88 },
	{ { "rdx", "edx", "dx", "dl" }, 96 },      { { "rsi", "esi", "si", "sil" }, 104 },
	{ { "rdi", "edi", "di", "dil" }, 112 },    { { "rip", "eip", "", "" }, 128 },
	{ { "rsp", "esp", "sp", "spl" }, 152 },
};

static bool find_register(const char *name, uint16_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++)
		for (size_t k = 0; k < ARRAY_SIZE(registers[i].names); k++)
			if (*name && !strcmp(registers[i].names[k], name)) {
				*ret = registers[i].at;
				return true;
			}
	return false;
}

/* The forms that libbpf has: a register, memory at a register with a distance, a decimal constant. */
static bool read_argument(const char *text, struct argument *ret)
{
	char name[16] = "";
	int size, used = -1;
	long number = 0;

	*ret = (struct argument){ .kind = IS_MEMORY };
	if (sscanf(text, "%d@%ld(%%%15[^)])%n", &size, &number, name, &used) != 3 &&
	    sscanf(text, "%d@(%%%15[^)])%n", &size, name, &used) != 2) {
		bool is_register = sscanf(text, "%d@%%%15s%n", &size, name, &used) == 2;

		ret->kind = is_register ? IS_REGISTER : IS_CONSTANT;
		if (!is_register && sscanf(text, "%d@$%ld%n", &size, &number, &used) != 2)
			return false;
	}
	ret->value = (uint64_t)number;
	ret->is_signed = size < 0;
	size = size < 0 ? -size : size;
	ret->shift = (uint8_t)(64 - size * 8);
	return (ret->kind == IS_CONSTANT || find_register(name, &ret->at)) && used >= 0 && !text[used] &&
	       (size == 1 || size == 2 || size == 4 || size == 8);
}
#else
/* Of other machines libbpf has the word: nothing is found faulty, so nothing is attached here. */
static bool read_argument(const char *text, struct argument *ret)
{
	(void)text;
	*ret = (struct argument){ 0 };
	return true;
}
#endif

/* How long the argument at @text is: only brackets have blanks in them. */
static size_t argument_len(const char *text)
{
	size_t len = 0;

	for (int depth = 0; text[len] && (depth > 0 || text[len] != ' '); len++)
		depth += (text[len] == '(' || text[len] == '[') - (text[len] == ')' || text[len] == ']');
	return len;
}

static void read_arguments(const char *text, struct ecli_usdt_fault *fault, struct spec *spec)
{
	*fault = (struct ecli_usdt_fault){ 0 };
	*spec = (struct spec){ 0 };
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t len = argument_len(text);
		char one[sizeof(fault->text)];
		struct argument argument = { 0 };

		snprintf(one, sizeof(one), "%.*s", (int)(len < sizeof(one) ? len : sizeof(one) - 1), text);
		bool is_read = len < sizeof(one) && read_argument(one, &argument);
		if (is_read && fault->count < ECLI_USDT_MAX_ARGUMENTS)
			spec->arguments[fault->count] = argument;
		spec->count =
			(int16_t)(++fault->count < ECLI_USDT_MAX_ARGUMENTS ? fault->count : ECLI_USDT_MAX_ARGUMENTS);
		bool is_first = !is_read && !fault->argument;
		fault->argument = is_first ? fault->count : fault->argument;
		if (is_first || (!fault->argument && fault->count == ECLI_USDT_MAX_ARGUMENTS))
			memcpy(fault->text, one, sizeof(one));
		text += len;
	}
}

void ecli_usdt_check_arguments(const char *text, struct ecli_usdt_fault *ret)
{
	struct spec ignored;

	read_arguments(text, ret, &ignored);
}

bool ecli_usdt_is_faulty(const struct ecli_usdt_fault *fault)
{
	return fault->argument || fault->count > ECLI_USDT_MAX_ARGUMENTS;
}

/* ---- attaching ------------------------------------------------------------------------------------------------- */

/* What it takes to attach each site. */
struct round {
	const struct ecli_attach *job;
	const struct ecli_place *place;
	const struct ecli_executable *executable;
	struct ecli_err *err;
	int specs; /* the map; -1: the program has none */
	uint32_t room;
};

static int attach_site(void *ctx, const struct ecli_usdt_site *site)
{
	struct round *round = ctx;
	const struct ecli_attach *job = round->job;
	const uint32_t key = round->room - 1 - (uint32_t)job->links->count;
	struct ecli_usdt_fault fault;
	uint64_t offset, counter = 0;
	struct spec spec;

	if (!ecli_usdt_is_meant(site, round->place->what))
		return 0;
	read_arguments(site->arguments, &fault, &spec);
	if (ecli_usdt_is_faulty(&fault))
		return 0;
	if (!ecli_executable_to_offset(round->executable, site->address, true, &offset) ||
	    (site->semaphore && !ecli_executable_to_offset(round->executable, site->semaphore, false, &counter)))
		return ecli_err_set(round->err, -ENOEXEC,
				    "program %s: a site of probe %.100s of %.300s is not in its code", job->name,
				    round->place->what, round->place->binary.path);
	if (key >= round->room)
		return ecli_err_set(round->err, -E2BIG,
				    "program %s: probe %.100s of %.300s has more sites than there is room for",
				    job->name, round->place->what, round->place->binary.path);
	if (bpf_map_update_elem(round->specs, &key, &spec, BPF_ANY))
		return ecli_explain_attach(job, -errno, round->err);
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .bpf_cookie = key, .ref_ctr_offset = (size_t)counter);
	struct bpf_link *link = bpf_program__attach_uprobe_opts(
		job->prog, round->place->pid, round->place->binary.kernel_path, (size_t)offset, &opts);
	return link ? ecli_links_add(job->links, link, job->name, round->err)
		    : ecli_explain_attach(job, -errno, round->err);
}

int ecli_usdt_attach_sites(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err)
{
	CLEANUP(ecli_executable_close) struct ecli_executable executable;
	struct bpf_map *map = bpf_object__find_map_by_name(job->object, "__bpf_usdt_specs");
	struct round round = { .job = job, .place = place, .executable = &executable, .err = err, .specs = -1 };

	int r = ecli_executable_open(place->binary.fd, &executable);
	if (r)
		return ecli_place_unreadable(job, place, r, err);
	if (map && bpf_map__value_size(map) == sizeof(struct spec)) {
		round.specs = bpf_map__fd(map);
		round.room = bpf_map__max_entries(map);
	}
	if (round.specs < 0)
		return ecli_err_set(err, -EINVAL, "program %s: a USDT program has to include bpf/usdt.bpf.h",
				    job->name);
	return ecli_usdt_each(&executable, attach_site, &round);
}
