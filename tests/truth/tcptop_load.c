/* SPDX-License-Identifier: MIT */
/*
 * TCP connections that carry known numbers of bytes, for tcptop.
 *
 *     truth_tcptop_load
 *
 *     process PID                at once, then "ready", and it waits
 *     ROLE PID LOCAL REMOTE RX TX   at the end, each end of each connection: who, "ADDRESS:PORT" as it is shown, bytes read and written
 *
 * Over IPv4 and IPv6 on the loopback interface. The client sends in pieces of several sizes and by several calls (send, writev,
 * sendmsg), the server, a process of its own, reads what there is and answers. What is sent and never read before the end is counted
 * at one end only; what is only looked at (MSG_PEEK) is not counted twice.
 */
#include "workload.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUEST 123457
#define ANSWER  4321
#define UNREAD  1000

static char buffer[65536];

static void describe(const char *role, int socket, long received, long sent)
{
	struct sockaddr_storage ends[2];
	socklen_t len = sizeof(ends[0]);

	if (getsockname(socket, (struct sockaddr *)&ends[0], &len) ||
	    getpeername(socket, (struct sockaddr *)&ends[1], &len))
		die("a socket has no name");
	printf("%s %d", role, getpid());
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in6 *six = (void *)&ends[i];
		struct sockaddr_in *four = (void *)&ends[i];
		char text[64];

		if (ends[i].ss_family == AF_INET6)
			printf(" [%s]:%d", inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text)),
			       ntohs(six->sin6_port));
		else
			printf(" %s:%d", inet_ntop(AF_INET, &four->sin_addr, text, sizeof(text)),
			       ntohs(four->sin_port));
	}
	printf(" %ld %ld\n", received, sent);
}

static void read_all(int socket, long bytes, bool peek)
{
	for (long left = bytes, got; left > 0; left -= got) {
		size_t want = left < (long)sizeof(buffer) ? (size_t)left : sizeof(buffer);

		if (peek && recv(socket, buffer, want, MSG_PEEK) <= 0)
			die("cannot look");
		got = read(socket, buffer, want);
		if (got <= 0)
			die("cannot receive");
	}
}

static void must_send(long sent, long want)
{
	if (sent != want)
		die("sent %ld bytes and not %ld", sent, want);
}

static void serve(int listener, bool peek)
{
	int socket = accept(listener, NULL, NULL);

	if (socket < 0)
		die("cannot accept");
	read_all(socket, REQUEST, peek);
	must_send(write(socket, buffer, ANSWER), ANSWER);
	describe("server", socket, REQUEST + 1, ANSWER);
	read_all(socket, 1, false); /* the client is done */
	close(socket);
}

static void request(const struct sockaddr *address, socklen_t len)
{
	struct iovec pieces[2] = { { buffer, 100 }, { buffer + 100, 357 } };
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 2 };
	int client = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (client < 0 || connect(client, address, len))
		die("cannot connect");
	must_send(sendmsg(client, &message, 0), 457);
	must_send(writev(client, pieces, 2), 457);
	for (long left = REQUEST - 2 * 457; left > 0;) {
		long piece = left < 10000 ? left : 10000;

		must_send(send(client, buffer, (size_t)piece, 0), piece);
		left -= piece;
	}
	read_all(client, ANSWER, false);
	describe("client", client, ANSWER, REQUEST + 1 + UNREAD); /* before the server closes: then it has no name */
	must_send(write(client, buffer, 1 + UNREAD), 1 + UNREAD);
	close(client);
}

/* @peek: the server also looks before it reads. */
static void talk(struct sockaddr *address, socklen_t len, bool peek)
{
	int listener = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
	pid_t server;

	if (listener < 0 || bind(listener, address, len) || listen(listener, 1) || getsockname(listener, address, &len))
		die("cannot listen");
	server = fork();
	if (server == 0) {
		serve(listener, peek);
		exit(0);
	}
	request(address, len);
	if (server < 0 || waitpid(server, &status, 0) != server || status)
		die("the server failed");
	close(listener);
}

int main(int argc, char **argv)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool peek = argc == 2 && !strcmp(argv[1], "peek");

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("process %d\n", getpid());
	wait_for("ready");
	talk((struct sockaddr *)&four, sizeof(four), peek);
	talk((struct sockaddr *)&six, sizeof(six), peek);
	wait_for("done");
	return 0;
}
