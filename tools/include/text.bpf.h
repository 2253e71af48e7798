/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text in the kernel: how long is what was read, and does a name contain another one?
 *
 * The search is without a branch in the inner loop: a verifier that follows each of 16 * 16 branches both ways does not come to an end.
 *
 * Include after vmlinux.h.
 */
#ifndef TOOLS_TEXT_BPF_H
#define TOOLS_TEXT_BPF_H

#define COMM_SIZE 16

/*
 * The bytes that a string read has filled, the final NUL counted, of at most @most; 0 when it failed. @length: what it returned. The
 * compiler must not see through it: it would check one register and use another, and the verifier believes no more than it sees.
 */
static inline __u64 text_size(long length, __u64 most)
{
	__u64 size = length;

	asm volatile("" : "+r"(size));
	return size > most ? 0 : size;
}

/* @comm: of a task. @part: an empty one is in every name. Both end in a NUL. */
static inline bool comm_contains(const char *comm, const volatile char *part)
{
	char text[2 * COMM_SIZE] = {}; /* zeros behind the name: a part that reaches there differs */
	bool is_found = false;

	__builtin_memcpy(text, comm, COMM_SIZE);
	for (int start = 0; start < COMM_SIZE && !is_found; start++) {
		char differs = 0;

		for (int i = 0; i < COMM_SIZE; i++) {
			char want = part[i];

			differs |= (want ^ text[start + i]) & -(want != 0);
		}
		is_found = !differs;
	}
	return is_found;
}

#endif
