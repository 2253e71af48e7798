/* SPDX-License-Identifier: MIT */
/*
 * How long to be late on purpose after a round that found records.
 *
 * A wake-up costs the traced machine an interrupt and two context switches; records that arrive during a nap cost none.
 * So the nap grows while rounds come back with little in the buffer, and shrinks, down to no nap at all, as the buffer
 * fills: a nap must never be the reason for a lost record. It knows nothing of time: the loop keeps the promise of
 * ECLI_POLL_LATENCY_MS.
 */
#ifndef ECLI_POLL_NAP_H
#define ECLI_POLL_NAP_H

#include "poll/source.h"

#define NAP_MIN_NS   50000u
#define NAP_START_NS 100000u
#define NAP_MAX_NS   1000000u

struct poll_nap {
	uint64_t length_ns; /* of the next nap; 0 is NAP_START_NS */
};

/*
 * After a round that found @fill of a buffer: nanoseconds to sleep, 0 for none. @size_bytes: the smallest buffer, 0
 * where there is none. Programs write at most some 1 GB/s, so a nap of half as many nanoseconds as the buffer has bytes
 * leaves half of it free even when a burst at full rate begins right after a quiet round. On a buffer too small for
 * that there is no nap.
 */
static inline uint64_t poll_nap_next(struct poll_nap *nap, uint32_t fill, uint64_t size_bytes)
{
	uint64_t limit_ns = size_bytes && size_bytes / 2 < NAP_MAX_NS ? size_bytes / 2 : NAP_MAX_NS;

	if (!nap->length_ns)
		nap->length_ns = NAP_START_NS;

	if (fill > POLL_FILL_FULL / 4) {
		nap->length_ns = nap->length_ns / 2 > NAP_MIN_NS ? nap->length_ns / 2 : NAP_MIN_NS;
		return 0;
	}
	if (limit_ns < NAP_MIN_NS / 2)
		return 0;
	uint64_t now_ns = nap->length_ns < limit_ns ? nap->length_ns : limit_ns;
	if (fill < POLL_FILL_FULL / 16)
		nap->length_ns = now_ns * 2 < NAP_MAX_NS ? now_ns * 2 : NAP_MAX_NS;
	return now_ns;
}

/* After a round that found nothing: the next burst starts with a short nap, so that a lone row is shown at once. */
static inline void poll_nap_reset(struct poll_nap *nap)
{
	nap->length_ns = NAP_START_NS;
}

#endif
