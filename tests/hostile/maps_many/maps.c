/* SPDX-License-Identifier: MIT */
/* maps FILE COUNT: maps a page of FILE so often, says that it is ready and waits. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDONLY) : -1, count = fd < 0 ? 0 : atoi(argv[2]);

	/* Pages in another order than those of the file, or the kernel would make one mapping of neighbours. */
	for (int i = 0; i < count; i++)
		if (mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
			break;
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
