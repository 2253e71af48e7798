/* SPDX-License-Identifier: MIT */
/*
 * Which maps and programs of a package are event sources: every ring and perf buffer, every map that is sampled, every
 * iterator, and the trace pipe when there is nothing else and a program prints. Of what types their records are is found in records.c.
 */
#include "session/sources.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/code.h"
#include "base/elf.h"
#include "session/shown.h"

static void source_done(struct source *source)
{
	records_done(&source->records);
	if (source->sampler)
		sampler_done(source->sampler);
	free(source->sampler);
}

static int add_source(struct sources *sources, struct source source, struct ecli_err *err)
{
	struct source *items = reallocarray(sources->items, sources->count + 1, sizeof(*items));

	if (!items) {
		source_done(&source);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	source.map_fd = -1;
	items[sources->count++] = source;
	sources->items = items;
	return 0;
}

const char *source_name(const struct source *source)
{
	return source->variable ? source->variable : source->map;
}

/* ---- what is sampled ------------------------------------------------------------------------------------------- */

static int add_sampled(const struct ecli_package *package, const struct ecli_types *types, const struct sampled *what,
		       const struct ecli_package_sample *sample, struct source source, struct ecli_err *err,
		       struct sources *sources)
{
	source.kind = ECLI_SOURCE_MAP;
	source.sample = sample;
	source.interval_ms = sample->interval_ms;
	source.clear = sample->clear;
	source.sampler = calloc(1, sizeof(*source.sampler));
	if (!source.sampler)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = records_of_sample(package, types, what, sample, err, source.sampler, &source.records);
	if (r) {
		source_done(&source);
		return r;
	}
	return add_source(sources, source, err);
}

static int add_sampled_map(const struct ecli_package *package, const struct ecli_types *types,
			   const struct ecli_type_map *map, const struct ecli_package_sample *sample,
			   struct ecli_err *err, struct sources *sources)
{
	struct ecli_plan_table table;

	if (records_are_left_out(package, map->name)) {
		ecli_log(ECLI_LOG_INFO, "%s: left out, its export_config is no_export", map->name);
		return 0;
	}
	int r = ecli_plan_map_table(types, map, err, &table);
	if (r)
		return ecli_err_wrap(err, r, "map %s is sampled (@sample)", map->name);
	const struct sampled what = { .name = map->name,
				      .map_type = map->map_type,
				      .key_id = table.key_id,
				      .key_name = table.key_name,
				      .value_id = table.value_id,
				      .value_bytes = map->value_size,
				      .max_entries = map->max_entries };
	return add_sampled(package, types, &what, sample, (struct source){ .map = map->name }, err, sources);
}

/* The variable in its section; NULL: the object has none of that name. */
static const struct ecli_type_member *find_variable(const struct ecli_types *types, const struct ecli_package_var *var)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, var->section);

	for (uint32_t i = 0; section && i < section->n_members; i++)
		if (!strcmp(section->members[i].name, var->name))
			return &section->members[i];
	return NULL;
}

static int add_variable(const struct ecli_package *package, const struct ecli_types *types,
			const struct ecli_package_var *var, struct ecli_err *err, struct sources *sources)
{
	const struct ecli_type_member *member = find_variable(types, var);
	bool is_written = !strcmp(var->section, ".bss") || !strcmp(var->section, ".data");

	if (!member || !is_written)
		return ecli_err_set(err, -EINVAL,
				    "variable %s is sampled (@sample), but is %s: it must be a global variable that "
				    "programs write, in .bss or .data",
				    var->name, member ? var->section : "not in the object");
	struct source source = { .map = var->section,
				 .variable = var->name,
				 .offset_bytes = (uint32_t)(member->offset_bits / 8) };
	struct ecli_plan_table table;
	int r = ecli_plan_variable_table(types, member->type_id, var->sample.kind != ECLI_SAMPLE_KEY_VALUE, err, &table,
					 &source.elements);
	if (r)
		return ecli_err_wrap(err, r, "variable %s is sampled (@sample)", var->name);
	const struct sampled what = { .name = var->name,
				      .map_type = BPF_MAP_TYPE_ARRAY,
				      .key_id = table.key_id,
				      .key_name = table.key_name,
				      .value_id = table.value_id,
				      .is_single = !table.key_id };

	source.element_bytes = (uint32_t)ecli_types_resolve(types, what.value_id)->size_bytes;
	return add_sampled(package, types, &what, &var->sample, source, err, sources);
}

/* Whether a program sees packets: bpf_perf_event_output() and its like can then put as much of the packet as they like behind the record. */
static bool has_packets(const struct ecli_package *package)
{
	static const char *const sections[] = { "xdp",    "tc",  "classifier", "action", "socket",
						"cgroup", "sk_", "lwt",        "netkit", "flow_dissector" };

	for (size_t i = 0; i < package->n_progs; i++)
		for (size_t k = 0; k < ARRAY_SIZE(sections); k++)
			if (!strncmp(package->progs[i].attach, sections[k], strlen(sections[k])))
				return true;
	return false;
}

static int add_map_source(const struct ecli_package *package, const struct ecli_types *types,
			  const struct ecli_type_map *map, const struct ecli_globals *globals, struct ecli_err *err,
			  struct sources *sources)
{
	const struct ecli_package_map *tags = records_tags(package, map->name);
	struct source source = { .map = map->name };
	bool shown;
	int r = shown_map(tags, globals, err, &shown);

	if (r || !shown)
		return r;
	if (map->map_type != BPF_MAP_TYPE_RINGBUF && map->map_type != BPF_MAP_TYPE_PERF_EVENT_ARRAY)
		return tags && tags->sample.kind != ECLI_SAMPLE_NONE
			       ? add_sampled_map(package, types, map, &tags->sample, err, sources)
			       : 0;
	source.kind = map->map_type == BPF_MAP_TYPE_RINGBUF ? ECLI_SOURCE_RING : ECLI_SOURCE_PERF;
	r = records_of_buffer(package, types, map, err, &source.records);
	if (r)
		return r;
	if (!source.records.count) {
		ecli_log(ECLI_LOG_INFO, "%s: left out, its export_config is no_export", map->name);
		return 0;
	}
	bool is_perf = source.kind == ECLI_SOURCE_PERF;
	records_set_sizes(&source.records, is_perf, is_perf && has_packets(package));
	return add_source(sources, source, err);
}

static bool is_iterator(const struct ecli_package_prog *prog)
{
	return !strncmp(prog->attach, "iter/", 5) || !strncmp(prog->attach, "iter.s/", 7);
}

/* Whether a section of code calls a helper. */
static bool calls(const struct ecli_elf_section *code, int helper)
{
	struct bpf_insn insn;

	for (uint64_t at = 0; code->data && at + sizeof(insn) <= code->size; at += sizeof(insn)) {
		memcpy(&insn, code->data + at, sizeof(insn));
		if (insn.code == (BPF_JMP | BPF_CALL) && !insn.src_reg && insn.imm == helper)
			return true;
	}
	return false;
}

/*
 * An iterator that writes with bpf_seq_write() alone, in a tool with one event type and no buffer to carry it, writes records of that type. All
 * others write text.
 */
static int add_iterator(const struct ecli_package *package, const struct ecli_types *types,
			const struct ecli_package_prog *prog, struct ecli_err *err, struct sources *sources)
{
	const struct ecli_type_map as_buffer = { .name = prog->name, .map_type = BPF_MAP_TYPE_RINGBUF };
	struct source source = { .kind = ECLI_SOURCE_ITER, .map = prog->name };
	struct ecli_elf_section code;
	struct ecli_elf elf;
	int r = 0;

	if (package->n_exports == 1 && !ecli_session_has_buffers(types) &&
	    !ecli_elf_open(&elf, package->object, package->object_size, NULL) &&
	    ecli_elf_find_section(&elf, prog->attach, &code) && calls(&code, BPF_FUNC_seq_write) &&
	    !calls(&code, BPF_FUNC_seq_printf) && !calls(&code, BPF_FUNC_seq_printf_btf))
		r = records_of_buffer(package, types, &as_buffer, err, &source.records);
	return r ? r : add_source(sources, source, err);
}

static_assert((int)ECLI_RENDER_STACK_FIELDS == (int)ECLI_STACK_ROLES &&
		      (int)ECLI_RENDER_STACK_USER == (int)ECLI_STACK_USER,
	      "the package's roles are the renderer's");

/* The unit that the options ask for: that of the first which is not zero. */
static const char *unit_of(const struct ecli_package_sample *sample, const struct ecli_globals *globals)
{
	bool is_set;

	for (size_t i = 0; globals && i < sample->n_units; i++)
		if (ecli_globals_is_set(globals, sample->units[i].variable, &is_set) && is_set)
			return sample->units[i].unit;
	return sample->unit;
}

static int make_hist(struct record *record, enum ecli_format format, enum ecli_heat heat, const char *map,
		     const struct ecli_globals *globals, struct ecli_err *err)
{
	const struct ecli_render_hist_opts opts = {
		.slots = record->slots,
		.unit = unit_of(record->sample, globals),
		.is_linear = record->sample->kind == ECLI_SAMPLE_LINEAR_HIST,
		.base = record->sample->base,
		.step = record->sample->step ? record->sample->step : 1,
		.heat = heat,
	};

	return ecli_render_hist_new(record->plan, format, map, &opts, err, &record->hist);
}

/* A look at a table has its time in a heading. */
static int make_row(struct record *record, enum ecli_format format, const char *map, struct ecli_err *err)
{
	int r = ecli_render_new(record->plan, format, map, err, &record->render);

	if (!r && record->sample && ecli_render_hide_time(record->render))
		r = ecli_err_set(err, -ENOMEM, "out of memory");
	return r;
}

/* One renderer for each type of a source, of the kind that the map's intepreter asks for. */
static int make_renders_of(struct source *source, const struct ecli_package *package, enum ecli_format format,
			   enum ecli_heat heat, const char *map, const struct ecli_globals *globals,
			   struct ecli_err *err)
{
	const struct ecli_package_map *tags = records_tags(package, source->map);
	struct ecli_package_stack stack = { .is_stack = false };
	int r = tags ? ecli_package_stack_read(&tags->extras, err, &stack) : 0;

	for (size_t k = 0; !r && k < source->records.count; k++) {
		struct record *record = &source->records.items[k];
		const char *title = map && record->sample && record->sample->name ? record->sample->name : map;

		if (record->slots)
			r = make_hist(record, format, heat, title, globals, err);
		else if (!stack.is_stack)
			r = make_row(record, format, title, err);
		else
			r = ecli_render_stack_new(record->plan, format, title, (const char *const *)stack.fields,
						  stack.with_symbols, err, &record->stack);
		if (r && (stack.is_stack || record->slots))
			r = ecli_err_wrap(err, r, "map %s", source->map);
	}
	ecli_package_stack_done(&stack);
	return r;
}

static int make_renders(struct sources *sources, const struct ecli_package *package, enum ecli_format format,
			enum ecli_heat heat, const struct ecli_globals *globals, struct ecli_err *err)
{
	size_t n_tables = 0;
	int r = 0;

	for (size_t i = 0; i < sources->count; i++)
		n_tables += sources->items[i].sampler ? sources->items[i].records.count : 1;
	for (size_t i = 0; !r && i < sources->count; i++) {
		struct source *source = &sources->items[i];

		r = make_renders_of(source, package, format, heat, n_tables > 1 ? source_name(source) : NULL, globals,
				    err);
	}
	return r;
}

bool ecli_session_has_looks(const struct ecli_package *package)
{
	bool has = false;

	for (size_t i = 0; i < package->n_maps; i++)
		has |= package->maps[i].sample.kind != ECLI_SAMPLE_NONE;
	for (size_t i = 0; i < package->n_vars; i++)
		has |= package->vars[i].sample.kind != ECLI_SAMPLE_NONE;
	return has;
}

bool ecli_session_has_buffers(const struct ecli_types *types)
{
	struct ecli_type_map map;
	bool has = false;

	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++)
		has |= map.map_type == BPF_MAP_TYPE_RINGBUF || map.map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	return has;
}

bool ecli_session_is_sampled(const struct ecli_package *package, const struct ecli_types *types)
{
	struct ecli_type_map map;
	bool is_sampled = false;

	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++) {
		const struct ecli_package_map *tags = records_tags(package, map.name);

		if (map.map_type == BPF_MAP_TYPE_RINGBUF || map.map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
			if (!records_are_left_out(package, map.name))
				return false;
		} else if (tags && tags->sample.kind != ECLI_SAMPLE_NONE) {
			is_sampled = true;
		}
	}
	for (size_t i = 0; i < package->n_vars; i++)
		is_sampled |= package->vars[i].sample.kind != ECLI_SAMPLE_NONE;
	for (size_t i = 0; i < package->n_progs; i++)
		if (is_iterator(&package->progs[i]))
			return false;
	return is_sampled;
}

bool ecli_session_has_one_look(const struct ecli_package *package)
{
	bool has = ecli_session_has_looks(package);

	for (size_t i = 0; i < package->n_maps; i++)
		has &= package->maps[i].sample.kind == ECLI_SAMPLE_NONE || !package->maps[i].sample.interval_ms;
	for (size_t i = 0; i < package->n_vars; i++)
		has &= package->vars[i].sample.kind == ECLI_SAMPLE_NONE || !package->vars[i].sample.interval_ms;
	return has;
}

/* Whether some program calls bpf_printk(); also true when that cannot be told. */
static bool prints(const struct ecli_package *package)
{
	CLEANUP(ecli_code_done) struct ecli_code code = { 0 };
	struct ecli_elf elf;

	return ecli_elf_open(&elf, package->object, package->object_size, NULL) || ecli_code_read(&elf, NULL, &code) ||
	       ecli_code_calls(&code, BPF_FUNC_trace_printk) || ecli_code_calls(&code, BPF_FUNC_trace_vprintk);
}

static int add_last_resort(const struct ecli_package *package, struct ecli_err *err, struct sources *sources)
{
	struct source pipe = { .kind = ECLI_SOURCE_TRACE_PIPE, .map = "printk" };
	struct source none = { .kind = ECLI_SOURCE_NONE, .map = "" };

	return add_source(sources, prints(package) ? pipe : none, err);
}

bool sources_reports_nothing(const struct ecli_package *package, const struct ecli_types *types)
{
	bool reports = ecli_session_has_looks(package) || ecli_session_has_buffers(types) || prints(package);

	for (size_t i = 0; i < package->n_progs; i++)
		reports |= is_iterator(&package->progs[i]);
	return !reports;
}

int sources_find(const struct ecli_package *package, const struct ecli_types *types, enum ecli_format format,
		 enum ecli_heat heat, const struct ecli_globals *globals, struct ecli_err *err,
		 struct sources *ret_sources)
{
	struct sources sources = { 0 };
	struct ecli_type_map map;
	int r = 0;

	for (uint32_t i = 0; !r && ecli_types_map(types, i, &map); i++)
		r = add_map_source(package, types, &map, globals, err, &sources);
	for (size_t i = 0; !r && i < package->n_vars; i++)
		if (package->vars[i].sample.kind != ECLI_SAMPLE_NONE)
			r = add_variable(package, types, &package->vars[i], err, &sources);
	for (size_t i = 0; !r && i < package->n_progs; i++)
		if (is_iterator(&package->progs[i]))
			r = add_iterator(package, types, &package->progs[i], err, &sources);
	for (size_t i = 0; !r && i < sources.count; i++)
		r = shown_columns(package, types, globals, &sources.items[i].records, err);
	if (!r && !sources.count)
		r = add_last_resort(package, err, &sources);
	if (!r)
		r = make_renders(&sources, package, format, heat, globals, err);
	if (r) {
		sources_done(&sources);
		return r;
	}
	*ret_sources = sources;
	return 0;
}

void sources_tell_pins(const struct ecli_types *types)
{
	struct ecli_type_map map;

	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++)
		if (map.pinning)
			ecli_log(ECLI_LOG_WARN,
				 "map %s asks to be pinned below /sys/fs/bpf: it is not, so no other program finds it, "
				 "and each run begins with "
				 "an empty one",
				 map.name);
}

void sources_done(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		source_done(&sources->items[i]);
	free(sources->items);
	*sources = (struct sources){ 0 };
}
