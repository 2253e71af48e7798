/* SPDX-License-Identifier: MIT */
/*
 * Names of users and groups from /etc/passwd and /etc/group, read by ourselves: getpwuid(3) of a static program needs
 * the shared libraries of the machine it was built on, and may ask a directory server for each row.
 */
#ifndef ECLI_RENDER_ACCOUNTS_H
#define ECLI_RENDER_ACCOUNTS_H

#include <ecli/base.h>

struct ecli_account {
	uint32_t id, name; /* of the name's start in `names` */
};

struct ecli_accounts {
	const char *path;
	bool is_read;
	uint64_t read_ns;             /* when, in the time of rows */
	struct ecli_buf names;        /* NUL-terminated each */
	struct ecli_account *entries; /* sorted by id; of several names for one id the first in the file */
	size_t count;
};

void ecli_accounts_init(struct ecli_accounts *accounts, const char *path);
void ecli_accounts_done(struct ecli_accounts *accounts);
/* The name, or NULL. @now_ns: an id that is not there makes the file be read again, at most every 10 s of that clock. */
const char *ecli_accounts_name(struct ecli_accounts *accounts, uint32_t id, uint64_t now_ns);

#endif
