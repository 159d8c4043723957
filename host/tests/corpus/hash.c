// Hashes, checksums, and code with rotations, carries and wide products.
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;
static uint8_t data[512];

static void fill(u64 seed) {
    for (int i = 0; i < 512; i++) { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; data[i] = seed >> 11; }
}
static u32 rol(u32 x, int n) { return x << n | x >> (32 - n); }
static u64 rol64(u64 x, int n) { return x << n | x >> (64 - n); }

u64 t_crc(u64 a, u64 b, u64 c, u64 d) {
    static u32 table[256];
    fill(a | 1);
    for (u32 i = 0; i < 256; i++) {
        u32 x = i;
        for (int k = 0; k < 8; k++) x = x & 1 ? x >> 1 ^ 0xedb88320 : x >> 1;
        table[i] = x;
    }
    u32 crc = (u32)c;
    for (size_t i = 0; i < b % 512; i++) crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    return crc + d;
}

u64 t_adler(u64 a, u64 b, u64 c, u64 d) {
    fill(a | 1);
    u32 x = 1, y = (u32)c;
    for (size_t i = 0; i < b % 512; i++) { x = (x + data[i]) % 65521; y = (y + x) % 65521; }
    return ((u64)y << 16 | x) + d;
}

u64 t_sha(u64 a, u64 b, u64 c, u64 d) {
    fill(a | 1);
    u32 h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    u32 w[64];
    for (int i = 0; i < 16; i++) w[i] = (u32)data[4 * i] << 24 | data[4 * i + 1] << 16 | data[4 * i + 2] << 8 | data[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        u32 s0 = rol(w[i - 15], 25) ^ rol(w[i - 15], 14) ^ w[i - 15] >> 3;
        u32 s1 = rol(w[i - 2], 15) ^ rol(w[i - 2], 13) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    for (int i = 0; i < 64; i++) {
        u32 s1 = rol(h[4], 26) ^ rol(h[4], 21) ^ rol(h[4], 7);
        u32 t = h[7] + s1 + ((h[4] & h[5]) ^ (~h[4] & h[6])) + w[i] + (u32)b * (i + 1);
        u32 s0 = rol(h[0], 30) ^ rol(h[0], 19) ^ rol(h[0], 10);
        u32 m = (h[0] & h[1]) ^ (h[0] & h[2]) ^ (h[1] & h[2]);
        for (int k = 7; k > 0; k--) h[k] = h[k - 1];
        h[4] += t;
        h[0] = t + s0 + m;
    }
    u64 sum = c;
    for (int i = 0; i < 8; i++) sum = sum * 1000003 + h[i];
    return sum ^ d;
}

u64 t_siphash(u64 a, u64 b, u64 c, u64 d) {
    u64 v0 = a ^ 0x736f6d6570736575, v1 = b ^ 0x646f72616e646f6d, v2 = a ^ 0x6c7967656e657261, v3 = b ^ 0x7465646279746573;
    u64 words[4] = {c, d, a ^ d, b + c};
    for (int i = 0; i < 4; i++) {
        v3 ^= words[i];
        for (int r = 0; r < 2; r++) {
            v0 += v1; v1 = rol64(v1, 13); v1 ^= v0; v0 = rol64(v0, 32);
            v2 += v3; v3 = rol64(v3, 16); v3 ^= v2;
            v0 += v3; v3 = rol64(v3, 21); v3 ^= v0;
            v2 += v1; v1 = rol64(v1, 17); v1 ^= v2; v2 = rol64(v2, 32);
        }
        v0 ^= words[i];
    }
    return v0 ^ v1 ^ v2 ^ v3;
}

u64 t_wide(u64 a, u64 b, u64 c, u64 d) {
    unsigned __int128 x = (unsigned __int128)a * b + c;
    __int128 y = (__int128)(int64_t)a * (int64_t)d - (int64_t)c;
    unsigned __int128 z = x << (b & 63) ^ (x >> (d & 127));
    z += (unsigned __int128)y;
    z -= x >> 3;
    int less = y < (__int128)x, below = z < x;
    return (u64)z ^ (u64)(z >> 64) * 3 ^ (u64)(y >> (c & 127)) ^ less << 1 ^ below;
}

// Long numbers: schoolbook multiplication and subtraction with borrows.
u64 t_bignum(u64 a, u64 b, u64 c, u64 d) {
    u64 x[8], y[8], z[16] = {0};
    for (int i = 0; i < 8; i++) { x[i] = rol64(a, 7 * i + 1) ^ c; y[i] = rol64(b, 5 * i + 1) + d * i; }
    for (int i = 0; i < 8; i++) {
        u64 carry = 0;
        for (int j = 0; j < 8; j++) {
            unsigned __int128 t = (unsigned __int128)x[i] * y[j] + z[i + j] + carry;
            z[i + j] = (u64)t;
            carry = t >> 64;
        }
        z[i + 8] = carry;
    }
    u64 borrow = 0;
    for (int i = 0; i < 8; i++) borrow = __builtin_sub_overflow(z[i], x[i], &z[i]) | (__builtin_sub_overflow(z[i], borrow, &z[i]));
    u64 sum = borrow;
    for (int i = 0; i < 16; i++) sum = sum * 0x9e3779b97f4a7c15 + z[i];
    return sum;
}

// What gcc calls for want of the instruction.
int __popcountdi2(long x) {
    u64 v = x;
    int n = 0;
    for (; v; v &= v - 1) n++;
    return n;
}
int __paritydi2(long x) { return __popcountdi2(x) & 1; }

u64 t_bits(u64 a, u64 b, u64 c, u64 d) {
    u64 r = __builtin_popcountll(a) + 64 * __builtin_parityll(b);
    r += __builtin_clzll(c | 1) * 1000 + __builtin_ctzll(d | 0x8000000000000000) * 100000;
    r ^= __builtin_bswap64(a) + __builtin_bswap32((u32)b) + __builtin_bswap16((uint16_t)c);
    for (int i = 0; i < 64; i++) if (d >> i & 1) r += 1ull << (i * 7 & 63); else r ^= a >> i;
    int o; long l;
    r += __builtin_add_overflow((int)a, (int)b, &o) + __builtin_mul_overflow((long)c, (long)d, &l);
    return r + (u32)o + (u64)l;
}

u64 t_sums(u64 a, u64 b, u64 c, u64 d) {
    // Loops that are turned into vectors.
    static uint16_t words[256];
    static u32 longs[256];
    fill(a | 1);
    u64 n = 200 + b % 56;
    uint8_t top = 0;
    int16_t low = 32767;
    for (u64 i = 0; i < n; i++) words[i] = data[i] * (uint16_t)c + (uint16_t)d;
    for (u64 i = 0; i < n; i++) longs[i] = words[i] ^ (u32)(longs[i] >> 3) ^ (u32)a;
    for (u64 i = 0; i < n; i++) { if (data[i] > top) top = data[i]; if ((int16_t)words[i] < low) low = words[i]; }
    u32 sum = 0; u64 wide = 0;
    for (u64 i = 0; i < n; i++) { sum += longs[i] * 3; wide += data[i] * (u64)words[i]; }
    for (int i = 0; i < 256; i++) longs[i] = 0;
    return sum + wide * 17 + top + (u64)low;
}
