/* SPDX-License-Identifier: MIT */
/*
 * Where a doc comment goes. The object decides what a declaration is: a name that is a variable, a map or a program of
 * the package gets its tags; a comment for anything else is dropped, with a warning when it holds a tag of ours,
 * because then its author expects something to happen.
 */
#include "compile/annotate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/plan.h>

#include "base/cleanup.h"
#include "compile/samples.h"

enum place { PLACE_VAR = 1, PLACE_MAP = 2, PLACE_PROG = 4, PLACE_STRUCT = 8, PLACE_MEMBER = 16 };

/* Tags with a meaning, and where (docs/formats/annotations.md). */
static const struct {
	const char *name;
	unsigned int places;
} known_tags[] = {
	{ "cmdarg", PLACE_VAR },
	{ "value", PLACE_VAR },
	{ "count", PLACE_VAR },
	{ "at_most", PLACE_VAR },
	{ "exists", PLACE_VAR },
	{ "unit", PLACE_VAR | PLACE_MEMBER },
	{ "format", PLACE_VAR | PLACE_MEMBER },
	{ "stacks", PLACE_MEMBER },
	{ "weight", PLACE_MEMBER },
	{ "measured", PLACE_MEMBER },
	{ "sample", PLACE_VAR | PLACE_MAP },
	{ "max_entries", PLACE_MAP },
	{ "intepreter", PLACE_MAP },
	{ "export_config", PLACE_MAP },
	{ "alternative", PLACE_MAP | PLACE_PROG },
	{ "optional", PLACE_PROG },
	{ "both", PLACE_PROG },
	{ "when", PLACE_MAP | PLACE_PROG | PLACE_MEMBER },
	{ "target", PLACE_PROG },
	{ "ifname", PLACE_PROG },
	{ "cgroup", PLACE_PROG },
	{ "event", PLACE_PROG },
	{ "freq", PLACE_PROG },
	{ "period", PLACE_PROG },
	{ "ifindex", PLACE_PROG },
	{ "xdpopts", PLACE_PROG },
	{ "tchook", PLACE_PROG },
	{ "tcopts", PLACE_PROG },
	{ "export", PLACE_STRUCT },
	{ "hidden", PLACE_MEMBER },
	{ "time", PLACE_MEMBER },
};

/* Tags that need no meaning here: the tool's doc, words of documentation generators, and keys other loaders read. */
static const char *const silent_tags[] = {
	"brief",   "description", "details", "version", "author", "authors", "copyright", "date",   "deprecated",
	"example", "file",        "license", "note",    "param",  "return",  "returns",   "retval", "sa",
	"see",     "since",       "todo",    "warning", "flag",   "flags",   "cmd",       "title",
};

static const char *const place_names[] = {
	"a variable", "a map", "a program", "a struct", "a member of an exported struct",
};

/* Names of places, of a mask: "a map or a program". */
static void add_places(struct ecli_buf *buf, unsigned int places)
{
	for (size_t i = 0; i < ARRAY_SIZE(place_names); i++)
		if (places & (1u << i))
			ecli_buf_add_format(buf, "%s%s", buf->len ? " or " : "", place_names[i]);
}

/* Warns of tags of ours that stand where they mean nothing. @place: 0 for nothing in the object. */
static void check_places(const struct ecli_source *source, const struct ecli_doc *doc, unsigned int place)
{
	for (size_t i = 0; i < doc->n_tags; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(known_tags); k++) {
			CLEANUP_BUF struct ecli_buf where = { 0 };

			if (strcmp(doc->tags[i].name, known_tags[k].name) != 0 || (place & known_tags[k].places))
				continue;
			add_places(&where, known_tags[k].places);
			ecli_log(ECLI_LOG_WARN, "%s:%u: @%s is ignored: it belongs directly before %s%s", source->path,
				 doc->tags[i].line, doc->tags[i].name, ecli_buf_text(&where),
				 place ? "" : " that is in the compiled program");
		}
	}
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_tags); i++)
		if (!strcmp(known_tags[i].name, name))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(silent_tags); i++)
		if (!strcmp(silent_tags[i], name))
			return true;
	return false;
}

/* ---- exports --------------------------------------------------------------------------------------------------- */

static char *member_type(const struct ecli_types *types, uint32_t id)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	const struct ecli_type *type = ecli_types_get(types, id);

	while (type && type->kind == ECLI_TYPE_MODIFIER)
		type = ecli_types_get(types, type->target_id);
	/* The words of the format for types that are not spelled out. */
	if (type && (type->kind == ECLI_TYPE_STRUCT || type->kind == ECLI_TYPE_UNION))
		ecli_buf_add_text(&text, "composite");
	else if (type && type->kind == ECLI_TYPE_ENUM)
		ecli_buf_add_text(&text, "enum");
	else
		ecli_type_format(types, id, &text);
	return ecli_buf_take(&text);
}

static int add_export(struct ecli_package *package, const struct ecli_types *types, const struct ecli_export *found)
{
	const struct ecli_type *type = found->type;
	struct ecli_package_export *export = &package->exports[package->n_exports++];

	export->name = strdup(found->name);
	export->type_id = type->id;
	export->size_bytes = type->size_bytes;
	export->members = calloc(type->n_members + 1, sizeof(*export->members));
	if (!export->name || !export->members)
		return -ENOMEM;
	for (uint32_t i = 0; i < type->n_members; i++) {
		struct ecli_package_member *member = &export->members[export->n_members++];

		member->name = strdup(type->members[i].name);
		member->type = member_type(types, type->members[i].type_id);
		if (!member->name || !member->type)
			return -ENOMEM;
	}
	return 0;
}

int ecli_annotate_exports(struct ecli_package *package, const struct ecli_types *types,
			  const struct ecli_export *exports, size_t n_exports, struct ecli_err *err)
{
	int r = 0;

	package->exports = calloc(n_exports + 1, sizeof(*package->exports));
	if (!package->exports)
		r = -ENOMEM;
	for (size_t i = 0; !r && i < n_exports; i++)
		r = add_export(package, types, &exports[i]);
	return r ? ecli_err_set(err, r, "out of memory") : 0;
}

/* ---- declarations ---------------------------------------------------------------------------------------------- */

static struct ecli_package_var *find_var(struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_vars; i++)
		if (!strcmp(package->vars[i].name, name))
			return &package->vars[i];
	return NULL;
}

static struct ecli_package_map *find_map(struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (!strcmp(package->maps[i].ident, name) && !package->maps[i].mmaped)
			return &package->maps[i];
	return NULL;
}

static struct ecli_package_prog *find_prog(struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_progs; i++)
		if (!strcmp(package->progs[i].name, name))
			return &package->progs[i];
	return NULL;
}

static struct ecli_package_member *find_member(struct ecli_package *package, const struct ecli_decl *decl)
{
	for (size_t i = 0; i < package->n_exports; i++) {
		struct ecli_package_export *export = &package->exports[i];

		if (strcmp(export->name, decl->parent) != 0)
			continue;
		for (size_t k = 0; k < export->n_members; k++)
			if (!strcmp(export->members[k].name, decl->name))
				return &export->members[k];
	}
	return NULL;
}

/* What a declaration is in the package; one of the pointers is set, or none. */
struct target {
	unsigned int place;
	struct ecli_package_var *var;
	struct ecli_package_map *map;
	struct ecli_package_prog *prog;
	struct ecli_package_member *member;
};

/* A variable, map or program with a comment of its own is not what a macro's comment speaks of. */
static bool has_own_doc(const struct ecli_source *source, const char *name)
{
	for (size_t i = 0; i < source->n_decls; i++)
		if (source->decls[i].kind != ECLI_DECL_MACRO && source->decls[i].kind != ECLI_DECL_MEMBER &&
		    source->decls[i].doc.line && !strcmp(source->decls[i].name, name))
			return true;
	return false;
}

static bool find_name(struct ecli_package *package, const struct ecli_source *source, const char *name,
		      struct target *target)
{
	if (has_own_doc(source, name))
		return false;
	target->var = find_var(package, name);
	target->map = target->var ? NULL : find_map(package, name);
	target->prog = target->var || target->map ? NULL : find_prog(package, name);
	return target->var || target->map || target->prog;
}

/* The first of a macro's arguments that the package knows. */
static void find_argument(struct ecli_package *package, const struct ecli_source *source, const struct ecli_decl *decl,
			  struct target *target)
{
	const char *names = decl->parent, *end;

	for (; (end = strchr(names, ' ')); names = end + 1) {
		CLEANUP_FREE char *name = strndup(names, (size_t)(end - names));

		if (!name || find_name(package, source, name, target))
			return;
	}
	find_name(package, source, decl->name, target);
}

static struct target find_target(struct ecli_package *package, const struct ecli_source *source,
				 const struct ecli_decl *decl)
{
	struct target target = { 0 };

	switch (decl->kind) {
	case ECLI_DECL_OBJECT:
		target.var = find_var(package, decl->name);
		target.map = target.var ? NULL : find_map(package, decl->name);
		break;
	case ECLI_DECL_FUNCTION:
		target.prog = find_prog(package, decl->name);
		break;
	case ECLI_DECL_MACRO:
		find_argument(package, source, decl, &target);
		break;
	case ECLI_DECL_MEMBER:
		target.member = find_member(package, decl);
		break;
	case ECLI_DECL_STRUCT:
		target.place = PLACE_STRUCT;
		break;
	}
	target.place |= (target.var ? PLACE_VAR : 0) | (target.map ? PLACE_MAP : 0) | (target.prog ? PLACE_PROG : 0) |
			(target.member ? PLACE_MEMBER : 0);
	return target;
}

static int set_tag(const struct target *target, const char *name, const char *value, struct ecli_err *err)
{
	if (target->var)
		return ecli_package_var_tag(target->var, name, value, err);
	if (target->map)
		return ecli_package_map_tag(target->map, name, value, err);
	if (target->prog)
		return ecli_package_prog_tag(target->prog, name, value, err);
	if (target->member)
		return ecli_package_member_tag(target->member, name, value, err);
	return 0;
}

/* Warns of a format that the runner will ignore. */
static void check_format(const struct ecli_types *types, const struct ecli_source *source, const struct ecli_decl *decl,
			 const struct ecli_package_member *tagged, uint32_t line)
{
	CLEANUP_FREE char *format = ecli_package_extra_text(&tagged->extras, "format");
	const struct ecli_type *parent = ecli_types_find(types, ECLI_TYPE_STRUCT, decl->parent);
	struct ecli_err why = { 0 };

	for (uint32_t i = 0; format && parent && i < parent->n_members; i++) {
		const struct ecli_type_member *member = &parent->members[i];

		if (strcmp(member->name, decl->name) != 0)
			continue;
		if (ecli_plan_format_check(types, member->type_id, member->bits, format, &why) < 0)
			ecli_log(ECLI_LOG_WARN, "%s:%u: @format is ignored: %s", source->path, line, why.text);
		return;
	}
}

/* Warns of columns and formulas that the runner will refuse, and of an order that it will ignore. */
static void check_sample(const struct ecli_types *types, const struct ecli_source *source, const struct target *target,
			 uint32_t line)
{
	struct ecli_err why = { 0 };
	int r = target->map   ? samples_check_map(types, target->map, &why)
		: target->var ? samples_check_var(types, target->var, &why)
			      : 0;

	if (r)
		ecli_log(ECLI_LOG_WARN, "%s:%u: @sample: %s", source->path, line, why.text);
}

static int apply_doc(struct ecli_package *package, const struct ecli_types *types, const struct ecli_source *source,
		     const struct ecli_decl *decl, struct ecli_err *err)
{
	struct target target = find_target(package, source, decl);
	int r = 0;

	if (decl->kind == ECLI_DECL_MACRO && !target.place) {
		ecli_log(
			ECLI_LOG_WARN,
			"%s:%u: the doc comment is ignored: no variable, map or program has the name of an argument of "
			"%.64s(), so what it declares is not known; write the declaration itself behind the comment",
			source->path, decl->doc.line, decl->name);
		return 0;
	}
	check_places(source, &decl->doc, target.place);
	if (*decl->doc.text)
		r = set_tag(&target, "description", decl->doc.text, err);
	for (size_t i = 0; !r && i < decl->doc.n_tags; i++) {
		const struct ecli_doc_tag *tag = &decl->doc.tags[i];

		r = set_tag(&target, tag->name, tag->value, err);
		if (r == -EINVAL) {
			ecli_log(ECLI_LOG_WARN, "%s:%u: @%s is ignored: %s", source->path, tag->line, tag->name,
				 err ? err->text : "its value is malformed");
			r = 0;
		} else if (!r && (target.place & ~(unsigned int)PLACE_STRUCT) && !is_known(tag->name)) {
			ecli_log(ECLI_LOG_WARN, "%s:%u: @%s is no tag of ecc; it is kept in the package as it is",
				 source->path, tag->line, tag->name);
		}
		if (!r && !strcmp(tag->name, "sample"))
			check_sample(types, source, &target, tag->line);
		if (target.member && !strcmp(tag->name, "format"))
			check_format(types, source, decl, target.member, tag->line);
	}
	return r;
}

/* ---- the tool's own doc ---------------------------------------------------------------------------------------- */

/* Sets what is not set yet. */
static int fill(char **field, const char *text)
{
	if (*field || !text || !*text)
		return 0;
	*field = strdup(text);
	return *field ? 0 : -ENOMEM;
}

static const char *tag_value(const struct ecli_doc *doc, const char *name)
{
	const struct ecli_doc_tag *tag = ecli_doc_tag(doc, name);

	return tag ? tag->value : NULL;
}

/* @needs_tag: plain text alone (a licence at the head of the file) says nothing of the tool. */
static int apply_tool_doc(struct ecli_package_doc *tool, const struct ecli_doc *doc, bool needs_tag,
			  struct ecli_err *err)
{
	const char *brief = tag_value(doc, "brief"), *description = tag_value(doc, "description"),
		   *details = tag_value(doc, "details"), *version = tag_value(doc, "version");

	if (!doc->line || (needs_tag && !brief && !description && !details && !version))
		return 0;
	if (fill(&tool->brief, brief) || fill(&tool->description, description) || fill(&tool->details, details) ||
	    fill(&tool->version, version) || fill(&tool->description, doc->text))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	return 0;
}

/* `TRACED(x) int f(void *ctx) {`: of a macro that declares nothing the comment is the declaration's behind it, unless that has its own. */
static void pass_on(struct ecli_package *package, struct ecli_source *source)
{
	for (size_t i = 0; i + 1 < source->n_decls; i++) {
		struct ecli_decl *macro = &source->decls[i], *next = &source->decls[i + 1];

		if (macro->kind != ECLI_DECL_MACRO || !macro->is_open || !macro->doc.line || next->doc.line ||
		    find_target(package, source, macro).place)
			continue;
		next->doc = macro->doc;
		macro->doc = (struct ecli_doc){ 0 };
	}
}

int ecli_annotate_source(struct ecli_package *package, const struct ecli_types *types, struct ecli_source *source,
			 struct ecli_err *err)
{
	int r = 0;

	pass_on(package, source);
	for (size_t i = 0; !r && i < source->n_decls; i++) {
		const struct ecli_decl *decl = &source->decls[i];

		if (!decl->doc.line)
			continue;
		if (decl->kind == ECLI_DECL_OBJECT && !strcmp(decl->name, "LICENSE"))
			r = apply_tool_doc(&package->doc, &decl->doc, false, err);
		else
			r = apply_doc(package, types, source, decl, err);
	}
	if (!r)
		r = apply_tool_doc(&package->doc, &source->file_doc, true, err);
	check_places(source, &source->file_doc, 0);
	for (size_t i = 0; i < source->n_stray; i++)
		check_places(source, &source->stray[i], 0);
	return r;
}

int ecli_annotate_included(struct ecli_package *package, const struct ecli_types *types, struct ecli_source *source,
			   struct ecli_err *err)
{
	int r = 0;

	pass_on(package, source);
	for (size_t i = 0; !r && i < source->n_decls; i++) {
		const struct ecli_decl *decl = &source->decls[i];
		struct target target = find_target(package, source, decl);

		if (decl->doc.line && (target.var || target.map || target.prog))
			r = apply_doc(package, types, source, decl, err);
	}
	return r;
}
