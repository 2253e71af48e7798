/* SPDX-License-Identifier: MIT */
/*
 * One small file for each way of attaching, and the table that says which ELF section is attached in which way. A new
 * kind is a new row in attach.c and, when libbpf does not do it by itself, a new file.
 */
#ifndef ECLI_LOAD_ATTACH_H
#define ECLI_LOAD_ATTACH_H

#include <bpf/libbpf.h>

#include <ecli/package.h>

#include "load/capture.h"

/* What the text after the section's first '/' names. */
enum ecli_target {
	ECLI_TARGET_NONE, /* nothing: SEC("perf_event") */
	ECLI_TARGET_FUNCTION,
	ECLI_TARGET_TRACEPOINT,      /* category/name */
	ECLI_TARGET_TRACEPOINT_NAME, /* the name alone */
	ECLI_TARGET_LSM,
	ECLI_TARGET_ITER,
	ECLI_TARGET_KPROBE,
	ECLI_TARGET_SYSCALL,
	ECLI_TARGET_UPROBE, /* file:function */
	ECLI_TARGET_USDT,   /* file:provider:name */
};

/* Links made so far; they are destroyed in the order in which they were made. */
struct ecli_hook; /* a tc filter: tc.c */
struct ecli_link {
	struct bpf_link *link;
	const char *prog; /* borrowed from the object */
	bool is_iter;
	int fd;                 /* without a bpf_link: the descriptor of a link, or -1 */
	struct ecli_hook *hook; /* without a link: a filter */
};
struct ecli_links {
	struct ecli_link *items;
	size_t count;
};

struct ecli_attach_kind;

/* One program to attach. */
struct ecli_attach {
	const struct ecli_attach_kind *kind;
	struct bpf_program *prog;                 /* for its name and kind: it may not be libbpf that loaded it */
	int fd;                                   /* of the program in the kernel */
	const char *target;                       /* text after the section's '/', "" without */
	const struct ecli_package_extras *extras; /* of the package's program; may be NULL */
	const struct ecli_capture *capture;       /* what libbpf says meanwhile */
	struct ecli_links *links;
};

struct ecli_attach_kind {
	const char *prefix; /* of the section, before '/' */
	const char *noun;   /* "fentry": for sentences */
	enum ecli_target target;
	const char
		*btf_prefix; /* stands before the target in the kernel's type information; NULL: not attached by type */
	const char *tracefs_sans; /* tracefs is needed unless this file exists; "": always needed; NULL: never */
	int (*attach)(const struct ecli_attach *job, struct ecli_err *err);
	enum bpf_prog_type prog_type; /* for sections whose type this libbpf may not know; 0: it does */
};

/* The kind of a section and what it names; NULL when this version cannot attach it. */
const struct ecli_attach_kind *ecli_attach_find(const char *section, const char **ret_target);

/* Attaches by the job's kind. Links are in job->links also after a failure; the caller destroys them. */
int ecli_attach_run(const struct ecli_attach *job, struct ecli_err *err);

/* Whether programs of the kind are attached with their descriptor alone, whoever loaded them; of others libbpf has to be
 * the one who did. */
bool ecli_attach_is_direct(const struct ecli_attach_kind *kind);
/* A link in @ret_fd; -ENOSYS: not a kind that direct.c does, else what the kernel answered. */
int ecli_attach_direct(const struct ecli_attach *job, int *ret_fd);
/* Puts a program on an opened perf event and lets it run. A descriptor that keeps both, or -errno; @event_fd may be closed after. */
int ecli_attach_event(int prog_fd, int event_fd);

/* The ways. */
int ecli_attach_auto(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_iter(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_perf_event(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_tc(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_xdp(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_socket_filter(const struct ecli_attach *job, struct ecli_err *err);

/* Fails with a sentence when there is no interface of that index. */
int ecli_attach_no_interface(const struct ecli_attach *job, uint32_t ifindex, struct ecli_err *err);

/* Takes over @link; on failure it is destroyed. */
int ecli_links_add(struct ecli_links *links, struct bpf_link *link, const char *prog, struct ecli_err *err);
/* The same for the descriptor of a link, and for a filter. */
int ecli_links_add_fd(struct ecli_links *links, int fd, const char *prog, struct ecli_err *err);
int ecli_links_add_iter(struct ecli_links *links, int fd, const char *prog, struct ecli_err *err);
int ecli_links_add_hook(struct ecli_links *links, struct ecli_hook *hook, const char *prog, struct ecli_err *err);
/* Takes the filter off. */
void ecli_hook_free(struct ecli_hook *hook);
/* Destroys the links from @count on. */
void ecli_links_cut(struct ecli_links *links, size_t count);
void ecli_links_done(struct ecli_links *links);

#endif
