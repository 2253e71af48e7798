/* SPDX-License-Identifier: MIT */
/*
 * Symbols of programs in every form they come in: the test starts target.cpp as make.sh built it, reads from it which
 * addresses it has where, and asks for functions, lines and what was inlined. Arguments: the folder of the programs, and that of target.cpp.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "symbols/engine.h"

DEFINE_CLEANUP(symbols, struct ecli_engine *, ecli_engine_free)

static const char *programs, *sources;

/* ---- a target -------------------------------------------------------------------------------------------------- */

struct target {
	pid_t pid;
	int to, from;
	struct place {
		char name[32];
		unsigned long long address;
	} places[16];
	size_t count;
};

/* Starts @path in a root of its own when @root is given, and reads what it prints. */
static void start(struct target *target, const char *path, const char *root)
{
	CLEANUP_FILE FILE *out = NULL;
	int to[2], from[2];
	char line[128];

	*target = (struct target){ 0 };
	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	target->pid = fork();
	if (!target->pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		if (!root || (!unshare(CLONE_NEWNS) && !chroot(root) && !chdir("/")))
			execl(path, path, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	target->to = to[1];
	out = fdopen(from[0], "r");
	while (fgets(line, sizeof(line), out) && strcmp(line, "ready\n") != 0) {
		struct place *place = &target->places[target->count];

		assert_true(target->count < ARRAY_SIZE(target->places));
		assert_int_equal(sscanf(line, "%31s %llx", place->name, &place->address), 2);
		target->count++;
	}
	assert_true(target->count >= 7);
}

static void stop(struct target *target)
{
	if (target->to >= 0) {
		close(target->to);
		assert_int_equal(waitpid(target->pid, NULL, 0), target->pid);
	}
	target->to = -1;
}

static uint64_t place(const struct target *target, const char *name)
{
	for (size_t i = 0; i < target->count; i++) {
		if (!strcmp(target->places[i].name, name))
			return target->places[i].address;
	}
	fail_msg("the target has no %s", name);
	return 0;
}

/* The line of a source that has the mark "@NAME". */
static uint32_t marked(const char *name)
{
	static const char *const files[] = { "target.cpp", "library.c" };
	char path[4096], line[512], mark[64];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", sources, files[i]);
		CLEANUP_FILE FILE *file = fopen(path, "re");
		assert_non_null(file);
		snprintf(mark, sizeof(mark), "@%s", name);
		for (uint32_t number = 1; fgets(line, sizeof(line), file); number++) {
			char *at = strstr(line, mark);

			if (at && !strchr("abcdefghijklmnopqrstuvwxyz", at[strlen(mark)]))
				return number;
		}
	}
	fail_msg("no line has @%s", name);
	return 0;
}

/* ---- what is known --------------------------------------------------------------------------------------------- */

/* The frames of each place, innermost first: FUNCTION@MARK, separated by a space that no name has: '|'. */
static const struct {
	const char *place, *frames;
} truth[] = {
	{ "plain", "plain@plain" },
	{ "area", "shapes::Box<unsigned long, 7>::area@area" },
	{ "outer", "shapes::innermost@innermost|shapes::middle<int volatile>@middle|shapes::outer@outer" },
	{ "lambda", "(anonymous namespace)::hidden(int (*)(int))::{lambda(int)#1}::operator()@lambda" },
	{ "library", "inner@inner" },
};

/* The library always has lines; without debug information at all (no_lines) it has not. */
enum detail { WITH_LINES, ONLY_FUNCTIONS, NO_DEBUG, NOTHING };

static void same_frame(const struct ecli_frame *frame, const char *want, size_t len, const char *module,
		       enum detail detail)
{
	const char *mark = memchr(want, '@', len);

	assert_string_equal(frame->module, module);
	assert_false(frame->is_kernel);
	if (detail == NOTHING) {
		assert_null(frame->function);
		return;
	}
	assert_non_null(frame->function);
	assert_int_equal(strlen(frame->function), mark - want);
	assert_memory_equal(frame->function, want, mark - want);
	if (detail != WITH_LINES) {
		assert_null(frame->file);
		return;
	}
	char name[64];
	snprintf(name, sizeof(name), "%.*s", (int)(len - (size_t)(mark + 1 - want)), mark + 1);
	assert_int_equal(frame->line, marked(name));
	assert_non_null(frame->file);
	const char *file = strrchr(frame->file, '/');
	assert_string_equal(file ? file + 1 : frame->file,
			    strcmp(module, "libpart.so") && strcmp(name, "inner") ? "target.cpp" : "library.c");
}

/* A lambda has no name; compilers choose one. */
static const char *frames_of(size_t i, const char *module)
{
	if (!strcmp(module, "clang") && !strcmp(truth[i].place, "lambda"))
		return "(anonymous namespace)::hidden(int (*)(int))::$_0::operator()@lambda";
	return truth[i].frames;
}

/* Asks for each place as the caller of some other, and compares. @module: of all, but the library where it is one. */
static void check(struct ecli_engine *symbols, const struct target *target, const char *module, const char *library,
		  enum detail detail)
{
	for (size_t i = 0; i < ARRAY_SIZE(truth); i++) {
		CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };
		bool in_library = library && !strcmp(truth[i].place, "library");
		enum detail its = in_library && detail != NO_DEBUG ? WITH_LINES : detail;
		uint64_t stack[] = { place(target, "plain_start"), place(target, truth[i].place) };
		size_t at = 1;

		assert_int_equal(ecli_engine_user(symbols, (uint32_t)target->pid, stack, 2, &frames), 0);
		for (const char *want = frames_of(i, module); *want; at++) {
			size_t len = strcspn(want, "|");
			bool is_last = !want[len];

			/* Without lines nothing inlined is known: only the last one. */
			if (its != WITH_LINES && !is_last) {
				want += len + 1;
				at--;
				continue;
			}
			assert_true(at < frames.count);
			same_frame(&frames.items[at], want, len, in_library ? library : module, its);
			assert_int_equal(frames.items[at].is_inlined, !is_last);
			assert_int_equal(frames.items[at].address, stack[1]);
			want += len + !is_last;
		}
		assert_int_equal(frames.count, at);
		if (detail != NOTHING) {
			assert_string_equal(frames.items[0].function, "plain");
			assert_int_equal(frames.items[0].offset, 0);
			if (!strcmp(truth[i].place, "plain"))
				assert_int_equal(frames.items[1].offset, stack[1] - stack[0]);
		}
	}
}

static struct ecli_engine *new_symbols(const struct ecli_engine_opts *opts)
{
	struct ecli_engine *symbols = ecli_engine_new(opts);

	assert_non_null(symbols);
	return symbols;
}

/* ---- tests ----------------------------------------------------------------------------------------------------- */

static void programs_of_every_form(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum detail detail;
	} forms[] = {
		{ "pie", WITH_LINES },    { "nopie", WITH_LINES }, { "dwarf4", WITH_LINES },
		{ "packed", WITH_LINES }, { "link", WITH_LINES },  { "mini", ONLY_FUNCTIONS },
		{ "bare", NOTHING },      { "clang", WITH_LINES }, { "static", WITH_LINES },
	};
	CLEANUP(cleanup_symbols) struct ecli_engine *symbols = new_symbols(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct target target;
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", programs, forms[i].name);
		if (access(path, X_OK) && !strcmp(forms[i].name, "clang"))
			continue; /* no clang that links C++ here */
		start(&target, path, NULL);
		print_message("%s\n", forms[i].name);
		check(symbols, &target, forms[i].name, strcmp(forms[i].name, "static") ? "libpart.so" : NULL,
		      forms[i].detail);
		stop(&target);
		/* And once more, of a process that is gone, from what was kept. */
		check(symbols, &target, forms[i].name, strcmp(forms[i].name, "static") ? "libpart.so" : NULL,
		      forms[i].detail);
	}
}

static void only_functions_when_asked(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols)
	struct ecli_engine *symbols = new_symbols(&(struct ecli_engine_opts){ .no_lines = true });
	struct target target;
	char path[4096];

	snprintf(path, sizeof(path), "%s/pie", programs);
	start(&target, path, NULL);
	check(symbols, &target, "pie", "libpart.so", NO_DEBUG);
	stop(&target);
}

/* ---- files that go -------------------------------------------------------------------------------------------- */

static void copy(const char *name, const char *to, mode_t mode)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	char path[4096];
	struct ecli_err err = { 0 };

	snprintf(path, sizeof(path), "%s/%s", programs, name);
	assert_int_equal(ecli_file_read(path, 64 << 20, &text, &err), 0);
	assert_int_equal(ecli_file_write(to, text.data, text.len, &err), 0);
	assert_int_equal(chmod(to, mode), 0);
}

static void deleted_and_replaced(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_engine *symbols = new_symbols(NULL);
	char folder[] = "/tmp/ecli-symbols.XXXXXX", path[64];
	struct target deleted, replaced;

	if (geteuid())
		skip(); /* map_files are root's */
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/goes", folder);
	copy("nopie", path, 0755);
	start(&deleted, path, NULL);
	assert_int_equal(unlink(path), 0);
	check(symbols, &deleted, "goes", "libpart.so", WITH_LINES);

	/* Another program lies there now, under the same name. */
	copy("bare", path, 0755);
	start(&replaced, path, NULL);
	check(symbols, &replaced, "goes", "libpart.so", NOTHING);
	check(symbols, &deleted, "goes", "libpart.so", WITH_LINES);
	stop(&deleted);
	stop(&replaced);
	unlink(path);
	rmdir(folder);
}

/* The path of the file that debug information with this build id lies under. */
static void by_build_id(const char *program, const char *root, char *ret, size_t size)
{
	char command[8192], id[128];

	snprintf(command, sizeof(command), "readelf -n '%s' | sed -n 's/.*Build ID: //p'", program);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_non_null(fgets(id, sizeof(id), pipe));
	pclose(pipe);
	id[strcspn(id, "\n")] = '\0';
	assert_int_equal(strlen(id), 40);
	snprintf(command, sizeof(command), "mkdir -p '%s/usr/lib/debug/.build-id/%.2s'", root, id);
	assert_int_equal(system(command), 0);
	snprintf(ret, size, "%s/usr/lib/debug/.build-id/%.2s/%s.debug", root, id, id + 2);
}

static void in_a_root_of_its_own(void **state)
{
	(void)state;
	char root[] = "/tmp/ecli-symbols.XXXXXX", path[4096], debug[4096], command[128];
	struct target target;

	if (geteuid())
		skip();
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/inside", root);
	copy("id", path, 0755);

	/* Without its debug file it has no names at all; with one of another program neither. */
	CLEANUP(cleanup_symbols) struct ecli_engine *without = new_symbols(NULL);
	start(&target, "/inside", root);
	check(without, &target, "inside", NULL, NOTHING);
	by_build_id(path, root, debug, sizeof(debug));
	copy("pie", debug, 0644);
	CLEANUP(cleanup_symbols) struct ecli_engine *wrong = new_symbols(NULL);
	check(wrong, &target, "inside", NULL, NOTHING);

	copy("id.debug", debug, 0644);
	CLEANUP(cleanup_symbols) struct ecli_engine *symbols = new_symbols(NULL);
	check(symbols, &target, "inside", NULL, WITH_LINES);
	stop(&target);
	check(symbols, &target, "inside", NULL, WITH_LINES);
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	assert_int_equal(system(command), 0);
}

static void a_link_with_another_checksum(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_engine *symbols = new_symbols(NULL);
	char folder[] = "/tmp/ecli-symbols.XXXXXX", path[64], debug[64];
	struct target target;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/link", folder);
	snprintf(debug, sizeof(debug), "%s/link.debug", folder);
	copy("link", path, 0755);
	copy("id.debug", debug, 0644);
	start(&target, path, NULL);
	check(symbols, &target, "link", "libpart.so", NOTHING);
	stop(&target);
	unlink(path);
	unlink(debug);
	rmdir(folder);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_of_every_form),       cmocka_unit_test(only_functions_when_asked),
		cmocka_unit_test(deleted_and_replaced),         cmocka_unit_test(in_a_root_of_its_own),
		cmocka_unit_test(a_link_with_another_checksum),
	};

	if (argc != 3)
		return 2;
	programs = argv[1];
	sources = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
