/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libbpf's header of this name, and what newer ones have and older ones lack: bpf_core_cast() (1.4), BPF_CORE_WRITE_BITFIELD() (1.3), and that it
 * takes bpf_helpers.h along. That needs the kernel's types: a source that has not got them yet, as older headers allow, includes it later.
 */
#pragma clang system_header
#if defined(__VMLINUX_H__) || defined(_LINUX_TYPES_H) || defined(_ASM_GENERIC_INT_LL64_H)
#include <bpf/bpf_helpers.h>
#endif
#include_next <bpf/bpf_core_read.h>

#ifndef bpf_core_cast
#ifndef ECLI_OWN_bpf_rdonly_cast
extern void *bpf_rdonly_cast(const void *object, unsigned int btf_id) __attribute__((weak, section(".ksyms")));
#endif
/* The verifier then knows the type behind @pointer, and members are read without BPF_CORE_READ(). */
#define bpf_core_cast(pointer, type) ((typeof(type) *)bpf_rdonly_cast((pointer), bpf_core_type_id_kernel(type)))
#endif

/* The member's bytes as one number, with @value between the bits before and behind it. */
#ifndef BPF_CORE_WRITE_BITFIELD
#define BPF_CORE_WRITE_BITFIELD(record, field, value)                                                      \
	({                                                                                                 \
		void *ecli_at = (void *)(record) + __CORE_RELO(record, field, BYTE_OFFSET);                \
		unsigned int ecli_left = __CORE_RELO(record, field, LSHIFT_U64);                           \
		unsigned int ecli_right = __CORE_RELO(record, field, RSHIFT_U64);                          \
		unsigned long long ecli_mask = ~0ull << ecli_right >> ecli_left;                           \
		unsigned long long ecli_new = (unsigned long long)(value) << (ecli_right - ecli_left);     \
                                                                                                           \
		/* Of a relocation one copy: as of a number the compiler would make many. */               \
		asm volatile("" : "+r"(ecli_at));                                                          \
		switch (__CORE_RELO(record, field, BYTE_SIZE)) {                                           \
		case 1: ECLI_WRITE_BITS(unsigned char); break;                                             \
		case 2: ECLI_WRITE_BITS(unsigned short); break;                                            \
		case 4: ECLI_WRITE_BITS(unsigned int); break;                                              \
		case 8: ECLI_WRITE_BITS(unsigned long long); break;                                        \
		}                                                                                          \
	})
#define ECLI_WRITE_BITS(type) *(type *)ecli_at = (type)((*(type *)ecli_at & ~ecli_mask) | (ecli_new & ecli_mask))
#endif
