/* SPDX-License-Identifier: MIT */
/*
 * One small file for each way of attaching, and the table (kinds.c) that says which ELF section is attached in which way. A
 * new kind is a new row there and, when libbpf does not do it by itself, a new file.
 *
 *     section, tags, --attach ─ target.c ─> targets ─ attach.c ─> one call of the kind's function for each ─> links
 *
 * A kind's function needs the program's descriptor and its target, not libbpf's object of the program; only auto.c and
 * probe.c, where libbpf does the work, want that too.
 */
#ifndef ECLI_LOAD_ATTACH_H
#define ECLI_LOAD_ATTACH_H

#include <bpf/libbpf.h>

#include <ecli/package.h>

#include "load/capture.h"

/* What a target of a program names. The first group stands in the section after its first '/', too. */
enum ecli_target {
	ECLI_TARGET_NONE, /* nothing */
	ECLI_TARGET_FUNCTION,
	ECLI_TARGET_TRACEPOINT,      /* category/name */
	ECLI_TARGET_TRACEPOINT_NAME, /* the name alone */
	ECLI_TARGET_LSM,
	ECLI_TARGET_ITER,
	ECLI_TARGET_KPROBE,
	ECLI_TARGET_SYSCALL,
	ECLI_TARGET_UPROBE, /* file:function */
	ECLI_TARGET_USDT,   /* file:provider:name */
	/* These stand in a tag or on the command line only. */
	ECLI_TARGET_EVENT,     /* perf_event: name[,freq=N|,period=N] */
	ECLI_TARGET_INTERFACE, /* name[:ingress|:egress], for XDP name[:mode] */
	ECLI_TARGET_CGROUP,    /* folder */
	ECLI_TARGET_NETNS,     /* file of a network namespace */
	ECLI_TARGET_MAP,       /* map of sockets */
	ECLI_TARGET_NETFILTER, /* family:hook[,priority=N] */
	ECLI_TARGET_BPF,       /* program:function */
	ECLI_TARGETS
};

/* Links made so far; they are destroyed in the order in which they were made. */
struct ecli_hook; /* what goes without a link: hook.c */
struct ecli_link {
	struct bpf_link *link;
	const char *prog; /* borrowed from the object */
	bool is_iter, is_table;
	int fd;                 /* without a bpf_link: the descriptor of a link, or -1 */
	struct ecli_hook *hook; /* without a link */
	struct ecli_link_map {
		int fd, prog_fd, attach_type; /* borrowed */
	} map;                                /* without a link: a program of a map of sockets; fd -1: none */
};
struct ecli_sampler; /* what runs on each CPU by itself: perf_event.c */
struct ecli_links {
	struct ecli_link *items;
	size_t count;
	struct ecli_sampler *samplers;
	size_t ran; /* programs that were run once and are attached to nothing */
};

struct ecli_attach_kind;
struct ecli_load_opts;

/* One program to attach. */
struct ecli_attach {
	const struct ecli_attach_kind *kind;
	const char *name, *section; /* of the program; borrowed from the object */
	int fd;                     /* of the program */
	int attach_type;            /* the one it was loaded with */
	struct bpf_program *prog;   /* for the kinds that libbpf attaches: it may not be libbpf that loaded it */
	struct bpf_object *object;  /* its maps are found here */
	const char *target;         /* what to attach to; "" when neither section, tag nor person says it */
	const char *words;          /* text after the section's '/', "" without: "egress" of "tc/egress" */
	const struct ecli_package_extras *extras; /* of the package's program; may be NULL */
	const struct ecli_capture *capture;       /* what libbpf says meanwhile */
	struct ecli_links *links;
	bool no_links; /* in the way of kernels that have no links */
	const struct ecli_load_opts
		*opts; /* whom to tell of what outlives the process, and to ask whether it is to end */
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
	int attach_type;              /* the expected one, with prog_type; of <linux/bpf.h> or newer */
};

/* The kind of a section and what it names; NULL when this version cannot attach it. */
const struct ecli_attach_kind *ecli_attach_find(const char *section, const char **ret_target);

/* What is said to the kernel when a program is loaded: its type, and of some kinds where it will be attached. Also refuses a
 * program that has no target, or more than its kind can have. @extras may be NULL. @no_links: it will be attached in the way of kernels that have no
 * links. @held gets descriptors that are needed until the program is loaded. */
int ecli_attach_prepare(struct bpf_program *prog, const struct ecli_package_extras *extras, bool no_links,
			struct ecli_links *held, struct ecli_err *err);

/* Calls @fn for each target that the job's extras or its section say, with job->target filled in; once with "" when there is none. Stops at
 * the first failure. */
typedef int (*ecli_attach_fn)(const struct ecli_attach *job, void *ctx, struct ecli_err *err);
int ecli_attach_each(struct ecli_attach *job, ecli_attach_fn fn, void *ctx, struct ecli_err *err);

/* Attaches by the job's kind to each of its targets. Links are in job->links also after a failure; the caller destroys them. */
int ecli_attach_run(struct ecli_attach *job, struct ecli_err *err);

/* Whether a program of the kind is attached with its descriptor alone, whoever loaded it; of others libbpf has to be the one who
 * did. @words: the text after the section's '/'. @extras may be NULL. */
bool ecli_attach_is_direct(const struct ecli_attach_kind *kind, const char *words,
			   const struct ecli_package_extras *extras);
/* A link in @ret_fd; -ENOSYS: not a kind that direct.c does, else what the kernel answered. */
int ecli_attach_direct(const struct ecli_attach *job, int *ret_fd);
/* A probe of one function of the kernel, or with @name NULL of the address @offset: the descriptor of a link, -ENOSYS: this kernel has probes in tracefs only, or
 * what it answered. */
int ecli_attach_kprobe_at(const struct ecli_attach *job, const char *name, uint64_t offset);
/* The same of the place @offset in the file @path; @pid -1: in all processes. */
int ecli_attach_uprobe_at(const struct ecli_attach *job, const char *path, uint64_t offset, int pid);
/* Puts a program on an opened perf event and lets it run. A descriptor that keeps both, or -errno; @event_fd may be closed after. */
int ecli_attach_event(int prog_fd, int event_fd);

/* The ways. */
int ecli_attach_auto(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_probe(const struct ecli_attach *job, struct ecli_err *err);
/* Whether this kernel links one program to many of its functions (5.18, built with CONFIG_FPROBE). Asked once. */
bool ecli_attach_has_kprobe_multi(void);
int ecli_attach_user(const struct ecli_attach *job, struct ecli_err *err);
/* The same of functions of files (6.6), and whether such a link can be of one process (6.10). Asked once. */
bool ecli_attach_has_uprobe_multi(bool of_process);
int ecli_attach_iter(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_perf_event(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_tc(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_xdp(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_cgroup(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_netns(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_socket_map(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_netfilter(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_struct_ops(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_once(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_socket_filter(const struct ecli_attach *job, struct ecli_err *err);

/* perf_event.c: CPUs that came while the samplers ran. */
int ecli_samplers_follow(struct ecli_links *links, const uint32_t *cpus, uint32_t n_cpus, struct ecli_err *err);
void ecli_samplers_free(struct ecli_links *links);

/* Whether what they attach to is there, without attaching: the sentences are those of a run. */
int ecli_attach_probe_look(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_user_look(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_perf_event_look(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_tc_look(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_xdp_look(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_netfilter_look(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_once_look(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_socket_map_look(const struct ecli_attach *job, struct ecli_err *err);
int ecli_attach_socket_filter_look(const struct ecli_attach *job, struct ecli_err *err);

/* struct_ops.c: before loading, asks for a table that is registered by a link, where the kernel has that. */
void ecli_struct_ops_prepare(struct bpf_map *map, bool has_links);

/* Takes over @link; on failure it is destroyed. */
int ecli_links_add(struct ecli_links *links, struct bpf_link *link, const char *prog, struct ecli_err *err);
/* The same for the descriptor of a link, and for what goes without one. */
int ecli_links_add_fd(struct ecli_links *links, int fd, const char *prog, struct ecli_err *err);
int ecli_links_add_iter(struct ecli_links *links, int fd, const char *prog, struct ecli_err *err);
int ecli_links_add_hook(struct ecli_links *links, struct ecli_hook *hook, const char *prog, struct ecli_err *err);
/* A program that was attached to a map of sockets. */
int ecli_links_add_map(struct ecli_links *links, const struct ecli_attach *job, int map_fd, struct ecli_err *err);
/* Destroys the links from @count on. */
void ecli_links_cut(struct ecli_links *links, size_t count);
void ecli_links_done(struct ecli_links *links);
/* Takes off what is no link, and leaves the links. */
void ecli_links_release(struct ecli_links *links);

#endif
