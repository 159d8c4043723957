// Strings, memory and parsing, written so that compilers find loops to transform.
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
static char buffer[4096];
static uint8_t other[4096];

void *memcpy(void *to, const void *from, size_t n) {
    char *t = to;
    const char *f = from;
    while (n--) *t++ = *f++;
    return to;
}
void *memmove(void *to, const void *from, size_t n) {
    char *t = to;
    const char *f = from;
    if (t < f) { while (n--) *t++ = *f++; } else { while (n--) t[n] = f[n]; }
    return to;
}
void *memset(void *to, int c, size_t n) {
    char *t = to;
    while (n--) *t++ = (char)c;
    return to;
}
int memcmp(const void *a, const void *b, size_t n) {
    const uint8_t *x = a, *y = b;
    for (; n; n--, x++, y++) if (*x != *y) return *x - *y;
    return 0;
}
size_t strlen(const char *s) {
    const char *p = s;
    while (*p) p++;
    return p - s;
}

static size_t print_number(char *to, u64 value, unsigned base, int negative) {
    char digits[70];
    size_t n = 0, k = 0;
    do { unsigned d = value % base; digits[n++] = d < 10 ? '0' + d : 'a' + d - 10; value /= base; } while (value);
    if (negative) to[k++] = '-';
    while (n) to[k++] = digits[--n];
    to[k] = 0;
    return k;
}

static int64_t parse_number(const char *s, unsigned base) {
    int64_t value = 0;
    int negative = *s == '-';
    if (negative) s++;
    for (; *s; s++) {
        unsigned d;
        if (*s >= '0' && *s <= '9') d = *s - '0';
        else if (*s >= 'a' && *s <= 'z') d = *s - 'a' + 10;
        else if (*s >= 'A' && *s <= 'Z') d = *s - 'A' + 10;
        else break;
        if (d >= base) break;
        value = value * base + d;
    }
    return negative ? -value : value;
}

u64 t_numbers(u64 a, u64 b, u64 c, u64 d) {
    unsigned base = 2 + b % 35;
    int negative = (int64_t)a < 0;
    u64 magnitude = negative ? 0 - a : a;
    size_t n = print_number(buffer, magnitude, base, negative);
    int64_t back = parse_number(buffer, base);
    return back * 31 + n + (back == (int64_t)a) + strlen(buffer) * c + d;
}

static void fill(u64 seed, size_t n) {
    for (size_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        buffer[i] = "abcdefghij klmnop\n(){}[],:\"\\0123456789.-+eE"[(seed >> 33) % 44];
    }
    buffer[n] = 0;
}

u64 t_words(u64 a, u64 b, u64 c, u64 d) {
    fill(a, b % 500);
    u64 words = 0, lines = 0, longest = 0, run = 0;
    for (const char *p = buffer; *p; p++) {
        if (*p == '\n') lines++;
        if (*p == ' ' || *p == '\n') { if (run) words++; run = 0; } else { run++; if (run > longest) longest = run; }
    }
    return words + lines * 1000 + longest * 1000000 + (c ^ d) % 3;
}

// A recogniser with a switch in a loop, as generated lexers have.
u64 t_tokens(u64 a, u64 b, u64 c, u64 d) {
    fill(a ^ c, b % 300);
    u64 hash = d;
    int depth = 0, state = 0;
    for (const char *p = buffer; *p; p++) {
        switch (*p) {
        case '(': depth++; hash = hash * 3 + 1; break;
        case ')': depth--; hash = hash * 3 + 2; break;
        case '{': depth += 2; break;
        case '}': depth -= 2; break;
        case '[': hash ^= hash >> 7; break;
        case ']': hash += 99; break;
        case ',': state = (state + 1) % 5; break;
        case ':': state = 0; break;
        case '"': state ^= 1; break;
        case '\\': if (p[1]) p++; break;
        case '0': case '1': case '2': case '3': case '4':
        case '5': case '6': case '7': case '8': case '9': hash = hash * 10 + (*p - '0'); break;
        case '.': hash ^= 0x55; break;
        case '-': hash = -hash; break;
        case '+': hash += state; break;
        case 'e': case 'E': hash <<= 1; break;
        default: hash += *p; break;
        }
    }
    return hash * 7 + depth * 13 + state;
}

u64 t_search(u64 a, u64 b, u64 c, u64 d) {
    fill(a, 400);
    size_t n = 1 + b % 3, found = 0;
    const char *needle = buffer + c % 390;
    for (size_t i = 0; i + n <= 400; i++) if (memcmp(buffer + i, needle, n) == 0) found += i + 1;
    memmove(buffer + d % 50, buffer + c % 50, 200);
    memset(buffer + 300, (int)a, b % 64);
    u64 sum = 0;
    for (size_t i = 0; i < 400; i++) sum = sum * 131 + (uint8_t)buffer[i];
    return sum + found;
}

u64 t_base64(u64 a, u64 b, u64 c, u64 d) {
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 3 * (b % 50), k = 0;
    for (size_t i = 0; i < n; i++) other[i] = (a >> (i % 57)) * (i + c);
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = other[i] << 16 | other[i + 1] << 8 | other[i + 2];
        for (int s = 18; s >= 0; s -= 6) buffer[k++] = set[v >> s & 63];
    }
    u64 sum = d;
    for (size_t i = 0; i < k; i++) sum = (sum << 5) - sum + buffer[i];
    return sum;
}

u64 t_utf8(u64 a, u64 b, u64 c, u64 d) {
    u64 valid = 0, invalid = 0, points = 0;
    for (int i = 0; i < 256; i++) other[i] = (a * (i + 1)) >> (b + i) % 56;
    for (int i = 0; i < 256;) {
        uint8_t x = other[i];
        int extra = x < 0x80 ? 0 : (x & 0xe0) == 0xc0 ? 1 : (x & 0xf0) == 0xe0 ? 2 : (x & 0xf8) == 0xf0 ? 3 : -1;
        if (extra < 0 || i + extra >= 256) { invalid++; i++; continue; }
        uint32_t p = extra == 0 ? x : x & (0x3f >> extra);
        int good = 1;
        for (int k = 1; k <= extra; k++) { good &= (other[i + k] & 0xc0) == 0x80; p = p << 6 | (other[i + k] & 0x3f); }
        if (good) { valid++; points += p; i += 1 + extra; } else { invalid++; i++; }
    }
    return valid + invalid * 1000 + points * 77 + c + d;
}
