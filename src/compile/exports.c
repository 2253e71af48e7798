/* SPDX-License-Identifier: MIT */
/*
 * Choosing the event type. Every candidate gets a rank; the least comes first, equals keep the order of the source.
 *
 *     value of a ring buffer map      `__type(value, struct event)` says it outright
 *     named by GADGET_TRACER()        so do gadgets, in the names of variables
 *     @export                         so does the author
 *     handed to a call that reports   what reports.c found in the source, or the prelude in a macro's expansion
 *     named event or ..._event        in the header
 *     any other struct of the header  of these the last one: helpers are defined before what uses them
 *     value, then key of another map  state of the tool, or what a sampled map holds
 *     part of another candidate       comes along with it
 */
#include "compile/exports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/cleanup.h"

#define SECTION "ecli.types"
#define SITES   ".rodata.ecli.where"

enum rank { RANK_RING, RANK_TAGGED, RANK_REPORTED, RANK_NAMED, RANK_PLAIN, RANK_MAP_VALUE, RANK_MAP_KEY, RANK_PART };

struct candidate {
	struct ecli_export export;
	enum rank rank;
	size_t order;
};

struct list {
	struct candidate *items;
	size_t count;
};

/* ---- before compiling ------------------------------------------------------------------------------------------ */

static bool is_wanted(const struct ecli_decl *decl, bool in_header)
{
	return decl->kind == ECLI_DECL_STRUCT && (in_header || ecli_doc_tag(&decl->doc, "export"));
}

static bool is_repeated(const struct ecli_source *file, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (file->decls[i].kind == ECLI_DECL_STRUCT && !strcmp(file->decls[i].name, file->decls[index].name))
			return true;
	return false;
}

static bool is_reported(const struct ecli_reports *reports, const char *name)
{
	for (size_t i = 0; i < reports->count; i++)
		if (!strcmp(reports->names[i], name))
			return true;
	return false;
}

static void keep(const char *name, struct ecli_buf *buf)
{
	if (!buf->len)
		ecli_buf_add_text(buf, "#pragma clang system_header\n");
	ecli_buf_add_format(buf,
			    "struct %s;\nstruct %s *ecli_export_%s __attribute__((section(\"" SECTION "\"), used));\n",
			    name, name, name);
}

static void keep_file(const struct ecli_source *file, bool in_header, const struct ecli_reports *reports,
		      struct ecli_buf *buf)
{
	for (size_t i = 0; file && i < file->n_decls; i++)
		if (is_wanted(&file->decls[i], in_header) && !is_repeated(file, i) &&
		    !is_reported(reports, file->decls[i].name))
			keep(file->decls[i].name, buf);
}

void ecli_exports_keep(const struct ecli_source *source, const struct ecli_source *header,
		       const struct ecli_reports *reports, struct ecli_buf *buf)
{
	for (size_t i = 0; i < reports->count; i++)
		keep(reports->names[i], buf);
	keep_file(header, true, reports, buf);
	keep_file(source, false, reports, buf);
}

/* ---- after compiling ------------------------------------------------------------------------------------------- */

/* The struct that a name means in this object: what its kept pointer points to, or else the first of that name. */
static const struct ecli_type *find_struct(const struct ecli_types *types, const char *name)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, SECTION);

	for (uint32_t i = 0; section && i < section->n_members; i++) {
		const struct ecli_type *pointer = ecli_types_resolve(types, section->members[i].type_id);
		const struct ecli_type *type = pointer ? ecli_types_resolve(types, pointer->target_id) : NULL;

		if (type && type->kind == ECLI_TYPE_STRUCT && !strcmp(type->name, name))
			return type;
	}
	return ecli_types_find(types, ECLI_TYPE_STRUCT, name);
}

static const struct ecli_decl *find_decl(const struct ecli_source *file, const char *name)
{
	for (size_t i = 0; file && i < file->n_decls; i++)
		if (file->decls[i].kind == ECLI_DECL_STRUCT && !strcmp(file->decls[i].name, name))
			return &file->decls[i];
	return NULL;
}

static int add_candidate(struct list *list, const struct ecli_type *type, const char *name,
			 const struct ecli_decl *decl, enum rank rank)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].export.type == type) {
			if (rank < list->items[i].rank)
				list->items[i].rank = rank;
			return 0;
		}
	}
	struct candidate *items = reallocarray(list->items, list->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	items[list->count] = (struct candidate){ { type, name, decl }, rank, list->count };
	list->count++;
	return 0;
}

static bool is_event_name(const char *name)
{
	size_t len = strlen(name);

	return !strcmp(name, "event") || (len > 6 && !strcmp(name + len - 6, "_event"));
}

static int add_ring_values(const struct ecli_types *types, const struct ecli_source *source,
			   const struct ecli_source *header, struct list *list)
{
	struct ecli_type_map map;
	int r = 0;

	for (uint32_t i = 0; !r && ecli_types_map(types, i, &map); i++) {
		const struct ecli_type *type = map.value_type_id ? ecli_types_resolve(types, map.value_type_id) : NULL;

		if (map.map_type != BPF_MAP_TYPE_RINGBUF || !type || type->kind != ECLI_TYPE_STRUCT || !*type->name)
			continue;
		const struct ecli_decl *decl = find_decl(header, type->name);
		r = add_candidate(list, type, type->name, decl ? decl : find_decl(source, type->name), RANK_RING);
	}
	return r;
}

/* A name without a definition, or with one that a call only seems to have, is no mistake of the author. */
static int add_reported(const struct ecli_types *types, const struct ecli_source *source,
			const struct ecli_source *header, const struct ecli_reports *reports, struct list *list)
{
	int r = 0;

	for (size_t i = 0; !r && i < reports->count; i++) {
		const struct ecli_type *type = find_struct(types, reports->names[i]);
		const struct ecli_decl *decl = find_decl(header, reports->names[i]);

		if (type)
			r = add_candidate(list, type, type->name, decl ? decl : find_decl(source, reports->names[i]),
					  RANK_REPORTED);
	}
	for (size_t i = 0; !r && i < reports->n_typedefs; i++) {
		const struct ecli_type *name = ecli_types_find(types, ECLI_TYPE_TYPEDEF, reports->typedefs[i]);
		const struct ecli_type *type = name ? ecli_types_resolve(types, name->id) : NULL;

		if (type && type->kind == ECLI_TYPE_STRUCT && !*type->name)
			r = add_candidate(list, type, name->name, NULL, RANK_REPORTED);
	}
	return r;
}

/* "gadget_tracer_NAME___MAP___TYPE", "gadget_snapshotter_NAME___TYPE___PROGRAM...": the struct, @len bytes of the name. NULL: it is no such name. */
static const char *gadget_type(const char *variable, size_t *ret_len)
{
	static const struct {
		const char *prefix;
		unsigned int skipped; /* parts before the type */
	} kinds[] = { { "gadget_tracer_", 2 }, { "gadget_snapshotter_", 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *at = variable;

		if (strncmp(variable, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
			continue;
		for (unsigned int k = 0; at && k < kinds[i].skipped; k++) {
			at = strstr(at, "___");
			at = at ? at + 3 : NULL;
		}
		if (!at)
			return NULL;
		const char *end = strstr(at, "___");
		*ret_len = end ? (size_t)(end - at) : strlen(at);
		return at;
	}
	return NULL;
}

static int add_gadgets(const struct ecli_types *types, const struct ecli_source *source,
		       const struct ecli_source *header, struct list *list)
{
	for (uint32_t id = 1; id < ecli_types_count(types); id++) {
		const struct ecli_type *variable = ecli_types_get(types, id);
		size_t len;
		const char *name =
			variable && variable->kind == ECLI_TYPE_VAR ? gadget_type(variable->name, &len) : NULL;
		if (!name)
			continue;
		CLEANUP_FREE char *wanted = strndup(name, len);
		if (!wanted)
			return -ENOMEM;
		const struct ecli_type *type = find_struct(types, wanted);
		const struct ecli_decl *decl = find_decl(header, wanted);
		if (type && add_candidate(list, type, type->name, decl ? decl : find_decl(source, wanted), RANK_RING))
			return -ENOMEM;
	}
	return 0;
}

/* What a call site of the prelude says that it sends (docs/formats/prelude.md): `void (*type)(struct event *)`. */
static const struct ecli_type *sent_type(const struct ecli_types *types, const struct ecli_type *site)
{
	for (uint32_t i = 0; site->kind == ECLI_TYPE_STRUCT && i < site->n_members; i++) {
		const struct ecli_type *type = ecli_types_resolve(types, site->members[i].type_id);

		if (strcmp(site->members[i].name, "type") != 0 || type->kind != ECLI_TYPE_POINTER)
			continue;
		type = ecli_types_resolve(types, type->target_id);
		if (type->kind == ECLI_TYPE_FUNC_PROTO)
			type = ecli_types_resolve(types, type->param_id);
		if (type->kind == ECLI_TYPE_POINTER)
			type = ecli_types_resolve(types, type->target_id);
		return type->kind == ECLI_TYPE_STRUCT && *type->name ? type : NULL;
	}
	return NULL;
}

static int add_sent(const struct ecli_types *types, const struct ecli_source *source, const struct ecli_source *header,
		    struct list *list)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, SITES);

	for (uint32_t i = 0; section && i < section->n_members; i++) {
		const struct ecli_type *type = sent_type(types, ecli_types_resolve(types, section->members[i].type_id));
		const struct ecli_decl *decl = type ? find_decl(header, type->name) : NULL;

		if (type &&
		    add_candidate(list, type, type->name, decl ? decl : find_decl(source, type->name), RANK_REPORTED))
			return -ENOMEM;
	}
	return 0;
}

/* @ret_missing: names that were asked for and have no definition in the object. */
static int add_declared(const struct ecli_types *types, const struct ecli_source *file, bool in_header,
			struct list *list, size_t *ret_found, size_t *ret_missing)
{
	for (size_t i = 0; file && i < file->n_decls; i++) {
		const struct ecli_decl *decl = &file->decls[i];

		if (!is_wanted(decl, in_header) || is_repeated(file, i))
			continue;
		const struct ecli_type *type = find_struct(types, decl->name);
		if (!type) {
			++*ret_missing;
			continue;
		}
		++*ret_found;
		enum rank rank = ecli_doc_tag(&decl->doc, "export") ? RANK_TAGGED
				 : is_event_name(decl->name)        ? RANK_NAMED
								    : RANK_PLAIN;
		if (add_candidate(list, type, type->name, decl, rank))
			return -ENOMEM;
	}
	return 0;
}

static void warn_missing(const struct ecli_types *types, const struct ecli_source *file, bool in_header)
{
	for (size_t i = 0; file && i < file->n_decls; i++) {
		const struct ecli_decl *decl = &file->decls[i];

		if (is_wanted(decl, in_header) && !is_repeated(file, i) && !find_struct(types, decl->name))
			ecli_log(ECLI_LOG_WARN, "%s:%u: struct %s is not exported: its definition was not compiled",
				 file->path, decl->line, decl->name);
	}
}

/* Whether @id, through typedefs and arrays, is the struct @type itself. */
static bool is_by_value(const struct ecli_types *types, uint32_t id, const struct ecli_type *type)
{
	const struct ecli_type *inner = ecli_types_resolve(types, id);

	while (inner && inner->kind == ECLI_TYPE_ARRAY)
		inner = ecli_types_resolve(types, inner->target_id);
	return inner == type;
}

static bool is_part_of(const struct ecli_types *types, const struct ecli_type *part, const struct ecli_type *whole)
{
	for (uint32_t i = 0; i < whole->n_members; i++)
		if (is_by_value(types, whole->members[i].type_id, part))
			return true;
	return false;
}

static void demote(const struct ecli_types *types, struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct candidate *candidate = &list->items[i];
		const struct ecli_type *type = candidate->export.type;
		struct ecli_type_map map;

		for (uint32_t m = 0; candidate->rank >= RANK_PLAIN && ecli_types_map(types, m, &map); m++) {
			if (map.value_type_id && ecli_types_resolve(types, map.value_type_id) == type)
				candidate->rank = RANK_MAP_VALUE;
			else if (candidate->rank == RANK_PLAIN && map.key_type_id &&
				 ecli_types_resolve(types, map.key_type_id) == type)
				candidate->rank = RANK_MAP_KEY;
		}
		for (size_t k = 0; candidate->rank > RANK_REPORTED && k < list->count; k++)
			if (k != i && is_part_of(types, type, list->items[k].export.type))
				candidate->rank = RANK_PART;
	}
}

static int by_rank(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Of plain structs of the header the last one is the event. */
static void put_last_plain_first(struct list *list)
{
	size_t last = 0;

	while (last + 1 < list->count && list->items[last + 1].rank == RANK_PLAIN)
		last++;
	struct candidate event = list->items[last];
	memmove(&list->items[1], &list->items[0], last * sizeof(event));
	list->items[0] = event;
}

static void list_done(struct list *list)
{
	free(list->items);
}

int ecli_exports_find(const struct ecli_source *source, const struct ecli_source *header,
		      const struct ecli_reports *reports, const struct ecli_types *types, struct ecli_err *err,
		      struct ecli_export **ret_exports, size_t *ret_count)
{
	CLEANUP(list_done) struct list list = { 0 };
	size_t found = 0, missing = 0, ignored = 0;

	if (add_ring_values(types, source, header, &list) || add_gadgets(types, source, header, &list) ||
	    add_reported(types, source, header, reports, &list) || add_sent(types, source, header, &list) ||
	    add_declared(types, header, true, &list, &found, &missing) ||
	    add_declared(types, source, false, &list, &ignored, &ignored))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (header && missing && !found && !reports->is_header_found)
		return ecli_err_set(err, -EINVAL, "no struct of %s is in the compiled program: %s does not include it",
				    header->path, source->path);
	if (header && !missing && !found)
		ecli_log(ECLI_LOG_WARN, "%s: defines no struct, so there is nothing to export from it", header->path);
	if (!reports->is_header_found)
		warn_missing(types, header, true);
	warn_missing(types, source, false);

	demote(types, &list);
	if (list.count) {
		qsort(list.items, list.count, sizeof(*list.items), by_rank);
		if (list.items[0].rank == RANK_PLAIN)
			put_last_plain_first(&list);
	}
	struct ecli_export *exports = calloc(list.count + 1, sizeof(*exports));
	if (!exports)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < list.count; i++)
		exports[i] = list.items[i].export;
	*ret_exports = exports;
	*ret_count = list.count;
	return 0;
}
