/* SPDX-License-Identifier: MIT */
/* A library with something to do; -DNUMBER makes each another one. */
int work(int n);

int work(int n)
{
	volatile int sum = NUMBER;

	for (int i = 0; i < n; i++)
		sum += i;
	return sum;
}
