/* SPDX-License-Identifier: MIT */
/* many FOLDER COUNT: makes COUNT files in the new FOLDER, maps each of them as code, says that it is ready and computes for ever. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int count = argc == 3 && !mkdir(argv[1], 0700) && !chdir(argv[1]) ? atoi(argv[2]) : 0;
	char name[256];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s-%d", argv[1], i);
		int fd = open(name, O_RDWR | O_CREAT, 0700);
		if (fd < 0 || write(fd, "x", 1) != 1 ||
		    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED) {
			perror(name);
			return 1;
		}
		close(fd);
	}
	printf("ready\n");
	fflush(stdout);
	for (volatile int i = 0;; i++)
		;
}
