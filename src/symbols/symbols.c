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
 * A pid stands for several images (told.h) when it was given again or its process began another program. Where the name of the thread leaves more than one, each of them is asked
 * for each address, and what they do not agree on has no name.
 *
 * Stacks repeat themselves, so answers that are final are kept by (look at the process, address). Whether the process is still the one that was
 * looked at is for the child to say, which asks every 50 ms; so long its last word counts.
 */
#include <ecli/symbols.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/foreign.h"
#include "base/pidns.h"
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
	bool was_asked;
	bool has_other_pids; /* the kernel's process ids mean nothing in our /proc, */
	bool is_told_other;  /* those of which it tells us are others than those in /proc */
	/* Images of processes, each at its place by number; the last one has it. */
	struct recent {
		uint32_t pid, image, look;
		uint64_t noted_ms, asked_ms;     /* 0: never */
		uint32_t told_child, told_count; /* to which child so much was told of it; 0: to none */
		bool was_last;
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
		symbols->has_other_pids = !ecli_pidns_is_first(symbols->proc);
		symbols->is_told_other = symbols->has_other_pids || ecli_pidns_own() != (uint32_t)getpid();
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

static struct recent *recent_of(struct ecli_symbols *symbols, const struct ecli_image_id *id)
{
	struct recent *recent = &symbols->recent[(id->pid + id->image * 61) % RECENT];

	if (recent->pid != id->pid || recent->image != id->image)
		*recent = (struct recent){ .pid = id->pid, .image = id->image };
	return recent;
}

/* What answers.c takes for a file. */
static uint32_t key_of(uint32_t look, bool is_call)
{
	return look << 1 | is_call;
}

/* All frames of a stack, if each address is known; else nothing is added. */
static bool add_known(struct ecli_symbols *symbols, uint32_t look, const uint64_t *addresses, size_t count,
		      bool is_calls, struct ecli_frames *frames)
{
	size_t before = frames->count, n;

	for (size_t i = 0; i < count; i++) {
		const struct ecli_frame *known =
			ecli_answers_find(&symbols->answers, key_of(look, is_calls || i), addresses[i], &n);

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

/* What the child is to be told of an image with the next question; NULL: nothing, or it knows. */
static const struct ecli_symbolizer_told *told_of(struct ecli_symbols *symbols, const struct ecli_told_image *image,
						  const struct recent *recent)
{
	struct ecli_symbolizer_told *telling = &symbols->telling;

	if (!symbols->told)
		return NULL;
	telling->count = ecli_told_maps(symbols->told, &image->id, telling->maps);
	telling->parent = image->parent;
	if (!telling->count && !telling->parent.pid)
		return NULL;
	bool is_known = recent->told_child && recent->told_child == ecli_symbolizer_starts(symbols->symbolizer) &&
			recent->told_count == telling->count && recent->was_last == image->id.is_last;
	return is_known ? NULL : telling;
}

/* The frames of addresses of one image; *@ret_is_known: what it has where is known. @is_calls: the first address is a return address, too. */
static int add_image(struct ecli_symbols *symbols, const struct ecli_told_image *image, const uint64_t *addresses,
		     size_t count, bool is_calls, struct ecli_frames *frames, bool *ret_is_known)
{
	struct recent *recent = recent_of(symbols, &image->id);
	uint64_t now_ms = ecli_now_ms();
	size_t before = frames->count;

	*ret_is_known = true;
	if (recent->look && now_ms - recent->asked_ms < CHECK_MS &&
	    add_known(symbols, recent->look, addresses, count, is_calls, frames))
		return 0;
	for (size_t at = 0, n; at < count; at += n) {
		bool is_call = is_calls || at;
		size_t first = frames->count;
		const struct ecli_symbolizer_told *told = told_of(symbols, image, recent);

		n = count - at < ECLI_WIRE_ADDRESSES ? count - at : ECLI_WIRE_ADDRESSES;
		if (ecli_symbolizer_ask(symbols->symbolizer, &image->id, addresses + at, n, is_call, told, frames,
					&symbols->answer)) {
			if (told) {
				recent->told_child = ecli_symbolizer_starts(symbols->symbolizer);
				recent->told_count = (uint32_t)told->count;
				recent->was_last = image->id.is_last;
			}
			keep(symbols, addresses + at, n, is_call, frames, first);
			recent->look = symbols->answer.look;
			recent->asked_ms = now_ms;
			*ret_is_known &= symbols->answer.look != 0;
		} else if (add_unknown(addresses + at, n, frames)) {
			frames->count = before;
			return -ENOMEM;
		} else {
			*ret_is_known = false;
		}
	}
	return 0;
}

/* ---- several images of one pid --------------------------------------------------------------------------------- */

static bool is_same(const struct ecli_frames *a, const struct ecli_frames *b)
{
	bool is = a->count == b->count;

	for (size_t i = 0; is && i < a->count; i++)
		is = a->items[i].function == b->items[i].function && a->items[i].offset == b->items[i].offset &&
		     a->items[i].module == b->items[i].module && a->items[i].file == b->items[i].file &&
		     a->items[i].line == b->items[i].line;
	return is;
}

/* Of an address; what lies at none of them, or not at the same, is not known. */
static int add_agreed(struct ecli_symbols *symbols, const struct ecli_told_image *images, size_t n_images,
		      uint64_t address, bool is_call, struct ecli_frames *frames)
{
	CLEANUP(ecli_frames_done) struct ecli_frames its = { 0 }, agreed = { 0 };
	bool is_named = false, is_torn = false, is_known;

	for (size_t i = 0; i < n_images; i++)
		is_named |= images[i].has_thread;
	for (size_t i = 0; i < n_images; i++) {
		its.count = 0;
		if (add_image(symbols, &images[i], &address, 1, is_call, &its, &is_known))
			return -ENOMEM;
		/* Of whom nothing is known it may be; but not when the thread's name is that of another one. */
		is_torn |= !is_known && (images[i].has_thread || !is_named);
		if (its.count == 1 && !its.items[0].function && !its.items[0].module)
			continue;
		is_torn |= agreed.count && !is_same(&agreed, &its);
		agreed.count = 0;
		if (ecli_frames_add(&agreed, its.items, its.count))
			return -ENOMEM;
	}
	return is_torn || !agreed.count ? add_unknown(&address, 1, frames)
					: ecli_frames_add(frames, agreed.items, agreed.count);
}

/* The images that a stack may be of; how many, 0: nobody knows. */
static size_t images_of(struct ecli_symbols *symbols, uint32_t pid, const char *thread,
			struct ecli_told_image ret[ECLI_TOLD_IMAGES])
{
	size_t count = symbols->told ? ecli_told_images(symbols->told, pid, NULL, ret) : 0;

	if (!count) {
		ret[0] = (struct ecli_told_image){ .id = { pid, 0, true } };
		return 1;
	}
	if (count > 1 && thread) {
		/* A name that none of them has is none of a thread. */
		size_t fewer = ecli_told_images(symbols->told, pid, thread, ret);

		count = fewer ? fewer : ecli_told_images(symbols->told, pid, NULL, ret);
	}
	return count <= ECLI_TOLD_IMAGES ? count : 0;
}

int ecli_symbols_user(struct ecli_symbols *symbols, uint32_t pid, const char *thread, const uint64_t *addresses,
		      size_t count, struct ecli_frames *frames)
{
	struct ecli_told_image images[ECLI_TOLD_IMAGES];
	size_t before = frames->count, n_images = images_of(symbols, pid, thread, images);
	bool is_known;
	int r = 0;

	symbols->was_asked = true;
	if (symbols->has_other_pids || !n_images)
		r = add_unknown(addresses, count, frames);
	else if (n_images == 1)
		r = add_image(symbols, &images[0], addresses, count, false, frames, &is_known);
	else
		for (size_t i = 0; !r && i < count; i++)
			r = add_agreed(symbols, images, n_images, addresses[i], i > 0, frames);
	if (r)
		frames->count = before;
	return r;
}

/* ---- what happens ---------------------------------------------------------------------------------------------- */

/* The name and number of threads of a process: "12 (name) S ..."; the name may contain anything. */
static void add_old(struct ecli_symbols *symbols, int proc, const char *pid)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	char path[64], *name, *end;
	unsigned n_threads;

	snprintf(path, sizeof(path), "%.20s/stat", pid);
	if (!ecli_foreign_read_proc(proc, path, 4096, &text) || !(name = strchr(text.data, '(')) ||
	    !(end = strrchr(name, ')')))
		return;
	*end = '\0';
	/* Field 20; the state after the name is the third. */
	if (sscanf(end + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %u", &n_threads) == 1)
		ecli_told_add_old(symbols->told, (uint32_t)strtoul(pid, NULL, 10), name + 1, n_threads == 1);
}

void ecli_symbols_follow(struct ecli_symbols *symbols)
{
	struct dirent *entry;

	if (symbols->is_told_other || symbols->told || !(symbols->told = ecli_told_new()))
		return;
	DIR *proc = opendir(symbols->proc);
	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			add_old(symbols, dirfd(proc), entry->d_name);
	if (proc)
		closedir(proc);
}

void ecli_symbols_tell(struct ecli_symbols *symbols, const struct ecli_symbols_event *event)
{
	if (event->kind == ECLI_SYMBOLS_KERNEL) {
		ecli_ksyms_tell(symbols->ksyms, event);
		return;
	}
	/* The kernel tells us the numbers of our own namespace. */
	if (symbols->is_told_other)
		return;
	if (!symbols->told)
		symbols->told = ecli_told_new();
	if (symbols->told)
		ecli_told_add(symbols->told, event);
}

void ecli_symbols_note(struct ecli_symbols *symbols, uint32_t pid)
{
	struct ecli_image_id id = { pid, 0, true };
	uint64_t now_ms = ecli_now_ms();

	if (symbols->told)
		id = ecli_told_last(symbols->told, pid);
	struct recent *recent = recent_of(symbols, &id);
	if (symbols->has_other_pids || (recent->noted_ms && now_ms - recent->noted_ms < CHECK_MS))
		return;
	recent->noted_ms = now_ms;
	ecli_symbolizer_note(symbols->symbolizer, &id);
}

void ecli_symbols_cost(const struct ecli_symbols *symbols, struct ecli_symbols_cost *ret)
{
	ecli_symbolizer_cost(symbols->symbolizer, ret);
}

const char *ecli_symbols_user_problem(const struct ecli_symbols *symbols)
{
	if (symbols->has_other_pids && symbols->was_asked)
		return "functions of processes have no names: this is a PID namespace of its own, and the kernel "
		       "gives the process ids of the first one, of which "
		       "this /proc knows nothing; run ecli in the first one (docker run --pid=host)";
	return ecli_symbolizer_problem(symbols->symbolizer);
}
