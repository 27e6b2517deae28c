/* SPDX-License-Identifier: MIT */
/*
 * A transfer is a debit here and a deposit at the ledger of the other account. A handler that
 * fails has done nothing: its ask and its reply have not left and the balances are as before. So
 * no line below cleans up, wherever the failure strikes.
 */
#include "bank.h"

#include <errno.h>

/* Whether this handler is to fail. */
static bool is_unlucky(struct bank_ledger *self)
{
    return sn_random(self->sn) % 1000 < self->args.fail_per_mille;
}

int bank_ledger_init(struct bank_ledger *self, bool restored)
{
    for (size_t i = 0; !restored && i < BANK_MAX_ACCOUNTS; i++)
        self->balances[i] = self->args.opening;
    return 0;
}

int bank_ledger_on_transfer(struct bank_ledger *self, const struct bank_transfer *message,
                            bank_transfer_reply_to to)
{
    struct bank_ledger_credit context = {
        .to = to,
        .deposit = {.account = message->to, .amount = message->amount, .number = message->number},
    };

    if (message->account >= BANK_MAX_ACCOUNTS || message->to >= BANK_MAX_ACCOUNTS)
        return bank_ledger_refuse_transfer(self, to, SN_INVALID);
    if (self->balances[message->account] < message->amount)
        return bank_ledger_refuse_transfer(self, to, BANK_NO_FUNDS);
    self->balances[message->account] -= message->amount;
    context.account = message->account;
    if (is_unlucky(self))
        return -EIO; /* the debit is undone */
    return bank_ledger_ask_credit(self, &context.deposit, &context);
}

int bank_ledger_on_credit(struct bank_ledger *self, const struct bank_ledger_credit *context,
                          int outcome)
{
    int64_t *balance = &self->balances[context->account];

    switch (outcome) {
    case 0:
        if (is_unlucky(self))
            return -EIO; /* the money has arrived; who waits for the answer is told SN_FAILED */
        return bank_ledger_reply_transfer(self, context->to,
                                          &(struct bank_transfer_reply){.balance = *balance});
    case SN_TIMEOUT: /* perhaps it was done: ask again until we know */
        return bank_ledger_ask_credit(self, &context->deposit, context);
    default: /* it was not done */
        *balance += context->deposit.amount;
        return bank_ledger_refuse_transfer(self, context->to, outcome);
    }
}

static bool was_seen(const struct bank_ledger *self, uint64_t number)
{
    for (size_t i = 0; i < BANK_MAX_SEEN; i++)
        if (self->seen[i] == number)
            return true;
    return false;
}

int bank_ledger_on_deposit(struct bank_ledger *self, const struct bank_deposit *message,
                           bank_deposit_reply_to to)
{
    if (was_seen(self, message->number))
        return bank_ledger_reply_deposit(self, to);
    self->seen[self->next_seen++ % BANK_MAX_SEEN] = message->number;
    self->balances[message->account] += message->amount;
    if (is_unlucky(self))
        return -EIO; /* the deposit is undone, and its number forgotten */
    return bank_ledger_reply_deposit(self, to);
}

int bank_ledger_on_balance(struct bank_ledger *self, const struct bank_balance *message,
                           bank_balance_reply_to to)
{
    if (message->account >= BANK_MAX_ACCOUNTS)
        return bank_ledger_refuse_balance(self, to, SN_INVALID);
    return bank_ledger_reply_balance(
        self, to, &(struct bank_balance_reply){.amount = self->balances[message->account]});
}

int bank_ledger_on_settled(struct bank_ledger *self, bank_settled_reply_to to)
{
    uint32_t under_way = bank_ledger_waiting_credit(self);

    return bank_ledger_reply_settled(self, to,
                                     &(struct bank_settled_reply){.under_way = under_way});
}
