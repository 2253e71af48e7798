/* SPDX-License-Identifier: MIT */
/* ecc's prelude on the real kernel: whoever sleeps until a quarter of the ring was written is called then, and not before. */
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "load/filters.h"

#define RING_BYTES   (64u * 1024)
#define RECORD_BYTES 56u /* in the ring */
#define FIT          (RING_BYTES / RECORD_BYTES)

struct ring {
	struct bpf_object *object;
	int fd, epoll_fd;
};

/* A reader that reads nothing: whatever calls it but the first record is the prelude. */
static struct ring open_ring(bool has_steps)
{
	struct ring ring = { .object = bpf_object__open_file(getenv("POLL_CALLED_OBJECT"), NULL),
			     .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	assert_non_null(ring.object);
	if (has_steps)
		assert_true(ecli_filters_wake(ring.object));
	assert_int_equal(bpf_object__load(ring.object), 0);
	ring.fd = bpf_object__find_map_fd_by_name(ring.object, "ring");
	assert_int_equal(epoll_ctl(ring.epoll_fd, EPOLL_CTL_ADD, ring.fd, &event), 0);
	return ring;
}

static void close_ring(struct ring *ring)
{
	close(ring->epoll_fd);
	bpf_object__close(ring->object);
}

static void write_ring(const struct ring *ring, const char *name, uint64_t count, uint64_t flags)
{
	uint64_t args[2] = { count, flags };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));
	struct bpf_program *program = bpf_object__find_program_by_name(ring->object, name);

	assert_non_null(program);
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &opts), 0);
}

/* The kernel calls from an interrupt that has come when the system call that ran the program returns. */
static bool is_called(const struct ring *ring)
{
	struct epoll_event event;

	return epoll_wait(ring->epoll_fd, &event, 1, 0) == 1;
}

static const char *const programs[] = { "by_submit", "by_submit_untyped", "by_output" };

/* One record after the other until the ring is full: called for the first, and once or a few times around each quarter. */
static void each_quarter_calls(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct ring ring = open_ring(true);
		unsigned int calls = 0, gaps = 0, quiet = 0, longest = 0;

		write_ring(&ring, programs[i], 1, 0);
		assert_true(is_called(&ring));
		for (unsigned int n = 1; n < FIT; n++) {
			write_ring(&ring, programs[i], 1, 0);
			bool was_called = is_called(&ring);
			calls += was_called;
			gaps += was_called && quiet > FIT / 8;
			quiet = was_called ? 0 : quiet + 1;
			longest = quiet > longest ? quiet : longest;
		}
		printf("# %s: %u calls for %u records, at most %u without\n", programs[i], calls, FIT, longest);
		assert_in_range(longest, FIT / 4 - 80, FIT / 4);
		assert_in_range(gaps, 3, 4);
		if (i == 0)
			assert_in_range(calls, 3, 4);
		close_ring(&ring);
	}
}

/* Whatever the source says of wake-ups, the reader is not left asleep before a ring that fills up. */
static void a_source_that_never_wakes_does_so_at_a_quarter(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct ring ring = open_ring(true);

		write_ring(&ring, programs[i], FIT / 16, BPF_RB_NO_WAKEUP);
		is_called(&ring); /* where the ring lies in memory is not known, so a step may have ended in it */
		write_ring(&ring, programs[i], FIT / 2, BPF_RB_NO_WAKEUP);
		assert_true(is_called(&ring));
		close_ring(&ring);
	}
}

/* A runner that does not ask for it has the kernel's own way. */
static void without_a_step_the_kernel_does_as_ever(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct ring ring = open_ring(false);

		write_ring(&ring, programs[i], 1, 0);
		assert_true(is_called(&ring));
		write_ring(&ring, programs[i], FIT - 1, 0);
		assert_false(is_called(&ring));
		close_ring(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_quarter_calls),
		cmocka_unit_test(a_source_that_never_wakes_does_so_at_a_quarter),
		cmocka_unit_test(without_a_step_the_kernel_does_as_ever),
	};

	if (geteuid() != 0 || !getenv("POLL_CALLED_OBJECT") || access("/sys/kernel/btf/vmlinux", R_OK)) {
		printf("1..0 # SKIP needs root, a clang for the bpf target and a kernel with BTF\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
