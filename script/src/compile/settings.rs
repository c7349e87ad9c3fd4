//! Which secrets, variables and steps a script names.

use std::collections::BTreeSet;

use crate::front::ast::{Expr, Kind, Named};
use crate::front::place::Fault;

/// The names that stand in a script, in the order of the alphabet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingNames {
    /// The secrets. They are all: `secret` takes nothing but a name that is written out.
    pub secrets: BTreeSet<String>,
    /// The variables whose names are written out.
    pub variables: BTreeSet<String>,
    /// Whether a variable's name is computed, so that it may be any.
    pub any_variable: bool,
    /// The steps whose resume URLs it asks for. They are all: `callbackUrl` takes nothing but an id that is written out.
    pub callbacks: BTreeSet<String>,
    /// Whether it asks what is outside, such as shared memory.
    pub asks: bool,
}

impl SettingNames {
    /// Takes those of another script in.
    pub fn extend(&mut self, other: &Self) {
        self.secrets.extend(other.secrets.iter().cloned());
        self.variables.extend(other.variables.iter().cloned());
        self.any_variable |= other.any_variable;
        self.callbacks.extend(other.callbacks.iter().cloned());
        self.asks |= other.asks;
    }

    /// Notes what a call of a function names.
    pub(super) fn note(
        &mut self,
        function: &str,
        called: &Named,
        name: Option<&Expr>,
    ) -> Result<(), Fault> {
        let written = match name.map(|name| &name.kind) {
            Some(Kind::Text(text)) => Some(text.clone()),
            _ => None,
        };
        match (function, written) {
            ("secret", Some(name)) => {
                self.secrets.insert(name);
            }
            ("secret", None) => {
                let at = name.map_or(called.at, |name| name.at);
                let message = "`secret` takes a name that is written out: a caller must never \
                               choose which secret is read";
                return Err(Fault::new(at, message)
                    .hint("write the name itself, in quotes: secret(\"NAME\")"));
            }
            ("variable", Some(name)) => {
                self.variables.insert(name);
            }
            ("variable", None) => self.any_variable = true,
            ("callbackUrl", Some(step)) => {
                self.callbacks.insert(step);
                self.asks = true;
            }
            ("callbackUrl", None) => {
                let at = name.map_or(called.at, |name| name.at);
                let message = "`callbackUrl` takes the id of a step that is written out";
                return Err(Fault::new(at, message)
                    .hint("write the id itself, in quotes: callbackUrl(\"step_id\")"));
            }
            ("memoryGet" | "incrementAndGet", _) => self.asks = true,
            _ => {}
        }
        Ok(())
    }
}
