/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Event types of every shape. Compiled twice: by clang for BPF, which gives their BTF, and into the tests, where the C
 * compiler itself tells what a member's value is. Both lay them out the same way.
 */
#ifndef ECLI_TESTS_FIXTURE_H
#define ECLI_TESTS_FIXTURE_H

#define FIXTURE_PACKED __attribute__((packed))

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef _Bool flag;
typedef char name_t[16];
typedef const char *text_t;

struct event {
	char task[16];
	char prev_task[16];
	u64 delta_us;
	int pid;
	int prev_pid;
};

enum color { RED, GREEN = 5, ALSO_GREEN = 5, BLUE = 1 << 20 };
enum level { LOW = -3, MIDDLE = 0, HIGH = 7 };
enum wide { NEAR = 1, FAR = 0x123456789abcULL, FARTHEST = ~0ULL };
enum deep { BELOW = -0x123456789abcLL, ABOVE = 3 };
enum FIXTURE_PACKED tiny { ONE = 1, TWO = 2, LAST = 255 };

struct point {
	short x, y;
};
struct nothing {
};
union number {
	u32 whole;
	u8 bytes[4];
	struct {
		u16 low, high;
	};
};

struct bits {
	u32 a : 3, b : 17, c : 9;
	int d : 5, e : 1;
	u64 f : 40;
	u64 : 7;
	u64 g : 13;
	flag h : 1;
	enum level i : 6;
	signed char j : 4;
};
struct FIXTURE_PACKED straddle {
	u8 first;
	u64 a : 3, b : 63, c : 61;
	int d : 31;
	u16 last;
};

struct all {
	u8 u8_;
	u16 u16_;
	u32 u32_;
	u64 u64_;
	signed char s8;
	short s16;
	int s32;
	long long s64;
	unsigned long ul;
	unsigned __int128 u128;
	__int128 s128;
	_Bool yes;
	flag no;
	char c;
	unsigned char uc;
	float f;
	double d;
	enum color color;
	enum level level;
	enum wide wide;
	enum deep deep;
	enum tiny tiny;
	void *pointer;
	text_t text;
	int (*call)(int, char *);
	char line[32];
	const volatile name_t name;
	char lines[4][16];
	u8 address[6];
	int grid[2][3];
	struct point point, path[3], tiles[2][2];
	union number number;
	struct {
		int inner;
		union {
			u32 either;
			float other;
		};
	};
	struct {
		u8 deep[2];
		struct point at;
	} nested;
	struct bits bits;
	struct nothing nothing;
	enum color colors[3];
	flag flags[3];
	double numbers[2];
	void *pointers[2];
	__int128 wides[2];
	int none[0];
	char rest[];
};

#endif
