/* SPDX-License-Identifier: MIT */
/*
 * Looks: every entry of something as a record, in bounded portions; on a timer, when somebody asks, and once more at the end.
 *
 *     timer, ecli_poll_look(), the last drain ──> look: fetch a portion ──> hand it out ──> fetch ... ──> end, on_pass
 *     record: key | zeros up to 8 | value (or the values of all possible CPUs)
 *
 * Invariant: a look that has begun is finished before the next one, because what a reader took out of a map is nowhere else. What is
 * read, and how, is the readers' business (looks.h).
 */
#include "poll/looks.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"

struct look_source {
	struct poll_source source; /* fd: the timer; -1: there is none */
	struct poll_reader *reader;
	ecli_poll_pass_fn on_pass; /* may be NULL */
	uint32_t next;             /* of the portion: what is handed out */
	uint32_t padded_key_bytes;
	uint32_t interval_ms;
	bool is_asked; /* a look is to begin */
	bool in_pass;
	bool last_pass; /* the one of the final drain has begun */
	uint8_t *record;
};

int poll_reader_make_room(struct poll_reader *reader, uint32_t room)
{
	uint8_t *keys = reallocarray(reader->keys, room, reader->key_bytes + 1);

	if (keys)
		reader->keys = keys;
	uint8_t *values = reallocarray(reader->values, room, reader->value_bytes);
	if (values)
		reader->values = values;
	if (!keys || !values)
		return -ENOMEM;
	reader->room = room;
	return 0;
}

void poll_reader_free(struct poll_reader *reader)
{
	if (!reader)
		return;
	free(reader->keys);
	free(reader->values);
	reader->ops->free(reader);
}

/* ---- a look ---------------------------------------------------------------------------------------------------- */

static void begin_pass(struct look_source *self)
{
	self->in_pass = true;
	self->is_asked = false;
	self->reader->at_end = false;
	self->reader->have = self->next = 0;
	self->reader->ops->begin(self->reader);
}

static int hand_out(struct look_source *self, uint64_t mono_ns)
{
	const struct poll_reader *reader = self->reader;
	struct poll_source *source = &self->source;
	size_t i = self->next++;

	memcpy(self->record, reader->keys + i * reader->key_bytes, reader->key_bytes);
	memcpy(self->record + self->padded_key_bytes, reader->values + i * reader->value_bytes, reader->value_bytes);

	struct ecli_poll_record record = {
		.data = self->record,
		.size_bytes = self->padded_key_bytes + reader->value_bytes,
		.mono_ns = mono_ns,
	};
	return source->on_record(source->ctx, &record);
}

static int end_pass(struct look_source *self, uint64_t now_ns, struct ecli_err *err)
{
	int r = 0;

	self->in_pass = false;
	if (self->on_pass)
		r = self->on_pass(self->source.ctx, now_ns);
	return r < 0 ? poll_callback_failed(err, r) : r;
}

/* Goes on with the look. Ends with in_pass false, or with round.more. */
static int continue_pass(struct look_source *self, const struct poll_budget *budget, struct poll_round *round,
			 struct ecli_err *err)
{
	struct poll_reader *reader = self->reader;
	uint64_t now_ns = poll_now_ns();

	while (self->in_pass) {
		if (self->next < reader->have) {
			round->records++;
			int r = hand_out(self, now_ns);
			if (r)
				return r < 0 ? poll_callback_failed(err, r) : r;
			if (self->next % 64)
				continue;
		} else if (reader->at_end) {
			return end_pass(self, now_ns, err);
		} else {
			reader->have = self->next = 0;
			int r = reader->ops->fetch(reader, err);
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

/* Whether the timer was due, or somebody has asked. */
static bool is_due(struct look_source *self)
{
	uint64_t ticks;

	return (self->source.fd >= 0 && read(self->source.fd, &ticks, sizeof(ticks)) > 0) || self->is_asked;
}

static int look_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		      struct ecli_err *err)
{
	struct look_source *self = (struct look_source *)source;
	int r;

	if (budget->cut) {
		source->active = false;
		round->more = self->in_pass || !self->last_pass;
		return self->in_pass ? end_pass(self, poll_now_ns(), err) : 0;
	}
	/* What an unfinished look has already taken out of the map comes first; then the last one of all. */
	if (!self->in_pass && (budget->last ? !self->last_pass : is_due(self))) {
		self->last_pass = budget->last;
		begin_pass(self);
	}
	r = continue_pass(self, budget, round, err);
	source->active = self->in_pass || (budget->last && !self->last_pass);
	return r;
}

static void look_free(struct poll_source *source)
{
	struct look_source *self = (struct look_source *)source;

	if (source->fd >= 0)
		close(source->fd);
	poll_reader_free(self->reader);
	free(self->record);
	free(self);
}

static void look_mark(struct poll_source *source)
{
	((struct look_source *)source)->last_pass = false;
}

static void look_ask(struct poll_source *source)
{
	((struct look_source *)source)->is_asked = source->active = true;
}

static int set_timer(int fd, uint32_t interval_ms)
{
	struct timespec interval = { .tv_sec = interval_ms / 1000, .tv_nsec = (long)(interval_ms % 1000) * 1000000 };
	struct itimerspec timer = { .it_interval = interval, .it_value = interval };

	return timerfd_settime(fd, 0, &timer, NULL);
}

/* What is looked at only at the end stays so. */
static void look_set_interval(struct poll_source *source, uint32_t interval_ms)
{
	((struct look_source *)source)->interval_ms = interval_ms;
	if (source->fd >= 0)
		set_timer(source->fd, interval_ms);
}

/* What was due while programs were attached is not looked at: an interval is one of the run. */
static void look_start(struct poll_source *source)
{
	look_set_interval(source, ((struct look_source *)source)->interval_ms);
}

static const struct poll_source_ops look_ops = { .drain = look_drain,
						 .mark = look_mark,
						 .start = look_start,
						 .look = look_ask,
						 .set_interval = look_set_interval,
						 .free = look_free };

/* ---- making ---------------------------------------------------------------------------------------------------- */

static int start_timer(struct look_source *self, uint32_t interval_ms, struct ecli_err *err)
{
	self->interval_ms = interval_ms;
	if (!interval_ms)
		return 0;
	self->source.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (self->source.fd < 0 || set_timer(self->source.fd, interval_ms) < 0) {
		int r = -errno;

		return ecli_err_set(err, r, "cannot make a timer: %s", strerror(-r));
	}
	return 0;
}

/* @reader is owned from now on, also on failure. */
static int add_looks(struct ecli_poll *poll, struct poll_reader *reader, uint32_t interval_ms,
		     ecli_poll_record_fn on_record, ecli_poll_pass_fn on_pass, void *ctx, struct ecli_err *err)
{
	struct look_source *self = calloc(1, sizeof(*self));

	if (!self) {
		poll_reader_free(reader);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	self->source = (struct poll_source){
		.ops = &look_ops, .fd = -1, .epoll_in = EPOLLIN, .on_record = on_record, .ctx = ctx
	};
	self->reader = reader;
	self->on_pass = on_pass;
	self->padded_key_bytes = (reader->key_bytes + 7) & ~7u;
	self->record = calloc(1, self->padded_key_bytes + reader->value_bytes);
	int r = self->record ? start_timer(self, interval_ms, err) : ecli_err_set(err, -ENOMEM, "out of memory");
	if (r < 0) {
		look_free(&self->source);
		return r;
	}
	return poll_add_source(poll, &self->source, err);
}

/* How the values that CPUs have of an entry lie behind each other. */
static bool is_per_cpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

static int describe(int map_fd, struct ecli_err *err, struct poll_map *ret)
{
	struct bpf_map_info info = { 0 };
	uint32_t info_bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(map_fd, &info, &info_bytes) < 0) {
		int r = -errno;

		return ecli_err_set(err, r, "cannot read about a map: %s", strerror(-r));
	}
	*ret = (struct poll_map){ .fd = map_fd,
				  .type = info.type,
				  .key_bytes = info.key_size,
				  .max_entries = info.max_entries,
				  .flags = info.map_flags,
				  .value_bytes = info.value_size,
				  .one_value_bytes = info.value_size };
	memcpy(ret->name, info.name, sizeof(ret->name));
	if (is_per_cpu(info.type)) {
		int cpus = libbpf_num_possible_cpus();

		if (cpus < 0)
			return ecli_err_set(err, cpus, "cannot count the CPUs: %s", strerror(-cpus));
		ret->value_bytes = ((size_t)info.value_size + 7) / 8 * 8 * (size_t)cpus;
	}
	return 0;
}

static const struct {
	uint32_t type;
	int (*make)(const struct poll_map *map, bool clear, struct ecli_err *err, struct poll_reader **ret);
} kinds[] = {
	{ BPF_MAP_TYPE_QUEUE, poll_queue_reader_new },
	{ BPF_MAP_TYPE_STACK, poll_queue_reader_new },
	{ BPF_MAP_TYPE_TASK_STORAGE, poll_storage_reader_new },
	{ 32 /* BPF_MAP_TYPE_CGRP_STORAGE, Linux 6.2 */, poll_storage_reader_new },
};

int ecli_poll_add_map(struct ecli_poll *poll, int map_fd, uint32_t interval_ms, bool clear,
		      ecli_poll_record_fn on_record, ecli_poll_pass_fn on_pass, void *ctx, struct ecli_err *err)
{
	struct poll_reader *reader;
	struct poll_map map;
	int r = describe(map_fd, err, &map);

	if (r)
		return r;
	size_t i = 0;
	while (i < ARRAY_SIZE(kinds) && kinds[i].type != map.type)
		i++;
	r = i < ARRAY_SIZE(kinds) ? kinds[i].make(&map, clear, err, &reader)
				  : poll_map_reader_new(&map, clear, err, &reader);
	return r ? r : add_looks(poll, reader, interval_ms, on_record, on_pass, ctx, err);
}

int ecli_poll_add_memory(struct ecli_poll *poll, int map_fd, const struct ecli_poll_memory *memory,
			 uint32_t interval_ms, bool clear, ecli_poll_record_fn on_record, ecli_poll_pass_fn on_pass,
			 void *ctx, struct ecli_err *err)
{
	struct poll_reader *reader;
	struct poll_map map;
	int r = describe(map_fd, err, &map);

	r = r ? r : poll_memory_reader_new(&map, memory, clear, err, &reader);
	return r ? r : add_looks(poll, reader, interval_ms, on_record, on_pass, ctx, err);
}
