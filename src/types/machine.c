/* SPDX-License-Identifier: MIT */
/*
 * BTF has no field for its architecture, but every kernel describes its registers, and each has a member that no other
 * architecture's has. Structs of another architecture have other offsets: to relocate by them would read anything at all, so
 * it is worth a look before.
 *
 * Source: arch/ARCH/include/asm/ptrace.h of the Linux kernel.
 */
#include "types/machine.h"

#include <string.h>

#include "base/cleanup.h"

static const struct {
	const char *name, *type, *member;
} machines[] = {
	{ "x86_64", "pt_regs", "di" },        { "arm64", "user_pt_regs", "pstate" },
	{ "riscv64", "pt_regs", "epc" },      { "s390x", "pt_regs", "orig_gpr2" },
	{ "ppc64le", "user_pt_regs", "nip" }, { "loongarch64", "pt_regs", "csr_era" },
};

enum { MAX_DEPTH = 4 }; /* of structs and unions without a name, in which kernels wrap registers */

static bool has_member(const struct btf *btf, const struct btf_type *type, const char *name, int depth)
{
	const struct btf_member *member = btf_members(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++, member++) {
		const char *own = btf__name_by_offset(btf, member->name_off);
		const struct btf_type *inner = own && *own ? NULL : btf__type_by_id(btf, member->type);

		if (own && !strcmp(own, name))
			return true;
		if (inner && depth < MAX_DEPTH && btf_is_composite(inner) && has_member(btf, inner, name, depth + 1))
			return true;
	}
	return false;
}

const char *ecli_types_machine(const struct btf *btf)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		int id = btf__find_by_name_kind(btf, machines[i].type, BTF_KIND_STRUCT);

		if (id > 0 && has_member(btf, btf__type_by_id(btf, (uint32_t)id), machines[i].member, 0))
			return machines[i].name;
	}
	return NULL;
}
