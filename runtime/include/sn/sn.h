/* SPDX-License-Identifier: MIT */
#ifndef SN_SN_H
#define SN_SN_H

/*
 * sn: shared nothing. Actors for C. Everything that a user's handlers and main need; generated
 * headers include it.
 */

#include <sn/actor.h>
#include <sn/admin.h>
#include <sn/result.h>
#include <sn/system.h>
#include <sn/value.h>

#endif
