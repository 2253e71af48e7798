/* SPDX-License-Identifier: MIT */
/* Whose process ids rows and options have, when they are not those that the person sees. */
#ifndef ECLI_SESSION_NAMESPACE_H
#define ECLI_SESSION_NAMESPACE_H

#include "session/run.h"

/* Says so once, in a PID namespace that is not the first one, when a row has such a number or an option was set that takes one. */
void namespace_tell(const struct session *session);

#endif
