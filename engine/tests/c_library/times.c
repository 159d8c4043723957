// time.h, and what threads a single thread can have.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int times;
static void first(void) { times++; }

int run(void) {
    char text[200];
    for (long t = -1000000000; t < 3000000000L; t += 333333333) {
        time_t clock = t;
        struct tm tm = *gmtime(&clock), back = tm;
        strftime(text, sizeof text, "%a %A %b %B %c %C %d %D %e %F %g %G %H %I %j %k %l %m %M %p %r %R %S %T %u %U %V %w %W %x %X %y %Y %z", &tm);
        printf("%s %d %s", text, timegm(&back) == clock, asctime(&tm));
        localtime_r(&clock, &tm);
        printf("%d %s", tm.tm_hour, ctime(&clock));
    }
    struct tm odd = {.tm_year = 126, .tm_mon = 13, .tm_mday = 40, .tm_hour = 30};
    printf("%ld %d %d\n", (long)mktime(&odd), odd.tm_mon, odd.tm_mday);
    printf("%g %d %d\n", difftime(10, 4), time(NULL) > 1000000000, clock() >= 0);

    pthread_once(&once, first);
    pthread_once(&once, first);
    pthread_mutex_lock(&lock);
    printf("%d %d", times, pthread_mutex_trylock(&lock) == EBUSY);
    pthread_mutex_unlock(&lock);
    printf(" %d\n", pthread_mutex_trylock(&lock));
    pthread_key_t key;
    pthread_key_create(&key, NULL);
    pthread_setspecific(key, text);
    printf("%d %d\n", pthread_getspecific(key) == text, pthread_equal(pthread_self(), pthread_self()) != 0);

    int ends[2];
    if (pipe(ends)) return 1;
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    struct timeval wait = {0, 1000};
    printf("%d ", select(ends[0] + 1, &set, NULL, NULL, &wait));
    if (write(ends[1], "x", 1) != 1) return 1;
    FD_SET(ends[0], &set);
    printf("%d %d\n", select(ends[0] + 1, &set, NULL, NULL, NULL), FD_ISSET(ends[0], &set) != 0);
    return 0;
}
