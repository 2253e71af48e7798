/* SPDX-License-Identifier: MIT */
/*
 * Tags to notes. @hidden and @time concern the event they stand in; @format concerns a struct wherever it occurs, also within another
 * event or in a sampled map, so the formats of all exports are given to every plan, which knows structs by name.
 *
 * Nothing is decided here: whether a note fits its field is the plan's to say.
 */
#include "session/notes.h"

#include <errno.h>
#include <stdlib.h>

void notes_done(struct notes *notes)
{
	for (size_t i = 0; i < notes->n_texts; i++)
		free(notes->texts[i]);
	free(notes->texts);
	free(notes->items);
}

/* The formats of all members of all exports, also of structs within the event or in a sampled map. */
static int add_formats(const struct ecli_package *package, struct notes *notes)
{
	for (size_t i = 0; i < package->n_exports; i++) {
		const struct ecli_package_export *export = &package->exports[i];

		for (size_t k = 0; k < export->n_members; k++) {
			const struct ecli_package_member *member = &export->members[k];
			char *format;

			if (!ecli_package_extra(&member->extras, "format"))
				continue;
			format = ecli_package_extra_text(&member->extras, "format");
			if (!format)
				return -ENOMEM;
			notes->texts[notes->n_texts++] = format;
			notes->items[notes->count++] = (struct ecli_plan_note){
				.parent = export->name,
				.field = member->name,
				.format = format,
			};
		}
	}
	return 0;
}

int notes_find(const struct ecli_package *package, const struct ecli_package_export *export, struct notes *ret_notes)
{
	struct notes notes = { 0 };
	size_t n_members = export ? export->n_members : 0, total = 0;

	for (size_t i = 0; i < package->n_exports; i++)
		total += package->exports[i].n_members;
	notes.items = calloc(total + n_members + 1, sizeof(*notes.items));
	notes.texts = calloc(total + 1, sizeof(*notes.texts));
	if (!notes.items || !notes.texts || add_formats(package, &notes) < 0) {
		notes_done(&notes);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_members; i++)
		notes.items[notes.count++] = (struct ecli_plan_note){
			.field = export->members[i].name,
			.hidden = ecli_package_extra_true(&export->members[i].extras, "hidden"),
			.is_time = ecli_package_extra_true(&export->members[i].extras, "time"),
		};
	*ret_notes = notes;
	return 0;
}
