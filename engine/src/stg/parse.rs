//! The parser: recursive descent over the tokens of one declaration at a time.
//!
//! A declaration begins at a token in the first column (closing brackets excepted), so an error in one does not hide
//! those in others. Owns the bound on nesting: everything that walks the syntax later may recurse.
//!
//! ```text
//! module  = { data | bind }
//! data    = "data" Con { var } "=" con { "|" con }          con  = Con { atype }
//! bind    = var "=" rhs                                      rhs  = "\" binder { binder } "->" expr | expr
//! binder  = var | "(" var "::" type ")"
//! expr    = let | case | unboxed | "(" expr ")" | head { atom } | atom ":" atom | "(" atom "," atom … ")"
//! let     = ("let" | "letrec") bind { ";" bind } "in" expr
//! case    = "case" expr "of" ( pattern "->" expr | [ binder ] "{" alt { ";" alt } "}" )
//! alt     = pattern "->" expr                                unboxed = "(#" atom [ "," atom ] "#)"
//! pattern = Con { binder } | binder ":" binder | "(" binder "," … ")" | literal | binder | unboxed of binders
//! atom    = var | Con | literal | "[]" | "()"                head = atom | operator
//! ```

use super::ast::*;
use super::diagnostic::{Diagnostic, Span};
use super::lex::{Token, lex};

mod literal;

/// The deepest nesting of expressions and types.
pub const MAX_DEPTH: usize = 400;

/// More errors than this are not reported.
pub const MAX_ERRORS: usize = 20;

const AN_ARGUMENT: &str =
    "an argument (a variable, a literal or a constructor without fields; bind anything else with let or case)";

type Result<T> = std::result::Result<T, Diagnostic>;

/// Parses a program.
pub fn parse(source: &str) -> std::result::Result<Module<'_>, Vec<Diagnostic>> {
    let tokens = lex(source).map_err(|error| vec![error])?;
    let mut module = Module::default();
    let mut errors = Vec::new();
    for declaration in split(source, &tokens) {
        let mut parser = Parser { source, tokens: declaration, at: 0, depth: 0 };
        if let Err(error) = parser.declaration(&mut module) {
            errors.push(error);
        }
        if errors.len() == MAX_ERRORS {
            break;
        }
    }
    if errors.is_empty() { Ok(module) } else { Err(errors) }
}

/// Cuts the tokens before every one that begins a declaration.
fn split<'t>(source: &str, tokens: &'t [(Token, Span)]) -> Vec<&'t [(Token, Span)]> {
    let begins = |(token, span): &(Token, Span)| {
        let first_column = span.start == 0 || source.as_bytes()[span.start - 1] == b'\n';
        let closes = matches!(token, Token::Close | Token::CloseBrace | Token::CloseList | Token::CloseUnboxed);
        *token == Token::End || first_column && !closes
    };
    let mut starts: Vec<usize> = (0..tokens.len()).filter(|i| begins(&tokens[*i])).collect();
    if starts.first() != Some(&0) {
        starts.insert(0, 0);
    }
    starts.windows(2).map(|pair| &tokens[pair[0]..pair[1]]).collect()
}

struct Parser<'s, 't> {
    source: &'s str,
    tokens: &'t [(Token, Span)],
    at: usize,
    depth: usize,
}

impl<'s> Parser<'s, '_> {
    /// The token `ahead` of the next one.
    fn peek(&self, ahead: usize) -> Token {
        self.tokens.get(self.at + ahead).map_or(Token::End, |(token, _)| *token)
    }

    /// Where the next token is; behind the last one there is an empty place.
    fn span(&self) -> Span {
        match (self.tokens.get(self.at), self.tokens.last()) {
            (Some((_, span)), _) => span.clone(),
            (None, Some((_, last))) => last.end..last.end,
            (None, None) => 0..0,
        }
    }

    fn advance(&mut self) -> Ident<'s> {
        let span = self.span();
        self.at += 1;
        Ident { text: &self.source[span.clone()], span }
    }

    fn unexpected<T>(&self, wanted: &str) -> Result<T> {
        let (token, span) = (self.peek(0), self.span());
        let found = match token {
            Token::End => "the declaration ends".into(),
            _ => format!("{} stands", token.describe(&self.source[span.clone()])),
        };
        Err(Diagnostic::new(span, format!("{found} where {wanted} should be")))
    }

    fn accept(&mut self, token: Token) -> bool {
        let found = self.peek(0) == token;
        self.at += found as usize;
        found
    }

    fn expect(&mut self, token: Token, wanted: &str) -> Result<Ident<'s>> {
        if self.peek(0) == token { Ok(self.advance()) } else { self.unexpected(wanted) }
    }

    /// Runs a parser one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} deep");
            return Err(Diagnostic::new(self.span(), message));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// `one` and more of them behind separators.
    fn separated<T>(&mut self, by: Token, mut one: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.accept(by) {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn declaration(&mut self, module: &mut Module<'s>) -> Result<()> {
        if self.accept(Token::Data) {
            self.expect(Token::Con, "the name of a data type")?;
            while self.accept(Token::Var) {}
            self.expect(Token::Equals, "`=`")?;
            module.datas.push(self.separated(Token::Bar, Self::con_decl)?);
        } else {
            module.binds.push(self.bind()?);
        }
        self.accept(Token::Semicolon);
        match self.peek(0) {
            Token::End => Ok(()),
            _ => self.unexpected("the end of the declaration"),
        }
    }

    fn con_decl(&mut self) -> Result<ConDecl<'s>> {
        let name = self.expect(Token::Con, "the name of a constructor")?;
        let mut fields = Vec::new();
        while matches!(self.peek(0), Token::Con | Token::Var | Token::Open | Token::OpenList) {
            fields.push(self.nested(Self::atype)?);
        }
        Ok(ConDecl { name, fields })
    }

    /// A type: applications and functions.
    fn ty(&mut self) -> Result<Type<'s>> {
        self.nested(|p| {
            let mut ty = p.atype()?;
            while matches!(p.peek(0), Token::Con | Token::Var | Token::Open | Token::OpenList) {
                ty.span.end = p.atype()?.span.end;
            }
            if p.accept(Token::Arrow) {
                ty = Type { head: None, span: ty.span.start..p.ty()?.span.end };
            }
            Ok(ty)
        })
    }

    fn atype(&mut self) -> Result<Type<'s>> {
        let start = self.span().start;
        match self.peek(0) {
            Token::Con | Token::Var => {
                let name = self.advance();
                Ok(Type { span: name.span.clone(), head: Some(name) })
            }
            Token::Open => {
                self.at += 1;
                let mut inner = match self.peek(0) {
                    Token::Close => Vec::new(),
                    _ => self.separated(Token::Comma, Self::ty)?,
                };
                let end = self.expect(Token::Close, "`)`")?.span.end;
                let head = if inner.len() == 1 { inner.remove(0).head } else { None };
                Ok(Type { head, span: start..end })
            }
            Token::OpenList => {
                self.at += 1;
                self.ty()?;
                Ok(Type { head: None, span: start..self.expect(Token::CloseList, "`]`")?.span.end })
            }
            _ => self.unexpected("a type"),
        }
    }

    fn bind(&mut self) -> Result<Bind<'s>> {
        let name = self.expect(Token::Var, "a definition, `name = …`,")?;
        self.expect(Token::Equals, "`=`")?;
        let mut params = Vec::new();
        if self.accept(Token::Lambda) {
            while self.peek(0) != Token::Arrow {
                params.push(self.binder("a parameter or `->`")?);
            }
            if params.is_empty() {
                return self.unexpected("a parameter");
            }
            self.at += 1;
        }
        Ok(Bind { name, params, body: self.expr()? })
    }

    fn binder(&mut self, wanted: &str) -> Result<Binder<'s>> {
        if self.peek(0) == Token::Open && self.peek(1) == Token::Var && self.peek(2) == Token::HasType {
            self.at += 1;
            let name = self.advance();
            self.at += 1;
            let ty = self.ty()?;
            self.expect(Token::Close, "`)`")?;
            return Ok(Binder { name, ty: Some(ty) });
        }
        Ok(Binder { name: self.expect(Token::Var, wanted)?, ty: None })
    }

    fn expr(&mut self) -> Result<Expr<'s>> {
        self.nested(|p| match p.peek(0) {
            Token::Let | Token::LetRec => p.let_expr(),
            Token::Case => p.case_expr(),
            Token::OpenUnboxed => {
                let start = p.advance().span.start;
                let parts = p.separated(Token::Comma, Self::atom)?;
                let end = p.expect(Token::CloseUnboxed, "`#)`")?.span.end;
                Ok(Expr::Unboxed(parts, start..end))
            }
            Token::Open if p.peek(1) != Token::Close => p.parenthesis(),
            Token::Lambda => p.unexpected("an expression (a lambda stands only behind `=`; bind it with let)"),
            _ => p.application(),
        })
    }

    fn let_expr(&mut self) -> Result<Expr<'s>> {
        let rec = self.peek(0) == Token::LetRec;
        self.at += 1;
        let mut binds = vec![self.bind()?];
        while self.accept(Token::Semicolon) {
            if self.peek(0) != Token::In {
                binds.push(self.bind()?);
            }
        }
        self.expect(Token::In, "`;` or `in`")?;
        Ok(Expr::Let { rec, binds, body: Box::new(self.expr()?) })
    }

    fn case_expr(&mut self) -> Result<Expr<'s>> {
        let span = self.advance().span;
        let scrutinee = self.expr()?;
        self.expect(Token::Of, "`of`")?;
        let mut binder = None;
        let mut alts = Vec::new();
        if self.peek(0) != Token::OpenBrace {
            match self.pattern()? {
                Pattern::Binder(name) if self.peek(0) == Token::OpenBrace => binder = Some(name),
                pattern => alts.push(self.alt(pattern)?),
            }
        }
        if alts.is_empty() {
            self.expect(Token::OpenBrace, "`{`")?;
            while !self.accept(Token::CloseBrace) {
                let pattern = self.pattern()?;
                alts.push(self.alt(pattern)?);
                if self.peek(0) != Token::CloseBrace {
                    self.expect(Token::Semicolon, "`;` or `}`")?;
                }
            }
            if alts.is_empty() {
                return Err(Diagnostic::new(span, "this case has no alternatives"));
            }
        }
        Ok(Expr::Case(Box::new(Case { scrutinee, binder, alts, span })))
    }

    fn alt(&mut self, pattern: Pattern<'s>) -> Result<Alt<'s>> {
        self.expect(Token::Arrow, "`->`")?;
        Ok(Alt { pattern, body: self.expr()? })
    }

    /// `( … )` as an expression: a tuple or an expression in parentheses.
    fn parenthesis(&mut self) -> Result<Expr<'s>> {
        let start = self.advance().span.start;
        let before = self.at;
        if self.starts_atom() {
            let first = self.atom()?;
            if self.accept(Token::Comma) {
                let mut parts = vec![first];
                parts.extend(self.separated(Token::Comma, Self::atom)?);
                let end = self.expect(Token::Close, "`)`")?.span.end;
                return Ok(Expr::App(Atom::Con(tuple(parts.len(), start..end)?), parts));
            }
            self.at = before;
        }
        let inner = self.expr()?;
        self.expect(Token::Close, "`)`")?;
        Ok(inner)
    }

    fn application(&mut self) -> Result<Expr<'s>> {
        let head = match self.peek(0) {
            Token::Operator => Atom::Var(self.advance()),
            _ if self.starts_atom() => self.atom()?,
            _ => return self.unexpected("an expression"),
        };
        if self.peek(0) == Token::Cons {
            let cons = self.advance();
            return Ok(Expr::App(Atom::Con(cons), vec![head, self.atom()?]));
        }
        let mut args = Vec::new();
        while self.starts_atom() {
            args.push(self.atom()?);
        }
        match self.peek(0) {
            Token::Open | Token::Operator | Token::OpenUnboxed | Token::Lambda => self.unexpected(AN_ARGUMENT),
            _ => Ok(Expr::App(head, args)),
        }
    }

    fn starts_atom(&self) -> bool {
        match self.peek(0) {
            Token::Var | Token::Con | Token::Integer | Token::Fraction | Token::Char | Token::String => true,
            Token::Open => self.peek(1) == Token::Close,
            Token::OpenList => true,
            _ => false,
        }
    }

    fn atom(&mut self) -> Result<Atom<'s>> {
        let start = self.span().start;
        match self.peek(0) {
            Token::Var => Ok(Atom::Var(self.advance())),
            Token::Con => Ok(Atom::Con(self.advance())),
            Token::Open if self.peek(1) == Token::Close => {
                let end = self.tokens[self.at + 1].1.end;
                self.at += 2;
                Ok(Atom::Con(Ident { text: "()", span: start..end }))
            }
            Token::OpenList => {
                self.at += 1;
                let end = self.expect(Token::CloseList, "`]`")?.span.end;
                Ok(Atom::Con(Ident { text: "[]", span: start..end }))
            }
            Token::Integer | Token::Fraction | Token::Char | Token::String => {
                let token = self.peek(0);
                let text = self.advance();
                let literal = literal::literal(token, text.text)
                    .map_err(|message| Diagnostic::new(text.span.clone(), message))?;
                Ok(Atom::Literal(literal, text.span))
            }
            _ => self.unexpected(AN_ARGUMENT),
        }
    }

    fn pattern(&mut self) -> Result<Pattern<'s>> {
        let start = self.span().start;
        match self.peek(0) {
            Token::Con => {
                let name = self.advance();
                let mut fields = Vec::new();
                while matches!(self.peek(0), Token::Var | Token::Open) {
                    fields.push(self.binder("a field's name or `->`")?);
                }
                Ok(Pattern::Con(name, fields))
            }
            Token::OpenUnboxed => {
                self.at += 1;
                let parts = self.separated(Token::Comma, |p| p.binder("a name"))?;
                let end = self.expect(Token::CloseUnboxed, "`#)`")?.span.end;
                Ok(Pattern::Unboxed(parts, start..end))
            }
            Token::Open if self.peek(1) == Token::Var && self.peek(2) != Token::HasType => {
                self.at += 1;
                let parts = self.separated(Token::Comma, |p| p.binder("a name"))?;
                let end = self.expect(Token::Close, "`)`")?.span.end;
                Ok(Pattern::Con(tuple(parts.len(), start..end)?, parts))
            }
            Token::Var | Token::Open if self.peek(1) != Token::Close => {
                let binder = self.binder("a name")?;
                if self.peek(0) != Token::Cons {
                    return Ok(Pattern::Binder(binder));
                }
                let cons = self.advance();
                Ok(Pattern::Con(cons, vec![binder, self.binder("a name")?]))
            }
            _ => match self.atom() {
                Ok(Atom::Literal(literal, span)) => Ok(Pattern::Literal(literal, span)),
                Ok(Atom::Con(name)) => Ok(Pattern::Con(name, Vec::new())),
                _ => self.unexpected("a pattern"),
            },
        }
    }
}

/// The constructor of tuples with so many fields.
fn tuple(fields: usize, span: Span) -> Result<Ident<'static>> {
    let text = match fields {
        2 => "(,)",
        3 => "(,,)",
        _ => return Err(Diagnostic::new(span, "tuples have two or three fields")),
    };
    Ok(Ident { text, span })
}

#[cfg(test)]
mod tests;
