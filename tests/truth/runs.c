/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of programs that it runs, or does not run.
 *
 *     truth_runs keep             has the kernel count the runs of programs until this is ended
 *     truth_runs EVENT PID END    COUNT RUNS COUNT: events on the whole machine since it started, just before and just after the runs of that process's program whose
 *                                 name ends so; "0 0 0" where there is none. EVENT: switches (between threads), interrupts
 *                                 (runs of handlers of devices), softirqs
 *
 * The kernel of a host may run no programs while some of its own processes have the CPU (an agent in the guest that is not to be watched): then a tool does not see the
 * switch from such a thread to the next one, nor what interrupts it. How many events it cannot have seen is the difference of the two numbers.
 * Sources: /proc/stat ("ctxt"), /proc/interrupts, /proc/softirqs; BPF_ENABLE_STATS (Linux 5.8), run_cnt of struct bpf_prog_info (5.1).
 */
#include "workload.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRIES 500

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && !strcmp(name + len - end_len, end);
}

static bool read_info(int fd, struct bpf_prog_info *ret)
{
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)fd, .info_len = sizeof(*ret), .info = (uintptr_t)ret } };

	memset(ret, 0, sizeof(*ret));
	return !bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

/* The program of a descriptor of that process, or of a link that is one; -1: it is none, or has another name. */
static int open_prog(const char *fdinfo, const char *end)
{
	union bpf_attr attr = { 0 };
	struct bpf_prog_info info;
	FILE *stream = fopen(fdinfo, "re");
	unsigned int id = 0;
	char line[256];
	int fd;

	while (stream && fgets(line, sizeof(line), stream))
		if (sscanf(line, "prog_id: %u", &id) == 1)
			break;
	if (stream)
		fclose(stream);
	attr.prog_id = id;
	fd = id ? (int)bpf(BPF_PROG_GET_FD_BY_ID, &attr) : -1;
	if (fd < 0 || (read_info(fd, &info) && ends_in(info.name, end)))
		return fd;
	close(fd);
	return -1;
}

static int open_prog_of(const char *pid, const char *end)
{
	char path[64];
	int fd = -1;

	for (int i = 0; i < 1024 && fd < 0; i++) {
		snprintf(path, sizeof(path), "/proc/%.20s/fdinfo/%d", pid, i);
		fd = open_prog(path, end);
	}
	return fd;
}

static uint64_t runs_of(int fd)
{
	struct bpf_prog_info info;

	if (!read_info(fd, &info))
		die("cannot ask for the runs of a program");
	return info.run_cnt;
}

static char text[1 << 18];

static uint64_t switches(void)
{
	const char *at = strstr(text, "\nctxt ");

	return at ? strtoull(at + 6, NULL, 10) : 0;
}

/* The numbers from @at on, one a CPU. Moves @at behind them. */
static uint64_t sum(const char **at, int cpus)
{
	uint64_t total = 0;
	char *end;

	for (; cpus > 0; cpus--) {
		total += strtoull(*at, &end, 10);
		if (end == *at)
			break;
		*at = end;
	}
	return total;
}

/* Below a heading with a word for each CPU: "NAME: COUNT..." and, of interrupts, the chip's and the handlers' names, with ", " between these. */
static uint64_t table(bool is_of_devices)
{
	const char *line = text;
	uint64_t total = 0;
	int cpus = 0;

	for (; *line && *line != '\n'; line++)
		cpus += *line == ' ' && line[1] != ' ' && line[1] != '\n';
	while ((line = strchr(line, '\n')) && *++line) {
		const char *colon = strchr(line, ':'), *end = strchrnul(line, '\n');
		uint64_t count;

		if (!colon || colon > end || (is_of_devices && !isdigit((unsigned char)colon[-1])))
			continue;
		colon++;
		count = sum(&colon, cpus);
		total += count;
		for (; colon < end; colon++)
			total += colon[0] == ',' && colon[1] == ' ' ? count : 0;
	}
	return total;
}

static uint64_t interrupts(void)
{
	return table(true);
}

static uint64_t softirqs(void)
{
	return table(false);
}

static const struct event {
	const char *name, *path;
	uint64_t (*count)(void);
} events[] = {
	{ "switches", "/proc/stat", switches },
	{ "interrupts", "/proc/interrupts", interrupts },
	{ "softirqs", "/proc/softirqs", softirqs },
};

static uint64_t count_events(const struct event *event, int fd)
{
	size_t len = 0;
	ssize_t got;

	while (len < sizeof(text) - 1 && (got = pread(fd, text + len, sizeof(text) - 1 - len, (off_t)len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	return event->count();
}

/* The two numbers belong together when nothing happened between two readings of the first. */
static void print_counts(const struct event *event, int prog)
{
	int fd = open(event->path, O_RDONLY | O_CLOEXEC);
	uint64_t before, runs, after, best[3] = { 0, 0, UINT64_MAX };

	if (fd < 0)
		die("cannot open %s", event->path);
	for (int i = 0; i < TRIES && best[2] != best[0]; i++) {
		before = count_events(event, fd);
		runs = runs_of(prog);
		after = count_events(event, fd);
		if (after - before < best[2] - best[0]) {
			best[0] = before;
			best[1] = runs;
			best[2] = after;
		}
	}
	printf("%llu %llu %llu\n", (unsigned long long)best[0], (unsigned long long)best[1],
	       (unsigned long long)best[2]);
}

static void keep_counting(void)
{
	union bpf_attr attr = { .enable_stats = { .type = BPF_STATS_RUN_TIME } };

	if (bpf(BPF_ENABLE_STATS, &attr) < 0)
		die("this kernel does not count runs");
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "keep"))
		keep_counting();
	for (size_t i = 0; argc == 4 && i < sizeof(events) / sizeof(events[0]); i++) {
		int prog;

		if (strcmp(argv[1], events[i].name) != 0)
			continue;
		prog = open_prog_of(argv[2], argv[3]);
		if (prog < 0)
			printf("0 0 0\n");
		else
			print_counts(&events[i], prog);
		return 0;
	}
	die("usage: truth_runs keep | switches PID END | interrupts PID END | softirqs PID END");
}
