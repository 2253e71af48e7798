/* SPDX-License-Identifier: MIT */
/*
 * What `ecli run` says of a run on standard error: each loss when it is told, and at the end the figures.
 *
 *     ecli: 16685 events in 10.0 s, 0 lost; attached in 12.5 ms
 *       output  1.2 MiB, 120 KiB a second
 *       CPU     0.123 s (0.100 user, 0.023 system), 1.2 % of one CPU, 7372 ns an event
 *       memory  3.1 MiB at most
 *       buffer  events: 14 KiB of 2 MiB at most (1 %)
 *       lost    12 events of map events: buffer full
 *
 * The first line is there in any case, the others when they have something to say. A run that had nothing to show says so also
 * without --stats. Names come from the package and are untrusted text.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "../common/cli.h"
#include "../common/say.h"

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))
#define AN_EVENT_FROM     1000 /* of fewer events the time is that of the run, not theirs */

/* What is counted, what stands before the name, and instead of both where nobody knows it. In the order of enum ecli_loss. */
static const struct {
	const char *one, *many, *of, *unknown;
} words[] = {
	[ECLI_LOSS_BUFFER] = { "event", "events", " of map ", " of a buffer" },
	[ECLI_LOSS_MAP] = { "entry", "entries", " of map ", " of a map" },
	[ECLI_LOSS_STACK] = { "stack", "stacks", " of map ", " of a map" },
	[ECLI_LOSS_STORAGE] = { "entry", "entries", " of map ", " of a map" },
	[ECLI_LOSS_OUTPUT] = { "row", "rows", "", "" },
	[ECLI_LOSS_UNREAD] = { "row", "rows", "", "" },
	[ECLI_LOSS_RECURSION] = { "run", "runs", " of program ", "" },
	[ECLI_LOSS_PROBE] = { "run", "runs", " of program ", "" },
	[ECLI_LOSS_CPU] = { "event", "events", " of ", " of a CPU that came later" },
};
_Static_assert(N_ELEMENTS(words) == ECLI_LOSS_CPU + 1, "words for each");

void run_add_loss(struct ecli_buf *out, const struct ecli_session_loss *loss, uint64_t count)
{
	ecli_buf_add_format(out, "%llu %s%s", (unsigned long long)count,
			    count == 1 ? words[loss->why].one : words[loss->why].many,
			    *loss->name ? words[loss->why].of : words[loss->why].unknown);
	ecli_render_safe_text(loss->name, strlen(loss->name), out);
}

/* 1536 bytes are "1.5 KiB". */
static void add_size(struct ecli_buf *out, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1024 && unit + 1 < N_ELEMENTS(units); unit++)
		value /= 1024;
	/* One digit behind the point, where it says something. */
	bool is_whole = value >= 100 || (uint64_t)(value * 10 + 0.5) % 10 == 0;
	ecli_buf_add_format(out, is_whole ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void print(struct ecli_buf *out)
{
	if (out->len)
		say(out->data, out->len);
	ecli_buf_done(out);
}

/* The option of the tool that a map's size is taken from (@max_entries OPTION), for whoever wants to lose less. */
static void add_remedy(struct ecli_buf *out, const struct run *run, const struct ecli_session_loss *loss)
{
	size_t before = out->len;

	for (size_t i = 0; loss->why == ECLI_LOSS_MAP && i < run->package->n_maps; i++) {
		const struct ecli_package_map *map = &run->package->maps[i];
		char *size =
			strcmp(map->ident, loss->name) ? NULL : ecli_package_extra_text(&map->extras, "max_entries");

		for (size_t k = 0; size && k < run->joined.n_tool; k++)
			if (!strcmp(run->joined.all[k].name, size))
				ecli_buf_add_format(out, "; --%s makes room for more", size);
		free(size);
	}
	if (loss->why == ECLI_LOSS_MAP && *loss->name && out->len == before) {
		ecli_buf_add_text(out, "; --map-size ");
		ecli_render_safe_text(loss->name, strlen(loss->name), out);
		ecli_buf_add_text(out, "=N makes room for more");
	}
}

void run_on_lost(void *ctx, const struct ecli_session_loss *loss)
{
	struct run *run = ctx;
	struct ecli_buf out = { 0 };

	if (view_is_open(run->view)) {
		view_add_loss(run->view, loss);
		return;
	}
	run_end_progress(run);
	ecli_buf_add_text(&out, "ecli: lost ");
	run_add_loss(&out, loss, loss->count);
	ecli_buf_add_format(&out, " (%llu in all): %s", (unsigned long long)loss->total, ecli_loss_names[loss->why]);
	add_remedy(&out, run, loss);
	ecli_buf_add_char(&out, '\n');
	print(&out);
}

static void add_buffer(struct ecli_buf *out, const struct ecli_session_buffer *buffer)
{
	ecli_render_safe_text(buffer->map, strlen(buffer->map), out);
	ecli_buf_add_text(out, ": ");
	add_size(out, buffer->high_bytes);
	ecli_buf_add_text(out, " of ");
	add_size(out, buffer->size_bytes);
	ecli_buf_add_format(out, "%s at most (%.0f %%)", buffer->is_perf ? " a CPU" : "",
			    (double)buffer->high_bytes * 100 / (double)buffer->size_bytes);
}

static void add_rate(struct ecli_buf *out, const struct ecli_session_stats *stats)
{
	double seconds = (double)stats->run_ns / 1e9;

	add_size(out, stats->bytes);
	if (seconds > 0 && stats->bytes) {
		ecli_buf_add_text(out, ", ");
		add_size(out, (uint64_t)((double)stats->bytes / seconds));
		ecli_buf_add_text(out, " a second");
	}
}

static void add_cpu(struct ecli_buf *out, const struct ecli_session_stats *stats)
{
	double cpu_ns = (double)(stats->user_ns + stats->system_ns);

	ecli_buf_add_format(out, "%.3f s (%.3f user, %.3f system)", cpu_ns / 1e9, (double)stats->user_ns / 1e9,
			    (double)stats->system_ns / 1e9);
	if (stats->run_ns)
		ecli_buf_add_format(out, ", %.1f %% of one CPU", cpu_ns * 100 / (double)stats->run_ns);
	if (stats->events >= AN_EVENT_FROM)
		ecli_buf_add_format(out, ", %.0f ns an event", cpu_ns / (double)stats->events);
}

static void add_headline(struct ecli_buf *out, const struct ecli_session_stats *stats)
{
	ecli_buf_add_format(out, "ecli: %llu event%s in %.1f s, %s%llu lost", (unsigned long long)stats->events,
			    stats->events == 1 ? "" : "s", (double)stats->run_ns / 1e9,
			    stats->loss_is_exact ? "" : "at least ", (unsigned long long)stats->lost);
	if (stats->malformed)
		ecli_buf_add_format(out, ", %llu malformed", (unsigned long long)stats->malformed);
	if (stats->sample)
		ecli_buf_add_format(out, ", one row of %u shown", stats->sample);
	ecli_buf_add_format(out, "; attached in %.1f ms\n", (double)stats->attach_ns / 1e6);
}

/* A ring buffer tells nobody what it refused: how full it was is all there is to know. */
static void add_guesses(struct ecli_buf *out, const struct run *run, const struct ecli_session_stats *stats)
{
	for (size_t i = 0; !stats->loss_is_exact && i < stats->n_buffers; i++) {
		const struct ecli_session_buffer *buffer = &stats->buffers[i];

		if (buffer->is_perf || (!run->stats && !buffer->was_full))
			continue;
		ecli_buf_add_text(out, "ecli: ecc did not build this package, so losses of ");
		ecli_render_safe_text(buffer->map, strlen(buffer->map), out);
		ecli_buf_add_format(out, " cannot be counted; its buffer was %.0f %% full at most%s\n",
				    (double)buffer->high_bytes * 100 / (double)buffer->size_bytes,
				    buffer->was_full ? ": events were probably lost" : "");
	}
}

static void add_figures(struct ecli_buf *out, const struct ecli_session_stats *stats)
{
	add_headline(out, stats);
	ecli_buf_add_text(out, "  output  ");
	add_rate(out, stats);
	ecli_buf_add_text(out, "\n  CPU     ");
	add_cpu(out, stats);
	if (stats->peak_bytes) {
		ecli_buf_add_text(out, "\n  memory  ");
		add_size(out, stats->peak_bytes);
		ecli_buf_add_text(out, " at most");
	}
	for (size_t i = 0; i < stats->n_buffers; i++) {
		ecli_buf_add_text(out, "\n  buffer  ");
		add_buffer(out, &stats->buffers[i]);
	}
	for (size_t i = 0; i < stats->n_losses; i++) {
		ecli_buf_add_text(out, "\n  lost    ");
		run_add_loss(out, &stats->losses[i], stats->losses[i].total);
		ecli_buf_add_format(out, ": %s", ecli_loss_names[stats->losses[i].why]);
	}
	ecli_buf_add_char(out, '\n');
}

/* A header and no rows: whoever waited is told that this is the answer. */
static void add_silence(struct ecli_buf *out, const struct run *run, const struct ecli_session_stats *stats)
{
	if (stats->events || view_is_open(run->view))
		return;
	if (run->session.where)
		ecli_buf_add_format(out, "ecli: nothing matched --where in %.1f s\n", (double)stats->run_ns / 1e9);
	else if (run->source != ECLI_SOURCE_NONE && !run->stats)
		ecli_buf_add_format(out, "ecli: no rows in %.1f s\n", (double)stats->run_ns / 1e9);
}

void run_on_summary(void *ctx, const struct ecli_session_stats *stats)
{
	struct run *run = ctx;
	struct ecli_buf out = { 0 };

	run_end_progress(run);
	if (run->stats)
		add_figures(&out, stats);
	if (stats->malformed > stats->longer)
		ecli_buf_add_format(&out, "ecli: %llu records were shorter than their type and were left out\n",
				    (unsigned long long)(stats->malformed - stats->longer));
	if (stats->longer)
		ecli_buf_add_format(&out,
				    "ecli: %llu records were longer than their type: what is behind it is not shown\n",
				    (unsigned long long)stats->longer);
	add_silence(&out, run, stats);
	add_guesses(&out, run, stats);
	print(&out);
}
