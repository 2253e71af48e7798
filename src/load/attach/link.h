/* SPDX-License-Identifier: MIT */
/*
 * BPF_LINK_CREATE of bpf(2), laid out as in Linux 6.18, for kinds of links that the libbpf we are built with may not know.
 * Kernels that know less take it as long as what they do not know is zero. Also numbers of newer headers than ours.
 *
 * Source: union bpf_attr and enum bpf_attach_type in include/uapi/linux/bpf.h.
 */
#ifndef ECLI_LOAD_ATTACH_LINK_H
#define ECLI_LOAD_ATTACH_LINK_H

#include <stdint.h>

#define ECLI_PROG_TYPE_NETFILTER 32

#define ECLI_ATTACH_KPROBE_MULTI   42
#define ECLI_ATTACH_STRUCT_OPS     44
#define ECLI_ATTACH_NETFILTER      45
#define ECLI_ATTACH_TCX_INGRESS    46
#define ECLI_ATTACH_TCX_EGRESS     47
#define ECLI_ATTACH_UPROBE_MULTI   48
#define ECLI_ATTACH_NETKIT_PRIMARY 54
#define ECLI_ATTACH_NETKIT_PEER    55
#define ECLI_ATTACH_KPROBE_SESSION 56
#define ECLI_ATTACH_UPROBE_SESSION 57

#define ECLI_MULTI_RETURN 1 /* BPF_F_KPROBE_MULTI_RETURN, BPF_F_UPROBE_MULTI_RETURN */

struct ecli_link_attr {
	uint32_t fd;     /* of a program, or of a struct_ops map */
	uint32_t target; /* a descriptor or the index of an interface */
	uint32_t attach_type, flags;
	union {
		struct {
			uint32_t flags, count;
			uint64_t symbols, addresses, cookies; /* pointers to `count` */
		} kprobe_multi;
		struct {
			uint64_t path, offsets, ref_ctr_offsets, cookies;
			uint32_t count, flags, pid, unused;
		} uprobe_multi;
		struct {
			uint32_t family, hook;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		uint64_t all[8];
	};
};

/* The descriptor of a link, or a negative errno. */
int ecli_link_create(const struct ecli_link_attr *attr);

/* BPF_PROG_BIND_MAP (5.10): the map lives as long as the program. 0 or a negative errno. */
int ecli_link_bind_map(int prog_fd, int map_fd);

/* The id of a loaded program or of a map by its descriptor; 0: the kernel does not say. */
uint32_t ecli_link_prog_id(int prog_fd);

#endif
