/* SPDX-License-Identifier: MIT */
/*
 * What a run cost and what it lost: the figures at its end, and the JSON record with them.
 *
 * CPU time is that of this process from attached to the last row; what the tool's programs cost runs on other people's
 * accounts. Peak memory is the kernel's high-water mark of this process (VmHWM), not that of getrusage(2), which remembers
 * the shell that started us. The process that finds names of stacks is added to both. Here nothing is decided and nothing is worded.
 */
#include "session/summary.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "session/buffers.h"

#define STATUS_BYTES 65536

static uint64_t ns_of(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

struct cpu_time cpu_time_now(void)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_SELF, &usage);
	return (struct cpu_time){ .user_ns = ns_of(usage.ru_utime), .system_ns = ns_of(usage.ru_stime) };
}

static uint64_t peak_bytes(void)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	if (ecli_file_read("/proc/self/status", STATUS_BYTES, &text, NULL))
		return 0;
	const char *line = strstr(ecli_buf_text(&text), "VmHWM:");
	return line ? strtoull(line + strlen("VmHWM:"), NULL, 10) * 1024 : 0;
}

static const struct source *source_of(const struct session *session, int map_fd)
{
	for (size_t i = 0; i < session->sources.count; i++)
		if (session->sources.items[i].map_fd == map_fd)
			return &session->sources.items[i];
	return NULL;
}

static size_t find_buffers(const struct session *session, struct ecli_session_buffer *ret_buffers)
{
	struct ecli_poll_buffer buffer;
	size_t count = 0;

	for (size_t i = 0; !ecli_poll_buffer(session->poll, i, &buffer); i++) {
		const struct source *source = source_of(session, buffer.map_fd);

		if (!source)
			continue;
		bool is_perf = source->kind == ECLI_SOURCE_PERF;
		uint64_t record_bytes = buffers_in_buffer(is_perf, buffers_record_bytes(&source->records));
		ret_buffers[count++] = (struct ecli_session_buffer){
			.map = source->map,
			.is_perf = is_perf,
			.size_bytes = buffer.size_bytes,
			.high_bytes = buffer.high_bytes,
			/* One byte always stays free. */
			.was_full = buffer.high_bytes + record_bytes >= buffer.size_bytes,
		};
	}
	return count;
}

void summary_name_loss(const struct ecli_session_loss *loss, struct ecli_buf *out)
{
	bool is_program = loss->why == ECLI_LOSS_RECURSION || loss->why == ECLI_LOSS_PROBE;

	ecli_buf_add_text(out, is_program ? "\"program\":" : "\"map\":");
	if (*loss->name)
		ecli_render_json_text(loss->name, strlen(loss->name), out);
	else
		ecli_buf_add_text(out, "null");
}

static void write_json(const struct ecli_session_stats *stats, struct ecli_buf *out)
{
	ecli_buf_add_format(out,
			    "{\"ecli\":\"summary\",\"events\":%llu,\"lost\":%llu,\"malformed\":%llu,"
			    "\"loss_is_exact\":%s,\"seconds\":%.3f,\"attach_ms\":%.3f,\"missed\":%llu,\"bytes\":%llu,"
			    "\"cpu_user_seconds\":%.6f,\"cpu_system_seconds\":%.6f,\"cpu_ns_per_event\":%.1f,"
			    "\"peak_memory_bytes\":%llu,\"losses\":[",
			    (unsigned long long)stats->events, (unsigned long long)stats->lost,
			    (unsigned long long)stats->malformed, stats->loss_is_exact ? "true" : "false",
			    (double)stats->run_ns / 1e9, (double)stats->attach_ns / 1e6,
			    (unsigned long long)stats->missed, (unsigned long long)stats->bytes,
			    (double)stats->user_ns / 1e9, (double)stats->system_ns / 1e9,
			    stats->events ? (double)(stats->user_ns + stats->system_ns) / (double)stats->events : 0.0,
			    (unsigned long long)stats->peak_bytes);
	for (size_t i = 0; i < stats->n_losses; i++) {
		const struct ecli_session_loss *loss = &stats->losses[i];

		ecli_buf_add_text(out, i ? ",{" : "{");
		summary_name_loss(loss, out);
		ecli_buf_add_format(out, ",\"total\":%llu,\"reason\":\"%s\"}", (unsigned long long)loss->total,
				    ecli_loss_names[loss->why]);
	}
	ecli_buf_add_text(out, "],\"buffers\":[");
	for (size_t i = 0; i < stats->n_buffers; i++) {
		const struct ecli_session_buffer *buffer = &stats->buffers[i];

		ecli_buf_add_text(out, i ? ",{\"map\":" : "{\"map\":");
		ecli_render_json_text(buffer->map, strlen(buffer->map), out);
		ecli_buf_add_format(out, ",\"per_cpu\":%s,\"size_bytes\":%llu,\"high_bytes\":%llu,\"was_full\":%s}",
				    buffer->is_perf ? "true" : "false", (unsigned long long)buffer->size_bytes,
				    (unsigned long long)buffer->high_bytes, buffer->was_full ? "true" : "false");
	}
	ecli_buf_add_char(out, ']');
	if (stats->sample)
		ecli_buf_add_format(out, ",\"sample\":%u", stats->sample);
	ecli_buf_add_text(out, "}\n");
}

int summary_tell(struct session *session)
{
	const struct ecli_session_opts *opts = session->opts;
	struct ecli_session_stats *stats = &session->stats;
	CLEANUP_FREE struct ecli_session_buffer *buffers = calloc(session->sources.count + 1, sizeof(*buffers));
	struct cpu_time cpu = cpu_time_now();
	struct ecli_symbols_cost names = stacks_cost(&session->stacks);
	int r = 0;

	stats->bytes = session->out.bytes;
	stats->user_ns = cpu.user_ns - session->cpu.user_ns + names.cpu_ns;
	stats->system_ns = cpu.system_ns - session->cpu.system_ns;
	stats->peak_bytes = peak_bytes() + names.peak_bytes;
	losses_close(&session->losses);
	stats->losses = session->losses.items;
	stats->n_losses = session->losses.count;
	stats->buffers = buffers;
	stats->n_buffers = buffers ? find_buffers(session, buffers) : 0;
	for (size_t i = 0; i < stats->n_buffers && !stats->loss_is_exact; i++)
		stats->maybe_lost |= !buffers[i].is_perf && buffers[i].was_full;
	if (opts->summary && opts->format == ECLI_FORMAT_JSON) {
		write_json(stats, &session->out.buf);
		r = out_finish(&session->out);
	}
	if (opts->on_summary)
		opts->on_summary(opts->ctx, stats);
	stats->losses = NULL;
	stats->buffers = NULL;
	stats->n_losses = stats->n_buffers = 0;
	return r;
}
