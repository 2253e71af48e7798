/* SPDX-License-Identifier: MIT */
/* Symbols: addresses of processes that this test starts, and of the running kernel, into exact functions and offsets. Those of processes are
 * asked of the engine, in this process; symbols_child_test.c has what is between. */
#include "unit.h"

#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecli/symbols.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "still_clock.h"
#include "symbols/demangle.h"
#include "symbols/engine.h"
#include "symbols/maps.h"

/* What each test works with, freed also when it fails. */
struct fixture {
	struct ecli_symbols *symbols;
	struct ecli_engine *engine;
	struct ecli_frames frames;
};

static struct ecli_symbols *new_symbols(const char *proc)
{
	struct ecli_symbols *symbols = NULL;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_symbols_new(proc ? &(struct ecli_symbols_opts){ .proc = proc } : NULL, &err, &symbols),
			 0);
	return symbols;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->symbols = new_symbols(NULL);
	fixture->engine = ecli_engine_new(NULL);
	assert_non_null(fixture->engine);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	ecli_frames_done(&fixture->frames);
	ecli_symbols_free(fixture->symbols);
	ecli_engine_free(fixture->engine);
	free(fixture);
	return 0;
}

/* From now on as if /proc were @proc. */
static void look_below(struct fixture *fixture, const char *proc)
{
	ecli_symbols_free(fixture->symbols);
	fixture->symbols = new_symbols(proc);
	ecli_engine_free(fixture->engine);
	fixture->engine = ecli_engine_new(&(struct ecli_engine_opts){ .proc = proc });
	assert_non_null(fixture->engine);
}

/* The frames of @count addresses of a process, one each. They stay until the next call. */
static const struct ecli_frame *of_process(struct fixture *fixture, pid_t pid, const uint64_t *addresses, size_t count)
{
	size_t before = fixture->frames.count;

	assert_int_equal(ecli_engine_user(fixture->engine, (uint32_t)pid, addresses, count, &fixture->frames), 0);
	assert_int_equal(fixture->frames.count, before + count);
	return &fixture->frames.items[before];
}

static const struct ecli_frame *of_kernel(struct fixture *fixture, const uint64_t *addresses, size_t count)
{
	size_t before = fixture->frames.count;

	assert_int_equal(ecli_symbols_kernel(fixture->symbols, addresses, count, &fixture->frames), 0);
	assert_int_equal(fixture->frames.count, before + count);
	return &fixture->frames.items[before];
}

/* ---- own functions --------------------------------------------------------------------------------------------- */

__attribute__((noinline)) static void of_this_test(void)
{
	__asm__ volatile("nop; nop; nop; nop");
}

static void functions_of_this_process(void **state)
{
	struct fixture *fixture = *state;
	uint64_t addresses[] = { (uintptr_t)of_this_test, (uintptr_t)of_this_test + 3, (uintptr_t)lsearch, 16 };
	const struct ecli_frame *frames = of_process(fixture, getpid(), addresses, ARRAY_SIZE(addresses));

	assert_string_equal(frames[0].function, "of_this_test");
	assert_int_equal(frames[0].offset, 0);
	assert_string_equal(frames[0].module, "symbols_test");
	assert_string_equal(frames[1].function, "of_this_test");
	assert_int_equal(frames[1].offset, 3);
	assert_int_equal(frames[1].address, addresses[1]);
	assert_null(frames[3].function);
	assert_null(frames[3].module);

	/* Where the processor is: the first byte of a function is its own. */
	frames = of_process(fixture, getpid(), &addresses[2], 1);
	assert_string_equal(frames[0].function, "lsearch");
	assert_int_equal(frames[0].offset, 0);
	assert_string_equal(frames[0].module, "libc.so.6");
}

static void a_process_that_has_ended(void **state)
{
	struct fixture *fixture = *state;
	uint64_t address = (uintptr_t)of_this_test;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (!child) {
		char c;

		close(ends[1]);
		_exit(read(ends[0], &c, 1) == 0 ? 0 : 1);
	}
	close(ends[0]);
	ecli_engine_process(fixture->engine, &(struct ecli_image_id){ (uint32_t)child, 0, true });
	close(ends[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_string_equal(of_process(fixture, child, &address, 1)->function, "of_this_test");
}

static void a_process_that_never_was(void **state)
{
	struct fixture *fixture = *state;
	uint64_t address = 0x1234;
	const struct ecli_frame *frame = of_process(fixture, 0x7ffffff0, &address, 1);

	assert_int_equal(frame->address, 0x1234);
	assert_null(frame->function);
	assert_false(frame->is_kernel);
}

/* ---- code without a file -------------------------------------------------------------------------------------- */

/* A child that maps code of its own, says where, and waits; *@ret_to ends it. */
static pid_t start_compiler(uint64_t *ret_code, int *ret_to)
{
	int to[2], from[2];

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	pid_t child = fork();
	if (!child) {
		void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		uint64_t address = (uintptr_t)code;
		char c;

		close(to[1]);
		_exit(write(from[1], &address, sizeof(address)) == sizeof(address) && read(to[0], &c, 1) == 0 ? 0 : 1);
	}
	close(to[0]);
	close(from[1]);
	assert_int_equal(read(from[0], ret_code, sizeof(*ret_code)), sizeof(*ret_code));
	close(from[0]);
	*ret_to = to[1];
	return child;
}

static void write_map(pid_t pid, uint64_t code, const char *mode, const char *form)
{
	char path[64];

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)pid);
	FILE *map = fopen(path, mode);
	assert_non_null(map);
	fprintf(map, form, (unsigned long long)code);
	fclose(map);
}

static void functions_compiled_at_run_time(void **state)
{
	struct fixture *fixture = *state;
	uint64_t code;
	char path[64];
	int to;
	pid_t child = start_compiler(&code, &to);
	uint64_t stack[] = { code + 0x10, code + 0x20, code + 0x41, code + 0x90, code + 0x100 };

	write_map(child, code, "w", "%1$llx 20 LInterpreter;\nnonsense\n%1$llx zz wrong\n0 0 nothing\n");
	write_map(child, code + 0x40, "a",
		  "%1$llx 10 old name of it\n%1$llx 20 Lcom/example/Main;::run(int, long) [tier 2]\n");
	write_map(child, code + 0x100, "a", "%1$llx 10 cut off");
	ecli_engine_process(fixture->engine, &(struct ecli_image_id){ (uint32_t)child, 0, true });
	close(to);
	assert_int_equal(waitpid(child, NULL, 0), child);
	const struct ecli_frame *frames = of_process(fixture, child, stack, ARRAY_SIZE(stack));
	assert_string_equal(frames[0].function, "LInterpreter;");
	assert_int_equal(frames[0].offset, 0x10);
	assert_string_equal(frames[0].module, "[jit]");
	/* It returns to the byte behind the function: the call was its last instruction. */
	assert_string_equal(frames[1].function, "LInterpreter;");
	assert_int_equal(frames[1].offset, 0x20);
	assert_string_equal(frames[2].function, "Lcom/example/Main;::run(int, long) [tier 2]");
	assert_int_equal(frames[2].offset, 1);
	assert_null(frames[3].function);
	assert_null(frames[3].module);
	assert_null(frames[4].function); /* a line without an end may still grow */
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)child);
	unlink(path);
}

/* Another file lies there; and one that lay there before the process began. */
static void a_map_that_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	uint64_t code;
	char path[64], other[80];
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	int to;
	pid_t child = start_compiler(&code, &to);

	clock_stop();
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)child);
	snprintf(other, sizeof(other), "%s.new", path);
	write_map(child, code, "w", "%llx 20 before_it_began\n");
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_null(of_process(fixture, child, &code, 1)->function);
	write_map(child, code, "w", "%llx 20 first\n");
	clock_move(600000000);
	assert_string_equal(of_process(fixture, child, &code, 1)->function, "first");
	FILE *map = fopen(other, "w");
	assert_non_null(map);
	fprintf(map, "%llx 20 second\n", (unsigned long long)code);
	fclose(map);
	assert_int_equal(rename(other, path), 0);
	clock_move(600000000);
	assert_string_equal(of_process(fixture, child, &code, 1)->function, "second");
	clock_go();
	unlink(path);
	close(to);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_map_of_somebody_else_is_not_believed(void **state)
{
	struct fixture *fixture = *state;
	uint64_t code;
	char path[64];
	int to;

	if (geteuid())
		skip(); /* only root gives files away */
	pid_t child = start_compiler(&code, &to);
	write_map(child, code, "w", "%llx 20 forged\n");
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)child);
	assert_int_equal(chown(path, 12345, 12345), 0);
	assert_null(of_process(fixture, child, &code, 1)->function);
	/* Nor is one that would never end. */
	unlink(path);
	assert_int_equal(mkfifo(path, 0644), 0);
	look_below(fixture, NULL);
	assert_null(of_process(fixture, child, &code, 1)->function);
	unlink(path);
	close(to);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void functions_of_the_vdso(void **state)
{
	struct fixture *fixture = *state;
	uintptr_t start = getauxval(AT_SYSINFO_EHDR);
	bool is_seen = false;

	if (!start)
		skip();
	for (size_t at = 0; at < 4096; at += 4) {
		uint64_t address = start + at;
		const struct ecli_frame *frame = of_process(fixture, getpid(), &address, 1);

		assert_string_equal(frame->module, "[vdso]");
		is_seen |= frame->function && strstr(frame->function, "clock_gettime");
	}
	assert_true(is_seen);
}

/* ---- exec ------------------------------------------------------------------------------------------------------ */

static void a_process_that_becomes_another(void **state)
{
	struct fixture *fixture = *state;
	uint64_t address = (uintptr_t)of_this_test, found = 0;
	char path[64], line[512];
	int to[2];

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	pid_t child = fork();
	if (!child) {
		char c;

		dup2(to[0], 0);
		if (read(0, &c, 1) == 1)
			execl("/bin/cat", "cat", (char *)NULL);
		_exit(1);
	}
	close(to[0]);
	clock_stop();
	ecli_engine_process(fixture->engine, &(struct ecli_image_id){ (uint32_t)child, 0, true });
	assert_int_equal(write(to[1], "x", 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	for (int i = 0; i < 60000 && !found; i++) {
		CLEANUP_FILE FILE *maps = fopen(path, "re");
		unsigned long long start;

		usleep(1000);
		while (maps && fgets(line, sizeof(line), maps)) {
			if (strstr(line, "/cat\n") && sscanf(line, "%llx-%*x r-xp", &start) == 1 &&
			    strstr(line, " r-xp "))
				found = start;
		}
	}
	assert_true(found);
	/* A process that was just looked at is not looked at again. */
	const char *module = of_process(fixture, child, &found, 1)->module;
	assert_true(!module || strcmp(module, "cat"));
	clock_move(60000000);
	assert_string_equal(of_process(fixture, child, &found, 1)->module, "cat");
	clock_go();
	/* What it was before is still known, for what it did then. */
	assert_string_equal(of_process(fixture, child, &address, 1)->function, "of_this_test");
	close(to[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* ---- parts ----------------------------------------------------------------------------------------------------- */

static void names_for_people(void **state)
{
	(void)state;
	static const struct {
		const char *name, *readable; /* NULL: it is not mangled */
	} cases[] = {
		{ "main", NULL },
		{ "", NULL },
		{ "_", NULL },
		{ "_Z", NULL },
		{ "_Zzz", NULL },
		{ "_ZN6shapes3BoxImLi7EE4areaERPv", "shapes::Box<unsigned long, 7>::area" },
		{ "_ZN6shapes5outerEPVi", "shapes::outer" },
		{ "_ZNKSt6vectorIiSaIiEE4sizeEv", "std::vector<int, std::allocator<int> >::size" },
		{ "_ZN12_GLOBAL__N_13fooEv.part.0", "(anonymous namespace)::foo" },
		{ "_ZN4core3fmt9Formatter3new17h0123456789abcdefE", "core::fmt::Formatter::new" },
		{ "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$"
		  "3bar17h930b740aa94f1d3aE",
		  "<Test + 'static as foo::Bar<Test>>::bar" },
		{ "_RNvCs1234_7mycrate3foo", "mycrate::foo" },
		{ "_RINvNtC3std3mem8align_ofjE", "std::mem::align_of::<usize>" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf out = { 0 };

		ecli_buf_add_text(&out, "before:");
		bool is_mangled = ecli_demangle(cases[i].name, &out);
		assert_int_equal(is_mangled, cases[i].readable != NULL);
		assert_string_equal(ecli_buf_text(&out) + 7, is_mangled ? cases[i].readable : "");
	}
}

/* Each pair<> names the one before it twice: 2^40 letters, if anybody wrote them. */
static void a_name_that_would_never_end(void **state)
{
	(void)state;
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	CLEANUP_BUF struct ecli_buf name = { 0 }, out = { 0 };

	/* S0_ is P, S1_ is P<int, int>, S2_ is P<S1_, S1_>, ... */
	static const char short_name[] = "_Z1fI1PIiiES0_IS1_S1_EEvv";
	assert_true(ecli_demangle(short_name, &out));
	assert_string_equal(ecli_buf_text(&out), "f<P<int, int>, P<P<int, int>, P<int, int> > >");
	ecli_buf_clear(&out);
	ecli_buf_add_text(&name, "_Z1fI1PIiiE");
	for (int i = 0; i < 30; i++)
		ecli_buf_add_format(&name, "S0_IS%c_S%c_E", digits[i + 1], digits[i + 1]);
	ecli_buf_add_text(&name, "Evv");
	assert_false(ecli_demangle(ecli_buf_text(&name), &out));
	assert_int_equal(out.len, 0);
}

static void mappings_that_are_code(void **state)
{
	(void)state;
	static const char text[] =
		"1000-2000 r--p 00000000 fe:00 12   /bin/a\n"
		"2000-5000 r-xp 00001000 fe:00 12                         /bin/a b (deleted)\n"
		"4000-6000 r-xp 00000000 00:00 0 \n" /* overlaps: not the kernel's */
		"-7000-8000 r-xp 00000000 00:00 0 \n"
		"8000-7000 r-xp 00000000 00:00 0 \n"
		"9000-a000 r-xp 00000000 00:00 0\n"
		"b000-c000 r-xp\n"
		"b000\n"
		"\n"
		"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]";
	CLEANUP_FREE char *copy = strdup(text);
	struct ecli_map maps[8];

	assert_int_equal(ecli_maps_parse(copy, maps, ARRAY_SIZE(maps)), 3);
	assert_int_equal(maps[0].start, 0x2000);
	assert_int_equal(maps[0].end, 0x5000);
	assert_int_equal(maps[0].offset, 0x1000);
	assert_int_equal(maps[0].device_major, 0xfe);
	assert_int_equal(maps[0].inode, 12);
	assert_string_equal(maps[0].path, "/bin/a b (deleted)");
	assert_int_equal(maps[1].start, 0x9000);
	assert_string_equal(maps[1].path, "");
	assert_int_equal(maps[1].inode, 0);
	assert_string_equal(maps[2].path, "[vsyscall]");
}

/* A file that another process may serve or the kernel makes up (here one of proc), one that is nowhere, and memory of none. */
static void files_that_are_not_read(void **state)
{
	struct fixture *fixture = *state;
	static const char *const names[] = { "7/map_files/1000-2000", "7/map_files", "7/maps", "7/stat", "7" };
	static const char maps[] = "1000-2000 r-xp 00000000 00:05 12 /bin/served\n"
				   "2000-3000 r-xp 00000000 00:05 13 /bin/gone\n"
				   "3000-4000 r-xp 00000000 00:00 0 \n";
	char proc[] = "/tmp/ecli-symbols.XXXXXX", paths[ARRAY_SIZE(names)][64];
	uint64_t stack[] = { 0x1010, 0x2010, 0x3010 };

	assert_non_null(mkdtemp(proc));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", proc, names[i]);
	assert_int_equal(mkdir(paths[4], 0700) | mkdir(paths[1], 0700) | symlink("/proc/version", paths[0]), 0);
	assert_int_equal(ecli_file_write(paths[2], maps, strlen(maps), NULL), 0);
	assert_int_equal(
		ecli_file_write(paths[3], "7 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", 58, NULL), 0);
	look_below(fixture, proc);
	const struct ecli_frame *frames = of_process(fixture, 7, stack, ARRAY_SIZE(stack));
	assert_string_equal(frames[0].module, "served");
	assert_int_equal(frames[0].left_out, ECLI_LEFT_SERVED);
	assert_string_equal(frames[1].module, "gone");
	assert_int_equal(frames[1].left_out, ECLI_LEFT_FILE);
	assert_null(frames[2].module);
	assert_int_equal(frames[2].left_out, ECLI_LEFT_NOTHING);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		remove(paths[i]);
	rmdir(proc);
}

/* Beside code of no file stand the files before and behind it: it may be theirs. */
static void files_beside_code(void **state)
{
	(void)state;
	static const char text[] = "1000-2000 r--p 00000000 fe:00 12   /bin/before\n"
				   "2000-3000 r--p 00001000 fe:00 12   /bin/a\n"
				   "3000-5000 r-xp 00000000 00:00 0 \n"
				   "5000-6000 r-xp 00000000 00:0f 77  /anon_hugepage (deleted)\n"
				   "6000-7000 rw-p 00000000 00:00 0 \n"
				   "7000-8000 rw-p 00005000 fe:00 12   /bin/a\n"
				   "8000-9000 rw-p 00005000 fe:00 12   /bin/behind\n"
				   "9000-a000 r-xp 00000000 00:00 0   [vdso]\n";
	CLEANUP_FREE char *copy = strdup(text);
	struct ecli_map maps[8];

	assert_int_equal(ecli_maps_parse(copy, maps, ARRAY_SIZE(maps)), 5);
	assert_string_equal(maps[0].path, "/bin/a");
	assert_false(maps[0].is_code);
	assert_true(ecli_map_is_anonymous(&maps[1]));
	assert_true(ecli_map_is_anonymous(&maps[2]));
	assert_int_equal(maps[3].start, 0x7000);
	assert_false(maps[3].is_code);
	assert_false(ecli_map_is_anonymous(&maps[4]));
}

/* ---- the kernel ------------------------------------------------------------------------------------------------ */

static void functions_of_the_kernel(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP_FILE FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[400], module[100], type;
	unsigned long long address, last = 0;
	size_t asked = 0;

	assert_non_null(file);
	for (size_t i = 0; fgets(line, sizeof(line), file); i++) {
		int n = sscanf(line, "%llx %c %399s [%99[^]]", &address, &type, name, module);

		if (n < 3 || !address)
			continue;
		bool is_alias = address == last;
		last = address;
		/* Modules and BPF programs lie apart, and may share an address with what was freed since: by their own test. */
		if (i % 97 || !strchr("tT", type) || is_alias || n == 4)
			continue;
		const struct ecli_frame *frame = of_kernel(fixture, &(uint64_t){ address }, 1);
		assert_true(frame->is_kernel);
		assert_int_equal(frame->offset, 0);
		assert_string_equal(frame->function, name);
		assert_string_equal(frame->module, "");
		asked++;
	}
	if (!last)
		skip(); /* not root: the addresses are hidden */
	assert_true(asked > 100);
	assert_null(ecli_symbols_kernel_problem(fixture->symbols));
}

static void modules_and_bpf_programs(void **state)
{
	struct fixture *fixture = *state;
	static const char text[] = "ffffffff81000000 T startup_64\n"
				   "ffffffff81000040 T do_work\n"
				   "ffffffffc0201000 t init_once\t[ext4]\n"
				   "ffffffffc0300000 t bpf_prog_6deef7357e7b4530_handle\t[bpf]\n";
	char proc[] = "/tmp/ecli-symbols.XXXXXX", path[64];
	uint64_t stack[] = { 0xffffffffc0300010, 0xffffffffc0201004, 0xffffffff81000040, 0xffffffffd0000000 };

	assert_non_null(mkdtemp(proc));
	snprintf(path, sizeof(path), "%s/kallsyms", proc);
	assert_int_equal(ecli_file_write(path, text, strlen(text), NULL), 0);
	look_below(fixture, proc);
	assert_null(ecli_symbols_kernel_problem(fixture->symbols));
	const struct ecli_frame *frames = of_kernel(fixture, stack, ARRAY_SIZE(stack));
	assert_string_equal(frames[0].function, "bpf_prog_6deef7357e7b4530_handle");
	assert_string_equal(frames[0].module, "bpf");
	assert_string_equal(frames[1].function, "init_once");
	assert_string_equal(frames[1].module, "ext4");
	assert_int_equal(frames[1].offset, 4);
	/* The call was the last thing startup_64 did. */
	assert_string_equal(frames[2].function, "startup_64");
	assert_int_equal(frames[2].offset, 0x40);
	assert_string_equal(frames[2].module, "");
	assert_null(frames[3].function);
	assert_null(frames[3].module);
	unlink(path);
	rmdir(proc);
}

static void hidden_names_are_told(void **state)
{
	struct fixture *fixture = *state;
	uint64_t address = 0xffffffff81000000;

	look_below(fixture, "/nowhere");
	assert_null(of_kernel(fixture, &address, 1)->function);
	assert_non_null(ecli_symbols_kernel_problem(fixture->symbols));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(functions_of_this_process, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_process_that_has_ended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_process_that_never_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_process_that_becomes_another, set_up, tear_down),
		cmocka_unit_test_setup_teardown(functions_compiled_at_run_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_map_that_is_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_map_of_somebody_else_is_not_believed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(functions_of_the_vdso, set_up, tear_down),
		cmocka_unit_test(names_for_people),
		cmocka_unit_test(a_name_that_would_never_end),
		cmocka_unit_test(mappings_that_are_code),
		cmocka_unit_test_setup_teardown(files_that_are_not_read, set_up, tear_down),
		cmocka_unit_test(files_beside_code),
		cmocka_unit_test_setup_teardown(functions_of_the_kernel, set_up, tear_down),
		cmocka_unit_test_setup_teardown(modules_and_bpf_programs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hidden_names_are_told, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
