/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Headers of the C library include this where the compiler does not define __x86_64__, as for BPF; it comes with a 32-bit C library, which few
 * people have. It only says which functions that library lacks, and BPF programs call none.
 */
