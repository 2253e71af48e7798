/* SPDX-License-Identifier: MIT */
/*
 * victim [FILE]: a process of the attacker. Maps FILE below all its libraries, so that it is found first; says so; then calls
 * getppid() of the C library once for each byte of standard input.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char byte;

	if (argc > 1) {
		int fd = open(argv[1], O_RDONLY);

		if (fd < 0 || mmap((void *)0x10000000, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED_NOREPLACE,
				   fd, 0) != (void *)0x10000000) {
			perror(argv[1]);
			return 1;
		}
		close(fd);
	}
	puts("ready");
	fflush(stdout);
	while (read(0, &byte, 1) == 1)
		getppid();
	return 0;
}
