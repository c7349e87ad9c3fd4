//! What is sent back: shared by the listener and the `respond` step.

use super::{Pairs, ReturnType};
use serde::{Deserialize, Serialize};

/// A reply as an author writes it. Of the three scripts exactly the one that the type needs is
/// there in a checked document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// What kind of reply; a `respond` step never says `continue` or `sse`.
    pub return_type: ReturnType,
    /// The body of a `data` reply, a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_data: Option<String>,
    /// The page of an `html` reply, a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_html: Option<String>,
    /// The target of a `redirect` reply, a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_redirect: Option<String>,
    /// The status as written; see [`Reply::status`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_status: Option<u16>,
    /// Header names with scripts.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub return_headers: Pairs,
}

impl Reply {
    /// The script that the type needs; none for `continue` and `sse`.
    #[must_use]
    pub fn script(&self) -> Option<&str> {
        match self.return_type {
            ReturnType::Data => self.return_data.as_deref(),
            ReturnType::Html => self.return_html.as_deref(),
            ReturnType::Redirect => self.return_redirect.as_deref(),
            ReturnType::Continue | ReturnType::Sse => None,
        }
    }

    /// The status to send: as written, else 302 for a redirect and 200 for the rest.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.return_status.unwrap_or(match self.return_type {
            ReturnType::Redirect => 302,
            _ => 200,
        })
    }
}
