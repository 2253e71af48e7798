/* SPDX-License-Identifier: MIT */
/*
 * Processes and where their code lies, kept after they end. A process is an image (told.h), and the time it started; at most 4,096 are
 * known, with 100,000 mappings in all: the one that was asked for longest ago makes room.
 */
#ifndef ECLI_SYMBOLS_PROCESS_H
#define ECLI_SYMBOLS_PROCESS_H

#include "symbols/files.h"
#include "symbols/mappings.h"
#include "symbols/symtab.h"
#include "symbols/told.h"
#include "symbols/work.h"

struct ecli_processes;
struct ecli_process;

/* All borrowed; @proc: "/proc". @page is told what is read; what @avoid (may be NULL) has is not. NULL when out of memory. */
struct ecli_processes *ecli_processes_new(const char *proc, struct ecli_files *files, struct ecli_names *names,
					  struct ecli_work_page *page, const struct ecli_avoid *avoid);
void ecli_processes_free(struct ecli_processes *processes);

/* The image, as it is now or as it was last seen. NULL: it was never seen and is not there. */
struct ecli_process *ecli_processes_get(struct ecli_processes *processes, const struct ecli_image_id *id);

/*
 * What the kernel told of an image while it lived (told.h): counts when it is gone, or what lives there now is another one. @parent: pid 0: @maps are all that it had; else
 * that image, or itself, had more than these.
 */
void ecli_processes_tell(struct ecli_processes *processes, const struct ecli_image_id *id,
			 const struct ecli_image_id *parent, const struct ecli_map *maps, size_t count);

/* Where @address lies; looks at the process again when it is not known yet. NULL: nowhere. Valid until the next question. */
const struct ecli_mapping *ecli_process_find(struct ecli_processes *processes, struct ecli_process *process,
					     uint64_t address);

/* The function that a compiler inside the process says it made at @address. */
bool ecli_process_compiled(struct ecli_processes *processes, struct ecli_process *process, uint64_t address,
			   struct ecli_symtab_function *ret);

/* Which look at its mappings is the last one: as long as it stays the same, so does what lies where. 0: they were never read. */
uint32_t ecli_process_look(const struct ecli_process *process);

/* The root folder of the process, if it is still there: a descriptor, the caller's; -1. */
int ecli_process_root(const struct ecli_processes *processes, const struct ecli_process *process);

#endif
