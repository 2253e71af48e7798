/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The same table in the section by which newer libraries ask for a link. */
#define TABLE ".struct_ops.link"
#include "congestion.bpf.c"
