//! One endpoint, with all that can be prepared before a request comes.

use std::sync::Arc;

use http::{HeaderValue, Method};
use ops::offload::Mark;
use script::{Scripts, ScriptsBuilder};
use shared::v1::views::{self, RouteView};
use workflow::reply::ReplySpec;

use crate::cors::Policy;
use crate::limits::EndpointLimits;

/// One published version of one endpoint.
#[derive(Debug)]
pub(crate) struct Route {
    /// What registry-svc says about it.
    pub(crate) view: RouteView,
    /// The methods that it takes, as `Allow` lists them.
    pub(crate) allow: HeaderValue,
    /// The origins that may call; none where CORS is off.
    pub(crate) cors: Option<Policy>,
    /// Rate and concurrency.
    pub(crate) limits: Arc<EndpointLimits>,
    /// The reply that the gateway makes itself; none where a runner does.
    pub(crate) renderer: Option<Arc<Renderer>>,
}

/// A compiled reply.
#[derive(Debug)]
pub(crate) struct Renderer {
    /// Its scripts.
    pub(crate) scripts: Scripts,
    /// The reply.
    pub(crate) spec: ReplySpec,
    /// Whether one of its scripts costs much.
    pub(crate) heavy: Arc<Mark>,
}

impl Route {
    /// Prepares an endpoint. What the version before it has used of its limits still counts.
    pub(crate) fn new(view: RouteView, before: Option<&Self>) -> Self {
        Self {
            allow: allow(&view.methods),
            cors: view.cors.as_deref().map(Policy::new),
            limits: EndpointLimits::of(&view, before.map(|route| &route.limits)),
            renderer: renderer(&view).map(Arc::new),
            view,
        }
    }

    /// Whether the endpoint takes a method; HEAD goes with GET.
    pub(crate) fn takes(&self, method: &Method) -> bool {
        let method = if *method == Method::HEAD {
            "GET"
        } else {
            method.as_str()
        };
        self.view
            .methods
            .iter()
            .any(|taken| taken.as_str() == method)
    }
}

fn allow(methods: &[views::Method]) -> HeaderValue {
    let mut names: Vec<&str> = Vec::new();
    for method in methods {
        names.push(method.as_str());
        if *method == views::Method::Get {
            names.push("HEAD");
        }
    }
    HeaderValue::from_str(&names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The publish has compiled the scripts before, so a failure here is a fault of the platform.
fn renderer(view: &RouteView) -> Option<Renderer> {
    let template = view.reply.as_ref()?;
    let mut scripts = ScriptsBuilder::new();
    match ReplySpec::from_template(view.return_type, template, &mut scripts) {
        Ok(spec) => Some(Renderer {
            scripts: scripts.build(),
            spec: spec?,
            heavy: Arc::default(),
        }),
        Err(error) => {
            tracing::error!(%error, endpoint_id = %view.endpoint_id, "a published reply does not compile");
            None
        }
    }
}
