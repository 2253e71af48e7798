/* SPDX-License-Identifier: MIT */
/*
 * A program costs something even when it only looks at a flag and returns: it is called. One that is needed for an option only
 * is therefore not even loaded without it. The value decides and not whether the option was written: `--no-x` leaves out what
 * `--x` brings in, and a default that is not zero counts.
 *
 * Variables are found in the object's own type information, by name, in the data sections.
 */
#include "load/when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "load/capture.h"
#include "load/configure.h"
#include "load/kernel.h"

static bool is_variable_set(void *ctx, const char *variable, bool *ret_is_set)
{
	uint32_t size = 0;
	const unsigned char *value = ecli_configure_variable(ctx, variable, &size);

	*ret_is_set = false;
	for (uint32_t i = 0; value && i < size; i++)
		*ret_is_set |= value[i] != 0;
	return value;
}

static int read_when(const struct ecli_package *package, struct bpf_object *object,
		     const struct ecli_package_prog *prog, struct ecli_err *err, char **ret_why)
{
	CLEANUP_FREE char *condition = ecli_package_extra_text(&prog->extras, "when"), *whose = NULL;
	bool is_wanted = false;

	if (!condition || asprintf(&whose, "program %s", prog->name) < 0)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_package_when(condition, is_variable_set, object, whose, err, &is_wanted);
	if (r || is_wanted)
		return r;
	bool is_not = *condition == '!' && !strchr(condition, ',');
	CLEANUP_BUF struct ecli_buf options = { 0 };
	ecli_package_when_options(package, condition, &options);
	int n = asprintf(ret_why, is_not ? "left out: %s is given" : "left out: it takes %s", ecli_buf_text(&options));
	return n < 0 ? ecli_err_set(err, -ENOMEM, "out of memory") : 0;
}

static int read_none(const struct ecli_package_prog *prog, struct ecli_err *err, char **ret_why)
{
	CLEANUP(ecli_package_targets_done) struct ecli_package_targets targets = { 0 };
	int r = ecli_package_targets_read(&prog->extras, prog->name, err, &targets);

	if (r || !targets.none)
		return r;
	*ret_why = strdup("left out: its target is none");
	return *ret_why ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}

/* The object as the person configured it: only read, never loaded. */
static int open_configured(const struct ecli_try_input *input, struct ecli_err *err, struct bpf_object **ret_object)
{
	const struct ecli_package *package = input->package;
	struct ecli_capture libbpf_says;
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "tool");

	ecli_capture_start(&libbpf_says);
	*ret_object = bpf_object__open_mem(package->object, package->object_size, &opts);
	int code = errno;
	ecli_capture_stop();
	if (!*ret_object)
		return ecli_err_set(err, -code, "the package's object cannot be used: %s",
				    ecli_kernel_errno_words(code));
	return ecli_configure_globals(*ret_object, input->opts->globals, input->opts->n_globals, err);
}

static void close_object(struct bpf_object **object)
{
	bpf_object__close(*object);
}

int ecli_when_read(struct ecli_try_input *input, struct ecli_err *err)
{
	CLEANUP(close_object) struct bpf_object *object = NULL;
	const struct ecli_package *package = input->package;
	int r = 0;

	input->left_out = calloc(package->n_progs + 1, sizeof(char *));
	if (!input->left_out)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < package->n_progs; i++) {
		const struct ecli_package_prog *prog = &package->progs[i];
		char **why = &input->left_out[i];

		r = read_none(prog, err, why);
		if (r || *why || !ecli_package_extra(&prog->extras, "when"))
			continue;
		r = object ? 0 : open_configured(input, err, &object);
		r = r ? r : read_when(package, object, prog, err, why);
	}
	for (size_t i = 0; !r && i < package->n_progs; i++)
		if (input->left_out[i])
			ecli_log(ECLI_LOG_INFO, "%s: %s", package->progs[i].name, input->left_out[i]);
	return r;
}

void ecli_when_done(struct ecli_try_input *input)
{
	for (size_t i = 0; input->left_out && i < input->package->n_progs; i++)
		free(input->left_out[i]);
	free(input->left_out);
}
