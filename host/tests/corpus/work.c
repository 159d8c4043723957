// The C side of Work.hs, and the way into Haskell code on the real processor.
#include <stdint.h>

// What GHC calls for want of the instruction.
uint64_t hs_popcnt64(uint64_t x) {
    uint64_t n = 0;
    for (; x; x &= x - 1) n++;
    return n;
}

static int64_t calls;

// Eight arguments: two of them come on the stack.
double work_helper(int64_t a, int64_t b, double c, int64_t d, int64_t e, int64_t f, int64_t g, int64_t h) {
    calls++;
    return (double)((a ^ b) % 1000 + (d & 15) - (e & 7) + (f % 33) + (g % 5) * h) + c * 2;
}
