/* SPDX-License-Identifier: MIT */
/* Signals that end a run, and how much time there is after the first one. See ends.c. */
#ifndef ECLI_SESSION_ENDS_H
#define ECLI_SESSION_ENDS_H

#include <stdbool.h>
#include <stdint.h>

/* After the first signal, in milliseconds in which this process ran or waited for something else than a CPU: until when what is in buffers and
 * maps is read, addresses get names, rows are made, and what was made is written. All of it is less than a second; after SIGINT, behind which a person waits, it is ENDS_PATIENCE times as long. */
#define ENDS_READ_MS  350
#define ENDS_NAMES_MS 600
#define ENDS_ROWS_MS  700
#define ENDS_WRITE_MS 800
/* What comes this soon after the first one belongs to it: a terminal that goes away tells the shell, too, and the shell tells us. */
#define ENDS_ONE_MS   200
#define ENDS_PATIENCE 10

struct ends {
	int fd;            /* a signalfd, or an eventfd in tests; borrowed; -1: none */
	unsigned signals;  /* 0, 1: it is to end, 2: at once */
	bool is_patient;   /* it was SIGINT */
	uint64_t first_ms; /* CLOCK_MONOTONIC less the delay, when the first was seen */
	unsigned asked;    /* by ends_is_past_often() */
	unsigned past_ms;  /* that have passed for certain */
	bool may_kill;     /* on_may_kill was called */
	uint64_t (*delay_ns)(
		void); /* how long this process has waited for a CPU so far; NULL: that counts like any other time */
	/* May be NULL. The first signal was taken. */
	void (*on_first)(void *ctx);
	/* May be NULL. What comes from now on is a second one: whoever can gives signals their usual action again. */
	void (*on_may_kill)(void *ctx);
	void *ctx;
};

/* What the kernel says of that (/proc/self/schedstat); 0: it does not. */
uint64_t ends_delay_ns(void);

/* Takes the signals that have come. Whether any has come so far. */
bool ends_look(struct ends *ends);
/* The same, and whether @ms have passed since the first one, or there was a second one. */
bool ends_is_past(struct ends *ends, unsigned ms);
/* The same for loops that go round every microsecond: asks only now and then. */
bool ends_is_past_often(struct ends *ends, unsigned ms);
/* Whether a signal has come, for such loops. */
bool ends_look_often(struct ends *ends);
/* What is left of @ms, for poll(2): -1 while no signal has come. */
int ends_left_ms(const struct ends *ends, unsigned ms);

#endif
