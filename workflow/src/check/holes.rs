//! The places that hold a stand-in.

use std::collections::HashMap;

/// Places, as a tree of the parts of their paths: whether a path leads into one of them costs one
/// look at the path, however deep it is and however many places there are.
#[derive(Debug)]
pub(super) struct Holes {
    /// The first one is the document.
    rooms: Vec<Room>,
}

#[derive(Debug, Default)]
struct Room {
    is_hole: bool,
    below: HashMap<String, usize>,
}

impl Default for Holes {
    fn default() -> Self {
        Self {
            rooms: vec![Room::default()],
        }
    }
}

impl Holes {
    /// Adds a place.
    pub(super) fn insert(&mut self, path: &str) {
        let mut at = 0;
        for part in parts(path) {
            let next = self.rooms.len();
            let Some(room) = self.rooms.get_mut(at) else {
                return;
            };
            at = *room.below.entry(part.to_owned()).or_insert(next);
            if at == next {
                self.rooms.push(Room::default());
            }
        }
        if let Some(room) = self.rooms.get_mut(at) {
            room.is_hole = true;
        }
    }

    /// Whether the path is one of the places or leads into one.
    pub(super) fn cover(&self, path: &str) -> bool {
        let mut at = 0;
        for part in parts(path) {
            let below = self.rooms.get(at).and_then(|room| room.below.get(part));
            let Some(next) = below else {
                return false;
            };
            at = *next;
            if self.rooms.get(at).is_some_and(|room| room.is_hole) {
                return true;
            }
        }
        false
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '['])
}

#[cfg(test)]
mod tests {
    use super::Holes;

    #[test]
    fn a_place_covers_itself_and_whatever_stands_in_it() {
        let mut holes = Holes::default();
        assert!(!holes.cover("spec"));
        for path in ["spec.steps[2].yes", "spec.steps[10]", "metadata.name"] {
            holes.insert(path);
        }
        for inside in [
            "spec.steps[2].yes",
            "spec.steps[2].yes[0].id",
            "spec.steps[10].a",
        ] {
            assert!(holes.cover(inside), "{inside}");
        }
        for outside in [
            "",
            "spec",
            "spec.steps",
            "spec.steps[2]",
            "spec.steps[2].yesterday",
            "spec.steps[1]",
            "metadata.names",
        ] {
            assert!(!holes.cover(outside), "{outside}");
        }
    }
}
