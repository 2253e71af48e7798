/* SPDX-License-Identifier: MIT */
/* USDT probes: t:good; t:mixed with three sites, of which the second has an argument that cannot be read; t:scaled, which has no other. */
	.text
	.globl fire_sites
	.type fire_sites, %function
fire_sites:
#ifdef __x86_64__
	lea table(%rip), %rsi
good:	nop
first:	nop
second:	nop
third:	nop
	ret
	.macro note name, label, arguments
	.pushsection .note.stapsdt, "", "note"
	.balign 4
	.4byte 2f - 1f, 4f - 3f, 3
1:	.asciz "stapsdt"
2:	.balign 4
3:	.8byte \label, _.stapsdt.base, 0
	.asciz "t"
	.asciz "\name"
	.asciz "\arguments"
4:	.balign 4
	.popsection
	.endm
	note good, good, "8@%rdi"
	note mixed, first, "8@%rdi"
	note mixed, second, "4@(%rsi,%rdi,4)"
	note mixed, third, "-4@%edi 8@(%rsi)"
	note scaled, second, "8@%rdi -4@(%rsi,%rdi,4)"
	.section .stapsdt.base, "aG", "progbits", .stapsdt.base, comdat
	.weak _.stapsdt.base
	.hidden _.stapsdt.base
_.stapsdt.base:
	.space 1
	.size _.stapsdt.base, 1
	.data
table:	.long 10, 20, 30, 40, 50, 60, 70, 80
#else
	ret
#endif
	.section .note.GNU-stack, "", %progbits
