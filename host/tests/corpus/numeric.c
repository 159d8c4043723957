// Floating point and fixed point.
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;

static u64 bits(double x) { union { double d; u64 u; } v = {x}; return x != x ? 0x7ff8000000000000 : v.u; }
static u32 bits32(float x) { union { float f; u32 u; } v = {x}; return x != x ? 0x7fc00000 : v.u; }
static double small(u64 a) { return (double)(int64_t)(a % 20001) / 100.0 - 100.0; }

static double root(double x) {
    double y = x > 1 ? x : 1;
    for (int i = 0; i < 60; i++) y = (y + x / y) * 0.5;
    return y;
}

u64 t_double(u64 a, u64 b, u64 c, u64 d) {
    double x = small(a), y = small(b), z = (double)c * 1e-9, w = (double)(int64_t)d;
    double r = x * y + z / (y * y + 1) - w * 0.25;
    if (r < 0) r = -r;
    r += root(r + 1);
    if (x < y) r += 1; else if (x > z) r -= 2; else if (w >= y) r *= 3;
    return bits(r);
}

u64 t_float(u64 a, u64 b, u64 c, u64 d) {
    float x = (float)(int)a, y = (float)small(b), z = (float)(u32)c;
    float r = x * y - z / (y + 0.5f) + (float)d;
    double wide = r;
    return bits32(r) ^ bits(wide * 1.5) ^ (u64)(int)(y * 3) ^ (u64)(int64_t)(y * 1e6f);
}

u64 t_convert(u64 a, u64 b, u64 c, u64 d) {
    double x = small(a) * 1e10;
    u64 r = (u64)(int64_t)x + (u64)(int)small(b) + (u32)(int64_t)(small(c) + 200.0) + (uint8_t)(int)small(d);
    r += (u64)((double)c) / 3 + (u64)(float)(u32)d;
    r ^= bits((double)(u64)b) + bits32((float)(u64)a) + bits((double)(int16_t)c) + bits32((float)(int8_t)d);
    return r + (u64)(x > 0 ? (u64)(x * 1e6) : 5);
}

u64 t_compare(u64 a, u64 b, u64 c, u64 d) {
    union { u64 u; double d; } x = {a}, y = {b};
    union { u32 u; float f; } p = {(u32)c}, q = {(u32)d};
    return (x.d < y.d) | (x.d <= y.d) << 1 | (x.d == y.d) << 2 | (x.d != y.d) << 3 | (x.d > y.d) << 4 | (x.d >= y.d) << 5
        | (p.f < q.f) << 6 | (p.f <= q.f) << 7 | (p.f == q.f) << 8 | (p.f != q.f) << 9 | (p.f > q.f) << 10
        | (p.f >= q.f) << 11 | __builtin_isunordered(x.d, y.d) << 12 | !(x.d < y.d) << 13 | __builtin_isgreater(p.f, q.f) << 14;
}

u64 t_matrix(u64 a, u64 b, u64 c, u64 d) {
    double m[6][6], n[6][6], p[6][6];
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) { m[i][j] = small(a >> i) + j; n[i][j] = small(b >> j) - i; }
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            double s = 0;
            for (int k = 0; k < 6; k++) s += m[i][k] * n[k][j];
            p[i][j] = s;
        }
    double t = 0;
    for (int i = 0; i < 6; i++) t += p[i][5 - i] * (1 + i);
    float v[32], w[32];
    for (int i = 0; i < 32; i++) { v[i] = (float)small(c * (i + 1)); w[i] = (float)small(d + i) * 0.5f; }
    for (int i = 0; i < 32; i++) v[i] = v[i] * w[31 - i] + 1;
    float u = 0;
    for (int i = 0; i < 32; i++) u += v[i];
    return bits(t) ^ (u64)bits32(u) << 7;
}

u64 t_mandelbrot(u64 a, u64 b, u64 c, u64 d) {
    double cr = small(a) / 50, ci = small(b) / 50, x = 0, y = 0;
    int n = 0, limit = 20 + c % 100;
    while (n < limit && x * x + y * y < 4) { double t = x * x - y * y + cr; y = 2 * x * y + ci; x = t; n++; }
    return n + d;
}

// Sixteen bits before the point and sixteen after.
u64 t_fixed(u64 a, u64 b, u64 c, u64 d) {
    int32_t x = (int32_t)a, y = (int32_t)b | 1, z = (int32_t)c;
    int32_t product = (int32_t)((int64_t)x * y >> 16);
    int32_t quotient = (int32_t)(((int64_t)z << 16) / y);
    // The lowest number divided by −1 is an error.
    int16_t p = (int16_t)(y | 1) == -1 ? 1 : (int16_t)(y | 1), q = (int16_t)(d | 1) == -1 ? 1 : (int16_t)(d | 1);
    int16_t low = (int16_t)(x / p), rest = (int16_t)(z % q);
    int8_t tiny = (int8_t)((int8_t)a / (int8_t)(b | 1 ? (b | 1) == 0xff ? 1 : (b | 1) : 1));
    uint8_t byte = (uint8_t)((uint8_t)c % ((uint8_t)d | 1));
    return (u32)product + (u64)(u32)quotient * 3 + (u64)low * 5 + (u64)rest * 7 + (u64)tiny * 11 + byte
        + a / (b | 1) + a % (c | 1) + (u64)((int64_t)a / ((int64_t)(d | 1) == -1 ? 1 : (int64_t)(d | 1)));
}
