/* SPDX-License-Identifier: MIT */
/*
 * An address of a process goes through what knows more and more about it:
 *
 *     pid ─ process ─> mapping ─> file + address in the file ─ answers (known already?) ─ symfile ─> frames
 *
 * What is read is said on the page before it is read (work.h), and afterwards what it cost: the time of a question's own CPU clock, laid
 * out over the files' owners as the wall clock saw them, because asking that one is cheap.
 */
#include "symbols/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "symbols/answers.h"
#include "symbols/demangle.h"
#include "symbols/frames.h"
#include "symbols/process.h"
#include "symbols/symfile.h"

enum { MAX_OWNERS = 8 }; /* of the files of one stack; the work for more is laid on the last one */

struct ecli_engine {
	char *proc; /* path */
	struct ecli_names *names;
	struct ecli_files *files;
	struct ecli_processes *processes;
	struct ecli_answers answers;
	uint64_t clock; /* counts questions */
	struct ecli_work_page *page, own_page;
	/* Of the question in work. */
	uint64_t began_ns; /* CPU time; 0: nothing was read yet */
	struct {
		uint32_t user;
		uint64_t wall_ns, name_bytes;
	} owners[MAX_OWNERS];
	size_t n_owners;
};

void ecli_engine_free(struct ecli_engine *engine)
{
	if (!engine)
		return;
	ecli_processes_free(engine->processes);
	ecli_files_free(engine->files);
	ecli_answers_done(&engine->answers);
	ecli_names_free(engine->names);
	free(engine->proc);
	free(engine);
}

struct ecli_engine *ecli_engine_new(const struct ecli_engine_opts *opts)
{
	static const struct ecli_engine_opts usual;
	struct ecli_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	opts = opts ? opts : &usual;
	engine->page = opts->page ? opts->page : &engine->own_page;
	if ((engine->proc = strdup(opts->proc ? opts->proc : "/proc")) && (engine->names = ecli_names_new()) &&
	    (engine->files = ecli_files_new(engine->names, !opts->no_lines, opts->avoid)) &&
	    (engine->processes =
		     ecli_processes_new(engine->proc, engine->files, engine->names, engine->page, opts->avoid)))
		return engine;
	ecli_engine_free(engine);
	return NULL;
}

/* ---- what it costs --------------------------------------------------------------------------------------------- */

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

struct costs {
	struct ecli_work before;
	uint64_t wall_ns;
	size_t name_bytes;
};

static struct costs begin(struct ecli_engine *engine, const struct ecli_symfile *file)
{
	struct ecli_work work = ecli_symfile_work(file);

	if (!engine->began_ns)
		engine->began_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	return (struct costs){ ecli_work_begin(engine->page, &work), clock_ns(CLOCK_MONOTONIC),
			       ecli_names_bytes(engine->names) };
}

static void end(struct ecli_engine *engine, const struct ecli_symfile *file, const struct costs *costs)
{
	size_t i = 0;

	ecli_work_end(engine->page, costs->before);
	while (i < engine->n_owners && i < MAX_OWNERS - 1 && engine->owners[i].user != file->user)
		i++;
	if (i == engine->n_owners)
		engine->n_owners++;
	engine->owners[i].user = file->user;
	engine->owners[i].wall_ns += clock_ns(CLOCK_MONOTONIC) - costs->wall_ns;
	engine->owners[i].name_bytes += ecli_names_bytes(engine->names) - costs->name_bytes;
}

void ecli_engine_settle(struct ecli_engine *engine)
{
	uint64_t wall_ns = 1, ns;

	if (!engine->began_ns)
		return;
	ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - engine->began_ns;
	for (size_t i = 0; i < engine->n_owners; i++)
		wall_ns += engine->owners[i].wall_ns;
	for (size_t i = 0; i < engine->n_owners; i++)
		ecli_work_charge(engine->page, engine->owners[i].user,
				 (uint64_t)((double)ns * (double)engine->owners[i].wall_ns / (double)wall_ns),
				 engine->owners[i].name_bytes);
	memset(engine->owners, 0, sizeof(engine->owners));
	engine->n_owners = 0;
	engine->began_ns = 0;
}

/* ---- addresses ------------------------------------------------------------------------------------------------- */

/* The frames of one address of a file, into @ret_frames: how many. */
static size_t resolve(struct ecli_engine *engine, struct ecli_symfile *file, uint64_t lookup,
		      struct ecli_frame ret_frames[ECLI_LINES_MAX_FRAMES])
{
	struct ecli_lines_frame found[ECLI_LINES_MAX_FRAMES] = { 0 };
	size_t count = file->lines ? ecli_lines_find(file->lines, lookup, found) : 0;
	struct ecli_symtab_function function;

	for (size_t i = 0; i < count; i++) {
		ret_frames[i] = (struct ecli_frame){
			.function = found[i].function,
			.file = found[i].file,
			.line = found[i].line,
			.is_inlined = found[i].is_inlined,
		};
	}
	if (!count)
		ret_frames[count++] = (struct ecli_frame){ 0 };

	/* The outermost is what the file has at that place. */
	struct ecli_frame *outer = &ret_frames[count - 1];
	outer->is_inlined = false;
	outer->offset = lookup;
	if (ecli_symtab_find(&file->functions, lookup, &function)) {
		if (!*function.readable)
			*function.readable = ecli_demangle_keep(function.name, engine->names);
		outer->function = *function.readable;
		outer->offset = lookup - function.start;
	} else if (count && found[count - 1].start) {
		outer->offset = lookup - found[count - 1].start;
	}
	bool has_name = outer->function, has_line = outer->line || ret_frames[0].line;
	outer->left_out = !has_name ? file->no_functions : !has_line ? file->no_lines : ECLI_LEFT_NOTHING;
	return count;
}

static int ask_file(struct ecli_engine *engine, struct ecli_symfile *file, uint64_t lookup, struct ecli_frames *frames)
{
	struct ecli_frame resolved[ECLI_LINES_MAX_FRAMES];
	uint32_t number = ecli_symfile_number(file);
	size_t count, bytes = ecli_symfile_bytes(file);
	const struct ecli_frame *known = ecli_answers_find(&engine->answers, number, lookup, &count);

	if (known)
		return ecli_frames_add(frames, known, count);
	if (!ecli_work_may(engine->page, file->user)) {
		resolved[0] = (struct ecli_frame){ .offset = lookup, .left_out = ECLI_LEFT_TIME };
		return ecli_frames_add(frames, resolved, 1);
	}
	struct costs costs = begin(engine, file);
	count = resolve(engine, file, lookup, resolved);
	ecli_answers_keep(&engine->answers, number, lookup, resolved, count);
	if (ecli_symfile_bytes(file) != bytes)
		ecli_files_used(engine->files, file);
	end(engine, file, &costs);
	return ecli_frames_add(frames, resolved, count);
}

static void read_file(struct ecli_engine *engine, struct ecli_process *process, struct ecli_symfile *file)
{
	if (ecli_symfile_is_ready(file) || !ecli_work_may(engine->page, file->user))
		return;
	struct costs costs = begin(engine, file);
	CLEANUP_FD int root = ecli_process_root(engine->processes, process);
	ecli_symfile_read(file, root);
	ecli_files_used(engine->files, file);
	end(engine, file, &costs);
}

/* Of a mapping's module. */
static const char *named(const char *module)
{
	return module && *module ? module : NULL;
}

/* An address in no file that could tell more: of code made at run time, or unknown. */
static int add_other(struct ecli_engine *engine, struct ecli_process *process, uint64_t address, uint64_t lookup,
		     const struct ecli_mapping *mapping, struct ecli_frames *frames)
{
	struct ecli_frame frame = { .address = address,
				    .module = mapping && !mapping->is_moved ? named(mapping->module) : NULL,
				    .left_out = mapping ? mapping->left_out : ECLI_LEFT_NOTHING };
	struct ecli_symtab_function function;

	if (process && !(mapping && mapping->is_torn) &&
	    ecli_process_compiled(engine->processes, process, lookup, &function)) {
		frame.function = ecli_names_add(engine->names, function.name);
		frame.offset = address - function.start;
		frame.module = ecli_names_add(engine->names, "[jit]");
		frame.left_out = ECLI_LEFT_NOTHING;
	}
	return ecli_frames_add(frames, &frame, 1);
}

/* Where an address of a mapping lies in its file; false: it does not. */
static bool address_in(const struct ecli_mapping *mapping, uint64_t address, uint64_t *ret)
{
	const struct ecli_symfile *file = mapping->file;

	if (mapping->is_moved)
		return ecli_image_moved_address(file->loads, file->n_loads, mapping->offset, mapping->beside_is_code,
						address - mapping->beside, ret);
	return ecli_image_address(file->loads, file->n_loads, address - mapping->start + mapping->offset, ret);
}

int ecli_engine_address(struct ecli_engine *engine, struct ecli_process *process, uint64_t address, bool is_call,
			struct ecli_frames *frames, bool *ret_is_final)
{
	uint64_t lookup = address - (is_call && address), inside;
	const struct ecli_mapping *mapping = process ? ecli_process_find(engine->processes, process, lookup) : NULL;
	struct ecli_symfile *file = mapping ? mapping->file : NULL;
	size_t first = frames->count;

	*ret_is_final = false;
	if (file) {
		file->used = ++engine->clock;
		read_file(engine, process, file);
	}
	if (!file || !address_in(mapping, lookup, &inside))
		return add_other(engine, process, address, lookup, mapping, frames);
	int r = ask_file(engine, file, inside, frames);
	for (size_t i = first; i < frames->count; i++) {
		frames->items[i].address = address;
		frames->items[i].module = named(mapping->module);
		if (!frames->items[i].is_inlined)
			frames->items[i].offset += address - lookup;
	}
	*ret_is_final = true;
	return r;
}

struct ecli_process *ecli_engine_process(struct ecli_engine *engine, const struct ecli_image_id *id)
{
	return ecli_processes_get(engine->processes, id);
}

void ecli_engine_tell(struct ecli_engine *engine, const struct ecli_image_id *id, const struct ecli_image_id *parent,
		      const struct ecli_map *maps, size_t count)
{
	ecli_processes_tell(engine->processes, id, parent, maps, count);
}

int ecli_engine_user(struct ecli_engine *engine, uint32_t pid, const uint64_t *addresses, size_t count,
		     struct ecli_frames *frames)
{
	size_t before = frames->count;
	struct ecli_process *process = ecli_engine_process(engine, &(struct ecli_image_id){ pid, 0, true });
	bool is_final;

	for (size_t i = 0; i < count; i++) {
		if (ecli_engine_address(engine, process, addresses[i], i > 0, frames, &is_final)) {
			frames->count = before;
			return -ENOMEM;
		}
	}
	ecli_engine_settle(engine);
	return 0;
}
