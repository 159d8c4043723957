// Calls of every kind, jump tables, recursion, structures by value.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;

static u64 fib(u64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static u64 even(u64 n);
static u64 odd(u64 n) { return n == 0 ? 0 : even(n - 1); }
__attribute__((noinline)) static u64 even(u64 n) { return n == 0 ? 1 : odd(n - 1); }
static u64 ackermann(u64 m, u64 n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }

u64 t_recursion(u64 a, u64 b, u64 c, u64 d) { return fib(a % 16) + 10000 * even(b % 100) + ackermann(c % 3, d % 5) * 3; }

typedef struct { u64 a, b; } pair;
typedef struct { double a, b; } doubles;
typedef struct { u64 a; double b; } mixed;
typedef struct { u64 a[5]; } large;

__attribute__((noinline)) static pair make_pair(u64 a, u64 b) { return (pair){a * 3, b - a}; }
__attribute__((noinline)) static doubles make_doubles(double a, double b) { return (doubles){a + b, a - b}; }
__attribute__((noinline)) static mixed make_mixed(mixed m, u64 k) { return (mixed){m.a + k, m.b * 2}; }
__attribute__((noinline)) static large make_large(large l, u64 k) { for (int i = 0; i < 5; i++) l.a[i] += k * i; return l; }

u64 t_structures(u64 a, u64 b, u64 c, u64 d) {
    pair p = make_pair(a, b);
    doubles q = make_doubles((double)(c % 1000), (double)(d % 1000));
    mixed m = make_mixed((mixed){a, (double)(b % 77)}, c);
    large l = make_large((large){{a, b, c, d, a ^ d}}, 7);
    u64 sum = p.a ^ p.b ^ (u64)(int64_t)q.a ^ (u64)(int64_t)(q.b * 16) ^ m.a ^ (u64)(int64_t)m.b;
    for (int i = 0; i < 5; i++) sum = sum * 5 + l.a[i];
    return sum;
}

__attribute__((noinline)) static u64 many(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, char i, short j, int k) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + i * 9 + j * 10 + k * 11ll;
}
__attribute__((noinline)) static double many_doubles(double a, double b, double c, double d, double e, double f, double g, double h, double i, int k) {
    return a - 2 * b + 3 * c - 4 * d + 5 * e - 6 * f + 7 * g - 8 * h + 9 * i - k;
}
u64 t_many(u64 a, u64 b, u64 c, u64 d) {
    double x = a % 100, y = b % 100;
    return many(a, b, c, d, a ^ b, b ^ c, c ^ d, d ^ a, (char)a, (short)b, (int)c)
        + (u64)(int64_t)many_doubles(x, y, x + y, x - y, x * y, 1, 2, 3, 4, (int)(d % 50));
}

__attribute__((noinline)) static u64 variadic(int count, ...) {
    va_list list;
    va_start(list, count);
    u64 sum = 0;
    for (int i = 0; i < count; i++) sum = sum * 3 + (i % 3 == 2 ? (u64)(int64_t)va_arg(list, double) : va_arg(list, u64));
    va_end(list);
    return sum;
}
u64 t_variadic(u64 a, u64 b, u64 c, u64 d) {
    return variadic(12, a, b, 3.0 + a % 9, c, d, 4.5, a + 1, b + 1, 7.25, c + 1, d + 1, -8.0) + variadic(2, a, b);
}

typedef u64 (*operation)(u64, u64);
static u64 op_add(u64 a, u64 b) { return a + b; }
static u64 op_sub(u64 a, u64 b) { return a - b; }
static u64 op_mul(u64 a, u64 b) { return a * b; }
static u64 op_xor(u64 a, u64 b) { return a ^ b; }
static const operation operations[] = {op_add, op_sub, op_mul, op_xor};
static operation chosen = op_mul;

u64 t_pointers(u64 a, u64 b, u64 c, u64 d) {
    u64 r = chosen(a, d);
    for (int i = 0; i < 20; i++) r = operations[(b >> i) & 3](r, c + i);
    operation tail = operations[d & 3];
    return tail(r, a);
}

static int by_value(const void *a, const void *b) { u64 x = *(const u64 *)a, y = *(const u64 *)b; return x < y ? -1 : x > y; }
static int by_digit(const void *a, const void *b) { return (int)(*(const u64 *)a % 10) - (int)(*(const u64 *)b % 10); }
__attribute__((noinline)) static void sort(u64 *v, size_t n, int (*compare)(const void *, const void *)) {
    for (size_t gap = n / 2; gap; gap /= 2)
        for (size_t i = gap; i < n; i++) {
            u64 x = v[i];
            size_t j = i;
            for (; j >= gap && compare(&v[j - gap], &x) > 0; j -= gap) v[j] = v[j - gap];
            v[j] = x;
        }
}
static void quick(u64 *v, long low, long high) {
    while (low < high) {
        u64 pivot = v[(low + high) / 2];
        long i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot) i++;
            while (v[j] > pivot) j--;
            if (i <= j) { u64 t = v[i]; v[i++] = v[j]; v[j--] = t; }
        }
        if (j - low < high - i) { quick(v, low, j); low = i; } else { quick(v, i, high); high = j; }
    }
}
u64 t_sorting(u64 a, u64 b, u64 c, u64 d) {
    u64 v[64];
    for (int i = 0; i < 64; i++) v[i] = (a >> (i & 31)) * (b + i) ^ c;
    sort(v, 64, by_value);
    u64 sum = d;
    for (int i = 0; i < 64; i++) sum = sum * 3 + v[i];
    sort(v, 64, by_digit);
    for (int i = 0; i < 64; i++) sum = sum * 3 + v[i] % 10;
    quick(v, 0, 63);
    for (int i = 0; i < 64; i++) sum = sum * 7 + v[i];
    return sum;
}

__attribute__((noinline)) static u64 leaf(u64 n) { return n * n + 1; }
u64 t_switch(u64 a, u64 b, u64 c, u64 d) {
    u64 r = b;
    for (int i = 0; i < 16; i++, a >>= 4) {
        switch (a & 15) {
        case 0: r = leaf(r); break;
        case 1: r += c; break;
        case 2: r -= d; break;
        case 3: r *= 3; // falls through
        case 4: r ^= r >> 5; break;
        case 5: r = -r; break;
        case 6: r = r << 7 | r >> 57; break;
        case 8: r = r / 3; break;
        case 9: r = leaf(r >> 40); break;
        case 11: r = ~r; break;
        case 12: return r;
        default: r++;
        }
    }
    switch (r % 100) {
    case 10: return 1;
    case 20: case 21: case 22: return leaf(2);
    case 23: return leaf(c);
    case 24: return op_mul(r, 3);
    case 25: case 77: return 9;
    }
    return r;
}

// Labels as values: a small interpreter.
u64 t_labels(u64 a, u64 b, u64 c, u64 d) {
    static const void *const table[] = {&&push, &&add, &&mul, &&dup, &&swap, &&drop, &&not, &&stop};
    u64 stack[40] = {b, c, d}, *top = stack + 2;
    unsigned steps = 0;
#define NEXT do { if (++steps > 30 || top < stack + 1 || top > stack + 38) goto stop; goto *table[a >> (3 * steps % 61) & 7]; } while (0)
    NEXT;
push: *++top = steps * 7; NEXT;
add: top--; top[0] += top[1]; NEXT;
mul: top--; top[0] *= top[1]; NEXT;
dup: top[1] = top[0]; top++; NEXT;
swap: { u64 t = top[0]; top[0] = top[-1]; top[-1] = t; } NEXT;
drop: top--; NEXT;
not: *top = ~*top; NEXT;
stop: return (top >= stack ? *top : 1) + steps;
}

// Loops entered in the middle.
u64 t_irreducible(u64 a, u64 b, u64 c, u64 d) {
    u64 r = d;
    unsigned n = a % 50;
    if (b & 1) goto middle;
    if (b & 2) goto last;
first:
    r = r * 3 + c;
    if (n-- == 0) return r;
middle:
    r ^= r >> 3;
    if (r & 4) goto last;
    if (n == 0) return r + 1;
    n--;
    goto first;
last:
    r += b;
    if (n < 2) return r + 2;
    n -= 2;
    if (r & 8) goto first;
    goto middle;
}

u64 t_alloca(u64 a, u64 b, u64 c, u64 d) {
    unsigned n = 1 + a % 50;
    u64 v[n];
    for (unsigned i = 0; i < n; i++) v[i] = b + i * c;
    u64 sum = d;
    for (unsigned i = 0; i < n; i++) sum = sum * 3 ^ v[n - 1 - i];
    return sum;
}

static u64 counter;
static struct { unsigned a : 3, b : 7, c : 13; int d : 9; } fields;
u64 t_globals(u64 a, u64 b, u64 c, u64 d) {
    counter = a;
    fields.a = b; fields.b = c; fields.c = d; fields.d = a;
    for (int i = 0; i < 10; i++) { counter += fields.a++; fields.b ^= counter; fields.d--; }
    __sync_fetch_and_add(&counter, c);
    __sync_bool_compare_and_swap(&counter, d, a);
    __atomic_exchange_n(&counter, counter + b, __ATOMIC_SEQ_CST);
    return counter + fields.a + fields.b * 8u + fields.c * 1024u + (u64)fields.d;
}
