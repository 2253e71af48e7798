/* SPDX-License-Identifier: MIT */
/*
 * Changes an ELF object of BPF in place, as no compiler would write it:
 *
 *     patch FILE symbol NAME value|size|bind|type N     of the first symbol of that name
 *     patch FILE symbol NAME byte N                     the first byte of its name
 *     patch FILE section NAME flags|type N              of the section's header
 *     patch FILE section NAME name OTHER                it gets the name of the section OTHER
 *     patch FILE section NAME byte N                    the first byte of its name
 *     patch FILE ksyms                                  an empty DATASEC ".ksyms" in front of the real one
 *     patch FILE fills NAME SECTION                     the relocations of NAME are said to be those of the instructions of SECTION, one after the other
 *     patch FILE again NAME                             the second relocation of NAME has the place of the first
 *     patch FILE crowd N LENGTH                         N more symbols with one name of LENGTH characters
 *     patch FILE names OLD NEW                          names of sections and symbols are compressed, and inside OLD is called NEW
 */
#include <elf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static unsigned char *file;
static size_t size;

static void fail(const char *why)
{
	fprintf(stderr, "patch: %s\n", why);
	exit(1);
}

static Elf64_Shdr *sections(void)
{
	return (Elf64_Shdr *)(file + ((Elf64_Ehdr *)file)->e_shoff);
}

static char *section_name(const Elf64_Shdr *section)
{
	return (char *)file + sections()[((Elf64_Ehdr *)file)->e_shstrndx].sh_offset + section->sh_name;
}

static Elf64_Shdr *find_section(const char *name)
{
	for (int i = 1; i < ((Elf64_Ehdr *)file)->e_shnum; i++)
		if (!strcmp(section_name(&sections()[i]), name))
			return &sections()[i];
	fail("no such section");
	return NULL;
}

static Elf64_Sym *find_symbol(const char *name, char **ret_name)
{
	Elf64_Shdr *table = find_section(".symtab"), *names = &sections()[table->sh_link];
	Elf64_Sym *symbols = (Elf64_Sym *)(file + table->sh_offset);

	for (size_t i = 0; i < table->sh_size / sizeof(*symbols); i++) {
		*ret_name = (char *)file + names->sh_offset + symbols[i].st_name;
		if (!strcmp(*ret_name, name))
			return &symbols[i];
	}
	fail("no such symbol");
	return NULL;
}

static void change_symbol(const char *name, const char *what, unsigned long n)
{
	char *text;
	Elf64_Sym *symbol = find_symbol(name, &text);

	if (!strcmp(what, "value"))
		symbol->st_value = n;
	else if (!strcmp(what, "size"))
		symbol->st_size = n;
	else if (!strcmp(what, "bind"))
		symbol->st_info = ELF64_ST_INFO(n, ELF64_ST_TYPE(symbol->st_info));
	else if (!strcmp(what, "type"))
		symbol->st_info = ELF64_ST_INFO(ELF64_ST_BIND(symbol->st_info), n);
	else if (!strcmp(what, "byte"))
		*text = (char)n;
	else
		fail("change what of the symbol?");
}

static void change_section(const char *name, const char *what, const char *value)
{
	Elf64_Shdr *section = find_section(name);
	unsigned long n = strtoul(value, NULL, 0);

	if (!strcmp(what, "flags"))
		section->sh_flags = n;
	else if (!strcmp(what, "type"))
		section->sh_type = (uint32_t)n;
	else if (!strcmp(what, "name"))
		section->sh_name = find_section(value)->sh_name;
	else if (!strcmp(what, "byte"))
		*section_name(section) = (char)n;
	else
		fail("change what of the section?");
}

/* ---- types ----------------------------------------------------------------------------------------------------- */

static size_t type_bytes(const struct btf_type *type)
{
	static const unsigned char fixed[] = {
		[BTF_KIND_INT] = 4, [BTF_KIND_ARRAY] = 12, [BTF_KIND_VAR] = 4, [17] = 4
	};
	static const unsigned char each[] = { [BTF_KIND_STRUCT] = 12,  [BTF_KIND_UNION] = 12,
					      [BTF_KIND_ENUM] = 8,     [13] = 8,
					      [BTF_KIND_DATASEC] = 12, [19] = 12 };
	unsigned int kind = BTF_INFO_KIND(type->info);

	return sizeof(*type) + (kind < sizeof(fixed) ? fixed[kind] : 0) +
	       (kind < sizeof(each) ? each[kind] * (size_t)BTF_INFO_VLEN(type->info) : 0);
}

/* The real section goes to the end of the types; nothing refers to it. The whole goes to the end of the file. */
static size_t add_ksyms(void)
{
	Elf64_Shdr *section = find_section(".BTF");
	struct btf_header head;
	unsigned char *old = file + section->sh_offset, *at, *end, *to;
	struct btf_type *real = NULL, empty;

	memcpy(&head, old, sizeof(head));
	const char *names = (char *)old + head.hdr_len + head.str_off;
	for (at = old + head.hdr_len + head.type_off, end = at + head.type_len; at < end;
	     at += type_bytes((struct btf_type *)at))
		if (BTF_INFO_KIND(((struct btf_type *)at)->info) == BTF_KIND_DATASEC &&
		    !strcmp(names + ((struct btf_type *)at)->name_off, ".ksyms"))
			real = (struct btf_type *)at;
	if (!real)
		fail("no .ksyms");
	empty = (struct btf_type){ .name_off = real->name_off, .info = BTF_KIND_DATASEC << 24 };

	size_t place = (size + 7) / 8 * 8, length = type_bytes(real);
	unsigned char *types = old + head.hdr_len + head.type_off, *after = (unsigned char *)real + length;

	to = file + place;
	head.type_off = 0;
	head.str_off = head.type_len + (uint32_t)sizeof(empty);
	memcpy(to, old, head.hdr_len);
	memcpy(to, &head, sizeof(head));
	((struct btf_header *)to)->type_len = head.str_off;
	to += head.hdr_len;
#define PUT(from, count) to = (unsigned char *)memcpy(to, from, (size_t)(count)) + (count)
	PUT(types, (unsigned char *)real - types);
	PUT(&empty, sizeof(empty));
	PUT(after, end - after);
	PUT(real, length);
	PUT(names, head.str_len);
	section->sh_offset = place;
	section->sh_size = (size_t)(to - file) - place;
	return (size_t)(to - file);
}

/* ---- relocations and names ------------------------------------------------------------------------------------- */

static void change_fills(const char *name, const char *target)
{
	Elf64_Shdr *section = find_section(name);

	section->sh_info = (uint32_t)(find_section(target) - sections());
	for (size_t i = 0; i < section->sh_size / sizeof(Elf64_Rel); i++)
		((Elf64_Rel *)(file + section->sh_offset))[i].r_offset = 8 * i;
}

static size_t add_crowd(size_t n, size_t length)
{
	Elf64_Shdr *symtab = find_section(".symtab"), *names = &sections()[symtab->sh_link];
	size_t place = (size + 7) / 8 * 8, at = place + symtab->sh_size + n * sizeof(Elf64_Sym);
	Elf64_Sym *to = (Elf64_Sym *)(file + place + symtab->sh_size);

	memcpy(file + place, file + symtab->sh_offset, symtab->sh_size);
	for (size_t i = 0; i < n; i++)
		to[i] = (Elf64_Sym){ .st_name = (uint32_t)names->sh_size, .st_shndx = SHN_ABS };
	memcpy(file + at, file + names->sh_offset, names->sh_size);
	memset(file + at + names->sh_size, 'A', length);
	symtab->sh_offset = place;
	symtab->sh_size += n * sizeof(Elf64_Sym);
	names->sh_offset = at;
	names->sh_size += length + 1;
	return at + names->sh_size;
}

static void change_again(const char *name)
{
	Elf64_Rel *relocations = (Elf64_Rel *)(file + find_section(name)->sh_offset);

	relocations[1].r_offset = relocations[0].r_offset;
}

/*
 * Who does not unpack the table finds the old names at the places where who unpacks it finds others: the new ones are packed, the old ones
 * follow in the same stream as they are.
 */
static size_t pack(unsigned char *to, unsigned char *inside, size_t length, const unsigned char *old, size_t old_length,
		   size_t pad)
{
	unsigned char *plain = calloc(1, pad + old_length);
	z_stream stream = { .next_in = inside, .avail_in = (uInt)length, .next_out = to, .avail_out = 1 << 20 };

	memcpy(plain + pad, old, old_length);
	if (deflateInit(&stream, 9) || deflate(&stream, Z_FULL_FLUSH) || deflateParams(&stream, 0, Z_DEFAULT_STRATEGY))
		fail("cannot pack");
	stream.next_in = plain;
	stream.avail_in = (uInt)(pad + old_length);
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		fail("cannot pack");
	deflateEnd(&stream);
	free(plain);
	return stream.total_out;
}

static size_t pack_names(const char *old, const char *new)
{
	enum { BEFORE = 8192 };
	Elf64_Shdr *table = &sections()[((Elf64_Ehdr *)file)->e_shstrndx], *symtab = find_section(".symtab");
	size_t place = (size + 7) / 8 * 8, length = BEFORE + table->sh_size, pad = 0, packed, at;
	unsigned char *inside = calloc(1, length), *honest = file + table->sh_offset,
		      *to = file + place + sizeof(Elf64_Chdr);

	memcpy(inside + BEFORE, honest, table->sh_size);
	for (at = BEFORE; at < length && strcmp((char *)inside + at, old); at++)
		;
	if (at == length || strlen(new) > strlen(old))
		fail("no such name");
	strcpy((char *)inside + at, new);
	packed = pack(to, inside, length, honest, table->sh_size, 0);
	/* The table and four bytes of a checksum are at the end. */
	pad = BEFORE - (sizeof(Elf64_Chdr) + packed - 4 - table->sh_size);
	packed = pack(to, inside, length, honest, table->sh_size, pad);
	*(Elf64_Chdr *)(file + place) = (Elf64_Chdr){ .ch_type = ELFCOMPRESS_ZLIB,
						      .ch_size = length + pad + table->sh_size,
						      .ch_addralign = 1 };
	table->sh_offset = place;
	table->sh_size = sizeof(Elf64_Chdr) + packed;
	table->sh_flags |= SHF_COMPRESSED;
	for (int i = 0; i < ((Elf64_Ehdr *)file)->e_shnum; i++)
		sections()[i].sh_name += BEFORE;
	for (size_t i = 0; i < symtab->sh_size / sizeof(Elf64_Sym); i++)
		((Elf64_Sym *)(file + symtab->sh_offset))[i].st_name += BEFORE;
	return place + table->sh_size;
}

int main(int argc, char **argv)
{
	FILE *stream = argc > 2 ? fopen(argv[1], "rb") : NULL;

	if (!stream)
		fail("patch FILE WHAT ...");
	file = calloc(1, 4 << 20);
	size = file ? fread(file, 1, 1 << 20, stream) : 0;
	fclose(stream);
	if (argc == 6 && !strcmp(argv[2], "symbol"))
		change_symbol(argv[3], argv[4], strtoul(argv[5], NULL, 0));
	else if (argc == 6 && !strcmp(argv[2], "section"))
		change_section(argv[3], argv[4], argv[5]);
	else if (argc == 5 && !strcmp(argv[2], "fills"))
		change_fills(argv[3], argv[4]);
	else if (argc == 4 && !strcmp(argv[2], "again"))
		change_again(argv[3]);
	else if (argc == 5 && !strcmp(argv[2], "crowd"))
		size = add_crowd(strtoul(argv[3], NULL, 0), strtoul(argv[4], NULL, 0));
	else if (argc == 5 && !strcmp(argv[2], "names"))
		size = pack_names(argv[3], argv[4]);
	else if (!strcmp(argv[2], "ksyms"))
		size = add_ksyms();
	else
		fail("what?");
	stream = fopen(argv[1], "wb");
	if (!stream || fwrite(file, 1, size, stream) != size || fclose(stream))
		fail("cannot write");
	return 0;
}
