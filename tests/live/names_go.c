/* SPDX-License-Identifier: MIT */
/*
 * Uses CPU time in a function that only a table like Go's names (src/symbols/gopcln.c; that of Go 1.20), and then far behind a symbol without a size that
 * others may link to. At a fixed address.
 */
#include <time.h>

__asm__(".text\n"
	".globl text_start, spin_go, spin_go_end\n"
	".type tiny_start, @function\n.globl tiny_start\n"
	"text_start: nop\n"
	"tiny_start: nop\n"
	".skip 4096, 0x90\n"
	"spin_go: mov $100000000, %eax\n"
	"1: dec %eax\njnz 1b\nret\n"
	"spin_go_end: nop\n"
	".skip 4096, 0x90\n"
	"spin_far: mov $100000000, %eax\n"
	"1: dec %eax\njnz 1b\nret\n"
	".section .gopclntab, \"a\"\n"
	"table: .long 0xfffffff1\n"
	".byte 0, 0, 1, 8\n"
	".quad 1, 0, text_start, names - table, 0, 0, 0, functions - table\n"
	"names: .asciz \"main.(*Set[go.shape.int]).Spin\"\n"
	"functions: .long spin_go - text_start, record - functions, spin_go_end - text_start\n"
	"record: .long spin_go - text_start, 0\n"
	".text\n");
void spin_go(void), spin_far(void);

static void burn(void (*spin)(void), long ms)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	do {
		spin();
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
}

int main(void)
{
	burn(spin_go, 500);
	burn(spin_far, 500);
	return 0;
}
