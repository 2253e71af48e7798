/* SPDX-License-Identifier: MIT */
/*
 * The public face of loading, and the loop over tries:
 *
 *     try ── works ──────────────────────────────────────────> done
 *      ^ └─ fails in an optional program ── drop it ─┐
 *      │  └ fails in a choice that has a next ── take the next ─┤
 *      └──────────────────────────────────────────────┘        └─ else: the sentence
 *
 * Every failed try moves one thing on for good, so the loop ends. Each step is one ECLI_LOG_INFO line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/foreign.h"
#include "load/capture.h"
#include "load/check.h"
#include "load/explain.h"
#include "load/missed.h"
#include "load/settle.h"
#include "load/when.h"
#include "package/machine.h"
#include "types/machine.h"

/* The most that kernels before 5.10 take for a log. Only pages that the verifier writes to become memory. */
#define LOG_BYTES     (16u * 1024 * 1024 - 1)
#define MAX_BTF_BYTES (1u << 30) /* of a pipe; a kernel with debug information is that large */

struct ecli_load {
	struct ecli_try try;
	struct ecli_load_map *maps;
	size_t n_maps;
};

/* ---- choosing -------------------------------------------------------------------------------------------------- */

static int first_line(const char *text)
{
	return (int)strcspn(text, "\n");
}

static void add_why(const struct ecli_choice *choice, bool is_of_kernel, struct ecli_buf *text)
{
	if (choice->why && (choice->fail == ECLI_FAIL_KERNEL) == is_of_kernel)
		ecli_buf_add_format(text, "\n%s: %s", choice->name, choice->why);
}

/*
 * What all choices of the group failed at. Those that fail for want of a right, a mount or a better tool work on this very kernel: they stand first, and the
 * kernel is not what is at fault.
 */
static void explain_group(struct ecli_choice_group *group, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	enum ecli_fail fail = ECLI_FAIL_KERNEL;

	group->items[group->current].why = strdup(err->text);
	group->items[group->current].fail = err->fail;
	ecli_buf_add_format(&text, "none of the alternatives%s%s works here", *group->name ? " for " : "", group->name);
	for (size_t i = 0; i <= group->current; i++) {
		if (group->items[i].fail != ECLI_FAIL_KERNEL)
			fail = ECLI_FAIL_ERROR;
		add_why(&group->items[i], false, &text);
	}
	for (size_t i = 0; i <= group->current; i++)
		add_why(&group->items[i], true, &text);
	ecli_err_set_fail(err, fail, err->code, "%s", ecli_buf_text(&text));
}

/* After a failed try: whether another one makes sense. The error is made final when not. */
static bool step_aside(struct ecli_try_input *input, struct ecli_try_fault *fault)
{
	const struct ecli_package *package = input->package;
	const char *tags = fault->prog >= 0  ? input->choices.prog_tags[fault->prog]
			   : fault->map >= 0 ? input->choices.map_tags[fault->map]
					     : NULL;

	if (ecli_explain_is_final(&fault->err))
		return false;
	if (fault->prog >= 0 && ecli_package_extra_true(&package->progs[fault->prog].extras, "optional")) {
		input->dropped[fault->prog] = true;
		ecli_log(ECLI_LOG_INFO, "%s: %.*s; going on without it", package->progs[fault->prog].name,
			 first_line(fault->err.text), fault->err.text);
		return true;
	}

	struct ecli_choice_group *group = ecli_choices_group_of(&input->choices, tags);
	if (!group)
		return false;
	if (!ecli_choice_group_has_next(group)) {
		if (group->count > 1)
			explain_group(group, &fault->err);
		return false;
	}
	struct ecli_choice *choice = &group->items[group->current++];
	choice->why = strndup(fault->err.text, (size_t)first_line(fault->err.text));
	choice->fail = fault->err.fail;
	ecli_log(ECLI_LOG_INFO, "%s: %.*s; trying %s", choice->name, first_line(fault->err.text), fault->err.text,
		 group->items[group->current].name);
	return true;
}

/* A verifier that does not want to look at a record's bytes there: whoever reads the records asks the same of them. */
static bool give_up_filters(struct ecli_try_input *input, struct ecli_try_fault *fault)
{
	if (!input->own_opts.n_filters || fault->prog < 0 || fault->err.fail == ECLI_FAIL_KERNEL || !*input->log)
		return false;
	ecli_log(ECLI_LOG_INFO, "%s: rejected with --where and --sample in it; trying without",
		 input->package->progs[fault->prog].name);
	input->own_opts.n_filters = 0;
	return true;
}

/*
 * A loader program that fails does not say where. When there is only one way on, the next choice of one group, the words
 * are not needed to find it: if that works, what failed was in the choice before, as everything else is the same. Not
 * when someone listens to the words.
 */
static struct ecli_choice_group *only_way_on(struct ecli_try_input *input)
{
	const struct ecli_package *package = input->package;

	/* What --where asks may be what the verifier does not like: that is no reason for another choice. */
	if (input->own_opts.n_filters || input->notes ||
	    (ecli_log_wants(ECLI_LOG_INFO) && input->opts->loader != ECLI_LOADER_PROGRAM))
		return NULL;
	for (size_t i = 0; i < package->n_progs; i++)
		if (!input->dropped[i] && ecli_choices_takes(&input->choices, input->choices.prog_tags[i]) &&
		    ecli_package_extra_true(&package->progs[i].extras, "optional"))
			return NULL;
	return ecli_choices_sole_next(&input->choices);
}

static int run_tries(struct ecli_try_input *input, struct ecli_err *err, struct ecli_try *ret_try, bool *ret_guessed)
{
	struct ecli_try_fault fault;
	bool again;
	int r;

	*ret_guessed = false;
	do {
		struct ecli_choice_group *guess = only_way_on(input);

		input->may_guess = guess;
		r = ecli_try_run(input, &fault, ret_try);
		if (r && fault.is_silent) {
			guess->current++;
			*ret_guessed = again = true;
			continue;
		}
		ecli_explain_clean(fault.err.text);
		if (r && input->notes)
			ecli_check_note(input, &fault);
		again = r && (give_up_filters(input, &fault) || step_aside(input, &fault) ||
			      (input->notes && ecli_check_go_on(input, &fault)));
	} while (again);
	if (r)
		*err = fault.err;
	return r;
}

int ecli_settle(struct ecli_try_input *input, struct ecli_err *err, struct ecli_try *ret_try)
{
	struct ecli_err ignored;
	bool guessed;

	int r = run_tries(input, err ? err : &ignored, ret_try, &guessed);
	if (r && guessed) {
		/* Nothing works: once more in the way that knows why. */
		ecli_choices_rewind(&input->choices);
		memset(input->dropped, 0, input->package->n_progs * sizeof(bool));
		input->own_opts.loader = ECLI_LOADER_LIBBPF;
		input->tries = 0;
		r = run_tries(input, err ? err : &ignored, ret_try, &guessed);
	}
	for (size_t i = 0; !r && i < input->choices.count; i++) {
		const struct ecli_choice_group *group = &input->choices.groups[i];

		ecli_log(ECLI_LOG_INFO, "%s%s%s: taken", group->name, *group->name ? "/" : "",
			 group->items[group->current].name);
	}
	return r;
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

void ecli_settle_done(struct ecli_try_input *input)
{
	ecli_choices_done(&input->choices);
	ecli_kernel_done(&input->kernel);
	ecli_when_done(input);
	free(input->dropped);
	if (input->log)
		munmap(input->log, input->log_bytes);
	if (input->btf_fd >= 0)
		close(input->btf_fd);
}

/* A file that a person gave: types of another architecture have other offsets, and relocating by them would read anything. @path is for sentences. */
static int check_given_btf(const char *path, const char *file, struct ecli_err *err)
{
	struct ecli_capture capture; /* what libbpf says of the file is said below */
	struct ecli_machine here;

	ecli_capture_start(&capture);
	struct btf *btf = btf__parse(file, NULL);
	int code = btf ? 0 : -errno;
	ecli_capture_stop();
	const char *machine = btf ? ecli_types_machine(btf) : NULL;
	bool is_other_order = btf && btf__endianness(btf) != BTF_LITTLE_ENDIAN;

	btf__free(btf);
	ecli_machine_read(&here);
	if (code)
		return ecli_err_set(err, -EINVAL, "%s does not hold type information (BTF) of a kernel (--btf)", path);
	if (is_other_order)
		return ecli_err_set(err, -EINVAL, "%s is BTF of the other byte order than this machine's (--btf)",
				    path);
	if (machine && strcmp(machine, here.arch) != 0)
		return ecli_err_set(err, -EINVAL, "%s is BTF of an %s kernel, and this machine is %s (--btf)", path,
				    machine, here.arch);
	return 0;
}

static int make_btf_file(struct ecli_try_input *input, const struct ecli_buf *btf, struct ecli_err *err)
{
	input->btf_fd = memfd_create("kernel.btf", MFD_CLOEXEC);
	int r = input->btf_fd < 0 ? -errno : ecli_file_write_all(input->btf_fd, btf->data, btf->len);
	return r ? ecli_err_set(err, r, "cannot hand the kernel's type information on: %s", strerror(-r)) : 0;
}

static void use_btf_file(struct ecli_try_input *input, const char *name)
{
	input->btf_name = name;
	ecli_foreign_path(input->btf_fd, input->btf_path);
	input->own_opts.btf_path = input->btf_path;
}

/* The person's file is opened once, however often libbpf reads it; what can only be read once, as a pipe, is kept. */
static int use_given_btf(struct ecli_try_input *input, const char *path, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf btf = { 0 };
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	int r = 0;

	if (fd < 0 || fstat(fd, &st))
		return ecli_err_set(err, -errno, "cannot read %s (--btf): %s", path, strerror(errno));
	if (S_ISREG(st.st_mode)) {
		input->btf_fd = TAKE_FD(fd);
	} else {
		r = ecli_file_read_fd(fd, path, MAX_BTF_BYTES, &btf, err);
		r = r ? ecli_err_wrap(err, r, "--btf") : make_btf_file(input, &btf, err);
	}
	if (r)
		return r;
	use_btf_file(input, path);
	return check_given_btf(path, input->btf_path, err);
}

/* libbpf takes the kernel's type information from a file: what a package brought becomes one without a name. */
static int use_btf(struct ecli_try_input *input, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf btf = { 0 };
	CLEANUP_FREE char *name = NULL;
	struct ecli_err why = { 0 };

	if (input->own_opts.btf_path)
		return use_given_btf(input, input->own_opts.btf_path, err);
	if (ecli_kernel_has_btf()) {
		if (input->package->kernel_btf || ecli_package_extra(&input->package->extras, "btf_archive"))
			ecli_log(ECLI_LOG_INFO, "type information in the package: not needed, this kernel has type "
						"information of its own");
		return 0;
	}
	int r = ecli_package_btf_find(input->package, &why, &btf, &name);
	if (r == -ENOENT) {
		/* Not every package needs them; one that does is told by libbpf. */
		ecli_log(ECLI_LOG_INFO, "%s", why.text);
		return 0;
	}
	if (r) {
		if (err)
			*err = why;
		return r;
	}
	r = make_btf_file(input, &btf, err);
	if (r)
		return r;
	use_btf_file(input, "what the package brought");
	ecli_log(ECLI_LOG_INFO, "%s: taken as this kernel's type information", name);
	return 0;
}

/* A tool that reads registers was compiled for one architecture's; the kernel's lack is named, because another machine can run it. */
static int check_arch(const struct ecli_package *package, struct ecli_err *err)
{
	CLEANUP_FREE char *arch = ecli_package_extra_text(&package->extras, "target_arch");
	struct ecli_machine machine;

	ecli_machine_read(&machine);
	if (!arch || !*machine.arch || !strcmp(arch, machine.arch))
		return 0;
	return ecli_err_set_fail(
		err, ECLI_FAIL_KERNEL, -ENOEXEC,
		"the package reads the registers of %.32s, and this machine is %s: compile it with ecc --target "
		"%s",
		arch, machine.arch, machine.arch);
}

int ecli_settle_init(struct ecli_try_input *input, const struct ecli_package *package,
		     const struct ecli_load_opts *opts, struct ecli_err *err)
{
	if (opts)
		input->own_opts = *opts;
	input->package = package;
	input->opts = &input->own_opts;

	void *log = mmap(NULL, LOG_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (log != MAP_FAILED) {
		input->log = log;
		input->log_bytes = LOG_BYTES;
	}
	input->dropped = calloc(input->package->n_progs + 1, sizeof(bool));
	if (!input->log || !input->dropped)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_load_need_files(package, err);
	r = r ? r : check_arch(package, err);
	r = r ? r : use_btf(input, err);
	r = r ? r : ecli_when_read(input, err);
	r = r ? r : ecli_choices_build(&input->choices, input->package, err);
	return r ? r : ecli_choices_pair(&input->choices, package, input->left_out, err);
}

static int list_maps(struct ecli_load *load, struct ecli_err *err)
{
	struct bpf_map *map;
	size_t i = 0;

	load->maps = calloc(load->try.fds.n_maps + 1, sizeof(*load->maps));
	if (!load->maps)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	bpf_object__for_each_map(map, load->try.object) {
		int fd = load->try.fds.maps[i++];

		if (fd >= 0)
			load->maps[load->n_maps++] = ecli_try_map(map, fd);
	}
	return 0;
}

DEFINE_CLEANUP(load, struct ecli_load *, ecli_load_close)

int ecli_load_open(const struct ecli_package *package, const struct ecli_load_opts *opts, struct ecli_err *err,
		   struct ecli_load **ret_load)
{
	CLEANUP(ecli_settle_done) struct ecli_try_input input = ECLI_TRY_INPUT_EMPTY;
	CLEANUP(cleanup_load) struct ecli_load *load = calloc(1, sizeof(*load));

	if (!load)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	load->try.prelude.fd = -1;
	if (!package->object || !package->object_size)
		return ecli_err_set(err, -EINVAL, "the package contains no object");

	int r = ecli_settle_init(&input, package, opts, err);
	r = r ? r : ecli_settle(&input, err, &load->try);
	r = r ? r : list_maps(load, err);
	if (!r)
		*ret_load = TAKE_PTR(load);
	return r;
}

/* ---- using ----------------------------------------------------------------------------------------------------- */

void ecli_load_detach(struct ecli_load *load)
{
	ecli_links_done(&load->try.links);
}

void ecli_load_release(struct ecli_load *load)
{
	if (load)
		ecli_links_release(&load->try.links);
}

void ecli_load_close(struct ecli_load *load)
{
	if (!load)
		return;
	ecli_try_done(&load->try);
	free(load->maps);
	free(load);
}

size_t ecli_load_map_count(const struct ecli_load *load)
{
	return load->n_maps;
}

void ecli_load_map(const struct ecli_load *load, size_t index, struct ecli_load_map *ret_map)
{
	*ret_map = load->maps[index];
}

size_t ecli_load_iter_count(const struct ecli_load *load)
{
	size_t count = 0;

	for (size_t i = 0; i < load->try.links.count; i++)
		count += load->try.links.items[i].is_iter;
	return count;
}

void ecli_load_iter(const struct ecli_load *load, size_t index, const char **ret_program, int *ret_link_fd)
{
	for (size_t i = 0; i < load->try.links.count; i++) {
		const struct ecli_link *link = &load->try.links.items[i];

		if (!link->is_iter || index--)
			continue;
		*ret_program = link->prog;
		*ret_link_fd = link->fd;
		return;
	}
}

bool ecli_load_is_finished(const struct ecli_load *load)
{
	return !load->try.links.count && load->try.links.ran;
}

uint32_t ecli_load_filter_sites(const struct ecli_load *load, size_t index, bool *ret_is_sampled)
{
	const struct ecli_filters *filters = &load->try.filters;
	bool is_known = index < filters->count;

	*ret_is_sampled = is_known && filters->sampled[index];
	return is_known ? filters->sites[index] : 0;
}

bool ecli_load_rings_call(const struct ecli_load *load)
{
	return load->try.rings_call;
}

int ecli_load_lost(const struct ecli_load *load, size_t index, struct ecli_load_lost *ret_lost)
{
	return ecli_prelude_read(&load->try.prelude, index, ret_lost);
}

bool ecli_load_has_samplers(const struct ecli_load *load)
{
	return load->try.links.samplers;
}

int ecli_load_follow_cpus(struct ecli_load *load, const uint32_t *cpus, uint32_t n_cpus, struct ecli_err *err)
{
	return ecli_samplers_follow(&load->try.links, cpus, n_cpus, err);
}

int ecli_load_missed(const struct ecli_load *load, size_t index, struct ecli_load_missed *ret_missed)
{
	struct bpf_program *prog;
	size_t at = 0;

	bpf_object__for_each_program(prog, load->try.object) {
		struct ecli_load_missed missed = { .program = bpf_program__name(prog) };

		if (at++ != index)
			continue;
		missed.by_recursion = ecli_missed_by_recursion(load->try.fds.progs[index]);
		for (size_t i = 0; i < load->try.links.count; i++) {
			const struct ecli_link *link = &load->try.links.items[i];

			if (!strcmp(link->prog, missed.program))
				missed.by_probe +=
					ecli_missed_by_probe(link->link ? bpf_link__fd(link->link) : link->fd);
		}
		*ret_missed = missed;
		return 0;
	}
	return -ENOENT;
}
