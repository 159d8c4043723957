// FILEs: opening, reading, writing, positions, the end and errors.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/mman.h>

static void show(const char *name) {
    FILE *f = fopen(name, "r");
    char line[80];
    int n = 0;
    while (fgets(line, sizeof line, f)) printf("%d: %s", ++n, line);
    printf("eof %d error %d\n", feof(f) != 0, ferror(f) != 0);
    fclose(f);
}

int run(void) {
    FILE *f = fopen("text", "w+");
    for (int i = 0; i < 5; i++) fprintf(f, "line %d of %s\n", i, "five");
    fputs("and one ", f);
    fputc('m', f);
    putc('o', f);
    fwrite("re\n", 1, 3, f);
    printf("at %ld\n", ftell(f));
    rewind(f);
    char word[20];
    int number;
    printf("scanned %d", fscanf(f, "%19s %d", word, &number));
    printf(" %s %d, now at %ld\n", word, number, ftell(f));
    int c = fgetc(f);
    ungetc('!', f);
    printf("%c%c%c\n", c, fgetc(f), fgetc(f));
    fseek(f, -5, SEEK_END);
    printf("%s", fgets(word, sizeof word, f));
    fseek(f, 5, SEEK_SET);
    fputc('X', f);
    fseek(f, 0, SEEK_SET);
    printf("%s", fgets(word, sizeof word, f));
    fclose(f);
    show("text");

    f = fopen("text", "a");
    fprintf(f, "appended\n");
    printf("fileno above 2: %d\n", fileno(f) > 2);
    fclose(f);
    show("text");
    printf("absent: %p %s\n", (void *)fopen("absent", "r"), strerror(errno));
    printf("mode: %p %s\n", (void *)fopen("text", "q"), strerror(errno));
    printf("exclusive: %p %s\n", (void *)fopen("text", "wx"), strerror(errno));

    f = fopen("text", "r");
    char *line = NULL;
    size_t room = 0;
    long length;
    while ((length = getline(&line, &room, f)) > 0) printf("%ld ", length);
    printf("\n%ld %d\n", length, feof(f) != 0);
    free(line);
    char block[64];
    rewind(f);
    size_t got = fread(block, 10, 3, f);
    printf("%zu %.30s\n", got, block);
    fpos_t here;
    fgetpos(f, &here);
    printf("%c", fgetc(f));
    fsetpos(f, &here);
    printf("%c\n", fgetc(f));
    fclose(f);

    struct stat st;
    int fd = open("text", O_RDONLY);
    fstat(fd, &st);
    char *map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    printf("mapped %.6s %d\n", map, (int)st.st_size);
    munmap(map, st.st_size);
    printf("%d ", (int)pread(fd, block, 4, 2));
    printf("%.4s %d\n", block, (int)lseek(fd, 0, SEEK_CUR));
    close(fd);
    char *own = mmap(NULL, 100000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(own, 'z', 100000);
    printf("%c ", own[99999]);
    printf("%d\n", munmap(own, 100000));

    f = tmpfile();
    fputs("kept nowhere", f);
    rewind(f);
    printf("%d\n", fscanf(f, "%*s %8s", word));
    printf("%s\n", word);
    fclose(f);
    printf("%d ", remove("text"));
    printf("%d\n", access("text", F_OK));
    errno = ENOENT;
    return 0;
}
