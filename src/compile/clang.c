/* SPDX-License-Identifier: MIT */
/*
 * clang as a child process.
 *
 * Finding it must not cost a process: Debian's names carry the version (clang-19), elsewhere `clang` is a link whose
 * target does; only a `clang` that does not tell by any name is asked.
 *
 * Order of folders: ours with the prelude, the person's (-a), the source's own, libbpf's headers, vmlinux.h, the
 * system's. A vmlinux.h beside the source wins, because `#include "..."` looks there first and -I comes before
 * -isystem.
 *
 * Names of files stay real here (paths.h cleans them later), but for __FILE__. The object comes over standard output
 * into a memory file, so nothing half-written can be left anywhere.
 */
#include "compile/clang.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/link.h"

enum { NEWEST_VERSION_LOOKED_FOR = 99 };

/* ---- finding --------------------------------------------------------------------------------------------------- */

/* Calls @look for each folder of PATH until it returns true. */
static bool each_path_dir(bool (*look)(void *ctx, const char *dir), void *ctx)
{
	const char *path = getenv("PATH");
	CLEANUP_FREE char *copy = strdup(path ? path : "/usr/local/bin:/usr/bin:/bin");
	char *save = NULL;

	for (char *dir = copy ? strtok_r(copy, ":", &save) : NULL; dir; dir = strtok_r(NULL, ":", &save))
		if (look(ctx, dir))
			return true;
	return false;
}

struct search {
	const char *name; /* to look for */
	char path[4096];
	/* newest clang-NN */
	unsigned int version;
	char newest[4096];
};

static bool look_for_name(void *ctx, const char *dir)
{
	struct search *search = ctx;
	int len = snprintf(search->path, sizeof(search->path), "%s/%s", dir, search->name);

	return len > 0 && (size_t)len < sizeof(search->path) && !access(search->path, X_OK);
}

static bool look_for_versions(void *ctx, const char *dir)
{
	struct search *search = ctx;

	for (unsigned int v = NEWEST_VERSION_LOOKED_FOR; v >= ECLI_CLANG_MIN_VERSION && v > search->version; v--) {
		int len = snprintf(search->path, sizeof(search->path), "%s/clang-%u", dir, v);

		if (len <= 0 || (size_t)len >= sizeof(search->path) || access(search->path, X_OK))
			continue;
		search->version = v;
		memcpy(search->newest, search->path, (size_t)len + 1);
	}
	return false;
}

unsigned int ecli_clang_version_of(const char *path)
{
	static const char *const marks[] = { "clang-", "llvm-", "llvm" };
	unsigned int version = 0;

	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
			size_t len = strlen(marks[i]);
			char *end;

			if (strncmp(part, marks[i], len) != 0 || !isdigit((unsigned char)part[len]))
				continue;
			unsigned long number = strtoul(part + len, &end, 10);
			if (number <= NEWEST_VERSION_LOOKED_FOR && (!*end || *end == '/' || *end == '.'))
				version = (unsigned int)number;
			break;
		}
	}
	return version;
}

/* Runs `clang --version`; 0 when its answer cannot be read. */
static unsigned int ask_version(char *clang, struct ecli_calm *calm)
{
	static char option[] = "--version";
	char *const argv[] = { clang, option, NULL };
	CLEANUP_BUF struct ecli_buf answer = { 0 };
	CLEANUP_FD int fd = ecli_link_memory_file("clang-version", NULL, 0, NULL);
	const int keep[] = { -1 };
	int status;

	if (fd < 0 || ecli_run(calm, argv, fd, keep, NULL, &status) || status || lseek(fd, 0, SEEK_SET) < 0 ||
	    ecli_file_read_fd(fd, clang, 1 << 20, &answer, NULL))
		return 0;
	const char *word = strstr(ecli_buf_text(&answer), "version ");
	return word ? (unsigned int)strtoul(word + strlen("version "), NULL, 10) : 0;
}

static int no_clang(struct ecli_err *err)
{
	return ecli_err_set(
		err, -ENOENT,
		"no clang was found in PATH, version %d or later is needed: install it (Debian and Ubuntu: apt "
		"install clang-19, Fedora: dnf install clang) or name one with --clang PATH",
		ECLI_CLANG_MIN_VERSION);
}

static int find_wanted(const char *wanted, struct ecli_err *err, char **ret_path)
{
	struct search search = { .name = wanted };
	const char *path = wanted;

	if (!strchr(wanted, '/')) {
		if (!each_path_dir(look_for_name, &search))
			return ecli_err_set(err, -ENOENT, "no %s was found in PATH (--clang)", wanted);
		path = search.path;
	} else if (access(wanted, X_OK)) {
		return ecli_err_set(err, -errno, "cannot run %s (--clang): %s", wanted, strerror(errno));
	}
	*ret_path = strdup(path);
	return *ret_path ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}

int ecli_clang_find(const char *wanted, struct ecli_calm *calm, struct ecli_err *err, char **ret_path)
{
	struct search search = { .name = "clang" };
	const char *best = NULL;

	if (wanted)
		return find_wanted(wanted, err, ret_path);
	each_path_dir(look_for_versions, &search);
	if (search.version)
		best = search.newest;
	if (each_path_dir(look_for_name, &search)) {
		CLEANUP_FREE char *target = realpath(search.path, NULL);
		unsigned int version = target ? ecli_clang_version_of(target) : 0;

		if (!version)
			version = ask_version(search.path, calm);
		if (version > search.version && version >= ECLI_CLANG_MIN_VERSION)
			best = search.path;
		else if (!best && version)
			return ecli_err_set(
				err, -ENOENT,
				"%s is version %u, %d or later is needed: install one (Debian and Ubuntu: apt "
				"install clang-19) or name one with --clang PATH",
				search.path, version, ECLI_CLANG_MIN_VERSION);
	}
	if (!best)
		return no_clang(err);
	*ret_path = strdup(best);
	return *ret_path ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}

/* ---- arguments ------------------------------------------------------------------------------------------------- */

struct args {
	char **words; /* NULL-terminated, each malloc'ed */
	size_t count;
	bool failed;
};

static void args_done(struct args *args)
{
	for (size_t i = 0; i < args->count; i++)
		free(args->words[i]);
	free(args->words);
}

static void add(struct args *args, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct args *args, const char *format, ...)
{
	char **words = reallocarray(args->words, args->count + 2, sizeof(*words));
	va_list list;

	if (!words) {
		args->failed = true;
		return;
	}
	args->words = words;
	va_start(list, format);
	if (vasprintf(&words[args->count], format, list) < 0)
		args->failed = true;
	else
		args->count++;
	va_end(list);
	words[args->count] = NULL;
}

/* Where the source is, with a slash behind it; "" for the current folder. */
static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strndup(path, slash ? (size_t)(slash - path) + 1 : 0);
}

static void add_fixed(struct args *args)
{
	static const char *const words[] = {
		"-g",
		"-O2",
		"-target",
		"bpf",
		"-Wno-unknown-attributes",
		"-fdebug-compilation-dir=.",
		"-fmacro-prefix-map=./=",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		add(args, "%s", words[i]);
}

static void add_all(struct args *args, const struct ecli_clang_job *job, const char *dir)
{
	const struct ecli_cache *cache = job->cache;
	add(args, "%s", job->clang);
	add_fixed(args);
	add(args, "-D__TARGET_ARCH_%s", job->target->define);
	if (*dir && !strchr(dir, '=')) /* the option's own separator */
		add(args, "-fmacro-prefix-map=%s=", dir);
	add(args, "-I%s/prelude", cache->include_dir);
	for (const char *const *flag = job->cflags; flag && *flag; flag++)
		add(args, "%s", *flag);
	add(args, "-I%s", *dir ? dir : ".");
	add(args, "-isystem");
	add(args, "%s/libbpf", cache->include_dir);
	if (cache->vmlinux_dir) {
		add(args, "-isystem");
		add(args, "%s", cache->vmlinux_dir);
	}
	/* For <linux/types.h> and its like: another architecture's when they are installed, else this one's, which hardly differ. */
	add(args, "-idirafter");
	add(args, "/usr/include/%s", job->target->multiarch);
	if (job->target != ecli_target_here()) {
		add(args, "-idirafter");
		add(args, "/usr/include/%s", ecli_target_here()->multiarch);
	}
	if (job->include_fd >= 0) {
		char path[ECLI_LINK_PATH_MAX];

		ecli_link_path(job->include_fd, path);
		add(args, "-include");
		add(args, "%s", path);
	}
	if (job->is_header) {
		add(args, "-x");
		add(args, "c");
	}
	add(args, "-c");
	add(args, "-o");
	add(args, "-");
	/* Not behind a "--": what stands there is still taken for an option by whatever is called in between. */
	add(args, "%s%s", *job->source == '-' ? "./" : "", job->source);
}

static void log_command(const struct args *args)
{
	CLEANUP_BUF struct ecli_buf line = { 0 };

	if (!ecli_log_wants(ECLI_LOG_INFO))
		return;
	for (size_t i = 0; i < args->count; i++)
		ecli_buf_add_format(&line, "%s%s", i ? " " : "", args->words[i]);
	ecli_log(ECLI_LOG_INFO, "%s", ecli_buf_text(&line));
}

int ecli_clang_run(const struct ecli_clang_job *job, struct ecli_calm *calm, struct ecli_err *err, int *ret_object_fd)
{
	CLEANUP(args_done) struct args args = { 0 };
	CLEANUP_FREE char *dir = dir_of(job->source);
	CLEANUP_FD int fd = ecli_link_memory_file("ecc-object", NULL, 0, err);
	const int keep[] = { job->include_fd, -1 };
	int status;

	if (fd < 0)
		return fd;
	if (dir)
		add_all(&args, job, dir);
	if (!dir || args.failed)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	log_command(&args);
	int r = ecli_run(calm, args.words, fd, keep, err, &status);
	if (r)
		return r;
	if (WIFSIGNALED(status))
		return ecli_err_set(err, -EIO, "%s was ended by signal %d (%s)", job->clang, WTERMSIG(status),
				    strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == 127)
		return ecli_err_set(err, -ENOEXEC, "cannot run %s", job->clang);
	if (WEXITSTATUS(status))
		return ecli_err_set(err, -EINVAL, "%s", ""); /* clang has said why */
	*ret_object_fd = TAKE_FD(fd);
	return 0;
}
