/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Types, maps and variables of every kind that an event or a tool can have, for the tests of types/ and plan/. Never
 * loaded. Compiled by clang for BPF, so that the tests read what a compiler writes and not only what they wrote
 * themselves.
 */
#define SEC(name)         __attribute__((section(name), used))
#define __uint(name, val) int(*name)[val]
#define __type(name, val) typeof(val) *name

#include "fixture.h"

struct declarators {
	char *a[4];
	char (*b)[4];
	const char *const *c;
	char *const *volatile d;
	int (*e)(void);
	int (*f[3])(void);
	struct event *g;
	union number (*h)[2][3];
	volatile const u32 i;
	struct unknown *j;
	union unseen *k;
	void **l;
	const void *m;
	int (*(*n)(void))[5];
	enum level *o;
	long double *p;
};

struct {
	__uint(type, 27);
	__uint(max_entries, 1 << 24);
	__type(value, struct event);
} events SEC(".maps");
struct {
	__uint(type, 1);
	__uint(max_entries, 10240);
	__type(key, u32);
	__type(value, struct all);
	__uint(pinning, 1);
} start SEC(".maps");
struct {
	__uint(type, 4);
	__uint(key_size, sizeof(int));
	__uint(value_size, 8);
} perf SEC(".maps");

const volatile u32 first = 1;
const volatile u64 min_us = 3;
const volatile flag wanted = 1;
const volatile char name[16] = "x";
static const volatile u32 hidden = 7;
u64 counter;
static u32 seen;
int data = 5;
struct all *keep_all;
struct declarators *keep_declarators;
struct straddle *keep_straddle;
extern void helper(void) __attribute__((section(".ksyms")));
extern const volatile int kernel_hz __attribute__((section(".kconfig")));

char LICENSE[] SEC("license") = "GPL";

SEC("raw_tp/nothing") int program(void *ctx)
{
	struct all *all = ctx;

	counter += min_us + first + hidden + name[0] + wanted + kernel_hz;
	seen++;
	data += keep_all == all;
	helper();
	return keep_declarators != 0 || keep_straddle != 0;
}
