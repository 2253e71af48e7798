/* SPDX-License-Identifier: MIT */
/*
 * What the symbolizer is at, and what that has cost: memory that it shares with the process that started it, so that its end
 * tells which file to leave alone, and the next one knows what was spent. Who reads it takes nothing in it for granted.
 */
#ifndef ECLI_SYMBOLS_WORK_H
#define ECLI_SYMBOLS_WORK_H

#include <ecli/base.h>

enum ecli_work_kind { ECLI_WORK_NOTHING, ECLI_WORK_FILE, ECLI_WORK_PROCESS };

/* One thing to be read. A file: device and inode; a process: pid and start time. */
struct ecli_work {
	uint32_t kind;
	uint32_t user; /* the owner of a file */
	uint64_t id[2];
};

enum { ECLI_WORK_USERS = 64 };
#define ECLI_WORK_NOBODY UINT32_MAX /* the user of processes that are gone */

/* Zeroed: nothing was done yet. */
struct ecli_work_page {
	struct ecli_work now;
	struct {
		uint32_t user, is_used;
		uint64_t spent_ns, name_bytes;
	} users[ECLI_WORK_USERS]; /* those after the last one share it */
};

/* Says what is begun; what was in work before comes back, and is said again by ecli_work_end(). */
struct ecli_work ecli_work_begin(struct ecli_work_page *page, const struct ecli_work *work);
void ecli_work_end(struct ecli_work_page *page, struct ecli_work before);

/*
 * One user's files and processes may take half of a run's 10 s and a quarter of its names, so that the others' are left something; root's are not bounded by
 * this. Whether there is something left for this one.
 */
bool ecli_work_may(const struct ecli_work_page *page, uint32_t user);
/* How many bytes of names are left to this one. */
uint64_t ecli_work_names_left(const struct ecli_work_page *page, uint32_t user);
void ecli_work_charge(struct ecli_work_page *page, uint32_t user, uint64_t ns, uint64_t name_bytes);

enum { ECLI_AVOID_MAX = 24 };

/* What a symbolizer died of: once, then it is read without its lines; twice, then not at all. Zeroed: nothing. */
struct ecli_avoid {
	struct ecli_work items[ECLI_AVOID_MAX];
	unsigned times[ECLI_AVOID_MAX];
	size_t count;
};

/* How often it was died of. @avoid may be NULL. */
unsigned ecli_avoid_times(const struct ecli_avoid *avoid, const struct ecli_work *work);
void ecli_avoid_add(struct ecli_avoid *avoid, const struct ecli_work *work);

#endif
