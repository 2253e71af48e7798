/* SPDX-License-Identifier: MIT */
/*
 * From what the kernel and libbpf answered to one sentence for a person: what could not be done, with which program or
 * map, and what to do. ECLI_FAIL_KERNEL when the kernel lacks something, ECLI_FAIL_ERROR when the tool, the package or
 * the rights are at fault.
 */
#ifndef ECLI_LOAD_EXPLAIN_H
#define ECLI_LOAD_EXPLAIN_H

#include <bpf/libbpf.h>

#include <ecli/package.h>

#include "load/attach/attach.h"
#include "load/capture.h"

/* Enough to tell whose fault a failed load was. */
struct ecli_explain_load {
	struct bpf_object *object;
	const struct ecli_capture *capture;
	const char *log;      /* the verifier's, "" when it said nothing */
	const char *btf_name; /* of the given type information, or NULL */
};

/* A load failed with @code. Returns the code; @ret_prog or @ret_map is set to what it was about (both NULL: to nothing
 * in particular), in memory of the object or the capture. */
int ecli_explain_load(const struct ecli_explain_load *what, int code, struct ecli_err *err, const char **ret_prog,
		      const char **ret_map);

/* A program that was loaded could not be attached. */
int ecli_explain_attach(const struct ecli_attach *job, int code, struct ecli_err *err);

/* The kernel's type information does not know what the program attaches to. */
int ecli_explain_missing(const struct ecli_attach_kind *kind, const char *target, const char *prog,
			 struct ecli_err *err);

/* A program of a kind that needs the kernel's type information, on a kernel without. */
int ecli_explain_no_btf(const char *prog, struct ecli_err *err);

/* -EPERM or -EACCES from the kernel: says which rights are missing, or that rights are not what is missing. */
int ecli_explain_refused(int code, struct ecli_err *err);

/* Whether it means that no more files may be open, of this process or of the machine; and the sentence, with the limit. */
bool ecli_explain_is_files(int code);
int ecli_explain_files(int code, struct ecli_err *err);
/* Something that must be known of the machine cannot be found out: "how many CPUs it can have". */
int ecli_explain_machine(const char *what, int code, struct ecli_err *err);

/* Whether an error would be the same with every other choice of programs. */
bool ecli_explain_is_final(const struct ecli_err *err);

/* Replaces control characters, which a hostile package can have put into a name or a source line. Newlines stay. */
void ecli_explain_clean(char *text);

#endif
