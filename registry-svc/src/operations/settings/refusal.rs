//! Failures that several operations on secrets and variables share.

use shared::codes::Code;
use shared::v1::reply::Failure;
use shared::v1::settings::{SettingKind, is_setting_name};

use crate::operations::precondition::IfMatch;
use crate::operations::refusal::invalid;
use crate::store::Wanted;

/// Refuses a text that can name nothing.
pub(super) fn check_name(name: &str) -> Result<(), Failure> {
    if is_setting_name(name) {
        return Ok(());
    }
    Err(invalid(
        "a name has 1 to 64 of the characters A-Z, a-z, 0-9 and _, and does not begin with a digit",
    ))
}

/// What the author wants to find.
pub(super) fn wanted(if_match: Option<&str>) -> Result<Wanted, Failure> {
    let Some(text) = if_match else {
        return Ok(Wanted::Whatever);
    };
    Ok(match IfMatch::parse(text)? {
        IfMatch::Any => Wanted::Some,
        IfMatch::Revision(revision) => Wanted::Revision(revision),
        // No revision is ever as high.
        IfMatch::Never => Wanted::Revision(u64::MAX),
    })
}

pub(super) fn missing(kind: SettingKind) -> Failure {
    Failure::new(
        Code::NotFound,
        format!("there is no such {}", kind.as_str()),
    )
}

pub(super) fn other(kind: SettingKind) -> Failure {
    let word = kind.as_str();
    Failure::new(
        Code::PreconditionFailed,
        format!(
            "the {word} is not the one that If-Match names; read it again and repeat the change"
        ),
    )
}
