/* SPDX-License-Identifier: MIT */
/*
 * From a package to programs running in the kernel: open, choose alternatives, set globals, load, attach, close.
 *
 * Alternatives. A program (or map) tagged `@alternative CHOICE` or `@alternative GROUP/CHOICE` belongs to one choice of
 * a group; choices are tried in the order in which they first appear among the package's programs, and the first whose
 * programs all load and attach is taken, all others stay out, with the maps that carry only tags of choices not taken
 * (several tags: separated by commas, or a JSON list). `@optional` programs may fail to attach without harm. Every
 * choice is logged (ECLI_LOG_INFO) with the reason. Decisions come from trying, never from version numbers.
 *
 * Everything is tied to this process: closing, or dying, detaches all.
 */
#ifndef ECLI_LOAD_H
#define ECLI_LOAD_H

#include <ecli/package.h>
#include <ecli/where.h>

struct ecli_load;

/* What records of one type must be like to be sent. It only saves work: calls that ecc's prelude does not know send everything. */
struct ecli_load_filter {
	uint32_t type_id; /* of the struct, in the object's type information */
	const struct ecli_where_predicate *predicates;
	size_t n_predicates; /* at most ECLI_WHERE_MAX_PREDICATES */
	uint32_t sample;     /* send one of so many, on each CPU, the first among them; 0: all */
};

/* How programs get into the kernel. The result is the same; only the time and memory it takes differ. */
enum ecli_loader {
	ECLI_LOADER_AUTO,    /* a loader program, and libbpf where that cannot be or does not work */
	ECLI_LOADER_PROGRAM, /* a loader program or not at all: for tests */
	ECLI_LOADER_LIBBPF,
};

/* How large a ring buffer is made. */
struct ecli_load_buffer {
	const char *map;
	uint64_t size_bytes; /* made a power of two pages; UINT32_MAX / 2 + 1 at most */
	bool at_least;       /* only when the object's own size is below it */
};

struct ecli_load_map;

struct ecli_load_opts {
	const struct ecli_global *globals; /* what to write into data sections; may be NULL when n_globals is 0 */
	size_t n_globals;
	const char *btf_path; /* BTF of the kernel for relocation, NULL: the running kernel's own */
	bool no_links;        /* attach as on kernels without links, where the kind of program has such a way */
	enum ecli_loader loader;
	const struct ecli_load_buffer *buffers;
	size_t n_buffers;
	const struct ecli_load_filter *filters; /* one a type; may be NULL when n_filters is 0 */
	size_t n_filters;
	/* May be NULL. Called with NULL before each try to load, which means that maps told before are gone; then, when maps are made and nothing is
	 * attached yet, so that no event is missed, once for each map, valid during the call. A negative errno with
	 * @err set ends the loading. */
	int (*on_map)(void *ctx, const struct ecli_load_map *map, struct ecli_err *err);
	/* May be NULL. All maps were told and nothing is attached yet. Returns as @on_map. */
	int (*on_loaded)(void *ctx, struct ecli_err *err);
	/* May be NULL. Something that the kernel keeps when this process dies is about to be attached (true), or is gone (false): once for each. In
	 * between the process is not to die of a signal. */
	void (*on_keep)(void *ctx, bool keeps);
	/* May be NULL. Asked between two programs and two targets; true: -EINTR, and what was attached is taken off. */
	bool (*is_ending)(void *ctx);
	void *ctx; /* outlives the result */
};

/*
 * Loads and attaches. On failure nothing stays. Errors carry the meaning: ECLI_FAIL_KERNEL when the kernel lacks
 * something (named), ECLI_FAIL_ERROR otherwise; -EPERM "needs root: try sudo ..."; a verifier rejection gives the
 * program, the source line and the last lines of the verifier's log.
 * @package must outlive the result.
 */
int ecli_load_open(const struct ecli_package *package, const struct ecli_load_opts *opts, struct ecli_err *err,
		   struct ecli_load **ret_load);

/* Detaches every program but keeps maps open: what is still in a buffer can be read. */
void ecli_load_detach(struct ecli_load *load);
/* Takes off only what the kernel would keep when this process dies. NULL is fine. */
void ecli_load_release(struct ecli_load *load);
void ecli_load_close(struct ecli_load *load);

/* A map that exists in the kernel. */
struct ecli_load_map {
	const char *name;
	int fd; /* borrowed */
	uint32_t map_type, key_size, value_size, max_entries;
};
size_t ecli_load_map_count(const struct ecli_load *load);
void ecli_load_map(const struct ecli_load *load, size_t index, struct ecli_load_map *ret_map);

/*
 * Addresses of the stack @id of a map of stacks (BPF_MAP_TYPE_STACK_TRACE), the innermost first, as many as there are up to @room. -ENOENT: it
 * is gone; -EINVAL: no such map, or one that holds build ids instead of addresses; -E2BIG: the map's stacks are deeper than @room.
 */
int ecli_load_stack(int map_fd, uint32_t id, uint64_t *addresses, size_t room, size_t *ret_count);
/* Calls @fn with each key of a map, until it returns something else than 0. A walk that a vanished key throws back ends early. -errno of bpf(2),
 * -ENOMEM. */
int ecli_load_keys(int map_fd, uint32_t key_size, int (*fn)(void *ctx, const void *key), void *ctx);

/* Reads the value of a key; @value has room for it. -ENOENT, -errno of bpf(2). Not for maps with a value for each CPU. */
int ecli_load_value(int map_fd, const void *key, void *value);

/* Iterator programs that are attached: link fds to make readers from (BPF_ITER_CREATE). */
size_t ecli_load_iter_count(const struct ecli_load *load);
void ecli_load_iter(const struct ecli_load *load, size_t index, const char **ret_program, int *ret_link_fd);

/* Whether nothing is attached, because all programs were run once (SEC("syscall")): what they report is there already. */
bool ecli_load_is_finished(const struct ecli_load *load);

/* What could not be put into a map since it was loaded. */
struct ecli_load_lost {
	const char *map; /* lives as long as the load; "": a function was given several, so nobody knows which */
	uint32_t
		map_type; /* its enum bpf_map_type; without a name the one that the call is for (HASH: any with entries), 0: not known */
	uint64_t total;
};

/*
 * Losses counted by the prelude, one entry a map. -ENOENT past the end; -ENOTSUP when the object has no prelude (its ring
 * losses cannot be counted exactly).
 */
int ecli_load_lost(const struct ecli_load *load, size_t index, struct ecli_load_lost *ret_lost);

/*
 * How many calls check the @index-th filter before they send a record; 0: nothing is checked in the kernel. @ret_is_sampled: the
 * kernel also does the sampling, for all records of that type.
 */
uint32_t ecli_load_filter_sites(const struct ecli_load *load, size_t index, bool *ret_is_sampled);

/* Whether all that writes into ring buffers wakes the reader when a quarter of one was written: ecc's prelude does. */
bool ecli_load_rings_call(const struct ecli_load *load);
/* Whether a program samples each CPU by itself (perf_event). */
bool ecli_load_has_samplers(const struct ecli_load *load);
/* CPUs came while the programs ran: samplers (perf_event) run on them too. Fails when one cannot; the others do then. */
int ecli_load_follow_cpus(struct ecli_load *load, const uint32_t *cpus, uint32_t n_cpus, struct ecli_err *err);

/* Events for which the kernel did not run a program, since it was loaded. After detaching, by_probe is 0. */
struct ecli_load_missed {
	const char *program;   /* borrowed */
	uint64_t by_recursion; /* it, or another one, was running on that CPU already */
	uint64_t by_probe;     /* kprobes: one was being handled, or too many returns were awaited */
};
/* One entry for each program of the object. -ENOENT past the end. */
int ecli_load_missed(const struct ecli_load *load, size_t index, struct ecli_load_missed *ret_missed);

/* ---- where programs attach ------------------------------------------------------------------------------------- */

/*
 * A program's target is a text of its key `target` (ecli_package_set_targets(), docs/formats/annotations.md); its form depends on the
 * program's kind: "IFACE[:ingress|:egress]". A constant; NULL: a program of its kind takes none, or the kind is not known.
 */
const char *ecli_attach_form(const struct ecli_package_prog *prog);
/* Appends where a program would attach: "lo:ingress", "sched/sched_switch", several with ", " between. */
void ecli_attach_present(const struct ecli_package_prog *prog, struct ecli_buf *out);

/* What all programs of some kinds have in common, so that it can be said once for all of them. */
enum ecli_attach_common {
	ECLI_ATTACH_INTERFACE, /* key `ifname`: tc, tcx, netkit, XDP */
	ECLI_ATTACH_CGROUP,    /* key `cgroup` */
	ECLI_ATTACH_PROCESS,   /* key `pid`: uprobes, USDT, perf events */
};
bool ecli_attach_has(const struct ecli_package *package, enum ecli_attach_common what);
/* Sets it for every program that has it. -EINVAL (ECLI_FAIL_USAGE) when none has, -ENOMEM. */
int ecli_attach_set(struct ecli_package *package, enum ecli_attach_common what, const char *value,
		    struct ecli_err *err);

/* ---- checking -------------------------------------------------------------------------------------------------- */

enum ecli_check_state {
	ECLI_CHECK_OK,       /* loads, and what it attaches to exists as far as that can be known without attaching */
	ECLI_CHECK_MISSING,  /* this kernel lacks something; `why` names it */
	ECLI_CHECK_REJECTED, /* the program, the package or the rights are at fault, not the kernel */
	ECLI_CHECK_UNUSED,   /* not tried: another alternative is taken, or nothing could be tried at all */
};

struct ecli_check_prog {
	const char *name, *section; /* of the package */
	enum ecli_check_state state;
	bool is_optional;
	char *why; /* as a run says it: a sentence, for a rejection more lines; NULL when state is OK, and mostly when it is UNUSED */
	uint32_t instructions;   /* after the kernel translated it; 0: not known, as the next four */
	uint32_t jited_bytes;    /* machine code */
	uint32_t verified;       /* instructions the verifier looked at, each as often as it did (5.16) */
	uint32_t states;         /* of the verifier (5.2) */
	uint32_t verify_time_us; /* the same */
};

struct ecli_check {
	struct ecli_check_prog *progs; /* one for each of the package */
	size_t n_progs;
	struct ecli_err verdict; /* code 0: this kernel can run the package. Else why not, as a run would say it */
};

/*
 * Finds out whether a run would work: chooses and loads as ecli_load_open() does, attaches nothing, and leaves nothing loaded.
 * Where a program attaches is looked up (tracepoints, kernel functions, files) without doing it, so a kernel that refuses the
 * attaching itself is not found out. A program that fails does not keep the others from being tried.
 * Returns 0 with @ret_check also when the answer is no; -ENOMEM, -EINVAL (no object).
 */
int ecli_load_check(const struct ecli_package *package, const struct ecli_load_opts *opts, struct ecli_err *err,
		    struct ecli_check **ret_check);
void ecli_check_free(struct ecli_check *check); /* NULL is fine */

/* ---- what dead processes left ---------------------------------------------------------------------------------- */

/* Something that ecli attached and that the kernel keeps when the process dies: no link. */
struct ecli_leftover {
	const char *what;    /* "tc filter with handle 1 and priority 1 at the ingress of lo" */
	const char *program; /* of whom: its kernel name, untrusted */
	uint32_t pid;
	enum ecli_leftover_state {
		ECLI_LEFTOVER_DEAD,      /* its process is gone */
		ECLI_LEFTOVER_ALIVE,     /* not a leftover: its process runs */
		ECLI_LEFTOVER_ELSEWHERE, /* of another process or network namespace: cannot be judged from here */
	} state;
	int error; /* 0: taken off, or only listed; else why that failed, a negative errno */
};
/*
 * Calls @fn for each thing that any ecli attached without a link; with @remove takes off what dead processes left, and nothing else, and
 * tells of it afterwards. Found through records that the kernel keeps as long as the things themselves (src/load/attach/hook.h).
 * -EPERM, -ENOSYS (ECLI_FAIL_KERNEL), -ENOMEM.
 */
typedef void (*ecli_leftover_fn)(void *ctx, const struct ecli_leftover *leftover);
int ecli_load_clean(bool remove, ecli_leftover_fn fn, void *ctx, struct ecli_err *err);

/* Whether this process may open as many files as running the package takes: 0, or -EMFILE with the limit in @err. */
int ecli_load_need_files(const struct ecli_package *package, struct ecli_err *err);

/* Makes tracefs reachable: when it is mounted nowhere, mounts it in a mount namespace of this process only (of the
 * calling thread and threads it starts later). @ret_path: where it is, a constant; may be NULL. */
int ecli_load_need_tracefs(struct ecli_err *err, const char **ret_path);

#endif
