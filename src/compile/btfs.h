/* SPDX-License-Identifier: MIT */
/* Minimal BTF of many kernels for a package: ecc --btf-for. */
#ifndef ECLI_COMPILE_BTFS_H
#define ECLI_COMPILE_BTFS_H

#include <ecli/package.h>

#include "compile/run.h"
#include "compile/target.h"

/*
 * Cuts the BTF of each kernel down to what @object relocates and puts it into @package. @inputs: NULL-terminated; files and folders
 * (searched whole) named .../ID/VERSION/ARCH/RELEASE.btf or, as btfhub has them, RELEASE.btf.tar.xz; of the kernel that runs here also
 * /sys/kernel/btf/vmlinux. @target: leave kernels of other architectures out; NULL: take all.
 */
int ecli_btfs_add(const char *const *inputs, const struct ecli_target *target, const struct ecli_buf *object,
		  struct ecli_calm *calm, struct ecli_package *package, struct ecli_err *err);

#endif
