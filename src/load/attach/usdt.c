/* SPDX-License-Identifier: MIT */
/*
 * A probe is a note for each of its sites:
 *
 *     .note.stapsdt    "stapsdt", type 3: addresses of the site, .stapsdt.base, the semaphore; "provider\0name\0arguments\0"
 *     arguments        "-4@%edi 8@16(%rsp) 4@$7": size (negative: signed), where it is
 *
 * libbpf attaches all sites or none, and what it cannot read of an argument it reports as if there were no probe. So the notes are read here before: a
 * site with an argument that libbpf cannot read is named, and is left out where the probe has others (usdt_sites.c).
 *
 * Sources: the wiki of SystemTap, UserSpaceProbeImplementation; parse_usdt_arg() of libbpf 1.1.
 */
#include "load/attach/usdt.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "load/attach/usdt_sites.h"
#include "load/explain.h"

#define MAX_NOTES_BYTES (4u << 20)
#define NOTE_TYPE       3

/* ---- notes ----------------------------------------------------------------------------------------------------- */

/* The three texts of a note, each ended within it. */
static bool read_texts(const char *at, const char *end, struct ecli_usdt_site *site)
{
	const char **texts[] = { &site->provider, &site->name, &site->arguments };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *nul = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;

		if (!nul)
			return false;
		*texts[i] = at;
		at = nul + 1;
	}
	return true;
}

static uint64_t address_at(const unsigned char *bytes, bool is_64)
{
	uint64_t wide;
	uint32_t narrow;

	if (is_64)
		memcpy(&wide, bytes, sizeof(wide));
	else
		memcpy(&narrow, bytes, sizeof(narrow));
	return is_64 ? wide : narrow;
}

static int scan_notes(const struct ecli_executable *executable, const unsigned char *bytes, uint64_t size,
		      ecli_usdt_fn fn, void *ctx)
{
	const size_t addresses = 3 * (executable->is_64 ? 8 : 4);
	Elf64_Nhdr head; /* of one shape in both classes */
	int r = 0;

	for (uint64_t at = 0; !r && ecli_num_within(at, sizeof(head), size);) {
		memcpy(&head, bytes + at, sizeof(head));
		uint64_t name = at + sizeof(head), text = name + ((head.n_namesz + 3ull) & ~3ull);

		at = text + ((head.n_descsz + 3ull) & ~3ull);
		if (!ecli_num_within(text, head.n_descsz, size))
			break;
		if (head.n_type != NOTE_TYPE || head.n_namesz != sizeof("stapsdt") || head.n_descsz < addresses ||
		    memcmp(bytes + name, "stapsdt", sizeof("stapsdt")) != 0)
			continue;
		struct ecli_usdt_site site = {
			.address = address_at(bytes + text, executable->is_64),
			.base = address_at(bytes + text + addresses / 3, executable->is_64),
			.semaphore = address_at(bytes + text + addresses / 3 * 2, executable->is_64),
		};
		if (read_texts((const char *)bytes + text + addresses, (const char *)bytes + text + head.n_descsz,
			       &site))
			r = fn(ctx, &site);
	}
	return r;
}

int ecli_usdt_each(const struct ecli_executable *executable, ecli_usdt_fn fn, void *ctx)
{
	int r = 0;

	for (uint32_t i = 0; !r && i < executable->n_sections; i++) {
		CLEANUP_FREE unsigned char *bytes = NULL;

		if (executable->sections[i].type != SHT_NOTE)
			continue;
		r = ecli_executable_read(executable, &executable->sections[i], MAX_NOTES_BYTES, &bytes);
		r = r ? r : scan_notes(executable, bytes, executable->sections[i].size, fn, ctx);
	}
	return r;
}

/* ---- one probe ------------------------------------------------------------------------------------------------- */

/* Its sites, and the first of them that cannot be attached. */
struct look {
	const char *what; /* "PROVIDER:NAME" */
	size_t sites, faulty;
	struct ecli_usdt_fault fault;
};

bool ecli_usdt_is_meant(const struct ecli_usdt_site *site, const char *what)
{
	size_t len = strlen(site->provider);

	return !strncmp(what, site->provider, len) && what[len] == ':' && !strcmp(what + len + 1, site->name);
}

static int look_at(void *ctx, const struct ecli_usdt_site *site)
{
	struct look *look = ctx;
	struct ecli_usdt_fault fault;

	if (!ecli_usdt_is_meant(site, look->what))
		return 0;
	look->sites++;
	ecli_usdt_check_arguments(site->arguments, &fault);
	if (!ecli_usdt_is_faulty(&fault))
		return 0;
	if (!look->faulty++)
		look->fault = fault;
	return 0;
}

static int find_sites(const struct ecli_attach *job, const struct ecli_place *place, struct look *ret,
		      struct ecli_err *err)
{
	CLEANUP(ecli_executable_close) struct ecli_executable executable;

	*ret = (struct look){ .what = place->what };
	int r = ecli_executable_open(place->binary.fd, &executable);
	r = r ? r : ecli_executable_check(&executable);
	r = r ? r : ecli_usdt_each(&executable, look_at, ret);
	if (r)
		return ecli_place_unreadable(job, place, r, err);
	r = ecli_place_check_machine(job, place, &executable, err);
	if (r)
		return r;
	return ret->sites ? 0
			  : ecli_err_set(err, -ENOENT, "%.300s has no probe %.100s (program %s)", place->binary.path,
					 place->what, job->name);
}

static int cannot_read(const struct ecli_attach *job, const struct ecli_place *place,
		       const struct ecli_usdt_fault *fault, struct ecli_err *err)
{
	if (!fault->argument)
		return ecli_err_set(err, -ENOTSUP,
				    "program %s: probe %.100s of %.300s has %u arguments, and the last that can be "
				    "read is argument "
				    "%d, %s: probe the function that it is in",
				    job->name, place->what, place->binary.path, fault->count, ECLI_USDT_MAX_ARGUMENTS,
				    fault->text);
	return ecli_err_set(
		err, -ENOTSUP,
		"program %s: argument %u of probe %.100s of %.300s, %s, is of a form that cannot be read (registers, "
		"memory at one register and decimal constants can): probe the function that it is in",
		job->name, fault->argument, place->what, place->binary.path, fault->text);
}

int ecli_usdt_look(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err)
{
	struct look look;
	int r = find_sites(job, place, &look, err);

	return r || look.faulty < look.sites ? r : cannot_read(job, place, &look.fault, err);
}

/* libbpf maps the file: nobody may cut it meanwhile. */
int ecli_usdt_attach(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err)
{
	const char *colon = strchr(place->what, ':');
	CLEANUP_FREE char *provider = strndup(place->what, (size_t)(colon - place->what));
	struct look look;

	if (!provider)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = find_sites(job, place, &look, err);
	if (r)
		return r;
	if (look.faulty)
		ecli_log(ECLI_LOG_WARN,
			 "program %s: %zu of %zu sites of probe %s are left out: %s %u of one, %s, cannot be read",
			 job->name, look.faulty, look.sites, place->what,
			 look.fault.argument ? "argument" : "number of arguments",
			 look.fault.argument ? look.fault.argument : look.fault.count,
			 look.fault.argument ? look.fault.text : "which are too many");
	if (look.faulty)
		return ecli_usdt_attach_sites(job, place, err);
	r = ecli_binary_hold(&place->binary);
	if (r)
		return ecli_err_set(err, r, "program %s: cannot trace %.300s: somebody has it open for writing",
				    job->name, place->binary.path);
	struct bpf_link *link =
		bpf_program__attach_usdt(job->prog, place->pid, place->binary.kernel_path, provider, colon + 1, NULL);
	r = link ? ecli_links_add(job->links, link, job->name, err) : ecli_explain_attach(job, -errno, err);
	ecli_binary_let_go(&place->binary);
	return r;
}
