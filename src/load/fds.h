/* SPDX-License-Identifier: MIT */
/*
 * The descriptors of an object's maps and programs, whoever put them into the kernel: libbpf, which keeps them in its
 * object, or a loader program, of whose work libbpf's object knows nothing.
 */
#ifndef ECLI_LOAD_FDS_H
#define ECLI_LOAD_FDS_H

#include <bpf/libbpf.h>

#include <ecli/base.h>

/* In the order of bpf_object__for_each_map() and bpf_object__for_each_program(); -1: not in the kernel. Zero-initialise. */
struct ecli_fds {
	int *maps, *progs;
	size_t n_maps, n_progs;
	bool own; /* closed by ecli_fds_done(); else the object's */
};

/* Room for the object's maps and programs, all -1. 0, or -ENOMEM with a sentence. */
int ecli_fds_init(struct ecli_fds *fds, const struct bpf_object *object, struct ecli_err *err);
/* What libbpf loaded; borrowed from @object. 0, or -ENOMEM with a sentence. */
int ecli_fds_of_object(struct ecli_fds *fds, const struct bpf_object *object, struct ecli_err *err);
void ecli_fds_done(struct ecli_fds *fds);

/* The descriptor of the object's map of that name, -1: it has none. */
int ecli_fds_map(const struct ecli_fds *fds, const struct bpf_object *object, const char *name);

#endif
