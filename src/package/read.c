/* SPDX-License-Identifier: MIT */
/*
 * From the bytes of a file to the model. Decides which generation of package this is, unwraps the object and checks it,
 * and leaves the rest to the reader of that generation.
 *
 *     ELF            -> object.c
 *     { bpf_object } -> base64 -> zlib -> ELF, then meta.c         (since v0.3.0; the draft before it has no size)
 *     { data }       -> base64 -> ELF, then old.c                  (v0.0.1 to v0.2.x)
 *
 * Every defect is one sentence that says what is wrong and where; the file's name is put in front once, here.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "package/base64.h"
#include "package/model.h"
#include "package/split.h"
#include "package/squeeze.h"

/* The names under which packages have carried their object, newest first. */
static const struct {
	const char *object, *size;
} object_keys[] = {
	{ "bpf_object", "bpf_object_size" },
	{ "data", "data_sz" },
	{ "ebpf_object_data", "ebpf_object_size" },
};
static_assert(ARRAY_SIZE(object_keys) == 3, "one row for each generation of docs/formats/package.md");

static int explain_syntax(const json_error_t *why, size_t size, struct ecli_err *err)
{
	static const char cut_off[] = "the file is cut off: the package ends in the middle";
	static const struct {
		enum json_error_code code;
		const char *text;
	} causes[] = {
		{ json_error_premature_end_of_input, cut_off },
		{ json_error_end_of_input_expected, "the file goes on after the end of the package" },
		{ json_error_invalid_utf8, "the package has bytes that are not UTF-8" },
		{ json_error_null_character, "the package has a text with a NUL character in it" },
		{ json_error_null_byte_in_key, "the package has a name with a NUL character in it" },
		{ json_error_numeric_overflow, "the package has a number that is too large; write it in quotes" },
		{ json_error_stack_overflow, "the package is nested too deeply" },
	};

	if (json_error_code(why) == json_error_out_of_memory)
		return ecli_json_no_memory(err);
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].code == json_error_code(why))
			return ecli_err_set(err, -EINVAL, "%s (line %d, column %d)", causes[i].text, why->line,
					    why->column);
	/* "tru" at the very end is the beginning of a word. */
	if (why->position >= 0 && (size_t)why->position >= size)
		return ecli_err_set(err, -EINVAL, "%s (line %d, column %d)", cut_off, why->line, why->column);
	return ecli_err_set(err, -EINVAL, "the package is not valid JSON: %s (line %d, column %d)", why->text,
			    why->line, why->column);
}

/* Whether a line begins with a key that packages have, as YAML writes it. */
static bool is_yaml(const char *text, size_t size)
{
	static const char *const keys[] = { "bpf_object:", "bpf_skel:", "meta:" };
	const char *end = text + size;

	for (const char *line = text; line && line < end;) {
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			if ((size_t)(end - line) >= strlen(keys[i]) && !memcmp(line, keys[i], strlen(keys[i])))
				return true;
		line = memchr(line, '\n', (size_t)(end - line));
		line = line ? line + 1 : NULL;
	}
	return false;
}

/* What people try that is no package, by its first bytes. */
static const struct {
	const char *magic;
	size_t len;
	const char *sentence;
} foreign[] = {
	{ "\0asm", 4, "this is a WebAssembly module, which is not run; give the package.json that belongs to it" },
	{ "\x1f\x8b", 2, "this is compressed; unpack it first (gunzip)" },
	{ "BZh", 3, "this is compressed; unpack it first (bunzip2)" },
	{ "\xfd"
	  "7zXZ",
	  5, "this is compressed; unpack it first (unxz)" },
	{ "\x28\xb5\x2f\xfd", 4, "this is compressed; unpack it first (unzstd)" },
	{ "PK\3\4", 4, "this is a zip archive; unpack it first (unzip)" },
	{ "#include", 8, "this is a source; compile it first: ecc FILE" },
	{ "/*", 2, "this looks like a source; compile it first: ecc FILE" },
	{ "//", 2, "this looks like a source; compile it first: ecc FILE" },
};

static const char *find_foreign(const char *text, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		if (size >= foreign[i].len && !memcmp(text, foreign[i].magic, foreign[i].len))
			return foreign[i].sentence;
	return "this is neither a package.json nor a BPF object";
}

/* @ret->object is NULL when the object is in the root, as a text. */
static int parse(const char *text, size_t size, struct ecli_err *err, struct ecli_split *ret)
{
	json_error_t why;
	size_t start = 0;

	while (start < size && isspace((unsigned char)text[start]))
		start++;
	if (start == size)
		return ecli_err_set(err, -EINVAL, "the file is empty; give a package.json or a BPF object");
	if (text[start] != '{' && is_yaml(text, size))
		return ecli_err_set(err, -EINVAL,
				    "this is a package in YAML, which is not read; make a package.json of it "
				    "(ecc without -y, or: yq -o=json package.yaml > package.json)");
	if (text[start] != '{')
		return ecli_err_set(err, -EINVAL, "%s", find_foreign(text + start, size - start));
	if (ecli_split_read(object_keys[0].object, text, size, ret))
		return 0;
	ret->root = json_loadb(text, size, 0, &why);
	return ret->root ? 0 : explain_syntax(&why, size, err);
}

/* Which row of object_keys this package uses. */
static int find_object(const json_t *root, size_t *ret_row, struct ecli_err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(object_keys); i++) {
		if (ecli_json_get(root, object_keys[i].object)) {
			*ret_row = i;
			return 0;
		}
	}
	if (ecli_json_get(root, "bpf_skel"))
		return ecli_err_set(err, -EINVAL,
				    "this is only the description of a package, without its object; give the "
				    "package.json, or name it "
				    "foo.skel.json and put foo.bpf.o beside it");
	if (ecli_json_get(root, "meta"))
		return ecli_err_set(err, -EINVAL, "the package has no bpf_object");
	return ecli_err_set(err, -EINVAL, "this is JSON, but not a package: it has neither bpf_object nor data");
}

static int check_size(const char *key, uint64_t said, bool is_more, size_t size, struct ecli_err *err)
{
	if (is_more)
		return ecli_err_set(
			err, -EINVAL,
			"%s says %llu bytes, but the object has more: the package is damaged; build it again", key,
			(unsigned long long)said);
	if (said && said != size)
		return ecli_err_set(
			err, -EINVAL,
			"%s says %llu bytes, but the object has %zu: the package is damaged; build it again", key,
			(unsigned long long)said, size);
	return 0;
}

/* The object's bytes, unwrapped and of the size the package says. */
static int unwrap(const struct ecli_split *split, size_t row, struct ecli_buf *object, struct ecli_err *err)
{
	const json_t *root = split->root;
	const char *key = object_keys[row].object, *size_key = object_keys[row].size;
	CLEANUP_BUF struct ecli_buf packed = { 0 };
	const json_t *text = ecli_json_get(root, key);
	struct place here = { .key = key };
	uint64_t said = 0; /* 0: it does not say */

	if (!json_is_string(text))
		return ecli_json_wrong(&here, err, "must be a text, but is %s", ecli_json_type(text));
	int r = ecli_json_get_u64(root, NULL, size_key, 1, ECLI_PACKAGE_MAX_BYTES, &said, err);
	if (!r && split->object)
		r = ecli_base64_decode(key, split->object, split->object_len, &packed, err);
	else if (!r)
		r = ecli_base64_decode(key, json_string_value(text), json_string_length(text), &packed, err);
	if (r)
		return r;
	if (ecli_elf_is(packed.data, packed.len)) {
		*object = packed;
		packed = (struct ecli_buf){ 0 };
		return check_size(size_key, said, false, object->len, err);
	}
	if (!packed.len)
		return ecli_err_set(err, -EINVAL, "%s is empty", key);
	if (!ecli_squeeze_is(packed.data, packed.len))
		return ecli_err_set(err, -EINVAL, "%s holds neither a zlib stream nor a BPF object", key);

	size_t limit = said ? (size_t)said : ECLI_PACKAGE_MAX_BYTES;
	r = ecli_squeeze_read(key, packed.data, packed.len, limit, object, err);
	if (r)
		return r;
	if (!said && object->len > limit)
		return ecli_err_set(err, -EFBIG, "the object in %s is larger than %zu bytes", key, limit);
	return check_size(size_key, said, object->len > limit, object->len, err);
}

static int read_json(const char *name, const char *text, size_t size, struct ecli_err *err,
		     struct ecli_package **ret_package)
{
	CLEANUP_PACKAGE struct ecli_package *package = NULL;
	CLEANUP_BUF struct ecli_buf object = { 0 };
	struct ecli_split split = { 0 };
	struct ecli_elf elf;
	size_t row = 0;

	int r = parse(text, size, err, &split);
	CLEANUP_JSON json_t *root = split.root;
	if (!r)
		r = find_object(root, &row, err);
	if (!r)
		r = unwrap(&split, row, &object, err);
	if (!r)
		r = ecli_elf_open(&elf, object.data, object.len, err);
	if (r)
		return r;

	CLEANUP_FREE char *fallback = ecli_package_name_from(name);
	package = fallback ? ecli_package_new(fallback, object.data, object.len) : NULL;
	if (!package)
		return ecli_json_no_memory(err);
	const json_t *meta = ecli_json_get(root, "meta");
	if (meta || row == 0)
		r = meta ? ecli_package_read_meta(package, meta, err)
			 : ecli_err_set(err, -EINVAL, "the package has no meta: it cannot be run; build it again");
	else
		r = ecli_package_read_old(package, root, err);
	if (r)
		return r;
	*ret_package = TAKE_PTR(package);
	return 0;
}

static int read_bare(const char *name, const void *data, size_t size, struct ecli_err *err,
		     struct ecli_package **ret_package)
{
	CLEANUP_PACKAGE struct ecli_package *package = NULL;
	int r = ecli_package_from_object(name, data, size, err, &package);

	if (r)
		return r;
	if (ecli_package_guess_exports(package))
		return ecli_json_no_memory(err);
	*ret_package = TAKE_PTR(package);
	return 0;
}

int ecli_package_read(const char *name, const void *data, size_t size_bytes, struct ecli_err *err,
		      struct ecli_package **ret_package)
{
	if (ecli_elf_is(data, size_bytes))
		return read_bare(name, data, size_bytes, err, ret_package);

	int r = size_bytes <= ECLI_PACKAGE_MAX_BYTES
			? read_json(name, data, size_bytes, err, ret_package)
			: ecli_err_set(err, -EFBIG, "the package is larger than %zu bytes", ECLI_PACKAGE_MAX_BYTES);
	return r ? ecli_err_wrap(err, r, "%s", name) : 0;
}

bool ecli_package_is_description(const void *data, size_t size_bytes)
{
	CLEANUP_JSON json_t *root = json_loadb(data, size_bytes, 0, NULL);

	return json_is_object(root) && ecli_json_get(root, "bpf_skel") && !ecli_json_get(root, "bpf_object");
}

int ecli_package_read_described(const char *name, const void *json, size_t json_size, const void *object,
				size_t object_size, struct ecli_err *err, struct ecli_package **ret_package)
{
	CLEANUP_PACKAGE struct ecli_package *package = NULL;
	CLEANUP_FREE char *fallback = ecli_package_name_from(name);
	struct ecli_split split = { 0 };
	struct ecli_elf elf;

	int r = parse(json, json_size, err, &split);
	CLEANUP_JSON json_t *meta = split.root;
	if (!r)
		r = ecli_elf_open(&elf, object, object_size, err);
	if (r)
		return r;
	package = fallback ? ecli_package_new(fallback, object, object_size) : NULL;
	if (!package)
		return ecli_json_no_memory(err);
	r = ecli_package_read_meta(package, meta, err);
	if (!r)
		*ret_package = TAKE_PTR(package);
	return r;
}
