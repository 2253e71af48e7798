/* SPDX-License-Identifier: MIT */
/* poll/processes.c on the real kernel: what a child maps, and where it comes from, is told, and told in order, also when nobody reads until it is gone. */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 50

/* What was told of one process. */
struct told {
	uint32_t pid;
	char order[32]; /* F: forked by us, X: another program, M: code of @wanted mapped */
	const char *wanted;
	struct stat wanted_stat;
	uint64_t size_bytes;
};

static struct told told[CHILDREN];

static void on_process(void *ctx, const struct ecli_poll_process *process)
{
	static const char letters[] = { [ECLI_POLL_MAPPED] = 'M',
					[ECLI_POLL_FORKED] = 'F',
					[ECLI_POLL_EXECED] = 'X',
					[ECLI_POLL_NAMED] = 'N',
					[ECLI_POLL_KERNEL] = 'K' };
	uint32_t *others = ctx;

	for (size_t i = 0; i < CHILDREN; i++) {
		struct told *its = &told[i];
		size_t len = strlen(its->order);

		if (its->pid != process->pid || len == sizeof(its->order) - 1)
			continue;
		if (process->kind == ECLI_POLL_MAPPED &&
		    (strcmp(process->path, its->wanted) != 0 || process->inode != its->wanted_stat.st_ino))
			return;
		if (process->kind == ECLI_POLL_FORKED && process->parent != (uint32_t)getpid())
			return;
		if (process->kind == ECLI_POLL_MAPPED)
			its->size_bytes = process->size_bytes;
		its->order[len] = letters[process->kind];
		return;
	}
	(*others)++;
}

static void start(struct told *its, const char *program)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (program)
			execl(program, program, NULL);
		/* What a library is to a program: a file mapped as code, and one that is data. */
		int fd = open(its->wanted, O_RDONLY | O_CLOEXEC);
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
		_exit(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED);
	}
	its->pid = (uint32_t)pid;
}

static void end(const struct told *its)
{
	int status;

	assert_int_equal(waitpid((pid_t)its->pid, &status, 0), its->pid);
	assert_int_equal(status, 0);
}

static void check_told(const char *program, const char *file, const char *order)
{
	struct ecli_poll_processes *processes;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;
	uint32_t others = 0;
	int r;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	r = ecli_poll_add_processes(poll, true, on_process, &others, &processes);
	if (r == -EACCES || r == -EPERM) {
		ecli_poll_free(poll);
		skip();
	}
	assert_int_equal(r, 0);
	memset(told, 0, sizeof(told));
	for (size_t i = 0; i < CHILDREN; i++) {
		told[i].wanted = file;
		assert_int_equal(stat(file, &told[i].wanted_stat), 0);
		start(&told[i], program);
	}
	for (size_t i = 0; i < CHILDREN; i++)
		end(&told[i]);
	ecli_poll_read_processes(processes);
	for (size_t i = 0; i < CHILDREN; i++) {
		assert_string_equal(told[i].order, order);
		assert_true(told[i].size_bytes >= 4096);
	}
	/* Once only. */
	memset(told, 0, sizeof(told));
	ecli_poll_read_processes(processes);
	ecli_poll_free(poll);
}

static void a_program_is_told(void **state)
{
	(void)state;
	char path[4096];

	assert_non_null(realpath("/bin/true", path));
	check_told(path, path, "FXM");
}

static void code_is_told_and_data_is_not(void **state)
{
	(void)state;
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(n > 0);
	path[n] = '\0';
	check_told(NULL, path, "FM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_is_told),
		cmocka_unit_test(code_is_told_and_data_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
