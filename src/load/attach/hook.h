/* SPDX-License-Identifier: MIT */
/*
 * Attachments that are no links, so that the kernel keeps them when this process dies: classic tc filters, and what kernels
 * before a kind's links have. Each is described by a record that lies in the kernel, in a map that is bound to the attached
 * program (BPF_PROG_BIND_MAP, 5.10) and that nobody else holds:
 *
 *     filter ──> program ──> map "ecli_owner" {who, when, what}
 *
 * When the attachment goes, by whatever means, program and map go with it: a record cannot be there without the thing it is about.
 * `ecli clean` (clean.c) walks these maps. The record is written before attaching.
 */
#ifndef ECLI_LOAD_ATTACH_HOOK_H
#define ECLI_LOAD_ATTACH_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include <ecli/base.h>

#define ECLI_OWNER_MAP "ecli_owner"

enum ecli_way { ECLI_WAY_TC = 1, ECLI_WAY_XDP, ECLI_WAY_CGROUP, ECLI_WAY_FLOW_DISSECTOR, ECLI_WAY_STRUCT_OPS };

/* The value of the map. Fixed layout: another version of ecli may read it. */
struct ecli_owner {
	uint32_t version; /* ECLI_OWNER_VERSION */
	uint32_t way;
	uint64_t start;          /* of the process: field 22 of /proc/PID/stat, ticks since boot */
	uint64_t pid_ns, net_ns; /* inode numbers of the process's namespaces */
	uint32_t pid;
	uint32_t prog_id;
	uint32_t ifindex, attach_point, parent, handle, priority, flags; /* tc, XDP */
	uint32_t attach_type;                                            /* cgroups */
	uint32_t made_clsact;
	uint32_t map_id; /* struct_ops */
	uint32_t unused;
	uint64_t inode; /* of the cgroup's folder */
	char name[16];  /* of the program */
	char path[512]; /* of the cgroup; "" when it did not fit */
};
#define ECLI_OWNER_VERSION 1

struct ecli_hook {
	struct ecli_owner owner;
	int map_fd; /* of the record; -1: this kernel cannot keep one */
	/* Told when it is made and when it is gone: ecli_load_opts; NULL: nobody. */
	void (*on_keep)(void *ctx, bool keeps);
	void *ctx;
};

struct ecli_attach;

/* Writes the record of what @job is about to attach, and tells that from now on something may outlive the process. Never fails for want of a record: then a killed process leaves something that
 * `ecli clean` does not find. -ENOMEM. */
int ecli_hook_new(const struct ecli_attach *job, const struct ecli_owner *what, struct ecli_err *err,
		  struct ecli_hook **ret_hook);
/* The record again, after @hook->owner was changed. */
void ecli_hook_save(struct ecli_hook *hook);
/* Takes the attachment off, if it is still this one. NULL is fine. */
void ecli_hook_free(struct ecli_hook *hook);
/* Frees the memory only: it was never attached. */
void ecli_hook_drop(struct ecli_hook *hook);

/* Takes off what @owner describes when it is still there and of the same program; without @really only looks. 0, -ENOENT: it is not
 * there; else what the kernel said. */
int ecli_owner_remove(const struct ecli_owner *owner, bool really);
/* "tc filter 1 with priority 1 at the ingress of lo" */
void ecli_owner_describe(const struct ecli_owner *owner, struct ecli_buf *out);

/* The process that @owner names. */
enum ecli_owner_state { ECLI_OWNER_GONE, ECLI_OWNER_ALIVE, ECLI_OWNER_ELSEWHERE };
enum ecli_owner_state ecli_owner_state(const struct ecli_owner *owner);

/* The ways, one in the file of its kind. */
int ecli_tc_remove(const struct ecli_owner *owner, bool really);
int ecli_xdp_remove(const struct ecli_owner *owner, bool really);
int ecli_cgroup_remove(const struct ecli_owner *owner, bool really);
int ecli_flow_dissector_remove(const struct ecli_owner *owner, bool really);
int ecli_struct_ops_remove(const struct ecli_owner *owner, bool really);
void ecli_tc_describe(const struct ecli_owner *owner, struct ecli_buf *out);
void ecli_xdp_describe(const struct ecli_owner *owner, struct ecli_buf *out);
void ecli_cgroup_describe(const struct ecli_owner *owner, struct ecli_buf *out);
void ecli_flow_dissector_describe(const struct ecli_owner *owner, struct ecli_buf *out);
void ecli_struct_ops_describe(const struct ecli_owner *owner, struct ecli_buf *out);

#endif
