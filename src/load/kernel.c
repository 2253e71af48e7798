/* SPDX-License-Identifier: MIT */
/*
 * Names are looked up in the string sections of the kernel's BTF, read once: 1.3 MB and 0.4 ms, where parsing all of it
 * costs 7 ms. A string that is there may belong to anything, so only its absence decides.
 * Source of the format: Documentation/bpf/btf.rst of the Linux kernel.
 */
#include "load/kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "load/surroundings.h"

#define BTF_DIR "/sys/kernel/btf"
/* More than any kernel has, so that a strange file cannot take all memory. */
#define MAX_NAMES_BYTES (64u << 20)

#define ERRNO_NOT_SUPPORTED 524 /* ENOTSUPP of the kernel, in no user-space header */

static const struct {
	enum bpf_map_type type;
	const char *words;
} map_words[] = {
	{ BPF_MAP_TYPE_RINGBUF, "ring buffer" },        { BPF_MAP_TYPE_USER_RINGBUF, "user ring buffer" },
	{ BPF_MAP_TYPE_TASK_STORAGE, "task storage" },  { BPF_MAP_TYPE_INODE_STORAGE, "inode storage" },
	{ BPF_MAP_TYPE_SK_STORAGE, "socket storage" },  { BPF_MAP_TYPE_BLOOM_FILTER, "bloom filter" },
	{ BPF_MAP_TYPE_STACK_TRACE, "stack trace" },    { BPF_MAP_TYPE_PERF_EVENT_ARRAY, "perf event array" },
	{ BPF_MAP_TYPE_LRU_HASH, "LRU hash" },          { BPF_MAP_TYPE_PERCPU_HASH, "per-CPU hash" },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, "per-CPU array" },
};

#define HELPER_NAME(name) "bpf_" #name
static const char *const helper_names[] = { __BPF_FUNC_MAPPER(HELPER_NAME) };

static const struct {
	int code;
	const char *words;
} code_words[] = {
	{ ERRNO_NOT_SUPPORTED, "not supported" },
	{ LIBBPF_ERRNO__LIBELF, "the object file cannot be read" },
	{ LIBBPF_ERRNO__FORMAT, "the object file is damaged or of a kind this version does not know" },
	{ LIBBPF_ERRNO__KVERSION, "the object's kernel version is wrong" },
	{ LIBBPF_ERRNO__ENDIAN, "the object was compiled for the other byte order" },
	{ LIBBPF_ERRNO__INTERNAL, "an internal error" },
	{ LIBBPF_ERRNO__RELOC, "the object refers to something that is not in it" },
	{ LIBBPF_ERRNO__LOAD, "the kernel refused it" },
	{ LIBBPF_ERRNO__VERIFY, "the kernel's verifier refused it" },
	{ LIBBPF_ERRNO__PROG2BIG, "the program is too large" },
	{ LIBBPF_ERRNO__KVER, "this kernel's version does not fit" },
	{ LIBBPF_ERRNO__PROGTYPE, "this kernel does not have programs of this kind" },
};

/* Appends the string section of one BTF file; what cannot be read adds nothing. */
static bool read_names(int dir_fd, const char *file, struct ecli_buf *names)
{
	struct btf_header header;
	CLEANUP_FD int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, &header, sizeof(header), 0) != sizeof(header) || header.magic != BTF_MAGIC)
		return false;

	off_t offset = (off_t)header.hdr_len + header.str_off;
	size_t left = header.str_len;
	if (left > MAX_NAMES_BYTES - names->len || !ecli_buf_reserve(names, left))
		return false;
	while (left) {
		ssize_t n = pread(fd, names->data + names->len, left, offset);
		if (n <= 0)
			return false;
		names->len += (size_t)n;
		left -= (size_t)n;
		offset += n;
	}
	return true;
}

static void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* All or nothing: with one file unread, absence would prove nothing. */
static void read_all_names(struct ecli_kernel *kernel)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(BTF_DIR);
	const struct dirent *entry;

	kernel->names_read = true;
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !read_names(dirfd(dir), entry->d_name, &kernel->names)) {
			ecli_buf_done(&kernel->names);
			return;
		}
}

void ecli_kernel_done(struct ecli_kernel *kernel)
{
	ecli_buf_done(&kernel->names);
	kernel->names_read = false;
}

bool ecli_kernel_has_btf(void)
{
	return !access(ECLI_KERNEL_BTF, R_OK);
}

bool ecli_kernel_may_have_name(struct ecli_kernel *kernel, const char *name)
{
	if (!kernel->names_read)
		read_all_names(kernel);
	/* With the closing NUL: the end of a longer name also counts, which errs to the side of trying. */
	return !kernel->names.len || memmem(kernel->names.data, kernel->names.len, name, strlen(name) + 1);
}

bool ecli_kernel_may_load(void)
{
	return ecli_has_right(ECLI_RIGHT_BPF) && ecli_has_right(ECLI_RIGHT_PERFMON);
}

/* Since 5.11 it counts against the cgroup; some older ones have that too, which a helper of the same version tells (as libbpf asks). */
bool ecli_kernel_limits_memory(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_coarse_ns },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	unsigned int major, minor;
	struct utsname system;
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY || uname(&system) < 0 ||
	    sscanf(system.release, "%u.%u", &major, &minor) != 2 || major > 5 || (major == 5 && minor >= 11))
		return false;
	CLEANUP_FD int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", code, ARRAY_SIZE(code), NULL);

	return fd < 0;
}

bool ecli_kernel_may_network(void)
{
	return ecli_has_right(ECLI_RIGHT_NETWORK);
}

const char *ecli_kernel_map_words(enum bpf_map_type type)
{
	for (size_t i = 0; i < ARRAY_SIZE(map_words); i++)
		if (map_words[i].type == type)
			return map_words[i].words;
	const char *name = libbpf_bpf_map_type_str(type);
	return name ? name : "unknown";
}

const char *ecli_kernel_helper_name(uint64_t number)
{
	return number && number < ARRAY_SIZE(helper_names) ? helper_names[number] : NULL;
}

const char *ecli_kernel_errno_words(int code)
{
	code = code < 0 ? -code : code;
	for (size_t i = 0; i < ARRAY_SIZE(code_words); i++)
		if (code_words[i].code == code)
			return code_words[i].words;
	return strerror(code);
}
