/* SPDX-License-Identifier: MIT */
/*
 * What the files of package/ share: growing the model's lists, and the steps of reading that read.c puts together.
 */
#ifndef ECLI_PACKAGE_MODEL_H
#define ECLI_PACKAGE_MODEL_H

#include <ecli/package.h>
#include <ecli/types.h>

#include "base/elf.h"
#include "package/json.h"

/* The largest file and the largest object: 256 MiB. */
#define ECLI_PACKAGE_MAX_BYTES ((size_t)256 << 20)

DEFINE_CLEANUP(package, struct ecli_package *, ecli_package_free)
#define CLEANUP_PACKAGE CLEANUP(cleanup_package)
DEFINE_CLEANUP(types, struct ecli_types *, ecli_types_free)
#define CLEANUP_TYPES CLEANUP(cleanup_types)

/* A zeroed item more at the end of a list; NULL when out of memory. The list's memory doubles. */
void *ecli_package_grow_list(void *items_pointer, size_t *count, size_t item_size);
#define ECLI_PACKAGE_GROW(items, count)                                                                                \
	((__typeof__(items))ecli_package_grow_list(&(items), &(count), sizeof(*(items))))

/* A model with its defaults and a copy of @object; @name is copied. NULL when out of memory. */
struct ecli_package *ecli_package_new(const char *name, const void *object, size_t object_size);

/* obj_name from a file's name: "dir/foo.bpf.o" becomes "foo_bpf", "foo.json" becomes "foo". malloc'ed. */
char *ecli_package_name_from(const char *file);

/* The public form: package->object is set already. @meta: the value of "meta". */
int ecli_package_read_meta(struct ecli_package *package, const json_t *meta, struct ecli_err *err);
/* Whether the bytes are the value of "meta" alone, and the model of such a description with its object (not yet wrapped). */
bool ecli_package_is_description(const void *data, size_t size_bytes);
int ecli_package_read_described(const char *name, const void *json, size_t json_size, const void *object,
				size_t object_size, struct ecli_err *err, struct ecli_package **ret_package);
/* The form with everything at the top (v0.0.1 to v0.2.x). */
int ecli_package_read_old(struct ecli_package *package, const json_t *root, struct ecli_err *err);

/* The "cmdarg" of a variable and the "sample" of a map, when @object has one; @up is the place of @object, may be NULL. */
int ecli_package_read_cmdarg(struct ecli_package_var *var, const json_t *object, const struct place *up,
			     struct ecli_err *err);
void ecli_package_sample_done(struct ecli_package_sample *sample);
/* sample.c: @sample is all 0 before; what a failure leaves is to be done, too. */
int ecli_package_read_sample(struct ecli_package_sample *sample, const json_t *object, const struct place *up,
			     struct ecli_err *err);
/* sample.c: as package.json has it; NULL when out of memory. */
json_t *ecli_package_make_sample(const struct ecli_package_sample *sample);

/* Whether a map's export_config and intepreter can be read; @at is the place of the map. */
int ecli_package_check_config(const struct ecli_package_extras *extras, const struct place *at, struct ecli_err *err);

/* Takes the programs from the object and fills in what older packages do not say and the object does: which type an export's name
 * means (0 when it cannot be found). @lists_programs: the JSON has a list of them. Fails as ecli_package_take_programs(). */
int ecli_package_complete(struct ecli_package *package, bool lists_programs, struct ecli_err *err);

/* programs.c: the programs are those of the object. @is_listed: package->progs is what the JSON says of them, and is held against it:
 * -EINVAL when it hides, invents or moves one, or when the object's code is not as compilers make it (base/code.h); -ENOMEM. */
int ecli_package_take_programs(struct ecli_package *package, const struct ecli_elf *elf, bool is_listed,
			       struct ecli_err *err);

/* The event types of a package made from a bare object, which names none. Fails only when out of memory. */
int ecli_package_guess_exports(struct ecli_package *package);

#endif
