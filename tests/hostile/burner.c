/* SPDX-License-Identifier: MIT */
/*
 * burner [-] [LIBRARY...]: says that it is ready and computes for ever: in known_work() of its own, in work() of each library, and, without "-", in
 * memory of its own that it made executable, whose function a perf map may name.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { MAX = 64 };

__attribute__((noinline)) int known_work(int n)
{
	volatile int sum = 0;

	for (int i = 0; i < n; i++)
		sum += i;
	return sum;
}

int main(int argc, char **argv)
{
	int (*work[MAX])(int) = { known_work };
	size_t count = 1;
	bool is_plain = argc > 1 && !strcmp(argv[1], "-");
#ifdef __x86_64__
	/* mov %edi, %ecx; xor %eax, %eax; 1: add %ecx, %eax; dec %ecx; jnz 1b; ret */
	static const unsigned char loop[] = { 0x89, 0xf9, 0x31, 0xc0, 0x01, 0xc8, 0xff, 0xc9, 0x75, 0xfa, 0xc3 };
	void *code = is_plain
			     ? MAP_FAILED
			     : mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code != MAP_FAILED) {
		memcpy(code, loop, sizeof(loop));
		work[count++] = (int (*)(int))code;
		printf("code %lx\n", (unsigned long)code);
	}
#endif
	for (int i = 1 + is_plain; i < argc && count < MAX; i++) {
		void *library = dlopen(argv[i], RTLD_NOW);
		void *symbol = library ? dlsym(library, "work") : NULL;

		if (!symbol) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
		work[count++] = (int (*)(int))symbol;
	}
	printf("ready\n");
	fflush(stdout);
	for (size_t i = 0;; i++)
		work[i % count](500000);
}
