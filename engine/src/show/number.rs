//! Floating-point numbers as Haskell's `show` writes them.

/// A Double as `show` writes it: shortest digits that read back, scientific notation outside 0.1 to 10⁷.
pub fn show_double(x: f64) -> String {
    haskell(&format!("{:e}", x.abs()), x.is_sign_negative(), x.is_nan())
}

/// A Float, likewise.
pub fn show_float(x: f32) -> String {
    haskell(&format!("{:e}", x.abs()), x.is_sign_negative(), x.is_nan())
}

/// From Rust's scientific notation: shortest digits with a point behind the first, and an exponent.
fn haskell(scientific: &str, negative: bool, nan: bool) -> String {
    let sign = if negative && !nan { "-" } else { "" };
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return if nan { "NaN".into() } else { format!("{sign}Infinity") };
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if digits.bytes().all(|digit| digit == b'0') {
        return format!("{sign}0.0");
    }
    if !(-1..7).contains(&exponent) {
        let rest = if digits.len() > 1 { &digits[1..] } else { "0" };
        return format!("{sign}{}.{rest}e{exponent}", &digits[..1]);
    }
    let whole = (exponent + 1).max(0) as usize;
    let padded = format!("{digits:0<whole$}");
    let (before, after) = padded.split_at(whole);
    let before = if before.is_empty() { "0" } else { before };
    let after = if after.is_empty() { "0" } else { after };
    format!("{sign}{before}.{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_ghc_shows_them() {
        for (x, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (0.09, "9.0e-2"),
            (1234567.0, "1234567.0"),
            (9999999.5, "9999999.5"),
            (1e7, "1.0e7"),
            (12345678.9, "1.23456789e7"),
            (1e100, "1.0e100"),
            (5e-324, "5.0e-324"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (-f64::NAN, "NaN"),
        ] {
            assert_eq!(show_double(x), text);
        }
        assert_eq!(show_float(0.1), "0.1");
    }
}
