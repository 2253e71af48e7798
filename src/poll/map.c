/* SPDX-License-Identifier: MIT */
/*
 * Map sampler: on a timer, every entry of a map as a record, in bounded portions.
 *
 *     timer ──> pass: fetch a portion ──> hand it out ──> fetch ... ──> end of the map
 *     record: key | zeros up to 8 | value (or the values of all possible CPUs)
 *
 * Programs go on changing the map while it is read. Portions are fetched by the kernel's batch calls (Linux 5.6), which
 * walk the map by bucket: no entry twice, none lost or endless because another one vanished, and reading with deleting
 * is one step, so that no update falls in between. Where a map has no batch calls, keys are walked one at a time from
 * NULL; the next key is asked for before the current entry is deleted, entries that vanish are skipped, and a walk that
 * was thrown back to the start by a vanished key ends there instead of repeating entries.
 *
 * An array's entries cannot be deleted: clearing writes zeros, and an update between reading and writing is lost.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "poll/source.h"

#define PORTION_ENTRIES 256u
#define PORTION_BYTES   (1u << 20)
#define ASK_AGAIN       1
#define KERNEL_ENOTSUPP 524 /* not in errno.h; what the kernel answers for an operation a map does not have */

struct map_source {
	struct poll_source source; /* fd: the timer */
	int map_fd;
	char name[16];
	ecli_poll_pass_fn on_pass; /* may be NULL */
	bool clear, is_array;
	bool by_key;  /* no batch calls */
	bool no_take; /* no call that reads and deletes (before Linux 5.14) */
	uint32_t key_bytes, padded_key_bytes, max_entries;
	size_t value_bytes;

	bool in_pass, at_end;
	bool last_pass; /* the one of the final drain has begun */
	uint8_t *keys, *values;
	uint32_t room, have, next; /* the portion: entries that fit, are there, are handed out */
	uint8_t *place, *ahead;    /* batch: the kernel's token; by key: the current and the next key */
	bool has_place;
	uint8_t *first; /* by key: where this pass began */
	uint64_t steps;
	uint8_t *zeros;
	uint8_t *record;
};

static int map_failed(const struct map_source *self, int r, struct ecli_err *err)
{
	if (r == -KERNEL_ENOTSUPP || r == -EOPNOTSUPP)
		return ecli_err_set(err, -EOPNOTSUPP, "the entries of map %.16s cannot be listed: its type has no list",
				    self->name);
	return ecli_err_set(err, r, "cannot read the entries of map %.16s: %s", self->name, strerror(-r));
}

static int make_portion(struct map_source *self, uint32_t room)
{
	uint8_t *keys = reallocarray(self->keys, room, self->key_bytes);

	if (keys)
		self->keys = keys;
	uint8_t *values = reallocarray(self->values, room, self->value_bytes);
	if (values)
		self->values = values;
	if (!keys || !values)
		return -ENOMEM;
	self->room = room;
	return 0;
}

/* 0; ASK_AGAIN: the portion or the way of asking has changed; or the failure. */
static int fetch_batch(struct map_source *self)
{
	uint32_t count = self->room;
	void *in = self->has_place ? self->place : NULL;
	int r = self->clear
			? bpf_map_lookup_and_delete_batch(self->map_fd, in, self->place, self->keys, self->values,
							  &count, NULL)
			: bpf_map_lookup_batch(self->map_fd, in, self->place, self->keys, self->values, &count, NULL);

	if (r == 0 || r == -ENOENT) {
		self->have = count <= self->room ? count : self->room;
		self->at_end = r == -ENOENT;
		self->has_place = true;
		return 0;
	}
	if (r == -ENOSPC && self->room < self->max_entries) {
		/* One bucket holds more than the portion. */
		uint32_t room = self->room > self->max_entries / 2 ? self->max_entries : self->room * 2;

		r = make_portion(self, room);
		return r < 0 ? r : ASK_AGAIN;
	}
	if (self->has_place && r == -EINTR)
		return ASK_AGAIN;
	if (self->has_place)
		return r;
	self->by_key = true;
	return ASK_AGAIN;
}

/* Reads the entry of the key in @key into @value, and clears it. -ENOENT: it has vanished. */
static int take_entry(struct map_source *self, const void *key, void *value)
{
	int r;

	if (self->clear && !self->is_array && !self->no_take) {
		r = bpf_map_lookup_and_delete_elem(self->map_fd, key, value);
		if (r != -EINVAL && r != -EOPNOTSUPP && r != -KERNEL_ENOTSUPP)
			return r;
		self->no_take = true;
	}
	r = bpf_map_lookup_elem(self->map_fd, key, value);
	if (r < 0 || !self->clear)
		return r;
	r = self->is_array ? bpf_map_update_elem(self->map_fd, key, self->zeros, BPF_EXIST)
			   : bpf_map_delete_elem(self->map_fd, key);
	return r == -ENOENT ? 0 : r;
}

static int next_key(struct map_source *self, const void *key)
{
	int r = bpf_map_get_next_key(self->map_fd, key, self->ahead);

	if (r == -ENOENT)
		self->at_end = true;
	else if (!r && !key)
		memcpy(self->first, self->ahead, self->key_bytes);
	return r == -ENOENT ? 0 : r;
}

static int fetch_by_key(struct map_source *self)
{
	if (!self->has_place) {
		int r = next_key(self, NULL);

		if (r < 0)
			return r;
		self->has_place = true;
	}
	while (!self->at_end && self->have < self->room) {
		memcpy(self->place, self->ahead, self->key_bytes);
		int r = next_key(self, self->place);
		if (r < 0)
			return r;

		r = take_entry(self, self->place, self->values + self->have * self->value_bytes);
		if (r < 0 && r != -ENOENT)
			return r;
		if (!r)
			memcpy(self->keys + (size_t)self->have++ * self->key_bytes, self->place, self->key_bytes);

		/* Thrown back to the start: what is there has been read, or, when clearing, waits for the next pass. */
		if (++self->steps >= self->max_entries || !memcmp(self->ahead, self->first, self->key_bytes))
			self->at_end = true;
	}
	return 0;
}

static int fetch(struct map_source *self, struct ecli_err *err)
{
	int r;

	self->have = self->next = 0;
	do {
		r = self->by_key ? fetch_by_key(self) : fetch_batch(self);
	} while (r == ASK_AGAIN);
	return r < 0 ? map_failed(self, r, err) : 0;
}

static void begin_pass(struct map_source *self)
{
	self->in_pass = true;
	self->at_end = self->has_place = false;
	self->have = self->next = 0;
	self->steps = 0;
}

static int hand_out(struct map_source *self, uint64_t mono_ns)
{
	struct poll_source *source = &self->source;
	size_t i = self->next++;

	memcpy(self->record, self->keys + i * self->key_bytes, self->key_bytes);
	memcpy(self->record + self->padded_key_bytes, self->values + i * self->value_bytes, self->value_bytes);

	struct ecli_poll_record record = {
		.data = self->record,
		.size_bytes = self->padded_key_bytes + self->value_bytes,
		.mono_ns = mono_ns,
	};
	return source->on_record(source->ctx, &record);
}

/* Goes on with the pass. Ends with in_pass false, or with round.more. */
static int continue_pass(struct map_source *self, const struct poll_budget *budget, struct poll_round *round,
			 struct ecli_err *err)
{
	uint64_t now_ns = poll_now_ns();

	while (self->in_pass) {
		if (self->next < self->have) {
			round->records++;
			int r = hand_out(self, now_ns);
			if (r)
				return r < 0 ? poll_callback_failed(err, r) : r;
			if (self->next % 64)
				continue;
		} else if (self->at_end) {
			int r = 0;

			self->in_pass = false;
			if (self->on_pass)
				r = self->on_pass(self->source.ctx, now_ns);
			return r < 0 ? poll_callback_failed(err, r) : r;
		} else {
			int r = fetch(self, err);
			if (r < 0)
				return r;
		}
		now_ns = poll_now_ns();
		if (round->records >= budget->records || now_ns >= budget->deadline_ns) {
			round->more = true;
			break;
		}
	}
	return 0;
}

static int map_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		     struct ecli_err *err)
{
	struct map_source *self = (struct map_source *)source;
	uint64_t ticks;
	int r;

	/* What an unfinished pass has already taken out of the map comes first; then the last round of all. */
	if (!self->in_pass && (budget->last ? !self->last_pass : read(source->fd, &ticks, sizeof(ticks)) > 0)) {
		self->last_pass = budget->last;
		begin_pass(self);
	}
	r = continue_pass(self, budget, round, err);
	source->active = self->in_pass || (budget->last && !self->last_pass);
	return r;
}

static void map_free(struct poll_source *source)
{
	struct map_source *self = (struct map_source *)source;

	if (source->fd >= 0)
		close(source->fd);
	free(self->keys);
	free(self->values);
	free(self->place);
	free(self->ahead);
	free(self->first);
	free(self->zeros);
	free(self->record);
	free(self);
}

static void map_mark(struct poll_source *source)
{
	((struct map_source *)source)->last_pass = false;
}

static const struct poll_source_ops map_ops = { .drain = map_drain, .mark = map_mark, .free = map_free };

static int describe(struct map_source *self, struct ecli_err *err)
{
	struct bpf_map_info info = { 0 };
	uint32_t info_bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(self->map_fd, &info, &info_bytes) < 0) {
		int r = -errno;

		return ecli_err_set(err, r, "cannot read about a map: %s", strerror(-r));
	}
	memcpy(self->name, info.name, sizeof(self->name));
	if (!info.key_size || !info.value_size)
		return ecli_err_set(err, -EINVAL, "map %.16s has no keys and values to sample", info.name);

	self->key_bytes = info.key_size;
	self->padded_key_bytes = (info.key_size + 7) & ~7u;
	self->max_entries = info.max_entries ? info.max_entries : UINT32_MAX;
	self->value_bytes = info.value_size;
	self->is_array = info.type == BPF_MAP_TYPE_ARRAY || info.type == BPF_MAP_TYPE_PERCPU_ARRAY;
	self->by_key = self->is_array && self->clear;
	if (info.type == BPF_MAP_TYPE_PERCPU_HASH || info.type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	    info.type == BPF_MAP_TYPE_LRU_PERCPU_HASH) {
		int cpus = libbpf_num_possible_cpus();

		if (cpus < 0)
			return ecli_err_set(err, cpus, "cannot count the CPUs: %s", strerror(-cpus));
		self->value_bytes = ((size_t)info.value_size + 7) / 8 * 8 * (size_t)cpus;
	}
	return 0;
}

static int prepare(struct map_source *self, uint32_t interval_ms, struct ecli_err *err)
{
	int r = describe(self, err);
	if (r < 0)
		return r;

	uint64_t fit = PORTION_BYTES / (self->key_bytes + self->value_bytes);
	uint32_t room = fit > PORTION_ENTRIES ? PORTION_ENTRIES : fit ? (uint32_t)fit : 1;
	if (room > self->max_entries)
		room = self->max_entries;
	/* A batch token has the size of a key or four bytes, whichever is more. */
	self->place = calloc(1, self->padded_key_bytes);
	self->ahead = calloc(1, self->padded_key_bytes);
	self->first = calloc(1, self->padded_key_bytes);
	self->zeros = calloc(1, self->value_bytes);
	self->record = calloc(1, self->padded_key_bytes + self->value_bytes);
	if (!self->place || !self->ahead || !self->first || !self->zeros || !self->record ||
	    make_portion(self, room) < 0)
		return ecli_err_set(err, -ENOMEM, "out of memory");

	struct timespec interval = { .tv_sec = interval_ms / 1000, .tv_nsec = (long)(interval_ms % 1000) * 1000000 };
	struct itimerspec timer = { .it_interval = interval, .it_value = interval };

	self->source.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (self->source.fd < 0 || timerfd_settime(self->source.fd, 0, &timer, NULL) < 0) {
		r = -errno;
		return ecli_err_set(err, r, "cannot make a timer: %s", strerror(-r));
	}
	return 0;
}

int ecli_poll_add_map(struct ecli_poll *poll, int map_fd, uint32_t interval_ms, bool clear,
		      ecli_poll_record_fn on_record, ecli_poll_pass_fn on_pass, void *ctx, struct ecli_err *err)
{
	struct map_source *self = calloc(1, sizeof(*self));
	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->source = (struct poll_source){
		.ops = &map_ops, .fd = -1, .epoll_in = EPOLLIN, .on_record = on_record, .ctx = ctx
	};
	self->map_fd = map_fd;
	self->on_pass = on_pass;
	self->clear = clear;

	int r = prepare(self, interval_ms, err);
	if (r < 0) {
		map_free(&self->source);
		return r;
	}
	return poll_add_source(poll, &self->source, err);
}
