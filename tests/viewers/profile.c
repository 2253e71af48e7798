/* SPDX-License-Identifier: MIT */
/*
 * Writes a profile made of text, or of numbers, so that what the writers of stacks make can be looked at without tracing:
 *
 *     profile folded|flame|pprof <stacks.txt       a line: WEIGHT PROCESS FRAME..., tabs between, the outermost frame first;
 *                                                  a frame: u|i|k|I and FUNCTION|MODULE|FILE|LINE, an empty part is not known,
 *                                                  module "-" is the kernel; i: inlined, I: inlined in the kernel
 *     profile folded|flame|pprof STACKS DEPTH      that many stacks, made of random numbers that are the same every time;
 *                                                  says on standard error how long adding and writing took
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ecli/stacks.h>

enum { MAX_FRAMES = 4096 };

static struct ecli_frame user_items[MAX_FRAMES], kernel_items[MAX_FRAMES];

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static int parse_frame(char *text, struct ecli_frame *ret_frame)
{
	char *part[5];

	for (size_t i = 0; i < 5; i++) {
		part[i] = strsep(&text, "|");
		if (!part[i])
			return -EINVAL;
	}
	*ret_frame = (struct ecli_frame){
		.function = or_null(part[1]),
		.module = strcmp(part[2], "-") ? or_null(part[2]) : "",
		.file = or_null(part[3]),
		.line = (uint32_t)strtoul(part[4], NULL, 10),
		.is_kernel = strchr("kI", *part[0]) != NULL,
		.is_inlined = strchr("iI", *part[0]) != NULL,
	};
	return 0;
}

static int add_line(struct ecli_stacks *stacks, char *line)
{
	struct ecli_frame all[MAX_FRAMES];
	struct ecli_frames user = { .items = user_items }, kernel = { .items = kernel_items };
	size_t count = 0;
	uint64_t weight = strtoull(strsep(&line, "\t"), NULL, 10);
	const char *process = strsep(&line, "\t");

	for (char *text; count < MAX_FRAMES && (text = strsep(&line, "\t")); count++)
		if (parse_frame(text, &all[count]) < 0)
			return -EINVAL;
	while (count-- > 0) {
		struct ecli_frames *frames = all[count].is_kernel ? &kernel : &user;

		frames->items[frames->count++] = all[count];
	}
	return ecli_stacks_add(stacks, process, &user, &kernel, weight);
}

static int read_lines(struct ecli_stacks *stacks)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int r = 0;

	while (!r && (len = getline(&line, &room, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (*line && *line != '#')
			r = add_line(stacks, line);
	}
	free(line);
	return r;
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Each function calls one of two, nearly always the same, so that stacks share their beginnings as real ones do. */
static int make_numbers(struct ecli_stacks *stacks, size_t n_stacks, size_t depth)
{
	enum { NAMES = 3000 };
	static char names[NAMES][64];
	uint64_t seed = 1;
	double began;
	int r = 0;

	for (size_t i = 0; i < NAMES; i++)
		snprintf(names[i], sizeof(names[i]), i % 3 ? "service::part%zu::handle_request(int)" : "function_%zu",
			 i);
	began = now_ms();
	for (size_t n = 0; !r && n < n_stacks; n++) {
		struct ecli_frames user = { .items = user_items, .count = depth };
		size_t function = 0;

		for (size_t i = depth; i-- > 0;) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			function = (function * 3 + ((seed >> 33) % 16 ? 1 : 2)) % NAMES;
			user_items[i] = (struct ecli_frame){ .function = names[function],
							     .module = "/usr/lib/service/libservice.so.1",
							     .file = "src/service/handle.cc",
							     .line = (uint32_t)(function % 100 + 1) };
		}
		r = ecli_stacks_add(stacks, "service", &user, NULL, 1 + (seed >> 40) % 9);
	}
	fprintf(stderr, "added %zu stacks of %zu frames in %.0f ms: %.0f ns a frame\n", n_stacks, depth,
		now_ms() - began, (now_ms() - began) * 1e6 / (double)(n_stacks * depth + 1));
	return r;
}

int main(int argc, char **argv)
{
	struct ecli_stacks_opts opts = {
		.title = "profile: where CPU time goes", .what = "cpu", .unit = "nanoseconds", .period = 10101010
	};
	struct ecli_stacks *stacks;
	struct ecli_buf out = { 0 };

	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: %s folded|flame|pprof [STACKS DEPTH]\n", argv[0]);
		return 2;
	}
	if (getenv("PROFILE_TITLE"))
		opts.title = getenv("PROFILE_TITLE");
	if (ecli_stacks_new(&opts, NULL, &stacks) < 0)
		return 1;
	size_t depth = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	int r = argc == 4 ? make_numbers(stacks, strtoul(argv[2], NULL, 10), depth < MAX_FRAMES ? depth : MAX_FRAMES)
			  : read_lines(stacks);
	double began = now_ms();
	if (!r)
		r = !strcmp(argv[1], "folded")  ? ecli_stacks_folded(stacks, &out)
		    : !strcmp(argv[1], "flame") ? ecli_stacks_flame(stacks, &out)
						: ecli_stacks_pprof(stacks, 1700000000000000000, 10000000000, &out);
	if (argc == 4)
		fprintf(stderr, "written in %.0f ms: %zu bytes\n", now_ms() - began, out.len);
	if (r < 0)
		fprintf(stderr, "%s\n", strerror(-r));
	else
		fwrite(out.data, 1, out.len, stdout);
	ecli_buf_done(&out);
	ecli_stacks_free(stacks);
	return r < 0;
}
