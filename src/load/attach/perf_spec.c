/* SPDX-License-Identifier: MIT */
/*
 * The words of SEC("perf_event") targets and tags, and the kernel's lists of CPUs, read without a kernel. Names are those of perf list.
 * Source: include/uapi/linux/perf_event.h; tools/perf/util/parse-events.c.
 */
#include "load/attach/perf_event.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

#define DEFAULT_HZ 99
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
