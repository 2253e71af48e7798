/* SPDX-License-Identifier: MIT */
/* The library of target.cpp: one function that others see, one that they do not. */
static __attribute__((noinline, noclone)) void *inner(void *(*call)(void))
{
	void *at = call(); /* @inner */

	__asm__ volatile("" ::: "memory");
	return at;
}

void *of_library(void *(*call)(void))
{
	void *at = inner(call);

	__asm__ volatile("" ::: "memory");
	return at;
}
