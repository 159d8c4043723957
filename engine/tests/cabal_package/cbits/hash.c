// FNV-1a; what compiled code of a package that splices call.
#include <stdint.h>
#include <stddef.h>

uint64_t sample_hash(const unsigned char *bytes, size_t length) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}
