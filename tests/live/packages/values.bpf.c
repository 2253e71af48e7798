/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One record with a value of each plain kind: what the public loader's own tests have. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "values.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct values *v;

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	v = bpf_ringbuf_reserve(&events, sizeof(*v), 0);
	if (!v)
		return 0;
	__builtin_memset(v, 0, sizeof(*v));
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 3; j++)
			for (int k = 0; k < 4; k++)
				v->arr1[i][j][k] = i << 16 | j << 8 | k;
	__builtin_memcpy(v->str, "A-String", 9);
	for (int i = 0; i < 10; i++) {
		__builtin_memcpy(v->str_arr[i], "hello 0", 8);
		v->str_arr[i][6] += i;
	}
	*(__u32 *)&v->ft = 0x3f9d70a4;             /* 1.23 */
	*(__u64 *)&v->dbl = 0x40123d70a3d70a3dULL; /* 4.56 */
	v->u8v = 0x12;
	v->i8v = -0x12;
	v->u16v = 0x1234;
	v->i16v = -0x1234;
	v->u32v = 0x12345678;
	v->i32v = -0x12345678;
	v->u64v = 0x123456789abcdef0ULL;
	v->i64v = -0x123456789abcdef0LL;
	v->e = ctx->args[1] == 0 ? E_A : ctx->args[1] == 1 ? E_B : ctx->args[1] == 2 ? E_C : 77;
	bpf_ringbuf_submit(v, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
