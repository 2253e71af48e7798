/* SPDX-License-Identifier: MIT */
/*
 * Where distributions put what they strip:
 *
 *     /usr/lib/debug/.build-id/ab/cdef0123.debug       the file's build id (Debian, Fedora, ...)
 *     DIR/NAME  DIR/.debug/NAME  /usr/lib/debug/DIR/NAME    .gnu_debuglink: NAME and a CRC-32 of that file
 *     .gnu_debugdata                                   functions only, inside the file (Fedora's "mini debug info")
 *
 * A debug file that a link names is checked by reading it whole; one found by build id by that.
 *
 * https://sourceware.org/gdb/current/onlinedocs/gdb.html/Separate-Debug-Files.html and MiniDebugInfo.html. Names come from
 * the file: one with a slash is not followed, and sizes are bounded.
 */
#include "symbols/separate.h"

#include <fcntl.h>
#include <libgen.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/foreign.h"

#define DEBUG_FOLDER "/usr/lib/debug"

enum {
	MAX_PATH = 4096,
	MAX_LINK = 4096,
	MAX_CHECKED = 96 << 20,      /* bytes of a file that is read for its checksum */
	MAX_CHECKED_ALL = 256 << 20, /* of all such files */
	MAX_PACKED = 8 << 20,
	MAX_UNPACKED = 24 << 20,
	MAX_UNPACKING = 24 << 20, /* memory liblzma may use */
};

/* What is looked for. */
struct identity {
	unsigned char id[ECLI_IMAGE_ID];
	size_t id_len; /* 0: by checksum */
	uint32_t crc, user;
};

/* Reading a file whole is what a debug link costs, and whoever writes one chooses the file: a file is checked once, and what all of them may
 * cost has a bound. */
static bool has_crc(struct ecli_checked *checked, int fd, const struct stat *st, uint32_t want)
{
	uLong crc = crc32(0, NULL, 0);
	unsigned char part[64 << 10];
	ssize_t n;

	for (size_t i = 0; i < ARRAY_SIZE(checked->files); i++) {
		const struct ecli_checked_file *file = &checked->files[i];

		if (file->is_used && file->device == st->st_dev && file->inode == st->st_ino &&
		    file->size == st->st_size && file->changed.tv_sec == st->st_mtim.tv_sec &&
		    file->changed.tv_nsec == st->st_mtim.tv_nsec)
			return file->crc == want;
	}
	if (st->st_size > MAX_CHECKED || (uint64_t)st->st_size > MAX_CHECKED_ALL - checked->bytes)
		return false;
	off_t at = 0;
	for (; at < st->st_size && (n = pread(fd, part, sizeof(part), at)) > 0; at += n)
		crc = crc32(crc, part, (uInt)n);
	checked->bytes += (uint64_t)(at < st->st_size ? at : st->st_size);
	checked->files[checked->next++ % ARRAY_SIZE(checked->files)] =
		(struct ecli_checked_file){ .device = st->st_dev,
					    .inode = st->st_ino,
					    .size = st->st_size,
					    .changed = st->st_mtim,
					    .crc = (uint32_t)crc,
					    .is_used = true };
	return (uint32_t)crc == want;
}

static bool is_it(struct ecli_checked *checked, int fd, const struct stat *st, const struct identity *identity)
{
	unsigned char id[ECLI_IMAGE_ID];
	struct ecli_image image;

	if (!identity->id_len)
		return has_crc(checked, fd, st, identity->crc);
	if (!ecli_image_open(fd, &image))
		return false;
	size_t len = ecli_image_build_id(&image, id);
	ecli_image_close(&image);
	return len == identity->id_len && !memcmp(id, identity->id, len);
}

/* A file of another user is not taken: whoever may write beside a program, or in a root of their own, would give names to others' processes. */
static int try(struct ecli_checked *checked, const char *path, int root_fd, const struct identity *identity)
{
	int roots[] = { root_fd, AT_FDCWD };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		CLEANUP_FD int fd = roots[i] == -1 ? -1 : ecli_foreign_open(roots[i], path, &st);

		if (fd >= 0 && (!st.st_uid || st.st_uid == identity->user) && is_it(checked, fd, &st, identity))
			return TAKE_FD(fd);
	}
	return -1;
}

static int by_build_id(struct ecli_checked *checked, const struct identity *identity, int root_fd)
{
	CLEANUP_BUF struct ecli_buf path = { 0 };

	if (identity->id_len < 2)
		return -1;
	ecli_buf_add_text(&path, DEBUG_FOLDER "/.build-id/");
	for (size_t i = 0; i < identity->id_len; i++)
		ecli_buf_add_format(&path, i == 1 ? "/%02x" : "%02x", identity->id[i]);
	ecli_buf_add_text(&path, ".debug");
	return ecli_buf_failed(&path) ? -1 : try(checked, ecli_buf_text(&path), root_fd, identity);
}

static int by_link(struct ecli_checked *checked, const char *name, const char *path, int root_fd,
		   const struct identity *identity)
{
	static const char *const forms[] = { "%s/%s", "%s/.debug/%s", DEBUG_FOLDER "%s/%s" };
	char folder[MAX_PATH], candidate[2 * MAX_PATH];
	int fd = -1;

	if (strchr(name, '/') || !*name || path[0] != '/' ||
	    snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return -1;
	const char *parent = dirname(folder);
	for (size_t i = 0; i < ARRAY_SIZE(forms) && fd < 0; i++) {
		if (snprintf(candidate, sizeof(candidate), forms[i], parent, name) < (int)sizeof(candidate))
			fd = try(checked, candidate, root_fd, identity);
	}
	return fd;
}

int ecli_separate_open(const struct ecli_image *image, const char *path, int root_fd, uint32_t user,
		       struct ecli_checked *checked)
{
	struct identity identity = { .user = user };
	const Elf_Data *link = ecli_image_section(image, ".gnu_debuglink", MAX_LINK);

	identity.id_len = ecli_image_build_id(image, identity.id);
	int fd = by_build_id(checked, &identity, root_fd);
	if (fd >= 0 || !link)
		return fd;

	/* A name, its NUL, up to three more to a multiple of four, the checksum. */
	const char *name = link->d_buf;
	size_t len = strnlen(name, link->d_size), at = (len + 4) & ~(size_t)3;
	if (at + sizeof(identity.crc) > link->d_size)
		return -1;
	memcpy(&identity.crc, name + at, sizeof(identity.crc));
	return by_link(checked, name, path, root_fd, &identity);
}

static bool unpack(const Elf_Data *packed, struct ecli_buf *out)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret r = lzma_stream_decoder(&stream, MAX_UNPACKING, 0);

	stream.next_in = packed->d_buf;
	stream.avail_in = packed->d_size;
	while (r == LZMA_OK && out->len < MAX_UNPACKED && ecli_buf_reserve(out, 256 << 10)) {
		stream.next_out = (uint8_t *)out->data + out->len;
		stream.avail_out = out->cap - out->len;
		r = lzma_code(&stream, LZMA_FINISH);
		out->len = out->cap - stream.avail_out;
	}
	lzma_end(&stream);
	return r == LZMA_STREAM_END;
}

bool ecli_separate_packed(const struct ecli_image *image, struct ecli_symtab *symtab)
{
	const Elf_Data *packed = ecli_image_section(image, ".gnu_debugdata", MAX_PACKED);
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct ecli_image inner;

	if (!packed || !unpack(packed, &text) || !ecli_image_open_memory(text.data, text.len, &inner))
		return false;
	bool any = ecli_image_functions(&inner, SHT_SYMTAB, symtab);
	ecli_image_close(&inner);
	return any;
}
