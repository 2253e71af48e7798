/* SPDX-License-Identifier: MIT */
/*
 * The log is read from its end, line by line:
 *
 *     ; return *v; @ tool.bpf.c:10                       <- the source line: the last ";" line before the reason
 *     8: (79) r0 = *(u64 *)(r0 +0)
 *     R0 invalid mem access 'map_value_or_null'          <- the reason: the last line that is none of the others
 *     processed 8 insns (limit 1000000) ...              <- statistics
 *
 * Source: kernel/bpf/verifier.c and kernel/bpf/log.c, Linux 5.4 to 6.18; "@ file:line" is there since 6.8. The text is
 * a message for people and changes: a line that is not recognised can only make the sentence less good, never wrong
 * memory.
 */
#include "load/verdict.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define TAIL_LINES 8
/* How far back the reason is looked for; a state dump after it can have many lines. */
#define REASON_LINES 64

/* Beginnings of lines that are not a reason. */
static const char *const noise[] = {
	"processed ",
	"verification time",
	"stack depth",
	"max_states",
	"cur state",
	"old state",
	"caller",
	"callee",
	"mark_precise",
	"from ",
	"propagating",
	"Func#",
	"Live regs before insn",
};

static bool is_instruction(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && isdigit((unsigned char)line[i]))
		i++;
	return i && i < len && line[i] == ':';
}

/* "R1=ctx() R10=fp0", as opposed to "R1 type=scalar expected=fp". */
static bool is_registers(const char *line, size_t len)
{
	size_t i = 1;

	while (i < len && (isdigit((unsigned char)line[i]) || line[i] == '_' || line[i] == 'w'))
		i++;
	return len && line[0] == 'R' && i > 1 && i < len && line[i] == '=';
}

static bool is_reason(const char *line, size_t len)
{
	if (!len || line[0] == ';' || line[0] == ' ' || is_instruction(line, len) || is_registers(line, len))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(noise); i++)
		if (!strncmp(line, noise[i], strlen(noise[i])))
			return false;
	return true;
}

static void copy(char *ret, size_t size, const char *text, size_t len)
{
	snprintf(ret, size, "%.*s", (int)(len < size ? len : size - 1), text);
}

/* "; source text @ file.c:10" */
static void read_source(const char *line, size_t len, struct ecli_verdict *ret)
{
	size_t skip = 1 + (len > 1 && line[1] == ' ');
	size_t end = len;

	for (size_t i = len; i > skip + 3; i--) {
		const char *at = line + i - 3;
		size_t digits = 0;

		if (memcmp(at, " @ ", 3))
			continue;
		while (digits < len - i && isdigit((unsigned char)line[len - 1 - digits]))
			digits++;
		if (digits && digits < len - i && line[len - 1 - digits] == ':') {
			copy(ret->where, sizeof(ret->where), line + i, len - i);
			end = i - 3;
		}
		break;
	}
	while (skip < end && isspace((unsigned char)line[skip]))
		skip++;
	while (end > skip && isspace((unsigned char)line[end - 1]))
		end--;
	copy(ret->source, sizeof(ret->source), line + skip, end - skip);
}

void ecli_verdict_read(const char *log, struct ecli_verdict *ret)
{
	const char *end = log + strlen(log);
	unsigned int lines = 0, tail_lines = 0;

	*ret = (struct ecli_verdict){ .tail = log };
	while (end > log && end[-1] == '\n')
		end--;

	const char *line_end = end;
	const char *tail_end = NULL;
	while (line_end > log && !ret->source[0]) {
		const char *newline = memrchr(log, '\n', (size_t)(line_end - log));
		const char *line = newline ? newline + 1 : log;
		size_t len = (size_t)(line_end - line);

		if (!ret->reason[0] && lines++ < REASON_LINES && is_reason(line, len))
			copy(ret->reason, sizeof(ret->reason), line, len);
		else if (len > 1 && line[0] == ';')
			read_source(line, len, ret);

		if (strncmp(line, "processed ", 10) && tail_lines < TAIL_LINES) {
			if (!tail_end)
				tail_end = line_end;
			ret->tail = line;
			tail_lines++;
		}
		line_end = newline ? newline : log;
	}
	/* The source line may be nearer than the tail is long. */
	while (line_end > log && tail_lines < TAIL_LINES) {
		const char *newline = memrchr(log, '\n', (size_t)(line_end - log));

		ret->tail = newline ? newline + 1 : log;
		tail_lines++;
		line_end = newline ? newline : log;
	}
	ret->tail_len = tail_end ? (size_t)(tail_end - ret->tail) : 0;
}
