/* SPDX-License-Identifier: MIT */
/*
 * The error object: one sentence, its errno and its meaning, in the caller's memory. Written once where the failure is
 * found; a module border may put a prefix in front of it. Nothing here allocates, so an error can always be told.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ecli/base.h>

static void set_va(struct ecli_err *err, enum ecli_fail fail, int code, const char *format, va_list args)
{
	err->code = code;
	err->fail = fail;
	vsnprintf(err->text, sizeof(err->text), format, args);
}

int ecli_err_set(struct ecli_err *err, int code, const char *format, ...)
{
	if (err) {
		va_list args;

		va_start(args, format);
		set_va(err, ECLI_FAIL_ERROR, code, format, args);
		va_end(args);
	}
	return code;
}

int ecli_err_set_fail(struct ecli_err *err, enum ecli_fail fail, int code, const char *format, ...)
{
	if (err) {
		va_list args;

		va_start(args, format);
		set_va(err, fail, code, format, args);
		va_end(args);
	}
	return code;
}

int ecli_err_wrap(struct ecli_err *err, int code, const char *format, ...)
{
	if (!err)
		return code;

	char old[sizeof(err->text)];
	memcpy(old, err->text, sizeof(old));

	va_list args;
	va_start(args, format);
	int used = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);

	if (used < 0)
		used = 0;
	if ((size_t)used < sizeof(err->text)) {
		size_t room = sizeof(err->text) - (size_t)used;
		/* A text that no longer fits loses its end; the beginning is what says what happened. */
		int n = snprintf(err->text + used, room, ": %.*s", (int)(room > 3 ? room - 3 : 0), old);
		(void)n;
	}
	if (!err->code)
		err->code = code;
	if (!err->fail)
		err->fail = ECLI_FAIL_ERROR;
	return err->code;
}
