/* SPDX-License-Identifier: MIT */
/*
 * Two arrays beside libbpf's object, in the order in which libbpf goes through its maps and programs; whoever goes through
 * them counts along. libbpf has no call that tells its object of a descriptor made elsewhere (bpf_map__reuse_fd() is for
 * maps that exist before the load, and for programs there is nothing), hence these.
 */
#include "load/fds.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

int ecli_fds_init(struct ecli_fds *fds, const struct bpf_object *object, struct ecli_err *err)
{
	const struct bpf_map *map;
	struct bpf_program *prog;
	size_t n_maps = 0, n_progs = 0;

	bpf_object__for_each_map(map, object)
		n_maps++;
	bpf_object__for_each_program(prog, object)
		n_progs++;
	*fds = (struct ecli_fds){ .maps = malloc((n_maps + 1) * sizeof(int)),
				  .progs = malloc((n_progs + 1) * sizeof(int)),
				  .n_maps = n_maps,
				  .n_progs = n_progs };
	if (!fds->maps || !fds->progs) {
		ecli_fds_done(fds);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	memset(fds->maps, 0xff, (n_maps + 1) * sizeof(int));
	memset(fds->progs, 0xff, (n_progs + 1) * sizeof(int));
	return 0;
}

int ecli_fds_of_object(struct ecli_fds *fds, const struct bpf_object *object, struct ecli_err *err)
{
	const struct bpf_map *map;
	struct bpf_program *prog;
	size_t i = 0;

	int r = ecli_fds_init(fds, object, err);
	if (r)
		return r;
	bpf_object__for_each_map(map, object)
		fds->maps[i++] = bpf_map__fd(map);
	i = 0;
	bpf_object__for_each_program(prog, object)
		fds->progs[i++] = bpf_program__fd(prog);
	return 0;
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; fds && i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

void ecli_fds_done(struct ecli_fds *fds)
{
	if (fds->own) {
		close_all(fds->progs, fds->n_progs);
		close_all(fds->maps, fds->n_maps);
	}
	free(fds->maps);
	free(fds->progs);
	*fds = (struct ecli_fds){ 0 };
}

int ecli_fds_map(const struct ecli_fds *fds, const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map;
	size_t i = 0;

	bpf_object__for_each_map(map, object) {
		if (!strcmp(bpf_map__name(map), name))
			return fds->maps[i];
		i++;
	}
	return -1;
}
