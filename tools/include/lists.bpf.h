/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Options that take several values: is a number among them?
 *
 * A list is an array and the count of what was given; the runner fills both (@count). An empty list is an option that was not given: it has
 * everything. The loops have a constant end, so that every kernel can unroll or follow them, and look at each value without
 * leaving early, so that the verifier has one way to follow and not one for each.
 *
 * Include after vmlinux.h.
 */
#ifndef TOOLS_LISTS_BPF_H
#define TOOLS_LISTS_BPF_H

#define IDS_MAX   16 /* processes or threads that an option takes */
#define PORTS_MAX 64

#define IS_IN(list, most, count, wanted)                                                                               \
	({                                                                                                             \
		bool is_found = !(count);                                                                              \
                                                                                                                       \
		for (__u32 i = 0; i < (most) && i < (count); i++)                                                      \
			is_found |= (list)[i] == (wanted);                                                             \
		is_found;                                                                                              \
	})

static __always_inline bool has_id(const volatile __u32 *ids, __u32 count, __u32 id)
{
	return IS_IN(ids, IDS_MAX, count, id);
}

static __always_inline bool has_port(const volatile __u16 *ports, __u32 count, __u16 port)
{
	return IS_IN(ports, PORTS_MAX, count, port);
}

#endif
