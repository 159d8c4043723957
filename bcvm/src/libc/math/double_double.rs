//! Numbers of twice the precision: the unevaluated sum of two doubles, the second at most half a unit in the last place
//! of the first.
//!
//! The sums and products are Knuth's and Dekker's; nothing here needs fused multiplication, which WebAssembly lacks.
//! Everything can be computed at compile time, and tables are.

/// A sum of two doubles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dd {
    /// The number, rounded.
    pub hi: f64,
    /// What rounding lost.
    pub lo: f64,
}

/// `a + b`, exactly.
const fn two_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    let b_part = hi - a;
    Dd { hi, lo: (a - (hi - b_part)) + (b - b_part) }
}

/// `a + b`, exactly, if `|a| >= |b|`.
const fn quick_two_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    Dd { hi, lo: b - (hi - a) }
}

/// The upper and the lower half of a double's bits.
const fn split(a: f64) -> (f64, f64) {
    let t = 134_217_729.0 * a;
    let hi = t - (t - a);
    (hi, a - hi)
}

/// `a * b`, exactly, away from overflow.
const fn two_product(a: f64, b: f64) -> Dd {
    let hi = a * b;
    let ((ah, al), (bh, bl)) = (split(a), split(b));
    Dd { hi, lo: ((ah * bh - hi) + ah * bl + al * bh) + al * bl }
}

impl Dd {
    /// One.
    pub const ONE: Dd = Dd::from(1.0);

    /// A double.
    pub const fn from(a: f64) -> Dd {
        Dd { hi: a, lo: 0.0 }
    }

    /// The product of two doubles.
    pub const fn product(a: f64, b: f64) -> Dd {
        two_product(a, b)
    }

    /// The sum.
    pub const fn add(self, other: Dd) -> Dd {
        let (hi, lo) = (two_sum(self.hi, other.hi), two_sum(self.lo, other.lo));
        let hi = quick_two_sum(hi.hi, hi.lo + lo.hi);
        quick_two_sum(hi.hi, hi.lo + lo.lo)
    }

    /// The difference.
    pub const fn sub(self, other: Dd) -> Dd {
        self.add(other.neg())
    }

    /// The negative.
    pub const fn neg(self) -> Dd {
        Dd { hi: -self.hi, lo: -self.lo }
    }

    /// The product.
    pub const fn mul(self, other: Dd) -> Dd {
        let p = two_product(self.hi, other.hi);
        quick_two_sum(p.hi, p.lo + (self.hi * other.lo + self.lo * other.hi))
    }

    /// The quotient.
    pub const fn div(self, other: Dd) -> Dd {
        let q1 = self.hi / other.hi;
        let r = self.sub(other.mul(Dd::from(q1)));
        let q2 = r.hi / other.hi;
        let r = r.sub(other.mul(Dd::from(q2)));
        quick_two_sum(q1, q2).add(Dd::from(r.hi / other.hi))
    }
}
