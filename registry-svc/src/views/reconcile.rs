//! Finding and mending what differs between the buckets and the database.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bus::kv::{Bucket, Change};
use sha2::{Digest, Sha256};
use shared::ids::{EndpointId, SettingId};
use shared::subjects::{endpoint_key, setting_key};
use shared::v1::settings::SettingKind;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::live::{Live, LiveError};
use super::resolve::{Resolved, resolve};
use super::settings::packed;
use crate::store::{Publication, Store};

const EVERY: Duration = Duration::from_secs(60);

/// How long reading a whole bucket may take before the pass is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many publications are read at once. Their documents come along, a megabyte each at worst.
const PAGE: u32 = 32;

/// Compares the buckets with the database, and mends what differs.
pub struct Reconciler<S> {
    live: Live<S>,
    /// The state of both sides in which nothing differed.
    equal_at: Option<Marks>,
}

/// What changes whenever one of the sides does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Marks {
    database: u64,
    routes: u64,
    credentials: u64,
    documents: u64,
    settings: u64,
    secrets: u64,
    variables: u64,
}

/// What the buckets hold: a digest of each value, and each document's key with whether a publication needs it.
struct Held {
    routes: HashMap<String, [u8; 32]>,
    credentials: HashMap<String, [u8; 32]>,
    documents: HashMap<String, bool>,
}

impl<S: Store> Reconciler<S> {
    /// A reconciler that knows nothing yet.
    #[must_use]
    pub fn new(live: Live<S>) -> Self {
        Self {
            live,
            equal_at: None,
        }
    }

    /// One pass; how many endpoints were mended. It costs seven short questions where neither side has changed since
    /// they were found equal.
    ///
    /// # Errors
    /// [`LiveError`]; what was mended by then stays mended.
    pub async fn pass(&mut self) -> Result<usize, LiveError> {
        let marks = self.marks().await?;
        if self.equal_at == Some(marks) {
            return Ok(0);
        }
        // The buckets are read first. A put follows its commit, so what a bucket held by then is in the database, or
        // something newer is.
        let mut held = self.held().await?;
        let mut mended = 0;
        let mut after = None;
        loop {
            let page = self.live.store.live(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.workflow);
            let mut differing = Vec::new();
            for publication in &page {
                let resolved = match &publication.live {
                    Some(views) => Some(resolve(&self.live.store, views).await?),
                    None => None,
                };
                if held.take(publication, resolved.as_ref()) {
                    differing.push(publication.workflow);
                }
            }
            mended += differing.len();
            self.live.apply_all(differing).await?;
        }
        self.forget(held.unneeded()).await?;
        mended += self.remove(held.left()).await?;
        for kind in [SettingKind::Secret, SettingKind::Variable] {
            mended += self.settings(kind).await?;
        }
        self.equal_at = (mended == 0).then_some(marks);
        if mended > 0 {
            metrics::counter!("earshot_registry_mended_endpoints_total").increment(mended as u64);
            tracing::info!(mended, "the buckets were brought in line with the database");
        }
        Ok(mended)
    }

    async fn marks(&self) -> Result<Marks, LiveError> {
        Ok(Marks {
            database: self.live.store.changes().await?,
            routes: self.live.routes.last_revision().await?,
            credentials: self.live.credentials.last_revision().await?,
            documents: self.live.documents.last_revision().await?,
            settings: self.live.store.setting_changes().await?,
            secrets: self.live.secrets.last_revision().await?,
            variables: self.live.variables.last_revision().await?,
        })
    }

    async fn held(&self) -> Result<Held, LiveError> {
        Ok(Held {
            routes: digests(&self.live.routes).await,
            credentials: digests(&self.live.credentials).await,
            documents: self
                .live
                .documents
                .keys()
                .await?
                .into_iter()
                .map(|key| (key, false))
                .collect(),
        })
    }

    /// Takes away the documents of versions that are not published any more. A run of one that is under way still gets
    /// it, from the database.
    async fn forget(&self, documents: Vec<String>) -> Result<(), LiveError> {
        for key in &documents {
            self.live.documents.forget(key).await?;
        }
        if !documents.is_empty() {
            let count = documents.len();
            tracing::info!(count, "documents of former versions left their bucket");
        }
        Ok(())
    }

    /// Brings secrets or variables in line; how many were not.
    async fn settings(&self, kind: SettingKind) -> Result<usize, LiveError> {
        let mut held = digests(self.live.bucket_of(kind)).await;
        let mut differing: Vec<SettingId> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .live
                .store
                .settings(kind, after.as_deref(), PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.name.clone());
            for setting in &page {
                let value = held.remove(&setting_key(setting.id));
                if value != Some(digest(&packed(kind, setting)?)) {
                    differing.push(setting.id);
                }
            }
        }
        let count = differing.len() + held.len();
        for id in differing {
            self.live.apply_setting(kind, id).await?;
        }
        for key in held.into_keys() {
            match key.parse() {
                Ok(id) => self.live.apply_setting(kind, id).await?,
                Err(_) => self.live.bucket_of(kind).delete(&key).await?,
            };
        }
        Ok(count)
    }

    /// Takes off what the database does not show as published; how many those were.
    async fn remove(&self, keys: HashSet<String>) -> Result<usize, LiveError> {
        let count = keys.len();
        for key in keys {
            let owner = match key.parse::<EndpointId>() {
                Ok(endpoint) => self.live.store.owner(endpoint).await?,
                Err(_) => None,
            };
            if let Some(workflow) = owner {
                let turn = self.live.turn(workflow).await?;
                self.live.apply(&turn).await?;
            } else {
                self.live.remove(&key).await?;
            }
        }
        Ok(count)
    }
}

impl Held {
    /// Takes a publication's views out; whether they differ from what is held.
    fn take(&mut self, publication: &Publication, resolved: Option<&Resolved>) -> bool {
        let key = endpoint_key(publication.endpoint);
        let (route, credentials) = (self.routes.remove(&key), self.credentials.remove(&key));
        let (Some(views), Some(resolved)) = (&publication.live, resolved) else {
            return true;
        };
        let document = self.documents.get_mut(&views.content_hash.to_string());
        let missing = document.is_none();
        if let Some(needed) = document {
            *needed = true;
        }
        missing
            || route != resolved.route.as_deref().map(digest)
            || credentials != resolved.credentials.as_deref().map(digest)
    }

    /// The documents that no publication has asked for.
    fn unneeded(&self) -> Vec<String> {
        let unneeded = self.documents.iter().filter(|(_, needed)| !**needed);
        unneeded.map(|(key, _)| key.clone()).collect()
    }

    /// The keys of what no publication has taken out.
    fn left(self) -> HashSet<String> {
        self.routes
            .into_keys()
            .chain(self.credentials.into_keys())
            .collect()
    }
}

/// A digest of every value of a bucket. Never ends while NATS is away, so it is called within a time limit.
async fn digests(bucket: &Bucket) -> HashMap<String, [u8; 32]> {
    let mut found = HashMap::new();
    let mut follower = bucket.follow();
    loop {
        match follower.next().await {
            Change::Reset => found.clear(),
            Change::Put { key, value, .. } => {
                found.insert(key, digest(&value));
            }
            Change::Deleted { key, .. } => {
                found.remove(&key);
            }
            Change::Loaded => return found,
        }
    }
}

fn digest(value: &[u8]) -> [u8; 32] {
    Sha256::digest(value).into()
}

/// Reconciles once a minute, and at once when told that something is amiss, until `stop`.
pub async fn run<S: Store>(mut reconciler: Reconciler<S>, stop: CancellationToken) {
    let amiss = reconciler.live.amiss.clone();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = amiss.notified() => {}
            () = sleep(EVERY) => {}
        }
        let pass = async {
            match timeout(PATIENCE, reconciler.pass()).await {
                Ok(Ok(_)) => return,
                Ok(Err(error)) => tracing::warn!(%error, "reconciling failed"),
                Err(_) => tracing::warn!("reconciling took too long"),
            }
            // What was amiss still is.
            sleep(Duration::from_secs(1)).await;
            amiss.notify_one();
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = pass => {}
        }
    }
}
