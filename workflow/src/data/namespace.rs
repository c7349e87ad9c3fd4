//! `__data`: what the request brought, and what steps stored on top.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use minijinja::value::{DynObject, Enumerator, Object};
use script::Value;
use shared::ids::{EndpointId, RequestId};
use shared::v1::run::{Received, RunRequest};

use super::problem::BodyProblem;
use super::received::{NAMES, Origin};

/// The namespace that every step of a run reads and writes.
///
/// A copy is cheap, and so is what scripts get: neither copies the body. Texts, hashes and base64
/// are made when a script first asks for them.
#[derive(Clone, Debug, Default)]
pub struct Data {
    inner: Arc<Namespace>,
}

/// The map that scripts see as `__data`.
#[derive(Clone, Debug, Default)]
struct Namespace {
    origin: Arc<Origin>,
    stored: BTreeMap<String, Value>,
}

impl Data {
    /// Reads a request whose body [`super::classify`] has seen before.
    ///
    /// # Errors
    /// When the body is not what [`Received::body_kind`] says.
    pub fn from_request(
        received: &Received,
        request_id: RequestId,
        endpoint_id: EndpointId,
        body: Bytes,
    ) -> Result<Self, BodyProblem> {
        let origin = Origin::read(received, request_id, endpoint_id, body)?;
        Ok(Self::of(origin))
    }

    /// Reads the request behind a run.
    ///
    /// # Errors
    /// When the body is not what [`Received::body_kind`] says.
    pub fn from_run(run: &RunRequest, body: Bytes) -> Result<Self, BodyProblem> {
        let received = &run.request;
        let mut origin = Origin::read(received, run.request_id, run.endpoint_id, body)?;
        if let Some(trigger) = run.trigger {
            origin.started_by(trigger, received, run.request_id);
        }
        Ok(Self::of(origin))
    }

    /// The members of a JSON object as fields, without a request. Members that begin with `__` are
    /// left out, as a caller's would be.
    #[must_use]
    pub fn from_fields(fields: &serde_json::Value) -> Self {
        Self::of(Origin::of_fields(&script::json_to_value(fields)))
    }

    fn of(origin: Origin) -> Self {
        Self {
            inner: Arc::new(Namespace {
                origin: Arc::new(origin),
                stored: BTreeMap::new(),
            }),
        }
    }

    /// `__data.<name>`; none where nothing has written it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        self.inner.get(name)
    }

    /// Writes `__data.<name>`. What scripts were given before does not change.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        Arc::make_mut(&mut self.inner)
            .stored
            .insert(name.into(), value);
    }

    /// `__data` for scripts.
    #[must_use]
    pub fn scope_value(&self) -> Value {
        Value::from_dyn_object(DynObject::new(Arc::clone(&self.inner)))
    }

    /// Everything under `__data` as JSON, the body and the files included. Stored values may be far
    /// larger written out than in memory, so nothing but tests may ask for this.
    #[cfg(test)]
    pub(crate) fn to_json(&self) -> serde_json::Value {
        script::value_to_json(&self.scope_value())
    }

    /// What steps stored, by name.
    pub fn stored(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.inner
            .stored
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}

impl Namespace {
    fn get(&self, name: &str) -> Option<Value> {
        self.stored
            .get(name)
            .cloned()
            .or_else(|| self.origin.get(name))
    }

    /// Every name that has a value: the caller's fields, what steps stored, and ours.
    fn names(&self) -> Vec<Value> {
        let fields = self.origin.fields.try_iter().into_iter().flatten();
        let fields = fields.filter(|key| {
            key.as_str()
                .is_none_or(|name| !self.stored.contains_key(name))
        });
        let stored = self.stored.keys().map(Value::from);
        let ours = NAMES
            .iter()
            .filter(|name| !self.stored.contains_key(**name));
        let ours = ours
            .filter(|name| self.origin.get(name).is_some())
            .map(|name| Value::from(*name));
        fields.chain(stored).chain(ours).collect()
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_step_stores_is_read_back_and_beats_a_field_of_the_same_name() {
        let mut data = Data::from_fields(&json!({"a": 1, "b": 2}));
        data.set("a", Value::from("new"));
        data.set("c", Value::from(3));
        assert_eq!(data.get("a"), Some(Value::from("new")));
        assert_eq!(data.get("d"), None);
        let all = data.to_json();
        assert_eq!(
            (&all["a"], &all["b"], &all["c"]),
            (&json!("new"), &json!(2), &json!(3))
        );
    }

    #[test]
    fn a_value_given_out_earlier_does_not_change_when_a_step_stores() {
        let mut data = Data::from_fields(&json!({}));
        let before = data.scope_value();
        data.set("a", before.clone());
        assert!(before.get_attr("a").unwrap().is_undefined());
        assert!(
            data.scope_value()
                .get_attr("a")
                .unwrap()
                .get_attr("a")
                .unwrap()
                .is_undefined()
        );
    }

    #[test]
    fn names_of_ours_cannot_come_in_as_fields() {
        let data = Data::from_fields(&json!({"__jwt": {"sub": "root"}, "__x": 1, "ok": 2}));
        assert_eq!(data.get("__jwt"), None);
        assert_eq!(data.get("__x"), None);
        assert_eq!(data.get("ok"), Some(Value::from(2)));
    }
}
