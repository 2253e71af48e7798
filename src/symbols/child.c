/* SPDX-License-Identifier: MIT */
/*
 * fork(2) without exec(2): the program need not find itself again, and what is to be known is there already. So the child first lets go of
 * all that it got:
 *
 *     descriptors    all but the socket: a link or map of BPF that it held would live on when ecli is killed; standard ones lead to nowhere
 *     shared memory  buffers of BPF maps, which hold their maps; all but the page of work.h
 *     signals        all are blocked, so that Ctrl-C is for the parent; handlers are reset, so that a crash runs none of the parent's
 *
 * What it cannot let go of is the parent's memory; it is its own from then on, and no more than ECLI_CHILD_BYTES is added. It goes when the parent
 * goes (PR_SET_PDEATHSIG), and when the socket has ended, and never runs the parent's exit handlers.
 */
#include "symbols/child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/frames.h"
#include "symbols/process.h"
#include "symbols/wire.h"

enum { SOCKET = 3, MMAP_BYTES = 128 << 10, MAX_LINE = 512 };

/* ---- letting go ------------------------------------------------------------------------------------------------ */

static void reset_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
}

/* The socket becomes number 3, the standard ones lead to nowhere, and all others are closed. */
static bool keep_only(int fd)
{
	struct rlimit limit = { .rlim_cur = 1024 };

	fd = fcntl(fd, F_DUPFD_CLOEXEC, SOCKET);
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;

	for (int i = 0; i < SOCKET; i++) {
		if (nowhere >= 0 && nowhere != i)
			dup2(nowhere, i);
		else if (nowhere < 0)
			close(i);
	}
	if (fd != SOCKET && dup2(fd, SOCKET) < 0)
		return false;
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, SOCKET + 1, ~0u, 0))
		return true;
#endif
	getrlimit(RLIMIT_NOFILE, &limit);
	for (rlim_t i = SOCKET + 1; i < limit.rlim_cur && i < 1 << 20; i++)
		close((int)i);
	return true;
}

/* One line of /proc/self/maps: memory that is shared with others, but for @page, goes. */
static void unmap_line(const char *line, const void *page)
{
	uint64_t start, end;
	char mode[5];

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &start, &end, mode) == 3 && mode[3] == 's' &&
	    (start > (uintptr_t)page || end <= (uintptr_t)page))
		munmap((void *)(uintptr_t)start, end - start);
}

static void unmap_shared(const void *page)
{
	CLEANUP_FILE FILE *maps = fopen("/proc/self/maps", "re");
	CLEANUP_BUF struct ecli_buf lines = { 0 };
	char line[MAX_LINE];

	/* First read, then unmapped: the file changes with each. */
	while (maps && fgets(line, sizeof(line), maps))
		ecli_buf_add_text(&lines, line);
	for (const char *at = ecli_buf_text(&lines); at && *at; at = strchr(at, '\n'), at += at != NULL)
		unmap_line(at, page);
}

/* Memory of this process that counts against RLIMIT_DATA, in bytes; 0: not known. */
static uint64_t data_bytes(void)
{
	CLEANUP_FILE FILE *status = fopen("/proc/self/status", "re");
	char line[MAX_LINE];
	uint64_t kib = 0;

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmData: %" SCNu64, &kib) == 1)
			break;
	return kib * 1024;
}

static void limit_memory(void)
{
	struct rlimit none = { 0 }, data;

	setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) /* whose own memory is terabytes */
	uint64_t has = data_bytes();
	if (has && !getrlimit(RLIMIT_DATA, &data) && data.rlim_cur > has + ECLI_CHILD_BYTES) {
		data.rlim_cur = data.rlim_max = has + ECLI_CHILD_BYTES;
		setrlimit(RLIMIT_DATA, &data);
	}
#else
	(void)data;
	(void)data_bytes;
#endif
	/* What is freed goes back at once, however large it was. */
	mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	mallopt(M_TRIM_THRESHOLD, MMAP_BYTES);
}

static bool let_go(int fd, pid_t parent, const void *page)
{
	reset_signals();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return false;
	prctl(PR_SET_NAME, "ecli-symbols");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!keep_only(fd))
		return false;
	unmap_shared(page);
	limit_memory();
	return true;
}

/* ---- answering ------------------------------------------------------------------------------------------------- */

static bool read_all(void *data, size_t size)
{
	char *at = data;

	while (size) {
		ssize_t n = recv(SOCKET, at, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

static struct ecli_image_id image_of(const struct ecli_wire_question *question)
{
	return (struct ecli_image_id){ question->pid, question->image, question->is_last, question->ended_ns };
}

static bool answer(struct ecli_engine *engine, struct ecli_wire_writer *writer,
		   const struct ecli_wire_question *question, const uint64_t *addresses)
{
	CLEANUP(ecli_frames_done) struct ecli_frames frames = { 0 };
	struct ecli_image_id id = image_of(question);
	struct ecli_process *process = ecli_engine_process(engine, &id);
	bool is_final;

	ecli_wire_begin(writer);
	for (uint32_t i = 0; i < question->count; i++) {
		frames.count = 0;
		if (ecli_engine_address(engine, process, addresses[i], i || question->kind == ECLI_WIRE_CALLS, &frames,
					&is_final))
			return false;
		ecli_wire_add(writer, i, frames.items, frames.count, is_final);
	}
	ecli_engine_settle(engine);
	return ecli_wire_send(writer, SOCKET, question->sequence, process ? ecli_process_look(process) : 0);
}

/* What stands behind the addresses of a question. */
static bool take_told(struct ecli_engine *engine, const struct ecli_wire_question *question, struct ecli_buf *data)
{
	struct ecli_map maps[ECLI_TOLD_MAPPINGS];

	if (!question->told_bytes && !question->parent)
		return true;
	ecli_buf_clear(data);
	if (question->told_bytes > ECLI_WIRE_TOLD_BYTES || !ecli_buf_reserve(data, question->told_bytes + 1) ||
	    !read_all(data->data, question->told_bytes) ||
	    ecli_wire_read_told(data->data, question->told_bytes, question->n_told, maps))
		return false;
	struct ecli_image_id id = image_of(question), parent = { question->parent, question->parent_image,
								 question->parent_is_last, question->parent_ended_ns };
	ecli_engine_tell(engine, &id, &parent, maps, question->n_told);
	return true;
}

static void note(struct ecli_engine *engine, const struct ecli_wire_question *question)
{
	struct ecli_image_id id = image_of(question);

	ecli_engine_process(engine, &id);
}

static void serve(const struct ecli_engine_opts *opts)
{
	struct ecli_engine *engine = ecli_engine_new(opts);
	struct ecli_wire_writer writer = { 0 };
	struct ecli_wire_question question;
	uint64_t addresses[ECLI_WIRE_ADDRESSES];
	struct ecli_buf told = { 0 };

	while (engine && read_all(&question, sizeof(question)) && question.count <= ARRAY_SIZE(addresses) &&
	       read_all(addresses, question.count * sizeof(*addresses)) && take_told(engine, &question, &told)) {
		if (question.kind == ECLI_WIRE_NOTE)
			note(engine, &question);
		else if (!answer(engine, &writer, &question, addresses))
			break;
	}
}

/* ---- starting -------------------------------------------------------------------------------------------------- */

pid_t ecli_child_start(const struct ecli_engine_opts *opts, int *ret_fd)
{
	int ends[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid_t pid = fork();
	if (!pid) {
		if (let_go(ends[1], parent, opts->page))
			serve(opts);
		_exit(0);
	}
	int r = -errno;
	close(ends[1]);
	if (pid < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK)) {
		close(ends[0]);
		return pid < 0 ? r : -EBADF;
	}
	*ret_fd = ends[0];
	return pid;
}
