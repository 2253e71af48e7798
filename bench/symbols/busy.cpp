// SPDX-License-Identifier: MIT
// What symbols_bench asks about: some hundred functions, each with a few others inlined into it. Built as a program and as a library; says
// "ready" and ends when its input does.
#include <algorithm>
#include <cstdio>
#include <string>
#include <unistd.h>
#include <vector>

#ifndef PART
#define PART program
#endif

namespace PART
{
template <int N> struct Work {
	static inline unsigned mix(unsigned x)
	{
		return (x << (N % 7 + 1)) ^ (x >> 3);
	}
	static inline unsigned fold(const std::vector<unsigned> &items)
	{
		unsigned sum = N;
		for (unsigned item : items)
			sum += mix(item);
		return sum;
	}
	__attribute__((noinline)) static unsigned run(std::vector<unsigned> &items, std::string &text)
	{
		items.push_back(fold(items));
		std::sort(items.begin(), items.end());
		text += static_cast<char>('a' + N % 26);
		if (items.size() > 40)
			items.resize(N % 20);
		return Work<N - 1>::run(items, text) + mix(items.empty() ? 0 : items.front());
	}
};
template <> struct Work<-1> {
	static unsigned run(std::vector<unsigned> &, std::string &text)
	{
		return static_cast<unsigned>(text.size());
	}
};
} // namespace PART

#ifdef IS_LIBRARY
unsigned of_library(std::vector<unsigned> &items, std::string &text)
{
	return PART::Work<200>::run(items, text);
}
#else
unsigned of_library(std::vector<unsigned> &items, std::string &text);

int main()
{
	std::vector<unsigned> items;
	std::string text;
	char c;

	std::printf("%u\nready\n", PART::Work<200>::run(items, text) + of_library(items, text));
	std::fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
#endif
