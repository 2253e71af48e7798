/* SPDX-License-Identifier: MIT */
/*
 * The kernel knows a process by its number in the first PID namespace. Who runs ecli in a container sees other numbers there: a filter for one of them would find nothing, or
 * somebody else, and nobody would know why. Fields and variables are known by their names, as authors choose them: pid, tgid, tid, targ_pid, next_pid, pids.
 */
#include "session/namespace.h"

#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/pidns.h"

/* Whether a name ends in that of an id of a process or thread. */
static bool is_id(const char *name)
{
	static const char *const ids[] = { "pid", "pids", "tgid", "tgids", "tid", "tids" };
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		size_t its = strlen(ids[i]);

		/* A word of its own, or behind one letter: ppid. */
		if (len >= its && !strcmp(name + len - its, ids[i]) && (len <= its + 1 || name[len - its - 1] == '_'))
			return true;
	}
	return false;
}

static bool has_id_column(const struct session *session)
{
	for (size_t i = 0; i < session->sources.count; i++) {
		const struct source *source = &session->sources.items[i];

		for (size_t k = 0; k < source->records.count; k++) {
			const struct ecli_plan *plan = source->records.items[k].plan;

			for (uint32_t column = 0; plan && column < ecli_plan_columns(plan); column++)
				if (is_id(ecli_plan_column(plan, column)->name))
					return true;
		}
	}
	return false;
}

/* Set by the person, not by us. */
static bool has_id_option(const struct session *session)
{
	size_t count;
	const struct ecli_global *values = ecli_globals_values(session->opts->globals, &count);

	for (size_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < values[i].size_bytes; k++)
			if (values[i].bytes[k] && is_id(values[i].name) && strncmp(values[i].name, "ecli_", 5) != 0)
				return true;
	return false;
}

void namespace_tell(const struct session *session)
{
	if (ecli_pidns_own() == (uint32_t)getpid() || (!has_id_option(session) && !has_id_column(session)))
		return;
	ecli_log(ECLI_LOG_WARN,
		 "this is a PID namespace of its own: ids of processes and threads in rows and options are those "
		 "of the first one, not those that processes have here");
}
