/* SPDX-License-Identifier: MIT */
/* See live.h. A machine that may not load programs is told from one where loading fails: only the first is a skip. */
#include "live.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static struct bpf_object *object;

static void skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	exit(0);
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

void live_open(void)
{
	const char *path = getenv("POLL_OBJECT");
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	if (geteuid() != 0)
		skip_all("needs root");
	if (!path)
		skip_all("POLL_OBJECT names no object (clang for the bpf target was not found)");
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)
		skip_all("the kernel has no BTF");
	setrlimit(RLIMIT_MEMLOCK, &all);
	libbpf_set_print(quiet);
	object = bpf_object__open_file(path, NULL);
	if (!object || bpf_object__load(object) < 0) {
		fprintf(stderr, "cannot load %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

int live_map(const char *name)
{
	int fd = bpf_object__find_map_fd_by_name(object, name);

	assert_true(fd >= 0);
	return fd;
}

int live_prog(const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	assert_non_null(program);
	return bpf_program__fd(program);
}

int live_try(int prog_fd, uint64_t count, uint64_t flags, uint64_t seq)
{
	uint64_t args[4] = { count, flags, seq, 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	return bpf_prog_test_run_opts(prog_fd, &opts);
}

void live_run(int prog_fd, uint64_t count, uint64_t flags, uint64_t seq)
{
	assert_int_equal(live_try(prog_fd, count, flags, seq), 0);
}

uint64_t live_take_failed(uint32_t index)
{
	uint64_t sum = 0, zero = 0;
	int fd = live_map("failed");

	assert_int_equal(bpf_map_lookup_elem(fd, &index, &sum), 0);
	assert_int_equal(bpf_map_update_elem(fd, &index, &zero, BPF_ANY), 0);
	return sum;
}

void live_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)(cpu % sysconf(_SC_NPROCESSORS_ONLN)), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t live_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t live_thread_cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static void *storm_main(void *arg)
{
	struct storm *storm = arg;
	uint64_t seq = 0;

	live_pin(0);
	for (uint64_t i = 0; !storm->stop && (!storm->max_bursts || i < storm->max_bursts); i++) {
		if (live_try(storm->prog_fd, storm->burst, storm->flags, seq))
			abort();
		seq += storm->burst;
		storm->produced = seq;
		if (storm->pause_us)
			usleep(storm->pause_us);
	}
	return NULL;
}

void storm_start(struct storm *storm)
{
	assert_int_equal(pthread_create(&storm->thread, NULL, storm_main, storm), 0);
}

void storm_stop(struct storm *storm)
{
	storm->stop = true;
	pthread_join(storm->thread, NULL);
}

int tally_record(void *ctx, const struct ecli_poll_record *record)
{
	struct tally *tally = ctx;
	struct poll_event event;

	tally->records++;
	tally->bytes += record->size_bytes;
	if (record->size_bytes < sizeof(event)) {
		tally->broken++;
		return 0;
	}
	memcpy(&event, record->data, sizeof(event));
	tally->broken += event.filler[0] != ~event.seq || event.filler[3] != ~event.seq;
	tally->disorder += event.seq < tally->next_seq;
	tally->gaps += event.seq > tally->next_seq ? event.seq - tally->next_seq : 0;
	tally->next_seq = event.seq + 1;
	return tally->stop_after && tally->records >= tally->stop_after;
}
