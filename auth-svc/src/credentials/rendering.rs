//! Rendering the script of a key or a secret, without any request data.

use std::sync::Arc;

use jiff::Timestamp;
use script::{Bounds, Scope, Scripts, ScriptsBuilder, Target, Value};
use seal::{OpenError, PrivateKey};
use shared::v1::settings::SettingKind;
use shared::v1::views::Sealed;
use zeroize::Zeroizing;

use super::values::Values;

/// Why a sealed script yields no text. Never shows a part of the script, since that is the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What was sealed is no text.
    #[error("it is not text in UTF-8")]
    NotText,
    /// It does not compile.
    #[error("the script does not compile: line {line}, column {column}")]
    Compile {
        /// From 1.
        line: u32,
        /// From 1, in characters.
        column: u32,
    },
    /// It names a secret or variable that is not there.
    #[error("there is no {} `{name}`", kind.as_str())]
    Missing {
        /// What it would be.
        kind: SettingKind,
        /// Its name, which is no secret.
        name: String,
    },
    /// It fails when it runs.
    #[error("the script fails when it runs")]
    Run,
}

impl Fault {
    /// How to mend it.
    pub(crate) fn mend(&self) -> &'static str {
        match self {
            Self::Open(OpenError::OtherKey { .. }) => {
                "give every instance of auth-svc the private key that it was sealed to, or save the workflow with a \
                 new endpoint_key and endpoint_secret and publish it, and set the secrets that they use anew"
            }
            Self::Open(OpenError::Damaged) | Self::NotText => {
                "save the workflow with it anew and publish it"
            }
            Self::Compile { .. } => {
                "correct the script; where `{{`, `{%` or `{#` are part of the value itself, choose another value"
            }
            Self::Missing { .. } => {
                "set it under this name, or save the workflow with the name of one that is there"
            }
            Self::Run => "use nothing but secrets, variables and what stands in the script itself",
        }
    }
}

/// A script with the text that it renders to. The text is wiped from memory when it is dropped.
pub(crate) struct Rendering {
    scripts: Scripts,
    script: script::ScriptId,
    values: Arc<Values>,
    text: Zeroizing<String>,
}

impl Rendering {
    /// Opens what was sealed for `setting` and renders it with these values.
    pub(crate) fn open(
        key: &PrivateKey,
        setting: &str,
        sealed: &Sealed,
        values: Arc<Values>,
    ) -> Result<Self, Fault> {
        let source = seal::open(key, setting, sealed)?;
        let source = str::from_utf8(source.expose()).map_err(|_| Fault::NotText)?;
        let mut scripts = ScriptsBuilder::new();
        let script = scripts
            .add(source, Target::Text)
            .map_err(|error| Fault::Compile {
                line: error.line,
                column: error.column,
            })?;
        let scripts = scripts.build();
        if let Some(missing) = values.missing(&scripts.settings(script)) {
            return Err(missing);
        }
        // Time and seed are fixed, so that every instance renders the same text.
        let text = render(&scripts, script, &values, Timestamp::UNIX_EPOCH, 0)?;
        Ok(Self {
            scripts,
            script,
            values,
            text,
        })
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is no text, or only white space.
    pub(crate) fn is_nothing(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether the script asks for request data, which is never there.
    pub(crate) fn reads_request(&self) -> bool {
        !self.scripts.reads(self.script).is_empty()
    }

    /// Whether the script uses a name that nothing defines.
    pub(crate) fn uses_unknown_names(&self) -> bool {
        !self.scripts.top_level_names(self.script).is_empty()
    }

    /// Whether the name of a variable is computed: then nobody knows when another value is another text.
    pub(crate) fn computes_names(&self) -> bool {
        self.scripts.settings(self.script).any_variable
    }

    /// Whether the text depends on the time or on chance.
    pub(crate) fn varies(&self) -> bool {
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(86_400 * 400 + 3_661);
        render(&self.scripts, self.script, &self.values, later, 1).as_ref() != Ok(&self.text)
    }
}

fn render(
    scripts: &Scripts,
    id: script::ScriptId,
    values: &Values,
    now: Timestamp,
    seed: u64,
) -> Result<Zeroizing<String>, Fault> {
    let nothing = Value::from_pairs([] as [(&str, Value); 0]);
    let scope = values.within(Scope::new(nothing, now, seed));
    // What failed may quote the script, so it is not passed on.
    let rendered = scripts
        .render(id, &scope, &Bounds::default())
        .map_err(|_| Fault::Run)?;
    Ok(Zeroizing::new(rendered.text))
}
