/* SPDX-License-Identifier: MIT */
/*
 * Storage of tasks and cgroups (BPF_MAP_TYPE_TASK_STORAGE, 5.11; CGRP_STORAGE, 6.2). User space cannot list what hangs on a task;
 * an iterator can: a program of our own, a dozen instructions, is called for every task or cgroup, asks for its value, and writes
 * key and value into its file.
 *
 *     iter/task     key: the thread's id            iter/cgroup    key: the cgroup's id, as in the number of its folder's inode
 *     file          key (8 bytes) | value | key | value ...        a look opens it anew and reads it to its end
 *
 * Offsets in kernel structs come from the kernel's BTF, read when such a map is sampled and never otherwise. Nothing is cleared
 * here: the program only reads.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "base/cleanup.h"
#include "poll/looks.h"

#define CHUNK_BYTES      (8u * 4096) /* what the kernel gives at once, at least */
#define WRITTEN_KEY      8u
#define TASK_STORAGE_GET 156
#define CGRP_STORAGE_GET 210
#define SEQ_WRITE        127
#define DESCENDANTS_PRE  2 /* BPF_CGROUP_ITER_DESCENDANTS_PRE */

struct storage_reader {
	struct poll_reader reader;
	int prog_fd, link_fd, file_fd;
	size_t chunk_bytes;
	uint8_t *chunk;
};

/* What differs between the two. */
struct storage_kind {
	uint32_t map_type;
	uint32_t key_bytes;
	const char *iterator, *owner, *since;
	int32_t get;
	const char *path[2][2]; /* from the object to its id: struct and member; a pointer is followed between them */
};

static const struct storage_kind kinds[] = {
	{ BPF_MAP_TYPE_TASK_STORAGE,
	  sizeof(uint32_t),
	  "task",
	  "tasks",
	  "5.11",
	  TASK_STORAGE_GET,
	  { { "task_struct", "pid" } } },
	{ 32,
	  sizeof(uint64_t),
	  "cgroup",
	  "cgroups",
	  "6.2",
	  CGRP_STORAGE_GET,
	  { { "cgroup", "kn" }, { "kernfs_node", "id" } } },
};

/* ---- the program ----------------------------------------------------------------------------------------------- */

static int member_offset(const struct btf *btf, const char *const path[2], int16_t *ret)
{
	int id = btf__find_by_name_kind(btf, path[0], BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	for (uint32_t i = 0; type && i < btf_vlen(type); i++) {
		uint32_t bits = btf_member_bit_offset(type, i);

		if (strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), path[1]) != 0)
			continue;
		if (bits % 8 || bits / 8 > INT16_MAX)
			return -E2BIG;
		*ret = (int16_t)(bits / 8);
		return 0;
	}
	return -ENOENT;
}

#define INSN(c, d, s, o, i)                                                                                            \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (int16_t)(o), .imm = (int32_t)(i) })
#define MOVE(d, s)       INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i)        INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, i)        INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define LOAD(w, d, s, o) INSN(BPF_LDX | BPF_MEM | (w), d, s, o, 0)
#define STORE(d, s, o)   INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define CALL(f)          INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT()           INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/*
 *     if (!ctx->object) return 0;
 *     value = storage_get(map, ctx->object, NULL, 0);
 *     if (!value) return 0;
 *     key = ctx->object->...;
 *     bpf_seq_write(ctx->meta->seq, &key, 8); bpf_seq_write(ctx->meta->seq, value, value_bytes);
 */
static size_t write_program(const struct storage_kind *kind, const struct poll_map *map, const int16_t offsets[2],
			    struct bpf_insn *out)
{
	size_t n = 0, no_object, no_value;

	out[n++] = MOVE(6, 1);
	out[n++] = LOAD(BPF_DW, 7, 6, 8);
	no_object = n++;
	out[n++] = INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map->fd);
	out[n++] = INSN(0, 0, 0, 0, 0);
	out[n++] = MOVE(2, 7);
	out[n++] = SET(3, 0);
	out[n++] = SET(4, 0);
	out[n++] = CALL(kind->get);
	no_value = n++;
	out[n++] = MOVE(8, 0);
	if (kind->path[1][0]) {
		out[n++] = LOAD(BPF_DW, 1, 7, offsets[0]);
		out[n++] = LOAD(BPF_DW, 1, 1, offsets[1]);
	} else {
		out[n++] = LOAD(BPF_W, 1, 7, offsets[0]);
	}
	out[n++] = STORE(10, 1, -8);
	for (int part = 0; part < 2; part++) {
		out[n++] = LOAD(BPF_DW, 1, 6, 0);
		out[n++] = LOAD(BPF_DW, 1, 1, 0);
		out[n++] = part ? MOVE(2, 8) : MOVE(2, 10);
		out[n++] = ADD(2, part ? 0 : -8);
		out[n++] = SET(3, part ? map->one_value_bytes : WRITTEN_KEY);
		out[n++] = CALL(SEQ_WRITE);
	}
	size_t end = n;
	out[n++] = SET(0, 0);
	out[n++] = EXIT();
	out[no_object] = INSN(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, end - no_object - 1, 0);
	out[no_value] = INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, end - no_value - 1, 0);
	return n;
}

static int load_program(struct storage_reader *self, const struct storage_kind *kind, const struct poll_map *map)
{
	char name[32];
	struct bpf_insn insns[48];
	int16_t offsets[2] = { 0 };
	struct btf *btf = btf__load_vmlinux_btf();
	int r = btf ? 0 : -errno;

	for (size_t i = 0; !r && i < ARRAY_SIZE(offsets) && kind->path[i][0]; i++)
		r = member_offset(btf, kind->path[i], &offsets[i]);
	snprintf(name, sizeof(name), "bpf_iter_%s", kind->iterator);
	int id = r ? r : btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
	btf__free(btf);
	if (id < 0)
		return id;

	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_ITER, .attach_btf_id = (uint32_t)id);
	size_t count = write_program(kind, map, offsets, insns);
	self->prog_fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "ecli_storage", "GPL", insns, count, &opts);
	return self->prog_fd < 0 ? -errno : 0;
}

static int attach(struct storage_reader *self, const struct storage_kind *kind)
{
	/* Laid out by hand: union bpf_iter_link_info of a cgroup is { order, cgroup_fd, cgroup_id }, newer than our headers may be. */
	struct {
		uint32_t order, cgroup_fd;
		uint64_t cgroup_id;
	} all = { .order = DESCENDANTS_PRE };
	LIBBPF_OPTS(bpf_link_create_opts, opts);

	if (kind->map_type != BPF_MAP_TYPE_TASK_STORAGE) {
		opts.iter_info = (union bpf_iter_link_info *)(void *)&all;
		opts.iter_info_len = sizeof(all);
	}
	self->link_fd = bpf_link_create(self->prog_fd, 0, BPF_TRACE_ITER, &opts);
	return self->link_fd < 0 ? -errno : 0;
}

/* ---- looks ----------------------------------------------------------------------------------------------------- */

static void storage_begin(struct poll_reader *reader)
{
	struct storage_reader *self = (struct storage_reader *)reader;

	if (self->file_fd >= 0)
		close(self->file_fd);
	self->file_fd = bpf_iter_create(self->link_fd);
}

/* A read ends where a call of the program ends: records are whole. */
static int storage_fetch(struct poll_reader *reader, struct ecli_err *err)
{
	struct storage_reader *self = (struct storage_reader *)reader;
	size_t record_bytes = WRITTEN_KEY + reader->value_bytes;
	ssize_t n = self->file_fd < 0 ? -1 : read(self->file_fd, self->chunk, self->chunk_bytes);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return ecli_err_set(err, -errno, "cannot read the entries of map %.16s: %s", reader->name,
				    strerror(errno));
	reader->at_end = n == 0;
	for (size_t at = 0; at + record_bytes <= (size_t)n; at += record_bytes) {
		memcpy(reader->keys + (size_t)reader->have * reader->key_bytes, self->chunk + at, reader->key_bytes);
		memcpy(reader->values + (size_t)reader->have * reader->value_bytes, self->chunk + at + WRITTEN_KEY,
		       reader->value_bytes);
		reader->have++;
	}
	return 0;
}

static void storage_free(struct poll_reader *reader)
{
	struct storage_reader *self = (struct storage_reader *)reader;
	int fds[] = { self->file_fd, self->link_fd, self->prog_fd };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(self->chunk);
	free(self);
}

static const struct poll_reader_ops storage_ops = { .begin = storage_begin,
						    .fetch = storage_fetch,
						    .free = storage_free };

int poll_storage_reader_new(const struct poll_map *map, bool clear, struct ecli_err *err, struct poll_reader **ret)
{
	const struct storage_kind *kind = map->type == kinds[0].map_type ? &kinds[0] : &kinds[1];
	struct storage_reader *self = calloc(1, sizeof(*self));
	size_t record_bytes = WRITTEN_KEY + map->value_bytes;

	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->reader = (struct poll_reader){ .ops = &storage_ops,
					     .key_bytes = kind->key_bytes,
					     .value_bytes = map->value_bytes };
	memcpy(self->reader.name, map->name, sizeof(map->name));
	self->prog_fd = self->link_fd = self->file_fd = -1;
	self->chunk_bytes = CHUNK_BYTES > record_bytes ? CHUNK_BYTES : record_bytes;
	self->chunk = malloc(self->chunk_bytes);
	int r = self->chunk ? poll_reader_make_room(&self->reader, (uint32_t)(self->chunk_bytes / record_bytes))
			    : -ENOMEM;
	if (!r)
		r = load_program(self, kind, map);
	if (!r)
		r = attach(self, kind);
	if (r) {
		poll_reader_free(&self->reader);
		return r == -ENOMEM ? ecli_err_set(err, r, "out of memory")
				    : ecli_err_set_fail(
					      err, ECLI_FAIL_KERNEL, r,
					      "map %.16s is storage of %s: this kernel cannot list it (%s); Linux %s "
					      "and later can",
					      map->name, kind->owner, strerror(-r), kind->since);
	}
	if (clear)
		ecli_log(ECLI_LOG_WARN,
			 "map %.16s is storage of %s and cannot be cleared: its values are shown as they are",
			 map->name, kind->owner);
	*ret = &self->reader;
	return 0;
}
