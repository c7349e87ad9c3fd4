//! Which operation answers which request.

use std::time::Duration;

use bus::Bus;
use bus::dead_letters::DeadLetters;
use bus::router::Router;
use ops::clock::now_ms;
use shared::v1::dead_letters::{DropDeadLetter, GetDeadLetter, ListDeadLetters, RetryDeadLetter};
use shared::v1::letters::CancelRun;
use shared::v1::registry::{
    AllTokens, CreateWorkflow, DeleteWorkflow, DropToken, FindTarget, FindToken, GetDocument,
    GetWorkflow, ListEndpoints, ListWorkflows, Publish, PutToken, ResolveWorkflow, Unpublish,
    UpdateWorkflow,
};
use shared::v1::run_log::{GetRun, ListRuns};
use shared::v1::settings::{DeleteSetting, FindSecrets, GetSetting, ListSettings, PutSetting};
use shared::v1::trials::{ReplayRun, TestRun};

use crate::operations;
use crate::store::Store;
use crate::views::Live;

/// How long a question to JetStream may take.
const BUS_PATIENCE: Duration = Duration::from_secs(4);

/// A router over a store.
pub(crate) fn router<S: Store>(bus: &Bus, store: &S, live: &Live<S>) -> Router {
    let router = Router::new(bus.clone(), now_ms);
    let router = reading(router, store);
    let router = tokens(router, store);
    let router = dead_letters(router, bus);
    let router = settings(router, store, live);
    let router = run_log(router, store);
    let router = trials(router, bus, store);
    let router = cancelling(router, bus, store);
    changing(router, bus, store, live)
}

fn reading<S: Store>(router: Router, store: &S) -> Router {
    let (get, list, endpoints, document) =
        (store.clone(), store.clone(), store.clone(), store.clone());
    let (resolve, target) = (store.clone(), store.clone());
    router
        .on(move |_, message: GetWorkflow| {
            let store = get.clone();
            async move { operations::get(&store, message).await }
        })
        .on(move |_, message: ListWorkflows| {
            let store = list.clone();
            async move { operations::list(&store, message).await }
        })
        .on(move |_, message: ListEndpoints| {
            let store = endpoints.clone();
            async move { operations::endpoints(&store, message).await }
        })
        .on(move |_, message: ResolveWorkflow| {
            let store = resolve.clone();
            async move { operations::resolve(&store, message).await }
        })
        .on(move |_, message: FindTarget| {
            let store = target.clone();
            async move { operations::target(&store, message).await }
        })
        .on(move |_, message: GetDocument| {
            let store = document.clone();
            async move { operations::document(&store, message).await }
        })
}

fn run_log<S: Store>(router: Router, store: &S) -> Router {
    let (list, get) = (store.clone(), store.clone());
    router
        .on(move |_, message: ListRuns| {
            let store = list.clone();
            async move { operations::list_runs(&store, message).await }
        })
        .on(move |_, message: GetRun| {
            let store = get.clone();
            async move { operations::get_run(&store, message).await }
        })
}

fn trials<S: Store>(router: Router, bus: &Bus, store: &S) -> Router {
    let replay = (store.clone(), bus.clone());
    let test = replay.clone();
    router
        .on(move |context, message: ReplayRun| {
            let (store, bus) = replay.clone();
            async move { operations::replay_run(&store, &bus, context, now_ms(), message).await }
        })
        .on(move |context, message: TestRun| {
            let (store, bus) = test.clone();
            async move { operations::test_run(&store, &bus, context, now_ms(), message).await }
        })
}

fn cancelling<S: Store>(router: Router, bus: &Bus, store: &S) -> Router {
    let letters = DeadLetters::new(bus.clone(), BUS_PATIENCE);
    let cancel = (store.clone(), bus.clone(), letters);
    router.on(move |_, message: CancelRun| {
        let (store, bus, letters) = cancel.clone();
        async move { operations::cancel_run(&store, &bus, &letters, message).await }
    })
}

fn tokens<S: Store>(router: Router, store: &S) -> Router {
    let (put, find, all, drop) = (store.clone(), store.clone(), store.clone(), store.clone());
    router
        .on(move |_, message: PutToken| {
            let store = put.clone();
            async move { operations::put_token(&store, message).await }
        })
        .on(move |_, message: FindToken| {
            let store = find.clone();
            async move { operations::find_token(&store, message).await }
        })
        .on(move |_, message: AllTokens| {
            let store = all.clone();
            async move { operations::all_tokens(&store, message).await }
        })
        .on(move |_, message: DropToken| {
            let store = drop.clone();
            async move { operations::drop_token(&store, now_ms(), message).await }
        })
}

fn dead_letters(router: Router, bus: &Bus) -> Router {
    let letters = DeadLetters::new(bus.clone(), BUS_PATIENCE);
    let (list, get) = (letters.clone(), letters.clone());
    let retry = letters.clone();
    let drop = (bus.clone(), letters);
    router
        .on(move |_, message: ListDeadLetters| {
            let letters = list.clone();
            async move { operations::list_dead_letters(&letters, message).await }
        })
        .on(move |_, message: GetDeadLetter| {
            let letters = get.clone();
            async move { operations::get_dead_letter(&letters, message).await }
        })
        .on(move |_, message: RetryDeadLetter| {
            let letters = retry.clone();
            async move { operations::retry_dead_letter(&letters, message).await }
        })
        .on(move |_, message: DropDeadLetter| {
            let (bus, letters) = drop.clone();
            async move { operations::drop_dead_letter(&bus, &letters, message).await }
        })
}

fn settings<S: Store>(router: Router, store: &S, live: &Live<S>) -> Router {
    let (get, list, find) = (store.clone(), store.clone(), store.clone());
    let put = (store.clone(), live.clone());
    let delete = put.clone();
    router
        .on(move |_, message: GetSetting| {
            let store = get.clone();
            async move { operations::settings::get(&store, message).await }
        })
        .on(move |_, message: ListSettings| {
            let store = list.clone();
            async move { operations::settings::list(&store, message).await }
        })
        .on(move |_, message: FindSecrets| {
            let store = find.clone();
            async move { operations::settings::find_secrets(&store, message).await }
        })
        .on(move |_, message: PutSetting| {
            let (store, live) = put.clone();
            async move { operations::settings::put(&store, &live, now_ms(), message).await }
        })
        .on(move |_, message: DeleteSetting| {
            let (store, live) = delete.clone();
            async move { operations::settings::delete(&store, &live, message).await }
        })
}

fn changing<S: Store>(router: Router, bus: &Bus, store: &S, live: &Live<S>) -> Router {
    let create = store.clone();
    let update = (store.clone(), live.clone());
    let (delete, unpublish) = (update.clone(), update.clone());
    let publish = (store.clone(), live.clone(), bus.clone());
    router
        .on(move |_, message: CreateWorkflow| {
            let store = create.clone();
            async move { operations::create(&store, now_ms(), message).await }
        })
        .on(move |_, message: UpdateWorkflow| {
            let (store, live) = update.clone();
            async move { operations::update(&store, &live, now_ms(), message).await }
        })
        .on(move |_, message: DeleteWorkflow| {
            let (store, live) = delete.clone();
            async move { operations::delete(&store, &live, now_ms(), message).await }
        })
        .on(move |context, message: Publish| {
            let (store, live, bus) = publish.clone();
            async move {
                operations::publish(&store, &live, &bus, context, now_ms(), message).await
            }
        })
        .on(move |_, message: Unpublish| {
            let (store, live) = unpublish.clone();
            async move { operations::unpublish(&store, &live, message).await }
        })
}
