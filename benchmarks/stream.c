/* What the memory of this machine gives: out = a, and out = a + b, by several threads, around the caches. */
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __AVX512F__
typedef __m512 vector;
#define LOAD _mm512_loadu_ps
#define ADD _mm512_add_ps
#define STORE _mm512_stream_ps
#else
typedef __m256 vector;
#define LOAD _mm256_loadu_ps
#define ADD _mm256_add_ps
#define STORE _mm256_stream_ps
#endif

/* b may be NULL; only whole vectors between the first aligned address of `out` and its end are written. */
void stream(const float *a, const float *b, float *out, size_t count, int threads) {
    enum { lanes = sizeof(vector) / sizeof(float), step = 4 * lanes };
    const size_t head = (-(uintptr_t)out & (sizeof(vector) - 1)) / sizeof(float);
    const ptrdiff_t steps = (ptrdiff_t)((count - head) / step);
    a += head;
    out += head;
    if (b) b += head;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (ptrdiff_t i = 0; i < steps; ++i)
        for (int k = 0; k < step; k += lanes) {
            vector v = LOAD(a + i * step + k);
            if (b) v = ADD(v, LOAD(b + i * step + k));
            STORE(out + i * step + k, v);
        }
    _mm_sfence();
}
