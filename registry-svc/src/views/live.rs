//! Bringing the buckets in line with the database.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use bus::kv::{Bucket, BucketError};
use futures_util::{TryStreamExt, stream};
use shared::frame::{self, FrameError};
use shared::ids::{EndpointId, WorkflowId};
use shared::subjects::{self, endpoint_key};
use shared::v1::settings::SettingKind;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::content::document_view;
use super::gateways::{Gateways, Reach};
use super::resolve::{Resolved, resolve};
use super::turns::{Turn, Turns};
use crate::schedules::Changed;
use crate::store::{Publication, Store, StoreError, Views};

/// How long an operation waits for its turn; shorter than the gateway waits for the operation.
const TURN_PATIENCE: Duration = Duration::from_secs(7);

/// How many endpoints are brought in line at once.
pub(super) const AT_ONCE: usize = 8;

/// Why what is live could not be brought in line.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bucket failed.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// Others change the workflow for so long that whoever asked has given up.
    #[error("the workflow is being changed by others")]
    Busy,
    /// A view cannot be packed.
    #[error(transparent)]
    Pack(#[from] FrameError),
}

/// What is live. Cheap to clone.
pub struct Live<S> {
    pub(super) store: S,
    pub(super) routes: Bucket,
    pub(super) credentials: Bucket,
    pub(super) documents: Bucket,
    pub(super) secrets: Bucket,
    pub(super) variables: Bucket,
    gateways: Gateways,
    turns: Arc<Turns>,
    pub(super) amiss: Arc<Notify>,
    changed: Changed,
}

impl<S: Clone> Clone for Live<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            routes: self.routes.clone(),
            credentials: self.credentials.clone(),
            documents: self.documents.clone(),
            secrets: self.secrets.clone(),
            variables: self.variables.clone(),
            gateways: self.gateways.clone(),
            turns: self.turns.clone(),
            amiss: self.amiss.clone(),
            changed: self.changed.clone(),
        }
    }
}

impl<S: Store> Live<S> {
    /// Opens the buckets, which must be there.
    ///
    /// # Errors
    /// [`BucketError`] where one cannot be opened.
    pub async fn open(bus: &Bus, store: S, gateways: Gateways) -> Result<Self, BucketError> {
        Ok(Self {
            store,
            routes: Bucket::open(bus, subjects::ROUTES_BUCKET).await?,
            credentials: Bucket::open(bus, subjects::CREDENTIALS_BUCKET).await?,
            documents: Bucket::open(bus, subjects::DOCUMENTS_BUCKET).await?,
            secrets: Bucket::open(bus, subjects::SECRETS_BUCKET).await?,
            variables: Bucket::open(bus, subjects::VARIABLES_BUCKET).await?,
            gateways,
            turns: Arc::new(Turns::new()),
            amiss: Arc::new(Notify::new()),
            changed: Changed::default(),
        })
    }

    /// Waits for the right to change a workflow, as long as whoever asked is still there.
    ///
    /// # Errors
    /// [`LiveError::Busy`]: what comes too late must not be carried out, since its asker was told otherwise.
    pub async fn turn_in_time(&self, workflow: WorkflowId) -> Result<Turn<'_>, LiveError> {
        let turn = timeout(TURN_PATIENCE, self.turn(workflow)).await;
        turn.unwrap_or(Err(LiveError::Busy))
    }

    /// Waits for the right to change a workflow.
    ///
    /// # Errors
    /// Never in practice; see [`Turns::take`].
    pub async fn turn(&self, workflow: WorkflowId) -> Result<Turn<'_>, LiveError> {
        let turn = self.turns.take(workflow).await;
        turn.ok_or(LiveError::Store(StoreError::Unreadable("workflow id")))
    }

    /// Makes live what the database says of the turn's workflow: puts the views of its published version, or takes the
    /// endpoint off. The revision of the routes bucket from which on gateways serve that.
    ///
    /// Another registry-svc may publish or unpublish the same workflow meanwhile, and its put may come before this one.
    /// So the database is read again after the put, until it still says what was put: whoever of the two is last
    /// leaves the buckets as the database is. What a crash in between leaves behind is found by the next reconciliation.
    ///
    /// # Errors
    /// [`LiveError`]. A reconciliation is then under way.
    pub async fn apply(&self, turn: &Turn<'_>) -> Result<u64, LiveError> {
        self.changed.tell(turn.workflow);
        let applied = self.try_apply(turn.workflow).await;
        if applied.is_err() {
            self.suspect();
        }
        applied
    }

    /// As [`Live::apply`], for several workflows, each in its turn.
    ///
    /// # Errors
    /// [`LiveError`] of the first that fails.
    pub(super) async fn apply_all(&self, workflows: Vec<WorkflowId>) -> Result<u64, LiveError> {
        let applied = stream::iter(workflows.into_iter().map(Ok)).map_ok(async |workflow| {
            let turn = self.turn(workflow).await?;
            self.apply(&turn).await
        });
        let newest = async |newest: u64, revision| Ok(newest.max(revision));
        applied
            .try_buffer_unordered(AT_ONCE)
            .try_fold(0, newest)
            .await
    }

    /// The bucket of secrets or variables.
    pub(super) const fn bucket_of(&self, kind: SettingKind) -> &Bucket {
        match kind {
            SettingKind::Secret => &self.secrets,
            SettingKind::Variable => &self.variables,
        }
    }

    /// Waits until every gateway serves the routes up to `revision`, a second at most.
    pub async fn reached(&self, revision: u64) {
        self.reached_both(revision, 0).await;
    }

    /// As [`Live::reached`], and until every gateway and runner reads the variables up to another revision.
    pub(super) async fn reached_both(&self, revision: u64, variables: u64) {
        let wanted = Reach {
            routes: revision,
            variables,
        };
        if !self.gateways.reached(wanted).await {
            metrics::counter!("earshot_registry_gateways_behind_total").increment(1);
            tracing::warn!(
                revision,
                variables,
                "not every gateway and runner has taken the change within a second"
            );
        }
    }

    /// The workflows whose schedules may have changed.
    pub(crate) fn changed(&self) -> Changed {
        self.changed.clone()
    }

    /// Has the buckets compared with the database soon.
    pub fn suspect(&self) {
        self.amiss.notify_one();
    }

    async fn try_apply(&self, workflow: WorkflowId) -> Result<u64, LiveError> {
        loop {
            let Some(publication) = self.store.publication(workflow).await? else {
                return Ok(0);
            };
            let (revision, settled) = match &publication.live {
                Some(views) => {
                    let resolved = resolve(&self.store, views).await?;
                    let revision = self.put(publication.endpoint, views, &resolved).await?;
                    // A secret or variable may have changed meanwhile.
                    let settled = views.access.given().is_none()
                        || resolve(&self.store, views).await? == resolved;
                    (revision, settled)
                }
                None => (self.take_off(&publication).await?, true),
            };
            if settled && self.store.serial(workflow).await? == Some(publication.serial) {
                return Ok(revision);
            }
        }
    }

    /// The route comes last: a request that follows it finds credentials and document in place.
    async fn put(
        &self,
        endpoint: EndpointId,
        views: &Views,
        resolved: &Resolved,
    ) -> Result<u64, LiveError> {
        let document = document_view(views.content_hash, views.document.clone());
        let key = views.content_hash.to_string();
        self.documents.put(&key, frame::pack(&document)?).await?;
        let key = endpoint_key(endpoint);
        let Some(route) = &resolved.route else {
            return self.without_route(&key).await;
        };
        if let Some(credentials) = &resolved.credentials {
            self.credentials
                .put(&key, credentials.clone().into())
                .await?;
        }
        let revision = self.routes.put(&key, route.clone().into()).await?;
        if resolved.credentials.is_none() {
            self.forget_credentials(&key, revision).await?;
        }
        Ok(revision)
    }

    /// Takes off the route of the listener that a former version had.
    async fn without_route(&self, key: &str) -> Result<u64, LiveError> {
        let revision = match self.routes.get(key).await? {
            Some(_) => self.routes.delete(key).await?,
            None => 0,
        };
        self.forget_credentials(key, revision).await?;
        Ok(revision)
    }

    /// A workflow that was never published has no route, unless the database was put back to a time before its first
    /// publish.
    async fn take_off(&self, publication: &Publication) -> Result<u64, LiveError> {
        let key = endpoint_key(publication.endpoint);
        if publication.last_version == 0 && self.routes.get(&key).await?.is_none() {
            return Ok(0);
        }
        self.remove(&key).await
    }

    /// The route goes first. The document stays for runs that are under way.
    pub(super) async fn remove(&self, key: &str) -> Result<u64, LiveError> {
        let revision = self.routes.delete(key).await?;
        self.forget_credentials(key, revision).await?;
        Ok(revision)
    }

    /// Takes credentials away that no route asks for since `revision`, once every gateway has come to know that: a
    /// request by an older route is still to get its verdict.
    async fn forget_credentials(&self, key: &str, revision: u64) -> Result<(), BucketError> {
        if self.credentials.get(key).await?.is_none() {
            return Ok(());
        }
        self.reached(revision).await;
        self.credentials.delete(key).await.map(drop)
    }
}
