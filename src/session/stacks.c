/* SPDX-License-Identifier: MIT */
/*
 * What a record has of a stack, made frames:
 *
 *     id ── the package's map of stacks ──> addresses ─┬─ kernel ────────────────> symbols/ ──> frames
 *     array of addresses ──────────────────────────────┴─ user, process of the row ──┘
 *
 * The ids are of the map that @stacks names, which may be an ordinary hash, or of the only one of the kernel's kind
 * (BPF_MAP_TYPE_STACK_TRACE) that the package has. User addresses mean something in one process only: the row's member `tgid`, else
 * `pid`. Names are asked for when a row is shown, and a process is looked at when its first stack is seen, so that it can be gone by then.
 *
 * Nothing is kept here but the last answer: symbols/ has the caches, and they are bounded there. Records are untrusted: an id that is
 * in no map, a process that never was, and addresses of nothing give frames without names. A process that came and went between two looks is known from
 * what the kernel told of its mappings (ecli_poll_add_processes()), which is read before names are asked for.
 */
#include "session/stacks.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "load/surroundings.h"

enum { USER_BITS = 56 };
enum { THREAD_BYTES = 16 }; /* TASK_COMM_LEN of Linux */

/* ---- maps ------------------------------------------------------------------------------------------------------ */

int stacks_init(struct stacks *stacks, const struct ecli_package *package, const struct ecli_types *types,
		struct ecli_err *err)
{
	struct ecli_type_map map;

	stacks->skips_plumbing = true;
	for (size_t i = 0; i < package->n_progs; i++)
		stacks->skips_plumbing &= strncmp(package->progs[i].attach, "perf_event", strlen("perf_event")) != 0;

	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++) {
		if (map.map_type != BPF_MAP_TYPE_STACK_TRACE && map.map_type != BPF_MAP_TYPE_HASH)
			continue;
		struct stack_map *maps = reallocarray(stacks->maps, stacks->n_maps + 1, sizeof(*maps));
		if (!maps)
			return ecli_err_set(err, -ENOMEM, "out of memory");
		maps[stacks->n_maps++] = (struct stack_map){ .name = map.name, .fd = -1 };
		stacks->maps = maps;
		if (map.map_type == BPF_MAP_TYPE_STACK_TRACE)
			stacks->usual = stacks->n_usual++ ? stacks->usual : stacks->n_maps - 1;
	}
	return 0;
}

void stacks_done(struct stacks *stacks)
{
	ecli_frames_done(&stacks->frames);
	ecli_symbols_free(stacks->symbols);
	free(stacks->maps);
	stacks->maps = NULL;
	stacks->symbols = NULL;
	stacks->n_maps = stacks->n_usual = 0;
}

void stacks_on_map(struct stacks *stacks, const struct ecli_load_map *map)
{
	for (size_t i = 0; i < stacks->n_maps; i++)
		if (!map || !strcmp(stacks->maps[i].name, map->name))
			stacks->maps[i].fd = map ? map->fd : -1;
}

static const struct stack_map *map_of(const struct stacks *stacks, const char *name)
{
	for (size_t i = 0; name && i < stacks->n_maps; i++)
		if (!strcmp(stacks->maps[i].name, name))
			return &stacks->maps[i];
	return !name && stacks->n_usual == 1 ? &stacks->maps[stacks->usual] : NULL;
}

/* ---- columns --------------------------------------------------------------------------------------------------- */

struct stack_number stacks_number_at(const struct ecli_plan *plan, uint32_t column)
{
	const struct ecli_field *field = ecli_plan_column(plan, column);
	enum ecli_value_kind kind = field->kind == ECLI_VALUE_FORMATTED ? field->format->raw_kind : field->kind;
	struct stack_number number = { .column = STACKS_NONE };

	if ((kind != ECLI_VALUE_UINT && kind != ECLI_VALUE_SINT) || ecli_plan_column_is_stack(plan, column) ||
	    !ecli_plan_column_offset(plan, column, &number.offset) || field->size_bytes > sizeof(uint64_t))
		return number;
	number.column = column;
	number.size_bytes = field->size_bytes;
	number.is_signed = field->is_signed;
	return number;
}

struct stack_number stacks_find_number(const struct ecli_plan *plan, const char *name)
{
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++)
		if (!strcmp(ecli_plan_column(plan, i)->name, name))
			return stacks_number_at(plan, i);
	return (struct stack_number){ .column = STACKS_NONE };
}

uint64_t stacks_read_number(const struct stack_number *number, const void *data, size_t size_bytes)
{
	uint64_t value = 0;

	if (number->column == STACKS_NONE || size_bytes < number->offset ||
	    size_bytes - number->offset < number->size_bytes)
		return 0;
	memcpy(&value, (const uint8_t *)data + number->offset, number->size_bytes);
	return number->is_signed && value >> (8 * number->size_bytes - 1) ? 0 : value;
}

/* The name of the thread whose stack it is: which program a pid was when it was several. */
static void find_thread(struct stack_row *row)
{
	for (uint32_t i = 0; i < ecli_plan_columns(row->plan); i++) {
		const struct ecli_field *field = ecli_plan_column(row->plan, i);

		if (strcmp(field->name, "comm") != 0 || field->kind != ECLI_VALUE_STRING ||
		    !ecli_plan_column_offset(row->plan, i, &row->thread))
			continue;
		row->thread_bytes = field->size_bytes < THREAD_BYTES ? field->size_bytes : THREAD_BYTES;
	}
}

/* NULL: it is not known. */
static const char *read_thread(const struct stack_row *row, const void *data, size_t size_bytes,
			       char ret[THREAD_BYTES + 1])
{
	if (!row->thread_bytes || size_bytes < row->thread || size_bytes - row->thread < row->thread_bytes)
		return NULL;
	memcpy(ret, (const char *)data + row->thread, row->thread_bytes);
	ret[row->thread_bytes] = '\0';
	return *ret ? ret : NULL;
}

static void warn_if_unknown(const struct stacks *stacks, const struct ecli_plan *plan, uint32_t column, const char *map)
{
	const struct ecli_field *field = ecli_plan_column(plan, column);
	const char *name = field->format->stacks;

	if (ecli_plan_column_is_group(plan, column) || map_of(stacks, name))
		return;
	if (name)
		ecli_log(ECLI_LOG_WARN,
			 "%s: %s is to have its stacks from %.60s, but the tool has no such map of stacks", map,
			 field->name, name);
	else
		ecli_log(ECLI_LOG_WARN, "%s: %s is the id of a stack, but the tool has %s; it is shown as a number",
			 map, field->name,
			 stacks->n_usual ? "several maps of stacks, and @stacks does not say which is meant"
					 : "no map of stacks");
}

int stacks_of_plan(struct stacks *stacks, const struct ecli_plan *plan, const char *map, struct ecli_err *err,
		   struct stack_row **ret_row)
{
	struct stack_row found = { .stacks = stacks, .plan = plan, .kernel = STACKS_NONE, .user = STACKS_NONE };

	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++) {
		if (!ecli_plan_column_is_stack(plan, i))
			continue;
		bool is_kernel = ecli_plan_column(plan, i)->format->as == ECLI_AS_KERNEL_STACK;
		uint32_t *column = is_kernel ? &found.kernel : &found.user;

		warn_if_unknown(stacks, plan, i, map);
		if (*column == STACKS_NONE)
			*column = i;
	}
	if (found.kernel == STACKS_NONE && found.user == STACKS_NONE)
		return 0;
	stacks->has_user |= found.user != STACKS_NONE;
	stacks->has_kernel |= found.kernel != STACKS_NONE;
	found.pid = stacks_find_number(plan, "tgid");
	if (found.pid.column == STACKS_NONE)
		found.pid = stacks_find_number(plan, "pid");
	find_thread(&found);
	struct stack_row *row = malloc(sizeof(*row));
	if (!row)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*row = found;
	*ret_row = row;
	return 0;
}

/* ---- frames ---------------------------------------------------------------------------------------------------- */

/*
 * What the kernel does to run the program that asks for a stack stands on top of that stack, when it is a tracepoint, a trampoline or a
 * probe that runs it: the program itself, and behind it functions of these names, by kernel version.
 */
static const char *const plumbing[] = {
	"bpf_trace_run",        "__bpf_trace_",       "__traceiter_",      "bpf_trampoline_",   "trace_call_bpf",
	"perf_trace_",          "perf_call_bpf_",     "kprobe_perf_func",  "kprobe_dispatcher", "kretprobe_perf_func",
	"kretprobe_dispatcher", "perf_syscall_enter", "perf_syscall_exit", "__bpf_prog_enter",  "__bpf_prog_exit",
};

static bool is_plumbing(const char *function)
{
	for (size_t i = 0; i < ARRAY_SIZE(plumbing); i++)
		if (!strncmp(function, plumbing[i], strlen(plumbing[i])))
			return true;
	return false;
}

/* Takes these frames away. Only behind a BPF program, and never all: a sampler that finds one at work tells the truth. */
static void skip_plumbing(const struct stacks *stacks, struct ecli_frames *frames)
{
	size_t skip = 0;

	if (!stacks->skips_plumbing || !frames->count || !frames->items[0].module ||
	    strcmp(frames->items[0].module, "bpf") != 0)
		return;
	for (size_t i = 1; i < frames->count && frames->items[i].function && is_plumbing(frames->items[i].function);
	     i++)
		skip = i + 1;
	if (!skip || skip == frames->count)
		return;
	frames->count -= skip;
	memmove(frames->items, frames->items + skip, frames->count * sizeof(*frames->items));
}

static void tell_rights(void)
{
	if (!ecli_has_right(ECLI_RIGHT_TRACE) && !ecli_has_right(ECLI_RIGHT_ADMIN))
		ecli_log(ECLI_LOG_WARN, "functions of other users' processes have no names: that takes CAP_SYS_PTRACE");
}

static bool have_symbols(struct stacks *stacks)
{
	struct ecli_symbols_opts opts = { .is_over = stacks->is_over, .ctx = stacks->ctx };

	if (!stacks->symbols) {
		tell_rights();
		ecli_symbols_new(&opts, NULL, &stacks->symbols);
	}
	return stacks->symbols;
}

static void tell_problem(const char *problem, bool *has_told)
{
	if (problem && !*has_told)
		ecli_log(ECLI_LOG_WARN, "%s", problem);
	*has_told |= problem != NULL;
}

static const struct {
	const char *what, *why;
} left_out[] = {
	[ECLI_LEFT_LINES] = { "lines of source", "it has more than 32 MiB of debug information" },
	[ECLI_LEFT_LINES_ELSEWHERE] = { "lines of source", "its debug information is split over two files or "
							   "compressed in the old way, which is not read" },
	[ECLI_LEFT_LINES_ROOM] = { "lines of source", "there is no room for the debug information of so many files" },
	[ECLI_LEFT_FUNCTIONS] = { "names of functions", "it has more than there is room for" },
	[ECLI_LEFT_SERVED] = { "names of functions",
			       "its file is served by another process (FUSE), which could keep ecli waiting" },
	[ECLI_LEFT_FILE] = { "names of functions", "its file cannot be opened: it is gone, in a container that has "
						   "ended, or not to be read by this user" },
	[ECLI_LEFT_TIME] = { "names of functions", "reading the files of its owner took too long" },
};
static_assert(ARRAY_SIZE(left_out) == ECLI_LEFT_REASONS, "a sentence for each reason");

static bool is_told(const struct stacks *stacks, const struct ecli_frame *frame)
{
	for (size_t i = 0; i < stacks->n_left_out; i++)
		if (stacks->left_out[i].module == frame->module && stacks->left_out[i].why == frame->left_out)
			return true;
	return stacks->n_left_out == ARRAY_SIZE(stacks->left_out);
}

/* Of a few files, once each. */
static void tell_left_out(struct stacks *stacks)
{
	for (size_t i = 0; i < stacks->frames.count; i++) {
		const struct ecli_frame *frame = &stacks->frames.items[i];
		CLEANUP_BUF struct ecli_buf name = { 0 };

		if (!frame->left_out || !frame->module || is_told(stacks, frame))
			continue;
		stacks->left_out[stacks->n_left_out].module = frame->module;
		stacks->left_out[stacks->n_left_out++].why = frame->left_out;
		ecli_render_safe_text(frame->module, strlen(frame->module), &name);
		if (!ecli_buf_failed(&name))
			ecli_log(ECLI_LOG_WARN, "%s of %s are left out: %s%s", left_out[frame->left_out].what,
				 ecli_buf_text(&name), left_out[frame->left_out].why,
				 stacks->n_left_out < ARRAY_SIZE(stacks->left_out)
					 ? ""
					 : "; other files are no longer named");
	}
}

/* The addresses of a stack; NULL: its map is not known. @ret_count 0: it is empty, or gone. */
static const uint64_t *find_addresses(struct stacks *stacks, const struct ecli_plan_stack *stack, size_t *ret_count)
{
	const struct stack_map *map = map_of(stacks, stack->field->format->stacks);

	*ret_count = stack->count;
	if (!stack->is_id)
		return stack->addresses;
	*ret_count = 0;
	if (stack->id < 0)
		return stacks->addresses;
	if (!map || map->fd < 0 || stack->id > UINT32_MAX)
		return NULL;
	ecli_load_stack(map->fd, (uint32_t)stack->id, stacks->addresses, ARRAY_SIZE(stacks->addresses), ret_count);
	return stacks->addresses;
}

/* Frames without names: the time for names is over. */
static int add_addresses(struct stacks *stacks, const struct ecli_plan_stack *stack, const uint64_t *addresses,
			 size_t count)
{
	struct ecli_frames *frames = &stacks->frames;

	if (count > frames->room) {
		struct ecli_frame *items = reallocarray(frames->items, count, sizeof(*items));

		if (!items)
			return -ENOMEM;
		frames->items = items;
		frames->room = count;
	}
	for (size_t i = 0; i < count; i++)
		frames->items[i] = (struct ecli_frame){ .address = addresses[i],
							.is_kernel = stack->field->format->as == ECLI_AS_KERNEL_STACK };
	frames->count = count;
	return 0;
}

/*
 * The walk by frame pointers goes on through code that keeps none, and what it then takes for an address may be anything. From the first on that no
 * user address can be (56 bits on x86 with five levels of page tables, fewer elsewhere) a stack is not one.
 */
static size_t user_addresses(const uint64_t *addresses, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (addresses[i] >> USER_BITS)
			return i;
	return count;
}

const struct ecli_frames *stacks_frames(void *ctx, const struct ecli_plan_stack *stack, const void *data,
					size_t size_bytes)
{
	struct stack_row *row = ctx;
	struct stacks *stacks = row->stacks;
	size_t count;
	const uint64_t *addresses = find_addresses(stacks, stack, &count);

	if (!addresses || !have_symbols(stacks))
		return NULL;
	if (stack->field->format->as == ECLI_AS_USER_STACK)
		count = user_addresses(addresses, count);
	stacks->frames.count = 0;
	if (!count)
		return &stacks->frames;
	stacks->is_cut = stacks->is_cut || (stacks->is_over && stacks->is_over(stacks->ctx));
	if (stacks->is_cut)
		return add_addresses(stacks, stack, addresses, count) ? NULL : &stacks->frames;
	if (stacks->processes)
		ecli_poll_read_processes(stacks->processes);
	if (stack->field->format->as == ECLI_AS_USER_STACK) {
		uint64_t pid = stacks_read_number(&row->pid, data, size_bytes);
		char thread[THREAD_BYTES + 1];

		ecli_symbols_user(stacks->symbols, pid <= INT32_MAX ? (uint32_t)pid : 0,
				  read_thread(row, data, size_bytes, thread), addresses, count, &stacks->frames);
		tell_left_out(stacks);
		tell_problem(ecli_symbols_user_problem(stacks->symbols), &stacks->has_told_user);
		stacks->is_cut = stacks->is_over && stacks->is_over(stacks->ctx);
	} else {
		ecli_symbols_kernel(stacks->symbols, addresses, count, &stacks->frames);
		skip_plumbing(stacks, &stacks->frames);
		tell_problem(ecli_symbols_kernel_problem(stacks->symbols), &stacks->has_told);
	}
	return &stacks->frames;
}

static void on_process(void *ctx, const struct ecli_poll_process *process)
{
	static const enum ecli_symbols_event_kind kinds[] = {
		[ECLI_POLL_MAPPED] = ECLI_SYMBOLS_MAPPED, [ECLI_POLL_FORKED] = ECLI_SYMBOLS_FORKED,
		[ECLI_POLL_EXECED] = ECLI_SYMBOLS_EXECED, [ECLI_POLL_NAMED] = ECLI_SYMBOLS_NAMED,
		[ECLI_POLL_KERNEL] = ECLI_SYMBOLS_KERNEL,
	};
	struct stacks *stacks = ctx;
	const struct ecli_symbols_event event = { .kind = kinds[process->kind],
						  .pid = process->pid,
						  .parent = process->parent,
						  .start = process->start,
						  .size_bytes = process->size_bytes,
						  .offset = process->offset,
						  .device_major = process->device_major,
						  .device_minor = process->device_minor,
						  .inode = process->inode,
						  .time_ns = process->time_ns,
						  .is_gone = process->is_gone,
						  .path = process->path };

	if (have_symbols(stacks))
		ecli_symbols_tell(stacks->symbols, &event);
}

void stacks_follow(struct stacks *stacks, struct ecli_poll *poll)
{
	if (!stacks->has_user && !stacks->has_kernel)
		return;
	int r = ecli_poll_add_processes(poll, stacks->has_user, on_process, stacks, &stacks->processes);
	if (r)
		ecli_log(ECLI_LOG_INFO, "processes that end before they are looked at have no names: %s", strerror(-r));
	else if (stacks->has_user && have_symbols(stacks))
		ecli_symbols_follow(stacks->symbols);
}

void stacks_note(struct stacks *stacks, uint32_t pid)
{
	/* Which image of the pid it is now. */
	if (stacks->processes)
		ecli_poll_read_processes(stacks->processes);
	if (have_symbols(stacks))
		ecli_symbols_note(stacks->symbols, pid);
}

struct ecli_symbols_cost stacks_cost(const struct stacks *stacks)
{
	struct ecli_symbols_cost cost = { 0 };

	if (stacks->symbols)
		ecli_symbols_cost(stacks->symbols, &cost);
	return cost;
}
