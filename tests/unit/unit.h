/* SPDX-License-Identifier: MIT */
/* What every unit test includes: cmocka with the headers it wants before it. */
#ifndef ECLI_TESTS_UNIT_H
#define ECLI_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* What a program printed before it was ended, as one that hangs is, tells how far it was. */
static void __attribute__((constructor)) print_lines_at_once(void)
{
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

/* cmocka's own fail_msg() writes to standard error, apart from the result it belongs to. */
static inline void __attribute__((format(printf, 3, 4))) fail_with(const char *file, int line, const char *format, ...)
{
	char text[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	_assert_true(0, text, file, line);
}

#undef fail_msg
#define fail_msg(...) fail_with(__FILE__, __LINE__, __VA_ARGS__)

#endif
