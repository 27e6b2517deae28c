/* SPDX-License-Identifier: MIT */
/* A counter: the words whose hash is its own. */
#include "wordcount_counter.h"

/* What one page takes, with its last word of up to 1 MiB, is within `max_page`. */
enum { PAGE_WORDS = 1024, PAGE_BYTES = 1024 * 1024 };

int wordcount_counter_on_count(struct wordcount_counter *self,
                               const struct wordcount_count *message)
{
    return table_count_soon(&self->words, message->word.data, message->word.size, message->times);
}

int wordcount_counter_on_settled(struct wordcount_counter *self, wordcount_settled_reply_to to)
{
    int rc = table_settle(&self->words);

    return rc == 0 ? wordcount_counter_reply_settled(self, to) : rc;
}

int wordcount_counter_on_page(struct wordcount_counter *self, const struct wordcount_page *request,
                              wordcount_page_reply_to to)
{
    struct wordcount_entry entries[PAGE_WORDS];
    struct wordcount_page_reply reply = {.entries.items = entries, .next = request->from};
    size_t bytes = 0;

    while (reply.entries.count < PAGE_WORDS && bytes < PAGE_BYTES) {
        struct wordcount_entry *entry = &entries[reply.entries.count];

        entry->count = table_next(&self->words, &reply.next, &entry->word.data, &entry->word.size);
        if (entry->count == 0) {
            reply.next = 0;
            break;
        }
        bytes += entry->word.size;
        reply.entries.count++;
    }
    return wordcount_counter_reply_page(self, to, &reply);
}
