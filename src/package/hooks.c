/* SPDX-License-Identifier: MIT */
/*
 * Where network programs attach, from the keys of a program:
 *
 *     tc     "tchook": {"ifindex": 1, "attach_point": "BPF_TC_INGRESS"}, "tcopts": {"handle": 1, "priority": 1}
 *     xdp    "ifindex": 1, "flags": 0, "xdpopts": {"old_prog_fd": 0}
 *
 * The values shown are the defaults, which are those of the public loader: interface 1 is lo. What else the objects
 * have (prog_fd, flags, ...) is not used.
 */
#include <assert.h>
#include <limits.h>
#include <string.h>

#include "package/model.h"

static const struct {
	const char *name;
	uint32_t value; /* enum bpf_tc_attach_point of libbpf */
} attach_points[] = {
	{ "BPF_TC_INGRESS", 1 },
	{ "BPF_TC_EGRESS", 2 },
	{ "BPF_TC_CUSTOM", 4 },
};
static_assert(ARRAY_SIZE(attach_points) == 3, "the points that libbpf knows");

/* The wanted extras as an object, so that the readers of json.h serve here too. NULL when out of memory. */
static json_t *gather(const struct ecli_package_extras *extras, const char *const *keys)
{
	json_t *object = json_object();

	for (; object && *keys; keys++) {
		const char *text = ecli_package_extra(extras, *keys);
		json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

		if (value && json_object_set_new(object, *keys, value)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static int read_attach_point(const json_t *hook, const struct place *at, struct ecli_err *err, uint32_t *ret)
{
	struct place here = { .up = at, .key = "attach_point" };
	CLEANUP_FREE char *name = NULL;
	int r = ecli_json_get_text(hook, at, "attach_point", &name, err);

	if (r || !name)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(attach_points); i++)
		if (!strcmp(attach_points[i].name, name)) {
			*ret = attach_points[i].value;
			return 0;
		}
	return ecli_json_wrong(&here, err, "must be BPF_TC_INGRESS, BPF_TC_EGRESS or BPF_TC_CUSTOM, but is \"%.60s\"",
			       name);
}

int ecli_package_tc_read(const struct ecli_package_extras *extras, struct ecli_err *err, struct ecli_package_tc *ret)
{
	static const char *const keys[] = { "tchook", "tcopts", NULL };
	struct ecli_package_tc tc = { .ifindex = 1, .attach_point = 1, .handle = 1, .priority = 1 };
	struct place hook_at = { .key = "tchook" }, opts_at = { .key = "tcopts" };
	CLEANUP_JSON json_t *object = gather(extras, keys);
	json_t *hook = NULL, *opts = NULL;

	if (!object)
		return ecli_json_no_memory(err);
	int r = ecli_json_get_object(object, NULL, "tchook", &hook, err);
	if (!r && hook)
		r = ecli_json_get_u32(hook, &hook_at, "ifindex", 1, INT_MAX, &tc.ifindex, err);
	if (!r && hook)
		r = ecli_json_get_u32(hook, &hook_at, "parent", 0, UINT32_MAX, &tc.parent, err);
	if (!r && hook)
		r = read_attach_point(hook, &hook_at, err, &tc.attach_point);
	if (!r)
		r = ecli_json_get_object(object, NULL, "tcopts", &opts, err);
	if (!r && opts)
		r = ecli_json_get_u32(opts, &opts_at, "handle", 0, UINT32_MAX, &tc.handle, err);
	if (!r && opts)
		r = ecli_json_get_u32(opts, &opts_at, "priority", 0, UINT16_MAX, &tc.priority, err);
	if (r)
		return r;
	tc.has_opts = opts;
	*ret = tc;
	return 0;
}

int ecli_package_xdp_read(const struct ecli_package_extras *extras, struct ecli_err *err, struct ecli_package_xdp *ret)
{
	static const char *const keys[] = { "ifindex", "flags", "xdpopts", NULL };
	struct place opts_at = { .key = "xdpopts" };
	struct ecli_package_xdp xdp = { .ifindex = 1 };
	CLEANUP_JSON json_t *object = gather(extras, keys);
	uint32_t old_prog_fd = 0;
	json_t *opts = NULL;

	if (!object)
		return ecli_json_no_memory(err);
	int r = ecli_json_get_u32(object, NULL, "ifindex", 1, INT_MAX, &xdp.ifindex, err);
	if (!r)
		r = ecli_json_get_u32(object, NULL, "flags", 0, UINT32_MAX, &xdp.flags, err);
	if (!r)
		r = ecli_json_get_object(object, NULL, "xdpopts", &opts, err);
	if (!r && opts)
		r = ecli_json_get_u32(opts, &opts_at, "old_prog_fd", 0, INT_MAX, &old_prog_fd, err);
	if (r)
		return r;
	xdp.old_prog_fd = old_prog_fd;
	*ret = xdp;
	return 0;
}
