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
#include "world.hpp"
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <unistd.h>

using namespace caf;

namespace
{

struct payload40 {
    uint64_t words[5];
};
template <unsigned Words> struct payload {
    uint64_t words[Words];
};
using payload8 = payload<1>;
using payload64 = payload<8>;
using payload256 = payload<32>;
using payload4096 = payload<512>;
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
constexpr uint64_t leaf_count = 64;
constexpr uint64_t at_once = 512;
constexpr uint64_t listener_count = 64;
constexpr unsigned rounds = 16;

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

template <typename Payload> behavior sender(event_based_actor *self, actor target)
{
    return {[=](more_atom) {
        for (uint64_t i = 0; i < window; i++) {
            Payload message{};
            message.words[0] = i;
            self->send(target, message);
        }
    }};
}

/* Counts each sender's messages apart, to give credits to the one that has used its own. */
struct receiver_state {
    std::unordered_map<actor_id, uint64_t> seen;
    uint64_t left = 0;
};

template <typename Payload>
behavior one_receiver(stateful_actor<receiver_state> *self, uint64_t operations, stopwatch *watch)
{
    self->state.left = operations;
    return {[=](const Payload &message) {
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
template <typename Payload> double one_to_one(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    auto target = system.spawn(one_receiver<Payload>, operations, &watch);
    auto source = system.spawn(sender<Payload>, target);
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
        sources.push_back(system.spawn(sender<payload64>, target));
    watch.begin();
    for (auto &source : sources)
        anon_send(source, more_atom::value);
    target = nullptr;
    system.await_all_actors_done();
    sources.clear();
    return watch.ns_each(operations);
}

struct leaf_state {
    uint64_t left = 0, open = 0, sum = 0, expected = 0;
};

behavior leaf(event_based_actor *)
{
    return {[](uint64_t number) { return number; }};
}

/* Requests to many, 512 at once; the next ones when all of them have been joined. */
void fork_some(stateful_actor<leaf_state> *self, const std::vector<actor> *leaves, stopwatch *watch)
{
    auto &state = self->state;
    while (state.left > 0 && state.open < at_once) {
        state.left--;
        state.open++;
        self->request((*leaves)[state.left % leaf_count], infinite, state.left)
            .then([=](uint64_t number) {
                auto &state = self->state;
                state.sum += number;
                if (--state.open > 0)
                    return;
                if (state.left > 0) {
                    fork_some(self, leaves, watch);
                    return;
                }
                watch->finish();
                if (state.sum != state.expected)
                    abort();
                for (auto &each : *leaves)
                    self->send_exit(each, exit_reason::user_shutdown);
                self->quit();
            });
    }
}

behavior forker(stateful_actor<leaf_state> *self, const std::vector<actor> *leaves,
                uint64_t operations, stopwatch *watch)
{
    self->state.left = operations;
    self->state.expected = operations * (operations - 1) / 2;
    return {[=](go_atom) {
        watch->begin();
        fork_some(self, leaves, watch);
    }};
}

double fork_join(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    std::vector<actor> leaves;
    actor_system system{here.config};
    for (uint64_t i = 0; i < leaf_count; i++)
        leaves.push_back(system.spawn(leaf));
    anon_send(system.spawn(forker, &leaves, operations, &watch), go_atom::value);
    system.await_all_actors_done();
    leaves.clear();
    return watch.ns_each(operations);
}

behavior listener(event_based_actor *self)
{
    return {[=](const payload40 &, bool last) {
        if (last)
            self->send(actor_cast<actor>(self->current_sender()), done_atom::value);
    }};
}

struct caster_state {
    uint64_t waiting = 0, left = 0;
};

/* One message for all listeners: its content is shared, not copied. */
void cast_burst(stateful_actor<caster_state> *self, const std::vector<actor> *listeners)
{
    for (unsigned round = 1; round <= rounds; round++) {
        auto content = make_message(payload40{{1, 2, 3, 4, 5}}, round == rounds);
        for (auto &each : *listeners)
            self->send(each, content);
    }
    self->state.waiting = listener_count;
}

behavior caster(stateful_actor<caster_state> *self, const std::vector<actor> *listeners,
                uint64_t bursts, stopwatch *watch)
{
    self->state.left = bursts;
    return {[=](go_atom) {
                watch->begin();
                cast_burst(self, listeners);
            },
            [=](done_atom) {
                if (--self->state.waiting > 0)
                    return;
                if (--self->state.left > 0) {
                    cast_burst(self, listeners);
                    return;
                }
                watch->finish();
                for (auto &each : *listeners)
                    self->send_exit(each, exit_reason::user_shutdown);
                self->quit();
            }};
}

/* The value is per message delivered. */
double broadcast(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    std::vector<actor> listeners;
    auto bursts = operations / (listener_count * rounds) + 1;
    actor_system system{here.config};
    for (uint64_t i = 0; i < listener_count; i++)
        listeners.push_back(system.spawn(listener));
    anon_send(system.spawn(caster, &listeners, bursts, &watch), go_atom::value);
    system.await_all_actors_done();
    listeners.clear();
    return watch.ns_each(bursts * listener_count * rounds);
}

struct credit {
    std::mutex lock;
    std::condition_variable given;
    uint64_t windows = 2;
};

behavior outside_receiver(stateful_actor<receiver_state> *self, uint64_t operations,
                          std::vector<credit> *credits, stopwatch *watch)
{
    self->state.left = operations;
    return {[=](const payload64 &message) {
        if (message.words[0] == window - 1) {
            auto &credit = (*credits)[message.words[1]];
            std::lock_guard<std::mutex> guard{credit.lock};
            credit.windows++;
            credit.given.notify_one();
        }
        if (--self->state.left == 0) {
            watch->finish();
            self->quit();
        }
    }};
}

/* Threads that are not CAF's send by anon_send. */
template <unsigned Producers> double foreign(unsigned, uint64_t operations)
{
    world here{1};
    stopwatch watch;
    std::vector<credit> credits(Producers);
    std::vector<std::thread> threads;
    auto windows = operations / Producers / window + 1;
    auto total = windows * window * Producers;
    actor_system system{here.config};
    auto target = system.spawn(outside_receiver, total, &credits, &watch);
    watch.begin();
    for (uint64_t p = 0; p < Producers; p++)
        threads.emplace_back([=, &credits] {
            auto &credit = credits[p];
            for (uint64_t w = 0; w < windows; w++) {
                {
                    std::unique_lock<std::mutex> guard{credit.lock};
                    credit.given.wait(guard, [&] { return credit.windows > 0; });
                    credit.windows--;
                }
                for (uint64_t i = 0; i < window; i++)
                    anon_send(target, payload64{{i, p, 2, 3, 4, 5, 6, 7}});
            }
        });
    for (auto &thread : threads)
        thread.join();
    target = nullptr;
    system.await_all_actors_done();
    return watch.ns_each(total);
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payload8)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payload64)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payload256)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payload4096)

const row rows[] = {
    {"pingpong/same-shard", "ns", 1, 500000, pingpong<no_spawn_options>},
    {"pingpong/cross-shard", "ns", 2, 20000, pingpong<detached>},
    {"ask/same-shard", "ns", 1, 500000, ask<no_spawn_options>},
    {"ask/cross-shard", "ns", 2, 20000, ask<detached>},
    {"one-to-one/same-shard/8B", "ns", 1, 2000000, one_to_one<payload8>},
    {"one-to-one/same-shard/64B", "ns", 1, 2000000, one_to_one<payload64>},
    {"one-to-one/same-shard/256B", "ns", 1, 1000000, one_to_one<payload256>},
    {"one-to-one/same-shard/4096B", "ns", 1, 200000, one_to_one<payload4096>},
    {"one-to-one/cross-shard/8B", "ns", 2, 2000000, one_to_one<payload8>},
    {"one-to-one/cross-shard/64B", "ns", 2, 2000000, one_to_one<payload64>},
    {"one-to-one/cross-shard/256B", "ns", 2, 1000000, one_to_one<payload256>},
    {"one-to-one/cross-shard/4096B", "ns", 2, 200000, one_to_one<payload4096>},
    {"many-to-one/same-shard", "ns", 1, 2000000, many_to_one},
    {"many-to-one/cross-shard", "ns", 2, 2000000, many_to_one},
    {"ring/503", "ns", 1, 1000000, ring},
    {"broadcast/same-shard", "ns", 1, 1000000, broadcast},
    {"broadcast/cross-shard", "ns", 2, 1000000, broadcast},
    {"fork-join/same-shard", "ns", 1, 500000, fork_join},
    {"fork-join/cross-shard", "ns", 2, 500000, fork_join},
    {"foreign/one-producer/64B", "ns", 2, 1000000, foreign<1>},
    {"foreign/two-producers", "ns", 2, 1000000, foreign<2>},
    {"foreign/eight-producers", "ns", 2, 1000000, foreign<8>},
    {"savina/counting/same-shard", "ns", 1, 2000000, counting},
    {"savina/counting/cross-shard", "ns", 2, 2000000, counting},
    {"savina/big/same-shard", "ns", 1, 400000, big},
    {"savina/big/cross-shard", "ns", 2, 200000, big},
    {"savina/cigarette-smokers/same-shard", "ns", 1, 400000, cigarette_smokers},
    {"savina/cigarette-smokers/cross-shard", "ns", 2, 100000, cigarette_smokers},
    {"savina/bank-transaction/same-shard", "ns", 1, 200000, bank_transaction},
    {"savina/bank-transaction/cross-shard", "ns", 2, 200000, bank_transaction},
    {"lifecycle/create-message-destroy", "ns", 1, 100000, lifecycle},
    {"memory/idle-actor", "bytes", 1, 200000, idle_memory},
};

const unsigned row_count = sizeof rows / sizeof rows[0];
