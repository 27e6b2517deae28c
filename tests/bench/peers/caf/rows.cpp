/* SPDX-License-Identifier: MIT */
/*
 * CAF 0.17 as its manual advises: event-based actors (cheaper than blocking ones), results returned
 * from the handler rather than sent, `infinite` where no deadline is wanted, `lazy_init` for actors
 * that have nothing to do before their first message, one scheduler thread a core
 * (scheduler.max-threads), and `detached` only where an actor must have a thread of its own, which
 * is how ping-pong is kept from sharing a worker (manual, chapters "Actors", "Spawn Options" and
 * "Configuring Actor Applications"). CAF's mailboxes are unbounded, so the senders wait for a
 * credit every `window` messages, as a bounded mailbox would make them.
 */
#include "rows.hpp"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <unistd.h>

#include "caf/all.hpp"

using namespace caf;

namespace
{

struct payload40 {
    uint64_t words[5];
};
struct payload64 {
    uint64_t words[8];
};
struct state64 {
    uint64_t words[8];
};

using go_atom = atom_constant<atom("go")>;
using more_atom = atom_constant<atom("more")>;
using done_atom = atom_constant<atom("done")>;
using join_atom = atom_constant<atom("join")>;

constexpr uint64_t window = 1000;
constexpr unsigned ring_size = 503;
constexpr uint64_t batch = 64;

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
    actor_system_config config;
    explicit world(unsigned schedulers)
    {
        config.set("scheduler.max-threads", schedulers);
    }
};

behavior ponger(event_based_actor *)
{
    return {[](const payload40 &message) { return message; }};
}

behavior pinger(event_based_actor *self, actor other, uint64_t operations, stopwatch *watch)
{
    auto left = std::make_shared<uint64_t>(operations);
    return {[=](go_atom) {
                watch->begin();
                self->send(other, payload40{{1, 2, 3, 4, 5}});
            },
            [=](const payload40 &message) {
                if (--*left > 0) {
                    self->send(other, message);
                    return;
                }
                watch->finish();
                self->send_exit(other, exit_reason::user_shutdown);
                self->quit();
            }};
}

template <spawn_options Options> double pingpong(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    auto other = system.spawn<Options>(ponger);
    anon_send(system.spawn<Options>(pinger, other, operations, &watch), go_atom::value);
    other = nullptr;
    system.await_all_actors_done();
    return watch.ns_each(operations);
}

void ask_next(event_based_actor *self, const actor &server, uint64_t left, stopwatch *watch)
{
    if (left == 0) {
        watch->finish();
        self->send_exit(server, exit_reason::user_shutdown);
        self->quit();
        return;
    }
    self->request(server, infinite, payload40{{left, 2, 3, 4, 5}}).then([=](const payload40 &) {
        ask_next(self, server, left - 1, watch);
    });
}

behavior asker(event_based_actor *self, actor server, uint64_t operations, stopwatch *watch)
{
    return {[=](go_atom) {
        watch->begin();
        ask_next(self, server, operations, watch);
    }};
}

template <spawn_options Options> double ask(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    auto server = system.spawn<Options>(ponger);
    anon_send(system.spawn<Options>(asker, server, operations, &watch), go_atom::value);
    server = nullptr;
    system.await_all_actors_done();
    return watch.ns_each(operations);
}

behavior sender(event_based_actor *self, actor target)
{
    return {[=](more_atom) {
        for (uint64_t i = 0; i < window; i++)
            self->send(target, payload64{{i, 1, 2, 3, 4, 5, 6, 7}});
    }};
}

/* Counts each sender's messages apart, to give credits to the one that has used its own. */
struct receiver_state {
    std::unordered_map<actor_id, uint64_t> seen;
    uint64_t left = 0;
};

behavior one_receiver(stateful_actor<receiver_state> *self, uint64_t operations, stopwatch *watch)
{
    self->state.left = operations;
    return {[=](const payload64 &message) {
        if (--self->state.left == 0) {
            watch->finish();
            self->send_exit(actor_cast<actor>(self->current_sender()), exit_reason::user_shutdown);
            self->quit();
        } else if (message.words[0] == window - 1) {
            self->send(actor_cast<actor>(self->current_sender()), more_atom::value);
        }
    }};
}

/* Two windows in flight, so that on two schedulers both sides can be busy at once. */
double one_to_one(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    auto target = system.spawn(one_receiver, operations, &watch);
    auto source = system.spawn(sender, target);
    watch.begin();
    anon_send(source, more_atom::value);
    anon_send(source, more_atom::value);
    source = nullptr;
    target = nullptr;
    system.await_all_actors_done();
    return watch.ns_each(operations);
}

behavior many_receiver(stateful_actor<receiver_state> *self, uint64_t operations,
                       std::vector<actor> *sources, stopwatch *watch)
{
    self->state.left = operations;
    return {[=](const payload64 &message) {
        if (--self->state.left == 0) {
            watch->finish();
            for (auto &source : *sources)
                self->send_exit(source, exit_reason::user_shutdown);
            self->quit();
        } else if (message.words[0] == window - 1) {
            self->send(actor_cast<actor>(self->current_sender()), more_atom::value);
        }
    }};
}

double many_to_one(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    std::vector<actor> sources;
    actor_system system{here.config};
    auto target = system.spawn(many_receiver, operations, &sources, &watch);
    for (int i = 0; i < 20; i++)
        sources.push_back(system.spawn(sender, target));
    watch.begin();
    for (auto &source : sources)
        anon_send(source, more_atom::value);
    target = nullptr;
    system.await_all_actors_done();
    sources.clear();
    return watch.ns_each(operations);
}

struct hop_state {
    actor next, home;
};

behavior hop(stateful_actor<hop_state> *self, stopwatch *watch)
{
    return {[=](join_atom, actor next, actor home) {
                self->state.next = next;
                self->state.home = home;
            },
            [=](uint64_t left) {
                if (left > 0) {
                    self->send(self->state.next, left - 1);
                    return;
                }
                watch->finish();
                self->send(self->state.home, done_atom::value);
            },
            [=](done_atom) {
                self->state = hop_state{};
                self->quit();
            }};
}

double ring(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    std::vector<actor> hops;
    scoped_actor self{system};
    for (unsigned i = 0; i < ring_size; i++)
        hops.push_back(system.spawn(hop, &watch));
    for (unsigned i = 0; i < ring_size; i++)
        self->send(hops[i], join_atom::value, hops[(i + 1) % ring_size], actor{self});
    watch.begin();
    self->send(hops[0], operations);
    self->receive([](done_atom) {});
    for (auto &each : hops)
        self->send(each, done_atom::value);
    hops.clear();
    self->await_all_other_actors_done();
    return watch.ns_each(operations);
}

behavior child(event_based_actor *self)
{
    return {[=](const payload40 &) {
        self->quit();
        return done_atom::value;
    }};
}

struct parent_state {
    uint64_t left = 0, waiting = 0;
};

void create_batch(stateful_actor<parent_state> *self)
{
    auto count = std::min(batch, self->state.left);
    self->state.waiting = count;
    self->state.left -= count;
    for (uint64_t i = 0; i < count; i++)
        self->send(self->spawn<lazy_init>(child), payload40{{i, 2, 3, 4, 5}});
}

behavior parent(stateful_actor<parent_state> *self, uint64_t operations, stopwatch *watch)
{
    self->state.left = operations;
    return {[=](go_atom) {
                watch->begin();
                create_batch(self);
            },
            [=](done_atom) {
                if (--self->state.waiting > 0)
                    return;
                if (self->state.left > 0) {
                    create_batch(self);
                    return;
                }
                watch->finish();
                self->quit();
            }};
}

double lifecycle(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    anon_send(system.spawn(parent, operations, &watch), go_atom::value);
    system.await_all_actors_done();
    return watch.ns_each(operations);
}

uint64_t resident_bytes()
{
    unsigned long long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == nullptr || fscanf(file, "%llu %llu", &total, &resident) != 2)
        resident = 0;
    if (file != nullptr)
        fclose(file);
    return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

behavior idler(stateful_actor<state64> *self)
{
    return {[=](const payload40 &message) { self->state.words[0] += message.words[0]; },
            [=](done_atom) { self->quit(); }};
}

double idle_memory(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    actor_system system{here.config};
    std::vector<actor> idlers;
    idlers.reserve(operations);
    auto before = resident_bytes() + operations * sizeof(actor);
    for (uint64_t i = 0; i < operations; i++)
        idlers.push_back(system.spawn<lazy_init>(idler));
    auto after = resident_bytes();
    for (auto &each : idlers)
        anon_send(each, done_atom::value);
    idlers.clear();
    system.await_all_actors_done();
    return static_cast<double>(after - before) / static_cast<double>(operations);
}

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payload40)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payload64)

const row rows[] = {
    {"pingpong/same-shard", "ns", 1, 500000, pingpong<no_spawn_options>},
    {"pingpong/cross-shard", "ns", 2, 20000, pingpong<detached>},
    {"ask/same-shard", "ns", 1, 500000, ask<no_spawn_options>},
    {"ask/cross-shard", "ns", 2, 20000, ask<detached>},
    {"one-to-one/same-shard/64B", "ns", 1, 2000000, one_to_one},
    {"one-to-one/cross-shard/64B", "ns", 2, 2000000, one_to_one},
    {"many-to-one/same-shard", "ns", 1, 2000000, many_to_one},
    {"many-to-one/cross-shard", "ns", 2, 2000000, many_to_one},
    {"ring/503", "ns", 1, 1000000, ring},
    {"lifecycle/create-message-destroy", "ns", 1, 100000, lifecycle},
    {"memory/idle-actor", "bytes", 1, 200000, idle_memory},
};

const unsigned row_count = sizeof rows / sizeof rows[0];
