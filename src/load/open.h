/* SPDX-License-Identifier: MIT */
/* The first half of a try: the object opened, with what the current choices take of it. */
#ifndef ECLI_LOAD_OPEN_H
#define ECLI_LOAD_OPEN_H

#include "load/try.h"

/* Fills try->object and try->bytes, also when it fails: the try's own end frees them. 0, or a negative errno and @fault filled. */
int ecli_try_open(struct ecli_try_input *input, struct ecli_try *try, bool by_loader, struct ecli_try_fault *fault);

#endif
