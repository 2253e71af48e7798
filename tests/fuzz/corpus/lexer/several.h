/* SPDX-License-Identifier: MIT */
/* Helpers first, the event last; one struct that the source leaves out, two that are in comments. */
struct key {
	int pid;
};

struct point {
	int x;
};

struct value {
	unsigned long long slots[4];
};

// struct event { int gone; };
/* struct gone_event { int gone; }; */
struct other {
	struct point at[2];
};

#ifdef NEVER_DEFINED
struct left_out {
	int x;
};
#endif

struct last {
	struct {
		int inner;
	} nested;
	union {
		int u;
		float f;
	};
};
