/* SPDX-License-Identifier: MIT */
/* Compiled twice, with another N: two static functions of one name. */
#define NAME_OF(n) call_twin_##n
#define NAME(n)    NAME_OF(n)

__attribute__((noinline)) static void twin(long number)
{
	__asm__ volatile("" ::"r"(number));
}

void NAME(N)(void)
{
	twin(200 + N);
}
