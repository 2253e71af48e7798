/* SPDX-License-Identifier: MIT */
/*
 * Tracepoints are found by a number that stands in tracefs, so tracefs must be reachable, and at the place where libbpf
 * looks: /sys/kernel/debug/tracing when that name exists, else /sys/kernel/tracing. Where it is not mounted
 * (containers, minimal systems, a debugfs whose automount does not work) it is mounted in a mount namespace of our own,
 * so that nothing is left on the machine: the namespace goes with the process.
 *
 * The namespace belongs to the calling thread. Mounts that others make later still arrive (slave propagation); ours
 * never leave.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "load/causes.h"

#define DEBUGFS_PLACE "/sys/kernel/debug/tracing"
#define TRACEFS_PLACE "/sys/kernel/tracing"

/*
 * Nothing mounted here gets out. In a chroot whose root is a plain folder "/" is no mount point, and the kernel answers
 * EINVAL; there /sys is asked, for whatever is mounted below it spreads through the mounts from /sys on only.
 */
static int keep_mounts_in(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0)
		return 0;
	return errno == EINVAL ? mount(NULL, "/sys", NULL, MS_REC | MS_SLAVE, NULL) : -1;
}

static int mount_privately(const char *place)
{
	if (unshare(CLONE_NEWNS) < 0 || keep_mounts_in() < 0 ||
	    mount("tracefs", place, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return -errno;
	return 0;
}

int ecli_load_need_tracefs(struct ecli_err *err, const char **ret_path)
{
	/* The same question, asked in the same way, as libbpf's use_debugfs(). */
	bool debugfs = faccessat(AT_FDCWD, DEBUGFS_PLACE, F_OK, AT_EACCESS) == 0;
	const char *place = debugfs ? DEBUGFS_PLACE : TRACEFS_PLACE;
	const char *events = debugfs ? DEBUGFS_PLACE "/events" : TRACEFS_PLACE "/events";

	int r = faccessat(AT_FDCWD, events, R_OK | X_OK, AT_EACCESS) == 0 ? 0 : -errno;
	bool is_mounted = r == -EACCES || r == -EPERM;
	if (r && !is_mounted)
		r = mount_privately(place);
	if (r && err) {
		struct ecli_question question = { .stage = ECLI_STAGE_TRACEFS,
						  .code = r,
						  .facts = ecli_cause_facts() | (is_mounted ? ECLI_FACT_MOUNTED : 0),
						  .prog = "",
						  .what = place,
						  .detail = strerror(-r) };

		return ecli_cause_find(&question, err);
	}
	if (!r && ret_path)
		*ret_path = place;
	return r;
}
