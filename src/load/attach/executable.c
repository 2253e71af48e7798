/* SPDX-License-Identifier: MIT */
/*
 * ELF files of 32 and 64 bits, read with pread(2): a mapping would end us with SIGBUS when somebody cuts the file meanwhile.
 *
 *     header ─┬─> segments: they turn addresses into offsets (sections may say anything: packers and prelinkers move them)
 *             └─> sections ─> .dynsym and .symtab, the first of each ─> their names, read whole ─> each symbol with a place in code
 *
 * Bounds, so that no file takes for ever or all memory: segments, symbols, bytes of names, the length of one name, versions, slots. The
 * largest programs people have stay below each of them.
 */
#include "load/attach/executable.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"

#define MAX_SEGMENTS    1024u        /* a linker makes about a dozen */
#define MAX_SYMBOLS     (1u << 24)   /* of one table */
#define MAX_NAMES       (256u << 20) /* bytes of one table */
#define MAX_VERSIONS    (4u << 20)   /* bytes of the definitions of versions */
#define MAX_SLOTS       (64u << 20)  /* bytes of one section of relocations */
#define MAX_NOTES       (4u << 20)   /* bytes of a section of notes: 70,000 USDT probes */
#define SYMBOLS_AT_ONCE 4096u

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define OWN_ORDER ELFDATA2LSB
#else
#define OWN_ORDER ELFDATA2MSB
#endif

/* Machines, which of them one kernel runs, and their kinds of relocation for a slot that a resolver fills (<elf.h>; the psABI of each). */
static const struct {
	uint16_t machine;
	const char *name, *host; /* uname -m of the kernels that run it */
	uint32_t irelative;
} machines[] = {
	{ EM_X86_64, "x86_64", "x86_64", 37 },
	{ EM_386, "i386", "x86_64", 42 },
	{ EM_AARCH64, "aarch64", "aarch64", 1032 },
	{ EM_ARM, "arm", "aarch64", 160 },
	{ EM_RISCV, "riscv64", "riscv64", 58 },
	{ EM_S390, "s390x", "s390x", 61 },
	{ EM_PPC64, "ppc64", "ppc64", 248 },
	{ EM_PPC, "ppc", "ppc64", 248 },
	{ EM_MIPS, "mips", "mips", 0 },
	{ EM_LOONGARCH, "loongarch64", "loongarch64", 12 },
	{ EM_BPF, "bpf", "", 0 },
};

#if defined(__x86_64__)
#define OWN_HOST "x86_64"
#elif defined(__aarch64__)
#define OWN_HOST "aarch64"
#elif defined(__riscv)
#define OWN_HOST "riscv64"
#elif defined(__s390x__)
#define OWN_HOST "s390x"
#elif defined(__powerpc64__)
#define OWN_HOST "ppc64"
#elif defined(__loongarch__)
#define OWN_HOST "loongarch64"
#else
#define OWN_HOST NULL /* every file is taken */
#endif

/* ---- reading --------------------------------------------------------------------------------------------------- */

static int read_at(const struct ecli_executable *elf, uint64_t offset, void *to, size_t size)
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

/* @count things of @each bytes, malloc'ed with a NUL behind. */
static int read_table(const struct ecli_executable *elf, uint64_t offset, uint64_t count, size_t each,
		      unsigned char **ret)
{
	if (count > elf->size / each || !ecli_num_within(offset, count * each, elf->size))
		return -ENOEXEC;
	CLEANUP_FREE unsigned char *bytes = malloc((size_t)(count * each) + 1);
	if (!bytes)
		return -ENOMEM;
	int r = read_at(elf, offset, bytes, (size_t)(count * each));
	if (r)
		return r;
	bytes[count * each] = '\0';
	*ret = TAKE_PTR(bytes);
	return 0;
}

int ecli_executable_read(const struct ecli_executable *elf, const struct ecli_executable_section *section, uint64_t max,
			 unsigned char **ret)
{
	return section->size > max ? -E2BIG : read_table(elf, section->offset, section->size, 1, ret);
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

static int read_segments(struct ecli_executable *elf, uint64_t offset, uint32_t count)
{
	CLEANUP_FREE unsigned char *bytes = NULL;
	size_t each = SIZE_OF(elf, Phdr);

	if (count > MAX_SEGMENTS)
		return -E2BIG;
	int r = count ? read_table(elf, offset, count, each, &bytes) : 0;
	for (uint32_t i = 0; !r && i < count; i++) {
		struct ecli_executable_load load = { 0 };
		bool is_load;

		DECODE(elf, Phdr, bytes + i * each, is_load = raw.p_type == PT_LOAD,
		       load = (struct ecli_executable_load){ raw.p_vaddr, raw.p_offset, raw.p_filesz,
							     raw.p_flags & PF_X });
		if (!is_load)
			continue;
		if (elf->n_loads == ECLI_EXECUTABLE_MAX_LOAD)
			return -E2BIG;
		elf->loads[elf->n_loads++] = load;
	}
	return r;
}

static int read_sections(struct ecli_executable *elf, uint64_t offset, uint32_t count)
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
		       elf->sections[i] = (struct ecli_executable_section){ raw.sh_name, raw.sh_type, raw.sh_link,
									    raw.sh_offset, raw.sh_size });
	return 0;
}

int ecli_executable_open(int fd, struct ecli_executable *elf)
{
	uint64_t segments_at = 0, sections_at = 0;
	uint32_t n_segments = 0, n_sections = 0, segment_bytes = 0, section_bytes = 0;
	unsigned char head[sizeof(Elf64_Ehdr)] = { 0 };
	struct stat st;

	*elf = (struct ecli_executable){ .fd = fd };
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
	DECODE(elf, Ehdr, head, elf->machine = raw.e_machine, segments_at = raw.e_phoff, sections_at = raw.e_shoff,
	       n_segments = raw.e_phnum, n_sections = raw.e_shnum, elf->names = raw.e_shstrndx,
	       segment_bytes = raw.e_phentsize, section_bytes = raw.e_shentsize);
	if ((n_segments && segment_bytes != SIZE_OF(elf, Phdr)) || (n_sections && section_bytes != SIZE_OF(elf, Shdr)))
		return -ENOEXEC;
	r = read_segments(elf, segments_at, n_segments);
	return r ? r : read_sections(elf, sections_at, n_sections);
}

void ecli_executable_close(struct ecli_executable *elf)
{
	free(elf->sections);
	elf->sections = NULL;
	elf->n_sections = 0;
}

/* ---- what it is for, and where its code is --------------------------------------------------------------------- */

bool ecli_executable_is_native(const struct ecli_executable *elf)
{
	if (!OWN_HOST)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].machine == elf->machine)
			return !strcmp(machines[i].host, OWN_HOST);
	return false;
}

const char *ecli_executable_machine(const struct ecli_executable *elf)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].machine == elf->machine)
			return machines[i].name;
	return "?";
}

bool ecli_executable_to_offset(const struct ecli_executable *elf, uint64_t address, bool is_code, uint64_t *ret_offset)
{
	for (size_t i = 0; i < elf->n_loads; i++) {
		const struct ecli_executable_load *load = &elf->loads[i];

		if ((is_code && !load->is_code) || address < load->address || address - load->address >= load->size)
			continue;
		*ret_offset = address - load->address + load->offset;
		return *ret_offset < elf->size;
	}
	return false;
}

int ecli_executable_has_section(const struct ecli_executable *elf, const char *name, bool *ret)
{
	CLEANUP_FREE unsigned char *names = NULL;
	size_t len = strlen(name);

	*ret = false;
	if (elf->names >= elf->n_sections)
		return 0;
	uint64_t size = elf->sections[elf->names].size;
	int r = ecli_executable_read(elf, &elf->sections[elf->names], MAX_NAMES, &names);
	for (uint32_t i = 0; !r && !*ret && i < elf->n_sections; i++)
		*ret = ecli_num_within(elf->sections[i].name, len + 1, size) &&
		       !memcmp(names + elf->sections[i].name, name, len + 1);
	return r;
}

static const struct ecli_executable_section *find_section(const struct ecli_executable *elf, uint32_t type)
{
	for (uint32_t i = 0; i < elf->n_sections; i++)
		if (elf->sections[i].type == type)
			return &elf->sections[i];
	return NULL;
}

/* ---- symbols --------------------------------------------------------------------------------------------------- */

/* One table while it is gone through. */
struct table {
	const struct ecli_executable *elf;
	const unsigned char *names, *versions; /* versions: NULL without */
	uint64_t names_size, n_versions;
	ecli_executable_fn fn;
	void *ctx;
};

static bool kind_of(unsigned char type, enum ecli_executable_kind *ret)
{
	static const struct {
		unsigned char type;
		enum ecli_executable_kind kind;
	} kinds[] = { { STT_FUNC, ECLI_EXECUTABLE_FUNCTION },
		      { STT_GNU_IFUNC, ECLI_EXECUTABLE_INDIRECT },
		      { STT_NOTYPE, ECLI_EXECUTABLE_UNTYPED } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].type == type) {
			*ret = kinds[i].kind;
			return true;
		}
	return false;
}

static int tell_symbol(const struct table *table, const unsigned char *bytes, uint64_t index)
{
	struct ecli_executable_symbol symbol = { 0 };
	unsigned char type = 0;
	uint32_t name = 0, section = 0;
	uint16_t version;

	DECODE(table->elf, Sym, bytes, name = raw.st_name, section = raw.st_shndx, type = ELF64_ST_TYPE(raw.st_info),
	       symbol.address = raw.st_value);
	if (!kind_of(type, &symbol.kind) || section == SHN_UNDEF || name >= table->names_size ||
	    (symbol.kind == ECLI_EXECUTABLE_UNTYPED && section >= SHN_LORESERVE) ||
	    !ecli_executable_to_offset(table->elf, symbol.address, true, &symbol.offset))
		return 0;
	symbol.name = (const char *)table->names + name;
	symbol.room = (size_t)(table->names_size - name);
	if (symbol.room > ECLI_EXECUTABLE_MAX_NAME)
		symbol.room = ECLI_EXECUTABLE_MAX_NAME;
	if (index < table->n_versions) {
		memcpy(&version, table->versions + index * sizeof(version), sizeof(version));
		symbol.version = version & 0x7fff;
		symbol.is_old = version & 0x8000;
	}
	return table->fn(table->ctx, &symbol);
}

/* Index by index beside the symbols. A file without them, or with damaged ones, has none. */
static int read_versions(const struct ecli_executable *elf, struct table *table, unsigned char **ret)
{
	const struct ecli_executable_section *section = find_section(elf, SHT_GNU_versym);

	if (!section || section->size > MAX_SYMBOLS * sizeof(uint16_t) ||
	    !ecli_num_within(section->offset, section->size, elf->size))
		return 0;
	int r = ecli_executable_read(elf, section, MAX_SYMBOLS * sizeof(uint16_t), ret);
	table->versions = *ret;
	table->n_versions = r ? 0 : section->size / sizeof(uint16_t);
	return r;
}

/* The first table of that type: a file has one of each. A table that lies outside of the file has no symbols. */
static int scan_table(struct table *table, uint32_t type)
{
	CLEANUP_FREE unsigned char *names = NULL, *symbols = NULL, *versions = NULL;
	const struct ecli_executable *elf = table->elf;
	const struct ecli_executable_section *section = find_section(elf, type);
	size_t each = SIZE_OF(elf, Sym);

	if (!section || section->link >= elf->n_sections)
		return 0;
	const struct ecli_executable_section *text = &elf->sections[section->link];
	uint64_t count = section->size / each;
	if (!ecli_num_within(section->offset, section->size, elf->size) ||
	    !ecli_num_within(text->offset, text->size, elf->size) || !text->size)
		return 0;
	if (count > MAX_SYMBOLS || text->size > MAX_NAMES)
		return -E2BIG;
	symbols = malloc((count < SYMBOLS_AT_ONCE ? (size_t)count : SYMBOLS_AT_ONCE) * each + 1);
	if (!symbols)
		return -ENOMEM;
	int r = ecli_executable_read(elf, text, MAX_NAMES, &names);
	r = r || type != SHT_DYNSYM ? r : read_versions(elf, table, &versions);
	table->names = names;
	table->names_size = text->size;
	for (uint64_t done = 0; !r && done < count;) {
		size_t part = count - done < SYMBOLS_AT_ONCE ? (size_t)(count - done) : SYMBOLS_AT_ONCE;

		r = read_at(elf, section->offset + done * each, symbols, part * each);
		for (size_t k = 0; !r && k < part; k++)
			r = tell_symbol(table, symbols + k * each, done + k);
		done += part;
	}
	return r;
}

int ecli_executable_symbols(const struct ecli_executable *elf, ecli_executable_fn fn, void *ctx)
{
	struct table dynamic = { .elf = elf, .fn = fn, .ctx = ctx }, all = dynamic;
	int r = scan_table(&dynamic, SHT_DYNSYM);

	return r ? r : scan_table(&all, SHT_SYMTAB);
}

int ecli_executable_version(const struct ecli_executable *elf, const char *name, uint16_t *ret)
{
	const struct ecli_executable_section *section = find_section(elf, SHT_GNU_verdef);
	CLEANUP_FREE unsigned char *bytes = NULL, *names = NULL;
	size_t len = strlen(name);
	Elf64_Verdef version; /* of one shape in both classes */
	Elf64_Verdaux word;

	*ret = 0;
	if (!section || section->link >= elf->n_sections)
		return 0;
	const struct ecli_executable_section *text = &elf->sections[section->link];
	int r = ecli_executable_read(elf, section, MAX_VERSIONS, &bytes);
	r = r ? r : ecli_executable_read(elf, text, MAX_NAMES, &names);
	/* Each lies behind the one before, so they end. */
	for (uint64_t at = 0; !r && ecli_num_within(at, sizeof(version), section->size);) {
		memcpy(&version, bytes + at, sizeof(version));
		if (ecli_num_within(at + version.vd_aux, sizeof(word), section->size)) {
			memcpy(&word, bytes + at + version.vd_aux, sizeof(word));
			if (ecli_num_within(word.vda_name, len + 1, text->size) &&
			    !memcmp(names + word.vda_name, name, len + 1))
				*ret = version.vd_ndx & 0x7fff;
		}
		if (*ret || !version.vd_next)
			break;
		at += version.vd_next;
	}
	return r;
}

/* ---- slots ----------------------------------------------------------------------------------------------------- */

static uint32_t irelative_of(const struct ecli_executable *elf)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].machine == elf->machine)
			return machines[i].irelative;
	return 0;
}

int ecli_executable_slots(const struct ecli_executable *elf, struct ecli_executable_slot **ret, size_t *ret_count)
{
	CLEANUP_FREE struct ecli_executable_slot *slots = NULL;
	uint32_t irelative = irelative_of(elf);
	size_t count = 0;

	for (uint32_t i = 0; elf->is_64 && irelative && i < elf->n_sections; i++) {
		CLEANUP_FREE unsigned char *bytes = NULL;
		size_t n = (size_t)(elf->sections[i].size / sizeof(Elf64_Rela));

		if (elf->sections[i].type != SHT_RELA || !n)
			continue;
		int r = ecli_executable_read(elf, &elf->sections[i], MAX_SLOTS, &bytes);
		struct ecli_executable_slot *more = r ? NULL : reallocarray(slots, count + n, sizeof(*slots));
		if (!more)
			return r ? r : -ENOMEM;
		slots = more;
		for (size_t k = 0; k < n; k++) {
			Elf64_Rela rela;

			memcpy(&rela, bytes + k * sizeof(rela), sizeof(rela));
			if (ELF64_R_TYPE(rela.r_info) == irelative)
				slots[count++] =
					(struct ecli_executable_slot){ (uint64_t)rela.r_addend, rela.r_offset };
		}
	}
	*ret = TAKE_PTR(slots);
	*ret_count = count;
	return 0;
}

/* ---- for other readers ----------------------------------------------------------------------------------------- */

/* libelf looks for the end of a name from the end of its table on: fast where that is a NUL, the whole table for each name where it is not. */
int ecli_executable_check(const struct ecli_executable *elf)
{
	int r = elf->n_sections ? 0 : -ENOEXEC;
	char last;

	for (uint32_t i = 0; !r && i < elf->n_sections; i++) {
		const struct ecli_executable_section *section = &elf->sections[i];

		if (section->type == SHT_NOTE && section->size > MAX_NOTES)
			r = -E2BIG;
		if (section->type != SHT_STRTAB || !section->size)
			continue;
		if (!ecli_num_within(section->offset, section->size, elf->size))
			r = -ENOEXEC;
		r = r ? r : read_at(elf, section->offset + section->size - 1, &last, 1);
		r = !r && last ? -ENOEXEC : r;
	}
	return r;
}
