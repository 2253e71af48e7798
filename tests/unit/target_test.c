/* SPDX-License-Identifier: MIT */
/* Where programs attach, without a kernel: targets are set and shown, files of programs are found, and hostile ones read. */
#include "unit.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "load/attach/binary.h"
#include "load/attach/functions.h"
#include "load/attach/ldcache.h"
#include "load/attach/returns.h"
#include "load/attach/usdt_sites.h"

static struct ecli_package_prog progs[3];
static struct ecli_package package = { .progs = progs, .n_progs = ARRAY_SIZE(progs) };

static int make_package(void **state)
{
	(void)state;
	static const char *const names[] = { "ingress", "probe", "guard" };
	static const char *const sections[] = { "tc", "kprobe/vfs_read", "cgroup/connect4" };

	for (size_t i = 0; i < ARRAY_SIZE(progs); i++)
		progs[i] = (struct ecli_package_prog){ .name = (char *)names[i], .attach = (char *)sections[i] };
	return 0;
}

static int free_package(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(progs); i++)
		ecli_package_extras_done(&progs[i].extras);
	return 0;
}

static void assert_present(size_t prog, const char *text)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };

	ecli_attach_present(&progs[prog], &out);
	assert_string_equal(ecli_buf_text(&out), text);
}

static void targets_are_set_and_shown(void **state)
{
	(void)state;
	static const char *const words[] = { "ingress=eth0:egress", "p*=vfs_read", "p*=vfs_write" };
	struct ecli_err err = { 0 };

	assert_present(0, "lo:ingress");
	assert_present(1, "vfs_read");
	assert_present(2, "the whole machine");
	assert_int_equal(ecli_attach_set(&package, ECLI_ATTACH_INTERFACE, "eth9", &err), 0);
	assert_int_equal(ecli_attach_set(&package, ECLI_ATTACH_CGROUP, "user.slice", &err), 0);
	assert_present(0, "eth9:ingress");
	assert_present(2, "user.slice");
	assert_int_equal(ecli_package_set_targets(&package, words, ARRAY_SIZE(words), &err), 0);
	assert_present(0, "eth0:egress");
	assert_present(1, "vfs_read, vfs_write");
	assert_string_equal(ecli_attach_form(&progs[0]), "IFACE[:ingress|:egress]");
	assert_int_equal(ecli_attach_set(&package, ECLI_ATTACH_PROCESS, "1", &err), -EINVAL);
	assert_int_equal(err.fail, ECLI_FAIL_USAGE);
}

static void wrong_targets_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "=", "ingress", "ingress=", "=lo", "nosuch=lo", "ingress=\xff" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_package_set_targets(&package, &wrong[i], 1, &err), -EINVAL);
		assert_int_equal(err.fail, ECLI_FAIL_USAGE);
	}
	static const char *const json[] = { "true", "{}", "[1]", "[\"none\",\"lo\"]" };
	for (size_t i = 0; i < ARRAY_SIZE(json); i++) {
		struct ecli_package_targets targets;
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_package_extra_set(&progs[0].extras, "target", json[i]), 0);
		assert_int_equal(ecli_package_targets_read(&progs[0].extras, "ingress", &err, &targets), -EINVAL);
	}
}

/* Functions that only this program has, and that no compiler clones or splits. */
__attribute__((noinline, noclone, used)) static int to_be_found_a(void)
{
	return 1;
}

__attribute__((noinline, noclone, used)) static int to_be_found_b(void)
{
	return 2;
}

/* One question to a file, and how it ends. */
static int ask_like(int fd, const char *pattern, struct ecli_functions *ret)
{
	CLEANUP(ecli_executable_close) struct ecli_executable executable;
	int r = ecli_executable_open(fd, &executable);

	*ret = (struct ecli_functions){ 0 };
	return r ? r : ecli_functions_like(&executable, pattern, ret);
}

static int ask_find(int fd, const char *name, struct ecli_functions *ret)
{
	CLEANUP(ecli_executable_close) struct ecli_executable executable;
	int r = ecli_executable_open(fd, &executable);

	*ret = (struct ecli_functions){ 0 };
	return r ? r : ecli_functions_find(&executable, name, ret);
}

static int ask_check(int fd)
{
	CLEANUP(ecli_executable_close) struct ecli_executable executable;
	int r = ecli_executable_open(fd, &executable);

	return r ? r : ecli_executable_check(&executable);
}

static void assert_functions(int fd, const char *pattern, size_t want)
{
	CLEANUP(ecli_functions_done) struct ecli_functions found;

	assert_int_equal(ask_like(fd, pattern, &found), 0);
	if (found.count != want)
		fail_msg("%zu functions are like %s, not %zu", found.count, pattern, want);
	for (size_t i = 1; i < found.count; i++)
		assert_true(found.offsets[i - 1] < found.offsets[i]);
}

/* How many functions are called exactly that. */
static size_t count_named(int fd, const char *name)
{
	CLEANUP(ecli_functions_done) struct ecli_functions found;
	int r = ask_find(fd, name, &found);

	assert_true(!r || (r == -ENOENT && !found.count));
	return found.count;
}

static void files_are_found(void **state)
{
	(void)state;
	CLEANUP(ecli_functions_done) struct ecli_functions a, b;
	struct ecli_binary binary;

	assert_int_equal(ecli_binary_open("/proc/self/exe", -1, &binary), 0);
	assert_string_equal(binary.path, "/proc/self/exe");
	assert_functions(binary.fd, "to_be_found_*", 2);
	assert_functions(binary.fd, "to_be_found_[!a]", 1);
	assert_functions(binary.fd, "to_be_found", 0);
	assert_int_equal(ask_find(binary.fd, "to_be_found_a", &a), 0);
	assert_int_equal(ask_find(binary.fd, "to_be_found_b", &b), 0);
	assert_true(a.count == 1 && b.count == 1 && a.offsets[0] != b.offsets[0]);
	assert_int_equal(count_named(binary.fd, "to_be_found_"), 0);
	assert_int_equal(count_named(binary.fd, ""), 0);
	assert_int_equal(ask_check(binary.fd), 0);
	ecli_binary_close(&binary);

	assert_int_equal(ecli_binary_open("c", getpid(), &binary), 0);
	assert_non_null(strstr(binary.path, "libc.so.6"));
	ecli_binary_close(&binary);
	assert_int_equal(ecli_binary_open("libc.so.6", -1, &binary), 0);
	ecli_binary_close(&binary);
	assert_int_equal(ecli_binary_open("sh", -1, &binary), 0);
	ecli_binary_close(&binary);
	assert_int_equal(ecli_binary_open("ecli-no-such-thing", -1, &binary), -ENOENT);
	assert_string_equal(binary.path, "ecli-no-such-thing");
	assert_int_equal(ecli_binary_open("/dev/null", -1, &binary), -ENXIO);
	assert_string_equal(binary.path, "/dev/null");
	assert_int_equal(ecli_binary_open("/dev/null", getpid(), &binary), -ENXIO);
	assert_int_equal(ecli_binary_open("libc.so.6", INT_MAX, &binary), -ESRCH);
}

/* What was opened stays what is read, whatever comes to lie under its path. */
static void a_file_stays_the_same(void **state)
{
	(void)state;
	char folder[] = "/tmp/ecli-target-XXXXXX", path[64];
	struct ecli_binary binary;
	struct stat st, opened;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/it", folder);
	CLEANUP_FD int fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(ecli_binary_open(path, -1, &binary), 0);
	assert_int_equal(ecli_binary_hold(&binary), -EBUSY);
	close(TAKE_FD(fd));
	assert_int_equal(ecli_binary_hold(&binary), 0);
	assert_int_equal(open(path, O_WRONLY | O_NONBLOCK), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	ecli_binary_let_go(&binary);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(stat(binary.kernel_path, &opened), 0);
	assert_int_equal(opened.st_ino, st.st_ino);
	ecli_binary_close(&binary);
	assert_int_equal(ecli_binary_open(path, -1, &binary), -ENXIO);
	unlink(path);
	rmdir(folder);
}

/* The file that is mapped, not what lies under its path by now: for root, who may follow map_files. */
static void a_mapped_file_is_the_one(void **state)
{
	(void)state;
	char folder[] = "/tmp/ecli-target-XXXXXX", path[64];
	struct ecli_binary binary;
	struct stat st, opened;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/libmapped.so.7", folder);
	CLEANUP_FD int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && !ftruncate(fd, 4096) && !fstat(fd, &st));
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	for (int is_deleted = 0; is_deleted < 2; is_deleted++) {
		int r = ecli_binary_open("mapped", getpid(), &binary);

		assert_true(!r || (r == -ENOENT && is_deleted && geteuid()));
		if (!r) {
			assert_string_equal(binary.path, path);
			assert_int_equal(fstat(binary.fd, &opened), 0);
			assert_int_equal(opened.st_ino, st.st_ino);
		}
		ecli_binary_close(&binary);
		if (!is_deleted) {
			assert_int_equal(unlink(path), 0);
			if (!geteuid())
				assert_int_equal(mkfifo(path, 0600), 0);
		}
	}
	munmap(at, 4096);
	unlink(path);
	rmdir(folder);
}

/* A cache of libraries: an entry without an end, one beyond the end, and a whole one. */
static void caches_are_read(void **state)
{
	(void)state;
	static const char strings[] = "libx.so.1\0/lib/libx.so.1";
	unsigned char bytes[48 + 3 * 24 + sizeof(strings)] = "glibc-ld.so.cache1.1";
	const uint32_t at = 48 + 3 * 24, count = 1000;
	const uint32_t entries[3][2] = { { at, 0xfffffff0 }, { sizeof(bytes), at }, { at, at + 10 } };
	struct ecli_ldcache cache;
	const char *name, *path;

	memcpy(bytes + 20, &count, sizeof(count));
	for (size_t i = 0; i < 3; i++)
		memcpy(bytes + 48 + i * 24 + 4, entries[i], sizeof(entries[i]));
	memcpy(bytes + at, strings, sizeof(strings));
	ecli_ldcache_open(&cache, bytes, sizeof(bytes));
	assert_true(ecli_ldcache_next(&cache, &name, &path));
	assert_string_equal(name, "libx.so.1");
	assert_string_equal(path, "/lib/libx.so.1");
	assert_false(ecli_ldcache_next(&cache, &name, &path));
	ecli_ldcache_open(&cache, bytes, sizeof(bytes) - 1);
	assert_false(ecli_ldcache_next(&cache, &name, &path));
	ecli_ldcache_open(&cache, bytes, 30);
	assert_false(ecli_ldcache_next(&cache, &name, &path));
	ecli_ldcache_open(&cache, NULL, 0);
	assert_false(ecli_ldcache_next(&cache, &name, &path));
}

/* Our own file with bytes of its headers broken, one after the other: any answer, and no read outside. */
static void hostile_files_are_read(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf file = { 0 };
	struct ecli_err err;

	assert_int_equal(ecli_file_read("/proc/self/exe", 64u << 20, &file, &err), 0);
	CLEANUP_FD int fd = memfd_create("target", MFD_CLOEXEC);
	assert_int_equal(ecli_file_write_all(fd, file.data, file.len), 0);
	for (off_t i = 0; i < 64; i++) {
		struct ecli_functions found;

		assert_int_equal(pwrite(fd, "\xff", 1, i), 1);
		int r = ask_like(fd, "to_be_f*", &found);
		if (i < EI_VERSION)
			assert_int_equal(r, -ENOEXEC);
		ecli_functions_done(&found);
		ask_find(fd, "to_be_found_a", &found);
		ecli_functions_done(&found);
		ask_check(fd);
		assert_int_equal(pwrite(fd, file.data + i, 1, i), 1);
	}
	assert_functions(fd, "to_be_found_*", 2);
	assert_int_equal(ftruncate(fd, (off_t)file.len / 2), 0);
	assert_int_equal(ask_check(fd), -ENOEXEC);
	CLEANUP_FD int empty = memfd_create("empty", MFD_CLOEXEC);
	assert_int_equal(ask_check(empty), -ENOEXEC);
}

/* ---- many functions with one name ------------------------------------------------------------------------------ */

/* A file whose @count functions, from address 0x1000 on, are all called by the @len letters "a" of one table. */
static int make_same(uint32_t count, size_t len, bool is_ended)
{
	const uint64_t symbols_at = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 3 * sizeof(Elf64_Shdr);
	const uint64_t names_at = symbols_at + count * sizeof(Elf64_Sym), names_size = len + 1 + is_ended;
	const Elf64_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
					       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB },
				  .e_phoff = sizeof(head),
				  .e_shoff = sizeof(head) + sizeof(Elf64_Phdr),
				  .e_phentsize = sizeof(Elf64_Phdr),
				  .e_phnum = 1,
				  .e_shentsize = sizeof(Elf64_Shdr),
				  .e_shnum = 3 };
	const Elf64_Phdr code = {
		.p_type = PT_LOAD, .p_flags = PF_X, .p_vaddr = 0x1000, .p_filesz = names_at + names_size
	};
	const Elf64_Shdr sections[3] = {
		[1] = { .sh_type = SHT_SYMTAB,
			.sh_offset = symbols_at,
			.sh_size = count * sizeof(Elf64_Sym),
			.sh_link = 2 },
		[2] = { .sh_type = SHT_STRTAB, .sh_offset = names_at, .sh_size = names_size },
	};
	CLEANUP_BUF struct ecli_buf file = { 0 };

	ecli_buf_add(&file, &head, sizeof(head));
	ecli_buf_add(&file, &code, sizeof(code));
	ecli_buf_add(&file, sections, sizeof(sections));
	for (uint32_t i = 0; i < count; i++) {
		const Elf64_Sym symbol = { .st_name = 1,
					   .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
					   .st_shndx = 1,
					   .st_value = 0x1000 + i };
		ecli_buf_add(&file, &symbol, sizeof(symbol));
	}
	ecli_buf_add_char(&file, '\0');
	ecli_buf_add_repeat(&file, 'a', len);
	if (is_ended)
		ecli_buf_add_char(&file, '\0');
	int fd = memfd_create("same", MFD_CLOEXEC);
	assert_true(fd >= 0 && !ecli_buf_failed(&file));
	assert_int_equal(ecli_file_write_all(fd, file.data, file.len), 0);
	return fd;
}

/* The file is cut before the read of that number, where that read begins. */
static long cut_at = -1;

ssize_t __real_pread64(int fd, void *to, size_t size, off_t offset);
ssize_t __wrap_pread64(int fd, void *to, size_t size, off_t offset);
ssize_t __wrap_pread64(int fd, void *to, size_t size, off_t offset)
{
	if (cut_at >= 0 && !cut_at--)
		assert_int_equal(ftruncate(fd, offset), 0);
	return __real_pread64(fd, to, size, offset);
}

static void files_are_cut_meanwhile(void **state)
{
	(void)state;
	enum { READS = 7 }; /* header twice, segments, sections, names, symbols: once more than there are in each */
	size_t stale = 0;

	for (long at = 0; at < READS; at++) {
		CLEANUP(ecli_functions_done) struct ecli_functions found, named;
		CLEANUP_FD int first = make_same(3, 10, true), second = make_same(3, 10, true);
		CLEANUP_FD int third = make_same(3, 10, true);

		cut_at = at;
		int r = ask_like(first, "a*", &found);
		assert_true(r == -ESTALE || (at == READS - 1 && !r && found.count == 3));
		stale += r == -ESTALE;
		cut_at = at;
		assert_int_equal(ask_find(second, "aaaaaaaaaa", &named), r);
		cut_at = at;
		int checked = ask_check(third);
		assert_true(checked == -ESTALE || !checked);
		cut_at = -1;
	}
	assert_int_equal(stale, READS - 1);
}

static void long_names_are_not_looked_through(void **state)
{
	(void)state;
	CLEANUP(ecli_functions_done) struct ecli_functions found;

	CLEANUP_FD int good = make_same(3, 10, true);
	assert_functions(good, "aaaaa*", 3);
	assert_int_equal(count_named(good, "aaaaaaaaaa"), 3);
	assert_int_equal(ask_check(good), 0);
	CLEANUP_FD int longest = make_same(3, ECLI_EXECUTABLE_MAX_NAME - 1, true);
	assert_functions(longest, "*a", 3);
	CLEANUP_FD int longer = make_same(3, ECLI_EXECUTABLE_MAX_NAME, true);
	assert_functions(longer, "*a", 0);
	CLEANUP_FD int endless = make_same(3, 10, false);
	assert_functions(endless, "*", 0);
	assert_int_equal(count_named(endless, "aaaaaaaaaa"), 0);
	CLEANUP_FD int version = make_same(3, 10, false);
	assert_int_equal(pwrite(version, "a@@a", 4, lseek(version, -4, SEEK_END)), 4);
	assert_int_equal(count_named(version, "aaaaaaa"), 0);
	assert_int_equal(ask_check(endless), -ENOEXEC);
	/* As many as a pattern costs too much for: it ends, with a word. */
	CLEANUP_FD int many = make_same(300000, 4000, true);
	assert_int_equal(ask_like(many, "*a*a*a*b", &found), -E2BIG);
	assert_null(found.offsets);
	assert_functions(many, "*", 300000);
}

/* ---- what is harmful, and what cannot be read ------------------------------------------------------------------ */

static void kernels_that_end_filtered_processes(void **state)
{
	(void)state;
	static const struct {
		const char *release;
		bool is_filtered;
	} cases[] = {
		{ "6.10.14", false },     { "6.11.0-19-generic", true },
		{ "6.11.11", true },      { "6.12.13", true },
		{ "6.12.14", false },     { "6.12.9+deb13-amd64", true },
		{ "6.13.2-arch1", true }, { "6.13.3", false },
		{ "6.13-rc7", true },     { "6.14.0", false },
		{ "6.1.0-28", false },    { "5.11.0", false },
		{ "7.12.1", false },      { "", false },
		{ "x", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (ecli_returns_is_filtered(cases[i].release) != cases[i].is_filtered)
			fail_msg("%s", cases[i].release);
}

static void arguments_of_probes_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned int count, argument; /* the first that cannot be read */
		const char *which;
	} cases[] = {
		{ "", 0, 0, "" },
		{ " ", 0, 0, "" },
		{ "-4@%edi 8@16(%rsp) 1@$-7 8@(%r15)", 4, 0, "" },
		{ "4@%eax -4@(%rsi,%rdi,4)", 2, 2, "-4@(%rsi,%rdi,4)" },
		{ "4@8( %rsi, %rdi, 4 ) 4@%eax", 2, 1, "4@8( %rsi, %rdi, 4 )" },
		{ "8f@%xmm0", 1, 1, "8f@%xmm0" },
		{ "8@table+8(%rip)", 1, 1, "8@table+8(%rip)" },
		{ "8@$0x10", 1, 1, "8@$0x10" },
		{ "3@%eax", 1, 1, "3@%eax" },
		{ "4@%nosuch", 1, 1, "4@%nosuch" },
		{ "4@", 1, 1, "4@" },
		{ "@ ) (", 3, 1, "@" },
		{ "4@%al 4@%al 4@%al 4@%al 4@%al 4@%al 4@%al 4@%al 4@%al 4@%al 4@%al 4@%bl 4@%al", 13, 0, "4@%bl" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_usdt_fault fault;

		ecli_usdt_check_arguments(cases[i].text, &fault);
		assert_int_equal(fault.count, cases[i].count);
#if defined(__x86_64__)
		assert_int_equal(fault.argument, cases[i].argument);
		assert_string_equal(fault.text, cases[i].which);
		assert_int_equal(ecli_usdt_is_faulty(&fault), cases[i].argument || cases[i].count > 12);
#endif
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(targets_are_set_and_shown, make_package, free_package),
		cmocka_unit_test_setup_teardown(wrong_targets_are_refused, make_package, free_package),
		cmocka_unit_test(files_are_found),
		cmocka_unit_test(a_file_stays_the_same),
		cmocka_unit_test(a_mapped_file_is_the_one),
		cmocka_unit_test(caches_are_read),
		cmocka_unit_test(hostile_files_are_read),
		cmocka_unit_test(files_are_cut_meanwhile),
		cmocka_unit_test(long_names_are_not_looked_through),
		cmocka_unit_test(kernels_that_end_filtered_processes),
		cmocka_unit_test(arguments_of_probes_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
