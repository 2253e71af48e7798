// SPDX-License-Identifier: MIT
/*
 * The workload of the attach tests: act WHAT [ARGUMENT] does one thing once and prints how it ended, "done" or the number of the
 * error, so that a test sees from outside whether a program let it happen; "unloaded NAME..." whether the kernel has forgotten the
 * programs of these names, without any code of ecli. With -w before it, it waits for a line on its
 * standard input first and prints its process id: a test can attach to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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
#if defined(__x86_64__) || defined(__aarch64__)
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

/* How long something may take to arrive, in milliseconds: what does not come in a minute never comes; short where a test says that it will not. */
static struct timeval patience(void)
{
	const char *text = getenv("ACT_WAIT_MS");
	long ms = text ? atol(text) : 60000;

	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

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

/* A datagram to oneself, waited for. */
static int do_udp(int port)
{
	struct sockaddr_in to = local(port);
	struct timeval wait = patience();
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
static const char *congestion; /* control of the client's side; NULL: the usual one */

static int do_tcp(int port)
{
	struct sockaddr_in to = local(port);
	struct timeval wait = patience();
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	char bytes[8];

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (congestion && setsockopt(client, IPPROTO_TCP, TCP_CONGESTION, congestion, (socklen_t)strlen(congestion)))
		return errno;
	if (bind(listener, (void *)&to, sizeof(to)) || listen(listener, 1) || connect(client, (void *)&to, sizeof(to)))
		return errno;
	int server = accept(listener, NULL, NULL);
	setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (send(client, "hello", 5, MSG_NOSIGNAL) != 5)
		return errno;
	return recv(server, bytes, sizeof(bytes), 0) == 5 ? 0 : errno ? errno : EPIPE;
}

static int do_congestion(int port)
{
	congestion = "ecli_cc";
	return do_tcp(port);
}

/* A datagram through a pair of netkit interfaces, seen or not at the other end, nk0. */
static int do_netkit(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(0x0a4d0002) }; /* 10.77.0.2 */
	struct sockaddr_ll end = { .sll_family = AF_PACKET,
				   .sll_protocol = htons(ETH_P_IP),
				   .sll_ifindex = (int)if_nametoindex("nk0") };
	struct timeval wait = patience();
	int fd = socket(AF_INET, SOCK_DGRAM, 0), seen = socket(AF_PACKET, SOCK_DGRAM, 0);
	unsigned char packet[64];

	if (fd < 0 || seen < 0 || bind(seen, (void *)&end, sizeof(end)))
		return errno;
	setsockopt(seen, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (sendto(fd, "x", 1, 0, (void *)&to, sizeof(to)) < 0)
		return errno;
	/* 20 bytes of IP, then the ports. */
	while (recv(seen, packet, sizeof(packet), 0) >= 24)
		if (packet[9] == IPPROTO_UDP && packet[22] << 8 == (port & 0xff00) && packet[23] == (port & 0xff))
			return 0;
	return errno;
}

/* ---- other programs of the kernel ---- */

static int bpf(int command, union bpf_attr *attr, size_t size)
{
	return (int)syscall(SYS_bpf, command, attr, size);
}

/* A program that does nothing is run once by the kernel, as a test. */
static int do_testrun(int n)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static const char bytes[64];
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_SCHED_CLS,
				.insns = (uintptr_t)code,
				.insn_cnt = 2,
				.license = (uintptr_t) "GPL" };
	union bpf_attr test = { .test = { .data_in = (uintptr_t)bytes, .data_size_in = sizeof(bytes) } };
	/* Kernels before 5.11 count programs as locked memory, that of ecli included; it fails with the errno that a test looks for. */
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	setrlimit(RLIMIT_MEMLOCK, &all);
	int fd = bpf(BPF_PROG_LOAD, &load, sizeof(load));

	(void)n;
	test.test.prog_fd = (uint32_t)fd;
	if (fd < 0)
		return ENOEXEC;
	return bpf(BPF_PROG_TEST_RUN, &test, sizeof(test)) ? errno : 0;
}

static char **arguments;

/* Whether a program that is called like one of the arguments is in the kernel. */
static bool is_loaded(void)
{
	union bpf_attr next = { 0 };

	for (; !bpf(BPF_PROG_GET_NEXT_ID, &next, sizeof(next)); next.start_id = next.next_id) {
		union bpf_attr id = { .prog_id = next.next_id }, ask = { 0 };
		struct bpf_prog_info info = { 0 };
		int fd = bpf(BPF_PROG_GET_FD_BY_ID, &id, sizeof(id));

		if (fd < 0) /* it has just gone */
			continue;
		ask.info.bpf_fd = (uint32_t)fd;
		ask.info.info = (uintptr_t)&info;
		ask.info.info_len = sizeof(info);
		bpf(BPF_OBJ_GET_INFO_BY_FD, &ask, sizeof(ask));
		close(fd);
		for (char **name = arguments; *name; name++)
			if (!strncmp(*name, info.name, sizeof(info.name) - 1))
				return true;
	}
	return false;
}

/* The kernel takes its time to forget a program. */
static int do_unloaded(int n)
{
	(void)n;
	for (int i = 0; i < 3000; i++) {
		if (!is_loaded())
			return 0;
		usleep(20000);
	}
	return EBUSY;
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
	{ "calls", do_calls },
	{ "getppid", do_getppid },
	{ "read", do_read },
	{ "udp", do_udp },
	{ "tcp", do_tcp },
	{ "datagram", do_datagram },
	{ "keepalive", do_keepalive },
	{ "zero", do_zero },
	{ "sysctl", do_sysctl },
	{ "unlink", do_unlink },
	{ "congestion", do_congestion },
	{ "netkit", do_netkit },
	{ "testrun", do_testrun },
	{ "unloaded", do_unloaded },
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
		arguments = argv + 2;
		int code = acts[i].act(argc > 2 ? atoi(argv[2]) : 1);
		if (code)
			printf("%d\n", code);
		else
			puts("done");
		return 0;
	}
	return 2;
}
