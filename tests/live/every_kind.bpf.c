// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events with a field of each kind, from two sources: for the schema of their rows. The workload is mark.c. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

enum color { RED, GREEN = 5 };
enum level { LOW = -3, HIGH = 3 };

struct inner {
	__u8 small;
	__s16 pair[2];
};

/// @export
struct kinds {
	__u64 u64;
	__s64 s64;
	__u32 u32;
	__s32 s32;
	__u16 u16;
	__s8 s8;
	bool yes;
	char letter;
	char text[8];
	enum color color, no_color;
	enum level level;
	void *address;
	unsigned __int128 wide;
	__int128 negative;
	__u32 low : 3, high : 5;
	__s32 signed_bits : 4;
	struct inner one, many[2];
	__u32 table[2][3];
	union {
		__u32 as_number;
		char as_text[4];
	};
	__u64 time_ns; ///< @time
	__u32 secret;  ///< @hidden
};

struct mark {
	__u64 index;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct kinds);
} kinds SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct mark);
} marks SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct mark mark = { .index = ctx->args[1] };
	struct kinds *k;

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	bpf_ringbuf_output(&marks, &mark, sizeof(mark), 0);
	k = bpf_ringbuf_reserve(&kinds, sizeof(*k), 0);
	if (!k)
		return 0;
	__builtin_memset(k, 0, sizeof(*k));
	k->u64 = ~0ull;
	k->s64 = 1ll << 63;
	k->u32 = ~0u;
	k->s32 = -1;
	k->u16 = 65535;
	k->s8 = -128;
	k->yes = mark.index & 1;
	k->letter = 0xff;
	k->text[0] = 0xfe;
	k->text[1] = '"';
	k->color = GREEN;
	k->no_color = 77;
	k->level = LOW;
	k->address = k;
	k->wide = ~(unsigned __int128)0;
	k->negative = -1;
	k->low = 7;
	k->high = 31;
	k->signed_bits = -8;
	k->one.pair[1] = -32768;
	k->table[1][2] = 6;
	k->time_ns = bpf_ktime_get_ns();
	bpf_ringbuf_submit(k, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
