/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What sources use of newer libbpf's bpf_helpers.h (1.2 to 1.7) and the one that was found lacks. Each name is defined only where it is not yet, so a
 * newer header behind ours wins. The like for the other headers stands in bpf/bpf_tracing.h and bpf/bpf_core_read.h.
 *
 * Functions of the kernel are __weak as there: a program may ask with bpf_ksym_exists() whether they are. A source that declares one itself has
 * ECLI_OWN_name defined by ecc (src/compile/kfuncs.c), and then it is not declared here, for C takes only one signature.
 */
#pragma clang system_header

#ifndef __ulong
#define __ulong(name, value) enum { ___bpf_concat(ecli_unique_, __COUNTER__) = (value) } name
#endif

/* Functions, because many sources have macros of these names: those are no redefinition then. */
#if !defined(likely) && !defined(unlikely) && !defined(ECLI_LIKELY)
#define ECLI_LIKELY
static __always_inline _Bool likely(_Bool condition)
{
	return __builtin_expect(condition, 1);
}
static __always_inline _Bool unlikely(_Bool condition)
{
	return __builtin_expect(condition, 0);
}
#endif

#ifndef __kptr_untrusted
#define __kptr_untrusted __attribute__((btf_type_tag("kptr_untrusted")))
#endif
#ifndef __percpu_kptr
#define __percpu_kptr __attribute__((btf_type_tag("percpu_kptr")))
#endif
#ifndef __uptr
#define __uptr __attribute__((btf_type_tag("uptr")))
#endif

/* What the verifier may take for granted of a parameter of a global function. */
#ifndef __arg_ctx
#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
#endif
#ifndef __arg_nonnull
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))
#endif
#ifndef __arg_nullable
#define __arg_nullable __attribute__((btf_decl_tag("arg:nullable")))
#endif
#ifndef __arg_trusted
#define __arg_trusted __attribute__((btf_decl_tag("arg:trusted")))
#endif
#ifndef __arg_untrusted
#define __arg_untrusted __attribute__((btf_decl_tag("arg:untrusted")))
#endif
#ifndef __arg_arena
#define __arg_arena __attribute__((btf_decl_tag("arg:arena")))
#endif

/* Without __weak the address is a constant to the compiler, and the answer always yes. */
#ifndef bpf_ksym_exists
#define bpf_ksym_exists(symbol)                                                                            \
	({                                                                                                 \
		_Static_assert(!__builtin_constant_p(!!symbol), #symbol " has to be declared with __weak"); \
		!!symbol;                                                                                  \
	})
#endif

/* ---- loops ------------------------------------------------------------------------------------------------------ */

#ifndef bpf_for
struct bpf_iter_num;
#ifndef ECLI_OWN_bpf_iter_num_new
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __weak __ksym;
#endif
#ifndef ECLI_OWN_bpf_iter_num_next
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __weak __ksym;
#endif
#ifndef ECLI_OWN_bpf_iter_num_destroy
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __weak __ksym;
#endif
#endif

/*
 * An iterator of the kernel's that lives as long as the loop: made where the pointer beside it is set, destroyed by its cleanup however the loop ends.
 * clang writes no type information of a function that only a cleanup names: so it is mentioned once more.
 */
#define ECLI_ITERATOR(kind, args...)                                                                         \
	struct bpf_iter_##kind ecli_it __attribute__((aligned(8), cleanup(bpf_iter_##kind##_destroy))),      \
		*ecli_made __attribute__((unused)) =                                                         \
			(bpf_iter_##kind##_new(&ecli_it, ##args), (void)bpf_iter_##kind##_destroy, (void *)0)

#ifndef bpf_for_each
#define bpf_for_each(kind, item, args...) \
	for (ECLI_ITERATOR(kind, ##args); ((item) = bpf_iter_##kind##_next(&ecli_it));)
#endif

/*
 * The comparisons are for the verifier, which then knows the range of @i. As a long, and apart from each other, or clang makes one comparison of the two, of
 * another number, of which the verifier does not learn what @i is.
 */
#ifndef bpf_for
#define bpf_for(i, start, end)                                                    \
	for (ECLI_ITERATOR(num, (start), (end)); ({                               \
		     int *ecli_next = bpf_iter_num_next(&ecli_it);                \
		     long ecli_at = ecli_next ? *ecli_next : 0;                   \
		     ecli_next && ecli_at >= (start) && ({                        \
			     barrier_var(ecli_at);                                \
			     (i) = ecli_at;                                       \
			     ecli_at < (end);                                     \
		     });                                                          \
	     });)
#endif

#ifndef bpf_repeat
#define bpf_repeat(times) for (ECLI_ITERATOR(num, 0, (times)); bpf_iter_num_next(&ecli_it);)
#endif
