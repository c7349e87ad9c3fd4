//! Where something stands in a document.

/// A place: its path, and the step around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Such as `spec.steps[2].yes[0].operator`.
    pub(super) path: String,
    /// The id of the innermost step around it, where it has one.
    pub(super) step: Option<String>,
}

impl Place {
    /// A place within a step.
    pub(super) fn new(path: impl Into<String>, step: Option<&str>) -> Self {
        Self {
            path: path.into(),
            step: step.map(str::to_owned),
        }
    }

    /// The field of this name within.
    pub(super) fn field(&self, name: &str) -> Self {
        let plain = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let path = if !plain {
            format!("{}[{name:?}]", self.path)
        } else if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        };
        Self {
            path,
            step: self.step.clone(),
        }
    }

    /// The item of this number within, from 0.
    pub(super) fn item(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            step: self.step.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_an_author_would_point_to_it() {
        let place = Place::default().field("spec").field("steps").item(2);
        assert_eq!(place.field("yes").path, "spec.steps[2].yes");
        assert_eq!(place.field("a.b").path, "spec.steps[2][\"a.b\"]");
    }
}
