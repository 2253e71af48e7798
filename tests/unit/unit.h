/* SPDX-License-Identifier: MIT */
/* What every unit test includes: cmocka with the headers it wants before it. */
#ifndef ECLI_TESTS_UNIT_H
#define ECLI_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
