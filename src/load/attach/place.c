/* SPDX-License-Identifier: MIT */
/*
 *     /srv/a:b/prog:ns::f(int)      each ':' may be the one: the first whose FILE exists and has the rest
 *     └── FILE ───┘ └── what ┘
 *
 * What exists by its name is meant by it, whatever characters it has; only what does not is a name with an offset, an offset or a pattern. The sentence is
 * that of the file which exists, however its path is read.
 */
#include "load/attach/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "load/attach/indirect.h"
#include "load/attach/provider.h"
#include "load/attach/returns.h"
#include "load/attach/target.h"
#include "load/attach/usdt.h"
#include "load/explain.h"

#define MAX_SPLITS 64 /* ':' of a target that are tried */

static void close_place(struct ecli_place *place)
{
	ecli_binary_close(&place->binary);
	ecli_functions_done(&place->functions);
}

void ecli_places_done(struct ecli_places *places)
{
	for (size_t i = 0; i < places->count; i++)
		close_place(&places->items[i]);
	free(places->items);
	*places = (struct ecli_places){ 0 };
}

int ecli_places_add(struct ecli_places *places, struct ecli_place *place)
{
	struct ecli_place *items = reallocarray(places->items, places->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	places->items = items;
	items[places->count] = *place;
	ecli_foreign_path(place->binary.fd, items[places->count++].binary.kernel_path);
	place->binary.fd = -1;
	place->functions = (struct ecli_functions){ 0 };
	return 0;
}

/* ---- what is in a file ----------------------------------------------------------------------------------------- */

int ecli_place_unreadable(const struct ecli_attach *job, const struct ecli_place *place, int code, struct ecli_err *err)
{
	const char *path = place->binary.path;

	switch (code) {
	case -ENOMEM:
		return ecli_err_set(err, code, "out of memory");
	case -ENOEXEC:
		return ecli_err_set(err, code, "program %s: %.300s is not a program or library for this machine",
				    job->name, path);
	case -E2BIG:
		return ecli_err_set(err, code,
				    "program %s: %.300s has more functions, or longer names, than are looked through",
				    job->name, path);
	case -ESTALE:
		return ecli_err_set(err, code, "program %s: %.300s was changed while it was read", job->name, path);
	default:
		return ecli_err_set(err, code, "program %s: cannot read %.300s: %s", job->name, path, strerror(-code));
	}
}

static int add_offset(struct ecli_functions *functions, uint64_t offset)
{
	functions->offsets = malloc(sizeof(*functions->offsets));
	if (!functions->offsets)
		return -ENOMEM;
	functions->offsets[0] = offset;
	functions->count = 1;
	return 0;
}

/* "operator++8": the last '+' that has a number behind it and a function before it. */
static int find_with_offset(const struct ecli_executable *executable, const char *what, int pid,
			    struct ecli_functions *ret, size_t *ret_unknown)
{
	const char *plus = strrchr(what, '+');
	CLEANUP_FREE char *name = plus ? strndup(what, (size_t)(plus - what)) : NULL;
	uint64_t more;

	if (!plus || !name || ecli_num_parse_u64(plus + 1, &more))
		return plus && !name ? -ENOMEM : -ENOENT;
	int r = ecli_functions_find(executable, name, ret);
	r = r ? r : ecli_indirect_find(executable, pid, ret, ret_unknown);
	for (size_t i = 0; !r && i < ret->count; i++)
		ret->offsets[i] += more;
	return r;
}

static int find_what(const struct ecli_attach *job, struct ecli_place *place, const struct ecli_executable *executable,
		     size_t *ret_unknown)
{
	struct ecli_functions *functions = &place->functions;
	uint64_t offset;

	int r = ecli_functions_find(executable, place->what, functions);
	if (!r)
		return ecli_indirect_find(executable, place->pid, functions, ret_unknown);
	r = r == -ENOENT ? find_with_offset(executable, place->what, place->pid, functions, ret_unknown) : r;
	if (r != -ENOENT)
		return r;
	if (!ecli_num_parse_u64(place->what, &offset))
		return add_offset(functions, offset);
	place->is_pattern = job->kind->attach_type || strpbrk(place->what, "*?");
	if (!place->is_pattern)
		return -ENOENT;
	r = ecli_functions_like(executable, place->what, functions);
	r = r ? r : ecli_indirect_find(executable, place->pid, functions, ret_unknown);
	return r || functions->count || *ret_unknown ? r : -ENOENT;
}

static int no_function(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err)
{
	const char *path = place->binary.path, *what = place->what, *plus = strrchr(what, '+');
	const char *moved = ecli_provider_moved(path, what, place->pid);

	if (moved)
		return ecli_err_set(
			err, -ENOENT,
			"%.300s has no function %.100s: since glibc 2.34 it is in libc, so write %s:%.100s (program "
			"%s)",
			path, what, moved, what, job->name);
	if (plus && plus != what && plus[1] && !place->is_pattern && !strpbrk(plus, ")"))
		return ecli_err_set(err, -ENOENT,
				    "%.300s has no function %.100s, and \"%.100s\" is no offset behind one that it has "
				    "(program %s)",
				    path, what, plus, job->name);
	return ecli_err_set(err, -ENOENT, "%.300s has no function %s%.100s (program %s)", path,
			    place->is_pattern ? "like " : "", what, job->name);
}

static int no_choice(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err)
{
	return ecli_err_set(
		err, -ENOENT,
		"%.300s chooses the code of %.100s when a program starts (IFUNC), and no process shows which one "
		"is in use: probe the one that is (such as __strlen_avx2 for strlen), by name or offset "
		"(program %s)",
		place->binary.path, place->what, job->name);
}

int ecli_place_check_machine(const struct ecli_attach *job, const struct ecli_place *place,
			     const struct ecli_executable *executable, struct ecli_err *err)
{
	if (ecli_executable_is_native(executable))
		return 0;
	return ecli_err_set(err, -ENOEXEC,
			    "program %s: %.300s is for another machine (%s): no process of this one runs it", job->name,
			    place->binary.path, ecli_executable_machine(executable));
}

int ecli_place_resolve(const struct ecli_attach *job, struct ecli_place *place, struct ecli_err *err)
{
	CLEANUP(ecli_executable_close) struct ecli_executable executable;
	size_t unknown = 0;

	int r = ecli_executable_open(place->binary.fd, &executable);
	if (r)
		return ecli_place_unreadable(job, place, r, err);
	r = ecli_place_check_machine(job, place, &executable, err);
	if (r)
		return r;
	r = find_what(job, place, &executable, &unknown);
	if (r == -ENOENT)
		return no_function(job, place, err);
	if (r)
		return ecli_place_unreadable(job, place, r, err);
	if (!place->functions.count)
		return no_choice(job, place, err);
	if (unknown)
		ecli_log(ECLI_LOG_INFO, "%s: of %zu functions of %s it is not known which code is in use (IFUNC)",
			 job->name, unknown, place->binary.path);
	if (place->functions.count > 1 && !place->is_pattern)
		ecli_log(ECLI_LOG_INFO, "%s: %s has %zu functions %s, and all of them are probed", job->name,
			 place->binary.path, place->functions.count, place->what);
	return ecli_returns_check_go(job, place, &executable, err);
}

/* ---- which file ------------------------------------------------------------------------------------------------ */

static int no_file(const struct ecli_attach *job, const struct ecli_place *place, int code, struct ecli_err *err)
{
	const char *path = place->binary.path;

	if (code == -ENOMEM)
		return ecli_err_set(err, code, "out of memory");
	if (code == -ESRCH)
		return ecli_err_set(err, code, "process %d has ended (program %s)", place->pid, job->name);
	if (code == -EREMOTE)
		return ecli_err_set(err, code,
				    "may not look at the files of process %d, which program %s traces: try sudo",
				    place->pid, job->name);
	if (code == -EPERM && place->pid >= 0)
		return ecli_err_set(
			err, code,
			"process %d uses a file %.300s that was deleted or replaced since it started, and to probe "
			"that one takes root: try sudo, or start it anew (program %s)",
			place->pid, path, job->name);
	if (code != -ENOENT)
		return ecli_err_set(err, code, "program %s: cannot trace %.300s: %s", job->name, path,
				    ecli_foreign_words(code));
	if (place->pid >= 0 && !strchr(path, '/'))
		return ecli_err_set(
			err, -ENOENT,
			"process %d has not mapped a file \"%.200s\", and there is neither a program nor a library of "
			"that name here (program %s)",
			place->pid, path, job->name);
	if (!strchr(path, '/'))
		return ecli_err_set(err, -ENOENT,
				    "there is neither a program nor a library \"%.200s\", which program %s "
				    "traces: give its path",
				    path, job->name);
	return ecli_err_set(err, -ENOENT, "there is no file %.300s, which program %s traces", path, job->name);
}

/* A file that nobody has: its name ends before the first ':' behind its folders, as far as one can tell. */
static const char *likely_end(const char *target)
{
	const char *slash = strrchr(target, '/'), *colon = slash ? strchr(slash, ':') : NULL;

	return colon ? colon : strchr(target, ':');
}

/* One way to read the target. -ENOENT: no such file, or nothing of that name in it, as @err says. */
static int try_split(const struct ecli_attach *job, struct ecli_place *place, const char *name, struct ecli_err *err,
		     struct ecli_places *places, bool *ret_is_file)
{
	int r = ecli_binary_open(name, place->pid, &place->binary);

	*ret_is_file = !r || r == -EUNATCH;
	if (r == -EUNATCH || (!r && ecli_provider_is_family(job, name, place)))
		return ecli_provider_find(job, place, name, places, err);
	if (r)
		return no_file(job, place, r, err);
	r = job->kind->target == ECLI_TARGET_USDT ? ecli_usdt_look(job, place, err)
						  : ecli_place_resolve(job, place, err);
	if (r)
		return r;
	if (place->pid >= 0 && !place->binary.is_mapped)
		ecli_log(ECLI_LOG_WARN,
			 "program %s: process %d has not mapped %s: there is nothing to see before it does", job->name,
			 place->pid, place->binary.path);
	return ecli_places_add(places, place) ? ecli_err_set(err, -ENOMEM, "out of memory") : 0;
}

static int find(const struct ecli_attach *job, struct ecli_err *err, struct ecli_places *places)
{
	const char *target = job->target, *likely = likely_end(target);
	struct ecli_err first = { 0 };
	int pid, splits = 0, best = 0;

	int r = ecli_target_pid(job, err, &pid);
	r = r ? r : ecli_returns_check_filter(job, pid, err);
	if (r)
		return r;
	for (const char *colon = strchr(target, ':'); colon && splits < MAX_SPLITS; colon = strchr(colon + 1, ':')) {
		struct ecli_place place = { .binary.fd = -1, .what = colon + 1, .pid = pid };
		CLEANUP_FREE char *name = strndup(target, (size_t)(colon - target));
		struct ecli_err why = { 0 };
		bool is_file = false;

		if (!name)
			return ecli_err_set(err, -ENOMEM, "out of memory");
		if (colon == target || !colon[1] || (job->kind->target == ECLI_TARGET_USDT && !strchr(colon + 1, ':')))
			continue;
		splits++;
		r = try_split(job, &place, name, &why, places, &is_file);
		close_place(&place);
		if (!r)
			return 0;
		/* What lies there has the word; of paths where nothing lies, the likely one. */
		int weight = is_file ? 4 : why.code != -ENOENT ? 3 : colon == likely ? 2 : 1;
		if (weight > best) {
			first = why;
			best = weight;
		}
	}
	if (!best)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: \"%.200s\" does not say what to trace: give --attach %s=%s",
					 job->name, target, job->name, ecli_target_form(job->kind));
	if (err)
		*err = first;
	return first.code;
}

int ecli_places_find(const struct ecli_attach *job, struct ecli_err *err, struct ecli_places *ret)
{
	*ret = (struct ecli_places){ 0 };
	int r = find(job, err, ret);

	if (r)
		ecli_places_done(ret);
	return r;
}
