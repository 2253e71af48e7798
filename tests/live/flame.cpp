// SPDX-License-Identifier: MIT
// A program that burns CPU in inlined functions of C++: flame.sh looks for them, with the lines that have an @.
#include <cstdint>
#include <ctime>
#include <vector>

#define NOINLINE __attribute__((noinline, noclone))
#define INLINE   inline __attribute__((always_inline))

namespace hot
{
struct Mixer {
	uint64_t state;
	INLINE uint64_t stir(uint64_t value)
	{
		for (int i = 0; i < 4000; i++)
			state = (state ^ value) * 0x9e3779b97f4a7c15u + (state >> 29); // @stir
		return state;
	}
};

template <typename T> INLINE uint64_t sum(Mixer &mixer, const std::vector<T> &values)
{
	uint64_t total = 0;
	for (T value : values)
		total += mixer.stir(value); // @sum
	return total;
}

NOINLINE uint64_t keep(uint64_t value)
{
	asm volatile("" : "+r"(value));
	return value;
}

// It calls something, so it has a frame of its own, by which main() is found.
NOINLINE uint64_t churn(Mixer &mixer, const std::vector<unsigned> &values)
{
	uint64_t total = sum(mixer, values); // @churn
	return keep(total) + 1;
}
} // namespace hot

int main()
{
	hot::Mixer mixer = { 1 };
	std::vector<unsigned> values(64, 7);
	volatile uint64_t sink = 0;
	timespec now;
	do {
		for (int i = 0; i < 100; i++)
			sink = sink + hot::churn(mixer, values); // @main
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	} while (now.tv_sec < 20);
	return 0;
}
