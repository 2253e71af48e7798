/* SPDX-License-Identifier: MIT */
/*
 * storm_end INT|MILLISECONDS|COUNT-rows MOST COMMAND [ARG...]: whether a run ends while events come as fast as they can.
 *
 * CPU 0 makes marks without pause and numbers them; the command (ecli with storm.bpf.c, -o json, --stats) runs on the other CPUs with its rows in a
 * file. Its end is due at a signal, sent when rows are there, or by itself after so many milliseconds or rows. The mark that is the last one when
 * the end is due is noted: of later ones at most MOST rows may be shown, however late the machine lets the command know. With "-rows" the
 * rows must be COUNT instead.
 *
 * A run that does not end is given up when it has used 20 s of CPU time since the end was due. Status 0: it ended as it should.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK_OPTION 0x6d61726b
#define MOST_CPU_S  20

static volatile uint64_t *marks_made; /* shared with the child that makes them */

static _Noreturn void give_up(const char *why)
{
	puts(why);
	exit(1);
}

static void pin(int cpu, int not_cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < sysconf(_SC_NPROCESSORS_ONLN); i++)
		if (i == cpu || (cpu < 0 && i != not_cpu))
			CPU_SET((size_t)i, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static pid_t make_marks(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin(0, -1);
	for (;;) {
		++*marks_made;
		prctl(MARK_OPTION, *marks_made, 0, 0, 0);
	}
}

static pid_t start(char **argv, int rows, int *ret_messages)
{
	int fds[2];

	if (pipe(fds) < 0)
		give_up("no pipe");
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(rows, STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		pin(-1, 0);
		execv(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	*ret_messages = fds[0];
	return pid;
}

static void wait_ready(int messages)
{
	char text[4096];
	size_t len = 0;
	ssize_t n;

	while ((n = read(messages, text + len, sizeof(text) - 1 - len)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, "running and waiting"))
			return;
	}
	printf("%.*s", (int)len, text);
	give_up("it did not become ready");
}

/* Until there are many rows, or the run has ended because its time was over before the machine got to that. */
static void wait_rows(pid_t ecli, int rows)
{
	siginfo_t ended = { 0 };
	struct stat st = { 0 };

	while (st.st_size < 100000 && ended.si_pid == 0) {
		waitid(P_PID, (id_t)ecli, &ended, WEXITED | WNOHANG | WNOWAIT);
		usleep(10000);
		fstat(rows, &st);
	}
}

static double cpu_s(pid_t pid)
{
	unsigned long long ns = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	FILE *file = fopen(path, "r");
	if (file) {
		if (fscanf(file, "%llu", &ns) != 1)
			ns = 0;
		fclose(file);
	}
	return (double)ns / 1e9;
}

static void wait_end(pid_t pid)
{
	double before_s = cpu_s(pid);
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (cpu_s(pid) - before_s > MOST_CPU_S) {
			kill(pid, SIGKILL);
			give_up("it did not end");
		}
		usleep(2000);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		printf("status %x\n", (unsigned int)status);
		give_up("it did not end well");
	}
}

/* Rows in the file, and those of marks after @due. */
static void count_rows(int rows, uint64_t due, long *ret_all, long *ret_late)
{
	FILE *file = fdopen(rows, "r");
	char line[512];

	*ret_all = *ret_late = 0;
	rewind(file);
	while (fgets(line, sizeof(line), file)) {
		const char *mark = strstr(line, "\"mark\":");

		if (!mark)
			continue;
		++*ret_all;
		*ret_late += strtoull(mark + 7, NULL, 10) > due;
	}
	fclose(file);
}

int main(int argc, char **argv)
{
	bool is_signal, is_count;
	long all, late, most;
	int messages;

	if (argc < 4)
		return 2;
	is_signal = !strcmp(argv[1], "INT");
	is_count = strstr(argv[1], "-rows") != NULL;
	most = atol(argv[2]);
	marks_made = mmap(NULL, sizeof(*marks_made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rows = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
	if (rows < 0 || marks_made == MAP_FAILED)
		give_up("no room for the rows");

	pid_t ecli = start(argv + 3, rows, &messages);
	pid_t marks = make_marks();
	wait_ready(messages);
	if (!is_count)
		wait_rows(ecli, rows);
	if (is_signal)
		kill(ecli, SIGINT);
	else if (!is_count)
		usleep((useconds_t)atol(argv[1]) *
		       1000); /* counted from the first rows, which is later than ecli counts from */
	uint64_t due = *marks_made;
	wait_end(ecli);
	uint64_t made = *marks_made;
	kill(marks, SIGKILL);
	waitpid(marks, NULL, 0);
	count_rows(rows, due, &all, &late);
	printf("%ld rows; %ld of marks made after the end was due, of which there were %llu\n", all, late,
	       (unsigned long long)(made - due));
	if (is_count)
		return all != atol(argv[1]);
	return (is_signal && all == 0) || late > most;
}
