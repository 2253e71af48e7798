/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a .BTF section into the arrays of the model. The bytes are hostile until proven otherwise.
 *
 *     header | type data: record, record, ... | strings
 *
 * Two walks over the records: the first counts, so that everything fits in exactly sized arrays; the second fills them.
 * What a record looks like is records.c's business, what records say of each other check.c's. Split BTF (of kernel
 * modules) is not read.
 */
#include <errno.h>
#include <linux/btf.h>

#include "base/num.h"
#include "types/records.h"

int types_malformed(const struct ecli_types *types, uint32_t id, struct ecli_err *err, const char *format, ...)
{
	char what[256];
	const char *name = types && id < types->count && types->types[id].name ? types->types[id].name : "";
	va_list args;

	if (!types_is_printable(name, strlen(name)))
		name = ""; /* a tag may hold anything, a terminal should not get it */
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return ecli_err_set(err, -EINVAL,
			    "the type information (BTF) is damaged: type %u%s%.64s%s %s; build the object again", id,
			    *name ? " (" : "", name, *name ? ")" : "", what);
}

/* ---- the two walks --------------------------------------------------------------------------------------------- */

static int count_and_allocate(struct reader *reader)
{
	struct ecli_types *types = reader->types;
	uint32_t count = 1, n_members = 0, n_values = 0;

	for (uint32_t at = 0; at < reader->data_size; count++) {
		struct record record;
		int r = types_next_record(reader, count, &at, &record);

		if (r < 0)
			return r;
		if (count > TYPES_MAX_COUNT)
			return types_malformed(types, count, reader->err, "is one more than any kernel takes");
		n_members += record.n_members;
		n_values += record.n_values;
	}
	types->types = calloc(count, sizeof(*types->types));
	types->resolved = calloc(count, sizeof(*types->resolved));
	types->raw = calloc(count, sizeof(*types->raw));
	types->members = calloc(n_members + 1, sizeof(*types->members));
	types->values = calloc(n_values + 1, sizeof(*types->values));
	if (!types->types || !types->resolved || !types->raw || !types->members || !types->values)
		return ecli_err_set(reader->err, -ENOMEM, "out of memory while reading type information");
	types->count = count;
	return 0;
}

static int fill_types(struct reader *reader)
{
	struct ecli_types *types = reader->types;
	uint32_t at = 0;

	types->types[0].name = "";
	for (uint32_t id = 1; id < types->count; id++) {
		struct record record;
		int r = types_next_record(reader, id, &at, &record);

		if (r < 0)
			return r;
		r = types_fill_record(reader, id, &record);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- the header ------------------------------------------------------------------------------------------------ */

static int check_header(const uint8_t *bytes, size_t size_bytes, struct btf_header *ret_header, struct ecli_err *err)
{
	struct btf_header header;

	if (size_bytes > TYPES_MAX_BYTES)
		return ecli_err_set(err, -EINVAL,
				    "the type information (BTF) is larger than the 16 MiB a kernel takes");
	if (size_bytes < sizeof(header))
		return ecli_err_set(err, -EINVAL,
				    "the type information (BTF) is cut off in its header; build the object again");
	if (bytes[0] == BTF_MAGIC >> 8 && bytes[1] == (BTF_MAGIC & 0xff))
		return ecli_err_set(
			err, -ENOTSUP,
			"the type information (BTF) is big-endian; compile with -target bpfel for this machine");
	if (bytes[1] != BTF_MAGIC >> 8 || bytes[0] != (BTF_MAGIC & 0xff))
		return ecli_err_set(err, -EINVAL, "this is not type information (BTF): its first two bytes are wrong");

	header.version = bytes[2];
	header.flags = bytes[3];
	header.hdr_len = load32(bytes + 4);
	header.type_off = load32(bytes + 8);
	header.type_len = load32(bytes + 12);
	header.str_off = load32(bytes + 16);
	header.str_len = load32(bytes + 20);
	if (header.version != BTF_VERSION || header.flags)
		return ecli_err_set(err, -EINVAL,
				    "the type information (BTF) is of version %u with flags %#x; this program reads "
				    "version %u without flags",
				    header.version, header.flags, BTF_VERSION);
	if (header.hdr_len < sizeof(header) || header.hdr_len > size_bytes ||
	    !ecli_num_within(header.type_off, header.type_len, size_bytes - header.hdr_len) ||
	    !ecli_num_within(header.str_off, header.str_len, size_bytes - header.hdr_len))
		return ecli_err_set(err, -EINVAL,
				    "the type information (BTF) is cut off: its header promises more bytes than "
				    "there are; build the object again");
	*ret_header = header;
	return 0;
}

int types_parse(const void *btf, size_t size_bytes, struct ecli_err *err, struct ecli_types **ret_types)
{
	const uint8_t *bytes = btf;
	struct btf_header header = { 0 };
	int r = check_header(bytes, size_bytes, &header, err);

	if (r < 0)
		return r;

	const char *strings = (const char *)bytes + header.hdr_len + header.str_off;
	if (header.str_len == 0 || strings[0] || strings[header.str_len - 1])
		return ecli_err_set(err, -EINVAL,
				    "the type information (BTF) has no proper table of names; build the object again");

	CLEANUP(cleanup_types) struct ecli_types *types = calloc(1, sizeof(*types));
	if (!types || !(types->strings = malloc(header.str_len)))
		return ecli_err_set(err, -ENOMEM, "out of memory while reading type information");
	memcpy(types->strings, strings, header.str_len);
	types->strings_size = header.str_len;

	struct reader reader = {
		.data = bytes + header.hdr_len + header.type_off,
		.data_size = header.type_len,
		.all_printable = types_is_printable(strings, header.str_len),
		.types = types,
		.err = err,
	};
	r = count_and_allocate(&reader);
	if (r < 0)
		return r;
	r = fill_types(&reader);
	if (r < 0)
		return r;
	*ret_types = TAKE_PTR(types);
	return 0;
}
