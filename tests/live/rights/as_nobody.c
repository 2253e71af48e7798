/* SPDX-License-Identifier: MIT */
/*
 * Runs a command as user and group 65534 with these capabilities and no others, in all its sets: as_nobody CAPABILITY,... COMMAND [ARG...].
 * A test machine has no setpriv that could. Status 126: it cannot be done, with the reason.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY    65534
#define MOST_CAPS 64

static const struct {
	const char *name;
	int number;
} capabilities[] = {
	{ "dac_read_search", CAP_DAC_READ_SEARCH },
	{ "net_admin", CAP_NET_ADMIN },
	{ "sys_admin", CAP_SYS_ADMIN },
	{ "sys_ptrace", CAP_SYS_PTRACE },
	{ "syslog", 34 },
	{ "perfmon", 38 },
	{ "bpf", 39 },
};

static void fail(const char *what)
{
	fprintf(stderr, "as_nobody: %s: %s\n", what, strerror(errno));
	exit(126);
}

static unsigned long long parse(char *list)
{
	unsigned long long set = 0;

	for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		size_t i = 0;

		while (i < sizeof(capabilities) / sizeof(*capabilities) && strcmp(capabilities[i].name, name))
			i++;
		errno = EINVAL;
		if (i == sizeof(capabilities) / sizeof(*capabilities))
			fail(name);
		set |= 1ull << capabilities[i].number;
	}
	return set;
}

int main(int argc, char **argv)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	errno = EINVAL;
	if (argc < 3)
		fail("as_nobody CAPABILITY,... COMMAND [ARG...]");
	unsigned long long set = parse(argv[1]);

	for (int i = 0; i < MOST_CAPS; i++)
		if (!(set >> i & 1))
			prctl(PR_CAPBSET_DROP, i); /* those that the kernel does not know cannot be dropped */
	if (prctl(PR_SET_KEEPCAPS, 1) < 0 || setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		fail("cannot become nobody");
	for (int i = 0; i < 2; i++) {
		unsigned int half = (unsigned int)(set >> (32 * i));

		data[i] = (struct __user_cap_data_struct){ half, half, half };
	}
	if (syscall(SYS_capset, &header, data) < 0)
		fail("cannot keep the capabilities");
	for (int i = 0; i < MOST_CAPS; i++)
		if (set >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			fail("cannot pass the capabilities on");
	execvp(argv[2], argv + 2);
	fail(argv[2]);
}
