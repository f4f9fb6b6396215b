/* Preloaded into a time server in the virtual machine: its clock is the machine's at the start, advanced by the monotonic
 * clock, so that setting the machine's clock afterwards does not change what it serves. Kernel timestamps, which would,
 * are unavailable to it. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(clockid_t clock) {
    struct timespec now;
    syscall(SYS_clock_gettime, clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long base;

__attribute__((constructor)) static void start(void) { base = nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_MONOTONIC); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (clock != CLOCK_REALTIME) return (int)syscall(SYS_clock_gettime, clock, now);
    long long steady = base + nanoseconds(CLOCK_MONOTONIC);
    now->tv_sec = steady / 1000000000;
    now->tv_nsec = steady % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec steady;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &steady);
    now->tv_sec = steady.tv_sec;
    now->tv_usec = steady.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec steady;
    clock_gettime(CLOCK_REALTIME, &steady);
    if (now) *now = steady.tv_sec;
    return steady.tv_sec;
}

int setsockopt(int socket, int level, int name, const void *value, socklen_t length) {
    if (level == SOL_SOCKET && (name == SO_TIMESTAMP || name == SO_TIMESTAMPNS || name == SO_TIMESTAMPING)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    return (int)syscall(SYS_setsockopt, socket, level, name, value, length);
}
