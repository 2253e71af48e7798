/* SPDX-License-Identifier: MIT */
/*
 * libelf checks what it follows; what is bounded here is how much it is asked to read, since a sparse file of a terabyte
 * costs its owner nothing.
 *
 * Addresses: a mapping tells which bytes of the file it shows, the file's PT_LOAD headers tell at which address those
 * bytes believe to lie. The difference of the two never matters, so PIE, plain and prelinked programs are one case.
 */
#include "symbols/image.h"

#include <string.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	MAX_HEADERS = 4096, /* program headers looked at */
	MAX_SECTIONS = 1 << 16,
	MAX_TABLE = 24 << 20, /* bytes of a symbol table, and of its names */
	MAX_NOTES = 1 << 20,
	MAX_SECTION_NAMES = 4 << 20,
	MAX_NAME = 16 << 10,     /* bytes of a function's name */
	MAX_REACH = 4 << 10,     /* bytes of a function of unknown size, */
	MAX_REACH_DYNAMIC = 256, /* in .dynsym */
};

static void read_loads(struct ecli_image *image)
{
	size_t count = 0;

	if (elf_getphdrnum(image->elf, &count) || count > MAX_HEADERS)
		return;
	for (size_t i = 0; i < count && image->n_loads < ECLI_IMAGE_LOADS; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(image->elf, (int)i, &header) || header.p_type != PT_LOAD || !header.p_filesz)
			continue;
		image->loads[image->n_loads++] = (struct ecli_image_load){
			.offset = header.p_offset,
			.size = header.p_filesz,
			.address = header.p_vaddr,
			.is_code = header.p_flags & PF_X,
		};
	}
}

/* libelf reads the names of sections whole. */
static bool has_many_names(Elf *elf)
{
	GElf_Shdr header;
	size_t names;

	return !elf_getshdrstrndx(elf, &names) && gelf_getshdr(elf_getscn(elf, names), &header) &&
	       header.sh_size > MAX_SECTION_NAMES;
}

static bool take(Elf *elf, struct ecli_image *ret)
{
	GElf_Ehdr header;
	struct ecli_image image = { .elf = elf };

	if (!elf)
		return false;
	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header) ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN) || has_many_names(elf)) {
		elf_end(elf);
		return false;
	}
	read_loads(&image);
	*ret = image;
	return true;
}

/* Numbers of headers that stand elsewhere, for more than 65,279 of them, are no program's, and libelf makes room for as many as are
 * said to be. Both special values read the same in either order of bytes. */
static bool has_plain_counts(int fd)
{
	static const unsigned char none[8], many[2] = { 0xff, 0xff };
	unsigned char head[sizeof(Elf64_Ehdr)] = { 0 };
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < (ssize_t)sizeof(Elf32_Ehdr) || memcmp(head, ELFMAG, SELFMAG) != 0)
		return false;
	bool is_64 = head[EI_CLASS] == ELFCLASS64;
	const unsigned char *offset = head + (is_64 ? offsetof(Elf64_Ehdr, e_shoff) : offsetof(Elf32_Ehdr, e_shoff)),
			    *sections = head + (is_64 ? offsetof(Elf64_Ehdr, e_shnum) : offsetof(Elf32_Ehdr, e_shnum)),
			    *programs = head + (is_64 ? offsetof(Elf64_Ehdr, e_phnum) : offsetof(Elf32_Ehdr, e_phnum));
	return (memcmp(sections, none, 2) != 0 || !memcmp(offset, none, is_64 ? 8 : 4)) &&
	       memcmp(programs, many, 2) != 0;
}

bool ecli_image_open(int fd, struct ecli_image *ret_image)
{
	if (!has_plain_counts(fd))
		return false;
	elf_version(EV_CURRENT);
	return take(elf_begin(fd, ELF_C_READ, NULL), ret_image);
}

bool ecli_image_open_memory(void *data, size_t size_bytes, struct ecli_image *ret_image)
{
	elf_version(EV_CURRENT);
	return take(elf_memory(data, size_bytes), ret_image);
}

void ecli_image_close(struct ecli_image *image)
{
	if (image->elf)
		elf_end(image->elf);
	*image = (struct ecli_image){ 0 };
}

static bool address_in(const struct ecli_image_load *loads, size_t n_loads, bool is_code, uint64_t offset,
		       uint64_t *ret_address)
{
	for (size_t i = 0; i < n_loads; i++) {
		uint64_t begin = loads[i].offset & ~(uint64_t)(PAGE - 1), lead = loads[i].offset - begin;

		if (loads[i].is_code != is_code || offset < begin || offset - begin >= loads[i].size + lead)
			continue;
		*ret_address = loads[i].address - lead + (offset - begin);
		return true;
	}
	return false;
}

bool ecli_image_address(const struct ecli_image_load *loads, size_t n_loads, uint64_t offset, uint64_t *ret_address)
{
	/* Two segments may share a page of the file: code is meant before data. */
	return address_in(loads, n_loads, true, offset, ret_address) ||
	       address_in(loads, n_loads, false, offset, ret_address);
}

bool ecli_image_moved_address(const struct ecli_image_load *loads, size_t n_loads, uint64_t offset, bool is_code,
			      uint64_t distance, uint64_t *ret_address)
{
	uint64_t beside;

	if (!address_in(loads, n_loads, is_code, offset, &beside))
		return false;
	for (size_t i = 0; i < n_loads; i++) {
		if (!loads[i].is_code || beside + distance - loads[i].address >= loads[i].size)
			continue;
		*ret_address = beside + distance;
		return true;
	}
	return false;
}

/* Of the names of one address the one for people: fewest underscores in front, then one that others may link to, then the shortest. */
static uint32_t rank_of(const char *name, size_t len, unsigned char bind)
{
	uint32_t underscores = (uint32_t)strspn(name, "_");

	if (name[0] == '_' && (name[1] == 'Z' || name[1] == 'R'))
		underscores = 0;
	return (underscores > 15 ? 15 : underscores) << 24 | (bind == STB_LOCAL) << 20 |
	       (len > 0xfffff ? 0xfffff : (uint32_t)len);
}

Elf_Scn *ecli_image_find(const struct ecli_image *image, const char *name, GElf_Shdr *ret_header)
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(image->elf, &names))
		return NULL;
	for (size_t i = 0; i < MAX_SECTIONS && (section = elf_nextscn(image->elf, section)); i++) {
		const char *its;

		if (gelf_getshdr(section, ret_header) && (its = elf_strptr(image->elf, names, ret_header->sh_name)) &&
		    !strcmp(its, name))
			return section;
	}
	return NULL;
}

Elf_Data *ecli_image_data(Elf_Scn *section, const GElf_Shdr *header, size_t max_bytes)
{
	if (header->sh_type == SHT_NOBITS || header->sh_flags & SHF_COMPRESSED || header->sh_size > max_bytes)
		return NULL;
	Elf_Data *data = elf_getdata(section, NULL);
	return data && data->d_buf ? data : NULL;
}

/*
 * Where functions start by .eh_frame_hdr, which stripped files have too (Linux Standard Base, "Exception Frames"): version 1, then how numbers are written, in
 * the only way that linkers do; then pairs of 32 bits by address, counted from the section.
 */
struct starts {
	const unsigned char *pairs;
	size_t count;
	uint64_t base;
};

static struct starts find_starts(const struct ecli_image *image)
{
	static const unsigned char form[4] = { 1, 0x1b, 0x03, 0x3b };
	GElf_Shdr header;
	Elf_Scn *section = ecli_image_find(image, ".eh_frame_hdr", &header);
	Elf_Data *data = section ? ecli_image_data(section, &header, MAX_TABLE) : NULL;
	uint32_t count;

	if (!data || data->d_size < 12 || memcmp(data->d_buf, form, sizeof(form)) != 0)
		return (struct starts){ 0 };
	memcpy(&count, (char *)data->d_buf + 8, sizeof(count));
	if (count > (data->d_size - 12) / 8)
		return (struct starts){ 0 };
	return (struct starts){ (unsigned char *)data->d_buf + 12, count, header.sh_addr };
}

static uint64_t start_at(const struct starts *starts, size_t i)
{
	int32_t start;

	memcpy(&start, starts->pairs + 8 * i, sizeof(start));
	return starts->base + (uint64_t)start;
}

/* How far a function may reach whose size nobody wrote down: to where the next one starts, the end of its section, and no further than @most. */
static uint64_t reach_of(const struct ecli_image *image, const GElf_Sym *symbol, const struct starts *starts,
			 uint64_t most)
{
	GElf_Shdr header;
	size_t low = 0;

	if (!gelf_getshdr(elf_getscn(image->elf, symbol->st_shndx), &header) || symbol->st_value < header.sh_addr ||
	    symbol->st_value - header.sh_addr >= header.sh_size)
		return 0;
	uint64_t reach = header.sh_addr + header.sh_size - symbol->st_value;
	for (size_t high = starts->count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (start_at(starts, middle) <= symbol->st_value)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < starts->count && start_at(starts, low) - symbol->st_value < reach)
		reach = start_at(starts, low) - symbol->st_value;
	return reach < most ? reach : most;
}

static bool read_table(const struct ecli_image *image, Elf_Scn *section, const GElf_Shdr *header,
		       struct ecli_symtab *symtab)
{
	GElf_Shdr names_header;
	Elf_Scn *names_section = elf_getscn(image->elf, header->sh_link);
	Elf_Data *data = ecli_image_data(section, header, MAX_TABLE), *names;
	size_t before = symtab->count;

	if (!data || !names_section || !gelf_getshdr(names_section, &names_header) ||
	    names_header.sh_type != SHT_STRTAB || !(names = ecli_image_data(names_section, &names_header, MAX_TABLE)))
		return false;
	size_t entry = gelf_fsize(image->elf, ELF_T_SYM, 1, EV_CURRENT);
	struct starts starts = find_starts(image);
	/* A table of what others may link to does not have the functions behind it. */
	uint64_t most = header->sh_type == SHT_DYNSYM ? MAX_REACH_DYNAMIC : MAX_REACH;
	for (size_t i = 0; entry && i < data->d_size / entry; i++) {
		GElf_Sym symbol;

		if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF ||
		    symbol.st_name >= names->d_size)
			continue;
		unsigned char type = GELF_ST_TYPE(symbol.st_info);
		const char *name = (const char *)names->d_buf + symbol.st_name;
		size_t room = names->d_size - symbol.st_name, len = strnlen(name, room < MAX_NAME ? room : MAX_NAME);

		if ((type != STT_FUNC && type != STT_GNU_IFUNC) || !len || len == room || len == MAX_NAME)
			continue;
		bool is_open = !symbol.st_size;
		uint64_t size = is_open ? reach_of(image, &symbol, &starts, most) : symbol.st_size;
		if (!ecli_symtab_add(symtab, symbol.st_value, size, is_open,
				     rank_of(name, len, GELF_ST_BIND(symbol.st_info)), name, len))
			break;
	}
	return symtab->count > before;
}

/* The first section of @type. */
static Elf_Scn *find_table(const struct ecli_image *image, uint32_t type, GElf_Shdr *ret_header)
{
	Elf_Scn *section = NULL;

	for (size_t i = 0; i < MAX_SECTIONS && (section = elf_nextscn(image->elf, section)); i++)
		if (gelf_getshdr(section, ret_header) && ret_header->sh_type == type)
			return section;
	return NULL;
}

size_t ecli_image_functions_cost(const struct ecli_image *image, uint32_t type)
{
	GElf_Shdr header, names;

	if (!find_table(image, type, &header) || header.sh_size > MAX_TABLE ||
	    !gelf_getshdr(elf_getscn(image->elf, header.sh_link), &names) || names.sh_size > MAX_TABLE)
		return 0;
	return 2 * (size_t)(header.sh_size + names.sh_size);
}

bool ecli_image_functions(const struct ecli_image *image, uint32_t type, struct ecli_symtab *symtab)
{
	GElf_Shdr header;
	Elf_Scn *section = find_table(image, type, &header);

	return section && read_table(image, section, &header, symtab);
}

const Elf_Data *ecli_image_section(const struct ecli_image *image, const char *name, size_t max_bytes)
{
	GElf_Shdr header;
	Elf_Scn *section = ecli_image_find(image, name, &header);

	return section ? ecli_image_data(section, &header, max_bytes) : NULL;
}

static size_t id_in(Elf_Data *data, unsigned char ret_id[ECLI_IMAGE_ID])
{
	GElf_Nhdr note;
	size_t name, text;

	for (size_t at = 0, next; (next = gelf_getnote(data, at, &note, &name, &text)) > at; at = next) {
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
		    memcmp((char *)data->d_buf + name, "GNU", sizeof("GNU")) != 0)
			continue;
		if (!note.n_descsz || note.n_descsz > ECLI_IMAGE_ID)
			return 0;
		memcpy(ret_id, (char *)data->d_buf + text, note.n_descsz);
		return note.n_descsz;
	}
	return 0;
}

size_t ecli_image_build_id(const struct ecli_image *image, unsigned char ret_id[ECLI_IMAGE_ID])
{
	Elf_Scn *section = NULL;

	for (size_t i = 0; i < MAX_SECTIONS && (section = elf_nextscn(image->elf, section)); i++) {
		GElf_Shdr header;
		Elf_Data *data;
		size_t size;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_NOTE &&
		    (data = ecli_image_data(section, &header, MAX_NOTES)) && (size = id_in(data, ret_id)))
			return size;
	}
	return 0;
}
