/* SPDX-License-Identifier: MIT */
/*
 * What the tests of loading share: packages made from the objects of this folder, the log as text, a workload that a
 * program can count exactly, and loading in a child whose rights or file systems were changed first.
 */
#ifndef ECLI_TESTS_LIVE_LOAD_HARNESS_H
#define ECLI_TESTS_LIVE_LOAD_HARNESS_H

#include "unit/unit.h"

#include <ecli/load.h>

/* The package of NAME.bpf.o. All maps tagged "strange" stay out unless asked for. */
struct ecli_package *open_package(const char *name);

/* Puts a program in (its section begins with '?'), as @tag of a group of alternatives, and last in the package's order;
 * and marks it optional. */
void take_prog(struct ecli_package *package, const char *prog, const char *tag);
void make_optional(struct ecli_package *package, const char *prog);
void tag_map(struct ecli_package *package, const char *map, const char *tag);
struct ecli_package_prog *find_prog(struct ecli_package *package, const char *prog);
struct ecli_package_map *find_map(struct ecli_package *package, const char *map);

/* Loads with self_tgid and getppid_nr set to this process and machine. */
int load_package(const struct ecli_package *package, struct ecli_err *err, struct ecli_load **ret_load);

/* How load_package() and load_in_child() load: the environment's ECLI_TEST_LOADER ("libbpf"), else both ways by themselves. */
extern enum ecli_loader test_loader;

/* INFO lines since the start of the current load, each ended by '\n'. */
const char *log_text(void);
void log_start(void);
void log_stop(void);

/* The value of hits[slot], the fd of a map by name (-1), and @count calls of getppid(2). */
uint64_t read_hits(const struct ecli_load *load, uint32_t slot);
int map_fd(const struct ecli_load *load, const char *name, struct ecli_load_map *ret_map);
void call_getppid(int count);

/* What loading said in a child process after @prepare had run there. */
struct outcome {
	int r;
	struct ecli_err err;
	char log[4096];
};
void load_in_child(const struct ecli_package *package, const char *btf_path, void (*prepare)(void),
		   struct outcome *ret_outcome);

/* Whether this kernel runs fentry, judged without the code under test. */
bool kernel_has_fentry(void);

/* Something for the test's log, each line marked as no result. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True, and said so, when this process may not load programs. */
bool skip_without_root(void);

#endif
