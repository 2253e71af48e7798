/* SPDX-License-Identifier: MIT */
/* Which kernel this machine runs, as btfhub-archive names its files. */
#ifndef ECLI_PACKAGE_MACHINE_H
#define ECLI_PACKAGE_MACHINE_H

#include <ecli/base.h>

struct ecli_machine {
	char id[64];      /* ID of os-release(5): "ubuntu", "" when not known */
	char version[64]; /* VERSION_ID: "22.04" */
	char arch[65];    /* as uname -m, but "arm64" for "aarch64" */
	char release[65]; /* uname -r */
};

/* Fills what can be found out; the rest is "". */
void ecli_machine_read(struct ecli_machine *ret);
/* Takes ID and VERSION_ID from the text of an os-release file. */
void ecli_machine_parse(struct ecli_machine *machine, const char *os_release);

/*
 * How well a file of an archive fits: 0 not at all; 1: the release and the architecture of this machine; 2: and the
 * distribution; 3: and its version. @path: ".../ID/VERSION/ARCH/RELEASE.btf".
 */
int ecli_machine_fit(const struct ecli_machine *machine, const char *path);

#endif
