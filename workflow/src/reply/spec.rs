//! A reply as its author wrote it, compiled.

use script::{BodyMode, CompileError, EvalError, ScriptId, ScriptsBuilder, Target};
use shared::v1::views::{ReplyTemplate, ReturnType as RouteReturnType};
use thiserror::Error;

use super::Reply;
use super::detect::{self, content_type, runs_scripts};
use super::headers::{HeaderBytes, HeaderNote, HeadersTooLarge, check_header};
use super::redirect::{RedirectRefused, check_redirect};
use crate::document::{self, ReturnType};
use crate::template::Evaluator;

/// A compiled `data`, `html` or `redirect` reply.
#[derive(Debug)]
pub struct ReplySpec {
    kind: Kind,
    script: ScriptId,
    status: u16,
    headers: Vec<(String, ScriptId)>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// With whether the author printed a value `raw`.
    Data {
        trusted: bool,
    },
    Html,
    Redirect,
}

/// A reply that was made, with what the run log should say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The reply.
    pub reply: Reply,
    /// Headers that did not pass as they were.
    pub notes: Vec<HeaderNote>,
}

/// A reply that could not be made.
#[derive(Debug, Error)]
pub enum ReplyError {
    /// A script of it failed.
    #[error(transparent)]
    Script(#[from] EvalError),
    /// It would lead where no redirect may lead.
    #[error(transparent)]
    Redirect(#[from] RedirectRefused),
    /// Its headers are longer than anybody would take.
    #[error(transparent)]
    Headers(#[from] HeadersTooLarge),
}

impl ReplySpec {
    /// Compiles the reply of a listener or of a `respond` step. None for `continue` and `sse`, which
    /// have none of their own, and where the script is missing.
    ///
    /// # Errors
    /// When a script of it does not compile.
    pub fn compile(
        reply: &document::Reply,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Option<Self>, CompileError> {
        let Some(script) = reply.script() else {
            return Ok(None);
        };
        let target = match reply.return_type {
            ReturnType::Data => Target::Body,
            ReturnType::Html => Target::Html,
            ReturnType::Redirect => Target::Url,
            ReturnType::Continue | ReturnType::Sse => return Ok(None),
        };
        Self::build(
            target,
            script,
            reply.status(),
            reply.return_headers.iter(),
            scripts,
        )
        .map(Some)
    }

    /// The status that the reply has.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Compiles the reply that a gateway makes itself for an asynchronous endpoint. None for
    /// `continue` and `sse`.
    ///
    /// # Errors
    /// When a script of it does not compile.
    pub fn from_template(
        return_type: RouteReturnType,
        template: &ReplyTemplate,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Option<Self>, CompileError> {
        let target = match return_type {
            RouteReturnType::Data => Target::Body,
            RouteReturnType::Html => Target::Html,
            RouteReturnType::Redirect => Target::Url,
            RouteReturnType::Continue | RouteReturnType::Sse => return Ok(None),
        };
        let headers = template
            .headers
            .iter()
            .map(|(name, script)| (name.as_str(), script.as_str()));
        Self::build(target, &template.script, template.status, headers, scripts).map(Some)
    }

    fn build<'a>(
        target: Target,
        script: &str,
        status: u16,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        let kind = match target {
            Target::Html => Kind::Html,
            Target::Url => Kind::Redirect,
            _ => Kind::Data {
                trusted: prints_raw(script),
            },
        };
        let script = scripts.add(script, target)?;
        let headers = headers.map(|(name, value)| {
            let value = scripts.add(value, Target::Header)?;
            Ok((name.to_owned(), value))
        });
        let headers = headers.collect::<Result<_, CompileError>>()?;
        Ok(Self {
            kind,
            script,
            status,
            headers,
        })
    }

    /// Makes the reply.
    ///
    /// # Errors
    /// When a script fails, a redirect leads where none may lead, or the headers are too long.
    pub fn make(&self, evaluator: &mut Evaluator<'_>) -> Result<Made, ReplyError> {
        let text = evaluator.render(self.script)?;
        let mut headers = Vec::new();
        let body = match self.kind {
            Kind::Data { trusted } => {
                let mode = evaluator.scripts().mode(self.script);
                let content_type = content_type(mode, &text);
                headers.push(("content-type".to_owned(), content_type.to_owned()));
                headers.push(("x-content-type-options".to_owned(), "nosniff".to_owned()));
                // Nothing of it is the author's own: a caller may have chosen the whole page.
                if mode == BodyMode::Dynamic && !trusted && runs_scripts(content_type) {
                    headers.push(("content-security-policy".to_owned(), "sandbox".to_owned()));
                }
                text
            }
            Kind::Html => {
                headers.push(("content-type".to_owned(), detect::HTML.to_owned()));
                text
            }
            Kind::Redirect => {
                headers.push(("location".to_owned(), check_redirect(&text)?));
                String::new()
            }
        };
        let mut bytes = HeaderBytes::default();
        for (name, value) in &headers {
            bytes.take(name, value)?;
        }
        let notes = self.add_headers(&mut headers, &mut bytes, evaluator)?;
        let mut reply = Reply {
            status: self.status,
            headers,
            body: body.into_bytes(),
        };
        if matches!(reply.status, 204 | 205 | 304) {
            reply.body.clear();
            reply.headers.retain(|(name, _)| name != "content-type");
        }
        Ok(Made { reply, notes })
    }

    /// Adds the author's headers; one of a name that is there already takes its place, except for
    /// the target of a redirect.
    fn add_headers(
        &self,
        headers: &mut Vec<(String, String)>,
        bytes: &mut HeaderBytes,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<Vec<HeaderNote>, ReplyError> {
        let mut notes = Vec::new();
        for (name, script) in &self.headers {
            let value = evaluator.render(*script)?;
            let (header, note) = check_header(name, &value);
            notes.extend(note);
            let Some((name, value)) = header else {
                continue;
            };
            bytes.take(&name, &value)?;
            match headers.iter_mut().find(|(there, _)| *there == name) {
                Some(_) if name == "location" => notes.push(HeaderNote::Dropped(name)),
                Some((_, there)) => *there = value,
                None => headers.push((name, value)),
            }
        }
        Ok(notes)
    }
}

/// Whether a script prints a value with the filter `raw`.
fn prints_raw(script: &str) -> bool {
    let word = |next: char| next.is_alphanumeric() || next == '_';
    let filters = script.split('|').skip(1);
    filters
        .filter_map(|filter| filter.trim_start().strip_prefix("raw"))
        .any(|rest| !rest.starts_with(word))
}
