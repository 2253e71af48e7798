/* SPDX-License-Identifier: MIT */
/*
 * The table of processes. Everything about one is read below one descriptor of /proc/PID, which belongs to that process and
 * to no later one of the same number.
 *
 * A process changes: it loads libraries, a compiler in it makes code, exec(2) replaces it all. Whether it is still the
 * same is asked at most every CHECK_MS, and an address that lies nowhere makes us look again (mappings.c), ever less often when that
 * does not help.
 */
#include "symbols/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/foreign.h"
#include "symbols/now.h"
#include "symbols/perfmap.h"

enum {
	MAX_PROCESSES = 4096,
	BUCKETS = 1024,
	CHECK_MS = 50,
	AGAIN_MS = 10, /* at first; doubled when looking again did not help */
	AGAIN_MAX_MS = 1000,
	COMPILED_AGAIN_MS = 500,
	MAX_COMPILED = 12 << 20, /* bytes of memory that perf maps take */
	MAX_MAPPINGS = 100000,   /* of all processes */
};

struct ecli_process {
	struct ecli_process *next; /* in its bucket */
	uint32_t pid;
	uint64_t start_time; /* clock ticks since boot */
	dev_t exe_device;
	ino_t exe_inode;
	uint64_t used, checked_ms, read_ms, again_ms;
	uint32_t look; /* when its mappings were read last, in looks at any process */
	struct ecli_mappings mappings;
	struct ecli_perfmap *compiled; /* NULL: there is none, or it was not looked for yet */
	uint64_t compiled_ms;          /* when it was looked for */
};

struct ecli_processes {
	const char *proc;
	struct ecli_files *files;
	struct ecli_names *names;
	struct ecli_work_page *page;
	const struct ecli_avoid *avoid;
	struct ecli_process *buckets[BUCKETS];
	size_t count, n_mappings;
	uint64_t clock;
	uint32_t looks;
	size_t compiled_budget;
};

struct ecli_processes *ecli_processes_new(const char *proc, struct ecli_files *files, struct ecli_names *names,
					  struct ecli_work_page *page, const struct ecli_avoid *avoid)
{
	struct ecli_processes *processes = calloc(1, sizeof(*processes));

	if (processes) {
		processes->proc = proc;
		processes->files = files;
		processes->names = names;
		processes->page = page;
		processes->avoid = avoid;
		processes->compiled_budget = MAX_COMPILED;
	}
	return processes;
}

static void free_process(struct ecli_process *process)
{
	ecli_mappings_done(&process->mappings);
	ecli_perfmap_free(process->compiled);
	free(process);
}

void ecli_processes_free(struct ecli_processes *processes)
{
	if (!processes)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct ecli_process *process = processes->buckets[i], *next; process; process = next) {
			next = process->next;
			free_process(process);
		}
	}
	free(processes);
}

static struct ecli_process **place_of(struct ecli_processes *processes, uint32_t pid)
{
	struct ecli_process **place = &processes->buckets[pid % BUCKETS];

	while (*place && (*place)->pid != pid)
		place = &(*place)->next;
	return place;
}

static void drop(struct ecli_processes *processes, struct ecli_process **place)
{
	struct ecli_process *process = *place;

	*place = process->next;
	processes->count--;
	processes->n_mappings -= process->mappings.count;
	free_process(process);
}

static void drop_oldest(struct ecli_processes *processes)
{
	struct ecli_process **oldest = NULL;

	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct ecli_process **place = &processes->buckets[i]; *place; place = &(*place)->next) {
			if (!oldest || (*place)->used < (*oldest)->used)
				oldest = place;
		}
	}
	if (oldest)
		drop(processes, oldest);
}

/* ---- what /proc/PID says --------------------------------------------------------------------------------------- */

/* Field 22 of /proc/PID/stat; the second one is a name in parentheses that may contain anything. */
static bool read_start_time(int folder, uint64_t *ret)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	char *at;

	if (!ecli_foreign_read_proc(folder, "stat", 4096, &text) || !(at = strrchr(text.data, ')')))
		return false;
	for (int field = 2; field < 22; field++) {
		at = strchr(at + 1, ' ');
		if (!at)
			return false;
	}
	*ret = strtoull(at + 1, NULL, 10);
	return true;
}

/* The number after @name and of its @n-th column, or of the last one, in /proc/PID/status. */
static bool read_status(char *text, const char *name, bool is_last, uint64_t *ret)
{
	char *at = strstr(text, name);

	if (!at)
		return false;
	at += strlen(name);
	size_t len = strcspn(at, "\n");
	char *column = is_last ? memrchr(at, '\t', len) : memchr(at, '\t', len);
	if (!column)
		return false;
	*ret = strtoull(column, NULL, 10);
	return true;
}

/* Opens the perf map: of the pid as the process itself knows it, in its own root, and only a file that belongs to its user. */
static void open_compiled(struct ecli_processes *processes, struct ecli_process *process, int folder)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	char path[64];
	struct stat st;
	uint64_t pid, user;

	process->compiled_ms = ecli_now_ms();
	if (!ecli_foreign_read_proc(folder, "status", 64 << 10, &text) ||
	    !read_status(text.data, "\nNSpid:", true, &pid) || !read_status(text.data, "\nUid:", false, &user))
		return;
	CLEANUP_FD int root = openat(folder, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/tmp/perf-%" PRIu64 ".map", pid);
	CLEANUP_FD int fd = root < 0 ? -1 : ecli_foreign_open(root, path, &st);
	if (fd >= 0 && st.st_uid == user)
		process->compiled = ecli_perfmap_new(TAKE_FD(fd), &processes->compiled_budget);
}

static struct ecli_work work_of(const struct ecli_process *process)
{
	return (struct ecli_work){ .kind = ECLI_WORK_PROCESS, .id = { process->pid, process->start_time } };
}

/* The user who started it: of a process that does not let others look /proc/PID itself belongs to root. */
static uint32_t user_of(int folder)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	uint64_t user;

	if (!ecli_foreign_read_proc(folder, "status", 64 << 10, &text) ||
	    !read_status(text.data, "\nUid:", false, &user))
		return ECLI_WORK_NOBODY;
	return (uint32_t)user;
}

static struct ecli_mappings_from from_of(const struct ecli_processes *processes, int folder, uint32_t user)
{
	uint64_t used = ecli_names_bytes(processes->names), left = ecli_work_names_left(processes->page, user);

	return (struct ecli_mappings_from){ folder, processes->files, processes->names, user,
					    left < UINT64_MAX - used ? used + left : UINT64_MAX };
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void read_mappings(struct ecli_processes *processes, struct ecli_process *process, int folder)
{
	const uint64_t began_ns = cpu_ns(), names = ecli_names_bytes(processes->names);
	struct ecli_mappings_from from = from_of(processes, folder, user_of(folder));
	struct ecli_work work = work_of(process);
	bool has_other_code = false;

	process->read_ms = ecli_now_ms();
	if (ecli_avoid_times(processes->avoid, &work) || !ecli_work_may(processes->page, from.user))
		return;
	struct ecli_work before = ecli_work_begin(processes->page, &work);
	process->look = ++processes->looks;
	processes->n_mappings -= process->mappings.count;
	ecli_mappings_read(&process->mappings, &from, &has_other_code);
	processes->n_mappings += process->mappings.count;
	if (has_other_code && !process->compiled)
		open_compiled(processes, process, folder);
	ecli_work_end(processes->page, before);
	ecli_work_charge(processes->page, from.user, cpu_ns() - began_ns, ecli_names_bytes(processes->names) - names);
}

/* ---- questions ------------------------------------------------------------------------------------------------- */

static int open_folder(const struct ecli_processes *processes, uint32_t pid)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%" PRIu32, processes->proc, pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static struct ecli_process *add_process(struct ecli_processes *processes, uint32_t pid, uint64_t start_time)
{
	while (processes->count && (processes->count == MAX_PROCESSES || processes->n_mappings > MAX_MAPPINGS))
		drop_oldest(processes);

	struct ecli_process **place = place_of(processes, pid), *process = calloc(1, sizeof(*process));
	if (!process)
		return NULL;
	*process = (struct ecli_process){ .pid = pid, .start_time = start_time, .again_ms = AGAIN_MS };
	*place = process;
	processes->count++;
	return process;
}

struct ecli_process *ecli_processes_get(struct ecli_processes *processes, uint32_t pid)
{
	struct ecli_process **place = place_of(processes, pid), *process = *place;
	uint64_t now = ecli_now_ms(), start_time;
	struct stat exe = { 0 };

	if (process)
		process->used = ++processes->clock;
	if (process && now - process->checked_ms < CHECK_MS)
		return process;
	CLEANUP_FD int folder = open_folder(processes, pid);
	if (folder < 0 || !read_start_time(folder, &start_time))
		return process;
	if (process && process->start_time != start_time) {
		drop(processes, place);
		process = NULL;
	}
	if (!process && !(process = add_process(processes, pid, start_time)))
		return NULL;
	process->used = ++processes->clock;
	process->checked_ms = now;
	if (fstatat(folder, "exe", &exe, 0) && process->read_ms)
		return process; /* it is ending */
	if (!process->read_ms || exe.st_ino != process->exe_inode || exe.st_dev != process->exe_device) {
		process->exe_inode = exe.st_ino;
		process->exe_device = exe.st_dev;
		read_mappings(processes, process, folder);
	}
	return process;
}

/* Whether a process has memory: one that has ended and was not waited for has a folder, and nothing in it. */
static bool has_memory(const struct ecli_processes *processes, uint32_t pid)
{
	CLEANUP_FD int folder = open_folder(processes, pid);
	struct stat exe;

	return folder >= 0 && !fstatat(folder, "exe", &exe, 0);
}

void ecli_processes_tell(struct ecli_processes *processes, uint32_t pid, uint32_t parent, const struct ecli_map *maps,
			 size_t count)
{
	struct ecli_mappings_from from = from_of(processes, -1, ECLI_WORK_NOBODY);
	const uint64_t names = ecli_names_bytes(processes->names);

	if (has_memory(processes, pid))
		return;
	struct ecli_process *of = parent && parent != pid ? ecli_processes_get(processes, parent) : NULL;
	struct ecli_process *process = *place_of(processes, pid);
	if (!process && !(process = add_process(processes, pid, 0)))
		return;
	/* Who made room may have been the parent. */
	if (of && of != *place_of(processes, parent))
		of = NULL;
	struct ecli_work work = work_of(process), before = ecli_work_begin(processes->page, &work);
	processes->n_mappings -= process->mappings.count;
	if (!parent)
		ecli_mappings_done(&process->mappings);
	ecli_mappings_add(&process->mappings, &from, maps, count);
	if (of)
		ecli_mappings_copy(&process->mappings, &of->mappings);
	processes->n_mappings += process->mappings.count;
	process->used = ++processes->clock;
	process->look = ++processes->looks;
	ecli_work_end(processes->page, before);
	ecli_work_charge(processes->page, from.user, 0, ecli_names_bytes(processes->names) - names);
}

const struct ecli_mapping *ecli_process_find(struct ecli_processes *processes, struct ecli_process *process,
					     uint64_t address)
{
	const struct ecli_mapping *found = ecli_mappings_find(&process->mappings, address);
	uint64_t start_time;

	if (found || ecli_now_ms() - process->read_ms < process->again_ms)
		return found;
	CLEANUP_FD int folder = open_folder(processes, process->pid);
	if (folder >= 0 && read_start_time(folder, &start_time) && start_time == process->start_time)
		read_mappings(processes, process, folder);
	found = ecli_mappings_find(&process->mappings, address);
	if (found)
		process->again_ms = AGAIN_MS;
	else if (process->again_ms < AGAIN_MAX_MS)
		process->again_ms *= 2;
	return found;
}

bool ecli_process_compiled(struct ecli_processes *processes, struct ecli_process *process, uint64_t address,
			   struct ecli_symtab_function *ret)
{
	struct ecli_work work = work_of(process);

	if (ecli_avoid_times(processes->avoid, &work))
		return false;
	struct ecli_work before = ecli_work_begin(processes->page, &work);
	if (!process->compiled && ecli_now_ms() - process->compiled_ms >= COMPILED_AGAIN_MS) {
		CLEANUP_FD int folder = open_folder(processes, process->pid);
		uint64_t start_time;

		process->compiled_ms = ecli_now_ms();
		if (folder >= 0 && read_start_time(folder, &start_time) && start_time == process->start_time)
			open_compiled(processes, process, folder);
	}
	bool found = process->compiled && ecli_perfmap_find(process->compiled, address, ret);
	ecli_work_end(processes->page, before);
	return found;
}

uint32_t ecli_process_look(const struct ecli_process *process)
{
	return process->look;
}

int ecli_process_root(const struct ecli_processes *processes, const struct ecli_process *process)
{
	CLEANUP_FD int folder = open_folder(processes, process->pid);
	uint64_t start_time;

	if (folder < 0 || !read_start_time(folder, &start_time) || start_time != process->start_time)
		return -1;
	return openat(folder, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
}
