/* SPDX-License-Identifier: MIT */
/*
 * The symbolizer from outside: the same answers as the engine's own, a child that is killed or stopped, what the child holds, the end of a
 * run; and from inside what a child that was taken over may say, and who pays for what.
 */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecli/symbols.h>

#include "base/cleanup.h"
#include "symbols/child.h"
#include "symbols/wire.h"
#include "symbols/work.h"

DEFINE_CLEANUP(symbols, struct ecli_symbols *, ecli_symbols_free)
DEFINE_CLEANUP(names, struct ecli_names *, ecli_names_free)

__attribute__((noinline)) static void of_this_test(void)
{
	__asm__ volatile("nop; nop; nop; nop");
}

static struct ecli_symbols *new_symbols(const struct ecli_symbols_opts *opts)
{
	struct ecli_symbols *symbols = NULL;

	assert_int_equal(ecli_symbols_new(opts, NULL, &symbols), 0);
	return symbols;
}

/* The function of one address of this process, NULL: it is not known. Two addresses, so that nothing that is kept has the answer. */
static const char *ask(struct ecli_symbols *symbols)
{
	static uint64_t other = 16;
	CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };
	uint64_t stack[] = { (uintptr_t)of_this_test, other++ };

	assert_int_equal(ecli_symbols_user(symbols, (uint32_t)getpid(), NULL, stack, ARRAY_SIZE(stack), &frames), 0);
	assert_int_equal(frames.count, 2);
	assert_int_equal(frames.items[0].address, stack[0]);
	assert_int_equal(frames.items[1].address, stack[1]);
	assert_null(frames.items[1].function);
	return frames.items[0].function;
}

/* The only child of this process; 0: there is none. */
static pid_t only_child(void)
{
	CLEANUP_FILE FILE *file = fopen("/proc/thread-self/children", "re");
	int first = 0, second = 0;

	assert_non_null(file);
	assert_true(fscanf(file, "%d %d", &first, &second) < 2);
	return first;
}

static char state_of(pid_t pid)
{
	char path[64], state = '?';

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	CLEANUP_FILE FILE *file = fopen(path, "re");
	if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	return state;
}

/* ---- from outside ---------------------------------------------------------------------------------------------- */

static void answers_come_from_a_child(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);
	char path[64], text[4096] = "";

	assert_int_equal(only_child(), 0);
	assert_string_equal(ask(symbols), "of_this_test");
	pid_t child = only_child();
	assert_int_not_equal(child, 0);
	assert_string_equal(ask(symbols), "of_this_test");
	assert_int_equal(only_child(), child);

	/* It has its name, and goes with what asks it. */
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)child);
	CLEANUP_FILE FILE *comm = fopen(path, "re");
	assert_non_null(comm);
	assert_non_null(fgets(text, sizeof(text), comm));
	assert_string_equal(text, "ecli-symbols\n");
	ecli_symbols_free(TAKE_PTR(symbols));
	assert_int_equal(only_child(), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void the_child_holds_nothing_of_ours(void **state)
{
	(void)state;
	char path[64], target[256], line[512];
	struct dirent *entry;
	CLEANUP_FD int held = memfd_create("held-descriptor", 0);
	CLEANUP_FD int mapped = memfd_create("held-mapping", 0);
	size_t count = 0;

	assert_int_equal(ftruncate(mapped, 4096), 0);
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0);
	assert_true(memory != MAP_FAILED);
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);
	assert_string_equal(ask(symbols), "of_this_test");
	pid_t child = only_child();

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)child);
	DIR *folder = opendir(path);
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		ssize_t n = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);

		if (n < 0)
			continue;
		target[n] = '\0';
		assert_null(strstr(target, "held-"));
		count++;
	}
	closedir(folder);
	assert_true(count >= 4);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	CLEANUP_FILE FILE *maps = fopen(path, "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		assert_null(strstr(line, "held-"));
	munmap(memory, 4096);
}

static void a_child_that_is_killed(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);

	assert_string_equal(ask(symbols), "of_this_test");
	pid_t child = only_child();
	assert_int_equal(kill(child, SIGKILL), 0);
	while (state_of(child) != 'Z')
		sched_yield();
	assert_string_equal(ask(symbols), "of_this_test");
	assert_int_not_equal(only_child(), child);
	assert_null(ecli_symbols_user_problem(symbols));

	/* Signals for the whole group of a terminal are not for it. */
	child = only_child();
	assert_int_equal(kill(child, SIGINT) | kill(child, SIGTERM) | kill(child, SIGHUP), 0);
	assert_string_equal(ask(symbols), "of_this_test");
	assert_int_equal(only_child(), child);
}

static void a_child_that_always_dies(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);

	for (int i = 0; i < 100 && !ecli_symbols_user_problem(symbols); i++) {
		ask(symbols);
		pid_t child = only_child();
		if (!child)
			continue;
		assert_int_equal(kill(child, SIGKILL), 0);
		while (state_of(child) != 'Z')
			sched_yield();
	}
	assert_null(ask(symbols));
	assert_int_equal(only_child(), 0);
	assert_non_null(ecli_symbols_user_problem(symbols));
	assert_non_null(strstr(ecli_symbols_user_problem(symbols), "has ended 24 times"));
}

static void a_child_that_hangs(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);

	assert_string_equal(ask(symbols), "of_this_test");
	pid_t child = only_child();
	assert_int_equal(kill(child, SIGSTOP), 0);
	/* The next one answers the question that this one did not. */
	assert_string_equal(ask(symbols), "of_this_test");
	assert_int_not_equal(only_child(), child);
}

/* After so many questions. */
static bool counts_down(void *ctx)
{
	int *left = ctx;

	return --*left < 0;
}

static void the_end_of_a_run(void **state)
{
	(void)state;
	int left = INT_MAX;
	CLEANUP(cleanup_symbols)
	struct ecli_symbols *symbols = new_symbols(&(struct ecli_symbols_opts){ .is_over = counts_down, .ctx = &left });

	assert_string_equal(ask(symbols), "of_this_test");
	/* While a question is waited for, and behind it. */
	assert_int_equal(kill(only_child(), SIGSTOP), 0);
	left = 3;
	assert_null(ask(symbols));
	assert_null(ask(symbols));
	assert_null(ecli_symbols_user_problem(symbols)); /* who ends the run knows */
}

static void no_process_can_be_started(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);
	struct rlimit before, none;

	/* A descriptor less than the socket needs: as good as fork(2) that fails, and root cannot get round it. */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (int i = 0; i < 30; i++)
		assert_null(ask(symbols));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_non_null(strstr(ecli_symbols_user_problem(symbols), "cannot be started"));
}

static void long_stacks(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);
	CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };
	uint64_t stack[1000];

	for (size_t i = 0; i < ARRAY_SIZE(stack); i++)
		stack[i] = (uintptr_t)of_this_test + i % 2 + (i > 0);
	for (int round = 0; round < 2; round++) { /* the second time from what is kept */
		frames.count = 0;
		assert_int_equal(
			ecli_symbols_user(symbols, (uint32_t)getpid(), NULL, stack, ARRAY_SIZE(stack), &frames), 0);
		assert_int_equal(frames.count, ARRAY_SIZE(stack));
		for (size_t i = 0; i < ARRAY_SIZE(stack); i++) {
			assert_int_equal(frames.items[i].address, stack[i]);
			assert_string_equal(frames.items[i].function, "of_this_test");
			assert_int_equal(frames.items[i].offset, stack[i] - (uintptr_t)of_this_test);
		}
	}
}

static void a_process_that_was_noted(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);
	CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };
	uint64_t stack[] = { (uintptr_t)of_this_test };
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (!child) {
		char c;

		close(ends[1]);
		_exit(read(ends[0], &c, 1) == 0 ? 0 : 1);
	}
	close(ends[0]);
	ecli_symbols_note(symbols, (uint32_t)child);
	ecli_symbols_user(symbols, 0x7ffffff0, NULL, stack, 1,
			  &frames); /* behind it: when this is answered, it was looked at */
	close(ends[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	frames.count = 0;
	assert_int_equal(ecli_symbols_user(symbols, (uint32_t)child, NULL, stack, 1, &frames), 0);
	assert_string_equal(frames.items[0].function, "of_this_test");
}

static void memory_has_a_bound(void **state)
{
	(void)state;
	CLEANUP(cleanup_symbols) struct ecli_symbols *symbols = new_symbols(NULL);
	struct rlimit data, core;

#ifdef __SANITIZE_ADDRESS__
	return; /* it has terabytes */
#endif
	assert_string_equal(ask(symbols), "of_this_test");
	assert_int_equal(prlimit(only_child(), RLIMIT_DATA, NULL, &data), 0);
	assert_int_equal(prlimit(only_child(), RLIMIT_CORE, NULL, &core), 0);
	assert_true(data.rlim_cur < 128 << 20);
	assert_int_equal(core.rlim_cur, 0);
}

/* ---- what is said ---------------------------------------------------------------------------------------------- */

struct talk {
	struct ecli_names *pool;
	struct ecli_wire_texts texts;
	struct ecli_frames frames;
	struct ecli_wire_head head;
	_Alignas(struct ecli_wire_frame) char data[4096];
};

static void put(struct talk *talk, const void *data, size_t size)
{
	memcpy(talk->data + talk->head.size_bytes, data, size);
	talk->head.size_bytes += (uint32_t)size;
}

static void put_text(struct talk *talk, const char *text, uint16_t len)
{
	put(talk, &len, sizeof(len));
	put(talk, text, strlen(text));
	talk->head.n_texts++;
}

static void put_frame(struct talk *talk, const struct ecli_wire_frame *frame)
{
	put(talk, frame, sizeof(*frame));
	talk->head.n_frames++;
}

static int hear(struct talk *talk)
{
	static const uint64_t addresses[] = { 0x10, 0x20 };
	size_t ends[2];
	bool is_final[2];
	int r = ecli_wire_read(&talk->head, talk->data, addresses, 2, talk->pool, &talk->texts, &talk->frames, ends,
			       is_final);

	if (!r) {
		assert_int_equal(ends[1], talk->frames.count);
		assert_true(ends[0] < ends[1]);
	}
	return r;
}

/* A good answer to begin with: two texts, a frame for the first address and two for the second. */
static void begin(struct talk *talk)
{
	talk->head = (struct ecli_wire_head){ .sequence = 1 };
	put_text(talk, "main", 4);
	put_text(talk, "programs", 8);
	put_frame(talk, &(struct ecli_wire_frame){ .function = 1, .module = 2, .is_final = 1 });
	put_frame(talk, &(struct ecli_wire_frame){ .function = 1, .address = 1, .is_inlined = 1 });
	put_frame(talk, &(struct ecli_wire_frame){ .address = 1, .offset = 7 });
}

static struct ecli_wire_frame *frame_at(struct talk *talk, size_t i)
{
	return (void *)(talk->data + 16 + i * sizeof(struct ecli_wire_frame));
}

static void no_length(struct talk *talk)
{
	talk->data[0] = 127;
}
static void an_empty_text(struct talk *talk)
{
	talk->data[0] = 0;
}
static void a_nul(struct talk *talk)
{
	talk->data[3] = 0;
}
static void too_few_texts(struct talk *talk)
{
	talk->head.n_texts = 1;
}
static void a_text_that_is_not_counted(struct talk *talk)
{
	talk->head.n_texts = 1;
	frame_at(talk, 0)->module = 0;
}
static void too_many_texts(struct talk *talk)
{
	talk->head.n_texts = 3;
}
static void too_many_frames(struct talk *talk)
{
	talk->head.n_frames = 5;
}
static void endless_frames(struct talk *talk)
{
	talk->head.n_frames = UINT32_MAX;
}
static void endless_texts(struct talk *talk)
{
	talk->head.n_texts = UINT32_MAX;
}
static void no_frames(struct talk *talk)
{
	talk->head.n_frames = 0;
}
static void endless(struct talk *talk)
{
	talk->head.size_bytes = UINT32_MAX;
}
static void cut_off(struct talk *talk)
{
	talk->head.size_bytes--;
}
static void an_unknown_function(struct talk *talk)
{
	frame_at(talk, 0)->function = 3;
}
static void an_unknown_module(struct talk *talk)
{
	frame_at(talk, 1)->module = UINT32_MAX;
}
static void an_unknown_file(struct talk *talk)
{
	frame_at(talk, 2)->file = 0x80000000;
}
static void an_unknown_reason(struct talk *talk)
{
	frame_at(talk, 1)->left_out = ECLI_LEFT_REASONS;
}
static void a_wrong_first_address(struct talk *talk)
{
	frame_at(talk, 0)->address = 1;
}
static void an_address_too_many(struct talk *talk)
{
	frame_at(talk, 2)->address = 2;
}
static void an_address_back(struct talk *talk)
{
	frame_at(talk, 2)->address = 0;
}
static void an_address_missing(struct talk *talk)
{
	frame_at(talk, 1)->address = frame_at(talk, 2)->address = 0;
}

static void answers_that_are_none(void **state)
{
	(void)state;
	static void (*const ways[])(struct talk * talk) = {
		no_length,
		an_empty_text,
		a_nul,
		too_few_texts,
		too_many_texts,
		too_many_frames,
		endless_frames,
		endless_texts,
		no_frames,
		endless,
		cut_off,
		an_unknown_function,
		an_unknown_module,
		an_unknown_file,
		an_unknown_reason,
		a_wrong_first_address,
		an_address_too_many,
		an_address_back,
		an_address_missing,
		a_text_that_is_not_counted,
	};

	for (size_t i = 0; i <= ARRAY_SIZE(ways); i++) {
		struct talk talk = { .pool = ecli_names_new() };

		begin(&talk);
		if (i < ARRAY_SIZE(ways))
			ways[i](&talk);
		if (hear(&talk) != (i < ARRAY_SIZE(ways) ? -EBADMSG : 0))
			fail_msg("way %zu: it was %s", i, i < ARRAY_SIZE(ways) ? "believed" : "not believed");
		assert_int_equal(talk.frames.count, i < ARRAY_SIZE(ways) ? 0 : 3);
		if (i == ARRAY_SIZE(ways)) {
			assert_string_equal(talk.frames.items[0].function, "main");
			assert_string_equal(talk.frames.items[0].module, "programs");
			assert_int_equal(talk.frames.items[1].address, 0x20);
			assert_true(talk.frames.items[1].is_inlined);
			assert_int_equal(talk.frames.items[2].offset, 7);
		}
		ecli_frames_done(&talk.frames);
		ecli_wire_forget(&talk.texts);
		ecli_names_free(talk.pool);
	}
}

/* ---- who pays -------------------------------------------------------------------------------------------------- */

static void a_user_has_a_quarter(void **state)
{
	(void)state;
	static struct ecli_work_page page;
	struct ecli_avoid avoid = { 0 };
	struct ecli_work file = { .kind = ECLI_WORK_FILE, .user = 1000, .id = { 1, 2 } }, other = file, none = { 0 };

	assert_true(ecli_work_may(&page, 1000));
	ecli_work_charge(&page, 1000, 4000000000, 0);
	assert_true(ecli_work_may(&page, 1000));
	ecli_work_charge(&page, 1000, 1000000000, 0);
	assert_false(ecli_work_may(&page, 1000));
	assert_true(ecli_work_may(&page, 1001));
	ecli_work_charge(&page, 1001, 0, 3 << 20);
	assert_false(ecli_work_may(&page, 1001));
	ecli_work_charge(&page, 0, UINT32_MAX * 1000ull, UINT32_MAX);
	assert_true(ecli_work_may(&page, 0));
	for (uint32_t user = 2000; user < 3000; user++) /* more than there are places: they share the last one */
		ecli_work_charge(&page, user, 1000000000, 0);
	assert_false(ecli_work_may(&page, 5000));
	assert_false(ecli_work_may(&page, 1000));

	/* What was begun is said until it is ended, also within something else. */
	struct ecli_work before = ecli_work_begin(&page, &file);
	other.id[1] = 3;
	ecli_work_end(&page, ecli_work_begin(&page, &other));
	assert_memory_equal(&page.now, &file, sizeof(file));
	ecli_work_end(&page, before);
	assert_int_equal(page.now.kind, ECLI_WORK_NOTHING);

	ecli_avoid_add(&avoid, &none);
	assert_int_equal(avoid.count, 0);
	for (int i = 0; i < 100; i++) {
		ecli_avoid_add(&avoid, &file);
		assert_int_equal(ecli_avoid_times(&avoid, &file), i + 1);
		assert_int_equal(ecli_avoid_times(&avoid, &other), 0);
	}
	for (uint64_t i = 10; i < 100; i++)
		ecli_avoid_add(&avoid, &(struct ecli_work){ .kind = ECLI_WORK_PROCESS, .id = { i } });
	assert_int_equal(avoid.count, ECLI_AVOID_MAX);
	assert_int_equal(ecli_avoid_times(NULL, &file), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_from_a_child), cmocka_unit_test(the_child_holds_nothing_of_ours),
		cmocka_unit_test(a_child_that_is_killed),    cmocka_unit_test(a_child_that_always_dies),
		cmocka_unit_test(a_child_that_hangs),        cmocka_unit_test(the_end_of_a_run),
		cmocka_unit_test(no_process_can_be_started), cmocka_unit_test(long_stacks),
		cmocka_unit_test(a_process_that_was_noted),  cmocka_unit_test(memory_has_a_bound),
		cmocka_unit_test(answers_that_are_none),     cmocka_unit_test(a_user_has_a_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
