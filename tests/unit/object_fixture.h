/* SPDX-License-Identifier: MIT */
/*
 * A BPF object made by hand, so that tests of packages and options need no compiler: a few sections, symbols, and BTF
 * made with libbpf. Like an object straight from clang, its BTF data sections carry the final sizes and offsets of
 * their variables.
 *
 *     .rodata  min_us u64 = 7 | targ_pid u32 | nice s32 = -5 | ratio double = 0.1 | failed bool | hidden (static) u8 |
 *              comm char[16] = "cc1" | mode enum = MODE_B | ecli_self_tgid u32 | __reserved u32 | where pointer | tiny
 * s8 = -3 .bss     counter u32 | limit u32          .data  gain float = 1.5          .maps  events (ring buffer)
 *     tp_btf/sched_switch: on_switch            ?raw_tp/sched_switch: on_switch_raw           .text: helper, local (static)
 */
#ifndef ECLI_TESTS_OBJECT_FIXTURE_H
#define ECLI_TESTS_OBJECT_FIXTURE_H

#include <elf.h>
#include <string.h>

#include <bpf/btf.h>
#include <linux/bpf.h>

#include <ecli/base.h>

struct fixture_var {
	const char *name;
	int type_id;
	uint32_t offset, size;
	bool is_static;
};

static inline void fixture_datasec(struct btf *btf, const char *section, uint32_t size, const struct fixture_var *vars,
				   size_t n_vars)
{
	int ids[32];

	for (size_t i = 0; i < n_vars; i++)
		ids[i] = btf__add_var(btf, vars[i].name, vars[i].is_static ? BTF_VAR_STATIC : BTF_VAR_GLOBAL_ALLOCATED,
				      vars[i].type_id);
	btf__add_datasec(btf, section, size);
	for (size_t i = 0; i < n_vars; i++)
		btf__add_datasec_var_info(btf, ids[i], vars[i].offset, vars[i].size);
}

/* `__uint(name, value)`: a pointer to an array of @value ints. */
static inline int fixture_uint(struct btf *btf, int int_id, uint32_t value)
{
	return btf__add_ptr(btf, btf__add_array(btf, int_id, int_id, value));
}

static inline int fixture_knob(struct btf *btf, int type_id)
{
	return btf__add_const(btf, btf__add_volatile(btf, type_id));
}

static inline struct btf *fixture_btf(void)
{
	struct btf *btf = btf__new_empty();
	int s32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), unsigned_int = btf__add_int(btf, "unsigned int", 4, 0);
	int u32 = btf__add_typedef(btf, "u32", unsigned_int);
	int u64 = btf__add_typedef(btf, "u64", btf__add_int(btf, "unsigned long long", 8, 0));
	int s8 = btf__add_int(btf, "signed char", 1, BTF_INT_SIGNED), u8 = btf__add_int(btf, "unsigned char", 1, 0);
	int boolean = btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL),
	    character = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
	int real = btf__add_float(btf, "double", 8), single = btf__add_float(btf, "float", 4);
	int comm = btf__add_array(btf, s32, fixture_knob(btf, character), 16);

	int mode = btf__add_enum(btf, "mode", 4);
	btf__add_enum_value(btf, "MODE_A", 0);
	btf__add_enum_value(btf, "MODE_B", 5);
	int event = btf__add_struct(btf, "event", 8);
	btf__add_field(btf, "pid", u32, 0, 0);
	btf__add_field(btf, "code", s32, 32, 0);
	int type_def = fixture_uint(btf, s32, BPF_MAP_TYPE_RINGBUF), size_def = fixture_uint(btf, s32, 4096);
	int value_def = btf__add_ptr(btf, event);
	int events = btf__add_struct(btf, NULL, 24);
	btf__add_field(btf, "type", type_def, 0, 0);
	btf__add_field(btf, "max_entries", size_def, 64, 0);
	btf__add_field(btf, "value", value_def, 128, 0);

	const struct fixture_var rodata[] = {
		{ "min_us", fixture_knob(btf, u64), 0, 8, false },
		{ "targ_pid", fixture_knob(btf, u32), 8, 4, false },
		{ "nice", fixture_knob(btf, s32), 12, 4, false },
		{ "ratio", fixture_knob(btf, real), 16, 8, false },
		{ "failed", fixture_knob(btf, boolean), 24, 1, false },
		{ "hidden", fixture_knob(btf, u8), 25, 1, true },
		{ "comm", comm, 26, 16, false },
		{ "mode", fixture_knob(btf, mode), 44, 4, false },
		{ "ecli_self_tgid", fixture_knob(btf, u32), 48, 4, false },
		{ "__reserved", fixture_knob(btf, u32), 52, 4, false },
		{ "where", fixture_knob(btf, value_def), 56, 8, false },
		{ "tiny", fixture_knob(btf, s8), 64, 1, false },
	};
	const struct fixture_var bss[] = { { "counter", u32, 0, 4, false }, { "limit", u32, 4, 4, false } };
	const struct fixture_var data[] = { { "gain", single, 0, 4, false } };
	const struct fixture_var maps[] = { { "events", events, 0, 24, false } };
	fixture_datasec(btf, ".rodata", 72, rodata, sizeof(rodata) / sizeof(rodata[0]));
	fixture_datasec(btf, ".bss", 8, bss, 2);
	fixture_datasec(btf, ".data", 4, data, 1);
	fixture_datasec(btf, ".maps", 24, maps, 1);
	return btf;
}

/* ---- the file -------------------------------------------------------------------------------------------------- */

struct fixture_file {
	struct ecli_buf bytes, names;
	Elf64_Shdr sections[16];
	uint32_t n_sections;
};

static inline uint32_t fixture_section(struct fixture_file *file, const char *name, uint32_t type, uint64_t flags,
				       const void *data, size_t size)
{
	while (file->bytes.len % 8)
		ecli_buf_add_char(&file->bytes, 0);
	Elf64_Shdr head = {
		.sh_name = (uint32_t)file->names.len,
		.sh_type = type,
		.sh_flags = flags,
		.sh_offset = file->bytes.len,
		.sh_size = size,
		.sh_addralign = 8,
	};
	ecli_buf_add(&file->names, name, strlen(name) + 1);
	if (type != SHT_NOBITS)
		ecli_buf_add(&file->bytes, data, size);
	file->sections[file->n_sections] = head;
	return file->n_sections++;
}

static inline void fixture_rodata(unsigned char bytes[72])
{
	const double ratio = 0.1;
	const int32_t nice = -5;

	memset(bytes, 0, 72);
	bytes[0] = 7;
	memcpy(bytes + 12, &nice, 4);
	memcpy(bytes + 16, &ratio, 8);
	memcpy(bytes + 26, "cc1", 3);
	bytes[44] = 5;
	bytes[64] = 0xfd;
}

/* Appends the whole object to @out, with that BTF; NULL: without. */
static inline void fixture_object_of(struct ecli_buf *out, const struct btf *btf)
{
	static const char strings[] = "\0on_switch\0on_switch_raw\0helper\0local";
	static const unsigned char code[16] = { 0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95 };
	const float gain = 1.5f;
	struct fixture_file file = { 0 };
	unsigned char rodata[72];
	uint32_t btf_size = 0;
	const void *btf_bytes = btf ? btf__raw_data(btf, &btf_size) : NULL;

	fixture_rodata(rodata);
	ecli_buf_add_repeat(&file.bytes, 0, sizeof(Elf64_Ehdr));
	fixture_section(&file, "", SHT_NULL, 0, NULL, 0);
	uint32_t text = fixture_section(&file, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code, 16);
	uint32_t raw =
		fixture_section(&file, "?raw_tp/sched_switch", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code, 16);
	uint32_t tp = fixture_section(&file, "tp_btf/sched_switch", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code, 16);
	fixture_section(&file, "license", SHT_PROGBITS, SHF_ALLOC, "GPL", 4);
	fixture_section(&file, ".rodata", SHT_PROGBITS, SHF_ALLOC, rodata, sizeof(rodata));
	fixture_section(&file, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, NULL, 8);
	fixture_section(&file, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, &gain, 4);
	fixture_section(&file, ".rodata.ecli", SHT_PROGBITS, SHF_ALLOC, rodata, 32);
	if (btf)
		fixture_section(&file, ".BTF", SHT_PROGBITS, 0, btf_bytes, btf_size);
	uint32_t table = fixture_section(&file, ".strtab", SHT_STRTAB, 0, strings, sizeof(strings));

	const Elf64_Sym symbols[] = {
		{ 0 },
		{ .st_name = 1,
		  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
		  .st_shndx = (uint16_t)tp,
		  .st_size = 16 },
		{ .st_name = 11,
		  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
		  .st_shndx = (uint16_t)raw,
		  .st_size = 16 },
		{ .st_name = 25,
		  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
		  .st_shndx = (uint16_t)text,
		  .st_size = 16 },
		{ .st_name = 32,
		  .st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC),
		  .st_shndx = (uint16_t)text,
		  .st_size = 16 },
	};
	uint32_t symtab = fixture_section(&file, ".symtab", SHT_SYMTAB, 0, symbols, sizeof(symbols));
	file.sections[symtab].sh_link = table;
	file.sections[symtab].sh_info = 1;
	file.sections[symtab].sh_entsize = sizeof(Elf64_Sym);
	uint32_t names = fixture_section(&file, ".shstrtab", SHT_STRTAB, 0, "", 0);
	file.sections[names].sh_size = file.names.len;
	ecli_buf_add(&file.bytes, file.names.data, file.names.len);
	while (file.bytes.len % 8)
		ecli_buf_add_char(&file.bytes, 0);

	Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_REL,
		.e_machine = EM_BPF,
		.e_version = EV_CURRENT,
		.e_shoff = file.bytes.len,
		.e_ehsize = sizeof(head),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (uint16_t)file.n_sections,
		.e_shstrndx = (uint16_t)names,
	};
	ecli_buf_add(&file.bytes, file.sections, file.n_sections * sizeof(Elf64_Shdr));
	memcpy(file.bytes.data, &head, sizeof(head));
	ecli_buf_add(out, file.bytes.data, file.bytes.len);
	ecli_buf_done(&file.bytes);
	ecli_buf_done(&file.names);
}

/* The usual one. @with_btf false: the same without its BTF. */
static inline void fixture_object(struct ecli_buf *out, bool with_btf)
{
	struct btf *btf = with_btf ? fixture_btf() : NULL;

	fixture_object_of(out, btf);
	btf__free(btf);
}

#endif
