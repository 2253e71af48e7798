/* SPDX-License-Identifier: MIT */
/* Names of the BPF programs that a process holds, by its descriptors (programs and links): holds PID. A name has 15 characters at most. */
#include <dirent.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void print_name(uint32_t id)
{
	struct bpf_prog_info info;
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	int fd = (int)syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	if (fd < 0 || syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)))
		printf("?%u\n", id);
	else
		puts(info.name);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	char path[64], line[256];
	unsigned int id;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", argc > 1 ? argv[1] : "self");
	DIR *folder = opendir(path);
	if (!folder)
		return 1;
	for (struct dirent *entry; (entry = readdir(folder));) {
		char file[sizeof(path) + sizeof(entry->d_name)];

		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		FILE *stream = entry->d_name[0] != '.' ? fopen(file, "r") : NULL;
		while (stream && fgets(line, sizeof(line), stream))
			if (sscanf(line, "prog_id: %u", &id) == 1)
				print_name(id);
		if (stream)
			fclose(stream);
	}
	closedir(folder);
	return 0;
}
