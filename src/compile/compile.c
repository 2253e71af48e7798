/* SPDX-License-Identifier: MIT */
/*
 * The pipeline of ecc, start to end; each step is a file of its own.
 *
 *     source, header --source.c--> declarations, doc comments --exports.c--> text that keeps the exported structs
 *                    --clang.c---> object with DWARF          --link.c-----> the object of the package
 *     object --package--> model   --exports.c, annotate.c--> exports, metadata --package--> package.json
 *
 * Invariant: until the last step nothing is written but the cache. Signals wait during the whole of it (run.h), so a
 * Ctrl-C leaves either the old package or the new one.
 */
#include <ecli/compile.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/annotate.h"
#include "compile/arguments.h"
#include "compile/btfs.h"
#include "compile/clang.h"
#include "compile/kfuncs.h"
#include "compile/link.h"
#include "compile/mistakes.h"
#include "compile/paths.h"
#include "compile/relocs.h"

DEFINE_CLEANUP(package, struct ecli_package *, ecli_package_free)
DEFINE_CLEANUP(types, struct ecli_types *, ecli_types_free)

/* One compilation: everything it owns. */
struct work {
	const struct ecli_compile_opts *opts;
	const struct ecli_target *target;
	struct ecli_calm calm;
	struct ecli_source source, header;
	const struct ecli_source *header_or_null;
	struct ecli_reports reports;
	struct ecli_cache cache;
	struct ecli_buf object;
};

static void work_done(struct work *work)
{
	ecli_source_done(&work->source);
	ecli_source_done(&work->header);
	ecli_reports_done(&work->reports);
	ecli_cache_close(&work->cache);
	ecli_buf_done(&work->object);
	ecli_calm_end(&work->calm); /* last: a signal that came may end the process here */
}

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[512];

	if (!ecli_log_wants(level == LIBBPF_WARN ? ECLI_LOG_INFO : ECLI_LOG_DEBUG))
		return 0;
	vsnprintf(line, sizeof(line), format, args);
	line[strcspn(line, "\n")] = '\0';
	ecli_log(level == LIBBPF_WARN ? ECLI_LOG_INFO : ECLI_LOG_DEBUG, "%s", line);
	return 0;
}

static void begin_step(const struct work *work, enum ecli_compile_step step)
{
	if (work->opts->on_step)
		work->opts->on_step(work->opts->ctx, step);
}

/* "dir/tool.bpf.c" -> "tool", up to the first dot; a name that begins with one is taken whole. */
static char *tool_name(const char *source)
{
	const char *slash = strrchr(source, '/');
	const char *base = slash ? slash + 1 : source;
	size_t len = strcspn(base, ".");

	return len ? strndup(base, len) : strdup(base);
}

static char *output_path(const struct ecli_compile_opts *opts, const char *name, const char *suffix)
{
	CLEANUP_BUF struct ecli_buf path = { 0 };
	const char *slash = strrchr(opts->source, '/');

	if (opts->output_dir)
		ecli_buf_add_format(&path, "%s/", opts->output_dir);
	else if (slash)
		ecli_buf_add(&path, opts->source, (size_t)(slash - opts->source) + 1);
	ecli_buf_add_format(&path, "%s%s", name, suffix);
	return ecli_buf_take(&path);
}

/* The header that nobody named is the one that defines what the source reports, where the author has not said @export. */
static const char *header_of(const struct work *work)
{
	bool says_export = false;

	for (size_t i = 0; i < work->source.n_decls; i++)
		says_export |= ecli_doc_tag(&work->source.decls[i].doc, "export") != NULL;
	return work->opts->header                       ? work->opts->header
	       : says_export || work->opts->header_only ? NULL
							: work->reports.header;
}

static int read_sources(struct work *work, struct ecli_err *err)
{
	int r = ecli_source_read(work->opts->source, err, &work->source);

	if (!r && !work->opts->header_only)
		r = ecli_reports_read(work->opts->source, err, &work->reports);
	if (!r && work->reports.old_map_line)
		return ecli_err_set(
			err, -EINVAL,
			"%s:%u: libbpf no longer reads maps in SEC(\"maps\"): write struct { __uint(type, ...); "
			"__uint(max_entries, ...); __type(key, ...); __type(value, ...); } NAME SEC(\".maps\");",
			work->opts->source, work->reports.old_map_line);
	if (!r && header_of(work)) {
		work->reports.is_header_found = !work->opts->header;
		r = ecli_source_read(header_of(work), err, &work->header);
		work->header_or_null = &work->header;
	}
	if (work->opts->header_only)
		work->header_or_null = &work->source;
	return r;
}

/* Whether there is a vmlinux.h where clang will look for it: beside the source, or in the cache. */
static int check_vmlinux(const struct work *work, struct ecli_err *err)
{
	const char *slash = strrchr(work->opts->source, '/');
	CLEANUP_BUF struct ecli_buf own = { 0 };

	if (work->cache.vmlinux_dir || !work->source.includes.vmlinux || (work->opts->cflags && *work->opts->cflags))
		return 0;
	if (slash)
		ecli_buf_add(&own, work->opts->source, (size_t)(slash - work->opts->source) + 1);
	ecli_buf_add_text(&own, "vmlinux.h");
	if (!access(ecli_buf_text(&own), R_OK))
		return 0;
	if (access("/sys/kernel", F_OK))
		return ecli_err_set(
			err, -ENOENT,
			"%s includes vmlinux.h, which is made from the kernel's BTF, and /sys is not mounted, where "
			"that lies (%s): mount -t sysfs sysfs /sys, or give the BTF of a kernel with --btf FILE",
			work->opts->source, ECLI_CACHE_KERNEL_BTF);
	return ecli_err_set(err, -ENOENT,
			    "%s includes vmlinux.h, which is made from the kernel's BTF, but this kernel has none "
			    "(%s): give the BTF of a kernel with --btf FILE",
			    work->opts->source, ECLI_CACHE_KERNEL_BTF);
}

static int link_object(struct work *work, int object_fd, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf include_dir = { 0 }, vmlinux_dir = { 0 };
	CLEANUP_FREE char *source_dir = ecli_paths_dir_of(work->opts->source);

	ecli_buf_add_format(&include_dir, "%s/", work->cache.include_dir);
	ecli_buf_add_format(&vmlinux_dir, "%s/", work->cache.vmlinux_dir ? work->cache.vmlinux_dir : "");
	if (!source_dir || ecli_buf_failed(&include_dir) || ecli_buf_failed(&vmlinux_dir))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	/* The cache may lie below the source: it comes first. */
	const struct ecli_path_rule rules[] = {
		{ ecli_buf_text(&include_dir), "ecc/" },
		{ work->cache.vmlinux_dir ? ecli_buf_text(&vmlinux_dir) : "", "ecc/" },
		{ source_dir, "" },
		{ NULL, NULL },
	};
	return ecli_link(object_fd, &work->source, rules, err, &work->object);
}

/* What is written beside the object. */
struct texts {
	struct ecli_buf package, skeleton;
};

static void texts_done(struct texts *texts)
{
	ecli_buf_done(&texts->package);
	ecli_buf_done(&texts->skeleton);
}

static int run_clang(struct work *work, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf keep = { 0 };
	CLEANUP_FREE char *clang = NULL;
	CLEANUP_FD int keep_fd = -1;
	CLEANUP_FD int object_fd = -1;

	int r = ecli_clang_find(work->opts->clang, &work->calm, err, &clang);
	if (!r)
		r = ecli_cache_open(work->opts->btf_path, ECLI_CACHE_KERNEL_BTF, work->target, err, &work->cache);
	if (!r)
		r = check_vmlinux(work, err);
	if (r)
		return r;
	begin_step(work, ECLI_COMPILE_CLANG);
	ecli_exports_keep(&work->source, work->header_or_null, &work->reports, &keep);
	r = ecli_kfuncs_find_own(work->opts->source, work->opts->cflags, work->cache.vmlinux_dir, &keep);
	if (r || ecli_buf_failed(&keep))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (keep.len) {
		keep_fd = ecli_link_memory_file("ecc-keep.h", keep.data, keep.len, err);
		if (keep_fd < 0)
			return keep_fd;
	}
	struct ecli_clang_job job = { .clang = clang,
				      .source = work->opts->source,
				      .cache = &work->cache,
				      .target = work->target,
				      .include_fd = keep_fd,
				      .cflags = work->opts->cflags,
				      .is_header = work->opts->header_only };
	r = ecli_clang_run(&job, &work->calm, err, &object_fd);
	if (r == -EINVAL && err && !err->text[0])
		ecli_mistakes_explain_clang(&work->source, err);
	return r ? r : link_object(work, object_fd, err);
}

/* What the object needs of a machine: its architecture when it reads registers; types of kernels that do not tell theirs. */
static int add_needs(struct work *work, const struct ecli_types *types, struct ecli_package *package,
		     struct ecli_err *err)
{
	struct ecli_relocs relocs;

	int r = ecli_relocs_read(work->object.data, work->object.len, types, err, &relocs);
	if (!r && relocs.reads_registers)
		r = ecli_package_extra_set_text(&package->extras, "target_arch", work->target->name)
			    ? ecli_err_set(err, -ENOMEM, "out of memory")
			    : 0;
	if (r || !work->opts->btf_for || !*work->opts->btf_for)
		return r;
	if (!relocs.count) {
		ecli_log(ECLI_LOG_INFO, "the tool needs no types of a kernel: --btf-for has nothing to add");
		return 0;
	}
	return ecli_btfs_add(work->opts->btf_for, relocs.reads_registers ? work->target : NULL, &work->object,
			     &work->calm, package, err);
}

/* Doc comments of files that the source includes from its own folder: tools share hooks, maps and options that way. */
static int annotate_included(const struct work *work, struct ecli_package *package, const struct ecli_types *types,
			     struct ecli_err *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < work->reports.n_included; i++) {
		CLEANUP(ecli_source_done) struct ecli_source included = { 0 };
		const char *path = work->reports.included[i];

		if (work->header_or_null && !strcmp(path, work->header_or_null->path))
			continue;
		r = ecli_source_read(path, err, &included);
		if (!r)
			r = ecli_annotate_included(package, types, &included, err);
	}
	return r;
}

static int make_package(struct work *work, const char *object_name, struct ecli_err *err, struct texts *texts)
{
	CLEANUP(cleanup_package) struct ecli_package *package = NULL;
	CLEANUP(cleanup_types) struct ecli_types *types = NULL;
	CLEANUP_FREE struct ecli_export *exports = NULL;
	size_t n_exports;

	int r = ecli_types_read_object(work->object.data, work->object.len, err, &types);
	if (r == -ENOENT)
		return ecli_err_set(err, r, "%s defines nothing: no program, no map, no variable", work->opts->source);
	if (!r)
		r = ecli_package_from_object(object_name, work->object.data, work->object.len, err, &package);
	if (!r)
		r = ecli_exports_find(&work->source, work->header_or_null, &work->reports, types, err, &exports,
				      &n_exports);
	if (r)
		return r;
	if (n_exports)
		begin_step(work, ECLI_COMPILE_EXPORTS);
	r = ecli_annotate_exports(package, types, exports, n_exports, err);
	if (!r)
		r = ecli_annotate_source(package, types, &work->source, err);
	if (!r && work->header_or_null == &work->header)
		r = ecli_annotate_source(package, types, &work->header, err);
	if (!r)
		r = annotate_included(work, package, types, err);
	if (r)
		return r;
	ecli_arguments_check(package, types, &work->source);
	if (work->header_or_null)
		ecli_arguments_check(package, types, &work->header);
	if (!work->opts->header_only)
		r = ecli_mistakes_find(package, types, &work->source, err);
	if (!r)
		r = add_needs(work, types, package, err);
	if (!r && (work->opts->skeleton || work->opts->no_package))
		r = ecli_package_write_skeleton(package, &texts->skeleton, err);
	if (r || work->opts->no_package)
		return r;
	begin_step(work, ECLI_COMPILE_PACK);
	return ecli_package_write(package, &texts->package, err);
}

static bool is_broken(void *ctx)
{
	return ecli_calm_is_broken(&((struct work *)ctx)->calm);
}

/* Takes the path it wrote to into @ret_path, when there is one to take. */
static int write_one(struct work *work, const char *name, const char *suffix, const struct ecli_buf *data,
		     struct ecli_err *err, char **ret_path)
{
	CLEANUP_FREE char *path = output_path(work->opts, name, suffix);

	if (!path || data->failed)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	const struct ecli_file_wait wait = { .is_over = is_broken, .ctx = (void *)work };
	int r = ecli_file_write_waiting(path, data->data, data->len, &wait, err);
	if (!r && ret_path)
		*ret_path = TAKE_PTR(path);
	return r;
}

static int write_results(struct work *work, const char *name, const struct texts *texts, struct ecli_err *err,
			 char **ret_path)
{
	const struct ecli_compile_opts *opts = work->opts;
	bool has_skeleton = opts->skeleton || opts->no_package;

	if (ecli_calm_is_broken(&work->calm))
		return ecli_err_set(err, -EINTR, "interrupted");
	int r = opts->output_dir ? ecli_file_make_dirs(opts->output_dir, err) : 0;
	if (!r && (opts->keep_object || has_skeleton))
		r = write_one(work, name, ".bpf.o", &work->object, err, NULL);
	if (!r && has_skeleton)
		r = write_one(work, name, ".skel.json", &texts->skeleton, err, opts->no_package ? ret_path : NULL);
	if (!r && !opts->no_package)
		r = write_one(work, "package.json", "", &texts->package, err, ret_path);
	return r;
}

static int compile(struct work *work, struct ecli_err *err, char **ret_path)
{
	CLEANUP_FREE char *name = tool_name(work->opts->source);
	CLEANUP(texts_done) struct texts texts = { 0 };
	CLEANUP_BUF struct ecli_buf object_name = { 0 };

	if (name)
		ecli_buf_add_format(&object_name, "%s.bpf.o", name);
	if (!name || ecli_buf_failed(&object_name))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	work->target = ecli_target_here();
	int r = work->opts->target ? ecli_target_find(work->opts->target, err, &work->target) : 0;
	r = r ? r : read_sources(work, err);
	/* Only now: a source may be a pipe that nobody writes to. From here on there may be a child and temporary files. */
	r = r ? r : ecli_calm_begin(&work->calm, err);
	if (r)
		return r;
	r = run_clang(work, err);
	if (!r)
		r = make_package(work, ecli_buf_text(&object_name), err, &texts);
	return r ? r : write_results(work, name, &texts, err, ret_path);
}

int ecli_compile(const struct ecli_compile_opts *opts, struct ecli_err *err, char **ret_path)
{
	CLEANUP(work_done) struct work work = { .opts = opts, .calm.fd = -1 };

	libbpf_set_print(log_libbpf);
	return compile(&work, err, ret_path);
}
