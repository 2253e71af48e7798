/* SPDX-License-Identifier: MIT */
/*
 * The log is read from its end, line by line:
 *
 *     ; return *v; @ tool.bpf.c:10                       <- the source line: the last ";" line before the reason
 *     8: (79) r0 = *(u64 *)(r0 +0)
 *     R0 invalid mem access 'map_value_or_null'          <- the reason: the last line that is none of the others
 *
 *     Verification failed: Memory Safety: ...            <- since 7.3: the same once more in other words, up to the statistics
 *     processed 8 insns (limit 1000000) ...              <- statistics
 *
 * Source: kernel/bpf/verifier.c and kernel/bpf/log.c, Linux 5.4 to 7.3; "@ file:line" is there since 6.8. The text is
 * a message for people and changes: a line that is not recognised can only make the sentence less good, never wrong
 * memory.
 */
#include "load/verdict.h"

#include <ctype.h>
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

/* Reasons that the kernel writes behind an instruction, in the same line. */
static const char *const glued[] = {
	"BPF program is too large.",
	"The sequence of ",
};

/* What helps. The parts are of kernel/bpf/verifier.c; of several that fit the first counts. */
static const struct {
	const char *part, *advice;
} advices[] = {
	{ "invalid mem access 'map_value_or_null'", "compare what bpf_map_lookup_elem() returned with NULL first" },
	{ "_or_null'", "compare the pointer with NULL first" },
	{ "invalid mem access 'scalar'",
	  "compare what a helper returned with NULL first, and read through any other pointer with BPF_CORE_READ() or "
	  "bpf_probe_read_kernel(), of a process with bpf_probe_read_user()" },
	{ "invalid mem access 'inv'",
	  "compare what a helper returned with NULL first, and read through any other pointer with BPF_CORE_READ() or "
	  "bpf_probe_read_kernel(), of a process with bpf_probe_read_user()" },
	{ "reference leak", "every path has to end with bpf_ringbuf_submit() or _discard(), or another release" },
	{ "Unreleased reference", "every path has to end with bpf_ringbuf_submit() or _discard(), or another release" },
	{ "GPL-restricted function from non-GPL", "the tool needs char LICENSE[] SEC(\"license\") = \"GPL\";" },
	{ "BPF program is too large.", "a loop needs a bound that the compiler can see, or bpf_loop()" },
	{ "infinite loop detected", "a loop needs a bound that the compiler can see, or bpf_loop()" },
	{ "back-edge from insn", "this kernel takes no loops: unroll it, #pragma unroll" },
	{ "combined stack size", "move large variables into a per-CPU array map" },
	{ "unbounded memory access", "compare the index or length with a limit first" },
	{ "min value is negative", "make the index or length unsigned and compare it with a limit first" },
	{ "outside of the allowed memory range", "compare the index or length with the size first" },
	{ "outside of the array range", "compare the index with the size of the array first" },
	{ "invalid access to packet", "compare the end of what is read with ctx->data_end first" },
	{ "invalid bpf_context access", "this member of the context does not exist here or cannot be read" },
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

/* The reason in a line, or NULL. */
static const char *find_reason(const char *line, size_t len)
{
	for (size_t i = 0; is_instruction(line, len) && i < ARRAY_SIZE(glued); i++) {
		const char *found = memmem(line, len, glued[i], strlen(glued[i]));

		if (found)
			return found;
	}
	return is_reason(line, len) ? line : NULL;
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

/* Where the kernel begins to say it once more; NULL: nowhere. */
static const char *find_again(const char *log)
{
	static const char begin[] = "\nVerification failed: ";
	const char *found = NULL;

	for (const char *at = log; (at = strstr(at, begin)); at++)
		found = at;
	return found;
}

void ecli_verdict_read(const char *log, struct ecli_verdict *ret)
{
	const char *again = find_again(log), *end = again ? again : log + strlen(log);
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

		const char *reason = !ret->reason[0] && lines++ < REASON_LINES ? find_reason(line, len) : NULL;

		if (reason)
			copy(ret->reason, sizeof(ret->reason), reason, (size_t)(line_end - reason));
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

const char *ecli_verdict_advice(const char *reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
		if (strstr(reason, advices[i].part))
			return advices[i].advice;
	return NULL;
}

bool ecli_verdict_calls_nothing(const char *log)
{
	static const char call[] = "(85) call ";

	for (const char *at = log; (at = strstr(at, call));) {
		at += sizeof(call) - 1;
		at += strcspn(at, "#\n");
		if (at[0] == '#' && at[1] == '0' && (!at[2] || isspace((unsigned char)at[2])))
			return true;
	}
	/* Of a program that does not look at what it returned. */
	return strstr(log, "invalid kernel function call not eliminated") != NULL;
}
