/* SPDX-License-Identifier: MIT */
/*
 * Crash records.
 *
 * A fault is never recovered from in the process that it happened in (CERT SIG35-C): what the
 * program believed of its memory is wrong. So the handler writes down what it knows, puts back the
 * action that was there before, and lets the fault happen again: a user's own handler gets it as if
 * ours had not been there, and without one the process dies as it would have, core file included.
 *
 * Until the file is written nothing is trusted. Only async-signal-safe calls are made
 * (POSIX.1-2017, XSH 2.4.3): open, read, write, close, access, time, poll, getpid,
 * sigaction. It runs on a
 * stack of its own, because an overflow is a fault too. All signals are blocked, so a fault in here
 * ends the process at once, by the kernel, and leaves what was written so far; that is why what is
 * surest comes first and the walk through the stack last. backtrace() is not on the list: glibc's
 * allocates nothing once it has been loaded, which sn_crash_enable() sees to, and a record without
 * it would be worth little.
 *
 * The file is text, a line a fact: a key, then its values, with spaces between; see README.md.
 */
#include "crash/crash.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { OUT_SIZE = 1024, STACK_SIZE = 128 * 1024, FRAMES_MAX = 64, FAULTS = 5, PATIENCE_MS = 2000 };

struct sn_crash_out {
    int fd;
    size_t size;
    char bytes[OUT_SIZE];
};

static const struct {
    int number;
    const char *name;
} faults[FAULTS] = {{SIGSEGV, "SIGSEGV"},
                    {SIGBUS, "SIGBUS"},
                    {SIGFPE, "SIGFPE"},
                    {SIGILL, "SIGILL"},
                    {SIGABRT, "SIGABRT"}};

/* The process's: see README.md. */
static struct {
    pthread_mutex_t lock;
    unsigned users;
    struct sigaction before[FAULTS];
    _Atomic(const struct sn_crash_place *) fallback;
    _Atomic(uint32_t) written; /* a record is, or is being */
} installed = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Read in a signal handler, so it must not be allocated on first use. */
static _Thread_local const struct sn_crash_place *entered
    __attribute__((tls_model("initial-exec")));

/* ---- writing ------------------------------------------------------------------------------- */

static void flush(struct sn_crash_out *out)
{
    size_t done = 0;

    while (done < out->size) {
        ssize_t count = write(out->fd, out->bytes + done, out->size - done);

        if (count < 0 && errno != EINTR)
            break; /* there is nobody to tell */
        if (count > 0)
            done += (size_t)count;
    }
    out->size = 0;
}

static void put_byte(struct sn_crash_out *out, char byte)
{
    if (out->size == OUT_SIZE)
        flush(out);
    out->bytes[out->size++] = byte;
}

static void put_text(struct sn_crash_out *out, const char *text)
{
    for (; *text != '\0'; text++)
        put_byte(out, *text);
}

static void put_digits(struct sn_crash_out *out, uint64_t number, unsigned base)
{
    char digits[20];
    unsigned count = 0;

    do
        digits[count++] = "0123456789abcdef"[number % base];
    while ((number /= base) > 0);
    while (count > 0)
        put_byte(out, digits[--count]);
}

void sn_crash_begin_line(struct sn_crash_out *out, const char *key)
{
    put_text(out, key);
}

void sn_crash_put(struct sn_crash_out *out, const char *text)
{
    put_byte(out, ' ');
    put_text(out, text != NULL && *text != '\0' ? text : "-");
}

void sn_crash_put_number(struct sn_crash_out *out, uint64_t number)
{
    put_byte(out, ' ');
    put_digits(out, number, 10);
}

void sn_crash_put_address(struct sn_crash_out *out, uint64_t address)
{
    put_text(out, " 0x");
    put_digits(out, address, 16);
}

void sn_crash_end_line(struct sn_crash_out *out)
{
    put_byte(out, '\n');
}

/* ---- what is known of any process ------------------------------------------------------------ */

static void write_signal(struct sn_crash_out *out, unsigned fault, const siginfo_t *info)
{
    put_text(out, "sn-crash 1\nsignal");
    sn_crash_put_number(out, (uint64_t)faults[fault].number);
    sn_crash_put(out, faults[fault].name);
    sn_crash_put_number(out, (uint64_t)(uint32_t)info->si_code);
    sn_crash_put_address(out, info->si_code > 0 ? (uintptr_t)info->si_addr : 0);
    put_text(out, "\ntime");
    sn_crash_put_number(out, (uint64_t)time(NULL));
    put_text(out, "\nprocess");
    sn_crash_put_number(out, (uint64_t)getpid());
    sn_crash_put_number(out, (uint64_t)syscall(SYS_gettid));
    sn_crash_end_line(out);
}

static void write_register(struct sn_crash_out *out, const char *name, uint64_t value)
{
    put_text(out, "register");
    sn_crash_put(out, name);
    sn_crash_put_address(out, value);
    sn_crash_end_line(out);
}

/* Returns where the thread was. */
static uintptr_t write_registers(struct sn_crash_out *out, const ucontext_t *context)
{
#if defined(__x86_64__)
    static const struct {
        const char *name;
        int index;
    } registers[] = {{"rip", REG_RIP}, {"rsp", REG_RSP}, {"rbp", REG_RBP}, {"rax", REG_RAX},
                     {"rbx", REG_RBX}, {"rcx", REG_RCX}, {"rdx", REG_RDX}, {"rsi", REG_RSI},
                     {"rdi", REG_RDI}, {"r8", REG_R8},   {"r9", REG_R9},   {"r10", REG_R10},
                     {"r11", REG_R11}, {"r12", REG_R12}, {"r13", REG_R13}, {"r14", REG_R14},
                     {"r15", REG_R15}};

    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        write_register(out, registers[i].name,
                       (uint64_t)context->uc_mcontext.gregs[registers[i].index]);
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    char name[] = "x00";

    write_register(out, "pc", context->uc_mcontext.pc);
    write_register(out, "sp", context->uc_mcontext.sp);
    for (unsigned i = 0; i < 31; i++) {
        name[1] = (char)('0' + i / 10);
        name[2] = (char)('0' + i % 10);
        write_register(out, name, context->uc_mcontext.regs[i]);
    }
    return (uintptr_t)context->uc_mcontext.pc;
#else
    (void)out, (void)context;
    return 0;
#endif
}

/* Where which file is mapped: the lines of the kernel, each behind a key. */
static void write_maps(struct sn_crash_out *out)
{
    char bytes[512];
    ssize_t count;
    bool begins = true;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

    while (fd >= 0 &&
           ((count = read(fd, bytes, sizeof bytes)) > 0 || (count < 0 && errno == EINTR)))
        for (ssize_t i = 0; i < count; i++) {
            if (begins)
                put_text(out, "map ");
            put_byte(out, bytes[i]);
            begins = bytes[i] == '\n';
        }
    if (fd >= 0)
        close(fd);
}

static void write_frame(struct sn_crash_out *out, uintptr_t address)
{
    put_text(out, "frame");
    sn_crash_put_address(out, address);
    sn_crash_end_line(out);
}

/* Whether an address can be read: the kernel says so without a fault. */
static bool is_readable(uintptr_t address)
{
    return access((const char *)address, F_OK) == 0 || errno != EFAULT;
}

/* After a jump to nowhere: the walk would read what is there. All that is known is who called. */
static void write_caller(struct sn_crash_out *out, const ucontext_t *context)
{
#if defined(__x86_64__)
    uintptr_t stack = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];

    if (is_readable(stack))
        write_frame(out, *(const uintptr_t *)stack);
#elif defined(__aarch64__)
    write_frame(out, (uintptr_t)context->uc_mcontext.regs[30]);
#else
    (void)out, (void)context;
#endif
}

/* The frames above the fault are the handler's own. */
static void write_frames(struct sn_crash_out *out, uintptr_t at, const ucontext_t *context)
{
    void *frames[FRAMES_MAX];
    int count, first = 0;

    if (!is_readable(at)) {
        write_frame(out, at);
        write_caller(out, context);
        return;
    }
    flush(out);
    count = backtrace(frames, FRAMES_MAX);
    while (first < count && (uintptr_t)frames[first] != at)
        first++;
    if (first == count) { /* not on the walk, for whatever reason */
        first = 0;
        write_frame(out, at);
    }
    for (int i = first; i < count; i++)
        write_frame(out, (uintptr_t)frames[i]);
}

static void write_record(const struct sn_crash_place *place, unsigned fault, const siginfo_t *info,
                         const ucontext_t *context)
{
    struct sn_crash_out out = {
        .fd = open(place->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};

    if (out.fd < 0)
        return;
    write_signal(&out, fault, info);
    uintptr_t at = write_registers(&out, context);
    flush(&out);
    place->describe(&out, place->subject);
    flush(&out);
    write_maps(&out);
    write_frames(&out, at, context);
    put_text(&out, "end\n");
    flush(&out);
    close(out.fd);
}

/* ---- the handler ------------------------------------------------------------------------------
 */

static unsigned fault_of(int number)
{
    unsigned fault = 0;

    while (fault < FAULTS - 1 && faults[fault].number != number)
        fault++;
    return fault;
}

/* One record a process: the first fault is the one to look for. */
static bool is_first(void)
{
    /* Relaxed: only one may go on, and nothing is handed over. */
    return atomic_exchange_explicit(&installed.written, 1, memory_order_relaxed) == 0;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    unsigned fault = fault_of(number);
    const struct sn_crash_place *place =
        /* Acquire, pairs with sn_crash_enable(): what it points to is there. */
        entered != NULL ? entered : atomic_load_explicit(&installed.fallback, memory_order_acquire);

    if (is_first()) {
        if (place != NULL)
            write_record(place, fault, info, context);
    } else {
        /* Another thread writes, and will end the process; or has done, and a handler of the user's
         * has gone on. */
        poll(NULL, 0, PATIENCE_MS);
    }
    sigaction(number, &installed.before[fault], NULL);
    /* One that was sent (abort(), kill()) does not happen again by itself. */
    if (info->si_code <= 0)
        syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
    errno = saved;
}

static int install(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigfillset(&action.sa_mask);
    for (unsigned i = 0; i < FAULTS; i++)
        if (sigaction(faults[i].number, &action, &installed.before[i]) != 0)
            return -errno;
    return 0;
}

/* Somebody who has installed his own since keeps it. */
static void uninstall(void)
{
    struct sigaction now;

    for (unsigned i = 0; i < FAULTS; i++)
        if (sigaction(faults[i].number, NULL, &now) == 0 && now.sa_sigaction == on_fault)
            sigaction(faults[i].number, &installed.before[i], NULL);
}

int sn_crash_enable(const struct sn_crash_place *place)
{
    void *frames[1];
    int rc = 0;

    backtrace(frames, 1); /* loads what it needs, which is not for a signal handler */
    pthread_mutex_lock(&installed.lock);
    if (installed.users == 0)
        rc = install();
    if (rc == 0) {
        installed.users++;
        /* Release, pairs with on_fault(). */
        atomic_store_explicit(&installed.fallback, place, memory_order_release);
    }
    pthread_mutex_unlock(&installed.lock);
    return rc;
}

void sn_crash_disable(const struct sn_crash_place *place)
{
    pthread_mutex_lock(&installed.lock);
    /* Relaxed: what it pointed to lives until the threads that could fault have ended. */
    atomic_compare_exchange_strong_explicit(&installed.fallback, &place, NULL, memory_order_relaxed,
                                            memory_order_relaxed);
    if (--installed.users == 0)
        uninstall();
    pthread_mutex_unlock(&installed.lock);
}

int sn_crash_enter(struct sn_crash_thread *thread, const struct sn_allocator *allocator)
{
    stack_t stack = {.ss_size = STACK_SIZE};

    thread->stack = sn_alloc_zeroed(allocator, STACK_SIZE);
    stack.ss_sp = thread->stack;
    if (thread->stack == NULL)
        return -ENOMEM;
    if (sigaltstack(&stack, &thread->before) != 0) {
        int rc = -errno;

        sn_alloc_free(allocator, thread->stack, STACK_SIZE);
        thread->stack = NULL;
        return rc;
    }
    entered = &thread->place;
    return 0;
}

void sn_crash_leave(struct sn_crash_thread *thread, const struct sn_allocator *allocator)
{
    if (thread->stack == NULL)
        return;
    entered = NULL;
    sigaltstack(&thread->before, NULL);
    sn_alloc_free(allocator, thread->stack, STACK_SIZE);
    thread->stack = NULL;
}
