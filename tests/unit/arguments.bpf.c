// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A variable of every type an option can have, and of some it cannot, with values compiled in.
typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef u16 __u16;
typedef u16 __be16;
typedef short s16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;
typedef long long s64;
typedef u32 uid_t;
typedef u32 gid_t;
typedef s32 pid_t;
typedef unsigned long size_t;
typedef u64 gadget_duration;
typedef u64 gadget_bytes;
struct in6_addr {
	union {
		u8 bytes[16];
		u32 words[4];
	};
};
enum color { RED, GREEN = 3, BLUE };
enum huge { HUGE_ONE = 1, HUGE_TOP = 0x8000000000000001 };
enum minus { MINUS_SMALL = -5000000000, MINUS_ONE = -1 };

#define KNOB const volatile __attribute__((used))

KNOB u8 a_u8 = 1;
KNOB s8 a_s8 = -1;
KNOB u16 a_u16 = 2;
KNOB __u16 a___u16 = 3;
KNOB s16 a_s16 = -3;
KNOB u32 a_u32 = 4;
KNOB s32 a_s32 = -4;
KNOB u64 a_u64 = 5;
KNOB s64 a_s64 = -5;
KNOB size_t a_size = 6;
KNOB unsigned long a_long = 7;
KNOB pid_t a_pid = 8;
KNOB char a_char = ',';
KNOB unsigned char a_uchar = 'x';
KNOB _Bool a_bool = 1;
KNOB float a_float = 0.25f;
KNOB double a_double = 0.5;
KNOB char a_text[8] = "abc";
KNOB enum color a_color = GREEN;
KNOB enum huge a_huge = HUGE_TOP;
KNOB enum minus a_minus = MINUS_SMALL;
KNOB uid_t a_uid = 1000;
KNOB gid_t a_gid = -1;
KNOB s32 n_errno = 2;
KNOB u32 n_signal = 9;
KNOB s32 n_syscalls[4];

KNOB u32 t_ns = 1500;
KNOB u64 t_us = 10000;
KNOB s32 t_ms = -1500;
KNOB u8 t_s = 60;
KNOB u32 t_bytes = 4096;
KNOB gadget_duration g_duration = 2000000;
KNOB gadget_bytes g_bytes = 1536;

KNOB u16 ports[4] = { 80, 443 };
KNOB u32 n_ports = 2;
KNOB s32 pids[3];
KNOB enum color colors[2] = { RED, BLUE };
KNOB u64 waits[2] = { 1000, 20 };
KNOB float ratios[2];
KNOB _Bool bits[3] = { 0, 1, 0 };
KNOB u32 listed[3] = { 1, 2, 3 };

KNOB u32 ip_word = 0x0100000a;
KNOB u8 ip_bytes[4] = { 192, 168, 1, 2 };
KNOB u8 ip6_bytes[16] = { 0xfe, 0x80, [15] = 1 };
KNOB struct in6_addr ip6_struct;
KNOB u32 ips[2] = { 0x0100007f };
KNOB u16 port_be = 0xbb01;
KNOB __be16 port_type;
KNOB u16 port_list[2] = { 0x5000 };

KNOB int grid[2][2];
KNOB void *pointer = 0;
KNOB unsigned __int128 wide = 1;
