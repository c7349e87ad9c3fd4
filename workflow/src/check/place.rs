//! Where something stands in a document.

/// A place: its path, and the step around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Such as `spec.steps[2].yes[0].operator`.
    pub(super) path: String,
    /// The id of the innermost step around it, where it has one.
    pub(super) step: Option<String>,
    /// How much of the path leads to that step; none outside of the steps.
    step_path: Option<usize>,
}

impl Place {
    /// The place of a step, which may have no id.
    pub(super) fn of_step(path: &str, id: Option<&str>) -> Self {
        Self {
            path: path.to_owned(),
            step: id.map(str::to_owned),
            step_path: Some(path.len()),
        }
    }

    /// The path of the innermost step around it.
    pub(super) fn step_path(&self) -> Option<&str> {
        self.path.get(..self.step_path?)
    }

    /// The field of the innermost step that it is or stands in.
    pub(super) fn within_step(&self) -> Option<&str> {
        let inside = self.path.get(self.step_path?..)?.strip_prefix('.')?;
        inside.split(['.', '[']).next()
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
            step_path: self.step_path,
        }
    }

    /// The item of this number within, from 0.
    pub(super) fn item(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            step: self.step.clone(),
            step_path: self.step_path,
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

    #[test]
    fn a_place_knows_the_step_that_it_stands_in() {
        let step = Place::of_step("spec.steps[2]", None);
        assert_eq!(step.within_step(), None);
        let part = step.field("value").field("a").item(1);
        assert_eq!(part.step_path(), Some("spec.steps[2]"));
        assert_eq!(part.within_step(), Some("value"));
        assert_eq!(Place::default().field("spec").step_path(), None);
    }
}
