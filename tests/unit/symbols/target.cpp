// SPDX-License-Identifier: MIT
// A program whose addresses symbols_test knows: it prints "NAME ADDRESS" for places in it, then "ready", and ends when its input does.
// The comments with an @ name the line that the test expects for a frame; the test reads them from here.
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

extern "C" void *of_library(void *(*call)(void));

#define NOINLINE __attribute__((noinline, noclone, used))
#define INLINE   static inline __attribute__((always_inline))

extern "C" {
// Where the caller goes on: inside whatever the call was inlined into.
NOINLINE void *here(void)
{
	return __builtin_return_address(0);
}

NOINLINE void *plain(void)
{
	void *at = here(); // @plain
	__asm__ volatile("" ::: "memory");
	return at;
}
}

namespace shapes
{
template <typename T, int N> struct Box {
	T side;
	NOINLINE void *area(void *&out)
	{
		out = here(); // @area
		side *= N;
		return out;
	}
};

INLINE void *innermost(volatile int *x)
{
	*x += 1;
	void *at = here(); // @innermost
	*x += 2;
	return at;
}

template <typename T> INLINE void *middle(T *x)
{
	*x *= 3;
	void *at = innermost(x); // @middle
	*x *= 5;
	return at;
}

NOINLINE void *outer(volatile int *x)
{
	*x -= 1;
	void *at = middle(x); // @outer
	*x -= 2;
	return at;
}
} // namespace shapes

namespace
{
NOINLINE void *hidden(int (*f)(int))
{
	auto lambda = [&](int x) __attribute__((noinline)) {
		void *at = here(); // @lambda
		f(x);
		return at;
	};
	return lambda(3);
}
} // namespace

static int same(int x)
{
	return x;
}

int main(void)
{
	volatile int x = 1;
	shapes::Box<unsigned long, 7> box = { 2 };
	void *area;
	char c;

	box.area(area);
	printf("plain %p\narea %p\nouter %p\nlambda %p\nlibrary %p\n", plain(), area, shapes::outer(&x), hidden(same),
	       of_library(here));
	printf("plain_start %p\nmain_start %p\n", (void *)plain, (void *)main);
	printf("ready\n");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
