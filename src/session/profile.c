/* SPDX-License-Identifier: MIT */
/*
 * A run as a profile: every row that has a stack is added to a tree, under the name of its process and with its weight, and at the end
 * the tree is written as folded stacks, as a flame graph or for pprof.
 *
 *     event, entry ── stacks.c: frames ── weight: @weight, "value" of @sample, else the first number of the value, else 1
 *                                              │
 *                          whole <── add ──> look     (a sampled map whose folded stacks are written at each look)
 *
 * A map that is not cleared tells all of its weight at each look, so the tree forgets what it had when the next look begins. A stack that
 * the kernel could not keep is a frame of that name: the weights add up to what was measured.
 *
 * Files are tried before anything is attached, and replaced whole at the end.
 */
#include "session/profile.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/kernel_clock.h"
#include "base/wall.h"
#include "session/run.h"

#define NS_PER_SECOND 1000000000ull
#define LOST_FRAME    "[lost stack]"

const char *const ecli_profile_names[] = { "folded", "flame", "pprof", NULL };
static_assert(ARRAY_SIZE(ecli_profile_names) == ECLI_PROFILES + 1, "a name for each");

/* ---- weights --------------------------------------------------------------------------------------------------- */

/* The member of an exported type that its author has tagged @weight. */
static const char *tagged_weight(const struct ecli_package *package, const struct ecli_plan *plan)
{
	for (size_t i = 0; i < package->n_exports; i++)
		for (size_t k = 0; k < package->exports[i].n_members; k++) {
			const struct ecli_package_member *member = &package->exports[i].members[k];

			if (ecli_package_extra_true(&member->extras, "weight") &&
			    stacks_find_number(plan, member->name).column != STACKS_NONE)
				return member->name;
		}
	return NULL;
}

/* The first number of a map's value that is no id of a process. */
static struct stack_number first_of_value(const struct ecli_plan *plan, uint32_t value_offset)
{
	struct stack_number none = { .column = STACKS_NONE };

	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++) {
		struct stack_number number = stacks_number_at(plan, i);

		if (number.column != STACKS_NONE && number.offset >= value_offset)
			return number;
	}
	return none;
}

struct stack_number profile_weight(const struct ecli_package *package, const struct source *source,
				   const struct record *record)
{
	const char *name = record->sample ? record->sample->value : NULL;

	if (!name)
		name = tagged_weight(package, record->plan);
	if (name)
		return stacks_find_number(record->plan, name);
	if (source->kind != ECLI_SOURCE_MAP)
		return (struct stack_number){ .column = STACKS_NONE };
	return first_of_value(record->plan, source->sampler->value_offset);
}

/* Of which name a process is: the first text called so, else the first text. */
static uint32_t find_name(const struct ecli_plan *plan)
{
	uint32_t found = STACKS_NONE, offset;

	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++) {
		const struct ecli_field *field = ecli_plan_column(plan, i);

		if (field->kind != ECLI_VALUE_STRING || !ecli_plan_column_offset(plan, i, &offset))
			continue;
		if (!strcmp(field->name, "comm") || !strcmp(field->name, "task"))
			return i;
		if (found == STACKS_NONE)
			found = i;
	}
	return found;
}

/* How pprof calls a unit. */
static const char *unit_name(const char *unit)
{
	static const struct {
		const char *word, *name;
	} words[] = {
		{ "ns", "nanoseconds" },  { "nsecs", "nanoseconds" },  { "nanoseconds", "nanoseconds" },
		{ "us", "microseconds" }, { "usecs", "microseconds" }, { "microseconds", "microseconds" },
		{ "ms", "milliseconds" }, { "msecs", "milliseconds" }, { "milliseconds", "milliseconds" },
		{ "s", "seconds" },       { "secs", "seconds" },       { "bytes", "bytes" },
	};

	for (size_t i = 0; unit && i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].word, unit))
			return words[i].name;
	return "count";
}

static const char *format_unit(const struct ecli_field *field)
{
	switch (field->format ? field->format->as : ECLI_AS_NUMBER) {
	case ECLI_AS_DURATION:
		return "ns";
	case ECLI_AS_DURATION_US:
		return "us";
	case ECLI_AS_DURATION_MS:
		return "ms";
	case ECLI_AS_BYTES:
		return "bytes";
	default:
		return NULL;
	}
}

/* ---- preparing ------------------------------------------------------------------------------------------------- */

static const struct record *first_with_stacks(const struct session *session, const struct source **ret_source)
{
	for (size_t i = 0; i < session->sources.count; i++)
		for (size_t k = 0; k < session->sources.items[i].records.count; k++)
			if (session->sources.items[i].records.items[k].stacks) {
				*ret_source = &session->sources.items[i];
				return &session->sources.items[i].records.items[k];
			}
	return NULL;
}

const char *profile_what(const struct session *session)
{
	const struct source *source = NULL;
	const struct record *record = first_with_stacks(session, &source);

	if (!record || record->profile.weight.column == STACKS_NONE)
		return "samples";
	const char *name = ecli_plan_column(record->plan, record->profile.weight.column)->name;
	return strcmp(name, "count") ? name : "samples";
}

static int new_tree(const struct session *session, const struct record *record, struct ecli_err *err,
		    struct ecli_stacks **ret)
{
	const struct ecli_package *package = session->opts->package;
	struct stack_number weight = record->profile.weight;
	const struct ecli_field *field =
		weight.column == STACKS_NONE ? NULL : ecli_plan_column(record->plan, weight.column);
	const char *unit = record->sample ? record->sample->unit : NULL;
	struct ecli_stacks_opts opts = {
		.title = package->doc.brief ? package->doc.brief : package->name,
		.what = profile_what(session),
	};

	if (!unit && field)
		unit = format_unit(field);
	opts.unit = unit_name(unit);
	return ecli_stacks_new(&opts, err, ret);
}

static int try_files(const struct ecli_session_opts *opts, struct ecli_err *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < ECLI_PROFILES; i++)
		if (opts->profiles[i] && strcmp(opts->profiles[i], "-") != 0)
			r = ecli_file_try_write(opts->profiles[i], err);
	return r;
}

/* Finds the stacks of all records, and lets renderers ask for their frames. */
static int bind(struct session *session, struct ecli_err *err)
{
	int r = stacks_init(&session->stacks, session->opts->package, session->opts->types, err);

	for (size_t i = 0; !r && i < session->sources.count; i++) {
		struct source *source = &session->sources.items[i];

		for (size_t k = 0; !r && k < source->records.count; k++) {
			struct record *record = &source->records.items[k];

			r = stacks_of_plan(&session->stacks, record->plan, source->map, err, &record->stacks);
			if (r || !record->stacks)
				continue;
			record->profile.weight = profile_weight(session->opts->package, source, record);
			record->profile.name = find_name(record->plan);
			if (record->render)
				ecli_render_set_frames(record->render, stacks_frames, record->stacks);
		}
	}
	return r;
}

int profile_prepare(struct session *session, struct ecli_err *err)
{
	const struct ecli_session_opts *opts = session->opts;
	struct profile *profile = &session->profile;
	const struct source *source = NULL;
	const char *asked = NULL;

	int r = bind(session, err);
	if (r)
		return r;
	for (size_t i = ECLI_PROFILES; i-- > 0;)
		if (opts->profiles[i])
			asked = ecli_profile_names[i];
	if (!asked)
		return 0;
	const struct record *record = first_with_stacks(session, &source);
	if (!record)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "-o %s is for tools that report stacks, and this one reports none", asked);
	r = try_files(opts, err);
	if (r)
		return r;
	profile->is_wanted = true;
	profile->is_each_look = opts->profiles[ECLI_PROFILE_FOLDED] &&
				!strcmp(opts->profiles[ECLI_PROFILE_FOLDED], "-") && source->kind == ECLI_SOURCE_MAP &&
				!opts->at_end && (opts->interval_ms || source->interval_ms);
	profile->stack = malloc(sizeof(*profile->stack));
	if (!profile->stack)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	profile->start_ns = ecli_kernel_mono_ns();
	r = new_tree(session, record, err, &profile->whole);
	if (!r && profile->is_each_look)
		r = new_tree(session, record, err, &profile->look);
	return r;
}

void profile_done(struct profile *profile)
{
	ecli_stacks_free(profile->whole);
	ecli_stacks_free(profile->look);
	ecli_frames_done(&profile->user);
	ecli_frames_done(&profile->kernel);
	free(profile->stack);
}

/* ---- adding ---------------------------------------------------------------------------------------------------- */

/* Frames of a column, into @ret, which borrows names as all frames do. */
static int take_frames(struct session *session, const struct stack_row *row, uint32_t column, const void *data,
		       size_t size_bytes, struct ecli_frames *ret)
{
	struct ecli_plan_stack *stack = session->profile.stack;

	ret->count = 0;
	if (column == STACKS_NONE || ecli_plan_stack(row->plan, column, data, size_bytes, stack))
		return 0;
	const struct ecli_frames *frames = stacks_frames((void *)row, stack, data, size_bytes);
	bool is_lost = stack->is_id && (stack->id == -EEXIST || stack->id == -ENOMEM ||
					(stack->id >= 0 && (!frames || !frames->count)));
	size_t count = is_lost ? 1 : frames ? frames->count : 0;

	if (count > ret->room) {
		struct ecli_frame *items = reallocarray(ret->items, count, sizeof(*items));

		if (!items)
			return -ENOMEM;
		ret->items = items;
		ret->room = count;
	}
	if (is_lost)
		ret->items[0] = (struct ecli_frame){ .function = LOST_FRAME,
						     .is_kernel = stack->field->format->as == ECLI_AS_KERNEL_STACK };
	else if (count)
		memcpy(ret->items, frames->items, count * sizeof(*ret->items));
	ret->count = count;
	return 0;
}

static int put(struct profile *profile, struct ecli_stacks *tree, const char *name, uint64_t weight)
{
	int r = ecli_stacks_add(tree, name, &profile->user, &profile->kernel, weight);

	profile->left_out += r == -E2BIG && tree == profile->whole;
	return r == -E2BIG ? 0 : r;
}

static void begin_look(struct profile *profile, const struct source *source, bool clear)
{
	if (profile->looking == source)
		return;
	profile->looking = source;
	if (source->kind != ECLI_SOURCE_MAP || clear)
		return;
	/* What this look tells includes all that the last one told. */
	ecli_stacks_clear(profile->whole);
	profile->samples = profile->stacks = 0;
}

bool profile_weighs(const struct record *record, const void *data, size_t size_bytes)
{
	const struct stack_number *weight = &record->profile.weight;

	return !record->stacks || !record->sample || record->sample->kind != ECLI_SAMPLE_STACKS ||
	       weight->column == STACKS_NONE || stacks_read_number(weight, data, size_bytes);
}

int profile_add(struct session *session, const struct source *source, const struct record *record, const void *data,
		size_t size_bytes)
{
	struct profile *profile = &session->profile;
	const struct stack_row *row = record->stacks;
	const struct profile_row *how = &record->profile;
	CLEANUP_FREE char *name = NULL;
	uint32_t offset = 0;

	begin_look(profile, source, session->opts->clear || (record->sample && record->sample->clear));
	uint64_t weight = how->weight.column == STACKS_NONE ? 1 : stacks_read_number(&how->weight, data, size_bytes);
	if (!weight)
		return 0;
	if (how->name != STACKS_NONE && ecli_plan_column_offset(row->plan, how->name, &offset) && offset < size_bytes) {
		size_t room = ecli_plan_column(row->plan, how->name)->size_bytes;

		name = strndup((const char *)data + offset, room < size_bytes - offset ? room : size_bytes - offset);
		if (!name)
			return -ENOMEM;
	}
	int r = take_frames(session, row, row->user, data, size_bytes, &profile->user);
	r = r ? r : take_frames(session, row, row->kernel, data, size_bytes, &profile->kernel);
	r = r ? r : put(profile, profile->whole, name ? name : "", weight);
	if (!r && profile->look)
		r = put(profile, profile->look, name ? name : "", weight);
	profile->samples += weight;
	profile->stacks++;
	return r;
}

int profile_look_done(struct session *session, const struct source *source)
{
	struct profile *profile = &session->profile;
	struct ecli_buf *out = &session->out.buf;
	int r = 0;

	if (profile->looking == source)
		profile->looking = NULL;
	if (!profile->look)
		return 0;
	if (profile->looks++)
		ecli_buf_add_char(out, '\n');
	r = ecli_stacks_folded(profile->look, out);
	ecli_stacks_clear(profile->look);
	return r ? r : rows_flush(session);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static int make(const struct session *session, size_t kind, struct ecli_buf *out)
{
	const struct profile *profile = &session->profile;

	if (kind == ECLI_PROFILE_FOLDED)
		return ecli_stacks_folded(profile->whole, out);
	if (kind == ECLI_PROFILE_FLAME)
		return ecli_stacks_flame(profile->whole, out);
	return ecli_stacks_pprof(profile->whole, ecli_wall_of_mono(profile->start_ns), session->stats.run_ns, out);
}

/* Of a pipe whose reader does not read. */
static bool writing_is_over(void *ctx)
{
	return ends_is_past(&((struct session *)ctx)->ends, ENDS_WRITE_MS);
}

static int write_one(struct session *session, size_t kind, const char *path, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf file = { 0 };

	if (!strcmp(path, "-"))
		return make(session, kind, &session->out.buf) ? ecli_err_set(err, -ENOMEM, "out of memory") : 0;
	if (make(session, kind, &file) || ecli_buf_failed(&file))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	const struct ecli_file_wait wait = { .is_over = writing_is_over, .ctx = session };
	return ecli_file_write_waiting(path, file.data, file.len, &wait, err);
}

int profile_finish(struct session *session, struct ecli_err *err)
{
	const struct ecli_session_opts *opts = session->opts;
	struct profile *profile = &session->profile;
	int r = 0;

	early_end_progress(session);
	for (size_t i = 0; profile->is_wanted && !r && i < ECLI_PROFILES; i++) {
		const struct ecli_session_profile told = { .kind = (enum ecli_profile)i,
							   .path = opts->profiles[i],
							   .stacks = profile->stacks,
							   .weight = profile->samples,
							   .what = profile_what(session) };

		if (!told.path || (profile->is_each_look && i == ECLI_PROFILE_FOLDED))
			continue;
		r = write_one(session, i, told.path, err);
		if (!r && opts->on_profile)
			opts->on_profile(opts->ctx, &told);
	}
	if (profile->left_out)
		ecli_log(ECLI_LOG_WARN, "the profile is full: %llu of its stacks were left out",
			 (unsigned long long)profile->left_out);
	return r;
}
