/* SPDX-License-Identifier: MIT */
/*
 * Addresses of a stack into frames that a person can read: functions of the kernel, its modules and BPF programs, and of
 * processes, with what was inlined there and the line of source, where the files on this machine tell.
 *
 *     address ─> function + offset, module, file:line      an address inside inlined code gives several frames
 *
 * Names of the kernel are read here. What processes run is written by whoever runs it: their files and memory maps are read by a child process,
 * which is started at the first question about a process and ends with this object or this process. A child that hangs, crashes or
 * runs out of memory costs the names it was looking for, and another one goes on.
 *
 * One run's budget (docs/design/0015-hostile.md), whatever is asked about: 80 MiB of memory for the child; 10 s and a tenth of the run's time, of
 * which 2 s for one question and half of the 10 s for the files of one user but root; 24 children. In it at most 4,096 processes with 4,096 mappings each
 * and 100,000 in all, 1,024 files (512 of them open), 48 MiB of their tables and debug information and 32 MiB of debug information of
 * one, 12 MiB of names, 12 MiB of perf maps, 65,536 kept frames. What was used longest ago goes; where nothing can go, frames stay without names.
 */
#ifndef ECLI_SYMBOLS_H
#define ECLI_SYMBOLS_H

#include <ecli/base.h>

/* What a file would tell of an address, and why it was not read. */
enum ecli_left_out {
	ECLI_LEFT_NOTHING,
	ECLI_LEFT_LINES,           /* more than 32 MiB of debug information */
	ECLI_LEFT_LINES_ELSEWHERE, /* some of it lies in another file (dwz), or is compressed as before 2015 */
	ECLI_LEFT_LINES_ROOM,      /* no room for that of all files */
	ECLI_LEFT_FUNCTIONS,       /* more functions than there is room for */
	ECLI_LEFT_TIME,            /* the files of its owner took too long */
	ECLI_LEFT_SERVED, /* its file is not read: another process serves it (FUSE), or the kernel makes it up */
	ECLI_LEFT_FILE,   /* its file cannot be opened */
	ECLI_LEFT_REASONS,
};

struct ecli_frame {
	uint64_t address;     /* as the kernel reported it */
	const char *function; /* demangled, without parameters; NULL: not known */
	uint64_t
		offset; /* bytes into the function; 0 for a frame that was inlined; of an unknown function: into the module, 0 without one */
	const char *
		module; /* name of the file, kernel module ("ext4", "bpf"), "[vdso]", "[jit]"; "" for the kernel itself; NULL: not known */
	const char *file; /* of the source; NULL: not known */
	uint32_t line;    /* 0: not known */
	bool is_kernel;
	bool is_inlined; /* into the frame after it */
	enum ecli_left_out left_out;
};

/* Frames of one stack, the innermost first. Zeroed: empty. The strings belong to the symbols object and live as long as it. */
struct ecli_frames {
	struct ecli_frame *items; /* owned */
	size_t count, room;
};
void ecli_frames_done(struct ecli_frames *frames);

struct ecli_symbols;

struct ecli_symbols_opts {
	const char *proc; /* borrowed; NULL: "/proc" */
	bool no_lines;    /* functions only: DWARF is not read, nothing inlined is shown */
	bool (*is_over)(
		void *ctx); /* whether there is no time for names any more, once and for all. NULL: there always is */
	void *ctx;
};

/* Nothing is read before the first question. -ENOMEM. */
int ecli_symbols_new(const struct ecli_symbols_opts *opts, struct ecli_err *err, struct ecli_symbols **ret_symbols);
void ecli_symbols_free(struct ecli_symbols *symbols);

/*
 * Appends the frames of the addresses of one stack to @frames, which stays as it was on failure: -ENOMEM. What is not known becomes a frame
 * with an address. The first address is where the processor is; the others are return addresses: what is told is the call before them.
 *
 * A pid may have been several programs, one after the other, since ecli_symbols_follow(): what they do not agree on has no name. @thread: the name of
 * the thread whose stack it is tells which of them it was; NULL: not known.
 */
int ecli_symbols_kernel(struct ecli_symbols *symbols, const uint64_t *addresses, size_t count,
			struct ecli_frames *frames);
int ecli_symbols_user(struct ecli_symbols *symbols, uint32_t pid, const char *thread, const uint64_t *addresses,
		      size_t count, struct ecli_frames *frames);

/* Has a process looked at while it lives, so that its addresses have names later. Does not wait for that; cheap when it was done already. */
void ecli_symbols_note(struct ecli_symbols *symbols, uint32_t pid);

/* What the child processes of @symbols used by now: CPU time of all, and the most memory that one had at once. */
struct ecli_symbols_cost {
	uint64_t cpu_ns, peak_bytes;
};
void ecli_symbols_cost(const struct ecli_symbols *symbols, struct ecli_symbols_cost *ret);

/*
 * What a process did, as the kernel tells it (ecli/poll.h, ecli_poll_add_processes()): of those that are gone when their addresses are asked for nothing else is
 * known. All of it is untrusted, and copied.
 */
struct ecli_symbols_event {
	enum ecli_symbols_event_kind {
		ECLI_SYMBOLS_MAPPED,
		ECLI_SYMBOLS_FORKED,
		ECLI_SYMBOLS_EXECED,
		ECLI_SYMBOLS_NAMED,
		ECLI_SYMBOLS_KERNEL,
	} kind;
	uint32_t pid, parent;                /* @parent: of FORKED */
	uint64_t start, size_bytes, offset;  /* of MAPPED, and of KERNEL but @offset */
	uint32_t device_major, device_minor; /* of MAPPED, as @inode */
	uint64_t inode;
	uint64_t time_ns; /* by CLOCK_MONOTONIC */
	bool is_gone;     /* of KERNEL */
	const char
		*path; /* of MAPPED; the name of a thread or symbol: of EXECED, NAMED, KERNEL; may be NULL of EXECED */
};
/* Looks which processes there are, before anything is told: two of the same pid are told apart from now on. */
void ecli_symbols_follow(struct ecli_symbols *symbols);
void ecli_symbols_tell(struct ecli_symbols *symbols, const struct ecli_symbols_event *event);

/* Why addresses of the kernel have no names, a sentence for the person; NULL when they have, or when nobody asked. */
const char *ecli_symbols_kernel_problem(const struct ecli_symbols *symbols);
/* The same for addresses of processes: why there are no names any more; NULL as long as they are looked up. */
const char *ecli_symbols_user_problem(const struct ecli_symbols *symbols);

#endif
