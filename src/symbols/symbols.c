/* SPDX-License-Identifier: MIT */
/*
 * Addresses into frames. An address goes through what knows more and more about it:
 *
 *     pid ─ process ─> mapping ─> file + address in the file ─ answers (known already?) ─ symfile ─> frames
 *
 * The first address of a stack is where the processor is; the others are where calls return to, which may be the first byte of the
 * next function or line: they are looked up one byte earlier.
 */
#include <ecli/symbols.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/answers.h"
#include "symbols/demangle.h"
#include "symbols/frames.h"
#include "symbols/ksyms.h"
#include "symbols/process.h"
#include "symbols/symfile.h"

struct ecli_symbols {
	char *proc, *kallsyms; /* paths */
	struct ecli_names *names;
	struct ecli_ksyms *ksyms;
	struct ecli_files *files;
	struct ecli_processes *processes;
	struct ecli_answers answers;
	uint64_t clock; /* counts questions */
};

void ecli_symbols_free(struct ecli_symbols *symbols)
{
	if (!symbols)
		return;
	ecli_processes_free(symbols->processes);
	ecli_files_free(symbols->files);
	ecli_ksyms_free(symbols->ksyms);
	ecli_answers_done(&symbols->answers);
	ecli_names_free(symbols->names);
	free(symbols->proc);
	free(symbols->kallsyms);
	free(symbols);
}

int ecli_symbols_new(const struct ecli_symbols_opts *opts, struct ecli_err *err, struct ecli_symbols **ret_symbols)
{
	struct ecli_symbols *symbols = calloc(1, sizeof(*symbols));
	const char *proc = opts && opts->proc ? opts->proc : "/proc";

	if (!symbols)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if ((symbols->proc = strdup(proc)) && asprintf(&symbols->kallsyms, "%s/kallsyms", proc) > 0 &&
	    (symbols->names = ecli_names_new()) && (symbols->ksyms = ecli_ksyms_new(symbols->kallsyms)) &&
	    (symbols->files = ecli_files_new(symbols->names, !opts || !opts->no_lines)) &&
	    (symbols->processes = ecli_processes_new(symbols->proc, symbols->files, symbols->names))) {
		*ret_symbols = symbols;
		return 0;
	}
	ecli_symbols_free(symbols);
	return ecli_err_set(err, -ENOMEM, "out of memory");
}

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

/* The frames of one address of a file, into @ret_frames: how many. */
static size_t resolve(struct ecli_symbols *symbols, struct ecli_symfile *file, uint64_t lookup,
		      struct ecli_frame ret_frames[ECLI_LINES_MAX_FRAMES])
{
	struct ecli_lines_frame found[ECLI_LINES_MAX_FRAMES] = { 0 };
	size_t count = file->lines ? ecli_lines_find(file->lines, lookup, found) : 0;
	struct ecli_symtab_function function;

	for (size_t i = 0; i < count; i++) {
		ret_frames[i] = (struct ecli_frame){
			.function = found[i].function,
			.module = ecli_symfile_module(file),
			.file = found[i].file,
			.line = found[i].line,
			.is_inlined = found[i].is_inlined,
		};
	}
	if (!count)
		ret_frames[count++] = (struct ecli_frame){ .module = ecli_symfile_module(file) };

	/* The outermost is what the file has at that place. */
	struct ecli_frame *outer = &ret_frames[count - 1];
	outer->is_inlined = false;
	outer->offset = lookup;
	if (ecli_symtab_find(&file->functions, lookup, &function)) {
		if (!*function.readable)
			*function.readable = ecli_demangle_keep(function.name, symbols->names);
		outer->function = *function.readable;
		outer->offset = lookup - function.start;
	} else if (count && found[count - 1].start) {
		outer->offset = lookup - found[count - 1].start;
	}
	return count;
}

static int ask_file(struct ecli_symbols *symbols, struct ecli_symfile *file, uint64_t lookup,
		    struct ecli_frames *frames)
{
	struct ecli_frame resolved[ECLI_LINES_MAX_FRAMES];
	uint32_t number = ecli_symfile_number(file);
	size_t count, bytes = ecli_symfile_bytes(file);
	const struct ecli_frame *known = ecli_answers_find(&symbols->answers, number, lookup, &count);

	if (known)
		return ecli_frames_add(frames, known, count);
	count = resolve(symbols, file, lookup, resolved);
	ecli_answers_keep(&symbols->answers, number, lookup, resolved, count);
	if (ecli_symfile_bytes(file) != bytes)
		ecli_files_used(symbols->files, file);
	return ecli_frames_add(frames, resolved, count);
}

/* An address in no file that could tell more: of code made at run time, or unknown. */
static int add_other(struct ecli_symbols *symbols, struct ecli_process *process, uint64_t address, uint64_t lookup,
		     const char *module, struct ecli_frames *frames)
{
	struct ecli_frame frame = { .address = address, .module = module };
	struct ecli_symtab_function function;

	if (process && ecli_process_compiled(symbols->processes, process, lookup, &function)) {
		frame.function = ecli_names_add(symbols->names, function.name);
		frame.offset = address - function.start;
		frame.module = "[jit]";
	}
	return ecli_frames_add(frames, &frame, 1);
}

static int add_address(struct ecli_symbols *symbols, struct ecli_process *process, uint64_t address, uint64_t lookup,
		       struct ecli_frames *frames)
{
	const struct ecli_mapping *mapping = process ? ecli_process_find(symbols->processes, process, lookup) : NULL;
	struct ecli_symfile *file = mapping ? mapping->file : NULL;
	size_t first = frames->count;
	uint64_t inside;

	if (file) {
		file->used = ++symbols->clock;
		if (!file->is_read) {
			CLEANUP_FD int root = ecli_process_root(symbols->processes, process);

			ecli_symfile_read(file, root);
			ecli_files_used(symbols->files, file);
		}
	}
	if (!file ||
	    !ecli_image_address(file->loads, file->n_loads, lookup - mapping->start + mapping->offset, &inside))
		return add_other(symbols, process, address, lookup, mapping ? mapping->module : NULL, frames);
	int r = ask_file(symbols, file, inside, frames);
	for (size_t i = first; i < frames->count; i++) {
		frames->items[i].address = address;
		if (!frames->items[i].is_inlined)
			frames->items[i].offset += address - lookup;
	}
	return r;
}

int ecli_symbols_user(struct ecli_symbols *symbols, uint32_t pid, const uint64_t *addresses, size_t count,
		      struct ecli_frames *frames)
{
	size_t before = frames->count;
	struct ecli_process *process = ecli_processes_get(symbols->processes, pid);

	for (size_t i = 0; i < count; i++) {
		if (add_address(symbols, process, addresses[i], lookup_of(addresses, i), frames)) {
			frames->count = before;
			return -ENOMEM;
		}
	}
	return 0;
}

void ecli_symbols_note(struct ecli_symbols *symbols, uint32_t pid)
{
	ecli_processes_get(symbols->processes, pid);
}
