/* SPDX-License-Identifier: MIT */
/*
 * How an author asks for a link: SEC(".struct_ops.link"). libbpf 1.1 walks past a section of that name, and the programs of the table
 * would be loaded for no table at all. All that the longer name says is a flag of the map, which we set ourselves where the kernel has
 * such links (attach/struct_ops.c); so for that libbpf the name is cut short, wherever it stands:
 *
 *     names of sections   ".rel.struct_ops.link\0"  ->  ".rel.struct_ops\0link\0"     (LLVM lets both names share the tail)
 *     BTF                 "\0.struct_ops.link\0"    ->  "\0.struct_ops\0link\0"       (the name of the DATASEC)
 *
 * Nothing moves. The bytes of the object may be hostile: base/elf.h checks every offset, and one byte within a name is written.
 */
#include "load/tables.h"

#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/elf.h"
#include "base/num.h"

#define SHORT ".struct_ops"
#define LONG  ".struct_ops.link"

static bool is_known(void)
{
	return libbpf_major_version() > 1 || libbpf_minor_version() >= 2;
}

bool ecli_tables_are_new(const void *object, size_t size_bytes)
{
	struct ecli_elf_section section;
	struct ecli_elf elf;

	return !is_known() && !ecli_elf_open(&elf, object, size_bytes, NULL) &&
	       ecli_elf_find_section(&elf, LONG, &section);
}

static bool has_end(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len >= tail && !strcmp(name + len - tail, end);
}

/* @at points into @bytes. */
static void cut(unsigned char *bytes, const struct ecli_elf *elf, const char *at)
{
	bytes[(const unsigned char *)at + strlen(SHORT) - elf->data] = '\0';
}

static void cut_in_types(unsigned char *bytes, const struct ecli_elf *elf)
{
	static const char name[] = "\0" LONG;
	struct ecli_elf_section section;
	struct btf_header header;

	if (!ecli_elf_find_section(elf, ".BTF", &section) || !section.data || section.size < sizeof(header))
		return;
	memcpy(&header, section.data, sizeof(header));
	uint64_t at = (uint64_t)header.hdr_len + header.str_off;
	if (!ecli_num_within(at, header.str_len, section.size))
		return;
	const char *found = memmem(section.data + at, header.str_len, name, sizeof(name));
	if (found)
		cut(bytes, elf, found + 1);
}

int ecli_tables_rename(unsigned char *bytes, size_t size_bytes, struct ecli_err *err)
{
	struct ecli_elf_section section;
	struct ecli_elf elf;

	int r = ecli_elf_open(&elf, bytes, size_bytes, err);
	if (r)
		return r;
	/* The bytes are read once more for each section: what is cut may change what a hostile object says. */
	if (ecli_elf_find_section(&elf, SHORT, &section))
		return ecli_err_set(err, -EINVAL,
				    "the tool has tables in SEC(\"" SHORT "\") and in SEC(\"" LONG
				    "\"): put them all into one of the two");
	cut_in_types(bytes, &elf);
	for (uint32_t i = 1; i < elf.n_sections; i++)
		if (ecli_elf_section(&elf, i, &section) && has_end(section.name, LONG))
			cut(bytes, &elf, section.name + strlen(section.name) - strlen(LONG));
	return 0;
}
