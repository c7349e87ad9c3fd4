//! Whether a run can be felt outside the platform.

use super::{Document, Step, StepKind};

/// Whether the document has a step with an effect outside: running such a step twice may do harm.
#[must_use]
pub fn effects(document: &Document) -> bool {
    document.spec.steps.iter().any(acts)
}

fn acts(step: &Step) -> bool {
    matches!(
        step.kind,
        StepKind::HttpRequest(_) | StepKind::PublishMessage(_)
    ) || step
        .branches()
        .iter()
        .any(|(_, steps)| steps.iter().any(acts))
}
