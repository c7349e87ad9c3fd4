//! Reads what operators stand between: names, literals, brackets, paths, filters, calls and tests.

use super::ast::{Arg, Expr, Kind, Named};
use super::expr::Reader;
use super::place::Fault;
use super::token::{Piece, Tok};

impl Reader {
    pub(super) fn primary(&mut self) -> Result<Expr, Fault> {
        let at = self.at();
        let value = match self.peek().clone() {
            Tok::Sign("(") => return self.bracketed(),
            Tok::Sign("[") => self.list()?,
            Tok::Sign("{") => self.map()?,
            Tok::Sign(word) if is_name(word) => {
                self.advance();
                Expr::new(at, Kind::Name(word.to_owned()))
            }
            Tok::Name(name) if name == "attribute" && matches!(self.look(1), Tok::Sign("(")) => {
                self.advance();
                self.attribute_of(at)?
            }
            Tok::Name(name) => {
                self.advance();
                match name.as_str() {
                    "true" | "TRUE" => Expr::new(at, Kind::Bool(true)),
                    "false" | "FALSE" => Expr::new(at, Kind::Bool(false)),
                    "null" | "NULL" | "none" | "NONE" => Expr::new(at, Kind::Null),
                    _ if matches!(self.peek(), Tok::Sign("(")) => {
                        let args = self.arguments()?;
                        Expr::new(at, Kind::Call(Named { at, name }, args))
                    }
                    _ => Expr::new(at, Kind::Name(name)),
                }
            }
            Tok::Int(number) => self.literal(Kind::Int(number)),
            Tok::Float(number) => self.literal(Kind::Float(number)),
            Tok::Text(text) => self.literal(Kind::Text(text)),
            Tok::Mixed(pieces) => {
                self.advance();
                mixed(at, pieces, self.depth())?
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.postfix(value)
    }

    /// `attribute(object, key)`: another way to write `object[key]`.
    fn attribute_of(&mut self, at: usize) -> Result<Expr, Fault> {
        let mut args = self.arguments()?.into_iter();
        match (args.next(), args.next(), args.next()) {
            (Some(object), Some(key), None) => Ok(Expr::new(
                at,
                Kind::Item(Box::new(object.value), Box::new(key.value)),
            )),
            (_, _, Some(_)) => Err(Fault::new(
                at,
                "the language has no methods: `attribute` takes an object and a key",
            )),
            _ => Err(Fault::new(at, "`attribute` takes an object and a key")),
        }
    }

    fn literal(&mut self, kind: Kind) -> Expr {
        let at = self.at();
        self.advance();
        Expr::new(at, kind)
    }

    fn bracketed(&mut self) -> Result<Expr, Fault> {
        self.expect("(")?;
        let value = self.expression()?;
        self.expect(")")?;
        self.postfix(value)
    }

    fn list(&mut self) -> Result<Expr, Fault> {
        let at = self.at();
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.take("]") {
            if !items.is_empty() {
                self.expect(",")?;
                if self.take("]") {
                    break;
                }
            }
            items.push(self.expression()?);
        }
        Ok(Expr::new(at, Kind::List(items)))
    }

    fn map(&mut self) -> Result<Expr, Fault> {
        let at = self.at();
        self.expect("{")?;
        let mut members = Vec::new();
        while !self.take("}") {
            if !members.is_empty() {
                self.expect(",")?;
                if self.take("}") {
                    break;
                }
            }
            members.push(self.member()?);
        }
        Ok(Expr::new(at, Kind::Map(members)))
    }

    fn member(&mut self) -> Result<(Expr, Expr), Fault> {
        let at = self.at();
        let key = match self.peek().clone() {
            Tok::Name(word) => {
                self.advance();
                if matches!(self.peek(), Tok::Sign("," | "}")) {
                    let value = Expr::new(at, Kind::Name(word.clone()));
                    return Ok((Expr::new(at, Kind::Text(word)), value));
                }
                Expr::new(at, Kind::Text(word))
            }
            Tok::Text(text) => self.literal(Kind::Text(text)),
            Tok::Int(number) => self.literal(Kind::Text(number.to_string())),
            Tok::Float(number) => self.literal(Kind::Text(number.trunc().to_string())),
            Tok::Sign("(") => self.expression()?,
            Tok::Mixed(pieces) => {
                self.advance();
                mixed(at, pieces, self.depth())?
            }
            _ => {
                return Err(
                    self.unexpected("a key: a name, a text, a number or an expression in brackets")
                );
            }
        };
        self.expect(":")?;
        Ok((key, self.expression()?))
    }

    /// Paths and filters after a value.
    pub(super) fn postfix(&mut self, mut value: Expr) -> Result<Expr, Fault> {
        loop {
            let at = value.at;
            value = match self.peek() {
                Tok::Sign(".") => {
                    self.advance();
                    self.attribute(value)?
                }
                Tok::Sign("[") => {
                    self.advance();
                    self.subscript(value)?
                }
                Tok::Sign("|") => {
                    self.advance();
                    let name = self.name("the name of a filter")?;
                    let args = if matches!(self.peek(), Tok::Sign("(")) {
                        self.arguments()?
                    } else {
                        Vec::new()
                    };
                    Expr::new(at, Kind::Filter(Box::new(value), name, args))
                }
                Tok::Sign("(") => {
                    return Err(Fault::new(self.at(), "only functions can be called"));
                }
                _ => return Ok(value),
            };
            self.not_too_tall(&value)?;
        }
    }

    fn attribute(&mut self, object: Expr) -> Result<Expr, Fault> {
        let at = object.at;
        let here = self.at();
        match self.advance() {
            Tok::Name(name) => {
                if matches!(self.peek(), Tok::Sign("(")) {
                    return Err(Fault::new(
                        here,
                        format!("the language has no methods: `{name}` cannot be called"),
                    ));
                }
                Ok(Expr::new(at, Kind::Attr(Box::new(object), name)))
            }
            Tok::Int(index) => Ok(Expr::new(
                at,
                Kind::Item(
                    Box::new(object),
                    Box::new(Expr::new(here, Kind::Int(index))),
                ),
            )),
            other => Err(Fault::new(
                here,
                format!(
                    "unexpected {}, expected a name or a number after `.`",
                    other.shown()
                ),
            )),
        }
    }

    fn subscript(&mut self, object: Expr) -> Result<Expr, Fault> {
        let at = object.at;
        let start = if matches!(self.peek(), Tok::Sign(":")) {
            None
        } else {
            Some(Box::new(self.expression()?))
        };
        if self.take(":") {
            let length = if matches!(self.peek(), Tok::Sign("]")) {
                None
            } else {
                Some(Box::new(self.expression()?))
            };
            self.expect("]")?;
            return Ok(Expr::new(at, Kind::Slice(Box::new(object), start, length)));
        }
        self.expect("]")?;
        let Some(key) = start else {
            return Err(self.unexpected("a key"));
        };
        Ok(Expr::new(at, Kind::Item(Box::new(object), key)))
    }

    /// A name that is given a value. Operators that are one word are names here.
    pub(crate) fn given_name(&mut self) -> Result<Named, Fault> {
        let at = self.at();
        match self.peek() {
            Tok::Sign(word) if is_name(word) || *word == "not" => {
                let name = (*word).to_owned();
                self.advance();
                Ok(Named { at, name })
            }
            _ => self.name("a name"),
        }
    }

    pub(crate) fn name(&mut self, expected: &str) -> Result<Named, Fault> {
        let at = self.at();
        match self.peek().clone() {
            Tok::Name(name) => {
                self.advance();
                Ok(Named { at, name })
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Arg>, Fault> {
        self.expect("(")?;
        let mut args: Vec<Arg> = Vec::new();
        while !self.take(")") {
            if !args.is_empty() {
                self.expect(",")?;
                if self.take(")") {
                    break;
                }
            }
            let named =
                matches!(self.peek(), Tok::Name(_)) && matches!(self.look(1), Tok::Sign("=" | ":"));
            let name = if named {
                let name = self.name("the name of an argument")?;
                self.advance();
                Some(name)
            } else {
                None
            };
            if name.is_none() && args.iter().any(|arg| arg.name.is_some()) {
                return Err(Fault::new(
                    self.at(),
                    "an argument without a name cannot follow one with a name",
                ));
            }
            args.push(Arg {
                name,
                value: self.expression()?,
            });
        }
        Ok(args)
    }

    /// What stands after `is` or `is not`.
    pub(super) fn test(&mut self, value: Expr) -> Result<Expr, Fault> {
        let mut name = self.name("the name of a test")?;
        let second = match (name.name.as_str(), self.peek()) {
            ("same", Tok::Name(word)) if word == "as" => Some("same as"),
            ("divisible", Tok::Name(word)) if word == "by" => Some("divisible by"),
            _ => None,
        };
        if let Some(whole) = second {
            self.advance();
            name.name = whole.to_owned();
        }
        let args = if matches!(self.peek(), Tok::Sign("(")) {
            self.arguments()?
        } else if second.is_some() {
            let value = self.primary()?;
            vec![Arg { name: None, value }]
        } else {
            Vec::new()
        };
        Ok(Expr::new(value.at, Kind::Test(Box::new(value), name, args)))
    }
}

/// Whether an operator is a name where a value is expected.
pub(super) fn is_name(operator: &str) -> bool {
    matches!(operator, "and" | "or" | "xor" | "in" | "is" | "matches")
}

/// Text with `#{ }` inside is its pieces, joined.
fn mixed(at: usize, pieces: Vec<Piece>, depth: usize) -> Result<Expr, Fault> {
    let mut parts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) if text.is_empty() => {}
            Piece::Text(text) => parts.push(Expr::new(at, Kind::Text(text))),
            Piece::Tokens(tokens) => {
                let mut reader = Reader::inside(tokens, depth);
                parts.push(reader.expression()?);
                reader.end()?;
            }
        }
    }
    Ok(Expr::new(at, Kind::Concat(parts)))
}
