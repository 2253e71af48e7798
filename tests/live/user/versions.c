/* SPDX-License-Identifier: MIT */
/* A library with two versions of one function: versioned@V_1, and versioned@@V_2 for programs that are linked now. */
__attribute__((noinline)) void old_versioned(long number)
{
	__asm__ volatile("" ::"r"(number));
}

__attribute__((noinline)) void new_versioned(long number)
{
	__asm__ volatile("nop" ::"r"(number));
}
__asm__(".symver old_versioned, versioned@V_1");
__asm__(".symver new_versioned, versioned@@V_2");
