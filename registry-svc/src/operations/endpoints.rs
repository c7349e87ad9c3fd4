//! Listing published endpoints.

use shared::frame;
use shared::v1::registry::{ListEndpoints, Page, PublishedEndpoint};
use shared::v1::reply::Failure;
use shared::v1::views::RouteView;

use super::{page, refusal};
use crate::store::{EndpointFilter, ListedEndpoint, Store, WorkflowFilter};

/// Published endpoints in the order of their workflows' names, 1 to 200 at a time. What is told of each is its
/// published version, whatever its draft says by now, save for name and category. Never a key or a secret.
///
/// # Errors
/// `invalid_request` (a limit out of bounds, a cursor that is none).
pub async fn endpoints<S: Store>(
    store: &S,
    message: ListEndpoints,
) -> Result<Page<PublishedEndpoint>, Failure> {
    let limit = page::limit(message.limit)?;
    let filter = EndpointFilter {
        workflows: WorkflowFilter {
            name: page::filter("name", message.name)?,
            category: page::filter("category", message.category)?,
            after: page::after(message.cursor.as_deref())?,
            limit: limit + 1,
        },
        return_type: message.return_type,
        authentication: message.authentication,
    };
    let found = store.endpoints(&filter).await.map_err(refusal::store)?;
    let (found, next_cursor) = page::cut(found, limit, |last| (&last.name, last.workflow));
    let items = found.into_iter().map(told).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor })
}

fn told(listed: ListedEndpoint) -> Result<PublishedEndpoint, Failure> {
    let route: RouteView = frame::unpack(&listed.route).map_err(refusal::pack)?;
    Ok(PublishedEndpoint {
        id: route.endpoint_id,
        workflow_id: listed.workflow,
        name: listed.name,
        category: listed.category,
        path: route.hashes.path(),
        methods: route.methods,
        return_type: route.return_type,
        run_mode: route.run_mode,
        authentication: route.credentials.is_some(),
        cors: route.cors.is_some(),
        version: listed.version,
    })
}
