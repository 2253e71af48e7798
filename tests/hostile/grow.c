/* SPDX-License-Identifier: MIT */
/*
 * grow FILE SECTION BYTES: makes a section of a 64-bit ELF file that many bytes large. What it has moves to the end of the file; what is behind
 * that is a hole, which takes no room on the disk.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct stat st;
	int fd = argc == 4 ? open(argv[1], O_RDWR) : -1;

	if (fd < 0 || fstat(fd, &st))
		return 2;
	off_t end = (st.st_size + 4095) & ~4095l, size = atol(argv[3]);
	if (ftruncate(fd, end + size))
		return 1;
	char *file = mmap(NULL, (size_t)(end + size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED)
		return 1;
	Elf64_Ehdr *head = (Elf64_Ehdr *)file;
	Elf64_Shdr *sections = (Elf64_Shdr *)(file + head->e_shoff);
	const char *names = file + sections[head->e_shstrndx].sh_offset;
	for (int i = 0; i < head->e_shnum; i++) {
		Elf64_Shdr *section = &sections[i];

		if (strcmp(names + section->sh_name, argv[2]) != 0)
			continue;
		memcpy(file + end, file + section->sh_offset, section->sh_size);
		section->sh_offset = (Elf64_Off)end;
		section->sh_size = (Elf64_Xword)size;
		return 0;
	}
	fprintf(stderr, "%s has no %s\n", argv[1], argv[2]);
	return 1;
}
