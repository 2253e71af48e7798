/* SPDX-License-Identifier: MIT */
/* See harness.h. The objects are built by Meson; their folder is in ECLI_LOAD_OBJECTS. */
#include "harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/file.h"

enum ecli_loader test_loader;
static char log_lines[4096];

static void object_path(const char *name, char *ret, size_t size)
{
	const char *folder = getenv("ECLI_LOAD_OBJECTS");

	snprintf(ret, size, "%s/%s.bpf.o", folder ? folder : ".", name);
}

struct ecli_package *open_package(const char *name)
{
	CLEANUP_BUF struct ecli_buf elf = { 0 };
	struct ecli_package *package = NULL;
	struct ecli_err err = { 0 };
	char path[512];

	object_path(name, path, sizeof(path));
	if (ecli_file_read(path, 1 << 24, &elf, &err) ||
	    ecli_package_from_object(name, elf.data, elf.len, &err, &package))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < package->n_maps; i++)
		if (package->maps[i].ident && !strcmp(package->maps[i].ident, "strange"))
			tag_map(package, "strange", "strange");
	return package;
}

struct ecli_package_prog *find_prog(struct ecli_package *package, const char *prog)
{
	for (size_t i = 0; i < package->n_progs; i++)
		if (!strcmp(package->progs[i].name, prog))
			return &package->progs[i];
	fail_msg("the object has no program %s", prog);
	return NULL;
}

struct ecli_package_map *find_map(struct ecli_package *package, const char *map)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (package->maps[i].ident && !strcmp(package->maps[i].ident, map))
			return &package->maps[i];
	fail_msg("the object has no map %s", map);
	return NULL;
}

void take_prog(struct ecli_package *package, const char *prog, const char *tag)
{
	struct ecli_package_prog *found = find_prog(package, prog), moved = *found;

	for (; found + 1 < package->progs + package->n_progs; found++)
		found[0] = found[1];
	*found = moved;
	assert_int_equal(ecli_package_extra_set_text(&found->extras, "alternative", tag), 0);
}

void make_optional(struct ecli_package *package, const char *prog)
{
	assert_int_equal(ecli_package_extra_set(&find_prog(package, prog)->extras, "optional", "true"), 0);
}

void tag_map(struct ecli_package *package, const char *map, const char *tag)
{
	assert_int_equal(ecli_package_extra_set_text(&find_map(package, map)->extras, "alternative", tag), 0);
}

/* Where the variables lie is asked of the object's own type information. */
static bool find_offset(const struct ecli_package *package, const char *name, struct ecli_global *global)
{
	struct bpf_object *object = bpf_object__open_mem(package->object, package->object_size, NULL);
	const struct btf *btf = bpf_object__btf(object);
	int section = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	bool found = false;

	for (int i = 0; section > 0 && i < btf_vlen(btf__type_by_id(btf, (__u32)section)); i++) {
		const struct btf_var_secinfo *info = btf_var_secinfos(btf__type_by_id(btf, (__u32)section)) + i;

		if (strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, info->type)->name_off), name))
			continue;
		global->offset_bytes = info->offset;
		found = true;
	}
	bpf_object__close(object);
	return found;
}

int load_package(const struct ecli_package *package, struct ecli_err *err, struct ecli_load **ret_load)
{
	uint32_t tgid = (uint32_t)getpid(), nr = SYS_getppid;
	struct ecli_global globals[] = {
		{ ".rodata", "self_tgid", 0, sizeof(tgid), (unsigned char *)&tgid },
		{ ".rodata", "getppid_nr", 0, sizeof(nr), (unsigned char *)&nr },
	};
	struct ecli_load_opts opts = { .globals = globals, .loader = test_loader };

	while (opts.n_globals < ARRAY_SIZE(globals) &&
	       find_offset(package, globals[opts.n_globals].name, &globals[opts.n_globals]))
		opts.n_globals++;
	log_start();
	return ecli_load_open(package, &opts, err, ret_load);
}

static void on_log(void *ctx, enum ecli_log_level level, const char *line)
{
	size_t len = strlen(log_lines);

	(void)ctx;
	/* Which way it was loaded is for loader_test.c; the choices are the same either way. */
	if (!strncmp(line, "loaded by ", 10))
		return;
	if (level <= ECLI_LOG_INFO)
		snprintf(log_lines + len, sizeof(log_lines) - len, "%s\n", line);
}

void log_start(void)
{
	log_lines[0] = '\0';
	ecli_log_set(on_log, NULL, ECLI_LOG_INFO);
}

void log_stop(void)
{
	ecli_log_set(NULL, NULL, ECLI_LOG_WARN);
}

const char *log_text(void)
{
	return log_lines;
}

int map_fd(const struct ecli_load *load, const char *name, struct ecli_load_map *ret_map)
{
	for (size_t i = 0; i < ecli_load_map_count(load); i++) {
		struct ecli_load_map map;

		ecli_load_map(load, i, &map);
		if (strcmp(map.name, name))
			continue;
		if (ret_map)
			*ret_map = map;
		return map.fd;
	}
	return -1;
}

uint64_t read_hits(const struct ecli_load *load, uint32_t slot)
{
	uint64_t value = 0;

	assert_int_equal(bpf_map_lookup_elem(map_fd(load, "hits", NULL), &slot, &value), 0);
	return value;
}

void call_getppid(int count)
{
	while (count--)
		syscall(SYS_getppid);
}

void load_in_child(const struct ecli_package *package, const char *btf_path, void (*prepare)(void),
		   struct outcome *ret_outcome)
{
	int pipe_fds[2], status;

	memset(ret_outcome, 0, sizeof(*ret_outcome));
	assert_int_equal(pipe(pipe_fds), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct ecli_load_opts opts = { .btf_path = btf_path, .loader = test_loader };
		struct ecli_load *load = NULL;

		prepare();
		log_start();
		ret_outcome->r = ecli_load_open(package, &opts, &ret_outcome->err, &load);
		memcpy(ret_outcome->log, log_lines, sizeof(log_lines));
		ecli_load_close(load);
		_exit(ecli_file_write_all(pipe_fds[1], ret_outcome, sizeof(*ret_outcome)) ? 1 : 0);
	}
	close(pipe_fds[1]);
	size_t got = 0;
	ssize_t n;
	while ((n = read(pipe_fds[0], (char *)ret_outcome + got, sizeof(*ret_outcome) - got)) > 0)
		got += (size_t)n;
	close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(got, sizeof(*ret_outcome));
}

bool kernel_has_fentry(void)
{
	char path[512];
	struct bpf_program *prog;
	struct bpf_link *link = NULL;

	object_path("kinds", path, sizeof(path));
	libbpf_set_print(NULL);
	struct bpf_object *object = bpf_object__open(path);
	bpf_map__set_autocreate(bpf_object__find_map_by_name(object, "strange"), false);
	bpf_object__for_each_program(prog, object)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), "fentry_read"));
	if (!bpf_object__load(object))
		link = bpf_program__attach(bpf_object__find_program_by_name(object, "fentry_read"));
	bool has = link;
	bpf_link__destroy(link);
	bpf_object__close(object);
	return has;
}

void note(const char *format, ...)
{
	char text[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	char *rest = text, *line;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			print_message("# %s\n", line);
}

bool skip_without_root(void)
{
	const char *loader = getenv("ECLI_TEST_LOADER");

	test_loader = loader && !strcmp(loader, "libbpf") ? ECLI_LOADER_LIBBPF : ECLI_LOADER_AUTO;
	if (geteuid())
		print_message("1..0 # SKIP loading programs needs root\n");
	return geteuid();
}
