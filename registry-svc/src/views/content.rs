//! The address of a version's content.

use sha2::{Digest, Sha256};
use shared::ids::ContentHash;
use shared::v1::views::DocumentView;

/// The SHA-256 of a document's compact JSON text and of the revision of its credentials.
///
/// The text is that of the stored draft: without white space, and with its fields in the author's order, since the
/// order of headers, query parameters and form fields means something. The revision comes after a byte that stands in
/// no JSON text, so that no document can pass for another with credentials.
#[must_use]
pub fn content_hash(document: &str, credentials: Option<ContentHash>) -> ContentHash {
    let mut hash = Sha256::new();
    hash.update(document);
    if let Some(revision) = credentials {
        hash.update([0]);
        hash.update(revision.0);
    }
    ContentHash(hash.finalize().into())
}

/// What runners need.
#[must_use]
pub fn document_view(content_hash: ContentHash, document: String) -> DocumentView {
    DocumentView {
        content_hash,
        document,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_and_credentials_both_make_another_content() {
        let revision = Some(ContentHash([1; 32]));
        let hashes = [
            content_hash("{}", None),
            content_hash("{} ", None),
            content_hash("{}", revision),
            content_hash("{}", Some(ContentHash([2; 32]))),
        ];
        for (at, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..at].contains(hash), "{at}");
        }
        assert_eq!(content_hash("{}", revision), hashes[2]);
    }
}
