/* SPDX-License-Identifier: MIT */
/*
 * SEC("socket"): a filter of a packet socket of our own, which sees each packet that an interface sends or receives, with its
 * link-layer header. A target or the key "ifindex" says which interface; without it all of them.
 *
 * Whatever the filter returns, no packet of anybody else is touched: it decides what is copied to our socket, and nobody reads that
 * one. Its queue is as short as the kernel allows, so that the copies cost little; a full queue does not keep the filter from
 * running. The filter is there before the socket is bound, so that no packet comes by unseen, and goes with the descriptor, however
 * this process ends.
 */
#include "load/attach/attach.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif

static int open_socket(int prog_fd, uint32_t ifindex, int *ret_fd)
{
	CLEANUP_FD int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)ifindex,
	};
	int queue_bytes = 0; /* the kernel makes it the least it accepts */

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &prog_fd, sizeof(prog_fd)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue_bytes, sizeof(queue_bytes)) ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int find_place(const struct ecli_attach *job, struct ecli_err *err, struct ecli_interface *interface)
{
	static const struct ecli_package_extras none;
	const struct ecli_package_extras *extras = job->extras ? job->extras : &none;
	bool is_named = *job->target || ecli_target_has(job, "ifname");
	struct ecli_package_xdp where = { .ifindex = 0 };

	*interface = (struct ecli_interface){ .name = "all interfaces" };

	/* The same key as an XDP program has. */
	int r = ecli_package_extra(extras, "ifindex") ? ecli_package_xdp_read(extras, err, &where) : 0;
	if (r)
		return ecli_err_wrap(err, r, "program %s", job->name);
	r = is_named || where.ifindex ? ecli_target_interface(job, where.ifindex, err, interface) : 0;
	if (!r && *interface->point)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: a socket filter takes the name of an interface, not \"%.80s\"",
					 job->name, job->target);
	return r;
}

int ecli_attach_socket_filter_look(const struct ecli_attach *job, struct ecli_err *err)
{
	struct ecli_interface interface;

	return find_place(job, err, &interface);
}

int ecli_attach_socket_filter(const struct ecli_attach *job, struct ecli_err *err)
{
	struct ecli_interface interface;
	int fd = -1;

	int r = find_place(job, err, &interface);
	if (r)
		return r;
	r = open_socket(job->fd, interface.index, &fd);
	if (!r)
		return ecli_links_add_fd(job->links, fd, job->name, err);
	if (r == -EPERM && ecli_kernel_may_load())
		return ecli_err_set(err, r, "program %s sees packets, which needs CAP_NET_RAW: %s", job->name,
				    geteuid() ? "try sudo" : "in a container, run it with --privileged");
	if (r == -EPERM || r == -EACCES)
		return ecli_explain_refused(r, err);
	if (r == -EAFNOSUPPORT)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r,
					 "this kernel has no packet sockets, which program %s filters", job->name);
	return ecli_err_set(err, r, "cannot attach program %s to the packets of %s: %s", job->name, interface.name,
			    ecli_kernel_errno_words(r));
}
