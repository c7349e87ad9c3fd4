//! What can go wrong with the database.

use sqlx::Error;

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is taken.
    #[error("the name is taken")]
    Taken,
    /// The database is away or held by another. What was asked for was not done, or is not known to be done.
    #[error("the database does not answer")]
    Unavailable(#[source] Error),
    /// The database refused.
    #[error("the database refused a statement")]
    Refused(#[source] Error),
    /// A stored value is not what this release writes.
    #[error("the database holds a {0} that cannot be read")]
    Unreadable(&'static str),
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::Database(cause) if cause.is_unique_violation() => Self::Taken,
            Error::Database(cause) if is_busy(cause.code().as_deref()) => Self::Unavailable(error),
            Error::PoolTimedOut | Error::PoolClosed | Error::Io(_) | Error::Tls(_) => {
                Self::Unavailable(error)
            }
            _ => Self::Refused(error),
        }
    }
}

/// Whether a database's error code says that it cannot serve right now, in which case the same statement may succeed
/// later.
///
/// SQLite: `SQLITE_BUSY` (5) and `SQLITE_LOCKED` (6), in the low byte of an extended code. PostgreSQL: class 08
/// (connection), class 57P (operator intervention), 40001 and 40P01 (the transaction lost against another) and 53300
/// (too many connections).
pub(super) fn is_busy(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    if code.len() == 5 {
        return code.starts_with("08")
            || code.starts_with("57P")
            || matches!(code, "40001" | "40P01" | "53300");
    }
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6))
}

#[cfg(test)]
mod tests {
    use super::is_busy;

    #[test]
    fn a_database_that_cannot_serve_now_is_told_from_one_that_refuses() {
        for code in [
            "5", "6", "261", "517", "08006", "57P01", "40001", "40P01", "53300",
        ] {
            assert!(is_busy(Some(code)), "{code}");
        }
        for code in ["1", "19", "2067", "23505", "42P01", "28P01"] {
            assert!(!is_busy(Some(code)), "{code}");
        }
        assert!(!is_busy(None));
    }
}
