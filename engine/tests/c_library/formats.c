// printf with many arguments of both kinds, lists of arguments, scanf.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <inttypes.h>
#include <stddef.h>

static int logged(const char *format, ...) {
    char text[200];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    printf("[%s] %d\n", text, n);
    vprintf(format, again);
    va_end(again);
    putchar('\n');
    return n;
}

static double sum(int n, ...) {
    va_list args;
    double total = 0;
    va_start(args, n);
    for (int i = 0; i < n; i++) total += i % 2 ? va_arg(args, double) : va_arg(args, int);
    va_end(args);
    return total;
}

int run(void) {
    printf("%d %d %d %d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    printf("%.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f\n", .1, .2, .3, .4, .5, .6, .7, .8, .9, 1.);
    printf("%d %g %s %d %g %s %d %g %s %d %g %s %d %g %g %g %g %g %g\n", 1, 1.5, "a", 2, 2.5, "b", 3, 3.5, "c", 4, 4.5,
           "d", 5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5);
    logged("%s=%d (%5.2f) %lx", "key", 42, 3.14159, 0xdeadbeefUL);
    logged("%d %d %d %d %d %d %d %f %f", 1, 2, 3, 4, 5, 6, 7, 8.0, 9.0);
    logged("%f %f %f %f %f %f %f %f %f %d", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10);
    printf("%g\n", sum(20, 1, .5, 1, .5, 1, .5, 1, .5, 1, .5, 1, .5, 1, .5, 1, .5, 1, .5, 1, .5));
    char *made;
    printf("%d", asprintf(&made, "%08.3f|%-10s|%+d|%#x|%c|%%|%10.4s|", 3.14159, "left", 7, 255, 'c', "abcdefgh"));
    printf(" %s\n", made);
    free(made);
    char small[8];
    printf("%d", snprintf(small, sizeof small, "%s", "much too long"));
    printf(" %s\n", small);
    printf("%" PRId64 " %" PRIu32 " %zu %td %hhd %ld\n", INT64_MIN, UINT32_MAX, sizeof(long), (ptrdiff_t)-3, 300, -1L);

    int a, b, c, n;
    unsigned u;
    long l;
    double d;
    float f;
    char s[20], t[20], ch;
    printf("%d:", sscanf("12 34 56 7", "%d %d %d %u", &a, &b, &c, &u));
    printf(" %d %d %d %u\n", a, b, c, u);
    printf("%d:", sscanf("name=value;rest", "%19[^=]=%19[a-z];%n", s, t, &n));
    printf(" %s %s %d\n", s, t, n);
    printf("%d:", sscanf("0x1F -077 3.25e2 2.5 z", "%i %li %lf %f %c", &a, &l, &d, &f, &ch));
    printf(" %d %ld %g %g %c\n", a, l, d, f, ch);
    printf("%d %d %d\n", sscanf("", "%d", &a), sscanf("x", "%d", &a), sscanf("5x", "%dy%d", &a, &b));
    printf("%d:", sscanf("2026-11-28T09:05", "%4d-%2d-%2dT%2d:%2d", &a, &b, &c, &n, (int *)&u));
    printf(" %d %d %d %d %u\n", a, b, c, n, u);
    printf("%d %d\n", sscanf("a b", "%*s %19s", s), sscanf("-- +5", "-- %d", &a));
    printf("%s %d\n", s, a);
    return 0;
}
