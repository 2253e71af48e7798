/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* libbpf's header of this name, behind ecc's bpf_helpers.h and bpf_tracing.h: newer ones would take those beside them. */
#pragma clang system_header
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include_next <bpf/usdt.bpf.h>
