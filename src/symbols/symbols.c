/* SPDX-License-Identifier: MIT */
/*
 * Addresses into frames, from where the names are:
 *
 *     kernel   ksyms.c, here
 *     process  kept answers ─ else ─> symbolizer.c ─ socket ─> child.c ─> engine.c
 *
 * The first address of a stack is where the processor is; the others are where calls return to, which may be the first byte of the
 * next function or line: they are looked up one byte earlier.
 *
 * Stacks repeat themselves, so answers that are final are kept by (look at the process, address). Whether the process is still the one that was
 * looked at is for the child to say, which asks every 50 ms; so long its last word counts.
 */
#include <ecli/symbols.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/answers.h"
#include "symbols/frames.h"
#include "symbols/ksyms.h"
#include "symbols/now.h"
#include "symbols/symbolizer.h"
#include "symbols/told.h"

enum { RECENT = 1024, CHECK_MS = 50 };

struct ecli_symbols {
	struct ecli_symbols_opts opts;
	char *proc, *kallsyms; /* paths */
	struct ecli_names *names;
	struct ecli_ksyms *ksyms;
	struct ecli_symbolizer *symbolizer;
	struct ecli_answers answers;
	struct ecli_told *told; /* NULL: nothing was told yet */
	/* Processes, each at its place by number; the last one has it. */
	struct recent {
		uint32_t pid, look;
		uint64_t noted_ms, asked_ms;     /* 0: never */
		uint32_t told_child, told_count; /* to which child so much was told of it; 0: to none */
	} recent[RECENT];
	struct ecli_symbolizer_answer answer;
	struct ecli_symbolizer_told telling;
};

void ecli_symbols_free(struct ecli_symbols *symbols)
{
	if (!symbols)
		return;
	ecli_symbolizer_free(symbols->symbolizer);
	ecli_ksyms_free(symbols->ksyms);
	ecli_answers_done(&symbols->answers);
	ecli_told_free(symbols->told);
	ecli_names_free(symbols->names);
	free(symbols->proc);
	free(symbols->kallsyms);
	free(symbols);
}

int ecli_symbols_new(const struct ecli_symbols_opts *opts, struct ecli_err *err, struct ecli_symbols **ret_symbols)
{
	struct ecli_symbols *symbols = calloc(1, sizeof(*symbols));

	if (!symbols)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (opts)
		symbols->opts = *opts;
	if ((symbols->proc = strdup(symbols->opts.proc ? symbols->opts.proc : "/proc")) &&
	    (symbols->opts.proc = symbols->proc) && asprintf(&symbols->kallsyms, "%s/kallsyms", symbols->proc) > 0 &&
	    (symbols->names = ecli_names_new()) && (symbols->ksyms = ecli_ksyms_new(symbols->kallsyms)) &&
	    (symbols->symbolizer = ecli_symbolizer_new(&symbols->opts, symbols->names))) {
		*ret_symbols = symbols;
		return 0;
	}
	ecli_symbols_free(symbols);
	return ecli_err_set(err, -ENOMEM, "out of memory");
}

/* ---- the kernel ------------------------------------------------------------------------------------------------ */

static uint64_t lookup_of(const uint64_t *addresses, size_t i)
{
	return addresses[i] - (i && addresses[i]);
}

int ecli_symbols_kernel(struct ecli_symbols *symbols, const uint64_t *addresses, size_t count,
			struct ecli_frames *frames)
{
	size_t before = frames->count;

	for (size_t i = 0; i < count; i++) {
		struct ecli_frame frame = { .address = addresses[i], .is_kernel = true };
		uint64_t lookup = lookup_of(addresses, i);
		struct ecli_ksym symbol;

		if (ecli_ksyms_find(symbols->ksyms, lookup, &symbol)) {
			frame.function = ecli_names_add(symbols->names, symbol.name);
			frame.module = ecli_names_add(symbols->names, symbol.module);
			frame.offset = symbol.offset + (addresses[i] - lookup);
		}
		if (ecli_frames_add(frames, &frame, 1)) {
			frames->count = before;
			return -ENOMEM;
		}
	}
	return 0;
}

const char *ecli_symbols_kernel_problem(const struct ecli_symbols *symbols)
{
	return ecli_ksyms_problem(symbols->ksyms);
}

/* ---- processes ------------------------------------------------------------------------------------------------- */

static struct recent *recent_of(struct ecli_symbols *symbols, uint32_t pid)
{
	struct recent *recent = &symbols->recent[pid % RECENT];

	if (recent->pid != pid)
		*recent = (struct recent){ .pid = pid };
	return recent;
}

/* What answers.c takes for a file. */
static uint32_t key_of(uint32_t look, bool is_call)
{
	return look << 1 | is_call;
}

/* All frames of a stack, if each address is known; else nothing is added. */
static bool add_known(struct ecli_symbols *symbols, uint32_t look, const uint64_t *addresses, size_t count,
		      struct ecli_frames *frames)
{
	size_t before = frames->count, n;

	for (size_t i = 0; i < count; i++) {
		const struct ecli_frame *known =
			ecli_answers_find(&symbols->answers, key_of(look, i > 0), addresses[i], &n);

		if (!known || ecli_frames_add(frames, known, n)) {
			frames->count = before;
			return false;
		}
	}
	return true;
}

static void keep(struct ecli_symbols *symbols, const uint64_t *addresses, size_t count, bool is_calls,
		 const struct ecli_frames *frames, size_t first)
{
	const struct ecli_symbolizer_answer *answer = &symbols->answer;

	for (size_t i = 0; i < count && answer->look; i++) {
		uint32_t key = key_of(answer->look, is_calls || i);
		size_t n;

		if (answer->is_final[i] && !ecli_answers_find(&symbols->answers, key, addresses[i], &n))
			ecli_answers_keep(&symbols->answers, key, addresses[i], &frames->items[first],
					  answer->ends[i] - first);
		first = answer->ends[i];
	}
}

static int add_unknown(const uint64_t *addresses, size_t count, struct ecli_frames *frames)
{
	for (size_t i = 0; i < count; i++)
		if (ecli_frames_add(frames, &(struct ecli_frame){ .address = addresses[i] }, 1))
			return -ENOMEM;
	return 0;
}

/* What the child is to be told of a process with the next question; NULL: nothing, or it knows. */
static const struct ecli_symbolizer_told *told_of(struct ecli_symbols *symbols, const struct recent *recent)
{
	struct ecli_symbolizer_told *telling = &symbols->telling;

	if (!symbols->told)
		return NULL;
	telling->count = ecli_told_find(symbols->told, recent->pid, telling->maps, &telling->parent);
	if (!telling->count && !telling->parent)
		return NULL;
	bool is_known = recent->told_child && recent->told_child == ecli_symbolizer_starts(symbols->symbolizer) &&
			recent->told_count == telling->count;
	return is_known ? NULL : telling;
}

void ecli_symbols_tell(struct ecli_symbols *symbols, const struct ecli_symbols_event *event)
{
	if (!symbols->told)
		symbols->told = ecli_told_new();
	if (symbols->told)
		ecli_told_add(symbols->told, event);
}

int ecli_symbols_user(struct ecli_symbols *symbols, uint32_t pid, const uint64_t *addresses, size_t count,
		      struct ecli_frames *frames)
{
	struct recent *recent = recent_of(symbols, pid);
	uint64_t now_ms = ecli_now_ms();
	size_t before = frames->count;

	if (recent->look && now_ms - recent->asked_ms < CHECK_MS &&
	    add_known(symbols, recent->look, addresses, count, frames))
		return 0;
	for (size_t at = 0, n; at < count; at += n) {
		size_t first = frames->count;

		const struct ecli_symbolizer_told *told = told_of(symbols, recent);

		n = count - at < ECLI_WIRE_ADDRESSES ? count - at : ECLI_WIRE_ADDRESSES;
		if (ecli_symbolizer_ask(symbols->symbolizer, pid, addresses + at, n, at > 0, told, frames,
					&symbols->answer)) {
			if (told) {
				recent->told_child = ecli_symbolizer_starts(symbols->symbolizer);
				recent->told_count = (uint32_t)told->count;
			}
			keep(symbols, addresses + at, n, at > 0, frames, first);
			recent->look = symbols->answer.look;
			recent->asked_ms = now_ms;
		} else if (add_unknown(addresses + at, n, frames)) {
			frames->count = before;
			return -ENOMEM;
		}
	}
	return 0;
}

void ecli_symbols_note(struct ecli_symbols *symbols, uint32_t pid)
{
	struct recent *recent = recent_of(symbols, pid);
	uint64_t now_ms = ecli_now_ms();

	if (recent->noted_ms && now_ms - recent->noted_ms < CHECK_MS)
		return;
	recent->noted_ms = now_ms;
	ecli_symbolizer_note(symbols->symbolizer, pid);
}

void ecli_symbols_cost(const struct ecli_symbols *symbols, struct ecli_symbols_cost *ret)
{
	ecli_symbolizer_cost(symbols->symbolizer, ret);
}

const char *ecli_symbols_user_problem(const struct ecli_symbols *symbols)
{
	return ecli_symbolizer_problem(symbols->symbolizer);
}
