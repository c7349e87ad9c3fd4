//! Pages: their size, and the cursor where the next one begins.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use shared::ids::WorkflowId;
use shared::v1::reply::Failure;
use uuid::Uuid;

use super::refusal::{check_text, invalid};

/// The most entries of one page.
const MOST: u32 = 200;

/// The page's size, which must be 1 to 200.
pub(super) fn limit(limit: u32) -> Result<u32, Failure> {
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(invalid(format!("limit is {limit}; it must be 1 to {MOST}")))
}

/// A filter, as the database can look for it.
pub(super) fn filter(what: &str, text: Option<String>) -> Result<Option<String>, Failure> {
    text.map(|text| check_text(what, &text, 200).map(|()| text))
        .transpose()
}

/// Where a page begins: behind this name and id. The cursor's inside is nobody's business but this file's.
pub(super) fn after(cursor: Option<&str>) -> Result<Option<(String, WorkflowId)>, Failure> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let read = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (id, name) = bytes.split_first_chunk::<16>()?;
        let name = std::str::from_utf8(name).ok()?;
        check_text("cursor", name, 63).ok()?;
        Some((name.to_owned(), WorkflowId(Uuid::from_bytes(*id))))
    };
    let read = read().ok_or_else(|| {
        invalid("the cursor is none that a listing gave; begin again without a cursor")
    })?;
    Ok(Some(read))
}

/// Takes off what was fetched beyond the page, to learn that there is more; and the cursor of the next page, if so.
pub(super) fn cut<T>(
    mut found: Vec<T>,
    limit: u32,
    place: impl Fn(&T) -> (&String, WorkflowId),
) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let cursor = found.last().filter(|_| more).map(|last| {
        let (name, id) = place(last);
        let bytes: Vec<u8> =
            id.0.as_bytes()
                .iter()
                .copied()
                .chain(name.bytes())
                .collect();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    });
    (found, cursor)
}

#[cfg(test)]
mod tests {
    use shared::codes::Code;

    use super::*;

    #[test]
    fn a_cursor_leads_behind_the_last_entry_of_its_page() {
        let id = WorkflowId(Uuid::from_u128(7));
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let (page, cursor) = cut(names.clone(), 2, |name| (name, id));
        assert_eq!(page, ["a", "b"]);
        assert_eq!(
            after(cursor.as_deref()).unwrap(),
            Some(("b".to_owned(), id))
        );
        assert_eq!(cut(names.clone(), 3, |name| (name, id)), (names, None));
        assert_eq!(after(None).unwrap(), None);
    }

    #[test]
    fn a_limit_out_of_bounds_and_a_made_up_cursor_are_refused() {
        assert_eq!((limit(1).unwrap(), limit(200).unwrap()), (1, 200));
        for wrong in [0, 201, u32::MAX] {
            assert_eq!(limit(wrong).unwrap_err().code, Code::InvalidRequest);
        }
        let nul = BASE64_URL_SAFE_NO_PAD.encode([0; 17]);
        for cursor in ["", "x", "!!!!", "AAAA", &nul] {
            assert_eq!(
                after(Some(cursor)).unwrap_err().code,
                Code::InvalidRequest,
                "{cursor}"
            );
        }
    }
}
