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
            Error::Database(cause) if is_away(cause.code().as_deref()) => Self::Unavailable(error),
            Error::PoolTimedOut | Error::PoolClosed | Error::Io(_) | Error::Tls(_) => {
                Self::Unavailable(error)
            }
            _ => Self::Refused(error),
        }
    }
}

impl StoreError {
    /// Whether it lies in the values that were to be stored: the same statement with others may succeed, and with these
    /// never does.
    #[must_use]
    pub fn is_of_the_data(&self) -> bool {
        match self {
            Self::Taken | Self::Unreadable(_) => true,
            Self::Refused(Error::Database(cause)) => is_of_the_data(cause.code().as_deref()),
            Self::Refused(error) => matches!(
                error,
                Error::Encode(_) | Error::Decode(_) | Error::ColumnDecode { .. }
            ),
            Self::Unavailable(_) => false,
        }
    }
}

/// A database's error code.
enum Code<'a> {
    /// The low byte of an extended code.
    Sqlite(u8),
    /// Five letters, the first two of which are its class.
    Postgres(&'a str),
}

impl<'a> Code<'a> {
    fn read(code: Option<&'a str>) -> Option<Self> {
        let code = code?;
        if code.len() == 5 {
            return Some(Self::Postgres(code));
        }
        let [low, ..] = code.parse::<u32>().ok()?.to_le_bytes();
        Some(Self::Sqlite(low))
    }
}

/// Whether a database's error code says that another holds it or that it is not up right now, in which case the same
/// statement may succeed later.
///
/// SQLite: `SQLITE_BUSY` (5) and `SQLITE_LOCKED` (6), in the low byte of an extended code. PostgreSQL: class 08
/// (connection), class 57P (operator intervention), 40001 and 40P01 (the transaction lost against another) and 53300
/// (too many connections).
pub(super) fn is_busy(code: Option<&str>) -> bool {
    match Code::read(code) {
        Some(Code::Sqlite(code)) => matches!(code, 5 | 6),
        Some(Code::Postgres(code)) => {
            code.starts_with("08")
                || code.starts_with("57P")
                || matches!(code, "40001" | "40P01" | "53300")
        }
        None => false,
    }
}

/// Whether a database's error code says that it cannot serve until it is tended to, or is busy.
///
/// SQLite: `SQLITE_NOMEM` (7), `SQLITE_READONLY` (8), `SQLITE_IOERR` (10), `SQLITE_FULL` (13), `SQLITE_CANTOPEN` (14).
/// PostgreSQL: classes 25 (read-only, as a standby is), 53 (no disk, no memory), 55 (not in a state for it), 57
/// (cancelled by an operator) and 58 (system).
fn is_away(code: Option<&str>) -> bool {
    is_busy(code)
        || match Code::read(code) {
            Some(Code::Sqlite(code)) => matches!(code, 7 | 8 | 10 | 13 | 14),
            Some(Code::Postgres(code)) => {
                matches!(code.get(..2), Some("25" | "53" | "55" | "57" | "58"))
            }
            None => false,
        }
}

/// SQLite: `SQLITE_TOOBIG` (18), `SQLITE_CONSTRAINT` (19), `SQLITE_MISMATCH` (20). PostgreSQL: classes 22 (data), 23
/// (constraints) and 54 (larger than it can hold).
fn is_of_the_data(code: Option<&str>) -> bool {
    match Code::read(code) {
        Some(Code::Sqlite(code)) => matches!(code, 18..=20),
        Some(Code::Postgres(code)) => matches!(code.get(..2), Some("22" | "23" | "54")),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_away, is_busy, is_of_the_data};

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

    #[test]
    fn a_database_that_must_be_tended_to_is_away_and_refuses_no_data() {
        for code in [
            "5", "8", "1032", "10", "778", "13", "14", "25006", "53100", "53200", "55000", "57014",
            "58030", "08006",
        ] {
            assert!(is_away(Some(code)), "{code}");
            assert!(!is_of_the_data(Some(code)), "{code}");
        }
        for code in ["18", "19", "2067", "20", "22021", "22P05", "23514", "54000"] {
            assert!(!is_away(Some(code)), "{code}");
            assert!(is_of_the_data(Some(code)), "{code}");
        }
        // Neither: what is stored must be looked at.
        for code in ["1", "11", "42P01", "28P01", "XX001"] {
            assert!(!is_away(Some(code)), "{code}");
            assert!(!is_of_the_data(Some(code)), "{code}");
        }
        assert!(!is_away(None) && !is_of_the_data(None));
    }
}
