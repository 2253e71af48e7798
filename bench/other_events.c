/* SPDX-License-Identifier: MIT */
/*
 * Rows of other shapes than runqslower's, ours alone: what a field of each kind costs. The first row is there to compare
 * with: no field of the others may cost ten times what one of it does.
 *
 * An event is types in the text form of the render tests and a format for the values of one record; `%N` stands for a
 * random number of up to N digits, each `@` for a name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "measure.h"
#include "support/spec.h"

#define RECORDS 256

static const struct event {
	const char *name, *types, *values;
	const char *hidden[2];
} events[] = {
	{ "runqslower",
	  "struct event char[16]:task char[16]:prev_task u64:delta_us s32:pid s32:prev_pid",
	  "@ @ %5 %7 %5",
	  { 0 } },
	{ "exitsnoop",
	  "struct event u32:pid u32:ppid u32:exit_code u64:duration_ns char[16]:comm u32:signal bool:core_dumped",
	  "%7 %7 %3 %10 @ %2 0",
	  { "signal", "core_dumped" } },
	{ "unlinksnoop",
	  "struct event u32:pid u32:uid s32:ret char[16]:comm char[512]:filename",
	  "%7 %4 -%2 @ @@@@@",
	  { 0 } },
	{ "formatted",
	  "typedef ecli_ipv4 u32\ntypedef ecli_port u16\nstruct event u32:pid char[16]:comm ecli_ipv4:saddr "
	  "ecli_port:sport",
	  "%7 @ %9 %5",
	  { 0 } },
	{ "ipv6, errno, duration",
	  "typedef ecli_ipv6 u32[4]\ntypedef ecli_errno s32\ntypedef ecli_duration u64\n"
	  "struct event u32:pid ecli_ipv6:addr ecli_errno:ret ecli_duration:took",
	  "%7 33023 0 %9 %9 -%2 %9",
	  { 0 } },
	{ "nested struct",
	  "struct addr u32:id u16:family char[16]:name\nstruct event u32:pid addr:source char[16]:comm",
	  "%7 %8 %4 @ @",
	  { 0 } },
	{ "array of 8", "struct event u32:pid u64[8]:counts char[16]:comm", "%7 %1 %3 %5 %7 %2 %4 %6 %9 @", { 0 } },
	{ "enum, bool, pointer",
	  "enum state RUNNING=0 SLEEPING=1 WAITING=2 STOPPED=3\nstruct event u32:pid state:state bool:on ptr:at "
	  "char[16]:comm",
	  "%7 2 1 %15 @",
	  { 0 } },
	{ "path of 4096 bytes", "struct event u32:pid s32:ret char[4096]:path", "%7 -%2 @@@@@@@@@@", { 0 } },
};

static uint64_t next_random(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 11;
}

/* A number of up to @digits digits, each count of them as likely. */
static uint64_t random_number(unsigned int digits)
{
	uint64_t limit = 10;

	for (uint64_t i = next_random() % digits; i; i--)
		limit *= 10;
	return next_random() % limit;
}

static void random_values(const char *format, struct ecli_buf *out)
{
	static const char *const names[] = { "cc1", "make", "kworker/u8:3", "systemd-journal", "nginx", "postgres" };

	while (*format) {
		if (*format == '%') {
			char *end;
			unsigned long digits = strtoul(format + 1, &end, 10);

			ecli_buf_add_format(out, "%llu", (unsigned long long)random_number((unsigned int)digits));
			format = end;
		} else if (*format == '@') {
			ecli_buf_add_char(out, '"');
			for (; *format == '@'; format++)
				ecli_buf_add_format(out, "%s%s", names[next_random() % ARRAY_SIZE(names)],
						    format[1] == '@' ? "/" : "");
			ecli_buf_add_char(out, '"');
		} else {
			ecli_buf_add_char(out, *format++);
		}
	}
}

struct other {
	struct spec *spec;
	struct ecli_types *types;
	struct ecli_plan *plan;
	struct ecli_buf records; /* RECORDS of them */
	size_t size;
};

static void prepare(struct other *other, const struct event *event)
{
	struct ecli_plan_note notes[ARRAY_SIZE(event->hidden)];
	struct ecli_err err = { 0 };
	size_t n_notes = 0;
	uint32_t id = 0;
	CLEANUP_FREE char *types = strdup(event->types);

	*other = (struct other){ .spec = spec_new() };
	for (char *save, *line = strtok_r(types, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		id = spec_define(other->spec, line);
	for (; n_notes < ARRAY_SIZE(notes) && event->hidden[n_notes]; n_notes++)
		notes[n_notes] = (struct ecli_plan_note){ .field = event->hidden[n_notes], .hidden = true };
	other->types = spec_types(other->spec);
	if (ecli_plan_build(other->types, id, notes, n_notes, &err, &other->plan))
		measure_die(err.text);
	other->size = ecli_plan_size(other->plan);
	for (int i = 0; i < RECORDS; i++) {
		CLEANUP_BUF struct ecli_buf values = { 0 };

		random_values(event->values, &values);
		spec_encode(other->spec, id, ecli_buf_text(&values), &other->records);
	}
}

static void done(struct other *other)
{
	ecli_buf_done(&other->records);
	ecli_plan_free(other->plan);
	ecli_types_free(other->types);
	spec_free(other->spec);
}

/* ns a row; @ret_bytes: of one. */
static double measure(const struct other *other, int format, int rounds, uint64_t rows, size_t *ret_bytes)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };
	double ns[MEASURE_ROUNDS_MAX];
	struct ecli_render *render;

	if (ecli_render_new(other->plan, (enum ecli_format)format, NULL, NULL, &render))
		measure_die("out of memory");
	for (int round = 0; round < rounds; round++) {
		uint64_t start = measure_cpu_ns();

		for (uint64_t i = 0; i < rows; i++) {
			if (i % MEASURE_BATCH == 0)
				measure_write(&out);
			ecli_render_row(render, measure_wall_ns(i), other->records.data + i % RECORDS * other->size,
					other->size, &out);
			if (i == RECORDS - 1)
				*ret_bytes = out.len / RECORDS;
		}
		measure_write(&out);
		ns[round] = (double)(measure_cpu_ns() - start) / (double)rows;
	}
	ecli_render_free(render);
	return measure_median(ns, rounds);
}

void other_events(int rounds, uint64_t rows)
{
	rows = rows / 4 + RECORDS;
	printf("\nother events, ecli alone: ns a row; fields: as JSON has them, parts of groups too\n");
	printf("%-22s %6s %8s %8s %8s %16s %14s\n", "event", "fields", "table", "plain", "json", "json bytes/row",
	       "json ns/field");
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		struct other other;
		size_t bytes = 0;
		double ns = 0;

		prepare(&other, &events[i]);
		printf("%-22s %6u", events[i].name, ecli_plan_fields(other.plan));
		for (int format = 0; ecli_format_names[format]; format++) {
			ns = measure(&other, format, rounds, rows, &bytes);
			printf(" %8.1f", ns);
		}
		printf(" %16zu %14.1f\n", bytes, ns / ecli_plan_fields(other.plan));
		fflush(stdout);
		done(&other);
	}
}
