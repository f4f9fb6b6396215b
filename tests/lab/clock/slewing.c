/* Measures a slew in progress: slewing SECONDS.
 *
 * Prints the microseconds left to slew, and how fast the clock gains on the raw monotonic clock, in parts per million,
 * measured over SECONDS. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + now.tv_nsec / 1e9;
}

/* Reads both clocks as close together as possible. */
static void both(double *slewed, double *raw) {
    double shortest = 1e9;
    for (int again = 0; again < 1000; again++) {
        double before = seconds(CLOCK_MONOTONIC_RAW), between = seconds(CLOCK_REALTIME), after = seconds(CLOCK_MONOTONIC_RAW);
        if (after - before < shortest) {
            shortest = after - before;
            *slewed = between;
            *raw = (before + after) / 2;
        }
    }
}

int main(int count, char **words) {
    if (count < 2) return 2;
    struct timex left = {.modes = ADJ_OFFSET_SS_READ};
    if (adjtimex(&left) < 0) return 1;
    sleep(2); /* The kernel starts to slew when a second begins. */
    double slewed[2], raw[2];
    both(&slewed[0], &raw[0]);
    sleep((unsigned)atoi(words[1]));
    both(&slewed[1], &raw[1]);
    double passed = raw[1] - raw[0];
    printf("left %ld rate %.0f\n", left.offset, (slewed[1] - slewed[0] - passed) / passed * 1e6);
    return 0;
}
