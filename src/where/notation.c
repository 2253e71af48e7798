/* SPDX-License-Identifier: MIT */
/*
 * What a field's format has beside numbers (docs/formats/fields.md): names of errors, signals, users, interfaces, addresses and networks, with
 * the tables and parsers that show these values and read options, so that what a person sees is what a person can type.
 *
 * Everything becomes a range of whole numbers by value: a field's width and sign play no part here, except for an error code in
 * an unsigned field, which is shown as -ENOENT and is a large number. No sentences: -EINVAL says that a word is none of these.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/cgroup.h"
#include "base/names.h"
#include "options/names.h"
#include "where/where.h"

/* ---- names ----------------------------------------------------------------------------------------------------- */

static int from_table(const struct ecli_names *names, const char *text, struct where_range *ret)
{
	uint64_t value;

	if (!ecli_names_number(names, text, &value))
		return -EINVAL;
	*ret = where_single(value, false);
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
	*ret = where_single(code, is_negative);
	if (is_negative && !field->field->is_signed)
		*ret = where_single(((where_wide)1 << 8 * field->field->size_bytes) - code, false);
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
	if (*text && (*text != '+' || where_read_digits(text + 1, 10, &above)))
		return -EINVAL;
	if (above > ECLI_NAMES_RT_LAST - ECLI_NAMES_RT_FIRST)
		return -EINVAL;
	*ret = where_single(ECLI_NAMES_RT_FIRST + above, false);
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
			*ret = where_single(i, false);
			return 0;
		}
	for (const struct ecli_flag_name *flag = ecli_names_open_flags; flag->name; flag++)
		if (!strcmp(flag->name, text)) {
			*ret = where_single(flag->bits, false);
			return 0;
		}
	return -EINVAL;
}

static int read_account(const char *path, const char *text, struct where_range *ret)
{
	uint32_t id;

	if (!ecli_names_find(path, text, &id))
		return -EINVAL;
	*ret = where_single(id, false);
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
	*ret = where_single(index, false);
	return 0;
}

static int read_cgroup(const struct where_field *field, const char *text, struct where_range *ret)
{
	uint64_t id;

	(void)field;
	if (ecli_cgroup_id(text, &id))
		return -EINVAL;
	*ret = where_single(id, false);
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
	if (where_read_digits(first, 10, &major) || where_read_digits(colon + 1, 10, &minor) || major >= 1 << 12 ||
	    minor >= 1 << 20)
		return -EINVAL;
	*ret = where_single(major << 20 | minor, false);
	return 0;
}

/* ---- addresses ------------------------------------------------------------------------------------------------- */

int where_read_network(int family, unsigned int bytes, const char *text, struct where_range *ret)
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
	if (text[len] && (where_read_digits(text + len + 1, 10, &prefix) || prefix > 8 * bytes))
		return -EINVAL;
	for (unsigned int i = 0; i < bytes; i++)
		value = value << 8 | raw[i];
	unsigned int host_bits = 8 * bytes - (unsigned int)prefix;
	low = host_bits < 128 ? ((where_wide)1 << host_bits) - 1 : ~(where_wide)0;
	*ret = where_single(value & ~low, false);
	ret->last.bits = value | low;
	return 0;
}

static int read_ipv4(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return where_read_network(AF_INET, 4, text, ret);
}

static int read_ip(const struct where_field *field, const char *text, struct where_range *ret)
{
	const where_wide mapped = (where_wide)0xffff << 32;

	(void)field;
	if (where_read_network(AF_INET, 4, text, ret))
		return where_read_network(AF_INET6, 16, text, ret);
	ret->first.bits |= mapped;
	ret->last.bits |= mapped;
	return 0;
}

static int read_ipv6(const struct where_field *field, const char *text, struct where_range *ret)
{
	(void)field;
	return where_read_network(AF_INET6, 16, text, ret);
}

static int read_mac(const struct where_field *field, const char *text, struct where_range *ret)
{
	where_wide value = 0, byte;

	(void)field;
	for (int i = 0; i < 6; i++, text += 3) {
		char digits[3] = { text[0], text[0] ? text[1] : '\0', '\0' };

		if (strlen(digits) != 2 || where_read_digits(digits, 16, &byte) || text[2] != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		value = value << 8 | byte;
	}
	*ret = where_single(value, false);
	return 0;
}

/* ---- the formats ----------------------------------------------------------------------------------------------- */

static const struct where_notation notations[ECLI_AS_COUNT] = {
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
	[ECLI_AS_CGROUP_ID] = { read_cgroup,
				"a path such as /system.slice of a control group (version 2), below the place where "
				"these are mounted, or a number",
				false },
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

static const struct where_notation of_units[ECLI_UNITS] = {
	[ECLI_UNIT_NS] = { NULL, "a time such as 10ms (a plain number: ns)", false },
	[ECLI_UNIT_US] = { NULL, "a time such as 10ms (a plain number: us)", false },
	[ECLI_UNIT_MS] = { NULL, "a time such as 2s (a plain number: ms)", false },
	[ECLI_UNIT_S] = { NULL, "a time such as 10m (a plain number: s)", false },
	[ECLI_UNIT_BYTES] = { NULL, "a size such as 4k or 16M", false },
};

const struct where_notation *where_notation_of(const struct where_field *field)
{
	if (!field->format && field->field->unit)
		return &of_units[field->field->unit];
	return &notations[field->format ? field->format->as : ECLI_AS_NUMBER];
}
