//! The variables that scripts read: an immutable snapshot, swapped whole when the bucket changes.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use shared::frame;
use shared::subjects::VARIABLES_BUCKET;
use shared::v1::settings::VariableView;
use tokio::sync::watch;

use crate::connect::Bus;
use crate::kv::{Bucket, BucketError, Change, Follower};

/// Variables by their names.
pub type Snapshot = HashMap<String, String>;

/// The variables of this moment. Cheap to clone.
#[derive(Clone)]
pub struct Variables {
    snapshot: Arc<ArcSwap<Snapshot>>,
    revision: watch::Receiver<u64>,
}

impl Variables {
    /// Opens the bucket and reads all that it holds; the second part keeps the first one up to date.
    ///
    /// # Errors
    /// [`BucketError`] where there is no such bucket.
    pub async fn load(bus: &Bus) -> Result<(Self, Following), BucketError> {
        let follower = Bucket::open(bus, VARIABLES_BUCKET).await?.follow();
        let snapshot = Arc::new(ArcSwap::default());
        let (sender, revision) = watch::channel(0);
        let mut following = Following {
            follower,
            snapshot: snapshot.clone(),
            revision: sender,
            views: HashMap::new(),
            newest: 0,
            loading: true,
        };
        while following.loading {
            let change = following.follower.next().await;
            following.apply(change);
        }
        following.swap();
        Ok((Self { snapshot, revision }, following))
    }

    /// The variables as they are now.
    #[must_use]
    pub fn now(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The revision of the bucket that they are from.
    #[must_use]
    pub fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    /// Tells of each newer revision.
    #[must_use]
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.revision.clone()
    }
}

/// What keeps [`Variables`] up to date.
pub struct Following {
    follower: Follower,
    snapshot: Arc<ArcSwap<Snapshot>>,
    revision: watch::Sender<u64>,
    /// By the keys of the bucket, so that one that is made anew under the name of a deleted one does not leave with it.
    views: HashMap<String, VariableView>,
    newest: u64,
    /// While the bucket is read anew the old snapshot stays.
    loading: bool,
}

impl Following {
    /// Follows the bucket for as long as the process lives. Run it beside a signal to stop.
    pub async fn run(mut self) {
        loop {
            let change = self.follower.next().await;
            self.apply(change);
            // A burst of changes makes one new snapshot, not one each.
            while let Some(change) = self.follower.next().now_or_never() {
                self.apply(change);
            }
            if !self.loading {
                self.swap();
            }
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Reset => {
                self.views.clear();
                self.newest = 0;
                self.loading = true;
            }
            Change::Loaded => self.loading = false,
            Change::Deleted { key, revision } => {
                self.newest = self.newest.max(revision);
                self.views.remove(&key);
            }
            Change::Put {
                key,
                value,
                revision,
            } => {
                self.newest = self.newest.max(revision);
                match frame::unpack::<VariableView>(&value) {
                    Ok(view) => {
                        self.views.insert(key, view);
                    }
                    Err(error) => {
                        tracing::error!(%error, key, "a variable cannot be read");
                        self.views.remove(&key);
                    }
                }
            }
        }
    }

    fn swap(&self) {
        let mut views: Vec<&VariableView> = self.views.values().collect();
        // Where two have one name for a moment, the newer one counts.
        views.sort_by_key(|view| view.revision);
        let pairs = views.into_iter();
        let snapshot = pairs.map(|view| (view.name.clone(), view.value.clone()));
        self.snapshot.store(Arc::new(snapshot.collect()));
        self.revision.send_replace(self.newest);
    }
}
