/* SPDX-License-Identifier: MIT */
/*
 * libbpf's static linker does the work; it wants paths, so its files are memory files and nothing touches a disk.
 *
 *     clang's object (640 kB, most of it DWARF) ----.
 *     ecli_lost.bpf.o, only when it is referred to --+--> linker --> object (30 kB)
 *
 * The definition of ecli_lost goes in first: libbpf up to 1.1 at least leaves a variable at offset 0 of the BTF section
 * when its declaration is met before its definition.
 */
#include "compile/link.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/elf.h"
#include "base/file.h"
#include "compile/embedded.h"
#include "compile/mistakes.h"
#include "compile/paths.h"

#define MAX_OBJECT_BYTES (256u * 1024 * 1024)

DEFINE_CLEANUP(linker, struct bpf_linker *, bpf_linker__free)

int ecli_link_memory_file(const char *name, const void *data, size_t size, struct ecli_err *err)
{
	CLEANUP_FD int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		return ecli_err_set(err, -errno, "cannot make a file in memory: %s", strerror(errno));
	int r = ecli_file_write_all(fd, data, size);
	if (r)
		return ecli_err_set(err, r, "cannot write a file in memory: %s", strerror(-r));
	return TAKE_FD(fd);
}

void ecli_link_path(int fd, char path[ECLI_LINK_PATH_MAX])
{
	snprintf(path, ECLI_LINK_PATH_MAX, "/proc/self/fd/%d", fd);
}

static int read_back(int fd, struct ecli_err *err, struct ecli_buf *buf)
{
	if (lseek(fd, 0, SEEK_SET) < 0)
		return ecli_err_set(err, -errno, "cannot read a file in memory: %s", strerror(errno));
	return ecli_file_read_fd(fd, "the object", MAX_OBJECT_BYTES, buf, err);
}

/* clang's output, mapped so that it can be changed. */
struct map {
	unsigned char *data;
	size_t size;
};

static void map_done(struct map *map)
{
	if (map->size)
		munmap(map->data, map->size);
}

static int map_object(int fd, struct ecli_err *err, struct map *ret_map)
{
	struct stat stat;

	if (fstat(fd, &stat))
		return ecli_err_set(err, -errno, "cannot read the compiler's output: %s", strerror(errno));
	if (!stat.st_size)
		return ecli_err_set(err, -ENODATA, "the compiler wrote no object, and did not say why");
	void *data = mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		return ecli_err_set(err, -errno, "cannot read the compiler's output: %s", strerror(errno));
	*ret_map = (struct map){ data, (size_t)stat.st_size };
	return 0;
}

/* Cleans the paths, and looks whether the object refers to the prelude's map without defining it. */
static int prepare(int object_fd, const struct ecli_source *source, const struct ecli_path_rule *paths,
		   struct ecli_err *err, bool *ret_needs_map)
{
	CLEANUP(map_done) struct map map = { 0 };
	struct ecli_elf_section btf;
	struct ecli_elf elf;

	int r = map_object(object_fd, err, &map);
	if (r)
		return r;
	r = ecli_elf_open(&elf, map.data, map.size, err);
	if (r)
		return ecli_err_wrap(err, r, "the compiler's output");
	r = ecli_mistakes_find_early(&elf, source, err);
	if (r)
		return r;
	for (uint64_t i = 0; i < ecli_elf_symbol_count(&elf); i++) {
		struct ecli_elf_symbol symbol;

		if (ecli_elf_symbol(&elf, i, &symbol) && symbol.section == SHN_UNDEF &&
		    !strcmp(symbol.name, "ecli_lost"))
			*ret_needs_map = true;
	}
	if (ecli_elf_find_section(&elf, ".BTF", &btf) && btf.data)
		ecli_paths_clean(paths, map.data + (btf.data - elf.data), btf.size);
	return 0;
}

static int add_file(struct bpf_linker *linker, int fd, struct ecli_err *err)
{
	char path[ECLI_LINK_PATH_MAX];

	ecli_link_path(fd, path);
	int r = bpf_linker__add_file(linker, path, NULL);
	if (r)
		return ecli_err_set(err, r,
				    "cannot read the compiler's output: it is no BPF object this version understands "
				    "(-v says more; -a or --clang may have made clang write something else)");
	return 0;
}

static int add_lost_map(struct bpf_linker *linker, struct ecli_err *err)
{
	const struct ecli_embedded_file *file = &ecli_embedded_files[ECLI_EMBEDDED_LOST_MAP];
	CLEANUP_FD int fd = ecli_link_memory_file("ecli_lost", file->data, file->size, err);

	return fd < 0 ? fd : add_file(linker, fd, err);
}

int ecli_link(int object_fd, const struct ecli_source *source, const struct ecli_path_rule *paths, struct ecli_err *err,
	      struct ecli_buf *ret_object)
{
	CLEANUP(cleanup_linker) struct bpf_linker *linker = NULL;
	char path[ECLI_LINK_PATH_MAX];
	bool needs_map = false;

	int r = prepare(object_fd, source, paths, err, &needs_map);
	if (r)
		return r;
	CLEANUP_FD int out_fd = ecli_link_memory_file("ecc-linked", NULL, 0, err);
	if (out_fd < 0)
		return out_fd;
	ecli_link_path(out_fd, path);
	linker = bpf_linker__new(path, NULL);
	if (!linker)
		return ecli_err_set(err, -errno, "cannot start linking: %s", strerror(errno));
	if (needs_map)
		r = add_lost_map(linker, err);
	if (!r)
		r = add_file(linker, object_fd, err);
	if (!r && bpf_linker__finalize(linker))
		r = ecli_err_set(err, -EINVAL, "cannot put the object together (-v says more)");
	return r ? r : read_back(out_fd, err, ret_object);
}
