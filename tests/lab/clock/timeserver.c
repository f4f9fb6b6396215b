/* A time server for the virtual machine: timeserver ADDRESS OFFSET [PORT].
 *
 * Serves the machine's time at the start plus the offset in seconds, advanced by the monotonic clock: setting the machine's
 * clock afterwards does not change it. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + now.tv_nsec / 1e9;
}

static void put(unsigned char *at, double unix_time) {
    double ntp = unix_time + 2208988800.0;
    int64_t whole = (int64_t)ntp;
    uint32_t words[2] = {htonl((uint32_t)whole), htonl((uint32_t)((ntp - (double)whole) * 4294967296.0))};
    memcpy(at, words, 8);
}

int main(int count, char **words) {
    if (count < 3) return 2;
    double base = seconds(CLOCK_REALTIME) - seconds(CLOCK_MONOTONIC) + atof(words[2]);
    int one = 1, server = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(count > 3 ? atoi(words[3]) : 123)}, client;
    if (inet_pton(AF_INET, words[1], &own.sin_addr) != 1) return 2;
    /* The wildcard address takes the port exclusively, as a daemon does. */
    if (own.sin_addr.s_addr != INADDR_ANY) setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&own, sizeof own)) return 1;
    if (fork()) return 0;
    for (;;) {
        unsigned char request[512], reply[48] = {0x24, 1, 3, 0xec};
        socklen_t length = sizeof client;
        if (recvfrom(server, request, sizeof request, 0, (struct sockaddr *)&client, &length) < 48) continue;
        double now = base + seconds(CLOCK_MONOTONIC);
        reply[11] = 16;
        memcpy(reply + 12, "FAKE", 4);
        put(reply + 16, now - 10);
        memcpy(reply + 24, request + 40, 8);
        put(reply + 32, now);
        put(reply + 40, now);
        sendto(server, reply, sizeof reply, 0, (struct sockaddr *)&client, length);
    }
}
