/* SPDX-License-Identifier: MIT */
/* All public headers of libecli, for programs that use the whole. */
#ifndef ECLI_ECLI_H
#define ECLI_ECLI_H

#include <ecli/base.h>
#include <ecli/compile.h>
#include <ecli/inspect.h>
#include <ecli/load.h>
#include <ecli/options.h>
#include <ecli/package.h>
#include <ecli/plan.h>
#include <ecli/poll.h>
#include <ecli/render.h>
#include <ecli/session.h>
#include <ecli/stacks.h>
#include <ecli/types.h>
#include <ecli/where.h>

#endif
