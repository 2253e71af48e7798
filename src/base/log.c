/* SPDX-License-Identifier: MIT */
/*
 * The log hook: the only mutable state of the library's base. A library that prints cannot be embedded, so lines go to
 * whoever set the hook, and to nobody by default. Long lines are cut, never split.
 */
#include <stdio.h>

#include <ecli/base.h>

static struct {
	ecli_log_fn fn;
	void *ctx;
	enum ecli_log_level max_level;
} hook;

void ecli_log_set(ecli_log_fn fn, void *ctx, enum ecli_log_level max_level)
{
	hook.fn = fn;
	hook.ctx = ctx;
	hook.max_level = max_level;
}

bool ecli_log_wants(enum ecli_log_level level)
{
	return hook.fn && level <= hook.max_level;
}

void ecli_log_va(enum ecli_log_level level, const char *format, va_list args)
{
	char line[1024];

	if (!ecli_log_wants(level))
		return;
	vsnprintf(line, sizeof(line), format, args);
	hook.fn(hook.ctx, level, line);
}

void ecli_log(enum ecli_log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ecli_log_va(level, format, args);
	va_end(args);
}

const char *ecli_version(void)
{
	return ECLI_VERSION;
}
