/* SPDX-License-Identifier: MIT */
/*
 * vmlinux.h, with libbpf's dumper: the same text that `bpftool btf dump file ... format c` prints (the kernel's functions for programs are in
 * kfuncs.c), and a last line with the hash of everything before it. A cached header is 3 MB; hashing it takes a millisecond, parsing the BTF again
 * would take a hundred.
 */
#include "compile/vmlinux.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

#include "base/cleanup.h"
#include "compile/kfuncs.h"
#include "compile/target.h"
#include "types/machine.h"

DEFINE_CLEANUP(btf, struct btf *, btf__free)
DEFINE_CLEANUP(btf_dump, struct btf_dump *, btf_dump__free)

/* Records get preserve_access_index: that is what makes accesses to them relocatable. */
static const char head[] = "#ifndef __VMLINUX_H__\n"
			   "#define __VMLINUX_H__\n\n"
			   "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
			   "#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)\n"
			   "#endif\n\n";
static const char tail[] = "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
			   "#pragma clang attribute pop\n"
			   "#endif\n\n";
static const char last[] = "#endif /* __VMLINUX_H__ */\n";

#define SEAL_FORMAT "/* ecc: %016" PRIx64 " */\n"
#define SEAL_LEN    (sizeof("/* ecc: 0123456789abcdef */\n") - 1)

static void add_text(void *ctx, const char *format, va_list args)
{
	struct ecli_buf *buf = ctx;
	va_list again;

	va_copy(again, args);
	int len = ecli_buf_reserve(buf, 256) ? vsnprintf(buf->data + buf->len, 256, format, args) : -1;
	if (len < 0)
		buf->failed = true;
	else if (len >= 256 && ecli_buf_reserve(buf, (size_t)len + 1))
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
	va_end(again);
	if (!buf->failed)
		buf->len += (size_t)len;
}

/* The registers of the machine whose types these are get other names, and the target's stand in their place. */
static void add_registers(const struct ecli_target *target, bool is_start, struct ecli_buf *buf)
{
	for (size_t i = 0; ecli_target_register_types[i]; i++) {
		const char *name = ecli_target_register_types[i];

		if (is_start)
			ecli_buf_add_format(buf, "#define %s %s___of_another_machine\n", name, name);
		else
			ecli_buf_add_format(buf, "#undef %s\n", name);
	}
	ecli_buf_add_text(buf, is_start ? "\n" : target->registers);
}

int ecli_vmlinux_write(const char *path, const struct ecli_target *target, struct ecli_buf *buf, struct ecli_err *err)
{
	CLEANUP(cleanup_btf) struct btf *btf = btf__parse(path, NULL);
	CLEANUP(cleanup_btf_dump) struct btf_dump *dump = NULL;

	if (!btf && errno == ENOENT)
		return ecli_err_set(err, -ENOENT, "cannot read %s: there is no such file, or it holds no BTF", path);
	if (!btf && (errno == EACCES || errno == EPERM))
		return ecli_err_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
	if (!btf)
		return ecli_err_set(err, -EINVAL,
				    "%s is not BTF, damaged, or newer than this program understands: cannot make "
				    "vmlinux.h from it",
				    path);

	dump = btf_dump__new(btf, add_text, buf, NULL);
	if (!dump)
		return ecli_err_set(err, -ENOMEM, "out of memory while making vmlinux.h");
	const char *owner = ecli_types_machine(btf);
	bool is_foreign = owner && strcmp(owner, target->name) != 0;

	ecli_buf_add_text(buf, head);
	if (is_foreign)
		add_registers(target, true, buf);
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		int r = btf_dump__dump_type(dump, id);
		if (r)
			return ecli_err_set(err, -EINVAL, "%s is damaged: type %u cannot be written as C", path, id);
	}
	if (is_foreign)
		add_registers(target, false, buf);
	ecli_buf_add_text(buf, tail);
	if (ecli_kfuncs_write(btf, dump, buf))
		return ecli_err_set(err, -EINVAL,
				    "%s is damaged: a function that programs may call cannot be written as C", path);
	ecli_buf_add_text(buf, last);
	return ecli_buf_failed(buf) ? ecli_err_set(err, -ENOMEM, "out of memory while making vmlinux.h") : 0;
}

uint64_t ecli_vmlinux_hash(uint64_t seed, const void *data, size_t size)
{
	const unsigned char *p = data;
	uint64_t hash = seed ^ 0x9e3779b97f4a7c15 ^ size;

	for (; size;) {
		uint64_t word = 0;
		size_t step = size < sizeof(word) ? size : sizeof(word);

		memcpy(&word, p, step);
		hash = (hash ^ word) * 0xff51afd7ed558ccd;
		hash ^= hash >> 32;
		p += step;
		size -= step;
	}
	return hash;
}

void ecli_vmlinux_seal(struct ecli_buf *buf)
{
	ecli_buf_add_format(buf, SEAL_FORMAT, ecli_vmlinux_hash(0, buf->data, buf->len));
}

bool ecli_vmlinux_is_whole(const char *text, size_t size)
{
	char seal[SEAL_LEN + 1];

	if (size < SEAL_LEN)
		return false;
	snprintf(seal, sizeof(seal), SEAL_FORMAT, ecli_vmlinux_hash(0, text, size - SEAL_LEN));
	return !memcmp(text + size - SEAL_LEN, seal, SEAL_LEN);
}
