/* SPDX-License-Identifier: MIT */
/* What the files of rows share: a configuration, and the time that a run took. */
#ifndef CAF_PEER_WORLD_HPP
#define CAF_PEER_WORLD_HPP

#include <chrono>
#include <cstdint>

#include "caf/all.hpp"

/* Written by the actor that starts and the actor that ends; read after all are done. */
struct stopwatch {
    std::chrono::steady_clock::time_point start, end;
    void begin()
    {
        start = std::chrono::steady_clock::now();
    }
    void finish()
    {
        end = std::chrono::steady_clock::now();
    }
    double ns_each(uint64_t operations) const
    {
        return std::chrono::duration<double, std::nano>(end - start).count() /
               static_cast<double>(operations);
    }
};

struct world {
    caf::actor_system_config config;
    explicit world(unsigned schedulers)
    {
        config.set("scheduler.max-threads", schedulers);
    }
};

#endif
