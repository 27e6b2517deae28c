/* SPDX-License-Identifier: MIT */
/* The workloads of this peer; each function is one run and returns ns (or bytes) a unit of work. */
#ifndef CAF_PEER_ROWS_HPP
#define CAF_PEER_ROWS_HPP

#include <cstdint>

struct row {
    const char *name;
    const char *unit;
    unsigned schedulers;
    uint64_t operations;
    double (*run)(unsigned schedulers, uint64_t operations);
};

/* savina.cpp */
double counting(unsigned schedulers, uint64_t operations);
double big(unsigned schedulers, uint64_t operations);
double cigarette_smokers(unsigned schedulers, uint64_t operations);
double bank_transaction(unsigned schedulers, uint64_t operations);

extern const row rows[];
extern const unsigned row_count;

#endif
