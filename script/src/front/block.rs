//! Builds the tree of a script from its parts.

use super::ast::{For, Named, Node};
use super::cut::Cut;
use super::expr::{self, Reader};
use super::place::Fault;
use super::tags;
use super::token::{Tok, Token};

/// How deep tags may stand inside each other.
const DEEPEST: usize = 40;

/// How many branches an `if` may have: the engine reads each inside the one before.
const MOST_BRANCHES: usize = 100;

/// Builds the tree.
pub(crate) fn read(parts: Vec<Cut>) -> Result<Vec<Node>, Fault> {
    let mut builder = Builder {
        parts: parts.into_iter(),
        depth: 0,
    };
    let (nodes, end) = builder.nodes()?;
    match end {
        None => Ok(nodes),
        Some(tag) => Err(tag.out_of_place()),
    }
}

struct Builder {
    parts: std::vec::IntoIter<Cut>,
    depth: usize,
}

/// A tag that ended a body.
struct End {
    at: usize,
    name: String,
    tokens: Vec<Token>,
}

impl End {
    fn out_of_place(&self) -> Fault {
        Fault::new(self.at, format!("`{}` closes nothing here", self.name))
    }
}

impl Builder {
    /// Nodes up to the next tag that does not open anything, or to the end.
    fn nodes(&mut self) -> Result<(Vec<Node>, Option<End>), Fault> {
        let mut nodes = Vec::new();
        while let Some(part) = self.parts.next() {
            match part {
                Cut::Text { at, text } => nodes.push(Node::Text { at, text }),
                Cut::Print { tokens, .. } => nodes.push(Node::Print(expr::read(tokens)?)),
                Cut::Tag { at, name, tokens } => {
                    if tags::ends_a_body(&name) {
                        return Ok((nodes, Some(End { at, name, tokens })));
                    }
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        return Err(Fault::new(at, "the tags are nested too deep"));
                    }
                    nodes.push(self.tag(at, &name, tokens)?);
                    self.depth -= 1;
                }
            }
        }
        Ok((nodes, None))
    }

    fn tag(&mut self, at: usize, name: &str, tokens: Vec<Token>) -> Result<Node, Fault> {
        match name {
            "if" => self.choice(at, tokens),
            "for" => self.repeat(at, tokens),
            "set" => self.set(at, tokens),
            "do" => Ok(Node::Do(expr::read(tokens)?)),
            "apply" => {
                let filters = tags::applied_filters(tokens)?;
                let body = self.body(at, name, "endapply")?;
                Ok(Node::Apply { filters, body })
            }
            "autoescape" => {
                let strategy = tags::strategy(tokens)?;
                let body = self.body(at, name, "endautoescape")?;
                Ok(Node::Autoescape { strategy, body })
            }
            _ => Err(tags::unknown(at, name)),
        }
    }

    /// A body that only `closing` may end.
    fn body(&mut self, at: usize, opening: &str, closing: &str) -> Result<Vec<Node>, Fault> {
        let (body, end) = self.nodes()?;
        let end = self.closed(at, opening, closing, end)?;
        if end.name != closing {
            return Err(unexpected_end(&end, closing));
        }
        only_name(&end)?;
        Ok(body)
    }

    fn closed(
        &self,
        at: usize,
        opening: &str,
        closing: &str,
        end: Option<End>,
    ) -> Result<End, Fault> {
        end.ok_or_else(|| {
            Fault::new(
                at,
                format!("`{opening}` is never closed, expected `{{% {closing} %}}`"),
            )
        })
    }

    fn choice(&mut self, at: usize, tokens: Vec<Token>) -> Result<Node, Fault> {
        let mut branches = Vec::new();
        let mut condition = expr::read(tokens)?;
        loop {
            let (body, end) = self.nodes()?;
            let end = self.closed(at, "if", "endif", end)?;
            branches.push((condition, body));
            if branches.len() > MOST_BRANCHES {
                return Err(Fault::new(at, "this `if` has too many branches"));
            }
            match end.name.as_str() {
                "elseif" => condition = expr::read(end.tokens)?,
                "else" => {
                    only_name(&end)?;
                    let otherwise = self.body(at, "if", "endif")?;
                    return Ok(Node::If {
                        branches,
                        otherwise,
                    });
                }
                "endif" => {
                    only_name(&end)?;
                    return Ok(Node::If {
                        branches,
                        otherwise: Vec::new(),
                    });
                }
                _ => return Err(unexpected_end(&end, "endif")),
            }
        }
    }

    fn repeat(&mut self, at: usize, tokens: Vec<Token>) -> Result<Node, Fault> {
        let mut reader = Reader::new(tokens);
        let first = target(&mut reader)?;
        let second = if reader.take(",") {
            Some(target(&mut reader)?)
        } else {
            None
        };
        reader.expect("in")?;
        let over = reader.expression()?;
        if matches!(reader.peek(), Tok::Name(word) if word == "if") {
            return Err(
                Fault::new(reader.at(), "a `for` has no condition of its own")
                    .hint("put an `{% if %}` into its body"),
            );
        }
        reader.end()?;
        let (body, end) = self.nodes()?;
        let end = self.closed(at, "for", "endfor", end)?;
        only_name(&end)?;
        let otherwise = match end.name.as_str() {
            "endfor" => Vec::new(),
            "else" => self.body(at, "for", "endfor")?,
            _ => return Err(unexpected_end(&end, "endfor")),
        };
        let (key, value) = match second {
            Some(value) => (Some(first), value),
            None => (None, first),
        };
        Ok(Node::For(Box::new(For {
            key,
            value,
            over,
            body,
            otherwise,
        })))
    }

    fn set(&mut self, at: usize, tokens: Vec<Token>) -> Result<Node, Fault> {
        let mut reader = Reader::new(tokens);
        let mut names = vec![target(&mut reader)?];
        while reader.take(",") {
            names.push(target(&mut reader)?);
        }
        if reader.take("=") {
            let mut values = vec![reader.expression()?];
            while reader.take(",") {
                values.push(reader.expression()?);
            }
            reader.end()?;
            if names.len() != values.len() {
                return Err(Fault::new(
                    at,
                    format!(
                        "`set` has {} names and {} values",
                        names.len(),
                        values.len()
                    ),
                ));
            }
            return Ok(Node::Set { names, values });
        }
        reader.end()?;
        let body = self.body(at, "set", "endset")?;
        let mut names = names.into_iter();
        match (names.next(), names.next()) {
            (Some(name), None) => Ok(Node::Capture { name, body }),
            _ => Err(Fault::new(at, "`set` with a body takes one name")),
        }
    }
}

/// A name that a tag or an arrow function may give a value to.
pub(super) fn target(reader: &mut Reader) -> Result<Named, Fault> {
    let name = reader.given_name()?;
    if matches!(
        name.name.to_ascii_lowercase().as_str(),
        "true" | "false" | "none" | "null" | "loop"
    ) || name.name.starts_with("__")
    {
        return Err(Fault::new(
            name.at,
            format!("`{}` cannot be given a value", name.name),
        ));
    }
    Ok(name)
}

fn only_name(end: &End) -> Result<(), Fault> {
    Reader::new(end.tokens.clone()).end()
}

fn unexpected_end(end: &End, expected: &str) -> Fault {
    Fault::new(
        end.at,
        format!("unexpected `{}`, expected `{expected}`", end.name),
    )
}
