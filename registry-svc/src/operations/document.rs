//! The document of a version.

use shared::v1::registry::GetDocument;
use shared::v1::reply::Failure;
use shared::v1::views::DocumentView;

use super::refusal;
use crate::store::Store;
use crate::views::document_view;

/// The document of a version, published or not, of a deleted workflow as well: a run that was accepted is carried out.
///
/// # Errors
/// Only those of the database.
pub async fn document<S: Store>(
    store: &S,
    message: GetDocument,
) -> Result<Option<DocumentView>, Failure> {
    let document = store
        .document(message.content_hash)
        .await
        .map_err(refusal::store)?;
    Ok(document.map(|document| document_view(message.content_hash, document)))
}
