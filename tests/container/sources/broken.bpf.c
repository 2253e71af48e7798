/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A source that no compiler accepts. */
#include "vmlinux.h"

int broken(
