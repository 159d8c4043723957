// math.h and complex.h.
#include <complex.h>
#include <fenv.h>
#include <math.h>
#include <stdio.h>

static volatile double xs[] = {0, 0.5, 1, 2.75, -3.2, 100, 1e10, -0.0};

int run(void) {
    for (unsigned i = 0; i < sizeof xs / sizeof *xs; i++) {
        double x = xs[i], s, c;
        float f = (float)x, whole;
        int q, e;
        sincos(x, &s, &c);
        printf("%.6g %.6g %.6g %ld %ld %d %d\n", s, c, remquo(x, 3, &q), lrint(x), lround(x), q & 7, fpclassify(x));
        printf("%.5g %.5g %.5g %ld %d %.5g\n", modff(f, &whole), whole, fmaf(f, 2, 1), lrintf(f), isnan(f), frexp(x, &e));
        printf("%.5g %.5g %.5g %.5g\n", fdimf(f, 1), remainderf(f, 3), x > 0 ? logbf(f) : 0, cbrt(x));
    }
    volatile double complex z = 3 + 4 * I, w = 1 - 2 * I;
    double complex p = z * w, d = z / w;
    printf("%g %g %g %g %g %.6g\n", creal(p), cimag(p), creal(d), cimag(d), cabs(z), carg(z));
    volatile float complex y = 1 + 2 * I;
    float complex r = y * y / (y + 1);
    printf("%g %g\n", crealf(r), cimagf(r));
    printf("%d %d\n", fegetround(), nan("") != nan(""));
    return 0;
}
