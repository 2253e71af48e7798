/* SPDX-License-Identifier: MIT */
/*
 * Records into text: one renderer per event source, writing into the caller's buffer. Never sees BTF, never writes a file.
 *
 *     table   TIME     TASK             PREV_TASK          DELTA_US     PID PREV_PID      numbers right, text left
 *     plain   time task prev_task delta_us pid prev_pid                                   one space between values
 *     json    {"time":"2026-11-22T10:00:00.123456+00:00","task":"cc1",...}                one object a line
 *
 * Text from the kernel is untrusted: terminal output escapes control characters, invalid UTF-8 and direction overrides;
 * JSON output is always valid JSON in valid UTF-8.
 */
#ifndef ECLI_RENDER_H
#define ECLI_RENDER_H

#include <ecli/plan.h>
#include <ecli/symbols.h>

enum ecli_format { ECLI_FORMAT_TABLE, ECLI_FORMAT_PLAIN, ECLI_FORMAT_JSON };

/* "table", "plain", "json", in the order of the enum, NULL-terminated: for option tables. */
extern const char *const ecli_format_names[];

struct ecli_render;

/*
 * @plan: must outlive the renderer. @map: name of the source; when not NULL every row carries it, as a MAP column after the
 * time or as "map" after "time" (used when a package has several sources).
 */
int ecli_render_new(const struct ecli_plan *plan, enum ecli_format format, const char *map, struct ecli_err *err,
		    struct ecli_render **ret_render);
void ecli_render_free(struct ecli_render *render);

/* Appends the header line; nothing for JSON. */
void ecli_render_header(struct ecli_render *render, struct ecli_buf *out);

/*
 * Appends one row. @wall_ns: nanoseconds since 1970 (CLOCK_REALTIME). -EBADMSG when the record is too short, -ENOMEM when
 * @out cannot grow (it is then marked failed): nothing is appended in either case.
 */
int ecli_render_row(struct ecli_render *render, uint64_t wall_ns, const void *data, size_t size_bytes,
		    struct ecli_buf *out);

/*
 * The same, cell by cell, for a caller who lays them out: appends the text of the @column-th column of the plan, without padding, as a table has it
 * (@render: of ECLI_FORMAT_TABLE). -ENOENT: there is no such column, or it is hidden; -EBADMSG and -ENOMEM as above.
 */
int ecli_render_cell(struct ecli_render *render, uint32_t column, uint64_t wall_ns, const void *data, size_t size_bytes,
		     struct ecli_buf *out);
/* Appends the title of a column as a table has it, without padding. The same errors; @ret_is_left: text, aligned left. */
int ecli_render_title(struct ecli_render *render, uint32_t column, struct ecli_buf *out, bool *ret_is_left);
/*
 * Frames of @stack, a column of the row @data, valid until the next call. NULL: nothing is known of it, the id is all there is.
 */
typedef const struct ecli_frames *(*ecli_render_frames_fn)(void *ctx, const struct ecli_plan_stack *stack,
							   const void *data, size_t size_bytes);
/*
 * Who knows the frames of stacks. A stack is no cell of a table: its frames stand below the row, a line each, and in JSON they are an
 * array of objects. Without this only addresses are shown.
 */
void ecli_render_set_frames(struct ecli_render *render, ecli_render_frames_fn fn, void *ctx);
/* For rows that stand below a time of their own: table output without the TIME column. -ENOMEM. Nothing for other formats. */
int ecli_render_hide_time(struct ecli_render *render);
/* Appends a last row with the sums that the record @data has in the columns that @columns (a flag each) marks. As ecli_render_row(). */
int ecli_render_total(struct ecli_render *render, uint64_t wall_ns, const void *data, size_t size_bytes,
		      const bool *columns, struct ecli_buf *out);

/* A row that does not come from a plan: a line of bpf_printk(). @task and @message are untrusted bytes. */
struct ecli_render_message {
	uint64_t wall_ns;
	const char *task;
	size_t task_len;
	uint32_t pid, cpu;
	const char *message;
	size_t message_len;
};
void ecli_render_message_header(enum ecli_format format, struct ecli_buf *out); /* TIME TASK PID MESSAGE */
void ecli_render_message(enum ecli_format format, const struct ecli_render_message *message, struct ecli_buf *out);

/* Appends @text as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void ecli_render_json_text(const char *text, size_t len, struct ecli_buf *out);
/* Appends @text safe for a terminal; C escapes for control characters, \xNN for bytes that are not UTF-8. */
void ecli_render_safe_text(const char *text, size_t len, struct ecli_buf *out);
/* Appends "2026-11-22T10:00:00.123456+00:00" in local time. */
void ecli_render_iso_time(uint64_t wall_ns, struct ecli_buf *out);

/* ---- stack traces ---------------------------------------------------------------------------------------------- */

/*
 * Rows that are a process with its kernel and user stack:
 *
 *     10:00:00 COMM: make (pid=4660) @ CPU 3        table and plain; a stack that is empty is "No Kernel Stack"; with several
 *     Kernel:                                       sources the map's name stands before COMM
 *       0 [<ffffffff810a1b2c>] schedule+0x4c
 *     Userspace:
 *       0 [<00007f0012345678>]
 *
 * In JSON the stacks are lists of hexadecimal texts; with symbols, KSTACK_symbols follows with a name or null for each.
 */
struct ecli_render_stack;

/* Which member of the record is what; the order of the names given to ecli_render_stack_new(). */
enum ecli_render_stack_field {
	ECLI_RENDER_STACK_PID,
	ECLI_RENDER_STACK_CPU,
	ECLI_RENDER_STACK_COMM,
	ECLI_RENDER_STACK_KERNEL_SIZE, /* bytes */
	ECLI_RENDER_STACK_USER_SIZE,
	ECLI_RENDER_STACK_KERNEL,
	ECLI_RENDER_STACK_USER,
	ECLI_RENDER_STACK_FIELDS
};

/* @plan and @map (may be NULL) as for ecli_render_new(); @fields is read during the call only. -EINVAL names the member that is
 * missing or of the wrong type; -ENOMEM. */
int ecli_render_stack_new(const struct ecli_plan *plan, enum ecli_format format, const char *map,
			  const char *const fields[ECLI_RENDER_STACK_FIELDS], bool with_symbols, struct ecli_err *err,
			  struct ecli_render_stack **ret_stack);
void ecli_render_stack_free(struct ecli_render_stack *stack);
/* As ecli_render_row(). In table and plain form a record with two empty stacks leaves nothing. */
int ecli_render_stack_row(struct ecli_render_stack *stack, uint64_t wall_ns, const void *data, size_t size_bytes,
			  struct ecli_buf *out);

/* ---- histograms ------------------------------------------------------------------------------------------------ */

/*
 * Rows that are a histogram: drawn as text (table), a line a bucket (plain), or the row with its buckets (JSON).
 */
struct ecli_render_hist;

/* One line a histogram instead of a drawing, in table output: a heat map over time, of ASCII or of block characters (UTF-8). */
enum ecli_heat { ECLI_HEAT_NONE, ECLI_HEAT_ASCII, ECLI_HEAT_BLOCKS };

struct ecli_render_hist_opts {
	const char *slots; /* the column of counters: an array of integers, one a bucket */
	const char *unit;  /* caption, untrusted text; NULL: "(unit)" */
	bool is_linear;    /* false: bucket i counts 2^i to 2^(i+1) - 1, the first 0 and 1 */
	int64_t base;      /* linear: the first value of the first bucket */
	uint32_t step;     /* linear: values in a bucket, above 0 */
	enum ecli_heat heat;
};

/* @plan and @map (may be NULL) as for ecli_render_new(), with @opts->slots hidden in @plan; @opts is read during the call only. -EINVAL: there is
 * no such array; -E2BIG: more than 64 buckets (log2) or 4095 (linear); -ENOMEM. */
int ecli_render_hist_new(const struct ecli_plan *plan, enum ecli_format format, const char *map,
			 const struct ecli_render_hist_opts *opts, struct ecli_err *err,
			 struct ecli_render_hist **ret_hist);
void ecli_render_hist_free(struct ecli_render_hist *hist);
/* Whether there are others beside it: then drawings have all members in their heading, also those that are 0 or empty, for one of them is the name.
 * Without this call there are none. */
void ecli_render_hist_name(struct ecli_render_hist *hist, bool is_one_of_several);
/* The header of plain output and of a heat map; nothing for the others. */
void ecli_render_hist_header(struct ecli_render_hist *hist, struct ecli_buf *out);
/* The line of a look that has counted nothing; only in a heat map. */
void ecli_render_hist_gap(struct ecli_render_hist *hist, uint64_t wall_ns, struct ecli_buf *out);
/* As ecli_render_row(). As text, a histogram that has counted nothing leaves nothing. */
int ecli_render_hist_row(struct ecli_render_hist *hist, uint64_t wall_ns, const void *data, size_t size_bytes,
			 struct ecli_buf *out);

#endif
