/* SPDX-License-Identifier: MIT */
/*
 * What every other module of libecli speaks: an error with its sentence, a growable buffer, a log hook.
 *
 * Invariant: the library never prints and never exits. A function that can fail returns 0 or a negative errno and, when
 * the caller passed a struct ecli_err, leaves one plain sentence there, written where the failure was found.
 */
#ifndef ECLI_BASE_H
#define ECLI_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- errors ---------------------------------------------------------------------------------------------------- */

/* What a failure means to the person: the exit status of ecc and ecli (DESIGN: exit status). */
enum ecli_fail {
	ECLI_FAIL_ERROR = 1,  /* it failed */
	ECLI_FAIL_USAGE = 2,  /* it was asked in a wrong way */
	ECLI_FAIL_KERNEL = 3, /* this kernel cannot run it; the text names what is missing */
};

/* One failure. Lives on the caller's stack; zero-initialise it. The text is one sentence without a final newline,
 * optionally followed by further lines of detail (a verifier log), each ended by the next '\n'. */
struct ecli_err {
	int code;            /* negative errno, 0 when unset */
	enum ecli_fail fail; /* 0 when unset */
	char text[4096];
};

/*
 * Records a failure at its origin and returns @code, so that `return ecli_err_set(err, -ENOENT, "...")` is one line.
 * @err: may be NULL. @code: negative errno. An error already set is replaced.
 */
int ecli_err_set(struct ecli_err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same with the meaning given; ecli_err_set() means ECLI_FAIL_ERROR. */
int ecli_err_set_fail(struct ecli_err *err, enum ecli_fail fail, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Puts "prefix: " before the text, once at each module border. Keeps code and meaning. Returns err->code, or @code when
 * @err is NULL. */
int ecli_err_wrap(struct ecli_err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- growable buffer ------------------------------------------------------------------------------------------- */

/* Bytes that grow. Zero-initialised is empty and valid. When memory runs out, `failed` becomes true, later appends do
 * nothing, and the owner checks once at the end (ecli_buf_failed). The data is not NUL-terminated; ecli_buf_text() is. */
struct ecli_buf {
	char *data;
	size_t len, cap;
	bool failed;
};

void ecli_buf_done(struct ecli_buf *buf);                              /* frees the bytes, leaves it empty */
void ecli_buf_clear(struct ecli_buf *buf);                             /* keeps the memory */
bool ecli_buf_reserve(struct ecli_buf *buf, size_t extra);             /* room for @extra more bytes, or false */
void ecli_buf_add(struct ecli_buf *buf, const void *data, size_t len); /* @data may be NULL when @len is 0 */
void ecli_buf_add_text(struct ecli_buf *buf, const char *text);
void ecli_buf_add_char(struct ecli_buf *buf, char c);
void ecli_buf_add_repeat(struct ecli_buf *buf, char c, size_t count);
void ecli_buf_add_format(struct ecli_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool ecli_buf_failed(const struct ecli_buf *buf);
/* The bytes with a NUL after them, "" when empty or failed; valid until the next change. */
const char *ecli_buf_text(struct ecli_buf *buf);
/* Hands the bytes (NUL-terminated, malloc'ed) to the caller and leaves the buffer empty. NULL when it had failed. */
char *ecli_buf_take(struct ecli_buf *buf);

/* ---- log hook -------------------------------------------------------------------------------------------------- */

enum ecli_log_level {
	ECLI_LOG_WARN,  /* something the person should know although the work goes on */
	ECLI_LOG_INFO,  /* -v: a decision taken, one line each */
	ECLI_LOG_DEBUG, /* -vv: libbpf's and other internals */
};

/* Receives one line without newline. */
typedef void (*ecli_log_fn)(void *ctx, enum ecli_log_level level, const char *line);

/* Sets the process-wide hook; @fn NULL means silence (the default). Lines above @max_level are not formatted at all. */
void ecli_log_set(ecli_log_fn fn, void *ctx, enum ecli_log_level max_level);
bool ecli_log_wants(enum ecli_log_level level);
void ecli_log(enum ecli_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ecli_log_va(enum ecli_log_level level, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* The version of the library and both programs, "0.1.0". */
const char *ecli_version(void);

#endif
