/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The entry of a key in a hash, added where there is none: how every tool that counts begins.
 *
 *     look up ──> there is one ────────────────────────────────────> that one
 *        └─────> none ──> add zeros, unless another CPU was first ──> look up again
 *
 * The second look is what makes it right on two CPUs: both may add, one does, and both count in the same entry. No entry after that means that
 * the map is full; the runner tells how often (ecc wraps the update).
 *
 * Include after vmlinux.h and bpf/bpf_helpers.h.
 */
#ifndef TOOLS_MAPS_BPF_H
#define TOOLS_MAPS_BPF_H

/*
 * A pointer to the value of *@key in @map, zeros when it is new; NULL: the map is full. A macro, so that the value has the map's own type, and a
 * loss the map's name. The zeros are in read-only data: values can be too large for the stack of a program.
 */
#define find_or_add(map, key)                                                                                          \
	({                                                                                                             \
		static const typeof(*(map)->value) zeros;                                                              \
		typeof((map)->value) entry = bpf_map_lookup_elem(map, key);                                            \
                                                                                                                       \
		if (!entry) {                                                                                          \
			bpf_map_update_elem(map, key, &zeros, BPF_NOEXIST);                                            \
			entry = bpf_map_lookup_elem(map, key);                                                         \
		}                                                                                                      \
		entry;                                                                                                 \
	})

#endif
