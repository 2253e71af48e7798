/* SPDX-License-Identifier: MIT */
/*
 * The model as package.json, in the form the public loaders read: keys sorted at every level, one line, the object
 * deflated at the highest level. The same model gives the same bytes on every machine with the same zlib.
 *
 * Written only when they say something: doc and its texts, cmdarg, sample, mmaped, poll_timeout_ms, perf_buffer_pages
 * and enable_multiple_export_types other than their defaults. progs is null when there is none, as ecc has always
 * written it; maps is a list always, because older loaders fail on null there.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "package/base64.h"
#include "package/model.h"
#include "package/squeeze.h"

/* Every put_ function does nothing once something failed; the reason is kept here and asked for at the end. */
struct writer {
	struct ecli_err *err;
	int r;
};

static void fail_memory(struct writer *w)
{
	if (!w->r)
		w->r = ecli_json_no_memory(w->err);
}

/* Takes @value, which may be NULL when making it failed. */
static void put(struct writer *w, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		fail_memory(w);
}

static void put_text(struct writer *w, json_t *object, const char *key, const char *text)
{
	if (!text || w->r)
		return;
	json_t *value = json_string(text);
	if (!value)
		w->r = ecli_err_set(w->err, -EINVAL, "the %s \"%s\" is not valid UTF-8", key, text);
	else
		put(w, object, key, value);
}

static void put_json(struct writer *w, json_t *object, const char *key, const char *text)
{
	if (!text || w->r)
		return;
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	if (!value)
		w->r = ecli_err_set(w->err, -EINVAL, "the value of %s is not valid JSON: %s", key, text);
	else
		put(w, object, key, value);
}

/* A new object that starts with the extras: what the model names is put over them. */
static json_t *start(struct writer *w, const struct ecli_package_extras *extras)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < extras->count; i++)
		put_json(w, object, extras->items[i].key, extras->items[i].json);
	return object;
}

static json_t *make_var(struct writer *w, const struct ecli_package_var *var)
{
	json_t *object = start(w, &var->extras);

	put_text(w, object, "name", var->name);
	put_text(w, object, "type", var->type);
	put_text(w, object, "description", var->description);
	put_json(w, object, "value", var->value_json);
	if (var->has_cmdarg) {
		json_t *arg = json_object();

		put_json(w, arg, "default", var->arg_default_json);
		put_text(w, arg, "help", var->arg_help);
		put_text(w, arg, "long", var->arg_long);
		put_text(w, arg, "short", var->arg_short);
		put(w, object, "cmdarg", arg);
	}
	if (var->sample.kind != ECLI_SAMPLE_NONE)
		put(w, object, "sample", ecli_package_make_sample(&var->sample));
	return object;
}

/* The list of variables of @section in @sections, made when it is new. Borrowed; NULL when out of memory. */
static json_t *section_variables(struct writer *w, json_t *sections, const char *section)
{
	size_t i;
	json_t *item;

	json_array_foreach(sections, i, item) if (!strcmp(json_string_value(json_object_get(item, "name")),
							  section)) return json_object_get(item, "variables");
	CLEANUP_JSON json_t *made = json_object();
	put_text(w, made, "name", section);
	put(w, made, "variables", json_array());
	if (w->r || json_array_append(sections, made)) {
		fail_memory(w);
		return NULL;
	}
	return json_object_get(made, "variables");
}

static json_t *make_sections(struct writer *w, const struct ecli_package *package)
{
	json_t *sections = json_array();

	for (size_t i = 0; !w->r && i < package->n_vars; i++) {
		json_t *variables = section_variables(w, sections, package->vars[i].section);

		if (variables && json_array_append_new(variables, make_var(w, &package->vars[i])))
			fail_memory(w);
	}
	return sections;
}

static json_t *make_map(struct writer *w, const struct ecli_package_map *map)
{
	json_t *object = start(w, &map->extras);

	put_text(w, object, "name", map->name);
	put_text(w, object, "ident", map->ident);
	if (map->mmaped)
		put(w, object, "mmaped", json_true());
	if (map->sample.kind != ECLI_SAMPLE_NONE)
		put(w, object, "sample", ecli_package_make_sample(&map->sample));
	return object;
}

static json_t *make_prog(struct writer *w, const struct ecli_package_prog *prog)
{
	json_t *object = start(w, &prog->extras);

	put_text(w, object, "name", prog->name);
	put_text(w, object, "attach", prog->attach);
	put(w, object, "link", json_boolean(prog->link));
	return object;
}

static json_t *make_export(struct writer *w, const struct ecli_package_export *export)
{
	json_t *object = json_object(), *members = json_array();

	for (size_t i = 0; i < export->n_members; i++) {
		json_t *member = start(w, &export->members[i].extras);

		put_text(w, member, "name", export->members[i].name);
		put_text(w, member, "type", export->members[i].type);
		if (json_array_append_new(members, member))
			fail_memory(w);
	}
	put(w, object, "members", members);
	put_text(w, object, "name", export->name);
	put(w, object, "size", json_integer((json_int_t) export->size_bytes));
	put(w, object, "type_id", json_integer(export->type_id));
	return object;
}

static json_t *make_doc(struct writer *w, const struct ecli_package_doc *doc)
{
	json_t *object = json_object();

	put_text(w, object, "version", doc->version);
	put_text(w, object, "brief", doc->brief);
	put_text(w, object, "details", doc->details);
	put_text(w, object, "description", doc->description);
	return object;
}

static json_t *make_skel(struct writer *w, const struct ecli_package *package)
{
	json_t *skel = json_object(), *maps = json_array();
	json_t *progs = package->n_progs ? json_array() : json_null();

	for (size_t i = 0; i < package->n_maps; i++)
		if (json_array_append_new(maps, make_map(w, &package->maps[i])))
			fail_memory(w);
	for (size_t i = 0; i < package->n_progs; i++)
		if (json_array_append_new(progs, make_prog(w, &package->progs[i])))
			fail_memory(w);
	put(w, skel, "data_sections", make_sections(w, package));
	put(w, skel, "maps", maps);
	put_text(w, skel, "obj_name", package->name);
	put(w, skel, "progs", progs);

	const struct ecli_package_doc *doc = &package->doc;
	if (doc->version || doc->brief || doc->details || doc->description)
		put(w, skel, "doc", make_doc(w, doc));
	return skel;
}

static json_t *make_meta(struct writer *w, const struct ecli_package *package)
{
	json_t *meta = start(w, &package->extras), *exports = json_array();

	for (size_t i = 0; i < package->n_exports; i++)
		if (json_array_append_new(exports, make_export(w, &package->exports[i])))
			fail_memory(w);
	put(w, meta, "bpf_skel", make_skel(w, package));
	put(w, meta, "export_types", exports);
	if (package->poll_timeout_ms != 100)
		put(w, meta, "poll_timeout_ms", json_integer(package->poll_timeout_ms));
	if (package->perf_buffer_pages != 64)
		put(w, meta, "perf_buffer_pages", json_integer(package->perf_buffer_pages));
	if (package->multiple_exports)
		put(w, meta, "enable_multiple_export_types", json_true());
	return meta;
}

static json_t *make_object(const struct ecli_package *package)
{
	CLEANUP_BUF struct ecli_buf squeezed = { 0 }, text = { 0 };

	if (ecli_squeeze_write(package->object, package->object_size, &squeezed))
		return NULL;
	ecli_base64_encode(squeezed.data, squeezed.len, &text);
	return ecli_buf_failed(&text) ? NULL : json_stringn(text.data, text.len);
}

static int append(const char *text, size_t size, void *buf)
{
	ecli_buf_add(buf, text, size);
	return ecli_buf_failed(buf) ? -1 : 0;
}

/* Takes @root. Appends it, and nothing when anything failed. */
static int dump(struct writer *w, json_t *root, struct ecli_buf *buf)
{
	CLEANUP_JSON json_t *taken = root;
	size_t before = buf->len;

	if (!w->r && json_dump_callback(taken, append, buf, JSON_COMPACT | JSON_SORT_KEYS))
		fail_memory(w);
	if (!w->r)
		ecli_buf_add_char(buf, '\n');
	if (ecli_buf_failed(buf))
		fail_memory(w);
	if (w->r)
		buf->len = before;
	return w->r;
}

int ecli_package_write(const struct ecli_package *package, struct ecli_buf *buf, struct ecli_err *err)
{
	struct writer w = { .err = err };
	json_t *root = json_object();

	put(&w, root, "bpf_object", make_object(package));
	put(&w, root, "bpf_object_size", json_integer((json_int_t)package->object_size));
	put(&w, root, "meta", make_meta(&w, package));
	return dump(&w, root, buf);
}

int ecli_package_write_skeleton(const struct ecli_package *package, struct ecli_buf *buf, struct ecli_err *err)
{
	struct writer w = { .err = err };

	json_t *meta = make_meta(&w, package);
	return dump(&w, meta, buf);
}
