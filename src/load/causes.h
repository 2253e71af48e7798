/* SPDX-License-Identifier: MIT */
/*
 * The one table from what failed, and where, to a sentence for a person. Finding a row is pure, so that each has its test; what is around the failure
 * comes in as facts, which ecli_cause_facts() reads from the machine.
 */
#ifndef ECLI_LOAD_CAUSES_H
#define ECLI_LOAD_CAUSES_H

#include <stdint.h>

#include <ecli/base.h>

#include "load/attach/attach.h"

/* What was being done. */
enum ecli_stage {
	ECLI_STAGE_MACHINE = 1, /* asking about the machine */
	ECLI_STAGE_OBJECT = 2,  /* loading, and no program or map was named */
	ECLI_STAGE_MAP = 4,
	ECLI_STAGE_PROGRAM = 8,
	ECLI_STAGE_ATTACH = 16,
	ECLI_STAGE_ANY = 31,
	ECLI_STAGE_TRACEFS = 32,
};

enum ecli_fact {
	ECLI_FACT_ROOT = 1 << 0,
	ECLI_FACT_NO_BPF = 1 << 1, /* the right, as the next four */
	ECLI_FACT_NO_PERFMON = 1 << 2,
	ECLI_FACT_NO_NETWORK = 1 << 3,
	ECLI_FACT_NO_ADMIN = 1 << 4,
	ECLI_FACT_ABOUT_NETWORK = 1 << 5, /* what failed takes CAP_NET_ADMIN */
	ECLI_FACT_INTEGRITY = 1 << 6,     /* levels of a lockdown */
	ECLI_FACT_CONFIDENTIAL = 1 << 7,
	ECLI_FACT_NO_SYSFS = 1 << 8,
	ECLI_FACT_NO_PROCFS = 1 << 9,
	ECLI_FACT_NO_KPROBES = 1 << 10,
	ECLI_FACT_NO_UPROBES = 1 << 11,
	ECLI_FACT_NO_SYSCALL_EVENTS = 1 << 12, /* tracefs has no events/syscalls/sys_enter_... */
	ECLI_FACT_NO_USDT_MAPS = 1 << 13,
	ECLI_FACT_NOTHING_LOADS = 1 << 14,
	ECLI_FACT_BAD_TARGET_BTF = 1 << 15,
	ECLI_FACT_NO_KERNEL_BTF = 1 << 16,
	ECLI_FACT_MISSING_EXTERN = 1 << 17, /* what: its name; so the next */
	ECLI_FACT_UNSET_CONFIG = 1 << 18,
	ECLI_FACT_NO_CONFIG_FILE = 1 << 19,
	ECLI_FACT_HELPER_UNKNOWN = 1 << 20, /* what: the helper; so the next three */
	ECLI_FACT_HELPER_REFUSED = 1 << 21,
	ECLI_FACT_HELPER_LOCKED = 1 << 22,  /* a lockdown takes it away */
	ECLI_FACT_HELPER_NOWHERE = 1 << 23, /* no kernel has it for this kind */
	ECLI_FACT_MOUNTED = 1 << 24,        /* tracefs is */
	ECLI_FACT_AT_OFFSET = 1 << 25,      /* the target has one */
	ECLI_FACT_RETURNS = 1 << 26,        /* a probe at a function's end */
	ECLI_FACT_LOCKED_MEMORY = 1 << 27,  /* there is a limit of it, and maps count against that */
	ECLI_FACT_PARANOID = 1 << 28,       /* perf events are for CAP_SYS_ADMIN alone */
};

struct ecli_question {
	enum ecli_stage stage;
	enum ecli_target target; /* of the program; ECLI_TARGET_NONE: it has none or it does not matter */
	int code;                /* negative errno */
	uint32_t facts;
	const char *prog;   /* or map; "" when there is none */
	const char *what;   /* target, helper, variable, file: as the facts say */
	const char *detail; /* the errno in words, or what kind of program */
};

/* Fills @err by the first row that fits and returns its code, negative; 0: no row fits and @err is untouched. */
int ecli_cause_find(const struct ecli_question *question, struct ecli_err *err);

/* What can be seen around any failure: rights, lockdown, mounts, probes. */
uint32_t ecli_cause_facts(void);

/* How many rows there are, for tests. */
size_t ecli_cause_count(void);

#endif
