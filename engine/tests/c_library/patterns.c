// glob.h and fnmatch.h, on files that are made first.
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *files[] = {"a.c", "b.c", "b.h", ".hidden", "d/x.c", "d/y.txt", "d/e/z.c", "Odd [1]", "star*"};

static void show(const char *pattern, int flags) {
    glob_t g;
    memset(&g, 0, sizeof g);
    g.gl_offs = flags & GLOB_DOOFFS ? 2 : 0;
    int answer = glob(pattern, flags, NULL, &g);
    printf("%s %d: %d", pattern, flags, answer);
    if (answer == 0) {
        for (size_t i = 0; i < g.gl_pathc; i++) printf(" <%s>", g.gl_pathv[g.gl_offs + i]);
        printf(" %zu %d", g.gl_pathc, g.gl_pathv[g.gl_offs + g.gl_pathc] == NULL);
        globfree(&g);
    }
    putchar('\n');
}

int run(void) {
    mkdir("d", 0777);
    mkdir("d/e", 0777);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) fclose(fopen(files[i], "w"));
    show("*.c", 0);
    show("*", 0);
    show("*", GLOB_PERIOD | GLOB_MARK);
    show("d/*", GLOB_MARK);
    show("*/*.c", 0);
    show("*/*/z.?", 0);
    show("[ab].[!h]", 0);
    show("*.none", 0);
    show("*.none", GLOB_NOCHECK);
    show("plain", GLOB_NOMAGIC);
    show("b.c", 0);
    show("star\\*", 0);
    show("{b,a}.c", GLOB_BRACE);
    show("d/{x.c,e/*}", GLOB_BRACE);
    show("d//x.c", 0);
    show("*.c", GLOB_DOOFFS);
    show("", 0);
    show("*.c", 1 << 20);

    glob_t g;
    glob("*.c", 0, NULL, &g);
    glob("*.h", GLOB_APPEND, NULL, &g);
    printf("%zu %s %s\n", g.gl_pathc, g.gl_pathv[0], g.gl_pathv[2]);
    globfree(&g);

    for (int flags = 0; flags < 32; flags++)
        printf("%d%d%d%d%d ", fnmatch("*/[A-C]*.\\c", "x/b.c", flags), fnmatch("*", "a/b", flags), fnmatch("*", ".b", flags),
               fnmatch("a", "a/b", flags), fnmatch("[[:upper:]]", "q", flags));
    putchar('\n');
    return 0;
}
