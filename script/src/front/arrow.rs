//! Reads arrow functions: `v => expression`, `(v, k) => expression`.

use super::ast::{Expr, Kind, Named};
use super::block::target;
use super::expr::Reader;
use super::place::Fault;
use super::primary::is_name;
use super::token::Tok;

impl Reader {
    /// An arrow function, where one begins here. Its expression reaches as far as an expression can.
    pub(super) fn arrow(&mut self) -> Result<Option<Expr>, Fault> {
        if !self.is_arrow() {
            return Ok(None);
        }
        let at = self.at();
        let mut names: Vec<Named> = Vec::new();
        let bracketed = self.take("(");
        loop {
            let name = target(self)?;
            if names.iter().any(|known| known.name == name.name) {
                return Err(Fault::new(
                    name.at,
                    format!("`{}` is twice a name of this arrow function", name.name),
                ));
            }
            names.push(name);
            if !(bracketed && self.take(",")) {
                break;
            }
        }
        if bracketed {
            self.expect(")")?;
        }
        self.expect("=>")?;
        let body = self.expression()?;
        let arrow = Expr::new(at, Kind::Arrow(names, Box::new(body)));
        self.not_too_tall(&arrow)?;
        Ok(Some(arrow))
    }

    /// Whether names and an arrow stand here.
    fn is_arrow(&self) -> bool {
        let name = |place: usize| match self.look(place) {
            Tok::Name(_) => true,
            Tok::Sign(word) => is_name(word),
            _ => false,
        };
        let sign = |place: usize, sign: &str| matches!(self.look(place), Tok::Sign(found) if *found == sign);
        if !sign(0, "(") {
            return name(0) && sign(1, "=>");
        }
        let mut place = 1;
        while name(place) && sign(place + 1, ",") {
            place += 2;
        }
        name(place) && sign(place + 1, ")") && sign(place + 2, "=>")
    }
}
