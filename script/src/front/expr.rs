//! Reads expressions by precedence climbing, with Twig's precedences.

use super::ast::{Binary, Expr, Kind};
use super::place::Fault;
use super::token::{Tok, Token};

/// How deep expressions and tags may stand inside each other.
pub(crate) const DEEPEST: usize = 80;

/// Reads the tokens of one tag.
pub(crate) struct Reader {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

/// Reads one expression that fills a tag.
pub(crate) fn read(tokens: Vec<Token>) -> Result<Expr, Fault> {
    let mut reader = Reader::new(tokens);
    let value = reader.expression()?;
    reader.end()?;
    Ok(value)
}

/// How deep a tree may become: long chains of operators and filters count, too.
const TALLEST: usize = 150;

enum Infix {
    Both(Binary),
    Concat,
    And,
    Or,
    Is,
    IsNot,
    Coalesce,
}

/// The operator behind a sign: its strength, and whether it groups to the right.
fn infix(sign: &str) -> Option<(Infix, u16, bool)> {
    use Binary as B;
    let both = |operator, strength| Some((Infix::Both(operator), strength, false));
    match sign {
        "or" => Some((Infix::Or, 10, false)),
        "xor" => both(B::Xor, 12),
        "and" => Some((Infix::And, 15, false)),
        "b-or" => both(B::BitOr, 16),
        "b-xor" => both(B::BitXor, 17),
        "b-and" => both(B::BitAnd, 18),
        "==" => both(B::Equal, 20),
        "!=" => both(B::NotEqual, 20),
        "<=>" => both(B::Spaceship, 20),
        "<" => both(B::Less, 20),
        ">" => both(B::Greater, 20),
        "<=" => both(B::LessOrEqual, 20),
        ">=" => both(B::GreaterOrEqual, 20),
        "not in" => both(B::NotIn, 20),
        "in" => both(B::In, 20),
        "matches" => both(B::Matches, 20),
        "starts with" => both(B::StartsWith, 20),
        "ends with" => both(B::EndsWith, 20),
        "has some" => both(B::HasSome, 20),
        "has every" => both(B::HasEvery, 20),
        ".." => both(B::Range, 25),
        "+" => both(B::Add, 30),
        "-" => both(B::Subtract, 30),
        "~" => Some((Infix::Concat, 40, false)),
        "*" => both(B::Multiply, 60),
        "/" => both(B::Divide, 60),
        "//" => both(B::FloorDivide, 60),
        "%" => both(B::Remainder, 60),
        "is" => Some((Infix::Is, 100, false)),
        "is not" => Some((Infix::IsNot, 100, false)),
        "**" => Some((Infix::Both(B::Power), 200, true)),
        "??" => Some((Infix::Coalesce, 300, true)),
        _ => None,
    }
}

/// `left ** right`; a sign before `left` counts after it: `-2 ** 2` is `-4`.
fn power(left: Expr, right: Expr) -> Expr {
    let at = left.at;
    let kind = match left.kind {
        Kind::Negative(inner) => Kind::Negative(Box::new(power(*inner, right))),
        Kind::Positive(inner) => Kind::Positive(Box::new(power(*inner, right))),
        Kind::Not(inner) => Kind::Not(Box::new(power(*inner, right))),
        kind => Kind::Binary(
            Binary::Power,
            Box::new(Expr::new(at, kind)),
            Box::new(right),
        ),
    };
    Expr::new(at, kind)
}

/// How strongly a sign before a value binds.
const NOT: u16 = 50;
const MINUS: u16 = 500;

impl Reader {
    pub(crate) fn new(tokens: Vec<Token>) -> Self {
        Self {
            tokens,
            next: 0,
            depth: 0,
        }
    }

    pub(super) fn inside(tokens: Vec<Token>, depth: usize) -> Self {
        Self {
            tokens,
            next: 0,
            depth,
        }
    }

    pub(crate) fn peek(&self) -> &Tok {
        self.look(0)
    }

    /// The token so many places after the next one.
    pub(super) fn look(&self, places: usize) -> &Tok {
        self.tokens
            .get(self.next.saturating_add(places))
            .map_or(&Tok::End, |token| &token.kind)
    }

    pub(crate) fn at(&self) -> usize {
        self.tokens
            .get(self.next)
            .or(self.tokens.last())
            .map_or(0, |token| token.at)
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn advance(&mut self) -> Tok {
        let token = self.peek().clone();
        if self.next < self.tokens.len() {
            self.next += 1;
        }
        token
    }

    /// Takes the sign if it is the next token.
    pub(crate) fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Tok::Sign(next) if *next == sign);
        if found {
            self.next += 1;
        }
        found
    }

    pub(crate) fn expect(&mut self, sign: &str) -> Result<(), Fault> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{sign}`")))
        }
    }

    pub(crate) fn end(&self) -> Result<(), Fault> {
        if matches!(self.peek(), Tok::End) {
            return Ok(());
        }
        Err(self.unexpected("the end of the tag"))
    }

    pub(crate) fn unexpected(&self, expected: &str) -> Fault {
        let fault = Fault::new(
            self.at(),
            format!("unexpected {}, expected {expected}", self.peek().shown()),
        );
        if matches!(self.peek(), Tok::Sign("=>")) {
            return fault.hint("an arrow function begins with a name, or with names in brackets");
        }
        fault
    }

    /// An expression with `? :`, which binds weakest, or an arrow function.
    pub(crate) fn expression(&mut self) -> Result<Expr, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::new(self.at(), "the expression is nested too deep"));
        }
        if let Some(arrow) = self.arrow()? {
            self.depth -= 1;
            return Ok(arrow);
        }
        let mut value = self.strength(0)?;
        while self.take("?") {
            let at = value.at;
            let kind = if self.take(":") {
                Kind::Elvis(Box::new(value), Box::new(self.expression()?))
            } else {
                let then = self.expression()?;
                let otherwise = if self.take(":") {
                    Some(Box::new(self.expression()?))
                } else {
                    None
                };
                Kind::Choice(Box::new(value), Box::new(then), otherwise)
            };
            value = Expr::new(at, kind);
            self.not_too_tall(&value)?;
        }
        self.depth -= 1;
        Ok(value)
    }

    /// An expression whose operators bind at least as strongly as `least`.
    fn strength(&mut self, least: u16) -> Result<Expr, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::new(self.at(), "the expression is nested too deep"));
        }
        let bracketed = matches!(self.peek(), Tok::Sign("("));
        let mut left = self.prefixed()?;
        while let Tok::Sign(sign) = self.peek()
            && let Some((operator, strength, rightwards)) = infix(sign)
            && strength >= least
        {
            self.advance();
            let at = left.at;
            let next = if rightwards { strength } else { strength + 1 };
            left = match operator {
                Infix::Is => self.test(left)?,
                Infix::IsNot => Expr::new(at, Kind::Not(Box::new(self.test(left)?))),
                Infix::Both(operator) => {
                    let arrow = match operator {
                        Binary::HasSome | Binary::HasEvery => self.arrow()?,
                        _ => None,
                    };
                    let right = match arrow {
                        Some(arrow) => arrow,
                        None => self.strength(next)?,
                    };
                    if operator == Binary::Power && !bracketed {
                        left = power(left, right);
                        self.not_too_tall(&left)?;
                        continue;
                    }
                    Expr::new(at, Kind::Binary(operator, Box::new(left), Box::new(right)))
                }
                Infix::Concat => {
                    let right = self.strength(next)?;
                    let mut parts = match left.kind {
                        Kind::Concat(parts) => parts,
                        _ => vec![left],
                    };
                    parts.push(right);
                    Expr::new(at, Kind::Concat(parts))
                }
                Infix::And => {
                    let right = self.strength(next)?;
                    Expr::new(at, Kind::And(Box::new(left), Box::new(right)))
                }
                Infix::Or => {
                    let right = self.strength(next)?;
                    Expr::new(at, Kind::Or(Box::new(left), Box::new(right)))
                }
                Infix::Coalesce => {
                    let right = self.strength(next)?;
                    Expr::new(at, Kind::Coalesce(Box::new(left), Box::new(right)))
                }
            };
            self.not_too_tall(&left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// Refuses a tree that later walks over it could not take.
    pub(super) fn not_too_tall(&self, value: &Expr) -> Result<(), Fault> {
        if value.depth > TALLEST {
            return Err(Fault::new(value.at, "the expression is too long")
                .hint("give a part of it a name with `set`"));
        }
        Ok(())
    }

    fn prefixed(&mut self) -> Result<Expr, Fault> {
        let at = self.at();
        if self.take("not") {
            let value = self.strength(NOT)?;
            let negated = Expr::new(at, Kind::Not(Box::new(value)));
            return self.postfix(negated);
        }
        if self.take("-") {
            let value = self.strength(MINUS)?;
            return self.postfix(Expr::new(at, Kind::Negative(Box::new(value))));
        }
        if self.take("+") {
            let value = self.strength(MINUS)?;
            return self.postfix(Expr::new(at, Kind::Positive(Box::new(value))));
        }
        self.primary()
    }
}
