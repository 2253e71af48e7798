/* SPDX-License-Identifier: MIT */
/* Finding an embedded file. The table itself is generated; a name that is not in it is a mistake of the build. */
#include "compile/embedded.h"

#include <stdlib.h>
#include <string.h>

const struct ecli_embedded_file *ecli_embedded_find(const char *name)
{
	for (size_t i = 0; i < ecli_embedded_count; i++)
		if (!strcmp(ecli_embedded_files[i].name, name))
			return &ecli_embedded_files[i];
	abort();
}
