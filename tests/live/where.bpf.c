/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each mark makes the same record four times, once for each way to send one: their fields follow from its index. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

typedef __u16 ecli_port;
enum color { RED, GREEN = 5, BLUE = -7 };

#define FIELDS                                                                                                         \
	__u64 index;                                                                                                   \
	__u64 big;                                                                                                     \
	__s32 minus;                                                                                                   \
	ecli_port port;                                                                                                \
	__u8 kind;                                                                                                     \
	bool is_odd;                                                                                                   \
	enum color color;                                                                                              \
	__u32 low : 3, mid : 13;                                                                                       \
	__s32 slow : 5;                                                                                                \
	char text[8]

struct submitted {
	FIELDS;
};
struct output {
	FIELDS;
};
struct sent {
	FIELDS;
};
struct large {
	FIELDS;
	__u64 more[58];
};

#define FILL(record, i)                                                                                                \
	do {                                                                                                           \
		(record)->index = (i);                                                                                 \
		(record)->big = ~(__u64)0 - (i);                                                                       \
		(record)->minus = (int)(i)*7 - 50;                                                                     \
		(record)->port = __builtin_bswap16((i)*13);                                                            \
		(record)->kind = (i) % 5;                                                                              \
		(record)->is_odd = (i)&1;                                                                              \
		(record)->color = (i) % 3 ? (i) % 3 == 1 ? 5 : -7 : 0;                                                 \
		(record)->low = (i);                                                                                   \
		(record)->mid = (i)*3;                                                                                 \
		(record)->slow = (i);                                                                                  \
		(record)->text[0] = 'r';                                                                               \
		(record)->text[1] = '0' + (i) % 10;                                                                    \
	} while (0)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct submitted);
} submits SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct output);
} outputs SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 0);
	__type(key, __u32);
	__type(value, struct sent);
} sends SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct large);
} larges SEC(".maps");

/* A function that does not know the type: nothing is asked of its records in the kernel. */
static __always_inline void send_any(void *ctx, void *record, __u64 size)
{
	bpf_perf_event_output(ctx, &sends, BPF_F_CURRENT_CPU, record, size);
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct output output = {};
	struct sent sent = {};
	__u64 i = ctx->args[1];

	if (ctx->args[0] != 0x6d61726b)
		return 0;

	struct submitted *submitted = bpf_ringbuf_reserve(&submits, sizeof(*submitted), 0);
	if (submitted) {
		__builtin_memset(submitted, 0, sizeof(*submitted));
		FILL(submitted, i);
		bpf_ringbuf_submit(submitted, 0);
	}
	FILL(&output, i);
	bpf_ringbuf_output(&outputs, &output, sizeof(output), 0);
	FILL(&sent, i);
	if (i % 2)
		bpf_perf_event_output(ctx, &sends, BPF_F_CURRENT_CPU, &sent, sizeof(sent));
	else
		send_any(ctx, &sent, sizeof(sent));

	struct large *large = bpf_ringbuf_reserve(&larges, sizeof(*large), 0);
	if (large) {
		__builtin_memset(large, 0, sizeof(*large));
		FILL(large, i);
		large->more[57] = i;
		bpf_ringbuf_submit(large, 0);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
