/* SPDX-License-Identifier: MIT */
/*
 * What the system has a name for. A number without a name stays a number.
 *
 *     errno   -2 -> -ENOENT, 2 -> ENOENT where it cannot be negative     signal  9 -> SIGKILL, 34 -> SIGRTMIN
 *     syscall 257 -> openat (of this architecture)                       file_flags -> O_RDWR|O_CREAT|O_CLOEXEC
 *     file_mode 0104755 -> -rwsr-xr-x                                    uid 0 -> root
 */
#include <inttypes.h>
#include <linux/bpf.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "render/formats.h"

/* ---- errors ---------------------------------------------------------------------------------------------------- */

#define ERROR_MAX 4095 /* MAX_ERRNO, include/linux/err.h: what a negative return value can mean */

static const char *error_name(uint64_t code)
{
	if (code >= ECLI_NAMES_INTERNAL_FIRST)
		return ecli_names_get(&ecli_names_internal_errno, code - ECLI_NAMES_INTERNAL_FIRST);
	return ecli_names_get(&ecli_names_errno, code);
}

/*
 * Negative: what a kernel function returns, also in an unsigned field of 4 or 8 bytes. Positive: in a signed field it is
 * a result (bytes read, a descriptor), in an unsigned one the error itself.
 */
void ecli_format_errno(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		       struct ecli_buf *out)
{
	uint64_t bits = ecli_format_bits(field, value);
	uint64_t top = field->size_bytes < 8 ? (uint64_t)1 << 8 * field->size_bytes : 0;
	uint64_t negated = field->is_signed ? 0 - value->u : top - bits;
	bool can_wrap = field->is_signed || field->size_bytes >= 4;
	const char *name = NULL;

	(void)formats;
	if (can_wrap && negated && negated <= ERROR_MAX && (name = error_name(negated)))
		ecli_buf_add_char(out, '-');
	else if (!field->is_signed)
		name = error_name(bits);
	if (name)
		ecli_buf_add_text(out, name);
	else
		ecli_format_number(field, value, out);
}

/* ---- plain tables ---------------------------------------------------------------------------------------------- */

static void put_name(const char *name, const struct ecli_field *field, const struct ecli_value *value,
		     struct ecli_buf *out)
{
	if (name)
		ecli_buf_add_text(out, name);
	else
		ecli_format_number(field, value, out);
}

void ecli_format_signal(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			struct ecli_buf *out)
{
	uint64_t number = value->u;

	(void)formats;
	if (number < ECLI_NAMES_RT_FIRST || number > ECLI_NAMES_RT_LAST) {
		put_name(ecli_names_get(&ecli_names_signal, number), field, value, out);
		return;
	}
	ecli_buf_add_text(out, "SIGRTMIN");
	if (number > ECLI_NAMES_RT_FIRST) {
		ecli_buf_add_char(out, '+');
		ecli_format_unsigned(out, number - ECLI_NAMES_RT_FIRST);
	}
}

void ecli_format_syscall(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			 struct ecli_buf *out)
{
	(void)formats;
	put_name(ecli_names_get(&ecli_names_syscall, value->u), field, value, out);
}

void ecli_format_capability(struct ecli_formats *formats, const struct ecli_field *field,
			    const struct ecli_value *value, struct ecli_buf *out)
{
	(void)formats;
	put_name(ecli_names_get(&ecli_names_capability, value->u), field, value, out);
}

void ecli_format_tcp_state(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			   struct ecli_buf *out)
{
	(void)formats;
	put_name(ecli_names_get(&ecli_names_tcp_state, value->u), field, value, out);
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

/* As ls(1) shows it. No type at all, as in the mode that open(2) and chmod(2) are given, is shown like a plain file. */
void ecli_format_file_mode(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			   struct ecli_buf *out)
{
	static const struct {
		uint32_t bits;
		char letter;
	} types[] = {
		{ 0, '-' },       { S_IFREG, '-' }, { S_IFDIR, 'd' }, { S_IFLNK, 'l' },
		{ S_IFCHR, 'c' }, { S_IFBLK, 'b' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' },
	};
	uint64_t mode = ecli_format_bits(field, value);
	char text[10] = "?rwxrwxrwx";

	(void)formats;
	if (mode > 0177777) {
		ecli_buf_add_format(out, "0%" PRIo64, mode);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((mode & S_IFMT) == types[i].bits)
			text[0] = types[i].letter;
	for (unsigned int i = 0; i < 9; i++)
		if (!(mode & (0400u >> i)))
			text[1 + i] = '-';
	/* Upper case: the bit is there, but the right to execute is not. */
	if (mode & S_ISUID)
		text[3] = mode & S_IXUSR ? 's' : 'S';
	if (mode & S_ISGID)
		text[6] = mode & S_IXGRP ? 's' : 'S';
	if (mode & S_ISVTX)
		text[9] = mode & S_IXOTH ? 't' : 'T';
	ecli_buf_add(out, text, sizeof(text));
}

static const struct ecli_flag_name *find_flag(uint64_t bits)
{
	const struct ecli_flag_name *flag = ecli_names_open_flags;

	while (flag->name && flag->bits != bits)
		flag++;
	return flag->name ? flag : NULL;
}

/* The access mode, then names of several bits (O_SYNC has the bit of O_DSYNC), then the rest by bit. */
void ecli_format_file_flags(struct ecli_formats *formats, const struct ecli_field *field,
			    const struct ecli_value *value, struct ecli_buf *out)
{
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };
	uint64_t rest = ecli_format_bits(field, value), unnamed = 0;

	(void)formats;
	ecli_buf_add_text(out, modes[rest & 3]);
	rest &= ~(uint64_t)3;
	for (const struct ecli_flag_name *flag = ecli_names_open_flags; flag->name; flag++) {
		if (!(flag->bits & (flag->bits - 1)) || (rest & flag->bits) != flag->bits)
			continue;
		ecli_buf_add_char(out, '|');
		ecli_buf_add_text(out, flag->name);
		rest &= ~flag->bits;
	}
	for (uint64_t bit; rest; rest &= ~bit) {
		const struct ecli_flag_name *flag;

		bit = rest & (0 - rest);
		flag = find_flag(bit);
		if (!flag) {
			unnamed |= bit;
			continue;
		}
		ecli_buf_add_char(out, '|');
		ecli_buf_add_text(out, flag->name);
	}
	if (unnamed)
		ecli_buf_add_format(out, "|0x%" PRIx64, unnamed);
}

/* ---- names of the running system ------------------------------------------------------------------------------- */

static void put_account(struct ecli_accounts *accounts, uint64_t now_ns, const struct ecli_field *field,
			const struct ecli_value *value, struct ecli_buf *out)
{
	uint64_t id = ecli_format_bits(field, value);

	put_name(id <= UINT32_MAX ? ecli_accounts_name(accounts, (uint32_t)id, now_ns) : NULL, field, value, out);
}

void ecli_format_uid(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		     struct ecli_buf *out)
{
	put_account(&formats->users, formats->now_ns, field, value, out);
}

void ecli_format_gid(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		     struct ecli_buf *out)
{
	put_account(&formats->groups, formats->now_ns, field, value, out);
}

void ecli_format_ifindex(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			 struct ecli_buf *out)
{
	put_name(ecli_lookup_name(&formats->interfaces, value->u, formats->now_ns), field, value, out);
}

void ecli_format_cgroup_id(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
			   struct ecli_buf *out)
{
	put_name(ecli_lookup_name(&formats->cgroups, value->u, formats->now_ns), field, value, out);
}
