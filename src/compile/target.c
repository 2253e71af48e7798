/* SPDX-License-Identifier: MIT */
/*
 * A BPF object is the same on every architecture until it reads the registers of the code it interrupts: those have other names and
 * places on each. The source says PT_REGS_PARM1(ctx); libbpf's bpf_tracing.h makes ctx->di or regs[0] of it, by __TARGET_ARCH_*, and
 * needs the struct from vmlinux.h. A vmlinux.h of another architecture does not have it: the definitions here stand in. Their members
 * have to be there, not to be complete: offsets are corrected when the package is loaded.
 *
 * Source: arch/ARCH/include/uapi/asm/ptrace.h of the Linux kernel; tools/lib/bpf/bpf_tracing.h for which of them is read.
 */
#include "compile/target.h"

#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "types/machine.h"

/* libbpf knows the registers of loongarch64 since 1.2. */
#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 2
#define HAS_LOONGARCH 1
#endif

static const struct ecli_target targets[] = {
	{ "x86_64", " x86 amd64 x86-64 ", "x86", "x86_64-linux-gnu",
	  "struct pt_regs {\n"
	  "\tunsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, "
	  "sp, ss;\n"
	  "};\n" },
	{ "arm64", " aarch64 ", "arm64", "aarch64-linux-gnu",
	  "struct user_pt_regs {\n\tunsigned long long regs[31], sp, pc, pstate;\n};\n"
	  "struct pt_regs {\n\tunsigned long long regs[31], sp, pc, pstate, orig_x0;\n};\n" },
	{ "riscv64", " riscv ", "riscv", "riscv64-linux-gnu",
	  "struct user_regs_struct {\n"
	  "\tunsigned long pc, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7;\n"
	  "\tunsigned long s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6;\n"
	  "};\n"
	  "struct pt_regs {\n"
	  "\tunsigned long epc, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7;\n"
	  "\tunsigned long s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6, status, badaddr, cause, orig_a0;\n"
	  "};\n" },
	{ "ppc64le", " powerpc ", "powerpc", "powerpc64le-linux-gnu",
	  "struct pt_regs {\n"
	  "\tunsigned long gpr[32], nip, msr, orig_gpr3, ctr, link, xer, ccr, softe, trap, dar, dsisr, result;\n"
	  "};\n" },
#ifdef HAS_LOONGARCH
	{ "loongarch64", " loongarch ", "loongarch", "loongarch64-linux-gnu",
	  "struct user_pt_regs {\n\tunsigned long regs[32], orig_a0, csr_era, csr_badv, reserved[10];\n};\n"
	  "struct pt_regs {\n\tunsigned long regs[32], orig_a0, csr_era, csr_badvaddr;\n};\n" },
#endif
};

const char *const ecli_target_register_types[] = { "pt_regs", "user_pt_regs", "user_regs_struct", NULL };

#if defined(__x86_64__)
#define HERE 0
#elif defined(__aarch64__)
#define HERE 1
#elif defined(__riscv)
#define HERE 2
#elif defined(__powerpc64__)
#define HERE 3
#elif defined(__loongarch64) && defined(HAS_LOONGARCH)
#define HERE 4
#else
#error "this machine's row in the table of architectures is missing"
#endif

/* Objects, types and values are little-endian throughout. */
static const char *const big_endian[] = { "s390x", "s390", "ppc64", "mips", "mips64", "sparc64" };

const struct ecli_target *ecli_target_here(void)
{
	return &targets[HERE];
}

int ecli_target_find(const char *name, struct ecli_err *err, const struct ecli_target **ret_target)
{
	CLEANUP_BUF struct ecli_buf word = { 0 }, names = { 0 };

	ecli_buf_add_format(&word, " %s ", name);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		bool is_alias = *name && !strchr(name, ' ') && strstr(targets[i].aliases, ecli_buf_text(&word));

		if (is_alias || !strcmp(targets[i].name, name)) {
			*ret_target = &targets[i];
			return 0;
		}
		ecli_buf_add_format(&names, "%s%s", i ? ", " : "", targets[i].name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(big_endian); i++)
		if (!strcmp(big_endian[i], name))
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ENOTSUP,
						 "%s has the other byte order, for which no package can be made "
						 "(--target): there are %s",
						 name, ecli_buf_text(&names));
	if (!strcmp(name, "loongarch64"))
		return ecli_err_set_fail(
			err, ECLI_FAIL_USAGE, -ENOTSUP,
			"this ecc was built with libbpf %s, which does not know the registers of %s (1.2 "
			"does): there are %s; a package that reads no registers needs no --target",
			libbpf_version_string() + 1, name, ecli_buf_text(&names));
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "\"%.64s\" is no architecture (--target): there are %s",
				 name, ecli_buf_text(&names));
}

const struct ecli_target *ecli_target_of_btf(const struct btf *btf)
{
	const char *name = ecli_types_machine(btf);

	for (size_t i = 0; name && i < ARRAY_SIZE(targets); i++)
		if (!strcmp(targets[i].name, name))
			return &targets[i];
	return NULL;
}

bool ecli_target_is_registers(const char *type_name)
{
	const char *flavour = strstr(type_name, "___");
	size_t len = flavour ? (size_t)(flavour - type_name) : strlen(type_name);

	if (flavour && !strncmp(flavour, "___any_", 7))
		return false;

	for (size_t i = 0; ecli_target_register_types[i]; i++)
		if (strlen(ecli_target_register_types[i]) == len &&
		    !memcmp(ecli_target_register_types[i], type_name, len))
			return true;
	return false;
}
