/* SPDX-License-Identifier: MIT */
/*
 *     object, configured ── bpf_object__gen_loader() ──> instructions + data ── load, run ──> descriptors in a context
 *
 * The generator loads every program and makes every map, so programs that stay out were taken out of the object before
 * (prune.h), and a map that stays out is made as the cheapest there is and closed again; a program that refers to such a
 * map is not for this way, and libbpf will say what is wrong with it.
 *
 * What the kernel refuses comes back as one errno without a log. That is enough: whoever called loads again in libbpf's
 * own way, which knows the words. Nothing is left then: the loader program closes what it made.
 *
 * The context's layout belongs to libbpf's header and not to its stable interface. It is not trusted: every descriptor that
 * comes back is asked what it is.
 */
#include "load/loader.h"

/* The header below uses these without including them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/skel_internal.h>

#include "base/cleanup.h"
#include "base/elf.h"
#include "load/kernel.h"

/* Limits of libbpf's generator (gen_loader.c: MAX_USED_PROGS; MAX_USED_MAPS is ECLI_LOADER_MAPS). */
#define MAX_PROGS 32

/* The first contents of data sections go through the loader program's own data, twice as much memory as a plain update takes,
 * and a section of zeros may say any size. */
#define MAX_DATA_BYTES (1u << 20)

/* How a loader program's code refers to a map: by its index (include/uapi/linux/bpf.h, since 5.14). */
#define SOURCE_MAP_INDEX       5
#define SOURCE_MAP_INDEX_VALUE 6

#define LOAD_64_BITS (BPF_LD | BPF_IMM | BPF_DW)

/* ---- what it cannot do ----------------------------------------------------------------------------------------- */

/*
 * Something of the kernel that may be missing (__weak). The generator looks for functions among the variables when code asks
 * whether they are there, finds none, and the program loads without them: not what libbpf does, and no error.
 */
static bool has_weak_externs(const unsigned char *data, size_t size)
{
	struct ecli_elf elf;
	struct ecli_elf_symbol symbol;

	if (ecli_elf_open(&elf, data, size, NULL))
		return true;
	for (uint64_t i = 0; i < ecli_elf_symbol_count(&elf); i++)
		if (!ecli_elf_symbol(&elf, i, &symbol) || (symbol.section == SHN_UNDEF && symbol.bind == STB_WEAK))
			return true;
	return false;
}

bool ecli_loader_fits(const struct bpf_object *object, const unsigned char *data, size_t size, const char **ret_why)
{
	const struct bpf_map *map;
	struct bpf_program *prog;
	size_t n_maps = 0, n_progs = 0, data_bytes = 0;

	bpf_object__for_each_map(map, object) {
		size_t bytes = 0;

		n_maps++;
		bpf_map__initial_value((struct bpf_map *)map, &bytes);
		data_bytes = bytes > MAX_DATA_BYTES ? SIZE_MAX / 2 : data_bytes + bytes;
	}
	bpf_object__for_each_program(prog, object) {
		n_progs++;
		if (!bpf_program__autoload(prog)) {
			*ret_why = "a program stays out";
			return false;
		}
	}
	*ret_why = n_maps > ECLI_LOADER_MAPS      ? "too many maps"
		   : n_progs > MAX_PROGS          ? "too many programs"
		   : data_bytes > MAX_DATA_BYTES  ? "too large data"
		   : has_weak_externs(data, size) ? "it asks what the kernel has (__weak)"
						  : NULL;
	return !*ret_why;
}

/* ---- maps that stay out ---------------------------------------------------------------------------------------- */

/* An array of perf events of one entry: a pointer, without type information, on every kernel. */
static int make_placeholder(struct bpf_map *map)
{
	int r = bpf_map__set_type(map, BPF_MAP_TYPE_PERF_EVENT_ARRAY);

	r = r ? r : bpf_map__set_key_size(map, sizeof(uint32_t));
	r = r ? r : bpf_map__set_value_size(map, sizeof(uint32_t));
	r = r ? r : bpf_map__set_max_entries(map, 1);
	r = r ? r : bpf_map__set_map_flags(map, 0);
	r = r ? r : bpf_map__set_map_extra(map, 0);
	r = r ? r : bpf_map__set_autocreate(map, true);
	return r;
}

static int replace_unmade(struct bpf_object *object, bool *unmade)
{
	struct bpf_map *map;
	size_t i = 0;
	int r = 0;

	bpf_object__for_each_map(map, object) {
		unmade[i] = !bpf_map__autocreate(map);
		if (unmade[i])
			r = bpf_map__is_internal(map) ? -ENOTSUP : make_placeholder(map);
		if (r)
			return r;
		i++;
	}
	return 0;
}

/* Whether code that was relocated refers to a map that stays out. */
static bool refers_to_unmade(const struct bpf_program *prog, const bool *unmade, size_t n_maps)
{
	const struct bpf_insn *insns = bpf_program__insns(prog);
	size_t count = bpf_program__insn_cnt(prog);

	for (size_t i = 0; insns && i < count; i++) {
		if (insns[i].code != LOAD_64_BITS)
			continue;
		if ((insns[i].src_reg == SOURCE_MAP_INDEX || insns[i].src_reg == SOURCE_MAP_INDEX_VALUE) &&
		    ((uint32_t)insns[i].imm >= n_maps || unmade[insns[i].imm]))
			return true;
		i++;
	}
	return !insns;
}

static bool any_refers_to_unmade(const struct bpf_object *object, const bool *unmade, size_t n_maps)
{
	struct bpf_program *prog;

	if (!memchr(unmade, true, n_maps))
		return false;
	bpf_object__for_each_program(prog, object)
		if (refers_to_unmade(prog, unmade, n_maps))
			return true;
	return false;
}

/* ---- buffers with a type of record ----------------------------------------------------------------------------- */

/* __type(value, struct event) on a ring buffer is for decoding; the kernel refuses types there. */
static bool is_typed_ring(const struct bpf_map *map)
{
	return (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF || bpf_map__type(map) == BPF_MAP_TYPE_USER_RINGBUF) &&
	       (bpf_map__btf_key_type_id(map) || bpf_map__btf_value_type_id(map));
}

/* Whether these are the attributes that @map is made with. */
static bool makes_map(const union bpf_attr *attr, const struct bpf_map *map)
{
	return attr->map_type == (uint32_t)bpf_map__type(map) && attr->max_entries == bpf_map__max_entries(map) &&
	       attr->key_size == bpf_map__key_size(map) && attr->value_size == bpf_map__value_size(map) &&
	       attr->map_flags == bpf_map__map_flags(map) && attr->btf_key_type_id == bpf_map__btf_key_type_id(map) &&
	       attr->btf_value_type_id == bpf_map__btf_value_type_id(map) &&
	       !strncmp(attr->map_name, bpf_map__name(map), sizeof(attr->map_name) - 1);
}

/* Finds the attributes in the loader program's data, where libbpf put them at a multiple of 8, and takes the types out; libbpf
 * itself tries first with and then without. The data is hostile: what is found twice is not touched. */
static bool untype(const struct bpf_map *map, char *data, size_t size)
{
	const size_t attr_size = offsetof(union bpf_attr, btf_value_type_id) + sizeof(uint32_t);
	union bpf_attr attr;
	char *found = NULL;

	for (size_t at = 0; at + attr_size <= size; at += 8) {
		memcpy(&attr, data + at, attr_size);
		if (!makes_map(&attr, map))
			continue;
		if (found)
			return false;
		found = data + at;
	}
	if (!found)
		return false;
	memset(found + offsetof(union bpf_attr, btf_key_type_id), 0, sizeof(uint32_t));
	memset(found + offsetof(union bpf_attr, btf_value_type_id), 0, sizeof(uint32_t));
	return true;
}

static bool untype_rings(const struct bpf_object *object, const struct gen_loader_opts *made)
{
	const struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		if (is_typed_ring(map) && !untype(map, (char *)made->data, made->data_sz))
			return false;
	return true;
}

/* ---- running it ------------------------------------------------------------------------------------------------ */

static bool is_map(int fd, const struct bpf_map *map)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	return fd > 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == (uint32_t)bpf_map__type(map) &&
	       info.value_size == bpf_map__value_size(map);
}

static bool is_prog(int fd, const struct bpf_program *prog)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	return fd > 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == (uint32_t)bpf_program__type(prog) &&
	       !strncmp(info.name, bpf_program__name(prog), sizeof(info.name) - 1);
}

/* Takes over what is in the context, piece by piece and only what is what it should be. */
static int take_fds(const struct bpf_object *object, const bool *unmade, const struct bpf_map_desc *maps,
		    const struct bpf_prog_desc *progs, struct ecli_fds *fds)
{
	const struct bpf_map *map;
	struct bpf_program *prog;
	size_t i = 0;
	int r = 0;

	bpf_object__for_each_map(map, object) {
		if (!is_map(maps[i].map_fd, map))
			r = -EBADMSG;
		else if (unmade[i])
			close(maps[i].map_fd);
		else
			fds->maps[i] = maps[i].map_fd;
		i++;
	}
	i = 0;
	bpf_object__for_each_program(prog, object) {
		if (!is_prog(progs[i].prog_fd, prog))
			r = -EBADMSG;
		else
			fds->progs[i] = progs[i].prog_fd;
		i++;
	}
	return r;
}

static int run(const struct bpf_object *object, const struct ecli_loader_program *program, struct ecli_fds *fds)
{
	size_t maps_offset = sizeof(struct bpf_loader_ctx);
	size_t progs_offset = maps_offset + fds->n_maps * sizeof(struct bpf_map_desc);
	size_t size = progs_offset + fds->n_progs * sizeof(struct bpf_prog_desc);
	CLEANUP_FREE char *bytes = calloc(1, size);
	struct bpf_load_and_run_opts opts = { .ctx = (struct bpf_loader_ctx *)bytes,
					      .data = program->data,
					      .insns = program->code,
					      .data_sz = program->data_size,
					      .insns_sz = program->code_size };

	if (!bytes)
		return -ENOMEM;
	opts.ctx->sz = (uint32_t)size;
	int r = bpf_load_and_run(&opts);
	if (r)
		return r;
	return take_fds(object, program->unmade, (const struct bpf_map_desc *)(bytes + maps_offset),
			(const struct bpf_prog_desc *)(bytes + progs_offset), fds);
}

int ecli_loader_make(struct bpf_object *object, const char **ret_why, struct ecli_loader_program *ret_program)
{
	LIBBPF_OPTS(gen_loader_opts, made);
	bool *unmade = ret_program->unmade;
	struct bpf_map *map;
	size_t n_maps = 0;

	bpf_object__for_each_map(map, object)
		n_maps++;
	*ret_why = "none can be made for this object";
	int r = n_maps > ECLI_LOADER_MAPS ? -E2BIG : replace_unmade(object, unmade);
	r = r ? r : bpf_object__gen_loader(object, &made);
	r = r ? r : bpf_object__load(object);
	if (r)
		return r;
	if (any_refers_to_unmade(object, unmade, n_maps)) {
		*ret_why = "a program refers to a map that stays out";
		return -ENOTSUP;
	}
	if (!untype_rings(object, &made)) {
		*ret_why = "a ring buffer has a type of record";
		return -ENOTSUP;
	}
	ret_program->data = made.data;
	ret_program->code = made.insns;
	ret_program->data_size = made.data_sz;
	ret_program->code_size = made.insns_sz;
	return 0;
}

int ecli_loader_run(struct bpf_object *object, const char **ret_why, struct ecli_fds *ret_fds)
{
	struct ecli_loader_program program = { 0 };
	CLEANUP(ecli_fds_done) struct ecli_fds fds = { 0 };

	int r = ecli_loader_make(object, ret_why, &program);
	if (r)
		return r;
	r = ecli_fds_init(&fds, object, NULL);
	fds.own = true;
	r = r ? r : run(object, &program, &fds);
	if (r) {
		*ret_why = ecli_kernel_errno_words(r);
		return r;
	}
	*ret_fds = fds;
	fds = (struct ecli_fds){ 0 };
	return 0;
}
