/* SPDX-License-Identifier: MIT */
/* hostile: for each of the worst names a process can have: takes it, then calls prctl(2) as mark does, with the name's
 * index. */
#include <sys/prctl.h>

#define MARK_OPTION 0x6d61726b

static const char *const names[] = {
	"a\nb\r\tc",
	"\"quoted\\\"",
	"\x1b[31mred\x1b[0m",
	"\xff\xfe\xc3(",
	"\xe2\x80\xaertl",
	"nul in json\\u0",
	"'$(reboot)'`",
	"{\"ecli\":\"lost\"}",
	"\xf0\x9f\x90\x9d bee",
	"\xc2\x9b"
	"31mC1",
	"",
	"\x7f\x01\x02\x03",
	"   ",
	"%s%n%d",
	"\xe6\xb5\x8b\xe8\xaf\x95",
};

int main(void)
{
	for (unsigned long i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		prctl(PR_SET_NAME, names[i]);
		prctl(MARK_OPTION, i, 0, 0, 0);
	}
	return 0;
}
