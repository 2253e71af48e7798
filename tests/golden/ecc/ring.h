/* SPDX-License-Identifier: MIT */
struct event {
	int usual;
};

struct record {
	struct event event;
	int ring;
};
