/* SPDX-License-Identifier: MIT */
/*
 * Symbols of ELF files of 32 and 64 bits, read with pread(2): a mapping would end us with SIGBUS when somebody cuts the file meanwhile.
 *
 *     header ─┬─> segments: the executable ones turn addresses into offsets
 *             └─> sections ─> .dynsym and .symtab, the first of each ─> their names, read whole ─> each symbol's name, if it is short enough
 *
 * Bounds, so that no file takes for ever or all memory: executable segments, symbols, bytes of names, the length of one name, and the sum of what
 * comparing costs. The largest programs people have stay below each of them.
 */
#include "load/attach/functions.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "where/where.h"

#define MAX_SEGMENTS    1024u        /* a linker makes about a dozen */
#define MAX_CODE        64u          /* executable ones */
#define MAX_SYMBOLS     (1u << 24)   /* of one table */
#define MAX_NAMES       (256u << 20) /* bytes of one table */
#define MAX_WORK        (1ull << 32) /* bytes looked at, times the length of the pattern where that is matched */
#define MAX_FOUND       (1u << 20)   /* MAX_UPROBE_MULTI_CNT of kernel/trace/bpf_trace.c */
#define MAX_NOTES       (4u << 20)   /* bytes of a section of notes: 70,000 USDT probes */
#define SYMBOLS_AT_ONCE 4096u

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define OWN_ORDER ELFDATA2LSB
#else
#define OWN_ORDER ELFDATA2MSB
#endif

struct section {
	uint32_t type, link;
	uint64_t offset, size;
};

struct symbol {
	uint32_t name, section;
	unsigned char type, bind;
	uint64_t address;
};

struct elf {
	int fd;
	uint64_t size;
	bool is_64;
	struct code {
		uint64_t address, offset, size;
	} code[MAX_CODE];
	size_t n_code;
	struct section *sections; /* owned */
	uint32_t n_sections;
};

/* ---- reading --------------------------------------------------------------------------------------------------- */

static int read_at(const struct elf *elf, uint64_t offset, void *to, size_t size)
{
	char *at = to;

	if (!ecli_num_within(offset, size, elf->size))
		return -ENOEXEC;
	while (size) {
		ssize_t n = pread(elf->fd, at, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ESTALE;
		at += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

/* @count things of @each bytes, malloc'ed with a byte more than asked for. */
static int read_table(const struct elf *elf, uint64_t offset, uint64_t count, size_t each, unsigned char **ret)
{
	if (count > elf->size / each || !ecli_num_within(offset, count * each, elf->size))
		return -ENOEXEC;
	CLEANUP_FREE unsigned char *bytes = malloc((size_t)(count * each) + 1);
	if (!bytes)
		return -ENOMEM;
	int r = read_at(elf, offset, bytes, (size_t)(count * each));
	if (!r)
		*ret = TAKE_PTR(bytes);
	return r;
}

/* The same fields by the same names in both classes. Copied out first: nothing is aligned. */
#define DECODE(elf, what, bytes, ...)                                                                                  \
	do {                                                                                                           \
		if ((elf)->is_64) {                                                                                    \
			Elf64_##what raw;                                                                              \
			memcpy(&raw, bytes, sizeof(raw));                                                              \
			__VA_ARGS__;                                                                                   \
		} else {                                                                                               \
			Elf32_##what raw;                                                                              \
			memcpy(&raw, bytes, sizeof(raw));                                                              \
			__VA_ARGS__;                                                                                   \
		}                                                                                                      \
	} while (0)
#define SIZE_OF(elf, what) ((elf)->is_64 ? sizeof(Elf64_##what) : sizeof(Elf32_##what))

static int read_segments(struct elf *elf, uint64_t offset, uint32_t count)
{
	CLEANUP_FREE unsigned char *bytes = NULL;
	size_t each = SIZE_OF(elf, Phdr);

	if (count > MAX_SEGMENTS)
		return -E2BIG;
	int r = count ? read_table(elf, offset, count, each, &bytes) : 0;
	for (uint32_t i = 0; !r && i < count; i++) {
		struct code code = { 0 };
		bool is_code;

		DECODE(elf, Phdr, bytes + i * each, is_code = raw.p_type == PT_LOAD && (raw.p_flags & PF_X),
		       code = (struct code){ raw.p_vaddr, raw.p_offset, raw.p_filesz });
		if (!is_code)
			continue;
		if (elf->n_code == MAX_CODE)
			return -E2BIG;
		elf->code[elf->n_code++] = code;
	}
	return r;
}

static int read_sections(struct elf *elf, uint64_t offset, uint32_t count)
{
	CLEANUP_FREE unsigned char *bytes = NULL;
	size_t each = SIZE_OF(elf, Shdr);

	elf->n_sections = count;
	if (!count)
		return 0;
	int r = read_table(elf, offset, count, each, &bytes);
	if (r)
		return r;
	elf->sections = calloc(count, sizeof(*elf->sections));
	if (!elf->sections)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		DECODE(elf, Shdr, bytes + i * each,
		       elf->sections[i] = (struct section){ raw.sh_type, raw.sh_link, raw.sh_offset, raw.sh_size });
	return 0;
}

static int open_elf(int fd, struct elf *elf)
{
	uint64_t segments_at = 0, sections_at = 0;
	uint32_t n_segments = 0, n_sections = 0, segment_bytes = 0, section_bytes = 0;
	unsigned char head[sizeof(Elf64_Ehdr)] = { 0 };
	struct stat st;

	*elf = (struct elf){ .fd = fd };
	if (fstat(fd, &st))
		return -errno;
	elf->size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	int r = read_at(elf, 0, head, sizeof(Elf32_Ehdr));
	if (r)
		return r;
	elf->is_64 = head[EI_CLASS] == ELFCLASS64;
	if (memcmp(head, ELFMAG, SELFMAG) != 0 || head[EI_DATA] != OWN_ORDER ||
	    (!elf->is_64 && head[EI_CLASS] != ELFCLASS32))
		return -ENOEXEC;
	r = elf->is_64 ? read_at(elf, 0, head, sizeof(head)) : 0;
	if (r)
		return r;
	DECODE(elf, Ehdr, head, segments_at = raw.e_phoff, sections_at = raw.e_shoff, n_segments = raw.e_phnum,
	       n_sections = raw.e_shnum, segment_bytes = raw.e_phentsize, section_bytes = raw.e_shentsize);
	if ((n_segments && segment_bytes != SIZE_OF(elf, Phdr)) || (n_sections && section_bytes != SIZE_OF(elf, Shdr)))
		return -ENOEXEC;
	r = read_segments(elf, segments_at, n_segments);
	return r ? r : read_sections(elf, sections_at, n_sections);
}

static void close_elf(struct elf *elf)
{
	free(elf->sections);
}

/* Where the byte at a virtual address lies in the file: through the executable segment that has it. */
static bool to_offset(const struct elf *elf, uint64_t address, uint64_t *ret)
{
	for (size_t i = 0; i < elf->n_code; i++) {
		const struct code *code = &elf->code[i];

		if (address < code->address || address - code->address >= code->size)
			continue;
		*ret = address - code->address + code->offset;
		return *ret < elf->size;
	}
	return false;
}

/* ---- symbols --------------------------------------------------------------------------------------------------- */

/* What is looked for, and how much that has cost. */
struct search {
	const char *text; /* a pattern or a name */
	size_t len;
	size_t plain_len; /* of the pattern's beginning that stands for itself */
	uint64_t work;
	/* The visitor of one function: its name in @room bytes, which need not end there. */
	int (*visit)(struct search *search, const char *name, size_t room, uint64_t offset, bool is_weak);

	uint64_t *offsets; /* of a pattern; owned */
	size_t count;
	uint64_t offset; /* of a name */
	bool is_found, is_weak, is_ambiguous;
};

static int scan_symbol(const struct elf *elf, const unsigned char *bytes, const unsigned char *names, uint64_t size,
		       struct search *search)
{
	struct symbol symbol = { 0 };
	uint64_t offset;

	DECODE(elf, Sym, bytes,
	       symbol = (struct symbol){ raw.st_name, raw.st_shndx, ELF64_ST_TYPE(raw.st_info),
					 ELF64_ST_BIND(raw.st_info), raw.st_value });
	if (symbol.type != STT_FUNC || symbol.section == SHN_UNDEF || symbol.name >= size ||
	    !to_offset(elf, symbol.address, &offset))
		return 0;
	size_t room = (size_t)(size - symbol.name);
	int r = search->visit(search, (const char *)names + symbol.name,
			      room < ECLI_FUNCTIONS_MAX_NAME ? room : ECLI_FUNCTIONS_MAX_NAME, offset,
			      symbol.bind == STB_WEAK);
	return r ? r : search->work > MAX_WORK ? -E2BIG : 0;
}

/* The first table of that type: a file has one of each. A table that lies outside of the file has no functions. */
static int scan_table(const struct elf *elf, uint32_t type, struct search *search)
{
	CLEANUP_FREE unsigned char *names = NULL, *symbols = NULL;
	size_t each = SIZE_OF(elf, Sym);
	uint32_t i = 0;

	while (i < elf->n_sections && elf->sections[i].type != type)
		i++;
	if (i == elf->n_sections || elf->sections[i].link >= elf->n_sections)
		return 0;
	const struct section *table = &elf->sections[i], *text = &elf->sections[table->link];
	uint64_t count = table->size / each;
	if (!ecli_num_within(table->offset, table->size, elf->size) ||
	    !ecli_num_within(text->offset, text->size, elf->size) || !text->size)
		return 0;
	if (count > MAX_SYMBOLS || text->size > MAX_NAMES)
		return -E2BIG;
	symbols = malloc((count < SYMBOLS_AT_ONCE ? (size_t)count : SYMBOLS_AT_ONCE) * each + 1);
	if (!symbols)
		return -ENOMEM;
	int r = read_table(elf, text->offset, text->size, 1, &names);
	for (uint64_t done = 0; !r && done < count;) {
		size_t part = count - done < SYMBOLS_AT_ONCE ? (size_t)(count - done) : SYMBOLS_AT_ONCE;

		r = read_at(elf, table->offset + done * each, symbols, part * each);
		for (size_t k = 0; !r && k < part; k++)
			r = scan_symbol(elf, symbols + k * each, names, text->size, search);
		done += part;
	}
	return r;
}

/* ---- by a pattern ---------------------------------------------------------------------------------------------- */

static int add_offset(struct search *search, uint64_t offset)
{
	if (search->count == MAX_FOUND)
		return -E2BIG;
	if (!(search->count & (search->count - 1))) {
		uint64_t *items = reallocarray(search->offsets, search->count ? search->count * 2 : 1, sizeof(*items));

		if (!items)
			return -ENOMEM;
		search->offsets = items;
	}
	search->offsets[search->count++] = offset;
	return 0;
}

static int visit_pattern(struct search *search, const char *name, size_t room, uint64_t offset, bool is_weak)
{
	(void)is_weak;
	if (room <= search->plain_len || memcmp(name, search->text, search->plain_len) != 0)
		return 0;
	size_t len = strnlen(name, room);
	search->work += len;
	if (len == room)
		return 0;
	search->work += (uint64_t)len * (search->len - search->plain_len);
	return where_glob(search->text, search->len, name, len) ? add_offset(search, offset) : 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

int ecli_functions_like(int fd, const char *pattern, uint64_t **ret_offsets, size_t *ret_count)
{
	struct search search = {
		.text = pattern, .len = strlen(pattern), .plain_len = strcspn(pattern, "*?[\\"), .visit = visit_pattern
	};
	CLEANUP(close_elf) struct elf elf;
	size_t kept = 0;

	int r = open_elf(fd, &elf);
	r = r ? r : scan_table(&elf, SHT_DYNSYM, &search);
	r = r ? r : scan_table(&elf, SHT_SYMTAB, &search);
	if (r) {
		free(search.offsets);
		return r;
	}
	if (search.count)
		qsort(search.offsets, search.count, sizeof(*search.offsets), by_value);
	for (size_t i = 0; i < search.count; i++)
		if (!kept || search.offsets[kept - 1] != search.offsets[i])
			search.offsets[kept++] = search.offsets[i];
	*ret_offsets = search.offsets;
	*ret_count = kept;
	return 0;
}

/* ---- by a name ------------------------------------------------------------------------------------------------- */

/* "f" is meant by "f" and "f@VERSION", and "f@@LIB" by "f@@LIB_2". A weak one steps back; two others must be at one place. */
static int visit_name(struct search *search, const char *name, size_t room, uint64_t offset, bool is_weak)
{
	search->work++;
	if (room <= search->len || *name != *search->text)
		return 0;
	search->work += search->len;
	if (memcmp(name, search->text, search->len) != 0)
		return 0;
	if (name[search->len] != '\0' && name[search->len] != '@' && !strstr(search->text, "@@"))
		return 0;
	size_t len = strnlen(name, room);
	search->work += len;
	if (len == room)
		return 0;
	if (search->is_found && is_weak)
		return 0;
	if (search->is_found && !search->is_weak)
		search->is_ambiguous |= search->offset != offset;
	search->offset = offset;
	search->is_weak = is_weak;
	search->is_found = true;
	return 0;
}

int ecli_functions_find(int fd, const char *name, uint64_t *ret_offset)
{
	struct search search = { .text = name, .len = strlen(name), .visit = visit_name };
	CLEANUP(close_elf) struct elf elf;

	int r = open_elf(fd, &elf);
	if (!r && !search.len)
		return -ENOENT;
	r = r ? r : scan_table(&elf, SHT_DYNSYM, &search);
	if (!r && !search.is_found)
		r = scan_table(&elf, SHT_SYMTAB, &search);
	if (r)
		return r;
	if (search.is_ambiguous)
		return -ENOTUNIQ;
	if (!search.is_found)
		return -ENOENT;
	*ret_offset = search.offset;
	return 0;
}

/* ---- for other readers ----------------------------------------------------------------------------------------- */

/* libelf looks for the end of a name from the end of its table on: fast where that is a NUL, the whole table for each name where it is not. */
int ecli_functions_check(int fd)
{
	CLEANUP(close_elf) struct elf elf;
	char last;

	int r = open_elf(fd, &elf);
	if (!r && !elf.n_sections)
		r = -ENOEXEC;
	for (uint32_t i = 0; !r && i < elf.n_sections; i++) {
		const struct section *section = &elf.sections[i];

		if (section->type == SHT_NOTE && section->size > MAX_NOTES)
			r = -E2BIG;
		if (section->type != SHT_STRTAB || !section->size)
			continue;
		if (!ecli_num_within(section->offset, section->size, elf.size))
			r = -ENOEXEC;
		r = r ? r : read_at(&elf, section->offset + section->size - 1, &last, 1);
		r = !r && last ? -ENOEXEC : r;
	}
	return r;
}
