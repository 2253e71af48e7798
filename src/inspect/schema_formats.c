/* SPDX-License-Identifier: MIT */
/*
 * What the rows have under the name of a formatted field, as JSON schema: render/formats*.c write it, this table says it. Names
 * that only the running system knows (users, interfaces, control groups) and enum flags may be any text. What has no name is
 * shown as a number, so patterns of names let digits pass.
 */
#include <assert.h>

#include "inspect/schema.h"

#define TEXT(pattern) "{\"type\":\"string\",\"pattern\":\"^(" pattern ")$\"}"
#define ANY_TEXT      "{\"type\":\"string\"}"
#define ANY_NUMBER    "{\"type\":\"number\"}"
#define NUMBER        "-?[0-9]+"
#define FRACTION      "[0-9]+(\\\\.[0-9]{1,2})?"
#define TIMESTAMP     TEXT("0|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\\\.[0-9]{6}[+-][0-9]{2}:[0-9]{2}")
#define DURATION      TEXT("-?(" FRACTION "(ns|us|ms|s)|([0-9]+d)?([0-9]+h)?([0-9]+m)?[0-9]+s)")
#define HEX           TEXT("0x[0-9a-f]{1,16}")
#define IPV4          "[0-9]{1,3}(\\\\.[0-9]{1,3}){3}"
#define IPV6          "[0-9a-f:.]{2,45}"

static const char *const schemas[] = {
	[ECLI_AS_NUMBER] = "{}",
	[ECLI_AS_TIMESTAMP] = TIMESTAMP,
	[ECLI_AS_TIMESTAMP_BOOT] = TIMESTAMP,
	[ECLI_AS_TIMESTAMP_REAL] = TIMESTAMP,
	[ECLI_AS_DURATION] = DURATION,
	[ECLI_AS_DURATION_US] = DURATION,
	[ECLI_AS_DURATION_MS] = DURATION,
	[ECLI_AS_BYTES] = TEXT("-?" FRACTION "(B|[KMGTPE]iB)"),
	[ECLI_AS_HEX] = HEX,
	[ECLI_AS_OCTAL] = TEXT("0[0-7]*"),
	[ECLI_AS_KERNEL_ADDRESS] = HEX,
	[ECLI_AS_USER_ADDRESS] = HEX,
	[ECLI_AS_ERRNO] = TEXT("-?E[A-Z0-9_]+|" NUMBER),
	[ECLI_AS_SIGNAL] = TEXT("SIG[A-Z0-9]+(\\\\+[0-9]+)?|" NUMBER),
	[ECLI_AS_SYSCALL] = TEXT("[a-z_][a-z0-9_]*|" NUMBER),
	[ECLI_AS_FILE_MODE] = TEXT("[-dlcbps?][-rwxsStT]{9}|0[0-7]+"),
	[ECLI_AS_FILE_FLAGS] = TEXT("[A-Za-z0-9_|]+"),
	[ECLI_AS_CAPABILITY] = TEXT("CAP_[A-Z0-9_]+|" NUMBER),
	[ECLI_AS_TCP_STATE] = TEXT("[A-Z][A-Z0-9_]*|" NUMBER),
	[ECLI_AS_UID] = ANY_TEXT,
	[ECLI_AS_GID] = ANY_TEXT,
	[ECLI_AS_IFINDEX] = ANY_TEXT,
	[ECLI_AS_CGROUP_ID] = ANY_TEXT,
	[ECLI_AS_DEV] = TEXT("[0-9]+:[0-9]+"),
	[ECLI_AS_PORT] = "{\"type\":\"integer\",\"minimum\":0,\"maximum\":65535}",
	[ECLI_AS_IPV4] = TEXT(IPV4),
	[ECLI_AS_IPV6] = TEXT(IPV6),
	[ECLI_AS_MAC] = TEXT("([0-9a-f]{2}:){5}[0-9a-f]{2}"),
	[ECLI_AS_ENDPOINT] = TEXT("-|(" IPV4 "|" IPV6 "|\\\\[" IPV6 "\\\\])(:[0-9]{1,5})?"),
	[ECLI_AS_FLAGS] = ANY_TEXT,
	[ECLI_AS_ARGV] = "{\"type\":\"array\",\"items\":" ANY_TEXT "}",
	[ECLI_AS_IP] = TEXT(IPV4 "|" IPV6),
	[ECLI_AS_NS_IN_US] = ANY_NUMBER,
	[ECLI_AS_NS_IN_MS] = ANY_NUMBER,
	[ECLI_AS_US_IN_MS] = ANY_NUMBER,
	[ECLI_AS_BYTES_IN_KIB] = ANY_NUMBER,
	[ECLI_AS_KERNEL_STACK] = TEXT(NUMBER "|0x[0-9a-f]{1,16}"),
	[ECLI_AS_USER_STACK] = TEXT(NUMBER "|0x[0-9a-f]{1,16}"),
};
static_assert(ARRAY_SIZE(schemas) == ECLI_AS_COUNT, "a schema for each format");

void schema_add_format(const struct ecli_field_format *format, struct ecli_buf *out)
{
	ecli_buf_add_text(out, schemas[format->as]);
}

void schema_add_endpoint(const struct ecli_endpoint *endpoint, struct ecli_buf *out)
{
	bool has_port = endpoint->port != ECLI_ENDPOINT_NONE, has_proto = endpoint->proto != ECLI_ENDPOINT_NONE;
	static const char number[] = ":{\"type\":\"integer\",\"minimum\":0,\"maximum\":65535}";

	ecli_buf_add_format(
		out,
		"{\"type\":\"object\",\"properties\":{\"addr\":{\"type\":\"string\"},\"version\":{\"type\":\"integer\","
		"\"minimum\":0,\"maximum\":255}%s%s%s%s},\"required\":[\"addr\",\"version\"%s%s],"
		"\"additionalProperties\":false}",
		has_port ? ",\"port\"" : "", has_port ? number : "", has_proto ? ",\"proto\"" : "",
		has_proto ? number : "", has_port ? ",\"port\"" : "", has_proto ? ",\"proto\"" : "");
}

#define OR_NULL(type) "{\"type\":[\"" type "\",\"null\"]}"

void schema_add_frames(struct ecli_buf *out)
{
	ecli_buf_add_text(
		out,
		"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
		"\"function\":" OR_NULL("string") ",\"offset\":" OR_NULL("integer") ",\"module\":" OR_NULL(
			"string") ",\"file\":" OR_NULL("string") ",\"line\":" OR_NULL("integer") ",\"kernel\":{"
												 "\"type\":\"boolean\"}"
												 ",\"inlined\":{"
												 "\"type\":\"boolean\"}"
												 ",\"address\":" HEX
												 "},\"required\":["
												 "\"function\","
												 "\"offset\","
												 "\"module\",\"file\","
												 "\"line\",\"kernel\","
												 "\"inlined\","
												 "\"address\"],"
												 "\"additionalPropertie"
												 "s\":false}}");
}
