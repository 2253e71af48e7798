#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Names of numbers that belong to the system, as C tables, from the headers of the system that is built for: errno values,
# signals, capabilities, system calls, flags of open(2). What they are differs between architectures and grows with each
# kernel, so nobody types them here but for the newest. The compiler tells which macros the headers define; C gives them their values.
#
#     system_names.sh OUTPUT COMPILER [ARGUMENT...] > names.c
set -euo pipefail
export LC_ALL=C

output=$1
shift
compiler=("$@")

# NAMES HEADER PATTERN: macros of the header whose name matches the pattern as a whole, with what they stand for.
macros() { printf '#include <%s>\n' "$1" | "${compiler[@]}" -E -dM -x c - | awk -v p="^$2\$" '$2 ~ p && NF > 2 { $1 = ""; print }' | sort; }

# Plain numbers only: a macro that stands for another one is a second name for it. $4: names that are no such thing.
table() { # NAME HEADER PATTERN NOT
	printf '\nstatic const char *const %s_list[] = {\n' "$1"
	macros "$2" "$3" | awk -v not="^($4)\$" 'NF == 2 && $2 ~ /^[0-9]+$/ && $1 !~ not { printf "\t[%s] = \"%s\",\n", $1, $1 }'
	close "$1"
}

close() { # NAME
	printf '};\nconst struct ecli_names ecli_names_%s = { %s_list, sizeof(%s_list) / sizeof(%s_list[0]) };\n' "$1" "$1" "$1" "$1"
}

# System calls of kernels that are newer than the headers, the same on every architecture but for those of x86 (scripts/syscall.tbl and
# arch/x86/entry/syscalls/syscall_64.tbl of Linux 6.18).
newer() {
	local number=451 name
	for name in cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr \
		lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr; do
		printf '#ifndef __NR_%s\n\t[%d] = "%s",\n#endif\n' "$name" "$number" "$name"
		number=$((number + 1))
	done
	printf '#ifdef __x86_64__\n#ifndef __NR_uretprobe\n\t[335] = "uretprobe",\n#endif\n#ifndef __NR_uprobe\n\t[336] = "uprobe",\n#endif\n#endif\n'
}

{
	printf '/* SPDX-License-Identifier: MIT */\n/* Written by packaging/system_names.sh. */\n'
	printf '#include <%s>\n' asm/errno.h asm/fcntl.h asm/signal.h asm/unistd.h linux/capability.h
	printf '\n#include "base/names.h"\n'

	table errno asm/errno.h 'E[A-Z0-9]+' 'none'
	table signal asm/signal.h 'SIG[A-Z0-9]+' 'SIGIOT|SIGUNUSED|SIGSTKSZ|SIGRTMIN|SIGRTMAX|SIGSWI|SIGCLD'
	table capability linux/capability.h 'CAP_[A-Z_]+' 'CAP_LAST_CAP'

	# Some architectures name a system call after another table of their headers, so any value will do.
	printf '\nstatic const char *const syscall_list[] = {\n'
	macros asm/unistd.h '__NR_[a-z0-9_]+' |
		awk '$1 !~ /^__NR_(syscalls|arch_specific_syscall)$/ { printf "\t[%s] = \"%s\",\n", $1, substr($1, 6) }'
	newer
	close syscall

	# The access mode is no flag, but a number in two bits. FASYNC is what user space calls O_ASYNC.
	printf '\nconst struct ecli_flag_name ecli_names_open_flags[] = {\n'
	macros asm/fcntl.h 'O_[A-Z]+' |
		awk '$1 !~ /^O_(ACCMODE|RDONLY|WRONLY|RDWR|NDELAY)$/ { printf "\t{ %s, \"%s\" },\n", $1, $1 }'
	printf '\t{ FASYNC, "O_ASYNC" },\n\t{ 0, 0 },\n};\n'
} >"$output"
