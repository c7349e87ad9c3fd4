//! The tree of a script.

/// An expression and where it begins in the author's text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    pub(crate) at: usize,
    pub(crate) kind: Kind,
    /// How many expressions stand inside each other here.
    pub(crate) depth: usize,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Name(String),
    List(Vec<Expr>),
    /// Keys are expressions: a bare word is the text of that word.
    Map(Vec<(Expr, Expr)>),
    /// `object.name`.
    Attr(Box<Expr>, String),
    /// `object[key]`.
    Item(Box<Expr>, Box<Expr>),
    /// `value[start:length]`.
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Positive(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// Any number of values, one text after the other.
    Concat(Vec<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `if ? then : otherwise`; without `otherwise` it is empty text.
    Choice(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    /// `value ?: otherwise`.
    Elvis(Box<Expr>, Box<Expr>),
    /// `value ?? otherwise`.
    Coalesce(Box<Expr>, Box<Expr>),
    Filter(Box<Expr>, Named, Vec<Arg>),
    Call(Named, Vec<Arg>),
    /// `v => expression`: a function, there only to be the argument of a filter or an operator that calls it.
    Arrow(Vec<Named>, Box<Expr>),
    Test(Box<Expr>, Named, Vec<Arg>),
}

/// The name of a filter, function or test, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    pub(crate) at: usize,
    pub(crate) name: String,
}

/// An argument, with its name where the author gave one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arg {
    pub(crate) name: Option<Named>,
    pub(crate) value: Expr,
}

/// Operators with two operands that are both evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
    Range,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Spaceship,
    In,
    NotIn,
    Matches,
    StartsWith,
    EndsWith,
    HasSome,
    HasEvery,
    BitAnd,
    BitOr,
    BitXor,
    Xor,
}

/// A piece of a script.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Text {
        at: usize,
        text: String,
    },
    Print(Expr),
    If {
        branches: Vec<(Expr, Vec<Node>)>,
        otherwise: Vec<Node>,
    },
    For(Box<For>),
    /// `{% set a, b = 1, 2 %}`.
    Set {
        names: Vec<Named>,
        values: Vec<Expr>,
    },
    /// `{% set a %}…{% endset %}`.
    Capture {
        name: Named,
        body: Vec<Node>,
    },
    /// `{% apply filters %}…{% endapply %}`: the filters stand around [`APPLIED`].
    Apply {
        filters: Expr,
        body: Vec<Node>,
    },
    Autoescape {
        strategy: Strategy,
        body: Vec<Node>,
    },
    Do(Expr),
}

/// The name under which an `apply` body reaches its filters.
pub(crate) const APPLIED: &str = "__applied";

/// A loop.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct For {
    pub(crate) key: Option<Named>,
    pub(crate) value: Named,
    pub(crate) over: Expr,
    pub(crate) body: Vec<Node>,
    pub(crate) otherwise: Vec<Node>,
}

impl For {
    /// The names that the loop itself gives values to.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Named> {
        self.key.iter().chain([&self.value])
    }
}

/// What an `autoescape` tag asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Strategy {
    Off,
    Html,
    /// Another strategy of the `escape` filter.
    Other(String),
}

impl Expr {
    pub(crate) fn new(at: usize, kind: Kind) -> Self {
        let depth = 1 + kind.deepest_part();
        Self { at, kind, depth }
    }

    /// Whether it is a literal, a name or a path of these, which never fail.
    pub(crate) fn is_plain(&self) -> bool {
        match &self.kind {
            Kind::Null
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Text(_)
            | Kind::Name(_) => true,
            Kind::Attr(object, _) => object.is_plain(),
            _ => false,
        }
    }

    /// The path as the author wrote it, where the expression is one: `__data.items[0]`; a computed key shows as `[…]`.
    pub(crate) fn path(&self) -> Option<String> {
        match &self.kind {
            Kind::Name(name) => Some(name.clone()),
            Kind::Attr(object, name) => Some(format!("{}.{name}", object.path()?)),
            Kind::Item(object, key) => {
                let object = object.path()?;
                Some(match &key.kind {
                    Kind::Int(index) => format!("{object}.{index}"),
                    Kind::Text(key) if is_word(key) => format!("{object}.{key}"),
                    Kind::Text(key) => format!("{object}['{key}']"),
                    _ => format!("{object}[…]"),
                })
            }
            _ => None,
        }
    }
}

impl Kind {
    fn deepest_part(&self) -> usize {
        let of_args = |args: &[Arg]| {
            args.iter()
                .map(|arg| arg.value.depth)
                .max()
                .unwrap_or_default()
        };
        let of_list = |values: &[Expr]| {
            values
                .iter()
                .map(|value| value.depth)
                .max()
                .unwrap_or_default()
        };
        let of_optional = |value: &Option<Box<Expr>>| value.as_ref().map_or(0, |value| value.depth);
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Name(_) => 0,
            Self::List(values) | Self::Concat(values) => of_list(values),
            Self::Map(members) => members
                .iter()
                .map(|(key, value)| key.depth.max(value.depth))
                .max()
                .unwrap_or_default(),
            Self::Attr(inner, _)
            | Self::Not(inner)
            | Self::Negative(inner)
            | Self::Positive(inner)
            | Self::Arrow(_, inner) => inner.depth,
            Self::Item(left, right)
            | Self::Binary(_, left, right)
            | Self::And(left, right)
            | Self::Or(left, right)
            | Self::Elvis(left, right)
            | Self::Coalesce(left, right) => left.depth.max(right.depth),
            Self::Slice(inner, start, length) => {
                inner.depth.max(of_optional(start)).max(of_optional(length))
            }
            Self::Choice(condition, then, otherwise) => {
                condition.depth.max(then.depth).max(of_optional(otherwise))
            }
            Self::Filter(inner, _, args) | Self::Test(inner, _, args) => {
                inner.depth.max(of_args(args))
            }
            Self::Call(_, args) => of_args(args),
        }
    }
}

/// Whether a key can be written after a dot.
pub(crate) fn is_word(text: &str) -> bool {
    let mut letters = text.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}
