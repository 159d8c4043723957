//! From a declaration in C to a [`Prototype`]. What can't be passed safely is refused with the reason.

use logos::Logos;

use super::prototype::{Count, Pointee, Pointer, Prototype, Scalar, Type};

#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n]+")]
enum Token<'t> {
    #[regex("[A-Za-z_][A-Za-z0-9_]*")]
    Word(&'t str),
    #[regex("[0-9]+")]
    Number(&'t str),
    #[token("*")]
    Star,
    #[token("(")]
    Open,
    #[token(")")]
    Close,
    #[token("[")]
    OpenBracket,
    #[token("]")]
    CloseBracket,
    #[token(",")]
    Comma,
    #[token("...")]
    Dots,
}

/// Words that change nothing for who calls.
const IGNORED: [&str; 5] = ["volatile", "restrict", "__restrict", "register", "extern"];
/// Words that make up the names of C's own types.
const OWN: [&str; 11] =
    ["void", "_Bool", "bool", "char", "short", "int", "long", "float", "double", "signed", "unsigned"];
/// Names of the standard headers for them.
const STANDARD: [(&str, Scalar); 15] = [
    ("int8_t", Scalar::I8),
    ("uint8_t", Scalar::U8),
    ("int16_t", Scalar::I16),
    ("uint16_t", Scalar::U16),
    ("int32_t", Scalar::I32),
    ("uint32_t", Scalar::U32),
    ("int64_t", Scalar::I64),
    ("uint64_t", Scalar::U64),
    ("size_t", Scalar::U64),
    ("ssize_t", Scalar::I64),
    ("intptr_t", Scalar::I64),
    ("uintptr_t", Scalar::U64),
    ("ptrdiff_t", Scalar::I64),
    ("off_t", Scalar::I64),
    ("time_t", Scalar::I64),
];

const CALLBACKS: &str = "functions are not passed: native code can't call back into the sandbox";

/// What stands in brackets behind a parameter.
enum Written<'t> {
    Nothing,
    Number(u64),
    Value(&'t str),
    Pointed(&'t str),
}

struct Param<'t> {
    name: Option<&'t str>,
    ty: Type,
    count: Written<'t>,
}

struct Parser<'t> {
    tokens: Vec<Token<'t>>,
    next: usize,
}

/// Reads a declaration.
pub(super) fn prototype(text: &str) -> Result<Prototype, String> {
    let text = text.trim().trim_end_matches(';');
    let tokens: Result<Vec<Token<'_>>, ()> = Token::lexer(text).collect();
    let tokens = tokens.map_err(|()| "it contains a character that no prototype has".to_owned())?;
    let mut parser = Parser { tokens, next: 0 };
    let result = parser.base()?;
    let stars = parser.stars()?;
    let name = match parser.take() {
        Some(Token::Word(name)) => name,
        Some(Token::Open) => return Err(format!("a function's name is missing, or {CALLBACKS}")),
        _ => {
            return Err(
                "a function's name is missing: write it as in C, with the types of result and parameters".into()
            );
        }
    };
    let result = typed(result, stars, true)?;
    let params = parser.params(name)?;
    if parser.take().is_some() {
        return Err(format!("something follows the parameters of {name}"));
    }
    let types = (0..params.len()).map(|n| resolved(&params, n)).collect::<Result<_, _>>()?;
    Prototype::new(name.to_owned(), result, types)
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).copied()
    }

    fn take(&mut self) -> Option<Token<'t>> {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn take_if(&mut self, token: Token<'_>) -> bool {
        let is_it = self.peek() == Some(token);
        self.next += usize::from(is_it);
        is_it
    }

    fn word(&mut self, what: &str) -> Result<&'t str, String> {
        match self.take() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(format!("{what} is missing")),
        }
    }

    /// What stands before the stars, and whether it is constant.
    fn base(&mut self) -> Result<(Pointee, bool), String> {
        let (mut own, mut named, mut is_const) = (Vec::new(), None, false);
        while let Some(Token::Word(word)) = self.peek() {
            match word {
                "const" => is_const = true,
                _ if IGNORED.contains(&word) => {}
                _ if OWN.contains(&word) && named.is_none() => own.push(word),
                "_Complex" | "__int128" => return Err(format!("the type {word} is not supported")),
                "enum" => return Err("write the integer type that the enum has, such as unsigned int".into()),
                // What comes after a type is a name.
                _ if !own.is_empty() || named.is_some() => break,
                "struct" | "union" => {
                    self.next += 1;
                    named = Some(Pointee::Named(format!("{word} {}", self.word("the name of a struct or union")?)));
                    continue;
                }
                _ => {
                    let standard = STANDARD.iter().find(|(name, _)| *name == word);
                    let unknown = || Pointee::Named(word.to_owned());
                    named = Some(standard.map_or_else(unknown, |(_, scalar)| Pointee::Scalar(*scalar)));
                }
            }
            self.next += 1;
        }
        match named {
            Some(named) => Ok((named, is_const)),
            None if own.is_empty() => Err("a type is missing".into()),
            None => Ok((own_type(&own)?, is_const)),
        }
    }

    /// Whether a star follows. Two are too many.
    fn stars(&mut self) -> Result<bool, String> {
        let mut is_pointer = false;
        while self.take_if(Token::Star) {
            if std::mem::replace(&mut is_pointer, true) {
                return Err(
                    "pointers to pointers are not passed: what they lead to are no addresses of the host".into()
                );
            }
            while let Some(Token::Word(word)) = self.peek()
                && (word == "const" || IGNORED.contains(&word))
            {
                self.next += 1;
            }
        }
        Ok(is_pointer)
    }

    fn params(&mut self, name: &str) -> Result<Vec<Param<'t>>, String> {
        if !self.take_if(Token::Open) {
            return Err(format!("the parameters of {name} are missing; write (void) if it has none"));
        }
        let mut params: Vec<Param<'_>> = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Dots) => {
                    return Err(format!("{name} has a variable number of arguments, which is not supported"));
                }
                Some(Token::Close) if params.is_empty() => {
                    return Err(format!("the parameters of {name} are missing; write (void) if it has none"));
                }
                _ => {}
            }
            let base = self.base()?;
            if base.0 == Pointee::Void && params.is_empty() && self.take_if(Token::Close) {
                return Ok(params);
            }
            params.push(self.param(base)?);
            match self.take() {
                Some(Token::Comma) => {}
                Some(Token::Close) => return Ok(params),
                Some(Token::Open) => return Err(CALLBACKS.into()),
                _ => return Err(format!("behind parameter {} of {name} there is neither , nor )", params.len())),
            }
        }
    }

    fn param(&mut self, base: (Pointee, bool)) -> Result<Param<'t>, String> {
        let is_pointer = self.stars()?;
        let name = match self.peek() {
            Some(Token::Word(name)) => {
                self.next += 1;
                Some(name)
            }
            Some(Token::Open) => return Err(CALLBACKS.into()),
            _ => None,
        };
        if !self.take_if(Token::OpenBracket) {
            return Ok(Param { name, ty: typed(base, is_pointer, false)?, count: Written::Nothing });
        }
        if is_pointer || !matches!(base.0, Pointee::Scalar(_)) {
            return Err("only arrays of numbers are passed".into());
        }
        let count = match self.take() {
            Some(Token::CloseBracket) => {
                return Ok(Param { name, ty: typed(base, true, false)?, count: Written::Nothing });
            }
            Some(Token::Number(digits)) => {
                Written::Number(digits.parse().map_err(|_| format!("{digits} elements are too many"))?)
            }
            Some(Token::Word(other)) => Written::Value(other),
            Some(Token::Star) => Written::Pointed(self.word("a parameter's name behind [*")?),
            _ => return Err("in brackets there is a number, a parameter's name, or * and a parameter's name".into()),
        };
        match self.take_if(Token::CloseBracket) {
            true => Ok(Param { name, ty: typed(base, true, false)?, count }),
            false => Err("the ] of an array is missing, or there is more than a number or a name in it".into()),
        }
    }
}

/// A type of C's own, from the words of its name.
fn own_type(words: &[&str]) -> Result<Pointee, String> {
    let count = |word: &str| words.iter().filter(|other| **other == word).count();
    let unknown = || Err(format!("{} is no type, or is not supported", words.join(" ")));
    let (longs, is_unsigned) = (count("long"), count("unsigned") == 1);
    let core: Vec<&str> = words.iter().copied().filter(|word| !["long", "unsigned", "signed"].contains(word)).collect();
    let has_sign = count("unsigned") + count("signed");
    if has_sign > 1 || longs > 2 {
        return unknown();
    }
    let by_sign = |signed, unsigned| if is_unsigned { unsigned } else { signed };
    let scalar = match (&core[..], longs) {
        (["void"], 0) if has_sign == 0 => return Ok(Pointee::Void),
        (["_Bool" | "bool"], 0) if has_sign == 0 => Scalar::Bool,
        (["float"], 0) if has_sign == 0 => Scalar::F32,
        (["double"], 0) if has_sign == 0 => Scalar::F64,
        (["char"], 0) if has_sign == 0 => Scalar::Char,
        (["char"], 0) => by_sign(Scalar::I8, Scalar::U8),
        (["short"] | ["short", "int"] | ["int", "short"], 0) => by_sign(Scalar::I16, Scalar::U16),
        ([] | ["int"], 0) => by_sign(Scalar::I32, Scalar::U32),
        ([] | ["int"], _) => by_sign(Scalar::I64, Scalar::U64),
        _ => return unknown(),
    };
    Ok(Pointee::Scalar(scalar))
}

/// The type that `base` makes, with a star behind it or none.
fn typed((base, is_const): (Pointee, bool), is_pointer: bool, is_result: bool) -> Result<Type, String> {
    match base {
        to if is_pointer => Ok(Type::Pointer(Pointer { to, is_const, count: Count::Unsaid })),
        Pointee::Scalar(scalar) => Ok(Type::Scalar(scalar)),
        Pointee::Void if is_result => Ok(Type::Void),
        Pointee::Void => Err("a parameter is void".into()),
        Pointee::Named(name) => {
            Err(format!("the type {name} is unknown, or a struct; only pointers to such are passed"))
        }
    }
}

/// The type of parameter number `n`, with what stands in its brackets.
fn resolved(params: &[Param<'_>], n: usize) -> Result<Type, String> {
    let find = |name: &str| {
        let found = params.iter().position(|param| param.name == Some(name));
        found.ok_or_else(|| format!("there is no parameter {name} to say how many elements an array has"))
    };
    let is_integer = |scalar: Scalar| !scalar.is_float() && scalar != Scalar::Bool;
    let Param { ty, count, .. } = &params[n];
    let count = match *count {
        Written::Nothing => Count::Unsaid,
        Written::Number(number) => Count::Number(number),
        Written::Value(name) => {
            let other = find(name)?;
            match &params[other].ty {
                Type::Scalar(scalar) if is_integer(*scalar) => Count::Value(other),
                _ => return Err(format!("the parameter {name} is no integer, to say how many elements an array has")),
            }
        }
        Written::Pointed(name) => {
            let other = find(name)?;
            match &params[other].ty {
                Type::Pointer(Pointer { to: Pointee::Scalar(scalar), .. }) if is_integer(*scalar) => {
                    Count::Pointed(other)
                }
                _ => return Err(format!("the parameter {name} is no pointer to an integer")),
            }
        }
    };
    Ok(match ty {
        Type::Pointer(pointer) => Type::Pointer(Pointer { count, ..pointer.clone() }),
        other => other.clone(),
    })
}
