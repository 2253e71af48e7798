/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the test tools share: the record of one mark and how to recognise it. 157 is prctl on x86-64, 167 on arm64. */
#define MARK_OPTION 0x6d61726b

/// @export
struct event {
	__u32 number;
	__u32 index;
	char comm[16];
};
