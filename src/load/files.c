/* SPDX-License-Identifier: MIT */
/*
 * How many files may be open at once. A run that has too few meets EMFILE anywhere, also in libbpf's questions about what the kernel has, where it
 * looks like "no". So it is asked before anything else, with one call: whether a descriptor of that number could be had.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "load/explain.h"

#define SPARE 48 /* buffers, signals, outputs, the process that looks up names, files of traced processes */

static unsigned long long limit(void)
{
	struct rlimit files;

	return getrlimit(RLIMIT_NOFILE, &files) ? 0 : (unsigned long long)files.rlim_cur;
}

bool ecli_explain_is_files(int code)
{
	return code == -EMFILE || code == -ENFILE;
}

int ecli_explain_files(int code, struct ecli_err *err)
{
	if (code == -ENFILE)
		return ecli_err_set(err, code, "too many files are open on this machine (/proc/sys/fs/file-max)");
	return ecli_err_set(
		err, code,
		"too many open files: this process may have %llu (ulimit -n): raise the limit, or attach to less",
		limit());
}

int ecli_load_need_files(const struct ecli_package *package, struct ecli_err *err)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	size_t needed = SPARE + package->n_maps + 2 * package->n_progs + (size_t)(cpus > 0 ? cpus : 1);

	/* The first that is free: about as many are open already. */
	CLEANUP_FD int first = open("/", O_PATH | O_CLOEXEC);
	if (first < 0)
		return ecli_explain_is_files(-errno) ? ecli_explain_files(-errno, err) : 0;
	CLEANUP_FD int last = fcntl(first, F_DUPFD_CLOEXEC, first + (int)needed);
	if (last >= 0 || (errno != EINVAL && errno != EMFILE))
		return 0;
	return ecli_err_set(
		err, -EMFILE,
		"too few files may be open at once: this process may have %llu (ulimit -n), and the tool needs about "
		"%zu: raise the limit",
		limit(), (size_t)first + needed + 1);
}
