/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text in the kernel: does a name contain another one?
 *
 * Without a branch in the inner loop: a verifier that follows each of 16 * 16 branches both ways does not come to an end.
 *
 * Include after vmlinux.h.
 */
#ifndef TOOLS_TEXT_BPF_H
#define TOOLS_TEXT_BPF_H

#define COMM_SIZE 16

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
