//! Tokens of the STG language.
//!
//! Names end in any number of `#`, as with GHC's MagicHash. So `x#)` is the name `x#` and a parenthesis: a space
//! must stand before `#)`.

use super::diagnostic::{Diagnostic, Span};
use logos::Logos;

/// A token.
#[derive(Logos, Clone, Copy, PartialEq, Eq, Debug)]
#[logos(skip r"[ \t\r\n\f]+")]
pub enum Token {
    /// A comment, which [`lex`] leaves out.
    #[regex(r"--+", line_comment)]
    #[token("{-", block_comment)]
    Comment,
    /// `data`
    #[token("data")]
    Data,
    /// `let`
    #[token("let")]
    Let,
    /// `letrec`
    #[token("letrec")]
    LetRec,
    /// `in`
    #[token("in")]
    In,
    /// `case`
    #[token("case")]
    Case,
    /// `of`
    #[token("of")]
    Of,
    /// The name of a variable or a primop.
    #[regex(r"[a-z_][A-Za-z0-9_']*#*")]
    Var,
    /// The name of a constructor or a type.
    #[regex(r"[A-Z][A-Za-z0-9_']*#*")]
    Con,
    /// The name of a primop made of symbols.
    #[regex(r"[!$%&*+./<=>?@^|~\-\\:]+#+", priority = 3)]
    Operator,
    /// An integer with `#` or `##`.
    #[regex(r"-?([0-9]+|0[xX][0-9a-fA-F]+)##?")]
    Integer,
    /// A fraction with `#` or `##`.
    #[regex(r"-?[0-9]+\.[0-9]+([eE][+-]?[0-9]+)?##?")]
    Fraction,
    /// A character with `#`.
    #[regex(r"'([^'\\\n]|\\.[0-9a-fA-F]*)'#")]
    Char,
    /// A string with `#`.
    #[regex(r##""([^"\\\n]|\\.)*"#"##)]
    String,
    /// `->`
    #[token("->")]
    Arrow,
    /// `::`
    #[token("::")]
    HasType,
    /// `:`
    #[token(":")]
    Cons,
    /// `=`
    #[token("=")]
    Equals,
    /// `|`
    #[token("|")]
    Bar,
    /// `\`
    #[token("\\")]
    Lambda,
    /// `,`
    #[token(",")]
    Comma,
    /// `;`
    #[token(";")]
    Semicolon,
    /// `(`
    #[token("(")]
    Open,
    /// `)`
    #[token(")")]
    Close,
    /// `(#`
    #[token("(#")]
    OpenUnboxed,
    /// `#)`
    #[token("#)")]
    CloseUnboxed,
    /// `[`
    #[token("[")]
    OpenList,
    /// `]`
    #[token("]")]
    CloseList,
    /// `{`
    #[token("{")]
    OpenBrace,
    /// `}`
    #[token("}")]
    CloseBrace,
    /// The end of the text.
    End,
}

/// Skips to the end of the line.
fn line_comment(lex: &mut logos::Lexer<Token>) -> logos::Skip {
    lex.bump(lex.remainder().find('\n').unwrap_or(lex.remainder().len()));
    logos::Skip
}

/// Skips a comment and the comments within it; one that does not end is an error.
fn block_comment(lex: &mut logos::Lexer<Token>) -> logos::FilterResult<(), ()> {
    let (rest, mut depth, mut at) = (lex.remainder().as_bytes(), 1usize, 0);
    while depth > 0 {
        match rest.get(at..at + 2) {
            Some(b"{-") => (depth, at) = (depth + 1, at + 2),
            Some(b"-}") => (depth, at) = (depth - 1, at + 2),
            Some(_) => at += 1,
            None => return logos::FilterResult::Error(()),
        }
    }
    lex.bump(at);
    logos::FilterResult::Skip
}

/// The tokens of a text and where they are, an [`Token::End`] behind them.
pub fn lex(source: &str) -> Result<Vec<(Token, Span)>, Diagnostic> {
    let mut tokens = Vec::new();
    for (token, span) in Token::lexer(source).spanned() {
        match token {
            Ok(token) => tokens.push((token, span)),
            Err(()) => return Err(Diagnostic::new(span.clone(), why(&source[span]))),
        }
    }
    tokens.push((Token::End, source.len()..source.len()));
    Ok(tokens)
}

/// What is wrong with text that is no token.
fn why(text: &str) -> String {
    match text.chars().next() {
        Some('{') => "this comment does not end".into(),
        Some('"') => "a string must end on its line, with `\"#`: its value is an Addr#".into(),
        Some('\'') => "a character is one character between quotes, followed by `#`".into(),
        Some('0'..='9' | '-') => "a number ends in `#` or `##`: Int# and Float#, Word# and Double#".into(),
        _ => format!("`{text}` begins no token"),
    }
}

impl Token {
    /// What errors call it.
    pub fn describe(self, text: &str) -> String {
        match self {
            Token::End => "the end of the text".into(),
            Token::String => "a string".into(),
            _ => format!("`{text}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(source: &str) -> Vec<Token> {
        lex(source).unwrap().into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn operators_numbers_and_brackets() {
        use Token::*;
        assert_eq!(tokens("-# n -3# 4##"), [Operator, Var, Integer, Integer, End]);
        assert_eq!(tokens("x -> y | z::Int#"), [Var, Arrow, Var, Bar, Var, HasType, Con, End]);
        assert_eq!(
            tokens("(# s, x #) (+# 1# 2#)"),
            [OpenUnboxed, Var, Comma, Var, CloseUnboxed, Open, Operator, Integer, Integer, Close, End]
        );
        assert_eq!(tokens("1.5e-3## 0xff## <=## x : xs"), [Fraction, Integer, Operator, Var, Cons, Var, End]);
        assert_eq!(tokens(r##"'a'# '\''# '\x41'# "a\"b"#"##), [Char, Char, Char, String, End]);
        assert_eq!(tokens("\\x -> letrec let in lets"), [Lambda, Var, Arrow, LetRec, Let, In, Var, End]);
    }

    #[test]
    fn comments() {
        use Token::*;
        assert_eq!(tokens("a -- b\nc --- d\n{- e {- f -} g -} h -->"), [Var, Var, Var, End]);
        assert!(lex("{- {- -}").unwrap_err().message.contains("does not end"));
    }

    #[test]
    fn text_that_is_no_token() {
        for (source, part) in
            [("a 12 b", "ends in"), ("\"abc", "string"), ("'ab'#", "character"), ("\u{7}", "begins no token")]
        {
            let error = lex(source).unwrap_err();
            assert!(error.message.contains(part), "{source}: {error:?}");
        }
    }
}
