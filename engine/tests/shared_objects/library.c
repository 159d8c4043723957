/* A library with what a dynamic linker has to do with: data that refers to data and code, tables of functions, jump
   tables, constructors, variables of threads, definitions that others may replace, calls of the C library. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long word;

/* Functions too short for what the linker writes over their beginnings. */
void nothing(void) {}
void nothing_either(void) {}
word zero(void) { return 0; }

static word twice(word x) { return 2 * x; }
static word square(word x) { return x * x; }
word exported(word x) { return x + 100; }

/* R_X86_64_RELATIVE, R_X86_64_64, R_X86_64_GLOB_DAT */
static word (*const table[])(word) = { twice, square, exported };
word (*changeable)(word) = exported;
word variable = 7;
word *pointer = &variable;
static word hidden[4] = { 1, 2, 3, 4 };
word *inside = &hidden[2];
const char *const names[] = { "none", "one", "two" };

word by_table(word n, word x) { return table[n % 3](x); }
word by_pointer(word x) { changeable = changeable == exported ? square : exported; return changeable(x); }
word data(void) { variable++; hidden[2] += 10; return *pointer * 1000 + *inside; }
word name_length(word n) { return (word)strlen(names[n % 3]); }
word same_address(void) { return changeable == exported || pointer == &variable; }

/* Jump tables, dense and with holes, and two in one function. */
word dense(word n, word x) {
  switch (n) {
    case 0: return x + 3;
    case 1: return x * 5;
    case 2: return x ^ 0x55;
    case 3: return x - 77;
    case 4: return twice(x) + 1;
    case 5: return square(x);
    case 6: return exported(x);
    case 7: return x << 3;
    case 9: return x >> 2;
    default: return -1;
  }
}
word two_tables(word n, word x) {
  word sum = 0;
  for (word i = 0; i < n; i++) {
    switch ((i + x) & 7) {
      case 0: sum += 1; break;
      case 1: sum ^= 3; break;
      case 2: sum = sum * 3 + 1; break;
      case 3: sum -= x; break;
      case 4: sum += i; break;
      case 5: sum = ~sum; break;
      case 6: sum <<= 1; break;
      default: sum |= 5;
    }
    switch ((sum ^ i) & 7) {
      case 0: sum += 11; break;
      case 1: sum -= 13; break;
      case 2: sum *= 3; break;
      case 3: sum ^= 0xff; break;
      case 4: sum += square(i); break;
      case 5: sum -= twice(i); break;
      default: sum &= 0xffffff;
    }
  }
  return sum;
}
/* Labels as values: tables of absolute addresses in the middle of a function. */
word labels(const char *program, word x) {
  static const void *const goes[] = { &&stop, &&add, &&mul, &&neg };
  goto *goes[*program++ & 3];
add: x += 5; goto *goes[*program++ & 3];
mul: x *= 3; goto *goes[*program++ & 3];
neg: x = -x; goto *goes[*program++ & 3];
stop: return x;
}

/* Constructors, in order. */
static word constructed;
__attribute__((constructor(200))) static void second(void) { constructed = constructed * 10 + 2; }
__attribute__((constructor(101))) static void first(void) { constructed = constructed * 10 + 1; }
__attribute__((constructor)) static void third(void) { constructed = constructed * 10 + 3; }
word constructors(void) { return constructed; }

/* Variables of each thread: exported, not exported, without initial values, and with an address for one. */
__thread word mine = 5;
static __thread word mine_alone = 6;
static __thread word zeros[3];
static __thread word *mine_points = &hidden[1];
word of_thread(word x) {
  mine += x;
  mine_alone *= 2;
  zeros[2] += mine;
  return mine * 10000 + mine_alone * 100 + zeros[2] + *mine_points;
}

/* The C library, and a call back. */
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
word sorted(word n) {
  int *numbers = malloc(n * sizeof *numbers);
  for (word i = 0; i < n; i++) numbers[i] = (int)((i * 7919 + 13) % 101);
  qsort(numbers, n, sizeof *numbers, compare);
  word sum = 0;
  for (word i = 0; i < n; i++) sum = sum * 3 + numbers[i];
  free(numbers);
  return sum;
}
word buffer(const char *text) {
  char copy[64];
  strncpy(copy, text, sizeof copy - 1);
  copy[sizeof copy - 1] = 0;
  word sum = 0;
  for (char *c = copy; *c; c++) sum = sum * 31 + *c;
  return sum;
}
/* Classes of characters are looked up in tables of the C library. */
word classified(const char *text) {
  word sum = 0;
  for (; *text; text++) {
    unsigned char c = *text;
    word classes = !!isalpha(c) + 2 * !!isdigit(c) + 4 * !!isspace(c) + 8 * !!ispunct(c) + 16 * !!isupper(c);
    sum = sum * 37 + classes + toupper(c) - tolower(c);
  }
  return sum;
}
/* More arguments than registers, of both kinds, through a va_list. */
static word hash(const char *format, ...) {
  char text[200];
  va_list list;
  va_start(list, format);
  word sum = vsnprintf(text, sizeof text, format, list);
  va_end(list);
  for (char *c = text; *c; c++) sum = sum * 31 + *c;
  return sum;
}
word formatted(word x, double y) {
  return hash("%ld %s %g %d %.2f %c %lx %u %g %g %g %g %g %g %g %*d%%", x, "text", y, (int)-x, y, 'c', x * 977, 7u, y + 1,
              y * 2, y * 3, y * 4, y * 5, y * 6, y * 7, 6, (int)x);
}
double mean(double a, double b) { return (a + b) / 2; }
word wide(word a, word b) { return (word)(((__int128)a * b) >> 20); }

/* Weak, and defined or not. */
__attribute__((weak)) word perhaps(word x);
__attribute__((weak)) word default_value(void) { return 1; }
word weak(void) { return (perhaps ? perhaps(1) : 50) + default_value(); }
