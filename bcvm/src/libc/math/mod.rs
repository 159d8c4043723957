//! `math.h`.
//!
//! | file | what |
//! |---|---|
//! | [`functions`] | every function, by symbol |
//! | [`double_double`] | numbers of twice the precision |
//! | [`accurate`] | functions rounded correctly but for one case in thousands |
//! | [`complex`] | complex numbers |
//! | [`composed`] | hyperbolic functions and the like, made of others |
//
// Note [The last digit]
// ~~~~~~~~~~~~~~~~~~~~~
// Programs print what `sin` and `exp` answer, and GHC shows every digit. A result that differs from glibc's in its last
// bit is a different output. glibc's exp, log, pow, sin, cos, tan and their inverses are rounded correctly in all but
// about one case in a thousand; those of the crate `libm` in nine of ten. So these are computed here in twice the
// precision and rounded once, which agrees with glibc wherever glibc is right. (What glibc answers in the remaining
// cases depends on whether the processor has fused multiplication.)
//
// glibc's hyperbolic functions, log1p and expm1 are fdlibm's, as the crate's are; those that call exp or log are put
// together again in `composed`, so that they call ours. Measured against glibc 2.36 with fused multiplication, on 400,000
// arguments between 2^-20 and 2^20 each: of Double's functions tan differs in 1 of 500, sin and cos in 1 of 800, the
// others of the class Floating in 1 of 1,200 or fewer (log 1 of 6,000), always by one unit in the last place but for sinh,
// cosh and tanh; of Float's, tan in 1 of 30, sin, cos and asin in 1 of 100, asinh, acos and atan in 1 of 200 to 600, the
// others in 1 of 1,000 or fewer. What no package of GHC's calls is the crate's and was not worth more: erf, tgamma,
// lgamma, hypot.

pub mod accurate;
pub mod complex;
pub mod composed;
pub mod double_double;
pub mod functions;
