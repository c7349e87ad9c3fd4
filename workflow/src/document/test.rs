//! What a decision asks: one comparison, or groups of them.

use super::Operator;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The question of a `condition` or of one case of a `switch`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Test {
    /// One comparison.
    Compare(Compare),
    /// True when each of them is.
    All(Vec<Test>),
    /// True when one of them is.
    Any(Vec<Test>),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// The value on the left; strings in it are scripts. None means the `value` of the switch
    /// that the comparison belongs to, and occurs only there.
    pub left: Option<Value>,
    /// How the two are compared.
    pub operator: Operator,
    /// The value on the right; strings in it are scripts. None for unary operators.
    pub right: Option<Value>,
    /// Whether text compares without regard to case.
    pub ignore_case: bool,
}

impl Test {
    /// Every comparison within, in the order of the document.
    #[must_use]
    pub fn comparisons(&self) -> Vec<&Compare> {
        match self {
            Self::Compare(compare) => vec![compare],
            Self::All(tests) | Self::Any(tests) => {
                tests.iter().flat_map(Self::comparisons).collect()
            }
        }
    }
}

/// The fields as they stand side by side in a document.
#[derive(Clone, Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all: Option<Vec<Test>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    any: Option<Vec<Test>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<Operator>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    right: Option<Value>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ignore_case: bool,
}

impl TryFrom<Written> for Test {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match (written.all, written.any, written.operator) {
            (Some(tests), None, None) => Ok(Self::All(tests)),
            (None, Some(tests), None) => Ok(Self::Any(tests)),
            (None, None, Some(operator)) => Ok(Self::Compare(Compare {
                left: written.left,
                operator,
                right: written.right,
                ignore_case: written.ignore_case,
            })),
            _ => Err("expected exactly one of `operator`, `all` and `any`"),
        }
    }
}

impl From<Test> for Written {
    fn from(test: Test) -> Self {
        let mut written = Self {
            all: None,
            any: None,
            left: None,
            operator: None,
            right: None,
            ignore_case: false,
        };
        match test {
            Test::All(tests) => written.all = Some(tests),
            Test::Any(tests) => written.any = Some(tests),
            Test::Compare(compare) => {
                written.left = compare.left;
                written.operator = Some(compare.operator);
                written.right = compare.right;
                written.ignore_case = compare.ignore_case;
            }
        }
        written
    }
}
