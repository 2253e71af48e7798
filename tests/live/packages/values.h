/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef VALUES_H
#define VALUES_H

enum choice { E_A, E_B = 5, E_C = -3 };

struct values {
	int arr1[2][3][4];
	char str[16];
	char str_arr[10][16];
	float ft;
	double dbl;
	__u8 u8v;
	__s8 i8v;
	__u16 u16v;
	__s16 i16v;
	__u32 u32v;
	__s32 i32v;
	__u64 u64v;
	__s64 i64v;
	enum choice e;
};

#endif
