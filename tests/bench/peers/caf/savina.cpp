/* SPDX-License-Identifier: MIT */
/*
 * Four programs of the Savina suite (Imam and Sarkar, AGERE 2014), with its numbers of actors. As
 * CAF's mailboxes have no bound, the producer of `counting` asks for the count once a window.
 */
#include "rows.hpp"
#include "world.hpp"
#include <random>

using namespace caf;

namespace
{

using go_atom = atom_constant<atom("go")>;
using add_atom = atom_constant<atom("add")>;
using count_atom = atom_constant<atom("count")>;
using join_atom = atom_constant<atom("join")>;
using ping_atom = atom_constant<atom("ping")>;
using pong_atom = atom_constant<atom("pong")>;
using smoke_atom = atom_constant<atom("smoke")>;
using done_atom = atom_constant<atom("done")>;
using credit_atom = atom_constant<atom("credit")>;
using debit_atom = atom_constant<atom("debit")>;

constexpr uint64_t window = 1000;
constexpr uint64_t pairs = 20;
constexpr uint64_t smoker_count = 200;
constexpr uint64_t account_count = 1000;
constexpr uint64_t open_most = 256;

uint64_t below(std::minstd_rand &random, uint64_t bound)
{
    return random() % bound;
}

/* ---- counting: increments to one counter, which says how many there were ---- */

struct counter_state {
    uint64_t count = 0;
};

behavior counter(stateful_actor<counter_state> *self)
{
    return {[=](add_atom) { self->state.count++; }, [=](count_atom) { return self->state.count; }};
}

struct producer_state {
    uint64_t left = 0, sent = 0;
};

void produce(stateful_actor<producer_state> *self, const actor &target, stopwatch *watch)
{
    auto count = std::min(window, self->state.left);
    for (uint64_t i = 0; i < count; i++)
        self->send(target, add_atom::value);
    self->state.left -= count;
    self->state.sent += count;
    self->request(target, infinite, count_atom::value).then([=](uint64_t counted) {
        if (counted != self->state.sent)
            abort();
        if (self->state.left > 0) {
            produce(self, target, watch);
            return;
        }
        watch->finish();
        self->send_exit(target, exit_reason::user_shutdown);
        self->quit();
    });
}

behavior producer(stateful_actor<producer_state> *self, actor target, uint64_t operations,
                  stopwatch *watch)
{
    self->state.left = operations;
    return {[=](go_atom) {
        watch->begin();
        produce(self, target, watch);
    }};
}

/* ---- big: each actor has one ping under way to a random other one ---- */

struct big_state {
    std::vector<actor> all;
    std::minstd_rand random;
    actor judge;
    uint64_t me = 0, left = 0;
};

void ping_somebody(stateful_actor<big_state> *self)
{
    auto other = below(self->state.random, pairs - 1);
    self->send(self->state.all[other + (other >= self->state.me)], ping_atom::value,
               self->state.me);
}

behavior big_actor(stateful_actor<big_state> *self, uint64_t me, uint64_t pings)
{
    self->state.me = me;
    self->state.left = pings;
    self->state.random.seed(static_cast<unsigned>(me + 1));
    return {[=](join_atom, const std::vector<actor> &all, const actor &judge) {
                self->state.all = all;
                self->state.judge = judge;
            },
            [=](go_atom) { ping_somebody(self); },
            [=](ping_atom, uint64_t from) { self->send(self->state.all[from], pong_atom::value); },
            [=](pong_atom) {
                if (--self->state.left > 0)
                    ping_somebody(self);
                else
                    self->send(self->state.judge, done_atom::value);
            },
            [=](done_atom) {
                self->state.all.clear();
                self->quit();
            }};
}

/* ---- cigarette smokers: an arbiter lets a random smoker start, which says when it did ---- */

behavior smoker(stateful_actor<counter_state> *self)
{
    return {[=](smoke_atom, uint64_t puffs) {
        self->state.count += puffs;
        return done_atom::value;
    }};
}

struct arbiter_state {
    std::minstd_rand random;
    uint64_t left = 0;
};

behavior arbiter(stateful_actor<arbiter_state> *self, std::vector<actor> smokers,
                 uint64_t operations, stopwatch *watch)
{
    self->state.left = operations;
    auto let_smoke = [=] {
        self->send(smokers[below(self->state.random, smoker_count)], smoke_atom::value,
                   uint64_t{1});
    };
    return {[=](go_atom) {
                watch->begin();
                let_smoke();
            },
            [=](done_atom) {
                if (--self->state.left > 0) {
                    let_smoke();
                    return;
                }
                watch->finish();
                for (auto &each : smokers)
                    self->send_exit(each, exit_reason::user_shutdown);
                self->quit();
            }};
}

/* ---- bank transaction: a credit at one account makes a debit at another ---- */

struct account_state {
    int64_t balance = 0;
};

behavior account(stateful_actor<account_state> *self)
{
    return {
        [=](credit_atom, int64_t amount, const actor &other) {
            auto promise = self->make_response_promise();
            self->state.balance -= amount;
            self->request(other, infinite, debit_atom::value, amount).then([=](done_atom) mutable {
                promise.deliver(done_atom::value);
            });
            return promise;
        },
        [=](debit_atom, int64_t amount) {
            self->state.balance += amount;
            return done_atom::value;
        }};
}

struct teller_state {
    std::minstd_rand random;
    uint64_t left = 0, open = 0;
};

void transfer(stateful_actor<teller_state> *self, const std::vector<actor> *accounts,
              stopwatch *watch)
{
    auto from = below(self->state.random, account_count);
    auto to = (from + 1 + below(self->state.random, account_count - 1)) % account_count;

    self->state.left--;
    self->state.open++;
    self->request((*accounts)[from], infinite, credit_atom::value, int64_t{1}, (*accounts)[to])
        .then([=](done_atom) {
            self->state.open--;
            if (self->state.left > 0) {
                transfer(self, accounts, watch);
            } else if (self->state.open == 0) {
                watch->finish();
                for (auto &each : *accounts)
                    self->send_exit(each, exit_reason::user_shutdown);
                self->quit();
            }
        });
}

behavior teller(stateful_actor<teller_state> *self, const std::vector<actor> *accounts,
                uint64_t operations, stopwatch *watch)
{
    self->state.left = operations;
    return {[=](go_atom) {
        watch->begin();
        while (self->state.left > 0 && self->state.open < open_most)
            transfer(self, accounts, watch);
    }};
}

} // namespace

double counting(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    anon_send(system.spawn(producer, system.spawn(counter), operations, &watch), go_atom::value);
    system.await_all_actors_done();
    return watch.ns_each(operations);
}

double big(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    std::vector<actor> all;
    scoped_actor self{system};
    for (uint64_t i = 0; i < pairs; i++)
        all.push_back(system.spawn(big_actor, i, operations / pairs));
    for (auto &each : all)
        self->send(each, join_atom::value, all, actor{self});
    watch.begin();
    for (auto &each : all)
        self->send(each, go_atom::value);
    for (uint64_t i = 0; i < pairs; i++)
        self->receive([](done_atom) {});
    watch.finish();
    for (auto &each : all)
        self->send(each, done_atom::value);
    all.clear();
    self->await_all_other_actors_done();
    return watch.ns_each(operations / pairs * pairs);
}

double cigarette_smokers(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    actor_system system{here.config};
    std::vector<actor> smokers;
    for (uint64_t i = 0; i < smoker_count; i++)
        smokers.push_back(system.spawn(smoker));
    anon_send(system.spawn(arbiter, std::move(smokers), operations, &watch), go_atom::value);
    system.await_all_actors_done();
    return watch.ns_each(operations);
}

double bank_transaction(unsigned schedulers, uint64_t operations)
{
    world here{schedulers};
    stopwatch watch;
    std::vector<actor> accounts;
    actor_system system{here.config};
    for (uint64_t i = 0; i < account_count; i++)
        accounts.push_back(system.spawn(account));
    anon_send(system.spawn(teller, &accounts, operations, &watch), go_atom::value);
    system.await_all_actors_done();
    accounts.clear();
    return watch.ns_each(operations);
}
