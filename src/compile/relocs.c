/* SPDX-License-Identifier: MIT */
/*
 * The CO-RE records of an object's .BTF.ext:
 *
 *     header | ... | record size | section name, n, n records | section name, n, n records | ...
 *                                               `- offset, type, access, kind
 *
 * Only two things are asked of them: whether there are any (else the object needs no types of a kernel), and whether one is about
 * registers. The object comes from clang, but -a and --clang may have made anything of it: every step is checked.
 * Source of the format: struct bpf_core_relo of include/uapi/linux/bpf.h, Documentation/bpf/btf.rst of the Linux kernel.
 */
#include "compile/relocs.h"

#include <errno.h>
#include <string.h>

#include "base/elf.h"
#include "compile/target.h"

/* The header as it is since Linux 5.4; an older, shorter one has no such records. */
struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_bytes, functions_at, functions_bytes, lines_at, lines_bytes, relocs_at, relocs_bytes;
};

struct record {
	uint32_t instruction, type_id, access, kind;
};

static int damaged(struct ecli_err *err)
{
	return ecli_err_set(err, -EINVAL, "the compiler's output: the section .BTF.ext is damaged");
}

static void look(const unsigned char *at, const struct ecli_types *types, struct ecli_relocs *relocs)
{
	struct record record;

	memcpy(&record, at, sizeof(record));
	const struct ecli_type *type =
		record.type_id < ecli_types_count(types) ? ecli_types_get(types, record.type_id) : NULL;
	relocs->count++;
	if (type && type->name && ecli_target_is_registers(type->name))
		relocs->reads_registers = true;
}

/* The records of all sections, @size bytes behind the size of one. */
static int read_records(const unsigned char *at, size_t size, uint32_t record_bytes, const struct ecli_types *types,
			struct ecli_err *err, struct ecli_relocs *relocs)
{
	while (size) {
		uint32_t section[2]; /* name, count */

		if (size < sizeof(section))
			return damaged(err);
		memcpy(section, at, sizeof(section));
		at += sizeof(section);
		size -= sizeof(section);
		if (section[1] > size / record_bytes)
			return damaged(err);
		for (uint32_t i = 0; i < section[1]; i++, at += record_bytes, size -= record_bytes)
			look(at, types, relocs);
	}
	return 0;
}

int ecli_relocs_read(const void *object, size_t size_bytes, const struct ecli_types *types, struct ecli_err *err,
		     struct ecli_relocs *ret)
{
	struct ecli_relocs relocs = { 0 };
	struct ecli_elf_section section;
	struct ext_header header;
	struct ecli_elf elf;
	uint32_t record_bytes;

	int r = ecli_elf_open(&elf, object, size_bytes, err);
	if (r)
		return r;
	bool has_any =
		ecli_elf_find_section(&elf, ".BTF.ext", &section) && section.data && section.size >= sizeof(header);
	if (has_any)
		memcpy(&header, section.data, sizeof(header));
	if (!has_any || header.header_bytes < sizeof(header) || !header.relocs_bytes) {
		*ret = relocs;
		return 0;
	}
	if (header.header_bytes > section.size || header.relocs_at > section.size - header.header_bytes ||
	    header.relocs_bytes > section.size - header.header_bytes - header.relocs_at ||
	    header.relocs_bytes < sizeof(record_bytes))
		return damaged(err);
	const unsigned char *at = section.data + header.header_bytes + header.relocs_at;
	memcpy(&record_bytes, at, sizeof(record_bytes));
	if (record_bytes < sizeof(struct record))
		return damaged(err);
	r = read_records(at + sizeof(record_bytes), header.relocs_bytes - sizeof(record_bytes), record_bytes, types,
			 err, &relocs);
	if (!r)
		*ret = relocs;
	return r;
}
