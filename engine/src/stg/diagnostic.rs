//! Errors in a program's text, shown with line, column and the line itself.

use std::fmt;
use std::ops::Range;

/// Bytes of the source.
pub type Span = Range<usize>;

/// Longer source lines are shown only in part.
const MAX_SHOWN_COLUMNS: usize = 160;

/// Something wrong at a place of the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
}

impl Diagnostic {
    /// Something wrong at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { span, message: message.into() }
    }
}

/// All that is wrong with a program, ready to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostics {
    shown: String,
    /// What is wrong, in the order of the source.
    pub errors: Vec<Diagnostic>,
}

impl std::error::Error for Diagnostics {}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Diagnostics {
    /// Sorts errors and looks up the lines they are about.
    pub fn new(file: &str, source: &str, mut errors: Vec<Diagnostic>) -> Diagnostics {
        errors.sort_by_key(|error| error.span.start);
        let shown: Vec<String> = errors.iter().map(|error| show(file, source, error)).collect();
        Diagnostics { shown: shown.join("\n"), errors }
    }
}

/// The one-based line and column of a byte of the source; columns are characters.
pub fn line_and_column(source: &str, at: usize) -> (usize, usize) {
    let before = &source[..floor_char_boundary(source, at)];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

fn floor_char_boundary(source: &str, at: usize) -> usize {
    (0..=at.min(source.len())).rev().find(|i| source.is_char_boundary(*i)).unwrap_or(0)
}

fn show(file: &str, source: &str, error: &Diagnostic) -> String {
    let (line, column) = line_and_column(source, error.span.start);
    let text = source.lines().nth(line - 1).unwrap_or("");
    let (start, end) = (error.span.start, error.span.end.min(source.len()).max(error.span.start));
    let width = source.get(start..end).map_or(1, |s| s.lines().next().unwrap_or("").chars().count().max(1));
    // Of a very long line, show what surrounds the error.
    let skip = if column > MAX_SHOWN_COLUMNS { column - MAX_SHOWN_COLUMNS / 2 } else { 0 };
    let part: String = text.chars().skip(skip).take(MAX_SHOWN_COLUMNS).map(printable).collect();
    let caret = " ".repeat(column - 1 - skip.min(column - 1));
    let underline = "^".repeat(width.min(MAX_SHOWN_COLUMNS.saturating_sub(caret.len()).max(1)));
    let gutter = " ".repeat(line.to_string().len());
    let mut out = String::new();
    out.push_str(&format!("{file}:{line}:{column}: error: {}\n", error.message));
    out.push_str(&format!("{gutter} |\n{line} | {}\n{gutter} | {caret}{underline}", part.trim_end()));
    out
}

/// Tabs and control characters would move the caret, or the terminal.
fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_line_column_and_caret() {
        let source = "one\n  two three\nfour";
        let d = Diagnostics::new("f.stg", source, vec![Diagnostic::new(10..15, "odd")]);
        assert_eq!(d.to_string(), "f.stg:2:7: error: odd\n  |\n2 |   two three\n  |       ^^^^^");
    }

    #[test]
    fn columns_are_characters_and_any_span_is_shown() {
        assert_eq!(line_and_column("äö\nüx", 7), (2, 2));
        let long = "x".repeat(1000);
        for source in ["", "\n", "ä\tb\u{7}", &long] {
            for start in 0..source.len() + 2 {
                let d = Diagnostics::new("f", source, vec![Diagnostic::new(start..start + 3, "m")]);
                assert!(d.to_string().contains("error: m"));
            }
        }
    }
}
