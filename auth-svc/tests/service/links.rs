use shared::ids::RunId;
use shared::v1::auth::{CheckReplyLink, ReplyRight, SignReplyLink};
use uuid::Uuid;

use crate::desk::{Desk, endpoint, instance};

#[tokio::test]
async fn any_instance_with_the_same_key_takes_a_reply_link_and_none_takes_a_changed_one() {
    let desk = Desk::before_registry().await;
    let _second = instance(&desk.nats).await;
    let run_id = RunId(Uuid::now_v7());
    let expires_at = ops::clock::now_ms() / 1000 + 60;
    let right = ReplyRight {
        run_id,
        endpoint_id: endpoint(1),
    };
    for _ in 0..20 {
        let link = SignReplyLink {
            run_id,
            endpoint_id: endpoint(1),
            expires_at,
        };
        let token = desk.ask(link).await.unwrap().token;
        let changed = format!("{token}A");
        assert_eq!(
            desk.ask(CheckReplyLink { token }).await.unwrap(),
            Some(right.clone())
        );
        assert_eq!(
            desk.ask(CheckReplyLink { token: changed }).await.unwrap(),
            None
        );
    }
}
