/* SPDX-License-Identifier: MIT */
/* Entries of a sampled map as they come from poll/: the values of CPUs made one, or one each; the difference to the last look. */
#ifndef ECLI_SESSION_SAMPLER_H
#define ECLI_SESSION_SAMPLER_H

#include <ecli/package.h>
#include <ecli/plan.h>
#include <ecli/session.h>
#include <ecli/types.h>

#include "session/last.h"

/* What is sampled. */
struct sampled {
	const char *name;
	uint32_t map_type;    /* BPF_MAP_TYPE_*; of a variable BPF_MAP_TYPE_ARRAY */
	uint32_t key_id;      /* 0: there is no key */
	const char *key_name; /* of a key that is no struct; NULL: "key" */
	uint32_t value_id;
	uint32_t value_bytes; /* of one value */
	uint32_t max_entries; /* 0: not known */
	bool is_single;       /* a variable that is no array: shown also when it is 0 */
};

struct sampler {
	struct ecli_plan *plan; /* owned: an entry with one value */
	uint32_t value_offset;  /* in a record */
	uint32_t value_bytes;   /* of one value in a record, to the end of the plan's */
	uint32_t map_bytes;     /* of one value in the map, which may be less (ecli_plan_take_value()) */
	uint32_t stride;        /* per-CPU: from one value to the next; 0: there is one */
	size_t raw_bytes;       /* of an entry */
	uint32_t cpu_offset;    /* a row for each CPU: where its number goes; 0: no such rows */
	uint32_t max_entries;
	enum ecli_fold fold;
	bool shows_always;  /* also what is 0 or has not changed */
	bool has_names;     /* a key that is 0 is one of several, also when no other is there: of an array, of CPUs */
	bool skips_zero;    /* entries that are there without ever having been made */
	bool has_no_keys;   /* a queue or stack: nothing was there before */
	bool can_forget;    /* entries can be deleted */
	bool is_difference; /* clearing: what was there at the last look is subtracted */
	enum ecli_since since; /* what is asked for, */
	bool has_both;         /* and the other as well */
	bool *counters;        /* owned; a flag a column of the plan: what only grows. NULL: nothing is known to */
	bool *grows;           /* owned; counters, and what rate() asks for. NULL: nothing */
	bool has_counters;     /* the package says which */
	struct last last;
	struct last gone;  /* with has_both: what was deleted to make room, as it was in all */
	uint64_t left_out; /* entries that this has no room for */
	uint8_t *record, *growth, *key, *previous, *whole; /* owned: scratch */
	uint8_t *other;                                    /* owned: the value of another CPU, as a record has it */
	uint64_t look_ns;                                  /* when the last look was through, or when the run began */
	double seconds;                                    /* between the last two; 0: there is no rate */
};

/* Makes the plan. @sample: the first table's. 0, -EINVAL with a sentence, -ENOMEM; sampler_done() in any case. */
int sampler_init(struct sampler *sampler, const struct ecli_types *types, const struct sampled *what,
		 const struct ecli_package_sample *sample, const struct ecli_plan_note *notes, size_t n_notes,
		 struct ecli_err *err);
/* @slots: the column of a histogram's counters, or NULL. -EINVAL: "counters" names what is no number of the value. */
int sampler_find_counters(struct sampler *sampler, const struct ecli_types *types, const struct sampled *what,
			  const struct ecli_package_sample *sample, const char *slots, struct ecli_err *err);
/* Adds columns whose growth is asked for; NULL: none. -ENOMEM. */
int sampler_add_growth(struct sampler *sampler, const bool *columns);
/* Once, before the first entry. @clears: each look starts anew. True: poll/ is to clear; false: it is not, the sampler subtracts. */
bool sampler_begin(struct sampler *sampler, bool clears, uint64_t now_ns);
/* After that: rows since the start and since the last look, where it is known what counts. 0 or -ENOMEM. */
int sampler_show_both(struct sampler *sampler);
void sampler_done(struct sampler *sampler);

/* A row of the base: both are records of the sampler's plan; @growth is @now when nothing is subtracted. */
typedef int (*sampler_fn)(void *ctx, enum ecli_since since, const uint8_t *now, const uint8_t *growth);
/* Takes an entry as poll/ gives it; calls @fn for what is to be shown of it. -EBADMSG: too short; -ENOMEM; else what @fn returns. */
int sampler_entry(struct sampler *sampler, const void *data, size_t size_bytes, sampler_fn fn, void *ctx);
/* A look is through at @now_ns: `seconds` is set. @is_part: of a part of an interval, which gives no rate. */
void sampler_end_look(struct sampler *sampler, uint64_t now_ns, bool is_part);
/* Before that: the next entry that may be deleted, because the map is more than half full and it is idle. NULL: none. */
const void *sampler_idle(const struct sampler *sampler, size_t *cursor);
/* Bytes of an entry as poll/ gives it. */
size_t sampler_raw_bytes(const struct sampler *sampler);
/* Whether the number that lies at that offset of a record may be in a sum. */
bool sampler_adds_up(const struct sampler *sampler, uint32_t offset);
/* It was deleted, with what there was at its last sampler_entry(); the call before this one. 0 or -ENOMEM. */
int sampler_remember(struct sampler *sampler, const void *key);
/* It is not there any more. */
void sampler_forget(struct sampler *sampler, const void *key);
/* The end of a look, before sampler_end_look(): rows since the start for what was deleted earlier and has not come back. Returns as sampler_entry(). */
int sampler_entries_gone(struct sampler *sampler, sampler_fn fn, void *ctx);

#endif
