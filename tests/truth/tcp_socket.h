/* SPDX-License-Identifier: MIT */
/*
 * Sockets for the TCP workload: bytes sent and received to the last one, ends that must come, names as the tools show them. What does not go as
 * it should ends the program.
 */
#ifndef TRUTH_TCP_SOCKET_H
#define TRUTH_TCP_SOCKET_H

#include "workload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void send_all(int fd, const void *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, (const char *)data + done, size - done);

		if (n <= 0)
			die("cannot send: %s", strerror(errno));
		done += (size_t)n;
	}
}

static inline void receive_all(int fd, void *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = read(fd, (char *)data + done, size - done);

		if (n <= 0)
			die("cannot receive: %s", n ? strerror(errno) : "closed");
		done += (size_t)n;
	}
}

static inline void send_bytes(int fd, uint32_t count)
{
	static const char block[8192];

	for (uint32_t n; count; count -= n) {
		n = count < sizeof(block) ? count : sizeof(block);
		send_all(fd, block, n);
	}
}

static inline void receive_bytes(int fd, uint32_t count)
{
	char block[8192];

	for (uint32_t n; count; count -= n) {
		n = count < sizeof(block) ? count : sizeof(block);
		receive_all(fd, block, n);
	}
}

static inline void expect_end(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 0)
		die("the other side did not close");
}

static inline void expect_reset(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != -1 || errno != ECONNRESET)
		die("the other side did not reset");
}

/* All bytes have come to the other side's kernel. */
static inline void wait_until_sent(int fd)
{
	int left = 0;

	while (!ioctl(fd, SIOCOUTQ, &left) && left)
		sleep_ms(1);
}

static inline void reset(int fd)
{
	struct linger linger = { 1, 0 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die("cannot set SO_LINGER");
	close(fd);
}

static inline socklen_t make_address(int family, const char *text, uint16_t port, struct sockaddr_storage *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)ret;

		in->sin_port = htons(port);
		if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
			return sizeof(*in);
	} else {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

		in6->sin6_port = htons(port);
		if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
			return sizeof(*in6);
	}
	die("%s is no address", text);
}

static inline uint16_t port_in(const struct sockaddr_storage *addr)
{
	return ntohs(addr->ss_family == AF_INET ? ((const struct sockaddr_in *)addr)->sin_port
						: ((const struct sockaddr_in6 *)addr)->sin6_port);
}

static inline uint16_t port_of(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len))
		die("a socket has no name");
	return port_in(&addr);
}

static inline uint16_t remote_port_of(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	if (getpeername(fd, (struct sockaddr *)&addr, &len))
		die("a socket has no other end");
	return port_in(&addr);
}

/* States of sockets as /proc/PID/net/tcp numbers them (include/net/tcp_states.h of Linux). */
enum { GONE = 0, ESTABLISHED = 1, FIN_WAIT2 = 5, TIME_WAIT = 6 };

/* The state of a socket in the network of that process, by its ports; GONE when there is none, or only what is left of it (TIME_WAIT). */
static inline unsigned int socket_state(pid_t pid, uint16_t local, uint16_t remote)
{
	static const char *const files[] = { "tcp", "tcp6" };
	unsigned int near, far, state, found = GONE;
	char path[64], line[256];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%d/net/%s", pid, files[i]);
		FILE *stream = fopen(path, "re");

		if (!stream)
			die("cannot open %s", path);
		while (fgets(line, sizeof(line), stream))
			if (sscanf(line, " %*d: %*[0-9A-F]:%4X %*[0-9A-F]:%4X %2X", &near, &far, &state) == 3 &&
			    near == local && far == remote && state != TIME_WAIT)
				found = state;
		fclose(stream);
	}
	return found;
}

static inline void wait_for_state(pid_t pid, uint16_t local, uint16_t remote, unsigned int state)
{
	while (socket_state(pid, local, remote) != state)
		sleep_ms(1);
}

/* As the tools show it: an IPv4 address also of a socket of IPv6. */
static inline const char *local_of(int fd)
{
	static char text[INET6_ADDRSTRLEN];
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len))
		die("a socket has no name");
	if (addr.ss_family == AF_INET)
		inet_ntop(AF_INET, &((struct sockaddr_in *)&addr)->sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&addr)->sin6_addr, text, sizeof(text));
	return strncmp(text, "::ffff:", 7) ? text : text + 7;
}

static inline int new_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("cannot make a socket: %s", strerror(errno));
	return fd;
}

#endif
