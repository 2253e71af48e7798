/* SPDX-License-Identifier: MIT */
/*
 * What a word means beside a field: a name of its enum, what its format has names or a notation for (docs/formats/fields.md), a number. Read
 * with the tables and parsers that show these values and read options, so that what a person sees is what a person can type.
 *
 * Everything becomes a range of whole numbers by value: a field's width and sign play no part here, except for an error code in
 * an unsigned field, which is shown as -ENOENT and is a large number.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/names.h"
#include "options/names.h"
#include "options/quantity.h"
#include "options/value.h"
#include "plan/ops.h"
#include "where/where.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

static struct where_range single(where_wide bits, bool is_negative)
{
	struct where_number number = { is_negative ? 0 - bits : bits, is_negative && bits };

	return (struct where_range){ number, number };
}

int where_number_compare(const struct where_number *a, const struct where_number *b)
{
	if (a->is_negative != b->is_negative)
		return a->is_negative ? -1 : 1;
	return a->bits == b->bits ? 0 : a->bits < b->bits ? -1 : 1;
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

static int read_digits(const char *text, unsigned int base, where_wide *ret)
{
	const where_wide most = ~(where_wide)0;
	where_wide value = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		unsigned int c = (unsigned char)*text;
		unsigned int digit = isdigit((int)c)    ? c - '0'
				     : isxdigit((int)c) ? (unsigned int)tolower((int)c) - 'a' + 10
							: 16;

		if (digit >= base)
			return -EINVAL;
		if (value > (most - digit) / base)
			return -ERANGE;
		value = value * base + digit;
	}
	*ret = value;
	return 0;
}

/* @unit: of a number without one; NULL: the notation's own. */
static int read_quantity(enum ecli_notation notation, const char *unit, const char *text, uint64_t *ret)
{
	char with_unit[64];

	if (!unit || text[strspn(text, "0123456789.")])
		return ecli_quantity_parse(notation, text, ret);
	if ((size_t)snprintf(with_unit, sizeof(with_unit), "%s%s", text, unit) >= sizeof(with_unit))
		return -ERANGE;
	return ecli_quantity_parse(notation, with_unit, ret);
}

/* With the units of the field's format; an octal number where these are shown as such. */
static int read_number(const struct where_field *field, const char *text, struct where_range *ret)
{
	static const struct {
		enum ecli_notation notation;
		const char *unit; /* of a plain number, where that is not the notation's own */
	} units[ECLI_AS_COUNT] = {
		[ECLI_AS_DURATION] = { ECLI_NOTATION_NS, NULL },
		[ECLI_AS_DURATION_US] = { ECLI_NOTATION_US, NULL },
		[ECLI_AS_DURATION_MS] = { ECLI_NOTATION_MS, NULL },
		[ECLI_AS_BYTES] = { ECLI_NOTATION_BYTES, NULL },
		[ECLI_AS_NS_IN_US] = { ECLI_NOTATION_NS, "us" },
		[ECLI_AS_NS_IN_MS] = { ECLI_NOTATION_NS, "ms" },
		[ECLI_AS_US_IN_MS] = { ECLI_NOTATION_US, "ms" },
		[ECLI_AS_BYTES_IN_KIB] = { ECLI_NOTATION_BYTES, "KiB" },
	};
	enum ecli_as as = field->format ? field->format->as : ECLI_AS_NUMBER;
	bool is_negative = *text == '-';
	const char *digits = text + is_negative;
	uint64_t quantity;
	where_wide value;
	int r;

	if (!strncmp(digits, "0x", 2) || !strncmp(digits, "0X", 2)) {
		r = read_digits(digits + 2, 16, &value);
	} else if (*digits == '0' && (as == ECLI_AS_OCTAL || as == ECLI_AS_FILE_MODE)) {
		r = read_digits(digits, 8, &value);
	} else if (ecli_quantity_is(units[as].notation)) {
		r = read_quantity(units[as].notation, units[as].unit, digits, &quantity);
		value = r ? 0 : quantity;
	} else {
		r = read_digits(digits, 10, &value);
	}
	if (!r && is_negative && value > (where_wide)1 << 127)
		r = -ERANGE;
	if (!r)
		*ret = single(value, is_negative);
	return r;
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

/* A reader of one format: 0, or -EINVAL when the word is no name of it. */
typedef int (*read_fn)(const struct where_field *field, const char *text, struct where_range *ret);

static int from_table(const struct ecli_names *names, const char *text, struct where_range *ret)
{
	uint64_t value;

	if (!ecli_names_number(names, text, &value))
		return -EINVAL;
	*ret = single(value, false);
	return 0;
}

/* As it is shown: signed fields have errors as negative numbers only, unsigned ones both ways. */
static int read_errno(const struct where_field *field, const char *text, struct where_range *ret)
{
	bool is_negative = *text == '-';
	uint64_t code;

	if (ecli_names_number(&ecli_names_internal_errno, text + is_negative, &code))
		code += ECLI_NAMES_INTERNAL_FIRST;
	else if (!ecli_names_number(&ecli_names_errno, text + is_negative, &code))
		return -EINVAL;
	if (!is_negative && field->field->is_signed)
		return -EDOM;
	*ret = single(code, is_negative);
	if (is_negative && !field->field->is_signed)
		*ret = single(((where_wide)1 << 8 * field->field->size_bytes) - code, false);
	return 0;
}

static int read_signal(const struct where_field *field, const char *text, struct where_range *ret)
{
	static const char first[] = "SIGRTMIN";
	where_wide above = 0;

	(void)field;
	if (strncmp(text, first, sizeof(first) - 1) != 0)
		return from_table(&ecli_names_signal, text, ret);
	text += sizeof(first) - 1;
	if (*text && (*text != '+' || read_digits(text + 1, 10, &above)))
		return -EINVAL;
	if (above > ECLI_NAMES_RT_LAST - ECLI_NAMES_RT_FIRST)
		return -EINVAL;
	*ret = single(ECLI_NAMES_RT_FIRST + above, false);
	return 0;
}

static int read_syscall(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return from_table(&ecli_names_syscall, text, ret);
}

static int read_capability(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return from_table(&ecli_names_capability, text, ret);
}

static int read_tcp_state(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return from_table(&ecli_names_tcp_state, text, ret);
}

static int read_file_flags(const struct where_field *field, const char *text, struct where_range *ret)
{
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };

	(void)field;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(modes[i], text)) {
			*ret = single(i, false);
			return 0;
		}
	for (const struct ecli_flag_name *flag = ecli_names_open_flags; flag->name; flag++)
		if (!strcmp(flag->name, text)) {
			*ret = single(flag->bits, false);
			return 0;
		}
	return -EINVAL;
}

static int read_account(const char *path, const char *text, struct where_range *ret)
{
	uint32_t id;

	if (!ecli_names_find(path, text, &id))
		return -EINVAL;
	*ret = single(id, false);
	return 0;
}

static int read_user(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return read_account("/etc/passwd", text, ret);
}

static int read_group(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return read_account("/etc/group", text, ret);
}

static int read_interface(const struct where_field *field, const char *text, struct where_range *ret)
{
	unsigned int index = if_nametoindex(text);

	(void)field;
	if (!index)
		return -EINVAL;
	*ret = single(index, false);
	return 0;
}

/* The id of a control group is the inode number of its folder. */
static int read_cgroup(const struct where_field *field, const char *text, struct where_range *ret)
{
	CLEANUP_BUF struct ecli_buf path = { 0 };
	struct stat st;

	(void)field;
	ecli_buf_add_format(&path, CGROUP_ROOT "%s", text);
	if (*text != '/' || stat(ecli_buf_text(&path), &st) || !S_ISDIR(st.st_mode))
		return -EINVAL;
	*ret = single(st.st_ino, false);
	return 0;
}

static int read_device(const struct where_field *field, const char *text, struct where_range *ret)
{
	const char *colon = strchr(text, ':');
	where_wide major, minor;
	char first[16] = { 0 };

	(void)field;
	if (!colon || (size_t)(colon - text) >= sizeof(first))
		return -EINVAL;
	memcpy(first, text, (size_t)(colon - text));
	if (read_digits(first, 10, &major) || read_digits(colon + 1, 10, &minor) || major >= 1 << 12 ||
	    minor >= 1 << 20)
		return -EINVAL;
	*ret = single(major << 20 | minor, false);
	return 0;
}

/* ---- addresses ------------------------------------------------------------------------------------------------- */

/* ADDRESS or ADDRESS/LENGTH, the network's first to its last. */
static int read_network(int family, unsigned int bytes, const char *text, struct where_range *ret)
{
	char address[INET6_ADDRSTRLEN] = { 0 };
	size_t len = strcspn(text, "/");
	where_wide prefix = 8 * bytes, value = 0, low;
	unsigned char raw[16];

	if (len >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, len);
	if (inet_pton(family, address, raw) != 1)
		return -EINVAL;
	if (text[len] && (read_digits(text + len + 1, 10, &prefix) || prefix > 8 * bytes))
		return -EINVAL;
	for (unsigned int i = 0; i < bytes; i++)
		value = value << 8 | raw[i];
	unsigned int host_bits = 8 * bytes - (unsigned int)prefix;
	low = host_bits < 128 ? ((where_wide)1 << host_bits) - 1 : ~(where_wide)0;
	*ret = single(value & ~low, false);
	ret->last.bits = value | low;
	return 0;
}

static int read_ipv4(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return read_network(AF_INET, 4, text, ret);
}

static int read_ip(const struct where_field *field, const char *text, struct where_range *ret)
{
	const where_wide mapped = (where_wide)0xffff << 32;

	(void)field;
	if (read_network(AF_INET, 4, text, ret))
		return read_network(AF_INET6, 16, text, ret);
	ret->first.bits |= mapped;
	ret->last.bits |= mapped;
	return 0;
}

static int read_ipv6(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return read_network(AF_INET6, 16, text, ret);
}

static int read_mac(const struct where_field *field, const char *text, struct where_range *ret)
{
	where_wide value = 0, byte;

	(void)field;
	for (int i = 0; i < 6; i++, text += 3) {
		char digits[3] = { text[0], text[0] ? text[1] : '\0', '\0' };

		if (strlen(digits) != 2 || read_digits(digits, 16, &byte) || text[2] != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		value = value << 8 | byte;
	}
	*ret = single(value, false);
	return 0;
}

/* What a format has beside numbers, and how a sentence calls it. */
static const struct {
	read_fn read;
	const char *what;
	bool has_no_numbers;
} formats[ECLI_AS_COUNT] = {
	[ECLI_AS_DURATION] = { NULL, "a time such as 10ms (a plain number: ns)", false },
	[ECLI_AS_DURATION_US] = { NULL, "a time such as 10ms (a plain number: us)", false },
	[ECLI_AS_DURATION_MS] = { NULL, "a time such as 2s (a plain number: ms)", false },
	[ECLI_AS_BYTES] = { NULL, "a size such as 4k or 16M", false },
	[ECLI_AS_ERRNO] = { read_errno, "an error such as -ENOENT, or a number", false },
	[ECLI_AS_SIGNAL] = { read_signal, "a signal such as SIGKILL, or a number", false },
	[ECLI_AS_SYSCALL] = { read_syscall, "a system call such as openat, or a number", false },
	[ECLI_AS_CAPABILITY] = { read_capability, "a capability such as CAP_SYS_ADMIN, or a number", false },
	[ECLI_AS_TCP_STATE] = { read_tcp_state, "a state such as ESTABLISHED, or a number", false },
	[ECLI_AS_FILE_FLAGS] = { read_file_flags, "flags such as O_CREAT, or a number", false },
	[ECLI_AS_UID] = { read_user, "a user or a number", false },
	[ECLI_AS_GID] = { read_group, "a group or a number", false },
	[ECLI_AS_IFINDEX] = { read_interface, "a network interface or a number", false },
	[ECLI_AS_CGROUP_ID] = { read_cgroup, "a path below " CGROUP_ROOT " or a number", false },
	[ECLI_AS_DEV] = { read_device, "a device such as 8:1, or a number", false },
	[ECLI_AS_IPV4] = { read_ipv4, "an address such as 10.0.0.1 or a network such as 10.0.0.0/8", true },
	[ECLI_AS_IPV6] = { read_ipv6, "an address such as fe80::1 or a network such as fe80::/10", true },
	[ECLI_AS_IP] = { read_ip, "an address such as 10.0.0.1 or fe80::1, or a network such as 10.0.0.0/8", true },
	[ECLI_AS_NS_IN_US] = { NULL, "a time such as 10ms (a plain number: us)", false },
	[ECLI_AS_NS_IN_MS] = { NULL, "a time such as 10us (a plain number: ms)", false },
	[ECLI_AS_US_IN_MS] = { NULL, "a time such as 10us (a plain number: ms)", false },
	[ECLI_AS_BYTES_IN_KIB] = { NULL, "a size such as 512B or 1.5M (a plain number: KiB)", false },
	[ECLI_AS_MAC] = { read_mac, "an address such as 02:00:5e:10:00:01", true },
};

/* ---- all ------------------------------------------------------------------------------------------------------- */

static int read_enum(const struct where_field *field, const char *text, struct where_range *ret)
{
	const struct plan_enum *names = field->op->names;

	for (uint32_t i = 0; names && i < names->count; i++) {
		int64_t value = names->values[i].value;

		if (strcmp(names->values[i].name, text) != 0)
			continue;
		*ret = field->field->is_signed && value < 0 ? single(0 - (where_wide)value, true)
							    : single((uint64_t)value, false);
		return 0;
	}
	return -EINVAL;
}

static int read_bool(const struct where_field *field, const char *text, struct where_range *ret)
{
	if (field->type != WHERE_BOOL || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
		return -EINVAL;
	*ret = single(*text == 't', false);
	return 0;
}

/* "READ|WRITE", as flags are shown. */
static int read_one(const struct where_field *field, const char *text, struct where_range *ret)
{
	enum ecli_as as = field->format ? field->format->as : ECLI_AS_NUMBER;
	int r = read_enum(field, text, ret);

	r = r ? read_bool(field, text, ret) : 0;
	r = r && formats[as].read ? formats[as].read(field, text, ret) : r;
	return r == -EINVAL && !formats[as].has_no_numbers ? read_number(field, text, ret) : r;
}

static int read_flags(const struct where_field *field, const char *text, struct where_range *ret)
{
	CLEANUP_FREE char *copy = strdup(text);
	struct where_range part;
	where_wide bits = 0;
	char *rest = copy, *name;

	if (!copy)
		return -ENOMEM;
	while ((name = strsep(&rest, "|"))) {
		int r = read_one(field, name, &part);
		if (r)
			return r;
		bits |= part.first.bits;
	}
	*ret = single(bits, false);
	return 0;
}

static void add_names(const struct where_field *field, const char *text, struct ecli_buf *out)
{
	const struct plan_enum *names = field->op->names;
	struct ecli_nearest nearest = { .word = text, .len = strlen(text) };

	for (uint32_t i = 0; i < names->count; i++) {
		ecli_nearest_offer(&nearest, names->values[i].name);
		if (i < 8)
			ecli_buf_add_format(out, "%s%s", i ? ", " : "one of ", names->values[i].name);
	}
	ecli_buf_add_text(out, names->count > 8 ? ", ... or a number" : " or a number");
	if (nearest.best)
		ecli_buf_add_format(out, " (did you mean %s?)", nearest.best);
}

static bool has_unit(const char *text)
{
	return isdigit((unsigned char)*text) && strspn(text, "0123456789.") < strlen(text) && text[1] != 'x';
}

static int explain(const struct where_field *field, const struct where_node *node, const char *text, int r,
		   struct ecli_err *err)
{
	enum ecli_as as = field->format ? field->format->as : ECLI_AS_NUMBER;
	CLEANUP_BUF struct ecli_buf what = { 0 };

	if (r == -EDOM && as == ECLI_AS_ERRNO)
		return where_error(err, node->begin, "%s has errors as negative numbers; write -%.64s", field->name,
				   text);
	if (field->op->names && field->op->names->count)
		add_names(field, text, &what);
	else
		ecli_buf_add_text(&what, formats[as].what                        ? formats[as].what
					 : field->type == WHERE_BOOL             ? "true or false"
					 : field->field->kind == ECLI_VALUE_CHAR ? "one character in quotes or a number"
										 : "a whole number");
	return where_error(err, node->begin, "%s takes %s, not %.64s%s", field->name, ecli_buf_text(&what), text,
			   r == -EDOM || r == -ERANGE            ? "; that is too large or no whole number of its unit"
			   : !formats[as].what && has_unit(text) ? "; it has no unit"
								 : "");
}

int where_value_read(const struct where_field *field, const struct where_node *node, const char *text,
		     struct ecli_err *err, struct where_range *ret)
{
	enum ecli_as as = field->format ? field->format->as : ECLI_AS_NUMBER;
	int r;

	if (node->kind == WHERE_TEXT && field->field->kind == ECLI_VALUE_CHAR && node->len == 1) {
		*ret = single((unsigned char)*node->text, false);
		return 0;
	}
	if (node->kind == WHERE_TEXT && node->len != strlen(text))
		return where_error(err, node->begin, "%s cannot have a zero byte", field->name);
	if (strchr(text, '|') && (as == ECLI_AS_FLAGS || as == ECLI_AS_FILE_FLAGS))
		r = read_flags(field, text, ret);
	else
		r = read_one(field, text, ret);
	return r ? explain(field, node, text, r, err) : 0;
}
