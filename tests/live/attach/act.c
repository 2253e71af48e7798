// SPDX-License-Identifier: MIT
/*
 * The workload of the attach tests: act WHAT [ARGUMENT] does one thing once and prints how it ended, "done" or the number of the
 * error, so that a test sees from outside whether a program let it happen. With -w before it, it waits for a line on its
 * standard input first and prints its process id: a test can attach to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define noinline __attribute__((noinline, noclone, used))

/* Functions to be probed, by name and by the pattern act_mark_*. */
noinline long act_mark_one(long n)
{
	__asm__ volatile("" ::: "memory");
	return n + 1000;
}

noinline long act_mark_two(long n)
{
	__asm__ volatile("" ::: "memory");
	return n + 2000;
}

/* A probe as <sys/sdt.h> writes it: a nop, and a note that says where it is. */
#if defined(__x86_64__)
static void usdt(long n)
{
	__asm__ volatile("990: nop\n"
			 ".pushsection .note.stapsdt,\"\",\"note\"\n"
			 ".balign 4\n"
			 ".4byte 992f-991f, 994f-993f, 3\n"
			 "991: .asciz \"stapsdt\"\n"
			 "992: .balign 4\n"
			 "993: .8byte 990b\n"
			 ".8byte _.stapsdt.base\n"
			 ".8byte 0\n"
			 ".asciz \"act\"\n.asciz \"mark\"\n.asciz \"-8@%0\"\n"
			 "994: .balign 4\n"
			 ".popsection\n"
			 ".ifndef _.stapsdt.base\n"
			 ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
			 ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"
			 "_.stapsdt.base: .space 1\n.size _.stapsdt.base, 1\n"
			 ".popsection\n.endif\n" ::"r"(n));
}
#else
static void usdt(long n)
{
	(void)n;
}
#endif

static struct sockaddr_in local(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int do_calls(int n)
{
	for (int i = 0; i < n; i++) {
		act_mark_one(i);
		act_mark_two(i);
		usdt(i);
	}
	return 0;
}

static int do_getppid(int n)
{
	while (n--)
		syscall(SYS_getppid);
	return 0;
}

static int do_read(int n)
{
	int fd = open("/dev/null", O_RDONLY);
	char c;

	while (n--)
		if (read(fd, &c, 1) < 0)
			return errno;
	return 0;
}

/* A datagram to oneself, waited for a short while. */
static int do_udp(int port)
{
	struct sockaddr_in to = local(port);
	struct timeval wait = { .tv_usec = 200000 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char c = 0;

	if (fd < 0 || bind(fd, (void *)&to, sizeof(to)))
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (sendto(fd, "x", 1, 0, (void *)&to, sizeof(to)) < 0)
		return errno;
	return recv(fd, &c, 1, 0) == 1 ? 0 : errno;
}

/* A connection to oneself, and 5 bytes over it from the connecting side. */
static int do_tcp(int port)
{
	struct sockaddr_in to = local(port);
	struct timeval wait = { .tv_usec = 200000 };
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	char bytes[8];

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (void *)&to, sizeof(to)) || listen(listener, 1) || connect(client, (void *)&to, sizeof(to)))
		return errno;
	int server = accept(listener, NULL, NULL);
	setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (send(client, "hello", 5, MSG_NOSIGNAL) != 5)
		return errno;
	return recv(server, bytes, sizeof(bytes), 0) == 5 ? 0 : errno ? errno : EPIPE;
}

static int do_datagram(int n)
{
	(void)n;
	return socket(AF_INET, SOCK_DGRAM, 0) < 0 ? errno : 0;
}

static int do_keepalive(int n)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	(void)n;
	return setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) ? errno : 0;
}

static int do_zero(int n)
{
	(void)n;
	return open("/dev/zero", O_RDONLY) < 0 ? errno : 0;
}

static int do_sysctl(int n)
{
	int fd = open("/proc/sys/kernel/domainname", O_RDWR);
	char text[80];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));

	(void)n;
	return len < 0 || pwrite(fd, text, (size_t)len, 0) != len ? errno : 0;
}

static int do_unlink(int n)
{
	char path[40];

	snprintf(path, sizeof(path), "/tmp/ecli-keep%d", n);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	return unlink(path) ? errno : 0;
}

static const struct {
	const char *name;
	int (*act)(int n);
} acts[] = {
	{ "calls", do_calls },   { "getppid", do_getppid },   { "read", do_read },           { "udp", do_udp },
	{ "tcp", do_tcp },       { "datagram", do_datagram }, { "keepalive", do_keepalive }, { "zero", do_zero },
	{ "sysctl", do_sysctl }, { "unlink", do_unlink },
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "-w")) {
		char line[16];

		printf("%d\n", getpid());
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			return 1;
		argc--;
		argv++;
	}
	for (size_t i = 0; argc > 1 && i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].name, argv[1]) != 0)
			continue;
		int code = acts[i].act(argc > 2 ? atoi(argv[2]) : 1);
		if (code)
			printf("%d\n", code);
		else
			puts("done");
		return 0;
	}
	return 2;
}
