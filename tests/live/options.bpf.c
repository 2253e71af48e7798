/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A variable of every type an option can have; each mark reports what all of them are in the kernel. */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define MARK_OPTION 0x6d61726b

enum colour { RED, GREEN = 3, BLUE };
enum vast { VAST_NONE, VAST_TOP = 0x8000000000000001 };
typedef u64 gadget_duration;

const volatile u8 a_u8 = 1;
const volatile s16 a_s16 = -2;
const volatile u64 a_u64 = 3;
const volatile s64 a_s64 = -4;
const volatile pid_t a_pid = 5;
const volatile uid_t a_uid = 6;
const volatile char a_char = 'a';
const volatile bool a_bool = true;
const volatile bool b_bool = false;
const volatile char a_text[8] = "seven";
const volatile enum colour a_colour = GREEN;
const volatile enum vast a_vast = VAST_TOP;
const volatile double a_double = 0.25;

/// @unit us
const volatile u64 least = 1000;
/// @unit bytes
const volatile u32 size = 4096;
const volatile gadget_duration span = 1;

/// @count n_ports
const volatile u16 ports[4] = { 80, 443 };
const volatile u32 n_ports = 2;
const volatile enum colour colours[2] = { BLUE };

/// @format ipv4
const volatile u32 ip = 0x0100000a;
/// @format ipv6
const volatile u8 ip6[16] = { 0xfe, 0x80 };
/// @format port
const volatile __be16 port = 0x5000;

/// @cmdarg {"default": 8, "long": "in-data"}
int in_data = 7;
/// @cmdarg {"long": "in-bss"}
int in_bss;

/// @export
struct event {
	u64 a_u64, least, span, double_bits;
	s64 a_s64;
	enum vast a_vast;
	enum colour a_colour, colours[2];
	u32 size, n_ports, ip, a_uid;
	s32 a_pid, in_data, in_bss;
	u16 ports[4], port;
	s16 a_s16;
	u8 a_u8, a_char, ip6[16];
	bool a_bool, b_bool;
	char a_text[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct event);
} events SEC(".maps");

static void copy_arrays(struct event *event)
{
	for (int i = 0; i < 4; i++)
		event->ports[i] = ports[i];
	for (int i = 0; i < 2; i++)
		event->colours[i] = colours[i];
	for (int i = 0; i < 16; i++)
		event->ip6[i] = ip6[i];
	for (int i = 0; i < 8; i++)
		event->a_text[i] = a_text[i];
}

SEC("raw_tp/sys_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	struct event *event;

	if (PT_REGS_PARM1_CORE_SYSCALL(regs) != MARK_OPTION)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));
	event->a_u8 = a_u8;
	event->a_s16 = a_s16;
	event->a_u64 = a_u64;
	event->a_s64 = a_s64;
	event->a_pid = a_pid;
	event->a_uid = a_uid;
	event->a_char = a_char;
	event->a_bool = a_bool;
	event->b_bool = b_bool;
	event->a_colour = a_colour;
	event->a_vast = a_vast;
	event->double_bits = *(const volatile u64 *)&a_double;
	event->least = least;
	event->size = size;
	event->span = span;
	event->n_ports = n_ports;
	event->ip = ip;
	event->port = port;
	event->in_data = in_data;
	event->in_bss = in_bss;
	copy_arrays(event);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
