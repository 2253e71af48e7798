/* SPDX-License-Identifier: MIT */
/* poll/iter.c and poll/trace_pipe.c on the real kernel. tracefs is mounted for this process only. */
#include "live.h"
#include "waits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

static char tracefs[64];

static int on_chunk(void *ctx, const struct ecli_poll_record *record)
{
	int *found = ctx;
	const struct poll_task *tasks = record->data;

	assert_int_equal(record->size_bytes % sizeof(*tasks), 0);
	for (size_t i = 0; i < record->size_bytes / sizeof(*tasks); i++)
		*found += tasks[i].pid == getpid() && tasks[i].tgid == getpid();
	return 0;
}

static void an_iterator_is_read_once_to_its_end(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;
	int found = 0, link_fd = bpf_link_create(live_prog("tasks"), 0, BPF_TRACE_ITER, NULL);

	assert_true(link_fd >= 0);
	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_iter(poll, link_fd, on_chunk, &found, &err), &err);
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_FINISHED);
	assert_int_equal(found, 1);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(found, 1);

	assert_true(ecli_poll_add_iter(poll, live_map("table"), on_chunk, &found, &err) < 0);
	ecli_poll_free(poll);
	close(link_fd);
}

struct lines {
	unsigned first, second, others, stop_after; /* ends the run with this line of ours */
	uint64_t before_ns, after_ns;
	char task[32];
};

static int on_line(void *ctx, const struct ecli_poll_print *line)
{
	struct lines *lines = ctx;

	/* The pipe shows the whole machine's lines: ours are known by their process. */
	if (line->pid != (uint32_t)getpid()) {
		lines->others++;
		return 0;
	}
	/* The pipe's times are whole microseconds. */
	assert_true(line->mono_ns + 1000 > lines->before_ns && line->mono_ns < lines->after_ns);
	snprintf(lines->task, sizeof(lines->task), "%.*s", (int)line->task_len, line->task);
	lines->first += line->message_len == 17 && !memcmp(line->message, "poll test 5 of 99", 17);
	lines->second += line->message_len == 12 && !memcmp(line->message, "two\nlines: 5", 12);
	return lines->stop_after && lines->first + lines->second >= lines->stop_after;
}

static bool has_instance(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/instances/%s", tracefs, name);
	return access(path, F_OK) == 0;
}

static void a_printed_line_arrives_and_nothing_is_left(void **state)
{
	(void)state;
	struct lines lines = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll, *other;
	char name[64];

	if (!tracefs[0])
		skip();
	prctl(PR_SET_NAME, "a b-7 [001] c", 0, 0, 0);
	snprintf(name, sizeof(name), "ecli-%d", (int)getpid());
	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_trace_pipe(poll, tracefs, on_line, &lines, &err), &err);
	assert_true(has_instance(name));
	/* A second one in the same process has its own. */
	assert_ok(ecli_poll_new(&err, &other), &err);
	assert_ok(ecli_poll_add_trace_pipe(other, tracefs, on_line, &lines, &err), &err);
	ecli_poll_free(other);
	assert_true(has_instance(name));

	lines.before_ns = live_now_ns();
	live_run(live_prog("print"), 5, 99, 0);
	lines.after_ns = live_now_ns();
	lines.stop_after = 2;
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	lines.stop_after = 0;
	assert_int_equal(lines.first, 1);
	assert_int_equal(lines.second, 1);
	assert_string_equal(lines.task, "a b-7 [001] c");

	lines.before_ns = live_now_ns();
	live_run(live_prog("print"), 5, 99, 0);
	lines.after_ns = live_now_ns();
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(lines.first, 2);
	assert_int_equal(lines.second, 2);
	ecli_poll_free(poll);
	assert_false(has_instance(name));
}

/* A dead process's instance goes; a living one's, and what is not ours, stays. */
static void instances_of_the_dead_are_removed(void **state)
{
	(void)state;
	char path[256], dead_name[64], living_name[64];
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;
	pid_t child;

	if (!tracefs[0])
		skip();
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);

	snprintf(dead_name, sizeof(dead_name), "ecli-%d", (int)child);
	snprintf(living_name, sizeof(living_name), "ecli-%d-9", (int)getppid());
	const char *names[] = { dead_name, living_name, "ecli-poll-test" };
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/instances/%s", tracefs, names[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_trace_pipe(poll, tracefs, on_line, NULL, &err), &err);
	ecli_poll_free(poll);
	assert_false(has_instance(dead_name));
	assert_true(has_instance(living_name));
	assert_true(has_instance("ecli-poll-test"));
	for (int i = 1; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/instances/%s", tracefs, names[i]);
		rmdir(path);
	}
}

static void a_missing_tracefs_is_told(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_true(ecli_poll_add_trace_pipe(poll, "/proc/self/tracefs", on_line, NULL, &err) < 0);
	assert_string_equal(err.text, "cannot open the tracing folder /proc/self/tracefs: No such file or directory");
	ecli_poll_free(poll);
}

static bool is_first_pid_namespace(void)
{
	struct stat namespace;

	return stat("/proc/self/ns/pid", &namespace) == 0 && namespace.st_ino == 0xeffffffcu;
}

/* A folder that looks like the tracefs of an old kernel: no instances, lines of other tracers in the pipe, another
 * clock. The kernel's name of the process is one that had its number before. */
static void the_global_pipe_serves_old_kernels(void **state)
{
	(void)state;
	struct lines lines = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;
	char dir[] = "/tmp/ecli-poll-XXXXXX", path[64], text[512];

	prctl(PR_SET_NAME, "mine", 0, 0, 0);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/trace_pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	lines.before_ns = live_now_ns();
	lines.after_ns = UINT64_MAX;
	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_trace_pipe(poll, dir, on_line, &lines, &err), &err);

	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int len = snprintf(text, sizeof(text),
			   "            live-%-7d [000] d..1     1.000002: sched_switch: poll test 5 of 99\n"
			   "poll test 5 of 99\n"
			   "            live-%-7d [000] d..1     1.000001: 0x00000001: poll test 5 of 99\n",
			   (int)getpid(), (int)getpid());
	assert_int_equal(write(fd, text, (size_t)len), len);
	lines.stop_after = 1;
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	assert_int_equal(lines.first, 1);
	assert_int_equal(lines.others, 0);
	assert_string_equal(lines.task, is_first_pid_namespace() ? "mine" : "live");
	ecli_poll_free(poll);
	close(fd);
	unlink(path);
	rmdir(dir);
}

static void mount_tracefs(void)
{
	char dir[] = "/tmp/ecli-poll-tracefs-XXXXXX";

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || !mkdtemp(dir))
		return;
	if (mount("tracefs", dir, "tracefs", 0, NULL) == 0)
		snprintf(tracefs, sizeof(tracefs), "%s", dir);
	else
		rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_iterator_is_read_once_to_its_end),
		cmocka_unit_test(a_printed_line_arrives_and_nothing_is_left),
		cmocka_unit_test(instances_of_the_dead_are_removed),
		cmocka_unit_test(a_missing_tracefs_is_told),
		cmocka_unit_test(the_global_pipe_serves_old_kernels),
	};

	live_open();
	mount_tracefs();
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	if (tracefs[0] && umount2(tracefs, MNT_DETACH) == 0)
		rmdir(tracefs);
	return r;
}
