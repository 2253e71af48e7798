/* SPDX-License-Identifier: MIT */
/*
 * The object comes from anywhere, and so do the values: offsets are checked against the section libbpf made, never
 * against what the package claims. libbpf calls a section's map "<8 letters of the object>.rodata", or by the section's
 * whole name when that has two dots; hence the look-up by the end of the name.
 */
#include "load/configure.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

#define PID_MAX_FILE     "/proc/sys/kernel/pid_max"
#define THREADS_MAX_FILE "/proc/sys/kernel/threads-max"

struct bpf_map *ecli_configure_section(struct bpf_object *object, const char *section)
{
	size_t section_len = strlen(section);
	struct bpf_map *map;

	if (section[0] != '.')
		return NULL;
	bpf_object__for_each_map(map, object) {
		const char *name = bpf_map__name(map);
		size_t len = strlen(name);

		if (!bpf_map__is_internal(map) || len < section_len || strcmp(name + len - section_len, section))
			continue;
		/* ".rodata.x.data" ends in ".data" and is not it; load.c never lets an object's name begin with a dot.
		 */
		if (len == section_len || name[0] != '.')
			return map;
	}
	return NULL;
}

int ecli_configure_globals(struct bpf_object *object, const struct ecli_global *globals, size_t count,
			   struct ecli_err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct ecli_global *global = &globals[i];
		struct bpf_map *map = ecli_configure_section(object, global->section);
		size_t size = 0;
		char *data = map ? (char *)bpf_map__initial_value(map, &size) : NULL;

		if (!data)
			return ecli_err_set(err, -EINVAL,
					    "cannot set %s: the object has no section %s; build the package again",
					    global->name, global->section);
		if (!ecli_num_within(global->offset_bytes, global->size_bytes, size))
			return ecli_err_set(err, -EINVAL,
					    "cannot set %s: it does not lie within section %s of the object; "
					    "build the package again",
					    global->name, global->section);
		memcpy(data + global->offset_bytes, global->bytes, global->size_bytes);
	}
	return 0;
}

const struct ecli_package_map *ecli_configure_find_map(const struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_maps; i++) {
		const struct ecli_package_map *map = &package->maps[i];

		if ((map->ident && !strcmp(map->ident, name)) || (map->name && !strcmp(map->name, name)))
			return map;
	}
	return NULL;
}

uint32_t ecli_configure_ring_size(uint32_t bytes, uint32_t page_bytes)
{
	uint64_t size = page_bytes;

	while (size < bytes)
		size *= 2;
	return size <= UINT32_MAX ? (uint32_t)size : bytes;
}

static int read_number(const char *path, uint64_t *ret, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };

	int r = ecli_file_read(path, 64, &buf, err);
	if (r)
		return r;
	while (buf.len && buf.data[buf.len - 1] == '\n')
		buf.len--;
	r = ecli_num_parse_u64(ecli_buf_text(&buf), ret);
	return r ? ecli_err_set(err, r, "%s does not hold a number", path) : 0;
}

/* How many threads there can be at once. The kernel's limit follows the memory; pid_max, on most 64-bit machines 4 million
 * whatever their size (335 MB as a hash), bounds it from above. */
static int read_threads_max(uint64_t *ret, struct ecli_err *err)
{
	uint64_t threads, pids;
	int r = read_number(THREADS_MAX_FILE, &threads, err);

	r = r ? r : read_number(PID_MAX_FILE, &pids, err);
	if (!r)
		*ret = threads < pids ? threads : pids;
	return r;
}

const unsigned char *ecli_configure_variable(struct bpf_object *object, const char *name, uint32_t *ret_size)
{
	const struct btf *btf = bpf_object__btf(object);
	uint32_t count = btf ? btf__type_cnt(btf) : 0;

	for (uint32_t id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (!btf_is_datasec(type))
			continue;
		const struct btf_var_secinfo *infos = btf_var_secinfos(type);
		for (uint32_t i = 0; i < btf_vlen(type); i++) {
			const struct btf_type *var = btf__type_by_id(btf, infos[i].type);
			size_t size = 0;

			if (!var || strcmp(btf__name_by_offset(btf, var->name_off), name) != 0)
				continue;
			const char *section = btf__name_by_offset(btf, type->name_off);
			struct bpf_map *map = ecli_configure_section(object, section);
			const unsigned char *data = map ? bpf_map__initial_value(map, &size) : NULL;
			if (!data || !ecli_num_within(infos[i].offset, infos[i].size, size))
				return NULL;
			*ret_size = infos[i].size;
			return data + infos[i].offset;
		}
	}
	return NULL;
}

int ecli_configure_number(struct bpf_object *object, const char *name, uint64_t *ret)
{
	uint32_t size = 0;
	const unsigned char *value = ecli_configure_variable(object, name, &size);
	uint64_t number = 0;

	if (!value || size > sizeof(number))
		return -ENOENT;
	memcpy(&number, value, size);
	*ret = number;
	return 0;
}

static int parse_max_entries(struct bpf_object *object, const char *map, const char *text, uint64_t *ret,
			     struct ecli_err *err)
{
	if (!strcmp(text, "pid_max"))
		return read_number(PID_MAX_FILE, ret, err);
	if (!strcmp(text, "threads_max"))
		return read_threads_max(ret, err);
	bool is_option = !ecli_configure_number(object, text, ret);
	if (is_option && (!*ret || *ret > UINT32_MAX))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ERANGE,
					 "--%s is the size of a map: a number from 1 to 4294967295, not %llu", text,
					 (unsigned long long)*ret);
	if (!is_option && (ecli_num_parse_u64(text, ret) || !*ret || *ret > UINT32_MAX))
		return ecli_err_set(err, -EINVAL,
				    "map %s: max_entries must be a number from 1 to 4294967295, pid_max, threads_max "
				    "or an option of the tool, not \"%.60s\"",
				    map, text);
	return 0;
}

static int set_max_entries(struct bpf_object *object, struct bpf_map *map, const struct ecli_package_map *doc,
			   struct ecli_err *err)
{
	uint64_t count = 0;

	if (!doc || !ecli_package_extra(&doc->extras, "max_entries") || bpf_map__is_internal(map))
		return 0;

	CLEANUP_FREE char *text = ecli_package_extra_text(&doc->extras, "max_entries");
	if (!text)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = parse_max_entries(object, bpf_map__name(map), text, &count, err);
	if (!r)
		bpf_map__set_max_entries(map, (uint32_t)count);
	return r;
}

/* The size asked for by the caller, or the object's own. */
static uint64_t buffer_bytes(const char *map, uint32_t own_bytes, const struct ecli_load_opts *opts)
{
	for (size_t i = 0; i < opts->n_buffers; i++) {
		const struct ecli_load_buffer *buffer = &opts->buffers[i];

		if (!strcmp(buffer->map, map))
			return buffer->at_least && buffer->size_bytes < own_bytes ? own_bytes : buffer->size_bytes;
	}
	return own_bytes;
}

static void set_ring_size(struct bpf_map *map, const struct ecli_load_opts *opts)
{
	uint32_t page_bytes = (uint32_t)getpagesize(), own_bytes = bpf_map__max_entries(map);
	uint64_t bytes = buffer_bytes(bpf_map__name(map), own_bytes, opts);

	if (!bytes)
		return;
	bytes = ecli_configure_ring_size(bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX, page_bytes);
	if (bytes != ecli_configure_ring_size(own_bytes, page_bytes))
		ecli_log(ECLI_LOG_INFO, "%s: a ring buffer of %llu KiB, where the tool asks for %u", bpf_map__name(map),
			 (unsigned long long)bytes / 1024, own_bytes / 1024);
	bpf_map__set_max_entries(map, (uint32_t)bytes);
}

/* __type(value, struct event) on a buffer tells what its records are; the kernel wants its own sizes there. */
static void set_buffer_sizes(struct bpf_map *map, const struct ecli_load_opts *opts)
{
	enum bpf_map_type type = bpf_map__type(map);

	if (type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_USER_RINGBUF) {
		bpf_map__set_key_size(map, 0);
		bpf_map__set_value_size(map, 0);
		set_ring_size(map, opts);
	} else if (type == BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
		bpf_map__set_key_size(map, sizeof(uint32_t));
		bpf_map__set_value_size(map, sizeof(uint32_t));
	}
}

/*
 * Sizes that a source leaves to the program which reads its maps. A map of stacks gets those that the tools of the field give it: 127 frames are as
 * many as the kernel takes (PERF_MAX_STACK_DEPTH).
 */
static void set_missing_sizes(struct bpf_map *map)
{
	static const struct {
		enum bpf_map_type type;
		uint32_t entries, key_bytes, value_bytes; /* 0: what the source says */
	} sizes[] = {
		{ BPF_MAP_TYPE_STACK_TRACE, 16384, sizeof(uint32_t), 127 * sizeof(uint64_t) },
		{ BPF_MAP_TYPE_HASH, 10240, 0, 0 },
		{ BPF_MAP_TYPE_PERCPU_HASH, 10240, 0, 0 },
		{ BPF_MAP_TYPE_LRU_HASH, 10240, 0, 0 },
		{ BPF_MAP_TYPE_LRU_PERCPU_HASH, 10240, 0, 0 },
		{ BPF_MAP_TYPE_LPM_TRIE, 10240, 0, 0 },
		{ BPF_MAP_TYPE_ARRAY, 1024, 0, 0 },
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 1024, 0, 0 },
		{ BPF_MAP_TYPE_DEVMAP, 1024, 0, 0 },
		{ BPF_MAP_TYPE_DEVMAP_HASH, 1024, 0, 0 },
		{ BPF_MAP_TYPE_CPUMAP, 1024, 0, 0 },
		{ BPF_MAP_TYPE_XSKMAP, 1024, 0, 0 },
		{ BPF_MAP_TYPE_CGROUP_ARRAY, 1, 0, 0 },
		{ BPF_MAP_TYPE_QUEUE, 10240, 0, 0 },
		{ BPF_MAP_TYPE_STACK, 10240, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (sizes[i].type != bpf_map__type(map))
			continue;
		if (!bpf_map__key_size(map) && sizes[i].key_bytes)
			bpf_map__set_key_size(map, sizes[i].key_bytes);
		if (!bpf_map__value_size(map) && sizes[i].value_bytes)
			bpf_map__set_value_size(map, sizes[i].value_bytes);
		if (bpf_map__max_entries(map))
			continue;
		bpf_map__set_max_entries(map, sizes[i].entries);
		ecli_log(ECLI_LOG_INFO, "%s: %u entries, for the tool leaves its size to whoever runs it",
			 bpf_map__name(map), sizes[i].entries);
	}
}

int ecli_configure_maps(struct bpf_object *object, const struct ecli_package *package,
			const struct ecli_load_opts *opts, struct ecli_err *err)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		int r = set_max_entries(object, map, ecli_configure_find_map(package, bpf_map__name(map)), err);
		if (r)
			return r;
		set_missing_sizes(map);
		set_buffer_sizes(map, opts);
		/* A pinned map outlives the run, and its name in the file system is the package's choice. Who shows the tool says so (session/). */
		if (bpf_map__pin_path(map))
			bpf_map__set_pin_path(map, NULL);
	}
	return 0;
}
