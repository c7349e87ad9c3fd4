//! The routes of the control plane, and the role that each asks for. A route that does not stand here does not exist.

use std::sync::Arc;

use axum::routing::{MethodRouter, delete, get, post, put};
use shared::v1::auth::Role;

use super::{endpoints, runs, scripts, tokens, workflows};
use crate::platform::Platform;

/// One route.
pub(super) struct Row {
    /// The method, as the test of the table reads it.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) method: &'static str,
    /// The path under `/api/v1`.
    pub(super) path: &'static str,
    /// The least role that may use it.
    pub(super) role: Role,
    /// What answers it.
    pub(super) handler: MethodRouter<Arc<Platform>>,
}

/// All of them.
pub(super) fn table() -> Vec<Row> {
    let row = |method, path, role, handler| Row {
        method,
        path,
        role,
        handler,
    };
    use Role::{Admin, Editor, Viewer};
    vec![
        row("GET", "/whoami", Viewer, get(tokens::whoami)),
        row(
            "POST",
            "/workflows/validate",
            Viewer,
            post(workflows::validate),
        ),
        row("POST", "/scripts/evaluate", Viewer, post(scripts::evaluate)),
        row("POST", "/workflows", Editor, post(workflows::create)),
        row("GET", "/workflows", Viewer, get(workflows::list)),
        row("GET", "/workflows/{id}", Viewer, get(workflows::read)),
        row("PUT", "/workflows/{id}", Editor, put(workflows::update)),
        row(
            "DELETE",
            "/workflows/{id}",
            Editor,
            delete(workflows::remove),
        ),
        row(
            "POST",
            "/workflows/{id}/publish",
            Editor,
            post(workflows::publish),
        ),
        row(
            "POST",
            "/workflows/{id}/unpublish",
            Editor,
            post(workflows::unpublish),
        ),
        row("GET", "/dynamic-endpoints", Viewer, get(endpoints::list)),
        row(
            "POST",
            "/dynamic-endpoints/{id}/token",
            Editor,
            post(endpoints::sign),
        ),
        row("GET", "/runs", Viewer, get(runs::list)),
        row("GET", "/runs/live", Viewer, get(runs::follow)),
        row("GET", "/runs/{id}", Viewer, get(runs::read)),
        row("POST", "/tokens", Admin, post(tokens::mint)),
        row("GET", "/tokens", Admin, get(tokens::list)),
        row("DELETE", "/tokens/{id}", Admin, delete(tokens::revoke)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_stands_in_the_matrix_of_roles() {
        let matrix: Vec<String> = table()
            .iter()
            .map(|row| format!("{} {} {}", row.role.as_str(), row.method, row.path))
            .collect();
        assert_eq!(
            matrix,
            [
                "viewer GET /whoami",
                "viewer POST /workflows/validate",
                "viewer POST /scripts/evaluate",
                "editor POST /workflows",
                "viewer GET /workflows",
                "viewer GET /workflows/{id}",
                "editor PUT /workflows/{id}",
                "editor DELETE /workflows/{id}",
                "editor POST /workflows/{id}/publish",
                "editor POST /workflows/{id}/unpublish",
                "viewer GET /dynamic-endpoints",
                "editor POST /dynamic-endpoints/{id}/token",
                "viewer GET /runs",
                "viewer GET /runs/live",
                "viewer GET /runs/{id}",
                "admin POST /tokens",
                "admin GET /tokens",
                "admin DELETE /tokens/{id}",
            ]
        );
    }

    #[test]
    fn a_viewer_changes_nothing() {
        let changing = table()
            .into_iter()
            .filter(|row| row.role == Role::Viewer && row.method != "GET");
        let paths: Vec<_> = changing.map(|row| row.path).collect();
        assert_eq!(
            paths,
            ["/workflows/validate", "/scripts/evaluate"],
            "neither stores anything"
        );
    }
}
