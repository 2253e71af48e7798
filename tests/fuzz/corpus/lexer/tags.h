/* SPDX-License-Identifier: MIT */
#ifndef TAGS_H
#define TAGS_H

enum kind { KIND_A, KIND_B = 7 };

struct place {
	int x, y;
};

/** What the tool reports. */
struct event {
	/// @time
	unsigned long long time_ns;
	int pid; ///< process id
	struct place place;
	/* a plain comment */
	enum kind kind;
	char comm[16];
	/// bits of the result
	/// @hidden
	unsigned int flags : 3;
	unsigned int rest : 29;
	const char *name;
};

#endif
