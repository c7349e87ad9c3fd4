//! The same on PostgreSQL.

use testkit::postgres::Server;
use testkit::stack::{Database, Stack};

use super::platform::{call, text};
use super::{core, paging};

#[tokio::test]
async fn a_workflow_lives_on_postgresql_and_through_a_restart() {
    let database = tokio::task::spawn_blocking(|| Server::shared().create_database());
    let database = Database::Postgres(database.await.unwrap());
    let stack = Stack::builder().database(database).start().await;
    core::a_workflow_lives(&stack).await;
    paging::pages_tell_every_workflow_once(&stack).await;
    let control = stack.control();
    let made = control
        .publish_new(&text("kept-on-postgresql", "kept"))
        .await;
    stack.registry().restart().await;
    let read = control.get(&format!("/workflows/{}", made.id)).await;
    assert_eq!(read.etag.as_deref(), Some(made.etag.as_str()));
    assert_eq!(read.body["published"]["number"], 1);
    assert_eq!(call(&made.url).await, (200, "kept".to_owned()));
}
