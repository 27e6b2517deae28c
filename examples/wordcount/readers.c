/* SPDX-License-Identifier: MIT */
/*
 * Inputs are cut into pieces, and each thread takes the next piece that nobody has taken. A word
 * belongs to the piece in which it begins: a reader skips the rest of a word at the beginning of
 * its piece and reads on behind the end to complete its last word. What is no regular file, or
 * alone with one thread, is one piece.
 *
 * A reader sends through a port of its own, in batches; a full counter makes it wait. When there
 * are no more pieces it calls every counter: a call comes after all that its port sent before, so
 * its answer means that the reader's words have been counted.
 */
#include "readers.h"

#include "combiner.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIECE_SIZE (UINT64_C(4) << 20)

struct piece {
    struct input *input;
    uint64_t from, to; /* in bytes; `to` UINT64_MAX: up to its end */
};

struct reader {
    struct readers *readers;
    struct wordcount *port;
    struct words words;
    struct combiner combiner;
    pthread_t thread;
    int rc; /* why it could not count */
};

struct readers {
    struct reader *readers;
    unsigned count, started;
    struct piece *pieces;
    size_t piece_count, piece_capacity;
    uint64_t total;         /* bytes; 0: not known */
    _Atomic(size_t) next;   /* piece that nobody has taken */
    _Atomic(uint64_t) done; /* bytes that were read */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    unsigned running; /* under the lock */
};

/* ---- pieces ----------------------------------------------------------------------------- */

static int add_piece(struct readers *readers, struct input *input, uint64_t from, uint64_t to)
{
    if (readers->piece_count == readers->piece_capacity) {
        size_t capacity = readers->piece_capacity == 0 ? 16 : 2 * readers->piece_capacity;
        struct piece *pieces = realloc(readers->pieces, capacity * sizeof *pieces);

        if (pieces == NULL)
            return -ENOMEM;
        readers->pieces = pieces;
        readers->piece_capacity = capacity;
    }
    readers->pieces[readers->piece_count++] = (struct piece){input, from, to};
    return 0;
}

/* The size of a regular file; 0 for all else. */
static uint64_t size_of(const struct input *input)
{
    struct stat status;

    if (strcmp(input->path, "-") == 0 || stat(input->path, &status) != 0 ||
        !S_ISREG(status.st_mode) || status.st_size < 0)
        return 0;
    return (uint64_t)status.st_size;
}

/* The last piece has no end, as a file may grow. */
static int cut(struct readers *readers, struct input *input, uint64_t size)
{
    uint64_t from = 0;
    int rc = 0;

    while (rc == 0 && readers->count > 1 && size - from > 2 * PIECE_SIZE) {
        rc = add_piece(readers, input, from, from + PIECE_SIZE);
        from += PIECE_SIZE;
    }
    return rc == 0 ? add_piece(readers, input, from, UINT64_MAX) : rc;
}

static int cut_all(struct readers *readers, struct input *inputs, size_t count)
{
    bool known = true;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < count; i++) {
        uint64_t size = size_of(&inputs[i]);

        known = known && size > 0;
        readers->total += size;
        rc = cut(readers, &inputs[i], size);
    }
    if (!known)
        readers->total = 0;
    return rc;
}

/* ---- one reader ------------------------------------------------------------------------- */

static int send_word(struct reader *reader, const uint8_t *data, size_t size, uint64_t times)
{
    struct wordcount_count message = {.word = {data, size}, .times = times};

    return wordcount_send_wait_counters_count(reader->port, &message, SN_FOREVER);
}

static int send_combined(struct reader *reader, const struct table_slot *out)
{
    return send_word(reader, (const uint8_t *)out->word.text, out->word.size, out->count);
}

static int take_word(struct reader *reader, const uint8_t *word, size_t size)
{
    struct table_slot out;
    uint64_t text[2];

    if (size > TABLE_SHORT)
        return send_word(reader, word, size, 1);
    words_text(word, size, text);
    return combiner_add(&reader->combiner, text, size, &out) ? send_combined(reader, &out) : 0;
}

static int send_rest(struct reader *reader)
{
    struct table_slot out;
    size_t place = 0;
    int rc = 0;

    while (rc == 0 && combiner_take(&reader->combiner, &place, &out))
        rc = send_combined(reader, &out);
    return rc;
}

/* Take the words that lie in the buffer and begin before `to`. */
static int take_words(struct reader *reader, uint64_t to, bool *ret_beyond)
{
    const uint8_t *word;
    size_t size;
    int rc = 0;

    while (rc == 0 && words_next(&reader->words, &word, &size)) {
        *ret_beyond = words_offset(&reader->words, word) >= to;
        if (*ret_beyond)
            break;
        rc = take_word(reader, word, size);
    }
    return rc;
}

/* Returns why the words could not be sent; what could not be read is the input's error. */
static int read_piece(struct reader *reader, const struct piece *piece, int fd)
{
    bool beyond = false;
    int64_t got = 1;
    int rc = 0;

    while (rc == 0 && got > 0 && !beyond) {
        got = words_read(&reader->words, fd, piece->to);
        if (got < 0)
            atomic_store(&piece->input->error, (int)got);
        else
            rc = take_words(reader, piece->to, &beyond);
        if (got > 0)
            atomic_fetch_add(&reader->readers->done, (uint64_t)got);
    }
    if (reader->words.too_long)
        atomic_store(&piece->input->too_long, true);
    return rc;
}

/* Reading begins one byte early: it tells whether a word began before the piece. */
static int open_piece(struct reader *reader, const struct piece *piece)
{
    uint64_t start = piece->from > 0 ? piece->from - 1 : 0;
    bool is_standard = strcmp(piece->input->path, "-") == 0;
    int fd = is_standard ? STDIN_FILENO : open(piece->input->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || (start > 0 && lseek(fd, (off_t)start, SEEK_SET) < 0))
        atomic_store(&piece->input->error, -errno);
    words_begin(&reader->words, start, piece->from > 0);
    return fd;
}

static int take_piece(struct reader *reader, const struct piece *piece)
{
    int fd = open_piece(reader, piece);
    int rc = 0;

    if (atomic_load(&piece->input->error) == 0)
        rc = read_piece(reader, piece, fd);
    if (fd > STDIN_FILENO)
        close(fd);
    return rc;
}

static void *read_all(void *argument)
{
    struct reader *reader = argument;
    struct readers *readers = reader->readers;
    size_t next;

    while (reader->rc == 0 && (next = atomic_fetch_add(&readers->next, 1)) < readers->piece_count)
        reader->rc = take_piece(reader, &readers->pieces[next]);
    if (reader->rc == 0)
        reader->rc = send_rest(reader);
    if (reader->rc == 0)
        reader->rc = wordcount_call_counters_settled_all(reader->port);
    pthread_mutex_lock(&readers->lock);
    readers->running--;
    pthread_cond_signal(&readers->ended);
    pthread_mutex_unlock(&readers->lock);
    return NULL;
}

/* ---- all of them ------------------------------------------------------------------------ */

static void destroy(struct readers *readers)
{
    for (unsigned i = 0; readers->readers != NULL && i < readers->count; i++) {
        wordcount_close(readers->readers[i].port);
        words_fini(&readers->readers[i].words);
    }
    pthread_cond_destroy(&readers->ended);
    pthread_mutex_destroy(&readers->lock);
    free(readers->readers);
    free(readers->pieces);
    free(readers);
}

static int start_one(struct readers *readers, struct wordcount *app)
{
    struct reader *reader = &readers->readers[readers->started];
    int rc = words_init(&reader->words, WORDCOUNT_MAX_WORD);

    reader->readers = readers;
    if (rc == 0)
        rc = wordcount_open(app, &reader->port);
    if (rc == 0)
        rc = -pthread_create(&reader->thread, NULL, read_all, reader);
    if (rc == 0)
        readers->started++;
    return rc;
}

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int readers_start(struct wordcount *app, struct input *inputs, size_t count, unsigned threads,
                  struct readers **ret_readers)
{
    struct readers *readers = calloc(1, sizeof *readers);
    int rc;

    *ret_readers = NULL;
    if (readers == NULL)
        return -ENOMEM;
    readers->count = threads;
    pthread_mutex_init(&readers->lock, NULL);
    init_condition(&readers->ended);
    readers->readers = calloc(threads, sizeof *readers->readers);
    rc = readers->readers != NULL ? cut_all(readers, inputs, count) : -ENOMEM;
    pthread_mutex_lock(&readers->lock);
    while (rc == 0 && readers->started < threads)
        rc = start_one(readers, app);
    readers->running += readers->started;
    pthread_mutex_unlock(&readers->lock);
    if (rc != 0 && readers->started > 0)
        rc = 0; /* those that run read everything */
    if (rc == 0)
        *ret_readers = readers;
    else
        destroy(readers);
    return rc;
}

bool readers_wait_for(struct readers *readers, uint64_t timeout_ns)
{
    struct timespec until;
    bool ended;

    clock_gettime(CLOCK_MONOTONIC, &until);
    timeout_ns += (uint64_t)until.tv_nsec;
    until.tv_sec += (time_t)(timeout_ns / SN_SECOND);
    until.tv_nsec = (long)(timeout_ns % SN_SECOND);
    pthread_mutex_lock(&readers->lock);
    while (readers->running > 0 &&
           pthread_cond_timedwait(&readers->ended, &readers->lock, &until) != ETIMEDOUT)
        ;
    ended = readers->running == 0;
    pthread_mutex_unlock(&readers->lock);
    return ended;
}

uint64_t readers_progress(const struct readers *readers, uint64_t *ret_total)
{
    *ret_total = readers->total;
    return atomic_load(&readers->done);
}

int readers_wait(struct readers *readers)
{
    int rc = 0;

    if (readers == NULL)
        return 0;
    for (unsigned i = 0; i < readers->started; i++) {
        pthread_join(readers->readers[i].thread, NULL);
        if (rc == 0)
            rc = readers->readers[i].rc;
    }
    destroy(readers);
    return rc;
}
