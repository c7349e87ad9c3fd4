//! The routes of the control plane, and the role that each asks for. A route that does not stand here does not exist.

use std::sync::Arc;

use axum::routing::{MethodRouter, delete, get, post, put};
use shared::v1::auth::Role::{self, Admin, Editor, Viewer};

use super::{
    cancel, dead_letters, endpoints, runs, scripts, settings, start, tokens, trials, workflows,
};
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
    let mut rows = of_workflows();
    rows.extend(of_runs());
    rows.extend(of_settings());
    rows.extend(of_tokens());
    rows
}

fn row(
    method: &'static str,
    path: &'static str,
    role: Role,
    handler: MethodRouter<Arc<Platform>>,
) -> Row {
    Row {
        method,
        path,
        role,
        handler,
    }
}

fn of_workflows() -> Vec<Row> {
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
        row("POST", "/workflows/{id}/runs", Editor, post(start::start)),
        row(
            "POST",
            "/workflows/{id}/test-run",
            Editor,
            post(trials::test),
        ),
        row("GET", "/dynamic-endpoints", Viewer, get(endpoints::list)),
        row(
            "POST",
            "/dynamic-endpoints/{id}/token",
            Editor,
            post(endpoints::sign),
        ),
    ]
}

fn of_runs() -> Vec<Row> {
    vec![
        row("GET", "/runs", Viewer, get(runs::list)),
        row("GET", "/runs/live", Viewer, get(runs::follow)),
        row("GET", "/runs/{id}", Viewer, get(runs::read)),
        row("POST", "/runs/{id}/replay", Editor, post(trials::replay)),
        row("POST", "/runs/{id}/cancel", Editor, post(cancel::cancel)),
        row("GET", "/dead-letters", Viewer, get(dead_letters::list)),
        row(
            "GET",
            "/dead-letters/{run_id}",
            Editor,
            get(dead_letters::read),
        ),
        row(
            "POST",
            "/dead-letters/{run_id}/retry",
            Editor,
            post(dead_letters::retry),
        ),
        row(
            "DELETE",
            "/dead-letters/{run_id}",
            Editor,
            delete(dead_letters::remove),
        ),
    ]
}

fn of_settings() -> Vec<Row> {
    vec![
        row("GET", "/secrets", Viewer, get(settings::list_secrets)),
        row("PUT", "/secrets/{name}", Editor, put(settings::put_secret)),
        row(
            "DELETE",
            "/secrets/{name}",
            Editor,
            delete(settings::delete_secret),
        ),
        row("GET", "/variables", Viewer, get(settings::list_variables)),
        row(
            "GET",
            "/variables/{name}",
            Viewer,
            get(settings::read_variable),
        ),
        row(
            "PUT",
            "/variables/{name}",
            Editor,
            put(settings::put_variable),
        ),
        row(
            "DELETE",
            "/variables/{name}",
            Editor,
            delete(settings::delete_variable),
        ),
    ]
}

fn of_tokens() -> Vec<Row> {
    vec![
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
                "editor POST /workflows/{id}/runs",
                "editor POST /workflows/{id}/test-run",
                "viewer GET /dynamic-endpoints",
                "editor POST /dynamic-endpoints/{id}/token",
                "viewer GET /runs",
                "viewer GET /runs/live",
                "viewer GET /runs/{id}",
                "editor POST /runs/{id}/replay",
                "editor POST /runs/{id}/cancel",
                "viewer GET /dead-letters",
                "editor GET /dead-letters/{run_id}",
                "editor POST /dead-letters/{run_id}/retry",
                "editor DELETE /dead-letters/{run_id}",
                "viewer GET /secrets",
                "editor PUT /secrets/{name}",
                "editor DELETE /secrets/{name}",
                "viewer GET /variables",
                "viewer GET /variables/{name}",
                "editor PUT /variables/{name}",
                "editor DELETE /variables/{name}",
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
