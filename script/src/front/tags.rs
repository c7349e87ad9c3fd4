//! The tags of the language, and what to say about those that it does not have.

use super::ast::{APPLIED, Expr, Kind, Strategy};
use super::expr::Reader;
use super::place::Fault;
use super::token::{Tok, Token};
use crate::lang::nearest;

/// The tags that open something or stand alone.
const TAGS: [&str; 7] = ["if", "for", "set", "do", "apply", "autoescape", "verbatim"];

/// Tags of the wider family that the language leaves out on purpose, with what to do instead.
const LEFT_OUT: [(&[&str], &str); 4] = [
    (
        &[
            "extends", "block", "endblock", "parent", "use", "embed", "endembed",
        ],
        "a script stands alone: there is no inheritance",
    ),
    (
        &["include", "import", "from"],
        "a script stands alone: it cannot reach another one",
    ),
    (
        &["macro", "endmacro"],
        "there are no macros; repeat with `for`",
    ),
    (
        &[
            "sandbox",
            "endsandbox",
            "with",
            "endwith",
            "flush",
            "cache",
            "endcache",
            "deprecated",
            "guard",
            "types",
            "spaceless",
            "endspaceless",
            "filter",
            "endfilter",
        ],
        "leave it out",
    ),
];

/// Whether a tag ends or continues the body of another.
pub(super) fn ends_a_body(name: &str) -> bool {
    matches!(
        name,
        "else"
            | "elseif"
            | "endif"
            | "endfor"
            | "endset"
            | "endapply"
            | "endautoescape"
            | "endverbatim"
    )
}

/// The fault of a tag that the language does not have.
pub(super) fn unknown(at: usize, name: &str) -> Fault {
    for (names, why) in LEFT_OUT {
        if names.contains(&name) {
            return Fault::new(at, format!("the language has no tag `{name}`")).hint(why);
        }
    }
    let fault = Fault::new(at, format!("unknown tag `{name}`"));
    if name == "elif" {
        return fault.hint("did you mean `elseif`?");
    }
    match nearest(name, TAGS.iter().copied()) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault,
    }
}

/// The filters of an `apply` tag, around the name of its body.
pub(super) fn applied_filters(mut tokens: Vec<Token>) -> Result<Expr, Fault> {
    let at = tokens.first().map_or(0, |token| token.at);
    let head = [
        Token {
            at,
            kind: Tok::Name(APPLIED.to_owned()),
        },
        Token {
            at,
            kind: Tok::Sign("|"),
        },
    ];
    tokens.splice(0..0, head);
    super::expr::read(tokens)
}

/// What an `autoescape` tag asks for.
pub(super) fn strategy(tokens: Vec<Token>) -> Result<Strategy, Fault> {
    let mut reader = Reader::new(tokens);
    if matches!(reader.peek(), Tok::End) {
        return Ok(Strategy::Html);
    }
    let at = reader.at();
    let strategy = match reader.expression()?.kind {
        Kind::Bool(true) => Strategy::Html,
        Kind::Bool(false) => Strategy::Off,
        Kind::Text(name) => match name.as_str() {
            "html" => Strategy::Html,
            "js" | "css" | "url" | "html_attr" => Strategy::Other(name),
            _ => return Err(Fault::new(at, format!("unknown escaping `{name}`"))),
        },
        _ => {
            return Err(Fault::new(
                at,
                "`autoescape` takes the name of an escaping or `false`",
            ));
        }
    };
    reader.end()?;
    Ok(strategy)
}
