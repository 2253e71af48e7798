/* SPDX-License-Identifier: MIT */
/*
 * stdio_reader OBJECT PRODUCER BATCH STAMP: reads the storm the way libbpf's own tools read their events, for comparison.
 *
 * The ordinary way is: libbpf's ring_buffer__poll() or perf_buffer__poll() (64 pages a CPU) with 100 ms, and for each event the
 * time of day through time(3), localtime(3) and strftime(3), and one printf(3). Rows have the same columns as ecli's. What
 * a ring buffer could not take is not told, as nobody tells it who does not count it in the program.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#define PERF_PAGES 64
#define POLL_MS    100

struct event {
	char task[16];
	char prev_task[16];
	unsigned long long delta_us;
	unsigned int pid;
	unsigned int prev_pid;
};

static volatile sig_atomic_t is_over;

static void on_signal(int number)
{
	is_over = number;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "stdio_reader: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void print_row(const struct event *e)
{
	char text[16];
	time_t now = time(NULL);

	strftime(text, sizeof(text), "%H:%M:%S", localtime(&now));
	printf("%-8s %-15s %-15s %12llu %7u %8u\n", text, e->task, e->prev_task, e->delta_us, e->pid, e->prev_pid);
}

static int on_ring(void *ctx, void *data, size_t size)
{
	(void)ctx;
	(void)size;
	print_row(data);
	return 0;
}

static void on_perf(void *ctx, int cpu, void *data, __u32 size)
{
	struct event event;

	(void)ctx;
	(void)cpu;
	(void)size;
	memcpy(&event, data, sizeof(event)); /* perf records lie at odd places */
	print_row(&event);
}

static void on_lost(void *ctx, int cpu, __u64 count)
{
	(void)ctx;
	fprintf(stderr, "Lost %llu events on CPU #%d!\n", count, cpu);
}

/* Gives a `const volatile` global its value before the object is loaded. */
static void set_global(struct bpf_object *object, const char *name, const void *value, size_t size)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *section =
		btf__type_by_id(btf, (__u32)btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC));
	struct bpf_map *map;
	char *copy = NULL;
	size_t total = 0;

	bpf_object__for_each_map(map, object) {
		const char *dot = strchr(bpf_map__name(map), '.');
		const void *data = dot && !strcmp(dot, ".rodata") ? bpf_map__initial_value(map, &total) : NULL;

		if (data && (copy = malloc(total))) {
			memcpy(copy, data, total);
			break;
		}
	}
	for (int i = 0; copy && section && i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *var = btf_var_secinfos(section) + i;

		if (strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, var->type)->name_off), name) ||
		    var->offset + size > total)
			continue;
		memcpy(copy + var->offset, value, size);
		if (bpf_map__set_initial_value(map, copy, total))
			break;
		free(copy);
		return;
	}
	die(name);
}

int main(int argc, char **argv)
{
	unsigned int producer = argc > 4 ? (unsigned int)strtoul(argv[2], NULL, 10) : 0;
	unsigned int batch = argc > 4 ? (unsigned int)strtoul(argv[3], NULL, 10) : 0;
	bool stamp = argc > 4 && *argv[4] == '1';
	struct ring_buffer *ring = NULL;
	struct perf_buffer *perf = NULL;

	if (!batch) {
		fprintf(stderr, "usage: stdio_reader OBJECT PRODUCER BATCH STAMP\n");
		return 2;
	}
	struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
	if (!object)
		die(argv[1]);
	set_global(object, "producer", &producer, sizeof(producer));
	set_global(object, "batch", &batch, sizeof(batch));
	set_global(object, "stamp", &stamp, sizeof(stamp));
	struct bpf_program *program = bpf_object__find_program_by_name(object, "storm");
	struct bpf_map *events = bpf_object__find_map_by_name(object, "events");
	if (bpf_object__load(object) || !program || !bpf_program__attach(program) || !events)
		die("cannot load the storm");
	if (bpf_map__type(events) == BPF_MAP_TYPE_RINGBUF)
		ring = ring_buffer__new(bpf_map__fd(events), on_ring, NULL, NULL);
	else
		perf = perf_buffer__new(bpf_map__fd(events), PERF_PAGES, on_perf, on_lost, NULL, NULL);
	if (!ring && !perf)
		die("cannot read the events");

	sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	fprintf(stderr, "running and waiting\n");
	while (!is_over) {
		int r = ring ? ring_buffer__poll(ring, POLL_MS) : perf_buffer__poll(perf, POLL_MS);

		if (r < 0 && r != -EINTR)
			die("cannot read the events");
	}
	return 0;
}
