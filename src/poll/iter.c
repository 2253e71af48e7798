/* SPDX-License-Identifier: MIT */
/*
 * Iterator source: reads what a BPF iterator program writes, once, to its end, in chunks.
 *
 * Each read asks for as much as the kernel keeps at most (eight pages, kernel/bpf/bpf_iter.c), so that a chunk ends
 * where a record of the program ends. A read runs the program: it is bounded by the kernel, at a million objects, after
 * which it says "again" and goes on from there.
 */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "poll/source.h"

#define CHUNK_PAGES 8

struct iter_source {
	struct poll_source source; /* fd -1: an iterator is always readable and epoll refuses it */
	int iter_fd;
	size_t chunk_bytes;
	uint8_t *chunk;
};

static int iter_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		      struct ecli_err *err)
{
	struct iter_source *self = (struct iter_source *)source;

	while (source->active) {
		ssize_t n = read(self->iter_fd, self->chunk, self->chunk_bytes);
		uint64_t now_ns = poll_now_ns();

		if (n == 0) {
			source->active = false;
		} else if (n > 0) {
			struct ecli_poll_record record = { .data = self->chunk,
							   .size_bytes = (size_t)n,
							   .mono_ns = now_ns };

			round->records++;
			int r = source->on_record(source->ctx, &record);
			if (r)
				return r < 0 ? poll_callback_failed(err, r) : r;
		} else if (errno != EAGAIN && errno != EINTR) {
			int r = -errno;

			source->active = false;
			return ecli_err_set(err, r, "cannot read the output of an iterator: %s", strerror(-r));
		}
		if (now_ns >= budget->deadline_ns)
			break;
	}
	return 0;
}

static void iter_free(struct poll_source *source)
{
	struct iter_source *self = (struct iter_source *)source;

	if (self->iter_fd >= 0)
		close(self->iter_fd);
	free(self->chunk);
	free(self);
}

static const struct poll_source_ops iter_ops = { .drain = iter_drain, .free = iter_free };

int ecli_poll_add_iter(struct ecli_poll *poll, int link_fd, ecli_poll_record_fn on_chunk, void *ctx,
		       struct ecli_err *err)
{
	struct iter_source *self = calloc(1, sizeof(*self));
	int r = -ENOMEM;

	if (!self)
		return ecli_err_set(err, r, "out of memory");
	self->source = (struct poll_source){
		.ops = &iter_ops, .fd = -1, .is_once = true, .active = true, .on_record = on_chunk, .ctx = ctx
	};
	self->iter_fd = -1;
	self->chunk_bytes = CHUNK_PAGES * (size_t)sysconf(_SC_PAGESIZE);
	self->chunk = malloc(self->chunk_bytes);
	if (self->chunk) {
		self->iter_fd = bpf_iter_create(link_fd);
		r = self->iter_fd < 0 ? -errno : 0;
	}
	if (r < 0) {
		ecli_err_set(err, r, "cannot start an iterator: %s", strerror(-r));
		iter_free(&self->source);
		return r;
	}
	return poll_add_source(poll, &self->source, err);
}
