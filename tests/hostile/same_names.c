/* SPDX-License-Identifier: MIT */
/*
 * same_names FILE FUNCTIONS BYTES: writes an ELF program whose functions are all called by one name of so many bytes, which has no end
 * when BYTES is negative.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	FILE *file = argc > 3 ? fopen(argv[1], "w") : NULL;
	long count = file ? atol(argv[2]) : 0, bytes = file ? atol(argv[3]) : 0;
	int has_end = bytes >= 0;

	if (!file)
		return 2;
	bytes = labs(bytes);
	const Elf64_Off symbols_at = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 3 * sizeof(Elf64_Shdr);
	const Elf64_Off names_at = symbols_at + (Elf64_Off)count * sizeof(Elf64_Sym);
	const Elf64_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
				  .e_type = ET_DYN,
#ifdef __aarch64__
				  .e_machine = EM_AARCH64,
#else
				  .e_machine = EM_X86_64,
#endif
				  .e_version = EV_CURRENT,
				  .e_phoff = sizeof(head),
				  .e_shoff = sizeof(head) + sizeof(Elf64_Phdr),
				  .e_ehsize = sizeof(head),
				  .e_phentsize = sizeof(Elf64_Phdr),
				  .e_phnum = 1,
				  .e_shentsize = sizeof(Elf64_Shdr),
				  .e_shnum = 3,
				  .e_shstrndx = 2 };
	const Elf64_Phdr code = { .p_type = PT_LOAD,
				  .p_flags = PF_R | PF_X,
				  .p_vaddr = 0x1000,
				  .p_filesz = symbols_at,
				  .p_memsz = symbols_at };
	const Elf64_Shdr sections[3] = {
		[1] = { .sh_type = SHT_SYMTAB,
			.sh_offset = symbols_at,
			.sh_size = (Elf64_Xword)count * sizeof(Elf64_Sym),
			.sh_link = 2,
			.sh_entsize = sizeof(Elf64_Sym) },
		[2] = { .sh_type = SHT_STRTAB, .sh_offset = names_at, .sh_size = (Elf64_Xword)(bytes + 1 + has_end) },
	};

	fwrite(&head, sizeof(head), 1, file);
	fwrite(&code, sizeof(code), 1, file);
	fwrite(sections, sizeof(sections), 1, file);
	for (long i = 0; i < count; i++) {
		const Elf64_Sym symbol = {
			.st_name = 1, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1, .st_value = 0x1000
		};
		fwrite(&symbol, sizeof(symbol), 1, file);
	}
	fputc(0, file);
	while (bytes--)
		fputc('A', file);
	if (has_end)
		fputc(0, file);
	return fclose(file) ? 1 : 0;
}
