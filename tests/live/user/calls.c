/* SPDX-License-Identifier: MIT */
/*
 * For each line on standard input, or once without any input, calls each function of the table with its number, then two static ones of one name, one of a
 * library that has two versions, and one that is chosen when the program starts. Says "ready" first, and "done" each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef void (*function)(long number);
extern const function names[];
extern const long n_names;

void call_twin_1(void);
void call_twin_2(void);
void versioned(long number);
void fire_sites(long number);

__attribute__((noinline)) static void really_chosen(long number)
{
	__asm__ volatile("" ::"r"(number));
}

static function choose(void)
{
	return really_chosen;
}
void chosen(long number) __attribute__((ifunc("choose")));

__attribute__((noinline)) void plain(long number)
{
	__asm__ volatile("" ::"r"(number));
}

static void call_all(void)
{
	for (long i = 0; i < n_names; i++)
		names[i](i);
	plain(100);
	call_twin_1();
	call_twin_2();
	versioned(300);
	chosen(400);
	fire_sites(7);
	/* A piece that nobody frees. */
	void *volatile kept = malloc(5000);
	(void)kept;
	if (write(1, "done\n", 5) != 5)
		_exit(1);
}

int main(void)
{
	char c;
	ssize_t n;
	int lines = 0;

	if (write(1, "ready\n", 6) != 6)
		return 1;
	while ((n = read(0, &c, 1)) == 1)
		if (c == '\n') {
			call_all();
			lines++;
		}
	if (!lines)
		call_all();
	return 0;
}
