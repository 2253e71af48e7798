/* SPDX-License-Identifier: MIT */
/*
 * Since Linux 6.10 a kernel's BTF tags the functions that programs may call, as bpftool's vmlinux.h has them since 7.5:
 *
 *     DECL_TAG "bpf_kfunc" -> FUNC bpf_task_release -> FUNC_PROTO      #ifndef ECLI_OWN_bpf_task_release
 *                                                                      extern void bpf_task_release(struct task_struct *p) ECLI_KFUNC;
 *                                                                      #endif
 *
 * Sources made before that declare what they call. The same once more is legal C, but many differ (const, another integer), and some have a function
 * of their own of that name (bpf_strlen). C takes neither, so ours steps aside: what stands at file scope of the source, or of a file that it
 * includes, or behind `extern` in a function, is its own, and ecc defines ECLI_OWN_name before all else.
 *
 * The text is read as it stands: both branches of an #if, no macros. A declaration that only a macro's ## makes is not seen; then
 * -DBPF_NO_KFUNC_PROTOTYPES, bpftool's name for it, leaves all of them out.
 */
#include "compile/kfuncs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/btf.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/lexer.h"

/* Bounds of what a hostile source or BTF can cost. */
enum { MAX_KFUNCS = 4096, MAX_FILES = 256, MAX_FOLDERS = 64, MAX_BYTES = 4 * 1024 * 1024, MAX_NAME = 128 };

#define MAX_VMLINUX_BYTES (64u * 1024 * 1024)
#define OWN               "ECLI_OWN_"

/* ---- writing --------------------------------------------------------------------------------------------------- */

static bool is_identifier(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	return len && len < MAX_NAME && !isdigit((unsigned char)name[0]);
}

/* The function that a tag of the right name is on, as a whole; NULL: it is another tag, or there is nothing to declare. */
static const struct btf_type *tagged_function(const struct btf *btf, uint32_t tag_id)
{
	const struct btf_type *tag = btf__type_by_id(btf, tag_id);
	const char *name = btf_is_decl_tag(tag) ? btf__name_by_offset(btf, tag->name_off) : NULL;

	if (!name || strcmp(name, "bpf_kfunc") || btf_decl_tag(tag)->component_idx != -1)
		return NULL;
	const struct btf_type *function = btf__type_by_id(btf, tag->type);
	const struct btf_type *proto = function && btf_is_func(function) ? btf__type_by_id(btf, function->type) : NULL;
	name = proto && btf_is_func_proto(proto) ? btf__name_by_offset(btf, function->name_off) : NULL;
	return name && is_identifier(name) ? function : NULL;
}

static bool is_declared(const struct btf *btf, const uint32_t *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(btf__name_by_offset(btf, names[i]), name))
			return true;
	return false;
}

/*
 * libbpf up to 1.5 writes "()" for no parameters, which in C says nothing of them, and an address space, which clang's attribute is for, as a tag: such
 * a function is left out.
 */
static int write_one(const struct btf *btf, struct btf_dump *dump, const struct btf_type *function,
		     struct ecli_buf *buf)
{
	static const char address_space[] = "btf_type_tag(\"address_space(";
	const char *name = btf__name_by_offset(btf, function->name_off);
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = name);
	size_t start = buf->len;

	ecli_buf_add_format(buf, "#ifndef " OWN "%s\nextern ", name);
	int r = btf_dump__emit_type_decl(dump, function->type, &opts);
	const char *text = ecli_buf_text(buf);
	if (r || buf->failed)
		return r;
	if (strstr(text + start, address_space)) {
		buf->len = start;
		return 0;
	}
	if (buf->len > 2 && !strcmp(text + buf->len - 2, "()")) {
		buf->len -= 2;
		ecli_buf_add_text(buf, "(void)");
	}
	ecli_buf_add_text(buf, " ECLI_KFUNC;\n#endif\n");
	return 0;
}

int ecli_kfuncs_write(const struct btf *btf, struct btf_dump *dump, struct ecli_buf *buf)
{
	CLEANUP_FREE uint32_t *names = calloc(MAX_KFUNCS, sizeof(*names));
	size_t count = 0;
	int r = names ? 0 : -ENOMEM;

	ecli_buf_add_text(buf, "#ifndef BPF_NO_KFUNC_PROTOTYPES\n"
			       "#define ECLI_KFUNC __attribute__((weak, section(\".ksyms\")))\n");
	for (uint32_t id = 1; !r && id < btf__type_cnt(btf) && count < MAX_KFUNCS; id++) {
		const struct btf_type *function = tagged_function(btf, id);

		if (!function || is_declared(btf, names, count, btf__name_by_offset(btf, function->name_off)))
			continue;
		names[count++] = function->name_off;
		r = write_one(btf, dump, function, buf);
	}
	ecli_buf_add_text(buf, "#undef ECLI_KFUNC\n#endif\n\n");
	return r;
}

/* ---- the names ------------------------------------------------------------------------------------------------- */

struct name {
	const char *text; /* into the text of vmlinux.h, or a constant */
	size_t len;
	bool is_own;
};

struct search {
	struct name names[MAX_KFUNCS];
	size_t n_names;
	const char *folders[MAX_FOLDERS]; /* that `#include` looks in */
	size_t n_folders;
	char *files[MAX_FILES]; /* that were read */
	size_t n_files;
	struct ecli_buf vmlinux;
};

static void search_free(struct search *search)
{
	if (!search)
		return;
	for (size_t i = 0; i < search->n_files; i++)
		free(search->files[i]);
	ecli_buf_done(&search->vmlinux);
	free(search);
}

DEFINE_CLEANUP(search, struct search *, search_free)

static int by_text(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int r = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	return r ? r : (x->len > y->len) - (x->len < y->len);
}

/* What the prelude declares, and what vmlinux.h does: its text says which. */
static int list_names(struct search *search, const char *vmlinux_dir)
{
	static const char *const prelude[] = { "bpf_iter_num_destroy", "bpf_iter_num_new", "bpf_iter_num_next",
					       "bpf_rdonly_cast" };
	static const char section[] = "\n#ifndef BPF_NO_KFUNC_PROTOTYPES\n", guard[] = "\n#ifndef " OWN;
	CLEANUP_BUF struct ecli_buf path = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(prelude); i++)
		search->names[search->n_names++] = (struct name){ prelude[i], strlen(prelude[i]), false };
	if (vmlinux_dir) {
		ecli_buf_add_format(&path, "%s/vmlinux.h", vmlinux_dir);
		int r = ecli_file_read(ecli_buf_text(&path), MAX_VMLINUX_BYTES, &search->vmlinux, NULL);
		if (r == -ENOMEM)
			return r;
	}
	const char *at = strstr(ecli_buf_text(&search->vmlinux), section);
	while (at && (at = strstr(at, guard)) && search->n_names < MAX_KFUNCS) {
		at += sizeof(guard) - 1;
		search->names[search->n_names++] = (struct name){ at, strcspn(at, "\n"), false };
	}
	qsort(search->names, search->n_names, sizeof(search->names[0]), by_text);
	return 0;
}

/* ---- what the source says -------------------------------------------------------------------------------------- */

static int read_file(struct search *search, const char *path);

/* What follows one of these, in the same word or in the next, is a folder. */
static void list_folders(struct search *search, const char *const *cflags)
{
	static const char *const options[] = { "-I", "-iquote", "-isystem", "-idirafter" };

	for (; cflags && *cflags; cflags++)
		for (size_t i = 0; i < ARRAY_SIZE(options) && search->n_folders < MAX_FOLDERS; i++) {
			size_t len = strlen(options[i]);
			const char *folder = *cflags + len;

			if (strncmp(*cflags, options[i], len) != 0)
				continue;
			if (!*folder && cflags[1])
				folder = *++cflags;
			search->folders[search->n_folders++] = folder;
			break;
		}
}

static bool is_file(const char *path)
{
	struct stat stat_of;

	return !stat(path, &stat_of) && S_ISREG(stat_of.st_mode);
}

/* Looks for it beside the file that includes it, beside the source, and in the folders of the command line. */
static int read_included(struct search *search, const char *name, size_t len, const char *from)
{
	static const char vmlinux[] = "vmlinux";
	const char *base = memrchr(name, '/', len), *beside[] = { from, search->files[0] };
	int r = 0;

	base = base ? base + 1 : name;
	/* The kernel's types: large, and in place of ours. */
	if (!len || memchr(name, 0, len) ||
	    ((size_t)(name + len - base) >= sizeof(vmlinux) - 1 && !memcmp(base, vmlinux, sizeof(vmlinux) - 1)))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(beside) + search->n_folders; i++) {
		CLEANUP_BUF struct ecli_buf path = { 0 };
		const char *slash = i < ARRAY_SIZE(beside) ? strrchr(beside[i], '/') : NULL;

		if (*name != '/' && slash)
			ecli_buf_add(&path, beside[i], (size_t)(slash - beside[i]) + 1);
		else if (*name != '/' && i >= ARRAY_SIZE(beside))
			ecli_buf_add_format(&path, "%s/", search->folders[i - ARRAY_SIZE(beside)]);
		ecli_buf_add(&path, name, len);
		if (ecli_buf_failed(&path))
			return -ENOMEM;
		if (!is_file(ecli_buf_text(&path)))
			continue;
		r = read_file(search, ecli_buf_text(&path));
		break;
	}
	return r;
}

static void mark_own(struct search *search, const struct ecli_token *token)
{
	const struct name wanted = { token->text, token->len, false };
	struct name *found = bsearch(&wanted, search->names, search->n_names, sizeof(wanted), by_text);

	/* The prelude's and the kernel's of one name are neighbours. */
	for (size_t i = found ? (size_t)(found - search->names) : 0;
	     found && i-- > 0 && !by_text(&search->names[i], found);)
		search->names[i].is_own = true;
	for (; found && found < search->names + search->n_names && !by_text(found, &wanted); found++)
		found->is_own = true;
}

static int read_text(struct search *search, const char *text, size_t len, const char *path)
{
	struct ecli_lexer lexer;
	struct ecli_token token;
	bool is_extern = false;
	size_t depth = 0, included_len;
	int r = 0;

	ecli_lexer_init(&lexer, text, len);
	for (ecli_lexer_next(&lexer, &token); !r && token.kind != ECLI_TOKEN_END; ecli_lexer_next(&lexer, &token)) {
		const char *included = ecli_token_included(&token, &included_len);

		if (included)
			r = read_included(search, included, included_len, path);
		else if (token.kind == ECLI_TOKEN_NAME && (!depth || is_extern))
			mark_own(search, &token);
		if (ecli_token_is(&token, '{'))
			depth++;
		else if (ecli_token_is(&token, '}'))
			depth -= depth > 0;
		else if (ecli_token_is(&token, ';'))
			is_extern = false;
		else if (ecli_token_is_name(&token, "extern"))
			is_extern = true;
	}
	return r;
}

/* A file that cannot be read is clang's matter; a pipe can be read once. */
static int read_file(struct search *search, const char *path)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	for (size_t i = 0; i < search->n_files; i++)
		if (!strcmp(search->files[i], path))
			return 0;
	if (search->n_files == MAX_FILES || !is_file(path))
		return 0;
	char *copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	search->files[search->n_files++] = copy;
	int r = ecli_file_read(path, MAX_BYTES, &text, NULL);
	if (r)
		return r == -ENOMEM ? r : 0;
	return read_text(search, ecli_buf_text(&text), text.len, copy);
}

int ecli_kfuncs_find_own(const char *source, const char *const *cflags, const char *vmlinux_dir, struct ecli_buf *buf)
{
	CLEANUP(cleanup_search) struct search *search = calloc(1, sizeof(*search));

	int r = search ? list_names(search, vmlinux_dir) : -ENOMEM;
	if (r)
		return r;
	list_folders(search, cflags);
	r = read_file(search, source);
	for (size_t i = 0; !r && i < search->n_names; i++) {
		const struct name *name = &search->names[i];

		if (name->is_own && (!i || by_text(name - 1, name)))
			ecli_buf_add_format(buf, "#define " OWN "%.*s\n", (int)name->len, name->text);
	}
	return r;
}
