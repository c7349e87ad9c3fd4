//! The versions that are ready to run. A version's address is the hash of its content, so what is
//! kept here never goes stale.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use bus::kv::Bucket;
use moka::sync::Cache;
use ops::offload::Mark;
use shared::codes::Code;
use shared::frame;
use shared::ids::ContentHash;
use shared::rpc::Context;
use shared::v1::registry::GetDocument;
use shared::v1::reply::Failure;
use shared::v1::views::DocumentView;
use workflow::machine::Plan;

const PATIENCE: Duration = Duration::from_secs(5);

/// Versions by the hash of their content. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Documents {
    bus: Bus,
    bucket: Bucket,
    versions: Cache<ContentHash, Arc<Version>>,
}

/// A version that is ready to run.
#[derive(Debug)]
pub(crate) struct Version {
    /// What there is to do.
    pub(crate) plan: Arc<Plan>,
    /// Whether one of its scripts costs much.
    pub(crate) heavy: Arc<Mark>,
}

impl Documents {
    /// Keeps up to `kept` versions ready.
    #[must_use]
    pub(crate) fn new(bus: Bus, bucket: Bucket, kept: u64) -> Self {
        Self {
            bus,
            bucket,
            versions: Cache::new(kept),
        }
    }

    /// The version with this content: from memory, else from the bucket, else from registry-svc.
    ///
    /// # Errors
    /// [`Code::VersionUnavailable`] where it is nowhere or cannot be made ready.
    pub(crate) async fn version(
        &self,
        hash: ContentHash,
        context: Context,
    ) -> Result<Arc<Version>, Failure> {
        if let Some(version) = self.versions.get(&hash) {
            return Ok(version);
        }
        let view = self.load(hash, context).await?;
        Ok(self.keep(hash, prepare(&view)?))
    }

    /// The version with this content, whose document came with its run.
    ///
    /// # Errors
    /// [`Code::VersionUnavailable`] where it cannot be made ready.
    pub(crate) fn brought(
        &self,
        hash: ContentHash,
        document: &str,
    ) -> Result<Arc<Version>, Failure> {
        if let Some(version) = self.versions.get(&hash) {
            return Ok(version);
        }
        let plan = Plan::from_json(document).map_err(|error| unreadable(&error))?;
        Ok(self.keep(hash, plan))
    }

    fn keep(&self, hash: ContentHash, plan: Plan) -> Arc<Version> {
        let version = Arc::new(Version {
            plan: Arc::new(plan),
            heavy: Arc::default(),
        });
        self.versions.insert(hash, version.clone());
        version
    }

    async fn load(&self, hash: ContentHash, context: Context) -> Result<DocumentView, Failure> {
        match self.bucket.get(&hash.to_string()).await {
            Ok(Some(value)) => return frame::unpack(&value).map_err(|error| unreadable(&error)),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "asking registry-svc for a version instead"),
        }
        let question = GetDocument { content_hash: hash };
        let answer = self
            .bus
            .call(context, question, PATIENCE, ops::clock::now_ms())
            .await;
        match answer {
            Ok(Some(view)) => Ok(view),
            Ok(None) => Err(Failure::new(
                Code::VersionUnavailable,
                "the published version is not stored any more; publish the workflow again",
            )),
            Err(error) => Err(error.into_failure(Code::VersionUnavailable)),
        }
    }
}

fn prepare(view: &DocumentView) -> Result<Plan, Failure> {
    Plan::from_json(&view.document).map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn std::fmt::Display) -> Failure {
    tracing::error!(%error, "a version cannot be made ready");
    Failure::new(
        Code::VersionUnavailable,
        "the published version cannot be made ready to run by this release; publish it again",
    )
}
