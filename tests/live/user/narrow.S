/* SPDX-License-Identifier: MIT */
/* A program of 32 bits, without a library: calls narrow() again and again. */
	.text
	.globl _start
	.type narrow, @function
narrow:	nop
	movl $1, %eax
	ret
	.size narrow, . - narrow
_start:	call narrow
	movl $162, %eax /* nanosleep */
	movl $pause, %ebx
	xorl %ecx, %ecx
	int $0x80
	jmp _start
	.data
pause:	.long 0, 1000000
	.section .note.GNU-stack, "", @progbits
