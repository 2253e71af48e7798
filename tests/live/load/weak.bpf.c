/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Asks for functions of the kernel that may be missing: what the generator of loader programs answers wrongly. */
#include "load.bpf.h"

extern void bpf_rcu_read_lock(void) __ksym __weak; /* 6.2 */
extern void bpf_rcu_read_unlock(void) __ksym __weak;

SEC("tp_btf/sys_enter")
int BPF_PROG(enter, void *regs, long id)
{
	if (!is_self())
		return 0;
	if (!bpf_rcu_read_lock || !bpf_rcu_read_unlock)
		return hit(2);
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return hit(1);
}
