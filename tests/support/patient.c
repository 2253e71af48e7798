/* SPDX-License-Identifier: MIT */
/*
 * patient [--idle SECONDS] [--cpu SECONDS] [--watch FILE] [--usage FILE] [--session FILE] COMMAND [ARG...]
 *
 * Runs a command and ends it when it hangs: timeout(1) for tests that must not depend on how fast the machine is. What counts is not
 * how long the command takes, but whether it gets on. It hangs when
 *
 *     it and all processes that it started slept, in all, for --idle seconds (60): none ran, wanted to run, or waited for a disk;
 *     or when they have used --cpu seconds (600) of CPU time.
 *
 * On a machine that gives them a tenth of a CPU both limits are ten times as far away. With --watch both begin anew each time FILE
 * has grown: a suite that prints results may take as long as it likes. While one of them waits for a lock (flock(2)) that another's process has, the
 * first limit is ten times as far away, too: suites of several trees take turns.
 *
 * When the command has ended, what it left running may go on while it computes (20 s of CPU time), and is then ended and named.
 *
 * Status: the command's (128 + N when signal N ended it); 124 when it hung; 125 when it left something running; 126 or 127 when it
 * could not be started. What it hung in is said on standard error. --usage: FILE gets the CPU seconds of all of them. TERM, INT and HUP
 * are passed on to all of them; the second kills them. --session: FILE gets the number of this process; all are in a session of their own,
 * without a terminal whose Ctrl-C would come to each of them and once more through this process; and after a signal they are not waited for
 * longer than leftovers are. They also end when the parent of this process does.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENT_HUNG      124
#define PATIENT_LEFTOVERS 125
#define LEFT_IDLE_S       2 /* for what is left when the command has ended, or was asked to end */
#define LEFT_CPU_S        20
#define LOCKED_PART       10 /* of the time in which one waits for another's lock a tenth counts */
#define IDLE_PER_CENT     3 /* of one CPU: less is what a loop takes that looks every 30 ms whether something has come */

struct process {
	pid_t pid, parent;
	char state;
	uint64_t ticks;     /* CPU time, with that of children it has waited for */
	uint64_t wanted_ns; /* how long it has waited in a run queue */
};

static struct {
	double idle_s, cpu_s;
	const char *watch, *usage, *session;
	char **argv;
} options = { .idle_s = 60, .cpu_s = 600 };

static struct process *processes;
static size_t process_count, process_room;
static volatile sig_atomic_t signal_to_pass, signals;

static void on_signal(int number)
{
	signal_to_pass = number;
	signals++;
}

static _Noreturn void usage(void)
{
	fputs("usage: patient [--idle SECONDS] [--cpu SECONDS] [--watch FILE] [--usage FILE] [--session FILE] COMMAND "
	      "[ARG...]\n",
	      stderr);
	exit(2);
}

static void read_options(char **argv)
{
	for (argv++; *argv && !strncmp(*argv, "--", 2); argv += 2) {
		if (!strcmp(*argv, "--")) {
			argv++;
			break;
		}
		if (!argv[1])
			usage();
		if (!strcmp(*argv, "--idle"))
			options.idle_s = strtod(argv[1], NULL);
		else if (!strcmp(*argv, "--cpu"))
			options.cpu_s = strtod(argv[1], NULL);
		else if (!strcmp(*argv, "--watch"))
			options.watch = argv[1];
		else if (!strcmp(*argv, "--usage"))
			options.usage = argv[1];
		else if (!strcmp(*argv, "--session"))
			options.session = argv[1];
		else
			usage();
	}
	if (!*argv)
		usage();
	options.argv = argv;
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- what the processes do ---------------------------------------------------------------------------------------- */

static bool read_text(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, size - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

static bool read_process(pid_t pid, struct process *process)
{
	unsigned long long user, system, waited_user, waited_system, ran_ns, wanted_ns = 0;
	char text[1024], *end;

	if (!read_text(pid, "stat", text, sizeof(text)) || !(end = strrchr(text, ')')))
		return false;
	if (sscanf(end + 1, " %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu %llu %llu", &process->state,
		   &process->parent, &user, &system, &waited_user, &waited_system) != 6)
		return false;
	if (read_text(pid, "schedstat", text, sizeof(text)))
		sscanf(text, "%llu %llu", &ran_ns, &wanted_ns);
	process->pid = pid;
	process->ticks = user + system + waited_user + waited_system;
	process->wanted_ns = wanted_ns;
	return true;
}

static struct process *next_process(void)
{
	if (process_count == process_room) {
		process_room = process_room ? 2 * process_room : 512;
		processes = realloc(processes, process_room * sizeof(*processes));
		if (!processes)
			abort();
	}
	return &processes[process_count];
}

static void swap(struct process *a, struct process *b)
{
	struct process tmp = *a;

	*a = *b;
	*b = tmp;
}

/* This process and all descendants, in the order of descent. As a subreaper it is the parent of those whose own has ended. */
static void read_processes(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t ours = 0;

	process_count = 0;
	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    read_process((pid_t)strtol(entry->d_name, NULL, 10), next_process()))
			process_count++;
	if (proc)
		closedir(proc);
	for (size_t i = 0; i < process_count; i++)
		if (processes[i].pid == getpid())
			swap(&processes[i], &processes[ours++]);
	for (size_t i = 0; i < ours; i++)
		for (size_t j = ours; j < process_count; j++)
			if (processes[j].parent == processes[i].pid)
				swap(&processes[j], &processes[ours++]);
	process_count = ours;
}

static bool is_left(const struct process *process)
{
	return process->pid != getpid() && process->state != 'Z';
}

static bool is_ours(pid_t pid)
{
	size_t i = 0;

	while (i < process_count && processes[i].pid != pid)
		i++;
	return i < process_count;
}

/* The process that has a lock one of ours waits for; 0: none waits for another's. Lines of /proc/locks: those who wait follow who has it, with "->". */
static pid_t read_holder(void)
{
	FILE *locks = fopen("/proc/locks", "re");
	pid_t holder = 0, found = 0, pid;
	char line[256];

	while (locks && !found && fgets(line, sizeof(line), locks)) {
		const char *kind = strstr(line, "FLOCK");

		if (!kind || sscanf(kind, "FLOCK %*s %*s %d", &pid) != 1)
			continue;
		if (!strstr(line, "->"))
			holder = pid;
		else if (is_ours(pid) && !is_ours(holder))
			found = holder;
	}
	if (locks)
		fclose(locks);
	return found;
}

struct account {
	double cpu_s, wanted_s;
	bool is_busy; /* one of them runs, or waits for a disk */
	size_t left;
	pid_t holder; /* another's process that has what one of them waits for; 0: none */
};

static struct account read_account(void)
{
	struct account account = { 0 };
	uint64_t ticks = 0, wanted_ns = 0;

	read_processes();
	for (size_t i = 0; i < process_count; i++) {
		const struct process *process = &processes[i];

		ticks += process->ticks;
		if (process->pid == getpid())
			continue;
		wanted_ns += process->wanted_ns;
		account.is_busy |= process->state == 'R' || process->state == 'D';
		account.left += is_left(process);
	}
	account.cpu_s = (double)ticks / (double)sysconf(_SC_CLK_TCK);
	account.wanted_s = (double)wanted_ns / 1e9;
	account.holder = read_holder();
	return account;
}

static void signal_all(int number)
{
	read_processes();
	for (size_t i = 0; i < process_count; i++)
		if (is_left(&processes[i]))
			kill(processes[i].pid, number);
}

static void name_all(const char *why)
{
	char text[256];

	fprintf(stderr, "patient: %s %s; of it there were:\n", options.argv[0], why);
	read_processes();
	for (size_t i = 0; i < process_count; i++) {
		const struct process *process = &processes[i];

		if (!is_left(process))
			continue;
		memset(text, 0, sizeof(text));
		if (!read_text(process->pid, "cmdline", text, sizeof(text)))
			strcpy(text, "?");
		for (size_t c = 0; c + 2 < sizeof(text) && (text[c] || text[c + 1]); c++)
			if (!text[c] || text[c] == '\n')
				text[c] = ' ';
		fprintf(stderr, "patient:   %d %c %.150s\n", process->pid, process->state, text);
	}
}

/* ---- the command -------------------------------------------------------------------------------------------------- */

static long long watched_size(void)
{
	struct stat st;

	return options.watch && !stat(options.watch, &st) ? (long long)st.st_size : -1;
}

struct patience {
	double idle_limit_s, cpu_limit_s;
	struct account before; /* at the last look */
	double looked_s, idle_s, cpu_began_s;
	long long size;
};

static void be_patient(struct patience *patience, double idle_limit_s, double cpu_limit_s)
{
	*patience = (struct patience){
		.idle_limit_s = idle_limit_s,
		.cpu_limit_s = cpu_limit_s,
		.before = read_account(),
		.looked_s = now_s(),
		.size = watched_size(),
	};
	patience->cpu_began_s = patience->before.cpu_s;
}

/* Whether it is at an end. */
static bool look(struct patience *patience)
{
	double seconds = now_s() - patience->looked_s;
	if (seconds < 0.1)
		return false; /* CPU time is counted in hundredths of a second */
	struct account now = read_account();
	double wanted_s = now.cpu_s - patience->before.cpu_s +
			  (now.wanted_s > patience->before.wanted_s ? now.wanted_s - patience->before.wanted_s : 0);
	long long size = watched_size();

	if (size != patience->size) {
		patience->idle_s = 0;
		patience->cpu_began_s = now.cpu_s;
	} else if (!now.is_busy && wanted_s < seconds * IDLE_PER_CENT / 100) {
		/* A machine that stood still did not let anybody do anything meanwhile. */
		patience->idle_s += (seconds < 2 ? seconds : 1) / (now.holder ? LOCKED_PART : 1);
	}
	patience->before = now;
	patience->looked_s += seconds;
	patience->size = size;
	return patience->idle_s >= patience->idle_limit_s || now.cpu_s - patience->cpu_began_s >= patience->cpu_limit_s;
}

/* Takes the children that have ended, of which one may be the command. False when there is no child any more: all of its processes are
 * children of this one, or of those that are. */
static bool reap(pid_t command, int *ret_status, bool *ret_ended)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == command) {
			*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			*ret_ended = true;
		}
	return pid == 0;
}

/* Until a child ends, a signal comes, or so long. */
static void nap(long milliseconds)
{
	const struct timespec time = { .tv_nsec = milliseconds * 1000000 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigtimedwait(&child, NULL, &time);
}

/* Whether all have ended before they slept, or computed, for too long. */
static bool all_end(void)
{
	struct patience patience;
	bool ended;
	int status;

	if (!reap(0, &status, &ended))
		return true;
	be_patient(&patience, LEFT_IDLE_S, LEFT_CPU_S);
	while (reap(0, &status, &ended) && patience.before.left) {
		if (look(&patience))
			return false;
		nap(100);
	}
	return true;
}

/* Ends all: asks, then does. */
static void end_all(void)
{
	signal_all(SIGTERM);
	while (!all_end())
		signal_all(SIGKILL);
}

static int follow(pid_t command)
{
	struct patience patience;
	int status = 0, passed = 0;
	bool ended = false;
	char why[160];

	nap(500); /* most have ended by then, and nobody has looked at all the processes of this machine */
	reap(command, &status, &ended);
	if (!ended)
		be_patient(&patience, options.idle_s, options.cpu_s);
	for (; !ended; nap(500), reap(command, &status, &ended)) {
		if (signals > passed) {
			passed = signals;
			signal_all(passed == 1 ? signal_to_pass : SIGKILL);
			if (options.session)
				be_patient(&patience, LEFT_IDLE_S, LEFT_CPU_S);
		}
		if (!look(&patience))
			continue;
		if (options.session && passed) {
			end_all();
			return 128 + signal_to_pass;
		}
		int len = snprintf(why, sizeof(why), "hung: it slept for %.0f s, and used %.0f s of CPU time",
				   patience.idle_s, patience.before.cpu_s - patience.cpu_began_s);
		if (patience.before.holder)
			snprintf(why + len, sizeof(why) - (size_t)len, ", and waits for a lock of process %d",
				 (int)patience.before.holder);
		name_all(why);
		end_all();
		return PATIENT_HUNG;
	}
	if (all_end())
		return status;
	name_all("left these running");
	end_all();
	return passed ? status : PATIENT_LEFTOVERS;
}

static void write_number(const char *path, double number)
{
	FILE *file = fopen(path, "w");

	if (!file) {
		fprintf(stderr, "patient: %s: %s\n", path, strerror(errno));
		return;
	}
	fprintf(file, "%.10g\n", number);
	fclose(file);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct rusage used;
	sigset_t child;
	int status;

	if (argc < 2)
		usage();
	read_options(argv);
	if (options.session) {
		setsid(); /* fails for the leader of a group: a terminal of sudo's */
		write_number(options.session, getpid());
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &child, NULL);
	for (size_t i = 0; i < 3; i++)
		sigaction((const int[]){ SIGTERM, SIGINT, SIGHUP }[i], &action, NULL);

	pid_t command = fork();
	if (command < 0) {
		perror("patient: fork");
		return 126;
	}
	if (command == 0) {
		sigprocmask(SIG_UNBLOCK, &child, NULL);
		execvp(options.argv[0], options.argv);
		fprintf(stderr, "patient: %s: %s\n", options.argv[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	status = follow(command);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (options.usage && !getrusage(RUSAGE_CHILDREN, &used))
		write_number(options.usage, (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
						    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	return status;
}
