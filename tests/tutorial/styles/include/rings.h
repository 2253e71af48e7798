/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once
#include "rings_head.h"

struct open_event {
	struct head h;
	char fname[MAX_LEN];
};

struct close_event {
	struct head h;
	int fd;
};
