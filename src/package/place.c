/* SPDX-License-Identifier: MIT */
/*
 * The tag @exists: a path below /sys or /proc in which % stands for the value of a variable.
 *
 *     "/sys/block/%" and "sda" -> "/sys/block/sda"
 *
 * ecc asks when it compiles, options/ when a value was given. Other folders are none of a package's business, for its author may be anybody and
 * what is asked there is told in a message.
 */
#include <errno.h>
#include <string.h>

#include <ecli/package.h>

static bool is_pattern(const char *pattern)
{
	const char *value = strchr(pattern, '%');

	return (!strncmp(pattern, "/sys/", 5) || !strncmp(pattern, "/proc/", 6)) && value && !strchr(value + 1, '%');
}

int ecli_package_place_of(const char *pattern, const char *value, struct ecli_buf *ret_path)
{
	if (!is_pattern(pattern))
		return -EINVAL;
	for (; *pattern; pattern++) {
		if (*pattern != '%') {
			ecli_buf_add_char(ret_path, *pattern);
			continue;
		}
		for (const char *p = value; *p; p++) /* as sysfs writes a name with a slash: "cciss!c0d0" */
			ecli_buf_add_char(ret_path, *p == '/' ? '!' : *p);
	}
	return 0;
}
