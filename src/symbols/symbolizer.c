/* SPDX-License-Identifier: MIT */
/*
 * A question and its answer:
 *
 *     send ─ wait ─> head ─ wait ─> rest ─ wire.c ─> frames            wait: in slices, each of which looks at the time and at who wants to end
 *       └──────┴───────────┴── late, gone, nonsense ─> kill, reap, note down what it was at ─> another child, the question once more
 *
 * A question that is answered within QUICK_MS costs what the child's CPU clock says. Of one that takes longer all counts but the time in which the
 * child, or we, waited for a CPU (the second number of /proc/PID/schedstat): on a busy machine names come later, not less.
 *
 * Killing is final for us also where the kernel takes its time (a file server that does not answer): such a child is asked for again later, and
 * not waited for.
 */
#include "symbols/symbolizer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/child.h"
#include "symbols/work.h"

enum {
	QUICK_MS = 2,
	SLICE_MS = 20,
	MAX_STARTS = ECLI_AVOID_MAX,
	MAX_TRIES = 3, /* of a question: all, without lines, without the file */
	REAP_MS = 100,
	TIME_PART = 10, /* of a run's length may be spent, too */
};
#define NS_PER_MS   1000000ull
#define QUESTION_NS (2000 * NS_PER_MS)
#define RUN_NS      (10000 * NS_PER_MS)

enum outcome { DONE, GONE, LATE, NONSENSE };

struct ecli_symbolizer {
	const struct ecli_symbols_opts *opts;
	struct ecli_names *names;
	struct ecli_work_page *page; /* shared with the child; NULL: not yet */
	struct ecli_avoid avoid;
	pid_t pid; /* 0: there is none */
	int fd;
	clockid_t clock; /* its CPU time, */
	uint64_t cpu_ns; /* and what that was */
	uint32_t sequence;
	unsigned n_starts;
	struct ecli_wire_texts texts;
	struct ecli_buf data, told;
	pid_t killed[MAX_STARTS]; /* not reaped yet */
	size_t n_killed;
	uint64_t began_ns, spent_ns; /* when it was made; what was spent in all */
	bool is_over;
	struct ecli_symbols_cost past; /* of the children that have ended */
	char problem[200];             /* "": there is none */
};

/* ---- time ------------------------------------------------------------------------------------------------------ */

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* How long a process has waited for a CPU; 0: not known. */
static uint64_t waited_ns(const char *path)
{
	CLEANUP_FILE FILE *file = fopen(path, "re");
	unsigned long long ran, waited;

	return file && fscanf(file, "%llu %llu", &ran, &waited) == 2 ? waited : 0;
}

/* Of the child and of us. */
static uint64_t both_waited_ns(const struct ecli_symbolizer *symbolizer)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)symbolizer->pid);
	return waited_ns(path) + waited_ns("/proc/thread-self/schedstat");
}

struct watch {
	uint64_t began_ns;
	bool is_slow;
	uint64_t slow_ns, waited_ns; /* when it became slow, and what both had waited by then */
	uint64_t counted_ns;         /* so far */
};

static void look_at(const struct ecli_symbolizer *symbolizer, struct watch *watch)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	if (!watch->is_slow && now - watch->began_ns < QUICK_MS * NS_PER_MS)
		return;
	uint64_t waited = both_waited_ns(symbolizer);
	if (!watch->is_slow) {
		watch->is_slow = true;
		watch->slow_ns = now;
		watch->waited_ns = waited;
	}
	uint64_t slow = now - watch->slow_ns, waiting = waited > watch->waited_ns ? waited - watch->waited_ns : 0;
	watch->counted_ns = QUICK_MS * NS_PER_MS + (slow > waiting ? slow - waiting : 0);
}

static void stop(struct ecli_symbolizer *symbolizer, struct watch *watch)
{
	uint64_t cpu_ns = now_ns(symbolizer->clock), spent;

	look_at(symbolizer, watch);
	spent = watch->is_slow ? watch->counted_ns : 0;
	if (cpu_ns > symbolizer->cpu_ns && cpu_ns - symbolizer->cpu_ns > spent)
		spent = cpu_ns - symbolizer->cpu_ns;
	symbolizer->cpu_ns = cpu_ns;
	symbolizer->spent_ns += spent;
}

/* Whether there is time for more, when @more_ns are spent beside what is written down. */
static bool has_time(struct ecli_symbolizer *symbolizer, uint64_t more_ns)
{
	uint64_t most_ns = RUN_NS + (now_ns(CLOCK_MONOTONIC) - symbolizer->began_ns) / TIME_PART;

	const struct ecli_symbols_opts *opts = symbolizer->opts;

	symbolizer->is_over |= opts->is_over && opts->is_over(opts->ctx);
	if (symbolizer->spent_ns + more_ns >= most_ns)
		snprintf(symbolizer->problem, sizeof(symbolizer->problem),
			 "functions of processes have no names any more: looking them up took the %llu seconds that a "
			 "run may spend on it",
			 (unsigned long long)(most_ns / 1000000000));
	return !*symbolizer->problem && !symbolizer->is_over;
}

/* ---- the child ------------------------------------------------------------------------------------------------- */

/* Waits at most @wait_ms for those that were killed. */
static void reap(struct ecli_symbolizer *symbolizer, unsigned wait_ms)
{
	for (;; wait_ms--) {
		size_t left = 0;

		for (size_t i = 0; i < symbolizer->n_killed; i++) {
			pid_t r = waitpid(symbolizer->killed[i], NULL, WNOHANG);

			if (!r || (r < 0 && errno == EINTR))
				symbolizer->killed[left++] = symbolizer->killed[i];
		}
		symbolizer->n_killed = left;
		if (!left || !wait_ms)
			return;
		poll(NULL, 0, 1);
	}
}

void ecli_symbolizer_cost(const struct ecli_symbolizer *symbolizer, struct ecli_symbols_cost *ret)
{
	struct ecli_symbols_cost cost = symbolizer->past;
	unsigned long long kib = 0;
	char path[64], line[256];

	if (symbolizer->pid) {
		snprintf(path, sizeof(path), "/proc/%d/status", (int)symbolizer->pid);
		CLEANUP_FILE FILE *status = fopen(path, "re");
		while (status && fgets(line, sizeof(line), status) && sscanf(line, "VmHWM: %llu", &kib) != 1)
			;
		cost.cpu_ns += now_ns(symbolizer->clock);
		cost.peak_bytes = kib * 1024 > cost.peak_bytes ? kib * 1024 : cost.peak_bytes;
	}
	*ret = cost;
}

static void end_child(struct ecli_symbolizer *symbolizer)
{
	if (!symbolizer->pid)
		return;
	ecli_symbolizer_cost(symbolizer, &symbolizer->past);
	kill(symbolizer->pid, SIGKILL);
	close(symbolizer->fd);
	symbolizer->killed[symbolizer->n_killed++] = symbolizer->pid;
	symbolizer->pid = 0;
	ecli_wire_forget(&symbolizer->texts);
	reap(symbolizer, REAP_MS);
}

/* It did not answer. What it was at is left alone from now on, and its owner pays for the time. */
static void give_up(struct ecli_symbolizer *symbolizer, const struct watch *watch)
{
	struct ecli_work work;

	end_child(symbolizer);
	memcpy(&work, &symbolizer->page->now, sizeof(work));
	memset(&symbolizer->page->now, 0, sizeof(symbolizer->page->now));
	ecli_avoid_add(&symbolizer->avoid, &work);
	if (work.kind == ECLI_WORK_FILE)
		ecli_work_charge(symbolizer->page, work.user, watch->counted_ns, 0);
	ecli_log(ECLI_LOG_DEBUG, "the symbolizer ended at kind %u, %llx %llx", work.kind,
		 (unsigned long long)work.id[0], (unsigned long long)work.id[1]);
}

static bool cannot_start(struct ecli_symbolizer *symbolizer, int code)
{
	if (++symbolizer->n_starts >= MAX_STARTS || code == -ENOMEM)
		snprintf(symbolizer->problem, sizeof(symbolizer->problem),
			 "functions of processes have no names: the process that looks them up cannot be started: %s",
			 strerror(-code));
	return false;
}

static bool have_child(struct ecli_symbolizer *symbolizer)
{
	struct ecli_engine_opts opts = { .proc = symbolizer->opts->proc,
					 .no_lines = symbolizer->opts->no_lines,
					 .avoid = &symbolizer->avoid };

	if (symbolizer->pid)
		return true;
	if (*symbolizer->problem)
		return false;
	if (symbolizer->n_starts >= MAX_STARTS) {
		snprintf(symbolizer->problem, sizeof(symbolizer->problem),
			 "functions of processes have no names any more: the process that looks them up has ended %d "
			 "times before it was done",
			 MAX_STARTS);
		return false;
	}
	if (!symbolizer->page) {
		void *page = mmap(NULL, sizeof(*symbolizer->page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				  -1, 0);

		if (page == MAP_FAILED)
			return cannot_start(symbolizer, -errno);
		symbolizer->page = page;
	}
	opts.page = symbolizer->page;
	pid_t pid = ecli_child_start(&opts, &symbolizer->fd);
	if (pid < 0)
		return cannot_start(symbolizer, (int)pid);
	symbolizer->n_starts++;
	symbolizer->pid = pid;
	clock_getcpuclockid(pid, &symbolizer->clock);
	symbolizer->cpu_ns = 0;
	return true;
}

/* ---- questions ------------------------------------------------------------------------------------------------- */

static enum outcome wait_for(struct ecli_symbolizer *symbolizer, struct watch *watch, short events)
{
	struct pollfd fd = { .fd = symbolizer->fd, .events = events };

	for (;;) {
		int n = poll(&fd, 1, watch->is_slow ? SLICE_MS : QUICK_MS);

		look_at(symbolizer, watch);
		if (watch->counted_ns > QUESTION_NS || (watch->is_slow && !has_time(symbolizer, watch->counted_ns)))
			return LATE;
		if (n > 0)
			return DONE;
		if (n < 0 && errno != EINTR)
			return GONE;
	}
}

static enum outcome send_all(struct ecli_symbolizer *symbolizer, struct watch *watch, const void *data, size_t size)
{
	const char *at = data;
	enum outcome outcome = DONE;

	while (size && outcome == DONE) {
		ssize_t n = send(symbolizer->fd, at, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			at += n;
			size -= (size_t)n;
		} else if (errno == EAGAIN) {
			outcome = wait_for(symbolizer, watch, POLLOUT);
		} else if (errno != EINTR) {
			outcome = GONE;
		}
	}
	return outcome;
}

static enum outcome receive(struct ecli_symbolizer *symbolizer, struct watch *watch, void *ret, size_t size)
{
	char *at = ret;
	enum outcome outcome = DONE;

	while (size && outcome == DONE) {
		ssize_t n = recv(symbolizer->fd, at, size, MSG_DONTWAIT);

		if (n > 0) {
			at += n;
			size -= (size_t)n;
		} else if (!n || (errno != EAGAIN && errno != EINTR)) {
			outcome = GONE;
		} else {
			outcome = wait_for(symbolizer, watch, POLLIN);
		}
	}
	return outcome;
}

struct question {
	struct ecli_wire_question head;
	uint64_t addresses[ECLI_WIRE_ADDRESSES];
};
static_assert(offsetof(struct question, addresses) == sizeof(struct ecli_wire_question), "both are sent at once");

static enum outcome ask_once(struct ecli_symbolizer *symbolizer, struct watch *watch, struct question *question,
			     struct ecli_frames *frames, struct ecli_symbolizer_answer *ret)
{
	struct ecli_wire_head head;
	size_t count = question->head.count;

	question->head.sequence = ++symbolizer->sequence;
	enum outcome outcome =
		send_all(symbolizer, watch, question, sizeof(question->head) + count * sizeof(*question->addresses));
	if (outcome == DONE)
		outcome = send_all(symbolizer, watch, symbolizer->told.data, symbolizer->told.len);
	if (outcome == DONE)
		outcome = receive(symbolizer, watch, &head, sizeof(head));
	if (outcome != DONE)
		return outcome;
	ecli_buf_clear(&symbolizer->data);
	if (head.sequence != question->head.sequence || !ecli_wire_head_is_sane(&head) ||
	    !ecli_buf_reserve(&symbolizer->data, head.size_bytes + 1))
		return NONSENSE;
	outcome = receive(symbolizer, watch, symbolizer->data.data, head.size_bytes);
	if (outcome != DONE)
		return outcome;
	ret->look = head.look ? symbolizer->n_starts << 25 ^ head.look : 0;
	return ecli_wire_read(&head, symbolizer->data.data, question->addresses, count, symbolizer->names,
			      &symbolizer->texts, frames, ret->ends, ret->is_final)
		       ? NONSENSE
		       : DONE;
}

bool ecli_symbolizer_ask(struct ecli_symbolizer *symbolizer, const struct ecli_image_id *id, const uint64_t *addresses,
			 size_t count, bool is_calls, const struct ecli_symbolizer_told *told,
			 struct ecli_frames *frames, struct ecli_symbolizer_answer *ret)
{
	struct question question = { .head = { .kind = is_calls ? ECLI_WIRE_CALLS : ECLI_WIRE_FIRST,
					       .pid = id->pid,
					       .image = id->image,
					       .is_last = id->is_last,
					       .ended_ns = id->ended_ns,
					       .count = (uint32_t)count } };

	memcpy(question.addresses, addresses, count * sizeof(*addresses));
	ecli_buf_clear(&symbolizer->told);
	if (told && !ecli_wire_write_told(told->maps, told->count, &symbolizer->told) &&
	    symbolizer->told.len <= ECLI_WIRE_TOLD_BYTES) {
		question.head.parent = told->parent.pid;
		question.head.parent_image = told->parent.image;
		question.head.parent_is_last = told->parent.is_last;
		question.head.parent_ended_ns = told->parent.ended_ns;
		question.head.n_told = (uint32_t)told->count;
		question.head.told_bytes = (uint32_t)symbolizer->told.len;
	} else {
		ecli_buf_clear(&symbolizer->told);
	}
	for (unsigned i = 0; i < MAX_TRIES && has_time(symbolizer, 0) && have_child(symbolizer); i++) {
		struct watch watch = { .began_ns = now_ns(CLOCK_MONOTONIC) };
		enum outcome outcome = ask_once(symbolizer, &watch, &question, frames, ret);

		stop(symbolizer, &watch);
		if (outcome == DONE)
			return true;
		give_up(symbolizer, &watch);
	}
	return false;
}

uint32_t ecli_symbolizer_starts(const struct ecli_symbolizer *symbolizer)
{
	return symbolizer->n_starts;
}

void ecli_symbolizer_note(struct ecli_symbolizer *symbolizer, const struct ecli_image_id *id)
{
	struct ecli_wire_question note = {
		.kind = ECLI_WIRE_NOTE, .pid = id->pid, .image = id->image, .is_last = true
	};
	struct watch none = { 0 };

	if (!have_child(symbolizer))
		return;
	ssize_t n = send(symbolizer->fd, &note, sizeof(note), MSG_NOSIGNAL | MSG_DONTWAIT);
	if ((n > 0 && n < (ssize_t)sizeof(note)) || (n < 0 && errno != EAGAIN && errno != EINTR))
		give_up(symbolizer, &none);
}

const char *ecli_symbolizer_problem(const struct ecli_symbolizer *symbolizer)
{
	return *symbolizer->problem ? symbolizer->problem : NULL;
}

struct ecli_symbolizer *ecli_symbolizer_new(const struct ecli_symbols_opts *opts, struct ecli_names *names)
{
	struct ecli_symbolizer *symbolizer = calloc(1, sizeof(*symbolizer));

	if (symbolizer) {
		symbolizer->opts = opts;
		symbolizer->names = names;
		symbolizer->began_ns = now_ns(CLOCK_MONOTONIC);
	}
	return symbolizer;
}

void ecli_symbolizer_free(struct ecli_symbolizer *symbolizer)
{
	if (!symbolizer)
		return;
	end_child(symbolizer);
	reap(symbolizer, REAP_MS);
	ecli_wire_forget(&symbolizer->texts);
	ecli_buf_done(&symbolizer->data);
	ecli_buf_done(&symbolizer->told);
	if (symbolizer->page)
		munmap(symbolizer->page, sizeof(*symbolizer->page));
	free(symbolizer);
}
