/* SPDX-License-Identifier: MIT */
/* A private tracefs instance for bpf_printk(), from making to removing. See trace_instance.c. */
#ifndef ECLI_POLL_TRACE_INSTANCE_H
#define ECLI_POLL_TRACE_INSTANCE_H

#include <ecli/poll.h>

struct trace_instance {
	int instances_fd; /* the folder "instances", -1: no private instance */
	char name[64];
};

/*
 * Makes an instance under the tracefs at @tracefs and opens its pipe (not blocking); also removes instances left by
 * dead processes. -ENOENT or -EOPNOTSUPP, without a sentence: this kernel cannot do it. -EACCES and the like: with one.
 */
int trace_instance_open(struct trace_instance *instance, const char *tracefs, struct ecli_err *err, int *ret_pipe_fd);
/* The pipe must be closed before. */
void trace_instance_close(struct trace_instance *instance);

/* Removes "ecli-PID" of processes that are gone from the folder @instances_fd. Returns how many. */
unsigned trace_instance_clean(int instances_fd);

/* Tells of each "ecli-PID" in that folder (poll.h); with @remove removes those whose process is gone first. */
void trace_instance_each(int instances_fd, bool remove, ecli_poll_instance_fn fn, void *ctx);

#endif
