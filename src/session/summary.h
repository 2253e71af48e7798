/* SPDX-License-Identifier: MIT */
/* The figures at the end of a run. See summary.c. */
#ifndef ECLI_SESSION_SUMMARY_H
#define ECLI_SESSION_SUMMARY_H

#include "session/run.h"

struct cpu_time cpu_time_now(void);

/* Appends `"map":"events"` or `"program":"enter"`: what a JSON record of a loss begins with. */
void summary_name_loss(const struct ecli_session_loss *loss, struct ecli_buf *out);

/* When all rows are written: the last record, where it is asked for, and on_summary(). 0, or -errno of writing. */
int summary_tell(struct session *session);

#endif
