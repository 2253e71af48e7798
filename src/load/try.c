/* SPDX-License-Identifier: MIT */
/*
 * libbpf can load an object once and only whole, so each try starts from open (0.1 to 0.3 ms). Loading goes one of two
 * ways (docs/design/0005):
 *
 *     open ─ select ─ configure ─┬─ loader program (2 ms) ──────────────────────────┬─ attach
 *                                └─ refused, or not for it ─> open ... libbpf (9 ms) ┘
 *
 * A loader program says nothing about what it failed at; so it never has the last word about a failure, libbpf has. On
 * libbpf's way, programs that certainly cannot work here are found without the kernel's verdict, before the load (open.c).
 * The same sentences come out as after a real try.
 */
#include "load/try.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "load/capture.h"
#include "load/check.h"
#include "load/configure.h"
#include "load/explain.h"
#include "load/loader.h"
#include "load/open.h"

ssize_t ecli_try_find_prog(const struct ecli_package *package, const char *name)
{
	for (size_t i = 0; name && i < package->n_progs; i++)
		if (package->progs[i].name && !strcmp(package->progs[i].name, name))
			return (ssize_t)i;
	return -1;
}

struct ecli_load_map ecli_try_map(const struct bpf_map *map, int fd)
{
	return (struct ecli_load_map){
		.name = bpf_map__name(map),
		.fd = fd,
		.map_type = bpf_map__type(map),
		.key_size = bpf_map__key_size(map),
		.value_size = bpf_map__value_size(map),
		.max_entries = bpf_map__max_entries(map),
	};
}

ssize_t ecli_try_find_map(const struct ecli_package *package, const char *name)
{
	const struct ecli_package_map *map = name ? ecli_configure_find_map(package, name) : NULL;

	return map ? map - package->maps : -1;
}

bool ecli_try_is_optional(const struct ecli_package *package, ssize_t prog)
{
	return prog >= 0 && ecli_package_extra_true(&package->progs[prog].extras, "optional");
}

/* ---- load and attach ------------------------------------------------------------------------------------------- */

static int load_by_libbpf(struct ecli_try_input *input, struct ecli_try *try, const struct ecli_capture *capture,
			  struct ecli_try_fault *fault)
{
	struct bpf_object *object = try->object;
	const char *prog, *map;

	input->log[0] = '\0';
	int r = bpf_object__load(object);
	if (!r)
		return ecli_fds_of_object(&try->fds, object, &fault->err);

	const struct ecli_explain_load what = {
		.object = object, .capture = capture, .log = input->log, .btf_name = input->btf_name
	};
	r = ecli_explain_load(&what, r, &fault->err, &prog, &map);
	fault->prog = ecli_try_find_prog(input->package, prog);
	fault->map = ecli_try_find_map(input->package, map);
	return r;
}

/* Not one program that only libbpf can attach. */
static bool all_attach_directly(const struct ecli_package *package, const struct bpf_object *object)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, object) {
		const char *words;
		const struct ecli_attach_kind *kind = ecli_attach_find(bpf_program__section_name(prog), &words);
		ssize_t index = ecli_try_find_prog(package, bpf_program__name(prog));

		if (!kind || !ecli_attach_is_direct(kind, words, index < 0 ? NULL : &package->progs[index].extras))
			return false;
	}
	return true;
}

/* On failure @why says what keeps a loader program from it; is_silent: the kernel's refusal, not ours. */
static int load_by_loader(const struct ecli_package *package, struct ecli_try *try, struct ecli_try_fault *fault,
			  const char **why)
{
	const unsigned char *bytes = try->bytes ? try->bytes : package->object;

	*why = "a program is attached in a way that needs libbpf";
	if (!all_attach_directly(package, try->object) ||
	    !ecli_loader_fits(try->object, bytes, package->object_size, why))
		return -ENOTSUP;
	int r = ecli_loader_run(try->object, why, &try->fds);
	fault->is_silent = r;
	fault->err.code = r;
	return r;
}

static int attach_prog(struct ecli_try_input *input, struct ecli_try *try, struct bpf_program *prog, int fd,
		       const struct ecli_capture *capture, struct ecli_try_fault *fault)
{
	const struct ecli_package *package = input->package;
	const size_t before = try->links.count;
	struct ecli_attach job = { .name = bpf_program__name(prog),
				   .section = bpf_program__section_name(prog),
				   .fd = fd,
				   .attach_type = bpf_program__expected_attach_type(prog),
				   .prog = prog,
				   .object = try->object,
				   .capture = capture,
				   .links = &try->links,
				   .no_links = input->opts->no_links,
				   .opts = input->opts };

	fault->prog = ecli_try_find_prog(package, bpf_program__name(prog));
	if (fault->prog >= 0)
		job.extras = &package->progs[fault->prog].extras;
	job.kind = ecli_attach_find(job.section, &job.words);

	int r = ecli_attach_run(&job, &fault->err);
	if (r == -EINTR) {
		fault->prog = -1; /* no fault of its own: nothing else is to be tried */
		return r;
	}
	if (!r || !ecli_try_is_optional(package, fault->prog) || ecli_explain_is_final(&fault->err))
		return r;

	/* Some of its links (a CPU each) may have been made. */
	ecli_links_cut(&try->links, before);
	ecli_explain_clean(fault->err.text);
	ecli_log(ECLI_LOG_INFO, "%s: %.*s; going on without it", package->progs[fault->prog].name,
		 (int)strcspn(fault->err.text, "\n"), fault->err.text);
	fault->err = (struct ecli_err){ 0 };
	return 0;
}

bool ecli_try_left_out(const struct ecli_try_input *input)
{
	bool any = false, dropped = false;

	for (size_t i = 0; i < input->package->n_progs; i++) {
		any |= input->left_out[i] != NULL;
		dropped |= input->dropped[i];
	}
	return any && !dropped;
}

static int attach_progs(struct ecli_try_input *input, struct ecli_try *try, const struct ecli_capture *capture,
			struct ecli_try_fault *fault)
{
	struct bpf_program *prog;
	size_t wanted = 0, i = 0;

	bpf_object__for_each_program(prog, try->object) {
		int fd = try->fds.progs[i++];
		int r = fd >= 0 ? attach_prog(input, try, prog, fd, capture, fault) : 0;
		if (r)
			return r;
		wanted += bpf_program__autoload(prog);
	}
	fault->prog = -1;
	if (!wanted && ecli_try_left_out(input))
		return ecli_err_set_fail(&fault->err, ECLI_FAIL_USAGE, -EINVAL, ECLI_TRY_NOTHING_LEFT);
	if (!try->links.count && !try->links.ran)
		return ecli_err_set_fail(&fault->err, ECLI_FAIL_KERNEL, -ENOENT,
					 "none of the tool's programs can be attached here");
	return 0;
}

/* Whoever wants to read a buffer opens it now, before anything is written into it. */
static int tell_maps(const struct ecli_load_opts *opts, const struct ecli_try *try, struct ecli_err *err)
{
	struct bpf_map *map;
	size_t i = 0;
	int r = 0;

	bpf_object__for_each_map(map, try->object) {
		struct ecli_load_map told = ecli_try_map(map, try->fds.maps[i++]);

		if (!r && opts->on_map && told.fd >= 0)
			r = opts->on_map(opts->ctx, &told, err);
	}
	return !r && opts->on_loaded ? opts->on_loaded(opts->ctx, err) : r;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

/* @why is set, and only then, when a loader program cannot do it. */
static int run(struct ecli_try_input *input, struct ecli_try *try, struct ecli_capture *capture, bool by_loader,
	       struct ecli_try_fault *fault, const char **why)
{
	const struct ecli_load_opts *opts = input->opts;

	int r = opts->on_map ? opts->on_map(opts->ctx, NULL, &fault->err) : 0;
	r = r ? r : ecli_try_open(input, try, by_loader, fault);
	if (r)
		return r;
	r = ecli_configure_globals(try->object, opts->globals, opts->n_globals, &fault->err);
	r = r ? r : ecli_configure_maps(try->object, input->package, opts, &fault->err);
	r = r ? r : ecli_prelude_assign(&try->prelude, try->object, opts->n_filters, &fault->err);
	r = r ? r
	      : ecli_filters_assign(&try->filters, try->object, opts, (uint32_t)try->prelude.count,
				    try->prelude.present, &fault->err);
	try->rings_call = !r && ecli_kernel_may_load() && ecli_filters_wake(try->object);
	/* The names were for ecli_try_open() only; their memory serves libbpf's copy of the kernel's types now. */
	ecli_kernel_done(&input->kernel);
	if (r)
		return r;
	r = by_loader ? load_by_loader(input->package, try, fault, why) : load_by_libbpf(input, try, capture, fault);
	if (r)
		return r;
	*why = NULL;
	r = ecli_prelude_loaded(&try->prelude, try->object, &try->fds, &fault->err);
	if (r)
		return r;
	if (input->notes)
		return ecli_check_targets(input, try, capture, fault);
	r = tell_maps(opts, try, &fault->err);
	return r ? r : attach_progs(input, try, capture, fault);
}

static int run_way(struct ecli_try_input *input, bool by_loader, struct ecli_try_fault *fault, const char **why,
		   struct ecli_try *ret_try)
{
	struct ecli_try try = { .prelude.fd = -1 };
	struct ecli_capture capture;

	*fault = (struct ecli_try_fault){ .prog = -1, .map = -1 };
	*why = NULL;
	ecli_capture_start(&capture);
	int r = run(input, &try, &capture, by_loader, fault, why);
	ecli_capture_stop();
	input->tries++;
	ecli_links_done(&input->held);
	ecli_links_done(&input->held);
	if (r)
		ecli_try_done(&try);
	else
		*ret_try = try;
	return r;
}

/* Targets of which libbpf has to know before it loads. It forgets the kernel's types, read for that, in an object that it does not
 * load, so this is asked before one is opened. */
static bool tells_libbpf(const struct ecli_try_input *input)
{
	for (size_t i = 0; i < input->package->n_progs; i++) {
		const struct ecli_package_prog *prog = &input->package->progs[i];
		const struct ecli_attach_kind *kind;
		const char *words;

		if (input->left_out[i] || !prog->attach || !ecli_package_extra(&prog->extras, "target"))
			continue;
		kind = ecli_attach_find(prog->attach, &words);
		if (kind && !ecli_attach_is_direct(kind, words, &prog->extras))
			return true;
	}
	return false;
}

static bool may_use_loader(const struct ecli_try_input *input, const char **why)
{
	*why = tells_libbpf(input)                         ? "a program is attached in a way that needs libbpf"
	       : input->opts->loader == ECLI_LOADER_LIBBPF ? "as was asked for"
	       : input->opts->btf_path                     ? "it alone can use the given type information of the kernel"
							   : NULL;
	return !*why && !input->notes;
}

/* The same failure with any other choice: it is not for guessing. */
static bool may_guess(const struct ecli_try_input *input, int code)
{
	return input->may_guess && code != -ENOMEM && !ecli_explain_is_files(code) &&
	       (code != -EPERM || ecli_kernel_may_load());
}

int ecli_try_run(struct ecli_try_input *input, struct ecli_try_fault *fault, struct ecli_try *ret_try)
{
	bool refused = false;
	const char *why;
	int r;

	if (may_use_loader(input, &why)) {
		r = run_way(input, true, fault, &why, ret_try);
		refused = fault->is_silent;
		fault->is_silent = refused && may_guess(input, r);
		if (!r)
			ecli_log(ECLI_LOG_INFO, "loaded by a loader program");
		if (!r || !why || fault->is_silent) {
			input->tries++;
			return r;
		}
		if (input->opts->loader == ECLI_LOADER_PROGRAM)
			return ecli_err_set(&fault->err, r, "no loader program can load this: %s", why);
	}

	const char *reason = why;
	r = run_way(input, false, fault, &why, ret_try);
	if (!r && reason)
		ecli_log(ECLI_LOG_INFO, "loaded by libbpf: %s%s", refused ? "a loader program ended with: " : "",
			 reason);
	input->tries++;
	return r;
}

void ecli_try_done(struct ecli_try *try)
{
	ecli_links_done(&try->links);
	ecli_fds_done(&try->fds);
	bpf_object__close(try->object);
	free(try->bytes);
	ecli_prelude_done(&try->prelude);
	ecli_filters_done(&try->filters);
	*try = (struct ecli_try){ .prelude.fd = -1 };
}
