/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for compile/relocs: any bytes as the section .BTF.ext of an object that is sound otherwise, or as an object of its own.
 *
 *     input = bytes of a .BTF.ext          or an ELF object
 *
 * Whatever the bytes: reading ends; damage is -EINVAL with a sentence and touches no result; there are no more relocations than records fit
 * into the section; registers are read by a relocation only; the same bytes give the same answer. Every second type of
 * the sound object is one of registers, so that both answers come up.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "compile/relocs.h"
#include "plain.h"
#include "unit/btf_blob.h"

enum { MAX_INPUT = 1 << 16, TYPES = 64, RECORD_BYTES = 16 };

static struct ecli_types *make_types(void)
{
	struct blob blob = { 0 };
	struct ecli_types *types = NULL;
	size_t size;

	for (int i = 0; i < TYPES; i++)
		blob_add(&blob, i % 2 ? "pt_regs" : "task_struct", BTF_KIND_STRUCT, 0, 0);
	CLEANUP_FREE unsigned char *bytes = blob_take(&blob, &size);
	CHECK(!ecli_types_read(bytes, size, NULL, &types));
	return types;
}

/* An object with one section, and the section of names. */
static void wrap(const uint8_t *data, size_t size, struct ecli_buf *out)
{
	static const char names[] = "\0.shstrtab\0.BTF.ext";
	const Elf64_Ehdr head = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
					       EV_CURRENT },
				  .e_type = ET_REL,
				  .e_machine = EM_BPF,
				  .e_version = EV_CURRENT,
				  .e_shoff = sizeof(head),
				  .e_ehsize = sizeof(head),
				  .e_shentsize = sizeof(Elf64_Shdr),
				  .e_shnum = 3,
				  .e_shstrndx = 1 };
	const uint64_t at = sizeof(head) + 3 * sizeof(Elf64_Shdr);
	const Elf64_Shdr sections[3] = {
		{ 0 },
		{ .sh_name = 1, .sh_type = SHT_STRTAB, .sh_offset = at, .sh_size = sizeof(names) },
		{ .sh_name = 11, .sh_type = SHT_PROGBITS, .sh_offset = at + sizeof(names), .sh_size = size },
	};

	ecli_buf_add(out, &head, sizeof(head));
	ecli_buf_add(out, sections, sizeof(sections));
	ecli_buf_add(out, names, sizeof(names));
	ecli_buf_add(out, data, size);
	CHECK(!ecli_buf_failed(out));
}

static void read_twice(const void *object, size_t size, const struct ecli_types *types)
{
	struct ecli_relocs first = { .count = 12345 }, second = { 0 };
	struct ecli_err err = { 0 };

	int r = ecli_relocs_read(object, size, types, &err, &first);
	CHECK(r == ecli_relocs_read(object, size, types, NULL, &second));
	if (r) {
		CHECK((r == -EINVAL || r == -ENOTSUP) && *err.text && first.count == 12345 && !second.count);
		return;
	}
	CHECK(first.count == second.count && first.reads_registers == second.reads_registers);
	CHECK(first.count <= size / RECORD_BYTES && (first.count || !first.reads_registers));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ecli_types *types;
	CLEANUP_BUF struct ecli_buf object = { 0 };

	if (size > MAX_INPUT)
		return 0;
	types = types ? types : make_types();
	if (size >= SELFMAG && !memcmp(data, ELFMAG, SELFMAG)) {
		read_twice(data, size, types);
		return 0;
	}
	wrap(data, size, &object);
	read_twice(object.data, object.len, types);
	return 0;
}
