/* SPDX-License-Identifier: MIT */
/*
 * Tags to notes. @hidden and @time concern the event they stand in; @format, @stacks and @unit concern a struct wherever it occurs, also
 * within another event or in a sampled map, so those of all exports are given to every plan, which knows structs by name.
 *
 * A format that the person gives (--format) is of a field of the event, and comes before a tag's.
 *
 * Nothing is decided here: whether a note fits its field is the plan's to say.
 */
#include "session/notes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void notes_done(struct notes *notes)
{
	for (size_t i = 0; i < notes->n_texts; i++)
		free(notes->texts[i]);
	free(notes->texts);
	free(notes->items);
}

static int add_text(struct notes *notes, const struct ecli_package_extras *extras, const char *key, const char **ret)
{
	if (!ecli_package_extra(extras, key))
		return 0;
	char *text = ecli_package_extra_text(extras, key);
	if (!text)
		return -ENOMEM;
	notes->texts[notes->n_texts++] = text;
	*ret = text;
	return 0;
}

/* The formats of all members of all exports, also of structs within the event or in a sampled map. */
static int add_formats(const struct ecli_package *package, struct notes *notes)
{
	for (size_t i = 0; i < package->n_exports; i++) {
		const struct ecli_package_export *export = &package->exports[i];

		for (size_t k = 0; k < export->n_members; k++) {
			const struct ecli_package_member *member = &export->members[k];
			struct ecli_plan_note note = { .parent = export->name, .field = member->name };

			if (add_text(notes, &member->extras, "format", &note.format) ||
			    add_text(notes, &member->extras, "stacks", &note.stacks) ||
			    add_text(notes, &member->extras, "unit", &note.unit))
				return -ENOMEM;
			if (note.format || note.stacks || note.unit)
				notes->items[notes->count++] = note;
		}
	}
	return 0;
}

/* What --format says of a field, the last time that it does; NULL: nothing. */
static const char *given_format(const struct ecli_package *package, const char *field)
{
	const char *format = NULL;

	for (size_t i = 0; i < package->n_formats; i++)
		if (!strcmp(package->formats[i].field, field))
			format = package->formats[i].format;
	return format;
}

int notes_find(const struct ecli_package *package, const struct ecli_package_export *export, struct notes *ret_notes)
{
	struct notes notes = { 0 };
	size_t n_members = export ? export->n_members : 0, total = 0;

	for (size_t i = 0; i < package->n_exports; i++)
		total += package->exports[i].n_members;
	notes.items = calloc(total + n_members + package->n_formats + 1, sizeof(*notes.items));
	notes.texts = calloc(3 * total + 1, sizeof(*notes.texts));
	if (!notes.items || !notes.texts || add_formats(package, &notes) < 0) {
		notes_done(&notes);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_members; i++)
		notes.items[notes.count++] = (struct ecli_plan_note){
			.field = export->members[i].name,
			.format = given_format(package, export->members[i].name),
			.hidden = ecli_package_extra_true(&export->members[i].extras, "hidden"),
			.is_time = ecli_package_extra_true(&export->members[i].extras, "time"),
		};
	/* Behind those of the event, of which the first counts. */
	for (size_t i = 0; i < package->n_formats; i++)
		notes.items[notes.count++] =
			(struct ecli_plan_note){ .field = package->formats[i].field,
						 .format = given_format(package, package->formats[i].field) };
	*ret_notes = notes;
	return 0;
}
