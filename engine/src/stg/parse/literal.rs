//! Values of literal tokens.

use crate::stg::ast::Literal;
use crate::stg::lex::Token;

type Result<T> = std::result::Result<T, String>;

/// The value of a literal token's text.
pub fn literal(token: Token, text: &str) -> Result<Literal> {
    let body = text.trim_end_matches('#');
    let double = text.len() - body.len() == 2;
    match token {
        Token::Integer if double => Ok(Literal::Word(integer(body, "a Word#")?)),
        Token::Integer => Ok(Literal::Int(integer(body, "an Int#")?)),
        Token::Fraction if double => Ok(Literal::Double(finite(body, f64::is_finite)?)),
        Token::Fraction => Ok(Literal::Float(finite(body, f32::is_finite)?)),
        Token::Char => {
            let mut chars = body[1..body.len() - 1].chars();
            match (piece(&mut chars)?, chars.next()) {
                (Some(Piece::Char(c)), None) => Ok(Literal::Char(c)),
                (Some(Piece::Byte(b)), None) => Ok(Literal::Char(b as char)),
                _ => Err("a character literal holds one character".into()),
            }
        }
        _ => {
            let mut chars = body[1..body.len() - 1].chars();
            let mut bytes = Vec::with_capacity(body.len());
            while let Some(piece) = piece(&mut chars)? {
                match piece {
                    Piece::Char('\0') | Piece::Byte(0) => {
                        return Err("a string ends at its first NUL, so it can't hold one".into());
                    }
                    Piece::Char(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
                    Piece::Byte(b) => bytes.push(b),
                }
            }
            Ok(Literal::String(bytes))
        }
    }
}

fn integer<T: TryFrom<i128>>(body: &str, what: &str) -> Result<T> {
    let (negative, digits) = match body.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, body),
    };
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => i128::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let signed = value.ok().map(|v| if negative { -v } else { v });
    signed.and_then(|v| T::try_from(v).ok()).ok_or_else(|| format!("{body} does not fit {what}"))
}

fn finite<T: std::str::FromStr + Copy>(body: &str, is_finite: fn(T) -> bool) -> Result<T> {
    match body.parse() {
        Ok(value) if is_finite(value) => Ok(value),
        _ => Err(format!("{body} is too large")),
    }
}

/// A character of a literal: itself, or a byte written in hexadecimal.
enum Piece {
    Char(char),
    Byte(u8),
}

fn piece(chars: &mut std::str::Chars) -> Result<Option<Piece>> {
    let escape = match chars.next() {
        None => return Ok(None),
        Some('\\') => chars.next(),
        Some(c) => return Ok(Some(Piece::Char(c))),
    };
    let c = match escape {
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('0') => '\0',
        Some(c @ ('\\' | '\'' | '"')) => c,
        Some('x') => {
            let digits = chars.as_str().get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let byte = digits.ok_or("`\\x` is followed by two hexadecimal digits")?;
            chars.nth(1);
            return Ok(Some(Piece::Byte(byte)));
        }
        _ => return Err("escapes are \\n \\t \\r \\0 \\\\ \\' \\\" and \\x with two digits".into()),
    };
    Ok(Some(Piece::Char(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_their_type() {
        let int = |text| literal(Token::Integer, text);
        assert_eq!(int("-9223372036854775808#"), Ok(Literal::Int(i64::MIN)));
        assert_eq!(int("0xffffffffffffffff##"), Ok(Literal::Word(u64::MAX)));
        assert!(int("9223372036854775808#").is_err());
        assert!(int("-1##").is_err());
        assert!(int("99999999999999999999999999999999999999999999#").is_err());
        assert_eq!(literal(Token::Fraction, "-1.5e1##"), Ok(Literal::Double(-15.0)));
        assert_eq!(literal(Token::Fraction, "0.5#"), Ok(Literal::Float(0.5)));
        assert!(literal(Token::Fraction, "1.0e999##").is_err());
    }

    #[test]
    fn characters_and_strings() {
        assert_eq!(literal(Token::Char, "'\\''#"), Ok(Literal::Char('\'')));
        assert_eq!(literal(Token::Char, "'ß'#"), Ok(Literal::Char('ß')));
        assert_eq!(literal(Token::Char, "'\\x41'#"), Ok(Literal::Char('A')));
        assert!(literal(Token::Char, "'\\x414'#").is_err());
        assert_eq!(literal(Token::String, "\"a\\n\\xffß\"#"), Ok(Literal::String(b"a\n\xff\xc3\x9f".to_vec())));
        assert!(literal(Token::String, "\"\\q\"#").is_err());
        assert!(literal(Token::String, "\"a\\0b\"#").is_err());
        assert!(literal(Token::String, "\"\\xé\"#").is_err());
    }
}
