/* SPDX-License-Identifier: MIT */
/*
 * SEC("perf_event"): a program run when a counter of a CPU overflows; one counter for each CPU that is online now. What
 * to count comes from the package:
 *
 *     @event NAME    what perf list calls it (software, hardware, some caches) or rNNNN, the CPU's own number in
 * hexadecimal; default cpu-clock
 *     @freq HZ       so often a second; default 99, so as not to run in step with timers; or the name of an option
 *     @period N      every N of them; default 1 for software events that are not clocks
 *
 * or from the target, "NAME,freq=HZ" or "NAME,period=N". `pid` of the extras limits it to one process.
 *
 * Virtual machines mostly have no hardware counters. For cpu-cycles sampled by frequency the software clock answers the
 * same question ("where is time spent"), so it takes over; for other hardware events nothing does, and the kernel's
 * lack is the error. A CPU that goes offline while we attach is left out; one that comes later is
 * sampled from when session/ sees it. (The words of a target: perf_spec.c.)
 */
#include "load/attach/perf_event.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"
#include "load/attach/attach.h"
#include "load/attach/target.h"
#include "load/configure.h"
#include "load/explain.h"
#include "load/kernel.h"

#define ONLINE  "/sys/devices/system/cpu/online"
#define MAX_CPU 65535

/* What was opened on each CPU that ran, for those that come. */
struct ecli_sampler {
	struct ecli_sampler *next;
	const char *name; /* of the program; borrowed */
	int prog_fd, pid; /* borrowed; -1: all processes */
	struct perf_event_attr attr;
	int *links; /* by CPU, of those that came later; -1: none */
	size_t n_links;
};

struct sampler {
	const struct ecli_attach *job;
	int pid; /* -1: all processes */
	struct perf_event_attr attr;
	size_t attached;
	struct ecli_err *err;
};

static int open_event(struct perf_event_attr *attr, int pid, int cpu)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool is_missing_counter(int code)
{
	return code == -ENOENT || code == -EOPNOTSUPP || code == -ENODEV || code == -EINVAL;
}

static int explain_open(const struct sampler *sampler, int code)
{
	const struct perf_event_attr *attr = &sampler->attr;
	const char *prog = sampler->job->name;

	if (code == -EINVAL && attr->freq && attr->type == PERF_TYPE_SOFTWARE)
		return ecli_err_set(sampler->err, code,
				    "program %s: freq %llu is more than this machine allows: "
				    "see /proc/sys/kernel/perf_event_max_sample_rate",
				    prog, (unsigned long long)attr->sample_freq);
	if (is_missing_counter(code) && attr->type != PERF_TYPE_SOFTWARE)
		return ecli_err_set_fail(sampler->err, ECLI_FAIL_KERNEL, code,
					 "this machine does not have the hardware counter that program %s samples "
					 "(virtual machines often have none)",
					 prog);
	if (code == -EACCES || code == -EPERM)
		return ecli_explain_attach(sampler->job, code, sampler->err);
	return ecli_err_set(sampler->err, code, "cannot sample for program %s: %s", prog,
			    ecli_kernel_errno_words(code));
}

/* The event, or the clock for a cycle counter that this machine does not have. */
static int open_sampler(struct sampler *sampler, int cpu)
{
	struct perf_event_attr *attr = &sampler->attr;

	int fd = open_event(attr, sampler->pid, cpu);
	if (is_missing_counter(fd) && fd != -ENODEV && attr->freq && attr->type == PERF_TYPE_HARDWARE &&
	    attr->config == PERF_COUNT_HW_CPU_CYCLES) {
		ecli_log(ECLI_LOG_INFO, "%s: this machine has no cycle counter; sampling cpu-clock instead",
			 sampler->job->name);
		attr->type = PERF_TYPE_SOFTWARE;
		attr->config = PERF_COUNT_SW_CPU_CLOCK;
		fd = open_event(attr, sampler->pid, cpu);
	}
	return fd;
}

static int attach_cpu(void *ctx, int cpu)
{
	struct sampler *sampler = ctx;

	int fd = open_sampler(sampler, cpu);
	if (fd == -ENODEV) /* the CPU went offline */
		return 0;
	if (fd < 0)
		return explain_open(sampler, fd);

	int link = ecli_attach_event(sampler->job->fd, fd);
	close(fd);
	if (link < 0)
		return ecli_err_set(sampler->err, link, "cannot attach program %s to its sampling event: %s",
				    sampler->job->name, ecli_kernel_errno_words(link));
	sampler->attached++;
	return ecli_links_add_fd(sampler->job->links, link, sampler->job->name, sampler->err);
}

static int set_extra(struct ecli_package_extras *extras, const char *key, const char *text, struct ecli_err *err)
{
	int r = ecli_package_extra_set_text(extras, key, text);

	return r ? ecli_err_set(err, r, "out of memory") : 0;
}

/* "cpu-cycles,freq=99": the same keys as the tags, for ecli_perf_event_spec(). */
static int read_target(const struct ecli_attach *job, struct ecli_package_extras *ret, struct ecli_err *err)
{
	CLEANUP_FREE char *text = strdup(job->target);
	char *rest = text, *word;
	int r = text ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");

	for (bool is_first = true; !r && (word = strsep(&rest, ",")); is_first = false) {
		if (is_first)
			r = set_extra(ret, "event", word, err);
		else if (!strncmp(word, "freq=", 5))
			r = set_extra(ret, "freq", word + 5, err);
		else if (!strncmp(word, "period=", 7))
			r = set_extra(ret, "period", word + 7, err);
		else
			r = ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					      "program %s: after the event stands freq=HZ or period=N, not \"%.60s\"",
					      job->name, word);
	}
	return r;
}

/* A tag that names an option stands for its value. */
static int copy_tag(const struct ecli_attach *job, const char *key, struct ecli_package_extras *ret,
		    struct ecli_err *err)
{
	char number[24];
	uint64_t value;

	if (!job->extras || !ecli_package_extra(job->extras, key))
		return 0;
	CLEANUP_FREE char *text = ecli_package_extra_text(job->extras, key);
	if (!text)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (ecli_configure_number(job->object, text, &value))
		return set_extra(ret, key, text, err);
	if (!value || value > INT32_MAX)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ERANGE,
					 "--%s is the %s of a sampler: a number from 1 to %d, not %llu", text, key,
					 INT32_MAX, (unsigned long long)value);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)value);
	return set_extra(ret, key, number, err);
}

static int read_spec(struct sampler *sampler)
{
	const struct ecli_attach *job = sampler->job;
	struct ecli_package_extras given = { 0 };
	int r;

	if (*job->target) {
		r = read_target(job, &given, sampler->err);
	} else {
		r = copy_tag(job, "event", &given, sampler->err);
		r = r ? r : copy_tag(job, "freq", &given, sampler->err);
		r = r ? r : copy_tag(job, "period", &given, sampler->err);
	}
	r = r ? r : ecli_perf_event_spec(&given, job->name, sampler->err, &sampler->attr);
	ecli_package_extras_done(&given);
	return r;
}

int ecli_attach_perf_event_look(const struct ecli_attach *job, struct ecli_err *err)
{
	struct sampler sampler = { .job = job, .err = err };

	int r = ecli_target_pid(job, err, &sampler.pid);
	r = r ? r : read_spec(&sampler);
	if (r)
		return r;
	CLEANUP_FD int fd = open_sampler(&sampler, 0);
	return fd >= 0 || fd == -ENODEV ? 0 : explain_open(&sampler, fd);
}

static int remember(const struct sampler *sampler)
{
	struct ecli_sampler *kept = calloc(1, sizeof(*kept));

	if (!kept)
		return ecli_err_set(sampler->err, -ENOMEM, "out of memory");
	*kept = (struct ecli_sampler){ .next = sampler->job->links->samplers,
				       .name = sampler->job->name,
				       .prog_fd = sampler->job->fd,
				       .pid = sampler->pid,
				       .attr = sampler->attr };
	sampler->job->links->samplers = kept;
	return 0;
}

int ecli_attach_perf_event(const struct ecli_attach *job, struct ecli_err *err)
{
	struct sampler sampler = { .job = job, .err = err };
	CLEANUP_BUF struct ecli_buf online = { 0 };

	int r = ecli_target_pid(job, err, &sampler.pid);
	r = r ? r : read_spec(&sampler);
	r = r ? r : ecli_file_read(ONLINE, 1 << 16, &online, err);
	if (r)
		return r;
	const char *list = ecli_buf_text(&online);
	if (ecli_buf_failed(&online))
		return ecli_err_set(err, -ENOMEM, "out of memory");

	r = ecli_perf_event_each_cpu(list, attach_cpu, &sampler);
	if (r == -EBADMSG)
		return ecli_err_set(err, r, "%s does not hold a list of CPUs", ONLINE);
	r = r ? r : remember(&sampler);
	if (!r && !sampler.attached)
		r = ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ENODEV,
				      "this machine does not have the counter that program %s samples", job->name);
	return r;
}

/* ---- CPUs that come -------------------------------------------------------------------------------------------- */

/* The one of before, of a CPU that went, counts nothing any more. */
static int keep_link(struct ecli_sampler *sampler, uint32_t cpu, int fd)
{
	if (cpu >= sampler->n_links) {
		int *links = reallocarray(sampler->links, (size_t)cpu + 1, sizeof(*links));

		if (!links) {
			close(fd);
			return -ENOMEM;
		}
		for (size_t i = sampler->n_links; i <= cpu; i++)
			links[i] = -1;
		sampler->links = links;
		sampler->n_links = (size_t)cpu + 1;
	}
	if (sampler->links[cpu] >= 0)
		close(sampler->links[cpu]);
	sampler->links[cpu] = fd;
	return 0;
}

static int follow(struct ecli_sampler *sampler, uint32_t cpu)
{
	CLEANUP_FD int event = open_event(&sampler->attr, sampler->pid, (int)cpu);

	/* The CPU went again, or the process did. */
	if (event == -ENODEV || event == -ESRCH)
		return 0;
	int link = event < 0 ? event : ecli_attach_event(sampler->prog_fd, event);
	return link < 0 ? link : keep_link(sampler, cpu, link);
}

int ecli_samplers_follow(struct ecli_links *links, const uint32_t *cpus, uint32_t n_cpus, struct ecli_err *err)
{
	int r = 0;

	for (struct ecli_sampler *sampler = links->samplers; sampler; sampler = sampler->next)
		for (uint32_t i = 0; i < n_cpus; i++) {
			int one = cpus[i] > MAX_CPU ? -ERANGE : follow(sampler, cpus[i]);

			if (one)
				r = ecli_err_set(err, one, "program %s: cannot sample CPU %u: %s", sampler->name,
						 cpus[i], ecli_kernel_errno_words(one));
		}
	return r;
}

void ecli_samplers_free(struct ecli_links *links)
{
	for (struct ecli_sampler *sampler = links->samplers, *next; sampler; sampler = next) {
		next = sampler->next;
		for (size_t i = 0; i < sampler->n_links; i++)
			if (sampler->links[i] >= 0)
				close(sampler->links[i]);
		free(sampler->links);
		free(sampler);
	}
	links->samplers = NULL;
}
