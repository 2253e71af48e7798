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
 * lack is the error. A CPU that goes offline while we attach is left out; one that comes online later is not sampled.
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

#define DEFAULT_HZ 99
#define ONLINE     "/sys/devices/system/cpu/online"
#define MAX_CPU    65535

#define SOFTWARE(name, config)                                                                                         \
	{                                                                                                              \
		name, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##config                                                       \
	}
#define HARDWARE(name, config)                                                                                         \
	{                                                                                                              \
		name, PERF_TYPE_HARDWARE, PERF_COUNT_HW_##config                                                       \
	}
#define CACHE(name, cache, result)                                                                                     \
	{                                                                                                              \
		name, PERF_TYPE_HW_CACHE,                                                                              \
			PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 |                               \
				PERF_COUNT_HW_CACHE_RESULT_##result << 16                                              \
	}

static const struct {
	const char *name;
	uint32_t type;
	uint64_t config;
} events[] = {
	SOFTWARE("cpu-clock", CPU_CLOCK),
	SOFTWARE("task-clock", TASK_CLOCK),
	SOFTWARE("page-faults", PAGE_FAULTS),
	SOFTWARE("faults", PAGE_FAULTS),
	SOFTWARE("minor-faults", PAGE_FAULTS_MIN),
	SOFTWARE("major-faults", PAGE_FAULTS_MAJ),
	SOFTWARE("context-switches", CONTEXT_SWITCHES),
	SOFTWARE("cs", CONTEXT_SWITCHES),
	SOFTWARE("cpu-migrations", CPU_MIGRATIONS),
	SOFTWARE("migrations", CPU_MIGRATIONS),
	SOFTWARE("alignment-faults", ALIGNMENT_FAULTS),
	SOFTWARE("emulation-faults", EMULATION_FAULTS),
	HARDWARE("cpu-cycles", CPU_CYCLES),
	HARDWARE("cycles", CPU_CYCLES),
	HARDWARE("instructions", INSTRUCTIONS),
	HARDWARE("cache-references", CACHE_REFERENCES),
	HARDWARE("cache-misses", CACHE_MISSES),
	HARDWARE("branch-instructions", BRANCH_INSTRUCTIONS),
	HARDWARE("branches", BRANCH_INSTRUCTIONS),
	HARDWARE("branch-misses", BRANCH_MISSES),
	HARDWARE("bus-cycles", BUS_CYCLES),
	HARDWARE("stalled-cycles-frontend", STALLED_CYCLES_FRONTEND),
	HARDWARE("stalled-cycles-backend", STALLED_CYCLES_BACKEND),
	HARDWARE("ref-cycles", REF_CPU_CYCLES),
	CACHE("L1-dcache-loads", L1D, ACCESS),
	CACHE("L1-dcache-load-misses", L1D, MISS),
	CACHE("L1-icache-load-misses", L1I, MISS),
	CACHE("LLC-loads", LL, ACCESS),
	CACHE("LLC-load-misses", LL, MISS),
	CACHE("dTLB-loads", DTLB, ACCESS),
	CACHE("dTLB-load-misses", DTLB, MISS),
	CACHE("iTLB-load-misses", ITLB, MISS),
};

static bool is_clock(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE &&
	       (attr->config == PERF_COUNT_SW_CPU_CLOCK || attr->config == PERF_COUNT_SW_TASK_CLOCK);
}

static int find_event(const char *name, const char *prog, struct perf_event_attr *attr, struct ecli_err *err)
{
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (!strcmp(events[i].name, name)) {
			attr->type = events[i].type;
			attr->config = events[i].config;
			return 0;
		}
	if (name[0] == 'r' && strlen(name) <= 17 && strspn(name + 1, "0123456789abcdefABCDEF") == strlen(name + 1) &&
	    name[1]) {
		attr->type = PERF_TYPE_RAW;
		attr->config = strtoull(name + 1, &end, 16);
		return 0;
	}
	return ecli_err_set(err, -EINVAL,
			    "program %s: there is no event \"%.60s\"; try cpu-clock, page-faults, context-switches, "
			    "cpu-cycles, cache-misses, or rNNNN",
			    prog, name);
}

/* A positive number under @key; 0 when the key is absent. */
static int read_number(const struct ecli_package_extras *extras, const char *key, const char *prog, uint64_t *ret,
		       struct ecli_err *err)
{
	*ret = 0;
	if (!extras || !ecli_package_extra(extras, key))
		return 0;

	CLEANUP_FREE char *text = ecli_package_extra_text(extras, key);
	if (!text)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (ecli_num_parse_u64(text, ret) || !*ret || *ret > INT64_MAX)
		return ecli_err_set(err, -EINVAL, "program %s: %s must be a positive number, not \"%.60s\"", prog, key,
				    text);
	return 0;
}

int ecli_perf_event_spec(const struct ecli_package_extras *extras, const char *prog, struct ecli_err *err,
			 struct perf_event_attr *ret_attr)
{
	struct perf_event_attr attr = { .size = sizeof(attr),
					.type = PERF_TYPE_SOFTWARE,
					.config = PERF_COUNT_SW_CPU_CLOCK };
	uint64_t freq, period;

	int r = read_number(extras, "freq", prog, &freq, err);
	r = r ? r : read_number(extras, "period", prog, &period, err);
	if (r)
		return r;
	if (freq && period)
		return ecli_err_set(err, -EINVAL, "program %s: give freq or period, not both", prog);

	if (extras && ecli_package_extra(extras, "event")) {
		CLEANUP_FREE char *name = ecli_package_extra_text(extras, "event");
		r = name ? find_event(name, prog, &attr, err) : ecli_err_set(err, -ENOMEM, "out of memory");
		if (r)
			return r;
	}

	if (!freq && !period && attr.type == PERF_TYPE_SOFTWARE && !is_clock(&attr))
		period = 1;
	attr.freq = !period;
	if (period)
		attr.sample_period = period;
	else
		attr.sample_freq = freq ? freq : DEFAULT_HZ;
	*ret_attr = attr;
	return 0;
}

int ecli_perf_event_each_cpu(const char *list, int (*fn)(void *ctx, int cpu), void *ctx)
{
	const char *p = list;

	do {
		char *end;
		unsigned long first = strtoul(p, &end, 10), last = first;

		if (end == p || *p < '0' || *p > '9')
			return -EBADMSG;
		if (*end == '-') {
			p = end + 1;
			last = strtoul(p, &end, 10);
			if (end == p || *p < '0' || *p > '9')
				return -EBADMSG;
		}
		if (last < first || last > MAX_CPU)
			return -EBADMSG;
		for (unsigned long cpu = first; cpu <= last; cpu++) {
			int r = fn(ctx, (int)cpu);
			if (r)
				return r;
		}
		p = end;
	} while (*p++ == ',');
	return p[-1] == '\0' || p[-1] == '\n' ? 0 : -EBADMSG;
}

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
		return ecli_explain_refused(code, sampler->err);
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
	if (!r && !sampler.attached)
		r = ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ENODEV,
				      "this machine does not have the counter that program %s samples", job->name);
	return r;
}
