/* SPDX-License-Identifier: MIT */
/*
 * TCP connections with known bytes, states and ends, for tcpconnect, tcplife and tcpstates.
 *
 *     truth_tcp_load                                       in a network namespace of its own, through its loopback
 *     truth_tcp_load CLIENT_NS SERVER_NS IPV4 IPV6         between two, files of /run/netns; the server has the addresses
 *
 * Two processes: a server, and a client, which is this one. Each connection is there for at least HOLD_MS. Prints what each tool must show, and
 * nothing else, of sockets with these addresses (PREFIX_...):
 *
 *     connect PID UID IP SADDR SPORT DADDR DPORT ERR
 *     life PID IP LADDR LPORT RADDR RPORT TX RX LEAST_NS MOST_NS         bytes; how long it was there, between these two
 *     state PID IP LADDR LPORT RADDR RPORT OLD NEW                       PID 0: no process did it or is known to own the socket
 */
#include "tcp_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLD_MS    10
#define OWN_IPV4   "127.77.0.1"
#define OWN_IPV6   "fd77::1"
#define OWN_CLIENT "127.77.0.2"

/* Who ends a connection, and how. */
enum ending { CLIENT_CLOSES, SERVER_CLOSES, CLIENT_RESETS, SERVER_RESETS, HALF_CLOSED };

/* What the server is told to do with the next connection. */
struct order {
	int family; /* of its socket */
	char addr[INET6_ADDRSTRLEN];
	uint32_t up, down; /* bytes from and to the client */
	enum ending ending;
	bool never_accepts;
};

struct peer {
	int orders, answers; /* pipes */
	pid_t pid;
};

static int listen_at(const struct order *order)
{
	struct sockaddr_storage addr;
	socklen_t len = make_address(order->family, order->addr, 0, &addr);
	int fd = new_socket(order->family);

	if (bind(fd, (struct sockaddr *)&addr, len) || listen(fd, order->never_accepts ? 0 : 8))
		die("cannot listen at %s: %s", order->addr, strerror(errno));
	return fd;
}

/* ---- the server ------------------------------------------------------------------------------------------------ */

static void serve_one(int fd, const struct order *order)
{
	receive_bytes(fd, order->up);
	if (order->ending == HALF_CLOSED)
		expect_end(fd); /* and goes on sending */
	send_bytes(fd, order->down);
	switch (order->ending) {
	case CLIENT_CLOSES:
		expect_end(fd);
		wait_for_state(getppid(), remote_port_of(fd), port_of(fd),
			       FIN_WAIT2); /* the client has seen that its FIN came */
		close(fd);
		break;
	case CLIENT_RESETS:
		expect_reset(fd);
		close(fd);
		break;
	case SERVER_RESETS:
		wait_until_sent(fd); /* what is not would be thrown away */
		sleep_ms(HOLD_MS);
		reset(fd);
		break;
	case SERVER_CLOSES:
		sleep_ms(HOLD_MS);
		close(fd);
		break;
	case HALF_CLOSED:
		close(fd);
		break;
	}
}

/* An answer: the port, when it listens; any byte, when it has closed the connection and the listening socket. */
__attribute__((noreturn)) static void serve(int orders, int answers)
{
	struct order order;

	while (read(orders, &order, sizeof(order)) == sizeof(order)) {
		int fd = listen_at(&order), connection;
		uint16_t port = port_of(fd);
		char done = 1;

		send_all(answers, &port, sizeof(port));
		if (order.never_accepts) {
			receive_all(orders, &done, 1);
		} else {
			connection = accept(fd, NULL, NULL);
			if (connection < 0)
				die("cannot accept");
			serve_one(connection, &order);
		}
		close(fd);
		send_all(answers, &done, 1);
	}
	exit(0);
}

static void enter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("cannot enter %s", path);
	close(fd);
}

static struct peer start_server(const char *ns)
{
	int orders[2], answers[2];
	struct peer peer;

	if (pipe(orders) || pipe(answers))
		die("cannot make a pipe");
	peer.pid = fork();
	if (peer.pid < 0)
		die("cannot fork");
	if (peer.pid == 0) {
		close(orders[1]);
		close(answers[0]);
		if (ns)
			enter(ns);
		prctl(PR_SET_NAME, "tcp server");
		serve(orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	peer.orders = orders[1];
	peer.answers = answers[0];
	return peer;
}

/* ---- what is to be seen ---------------------------------------------------------------------------------------- */

struct end {
	pid_t pid;
	char addr[INET6_ADDRSTRLEN];
	uint16_t port;
};

static int version_of(const struct end *end)
{
	return strchr(end->addr, ':') ? 6 : 4;
}

static void print_ends(const struct end *local, const struct end *remote)
{
	printf("%d %s %u %s %u ", version_of(remote), local->addr, local->port, remote->addr, remote->port);
}

/* @pid: 0 when nobody is known to own the socket at that moment. */
static void expect_state(pid_t pid, const struct end *local, const struct end *remote, const char *old, const char *new)
{
	printf("state %d ", pid);
	print_ends(local, remote);
	printf("%s %s\n", old, new);
}

static void expect_states(pid_t first_pid, const struct end *local, const struct end *remote, const char *const *states)
{
	/* From the moment on at which the owner does something, it is known. */
	for (pid_t pid = first_pid; states[1]; states++) {
		bool is_by_owner = !strcmp(states[1], "FIN_WAIT1") || !strcmp(states[1], "LAST_ACK");

		if (is_by_owner)
			pid = local->pid;
		expect_state(pid, local, remote, states[0], states[1]);
	}
}

static void expect_connect(const struct end *client, const struct end *server, int err)
{
	printf("connect %d %d ", client->pid, getuid());
	print_ends(client, server);
	printf("%d\n", err);
}

static void expect_listen(const struct end *server, bool is_begin)
{
	struct end nobody = { 0, "", 0 };

	strcpy(nobody.addr, version_of(server) == 4 ? "0.0.0.0" : "::");
	expect_state(server->pid, server, &nobody, is_begin ? "CLOSE" : "LISTEN", is_begin ? "LISTEN" : "CLOSE");
}

/* As the client begins: it has no port yet unless it is bound to one. */
static void expect_syn(const struct end *client, const struct end *server, bool is_bound)
{
	struct end early = *client;

	early.port = is_bound ? client->port : 0;
	expect_state(client->pid, &early, server, "CLOSE", "SYN_SENT");
}

static void expect_life(pid_t pid, const struct end *local, const struct end *remote, uint32_t tx, uint32_t rx,
			int64_t most_ns)
{
	printf("life %d ", pid);
	print_ends(local, remote);
	printf("%u %u %lld %lld\n", tx, rx, HOLD_MS * NS_PER_MS, (long long)most_ns);
}

#define STATES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect_ending(const struct order *order, const struct end *client, const struct end *server)
{
	const char *const *closes_first = STATES("ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE");
	const char *const *closes_second = STATES("ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSE");
	bool client_first = order->ending == CLIENT_CLOSES || order->ending == HALF_CLOSED;

	switch (order->ending) {
	case CLIENT_CLOSES:
	case HALF_CLOSED:
	case SERVER_CLOSES:
		expect_states(client->pid, client, server, client_first ? closes_first : closes_second);
		expect_states(0, server, client, client_first ? closes_second : closes_first);
		break;
	case CLIENT_RESETS:
	case SERVER_RESETS:
		/* The server's socket has no known owner when the client breaks it. */
		expect_state(client->pid, client, server, "ESTABLISHED", "CLOSE");
		expect_state(order->ending == SERVER_RESETS ? server->pid : 0, server, client, "ESTABLISHED", "CLOSE");
		break;
	}
}

/* ---- the client ------------------------------------------------------------------------------------------------ */

static int connect_to(int family, const char *addr, uint16_t port, struct end *client)
{
	struct sockaddr_storage to;
	socklen_t len = make_address(family, addr, port, &to);
	int fd = new_socket(family);

	if (connect(fd, (struct sockaddr *)&to, len))
		die("cannot connect to %s: %s", addr, strerror(errno));
	client->pid = getpid();
	client->port = port_of(fd);
	strcpy(client->addr, local_of(fd));
	return fd;
}

static struct end order_server(struct peer *peer, const struct order *order)
{
	struct end server = { .pid = peer->pid };

	send_all(peer->orders, order, sizeof(*order));
	receive_all(peer->answers, &server.port, sizeof(server.port));
	strcpy(server.addr, order->addr);
	expect_listen(&server, true);
	return server;
}

static void finish(int fd, enum ending ending, pid_t server)
{
	switch (ending) {
	case CLIENT_CLOSES:
		sleep_ms(HOLD_MS);
		shutdown(fd, SHUT_WR);
		expect_end(fd);
		close(fd);
		break;
	case SERVER_CLOSES:
		expect_end(fd);
		wait_for_state(server, remote_port_of(fd), port_of(fd), FIN_WAIT2);
		close(fd);
		break;
	case CLIENT_RESETS:
		sleep_ms(HOLD_MS);
		reset(fd);
		break;
	case SERVER_RESETS:
		expect_reset(fd);
		close(fd);
		break;
	case HALF_CLOSED:
		expect_end(fd);
		close(fd);
		break;
	}
}

/* @via: the address as the client names it. */
static void run(struct peer *peer, const struct order *order, int client_family, const char *via)
{
	struct end server = order_server(peer, order), client = { 0 };
	int64_t begin = clock_ns(CLOCK_MONOTONIC);
	int fd = connect_to(client_family, via, server.port, &client);
	char done;

	send_bytes(fd, order->up);
	if (order->ending == HALF_CLOSED) {
		sleep_ms(HOLD_MS);
		shutdown(fd, SHUT_WR);
	}
	receive_bytes(fd, order->down);
	finish(fd, order->ending, server.pid);
	receive_all(peer->answers, &done, 1);
	wait_for_state(server.pid, server.port, client.port, GONE);
	wait_for_state(client.pid, client.port, server.port, GONE);
	int64_t most_ns = clock_ns(CLOCK_MONOTONIC) - begin;

	expect_connect(&client, &server, 0);
	expect_syn(&client, &server, false);
	expect_state(client.pid, &client, &server, "SYN_SENT", "ESTABLISHED");
	expect_states(0, &server, &client, STATES("LISTEN", "SYN_RECV", "ESTABLISHED"));
	expect_ending(order, &client, &server);
	expect_life(client.pid, &client, &server, order->up, order->down, most_ns);
	expect_life(order->ending == CLIENT_RESETS ? 0 : server.pid, &server, &client, order->down, order->up, most_ns);
	expect_listen(&server, false);
}

/* Nobody listens there: the network is the workload's own. Bound, so that its port is known although it never is connected. */
static void run_refused(int family, const char *server_addr, const char *client_addr)
{
	uint16_t port = (uint16_t)(1 + getpid() % 30000); /* another one than that of the same workload beside */
	struct end client = { getpid(), "", 0 }, server = { 0, "", port };
	struct sockaddr_storage from, to;
	socklen_t from_len = make_address(family, client_addr, 0, &from),
		  to_len = make_address(family, server_addr, port, &to);
	int fd = new_socket(family);

	if (bind(fd, (struct sockaddr *)&from, from_len))
		die("cannot bind to %s", client_addr);
	client.port = port_of(fd);
	strcpy(client.addr, client_addr);
	strcpy(server.addr, server_addr);
	if (connect(fd, (struct sockaddr *)&to, to_len) != -1 || errno != ECONNREFUSED)
		die("a connection was not refused");
	close(fd);
	expect_connect(&client, &server, ECONNREFUSED);
	expect_syn(&client, &server, true);
	expect_state(client.pid, &client, &server, "SYN_SENT", "CLOSE");
}

/* A queue that is full answers nobody: the first connection fills it, the second gives up by itself. */
static void run_given_up(struct peer *peer, int family, const char *addr)
{
	struct order order = { .family = family, .never_accepts = true };
	struct end client = { 0 }, late = { 0 };
	struct sockaddr_storage to;
	char go = 1;

	strcpy(order.addr, addr);
	struct end server = order_server(peer, &order);
	int64_t begin = clock_ns(CLOCK_MONOTONIC);
	int first = connect_to(family, addr, server.port, &client), second = new_socket(family);

	wait_for_state(server.pid, server.port, client.port, ESTABLISHED); /* now the queue is full */
	socklen_t len = make_address(family, addr, server.port, &to);
	expect_connect(&client, &server, 0);
	expect_syn(&client, &server, false);
	expect_state(client.pid, &client, &server, "SYN_SENT", "ESTABLISHED");
	expect_states(0, &server, &client, STATES("LISTEN", "SYN_RECV", "ESTABLISHED"));

	fcntl(second, F_SETFL, O_NONBLOCK);
	if (connect(second, (struct sockaddr *)&to, len) != -1 || errno != EINPROGRESS)
		die("the second connection is not on its way");
	late.pid = getpid();
	late.port = port_of(second);
	strcpy(late.addr, local_of(second));
	sleep_ms(HOLD_MS);
	close(second);
	expect_syn(&late, &server, false);
	expect_state(late.pid, &late, &server, "SYN_SENT", "CLOSE");
	expect_connect(&late, &server, ECANCELED);

	reset(first);
	wait_for_state(server.pid, server.port, client.port, GONE);
	expect_state(client.pid, &client, &server, "ESTABLISHED", "CLOSE");
	expect_state(0, &server, &client, "ESTABLISHED", "CLOSE");
	int64_t most_ns = clock_ns(CLOCK_MONOTONIC) - begin;
	expect_life(client.pid, &client, &server, 0, 0, most_ns);
	expect_life(0, &server, &client, 0, 0, most_ns);
	send_all(peer->orders, &go, 1);
	receive_all(peer->answers, &go, 1);
	expect_listen(&server, false);
}

/* ---- networks -------------------------------------------------------------------------------------------------- */

struct in6_request {
	struct in6_addr addr;
	uint32_t prefix;
	int index;
};

static void make_own_network(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	struct in6_request own = { .prefix = 128 };
	int fd, fd6;

	if (unshare(CLONE_NEWNET))
		die("cannot make a network namespace: %s", strerror(errno));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	fd6 = socket(AF_INET6, SOCK_DGRAM, 0);
	request.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) || ioctl(fd, SIOCGIFINDEX, &request))
		die("cannot start the loopback");
	own.index = request.ifr_ifindex;
	inet_pton(AF_INET6, OWN_IPV6, &own.addr);
	if (ioctl(fd6, SIOCSIFADDR, &own))
		die("cannot give the loopback an address: %s", strerror(errno));
	close(fd);
	close(fd6);
}

static struct order order_of(int family, const char *addr, uint32_t up, uint32_t down, enum ending ending)
{
	struct order order = { .family = family, .up = up, .down = down, .ending = ending };

	snprintf(order.addr, sizeof(order.addr), "%s", addr);
	return order;
}

int main(int argc, char **argv)
{
	const char *ipv4 = argc == 5 ? argv[3] : OWN_IPV4, *ipv6 = argc == 5 ? argv[4] : OWN_IPV6;
	char mapped[INET6_ADDRSTRLEN];
	struct peer peer;

	if (argc != 1 && argc != 5)
		die("usage: truth_tcp_load [CLIENT_NS SERVER_NS IPV4 IPV6]");
	setvbuf(stdout, NULL, _IOLBF, 0); /* nothing left over for a child to print again */
	signal(SIGPIPE, SIG_IGN);
	if (argc == 1)
		make_own_network();
	peer = start_server(argc == 5 ? argv[2] : NULL);
	if (argc == 5)
		enter(argv[1]);
	prctl(PR_SET_NAME, "tcp client");
	snprintf(mapped, sizeof(mapped), "::ffff:%s", ipv4);

	static const struct {
		uint32_t up, down;
		enum ending ending;
	} shapes[] = {
		{ 0, 0, CLIENT_CLOSES },       { 1, 0, SERVER_CLOSES },     { 1000, 2000000, CLIENT_CLOSES },
		{ 3000000, 1, SERVER_CLOSES }, { 70000, 7, CLIENT_RESETS }, { 7, 70000, SERVER_RESETS },
		{ 5, 100000, HALF_CLOSED },
	};
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct order to4 = order_of(AF_INET, ipv4, shapes[i].up, shapes[i].down, shapes[i].ending);
		struct order to6 = order_of(AF_INET6, ipv6, shapes[i].up, shapes[i].down, shapes[i].ending);

		run(&peer, &to4, AF_INET, ipv4);
		run(&peer, &to6, AF_INET6, ipv6);
		if (i == 2)
			run(&peer, &to4, AF_INET6, mapped);
	}
	if (argc == 1) {
		run_refused(AF_INET, ipv4, OWN_CLIENT);
		run_refused(AF_INET6, ipv6, ipv6);
	}
	run_given_up(&peer, AF_INET, ipv4);
	run_given_up(&peer, AF_INET6, ipv6);
	close(peer.orders);
	if (waitpid(peer.pid, NULL, 0) != peer.pid)
		die("the server is gone");
	return 0;
}
