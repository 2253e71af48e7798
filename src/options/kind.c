/* SPDX-License-Identifier: MIT */
/*
 * What kind of option a variable of some type is. Scalars are what they are, an array of char is a text, another array a list
 * of its elements; an address takes whatever type has its size. Pointers, structs and 128-bit numbers are no options.
 */
#include "options/kind.h"

static bool is_one_of_sizes(uint64_t size, uint32_t mask)
{
	return size <= 8 && (1u << size & mask);
}

static bool set_scalar(struct ecli_option *option, const struct ecli_type *type, enum ecli_option_kind *ret_kind)
{
	static const uint32_t integer_sizes = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8, float_sizes = 1 << 4 | 1 << 8;

	option->size_bytes = (uint32_t)type->size_bytes;
	switch (type->kind) {
	case ECLI_TYPE_BOOL:
		*ret_kind = ECLI_OPTION_BOOL;
		return type->size_bytes == 1;
	case ECLI_TYPE_INT:
	case ECLI_TYPE_CHAR:
		*ret_kind = type->is_signed ? ECLI_OPTION_SINT : ECLI_OPTION_UINT;
		return is_one_of_sizes(type->size_bytes, integer_sizes);
	case ECLI_TYPE_ENUM:
		*ret_kind = ECLI_OPTION_ENUM;
		option->enum_type = type;
		return is_one_of_sizes(type->size_bytes, integer_sizes);
	case ECLI_TYPE_FLOAT:
		*ret_kind = ECLI_OPTION_FLOAT;
		return is_one_of_sizes(type->size_bytes, float_sizes);
	default:
		return false;
	}
}

static bool set_list(struct ecli_option *option, uint32_t count)
{
	option->kind = ECLI_OPTION_LIST;
	option->max_count = count;
	return count;
}

bool ecli_option_set_type(struct ecli_option *option, const struct ecli_types *types, uint32_t type_id,
			  enum ecli_notation notation)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);

	option->notation = notation;
	if (notation == ECLI_NOTATION_IPV4 || notation == ECLI_NOTATION_IPV6) {
		option->size_bytes = notation == ECLI_NOTATION_IPV4 ? 4 : 16;
		option->kind = option->item_kind = ECLI_OPTION_ADDRESS;
		return type->size_bytes == option->size_bytes || set_list(option, type->count);
	}
	if (type->kind != ECLI_TYPE_ARRAY)
		return set_scalar(option, type, &option->kind);

	const struct ecli_type *element = ecli_types_resolve(types, type->target_id);
	if (element->kind != ECLI_TYPE_CHAR)
		return set_scalar(option, element, &option->item_kind) && set_list(option, type->count);
	/* One byte is for the NUL; an array of one has no room for a text. */
	option->kind = ECLI_OPTION_STRING;
	option->max_len = type->count ? type->count - 1 : 0;
	return option->max_len;
}
