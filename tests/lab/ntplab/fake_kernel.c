/* Preloaded into a program, this fakes the kernel clock: no call reaches the real clock or its discipline. The environment
   variable FAKE_KERNEL has the return value of the call, then the fields in the order below. Setting anything succeeds and
   changes nothing. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

static int fake(struct timex *out) {
    unsigned modes = out->modes;
    long values[21] = {0};
    const char *text = getenv("FAKE_KERNEL");
    for (int i = 0; text && *text && i < 21; i++) {
        char *end;
        values[i] = strtol(text, &end, 0);
        text = end;
    }
    memset(out, 0, sizeof *out);
    out->modes = modes;
    long *longs[] = {&out->offset, &out->freq, &out->maxerror, &out->esterror, &out->constant, &out->precision,
                     &out->tolerance, &out->ppsfreq, &out->jitter, &out->stabil, &out->jitcnt, &out->calcnt,
                     &out->errcnt, &out->stbcnt};
    for (int i = 0; i < 14; i++)
        *longs[i] = values[1 + i];
    out->status = values[15];
    out->shift = values[16];
    out->tai = values[17];
    out->time.tv_sec = values[18];
    out->time.tv_usec = values[19];
    if (!values[18]) { /* the real time */
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        out->time.tv_sec = now.tv_sec;
        out->time.tv_usec = values[15] & 0x2000 ? now.tv_nsec : now.tv_nsec / 1000;
    }
    return values[0];
}

int adjtimex(struct timex *buffer) { return fake(buffer); }
int __adjtimex(struct timex *buffer) { return fake(buffer); }
int ntp_adjtime(struct timex *buffer) { return fake(buffer); }
int clock_adjtime(clockid_t clock, struct timex *buffer) { (void)clock; return fake(buffer); }

int ntp_gettimex(struct ntptimeval *out) {
    struct timex state;
    memset(&state, 0, sizeof state);
    int code = fake(&state);
    memset(out, 0, sizeof *out);
    out->time = state.time;
    out->maxerror = state.maxerror;
    out->esterror = state.esterror;
    out->tai = state.tai;
    return code;
}
int old_gettime(struct ntptimeval *out) __asm__("ntp_gettime"); /* the header maps this name to ntp_gettimex */
int old_gettime(struct ntptimeval *out) { return ntp_gettimex(out); }

int clock_settime(clockid_t clock, const struct timespec *time) { (void)clock; (void)time; return 0; }
int settimeofday(const struct timeval *time, const struct timezone *zone) { (void)time; (void)zone; return 0; }
int adjtime(const struct timeval *change, struct timeval *rest) {
    (void)change;
    if (rest) memset(rest, 0, sizeof *rest);
    return 0;
}
