/* SPDX-License-Identifier: MIT */
/*
 * A check is a run without its end:
 *
 *     settle ── a program fails ── noted, left out ──┐
 *        ^───────────────────────────────────────────┘
 *        └─ all that is left loads ─> what the kernel says of each ─> once more with statistics ─> closed
 *
 * The statistics cost a second load, but so the first one is exactly what a run does: with a log level of its own the
 * verifier would write, and libbpf would not ask again for the full log of a rejection.
 */
#include "load/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "load/explain.h"
#include "load/settle.h"

#define STATS_LEVEL 4    /* BPF_LOG_STATS of include/linux/bpf_verifier.h, since 5.2 */
#define STATS_BYTES 4096 /* a handful of lines */

/* ---- during the tries ------------------------------------------------------------------------------------------ */

void ecli_check_note(struct ecli_try_input *input, const struct ecli_try_fault *fault)
{
	struct ecli_check_notes *notes = input->notes;

	if (fault->prog < 0 || notes->failed[fault->prog] || notes->logs)
		return;
	struct ecli_check_prog *prog = &notes->check->progs[fault->prog];

	notes->failed[fault->prog] = true;
	prog->state = fault->err.fail == ECLI_FAIL_KERNEL ? ECLI_CHECK_MISSING : ECLI_CHECK_REJECTED;
	prog->why = strdup(fault->err.text);
}

bool ecli_check_go_on(struct ecli_try_input *input, const struct ecli_try_fault *fault)
{
	struct ecli_check_notes *notes = input->notes;

	if (fault->prog < 0 || ecli_explain_is_final(&fault->err) || input->dropped[fault->prog])
		return false;
	if (!notes->first.code)
		notes->first = fault->err;
	/* A fault of the tool weighs more than one of the kernel: another kernel would not help. */
	else if (notes->first.fail == ECLI_FAIL_KERNEL && fault->err.fail != ECLI_FAIL_KERNEL)
		notes->first = fault->err;
	input->dropped[fault->prog] = true;
	return true;
}

void ecli_check_want_stats(struct ecli_try_input *input, struct bpf_program *prog, ssize_t index)
{
	if (!input->notes->logs || index < 0)
		return;
	bpf_program__set_log_buf(prog, input->notes->logs + (size_t)index * STATS_BYTES, STATS_BYTES);
	bpf_program__set_log_level(prog, STATS_LEVEL);
}

/* ---- after them ------------------------------------------------------------------------------------------------ */

static void read_info(struct ecli_check_prog *ret, int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	ret->instructions = info.xlated_prog_len / 8;
	ret->jited_bytes = info.jited_prog_len;
	ret->verified = info.verified_insns;
}

/* The number that follows @words in a log; @ret stays when there is none. */
static void read_number(const char *log, const char *words, uint32_t *ret)
{
	const char *at = strstr(log, words);

	if (at)
		*ret = (uint32_t)strtoul(at + strlen(words), NULL, 10);
}

/* Everything that is loaded works. */
static void collect(const struct ecli_try_input *input, const struct ecli_try *try)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, try->object) {
		ssize_t index = ecli_try_find_prog(input->package, bpf_program__name(prog));

		if (index < 0 || !bpf_program__autoload(prog))
			continue;
		input->notes->check->progs[index].state = ECLI_CHECK_OK;
		read_info(&input->notes->check->progs[index], bpf_program__fd(prog));
	}
}

/* Loads what works once more and lets the verifier say what it took. A failure only means no numbers. */
static void collect_stats(struct ecli_try_input *input)
{
	struct ecli_check *check = input->notes->check;
	struct ecli_try_fault fault;
	struct ecli_try try;

	input->notes->logs = calloc(check->n_progs + 1, STATS_BYTES);
	if (!input->notes->logs || ecli_try_run(input, &fault, &try))
		return;
	ecli_try_done(&try);
	for (size_t i = 0; i < check->n_progs; i++) {
		char *log = input->notes->logs + i * STATS_BYTES;

		log[STATS_BYTES - 1] = '\0';
		read_number(log, "verification time ", &check->progs[i].verify_time_us);
		read_number(log, "processed ", &check->progs[i].verified);
		read_number(log, "total_states ", &check->progs[i].states);
	}
}

static int new_check(const struct ecli_package *package, struct ecli_err *err, struct ecli_check **ret_check)
{
	struct ecli_check *check = calloc(1, sizeof(*check));

	if (check)
		check->progs = calloc(package->n_progs + 1, sizeof(*check->progs));
	if (!check || !check->progs) {
		ecli_check_free(check);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	check->n_progs = package->n_progs;
	for (size_t i = 0; i < check->n_progs; i++)
		check->progs[i] = (struct ecli_check_prog){
			.name = package->progs[i].name ? package->progs[i].name : "",
			.section = package->progs[i].attach ? package->progs[i].attach : "",
			.state = ECLI_CHECK_UNUSED,
			.is_optional = ecli_package_extra_true(&package->progs[i].extras, "optional"),
		};
	*ret_check = check;
	return 0;
}

/* SEC("?...") without a tag is nobody's alternative: it takes somebody who asks for it. */
static void note_unasked(const struct ecli_try_input *input)
{
	struct ecli_check *check = input->notes->check;

	for (size_t i = 0; i < check->n_progs; i++)
		if (check->progs[i].state == ECLI_CHECK_UNUSED && !check->progs[i].why && !input->choices.prog_tags[i])
			check->progs[i].why = strdup("left out: it takes --attach");
}

static bool any_works(const struct ecli_check *check)
{
	for (size_t i = 0; i < check->n_progs; i++)
		if (check->progs[i].state == ECLI_CHECK_OK)
			return true;
	return false;
}

/* Everything but memory: the answer, good or bad, is in the check. */
static void answer(struct ecli_try_input *input)
{
	struct ecli_check_notes *notes = input->notes;
	struct ecli_check *check = notes->check;
	struct ecli_try try;

	if (ecli_settle(input, &check->verdict, &try)) {
		if (notes->first.code)
			check->verdict = notes->first;
		return;
	}
	collect(input, &try);
	note_unasked(input);
	ecli_try_done(&try);
	if (any_works(check))
		collect_stats(input);
	if (notes->first.code)
		check->verdict = notes->first;
	else if (!any_works(check) && ecli_try_left_out(input))
		ecli_err_set_fail(&check->verdict, ECLI_FAIL_USAGE, -EINVAL, ECLI_TRY_NOTHING_LEFT);
	else if (!any_works(check))
		ecli_err_set_fail(&check->verdict, ECLI_FAIL_KERNEL, -ENOENT,
				  "none of the tool's programs can be attached here");
}

DEFINE_CLEANUP(check, struct ecli_check *, ecli_check_free)

int ecli_load_check(const struct ecli_package *package, const struct ecli_load_opts *opts, struct ecli_err *err,
		    struct ecli_check **ret_check)
{
	CLEANUP(cleanup_check) struct ecli_check *check = NULL;
	CLEANUP(ecli_settle_done) struct ecli_try_input input = ECLI_TRY_INPUT_EMPTY;
	struct ecli_check_notes notes = { 0 };

	if (!package->object || !package->object_size)
		return ecli_err_set(err, -EINVAL, "the package contains no object");
	int r = ecli_settle_init(&input, package, opts, err);
	r = r ? r : new_check(package, err, &check);
	if (r)
		return r;
	for (size_t i = 0; i < package->n_progs; i++)
		check->progs[i].why = input.left_out[i] ? strdup(input.left_out[i]) : NULL;
	notes.check = check;
	notes.failed = calloc(package->n_progs + 1, sizeof(bool));
	if (!notes.failed)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	input.notes = &notes;
	answer(&input);
	free(notes.failed);
	free(notes.logs);
	*ret_check = TAKE_PTR(check);
	return 0;
}

void ecli_check_free(struct ecli_check *check)
{
	if (!check)
		return;
	for (size_t i = 0; check->progs && i < check->n_progs; i++)
		free(check->progs[i].why);
	free(check->progs);
	free(check);
}
