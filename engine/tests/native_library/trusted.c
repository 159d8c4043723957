/* A library that runs outside the sandbox. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

int began;
__attribute__((constructor)) static void begin(void) { began = 7; }

/* What no policy of the tests grants to programs. */
int readable(const char *path) { return access(path, R_OK) == 0; }
int constructed(void) { return began; }

/* Integers of every width: what comes in is what was passed, whatever the other bits. */
int8_t add8(int8_t a, uint8_t b) { return (int8_t)(a + b); }
uint8_t flip8(uint8_t a) { return (uint8_t)~a; }
int16_t add16(int16_t a, uint16_t b) { return (int16_t)(a - b); }
uint16_t flip16(uint16_t a) { return (uint16_t)~a; }
int32_t add32(int32_t a, uint32_t b) { return (int32_t)(a + b); }
uint32_t flip32(uint32_t a) { return ~a; }
int64_t add64(int64_t a, uint64_t b) { return a + (int64_t)b; }
uint64_t flip64(uint64_t a) { return ~a; }
_Bool both(_Bool a, _Bool b) { return a && b; }

/* More arguments than there are registers. */
long ten(long a, int b, short c, signed char d, unsigned long e, unsigned f, unsigned short g, unsigned char h, long i, int j) {
  return a + 2 * b + 3 * c + 5 * d + 7 * (long)e + 11 * (long)f + 13 * g + 17 * h + 19 * i + 23 * j;
}
double sums(double a, float b, double c, float d, double e, float f, double g, float h, double i, float j, int k, double l) {
  return a + 2 * b + 3 * c + 5 * d + 7 * e + 11 * f + 13 * g + 17 * h + 19 * i + 23 * j + 29 * k + 31 * l;
}
float halved(float x) { return x / 2; }

/* Memory of the program. */
void fill(unsigned char *to, unsigned long n, int with) { memset(to, with, n); }
double total(const double *from, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += from[i];
  return sum;
}
unsigned long take(unsigned char *to, unsigned long *room) {
  if (*room > 3) *room = 3;
  memcpy(to, "abc", *room);
  return *room;
}
unsigned char *after(unsigned char *at, unsigned long n) { return at + n; }
unsigned long measure(const char *text) { return strlen(text); }

/* Text. */
const char *version(void) { return "1.2.3-trusted"; }
const char *name_of(int n) { return n < 0 ? NULL : n ? "one" : "none"; }

/* A thing that the program holds and does not see. */
struct counter { long n; };
static long alive;
struct counter *counter_new(long n) {
  struct counter *c = malloc(sizeof *c);
  c->n = n;
  alive++;
  return c;
}
long counter_add(struct counter *c, long n) { return c ? c->n += n : -1; }
struct counter *counter_same(struct counter *c) { return c; }
void counter_free(struct counter *c) {
  alive--;
  free(c);
}
long counter_alive(void) { return alive; }
int *numbers(void) {
  static int all[3] = {4, 5, 6};
  return all;
}
int number_at(int *from, int n) { return from[n]; }

/* errno */
int failing(int number) {
  errno = number;
  return -1;
}
int harmless(void) { return 0; }

/* Takes its time, and uses memory of the program's all the while. */
void slowly(unsigned char *at, int milliseconds) {
  for (int i = 0; i < milliseconds; i++) {
    usleep(1000);
    (*at)++;
  }
}

/* Not granted. */
int secret(void) { return 4711; }
