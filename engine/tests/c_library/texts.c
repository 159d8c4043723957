// string.h, ctype.h, wchar.h, stdlib.h.
#include <ctype.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

static int order(const void *a, const void *b, void *by) { return *(int *)by * (*(int *)a - *(int *)b); }

int run(void) {
    char text[] = "one,two;;three, four", *rest = text, *token;
    for (char *t = strtok(strdup(text), ",; "); t; t = strtok(NULL, ",; ")) printf("<%s>", t);
    putchar('\n');
    while ((token = strsep(&rest, ",;"))) printf("<%s>", token);
    putchar('\n');
    int classes[12] = {0};
    for (int c = 0; c < 256; c++) {
        int is[] = {isalpha(c), isdigit(c), isalnum(c), isspace(c), isupper(c), islower(c), ispunct(c), isprint(c),
                    iscntrl(c), isxdigit(c), isgraph(c), isblank(c)};
        for (int i = 0; i < 12; i++) classes[i] += is[i] ? c + 1 : 0;
    }
    for (int i = 0; i < 12; i++) printf("%d ", classes[i]);
    printf("%c%c\n", toupper('q'), tolower('Q'));
    printf("%s|%s|%s\n", strcasestr("Hello World", "WORLD"), (char *)memmem("abcdef", 6, "cd", 2), strpbrk("key:value", ":="));
    char path[] = "/usr/local/lib/", again[] = "/usr/local/lib/";
    printf("%s", basename(path));
    printf(" %s\n", dirname(again));
    printf("%d %d %d\n", ffs(40), strverscmp != NULL, strcoll("a", "b") < 0);
    int numbers[] = {5, 3, 9, 1, 7}, down = -1;
    qsort_r(numbers, 5, sizeof *numbers, order, &down);
    for (int i = 0; i < 5; i++) printf("%d ", numbers[i]);
    putchar('\n');
    wchar_t wide[20] = L"breit", copy[20];
    wcscpy(copy, wide);
    wcscat(copy, L"er");
    printf("%zu %d %ld %ls\n", wcslen(copy), wcscmp(wide, copy) < 0, (long)(wcschr(copy, L't') - copy), L"");
    printf("%d %d %d\n", rand(), rand() % 100 >= 0, RAND_MAX);
    srand(2026);
    printf("%d %ld", rand(), random());
    srand48(5);
    printf(" %ld %.6f\n", lrand48(), drand48());
    unsigned seed = 3;
    printf("%d %u\n", rand_r(&seed), seed);
    char *end;
    printf("%ld %s %lu %g %s\n", strtol("  -12abc", &end, 0), end, strtoul("0xff", NULL, 0), strtod("1e3z", &end), end);
    uint64_t x = 0x123456789abcdefULL;
    printf("%d %d %d %llx\n", __builtin_popcountll(x), __builtin_clzll(x), __builtin_ctzll(x), (long long)__builtin_bswap64(x));
    unsigned __int128 big = (unsigned __int128)x * x;
    printf("%llx %llx\n", (unsigned long long)(big / 1000003), (unsigned long long)(big % 1000003));
    __int128 negative = -(__int128)big;
    printf("%lld %lld\n", (long long)(negative / 99991), (long long)(negative % 99991));
    char buffer[16];
    strncpy(buffer, "sixteen characters", sizeof buffer - 1);
    buffer[15] = 0;
    printf("%s %zu\n", buffer, strxfrm(NULL, "abc", 0));
    return 0;
}
