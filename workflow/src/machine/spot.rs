//! Where a step is carried out.

use std::fmt::{self, Write};

use super::effect::StepIndex;
use super::plan::Plan;
use crate::template::mix;

/// How many `for_each` may stand within one another.
pub const MOST_NESTED: usize = 4;

/// The turns of `for_each` steps that something is done in: the numbers of their items from 0, the outermost first. None
/// of it is the run itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Turn {
    depth: u8,
    items: [u16; MOST_NESTED],
}

impl Turn {
    /// The run itself.
    pub const ROOT: Self = Self {
        depth: 0,
        items: [0; MOST_NESTED],
    };

    /// The numbers of the items.
    #[must_use]
    pub fn items(&self) -> &[u16] {
        self.items.get(..usize::from(self.depth)).unwrap_or(&[])
    }

    /// Whether this is the run itself.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.depth == 0
    }

    /// The turn with this item of a `for_each` that is done in this one; none where it would be too deep.
    #[must_use]
    pub(super) fn of_item(mut self, item: u16) -> Option<Self> {
        *self.items.get_mut(usize::from(self.depth))? = item;
        self.depth += 1;
        Some(self)
    }

    /// The turn so deep that this one is within, or this one.
    pub(super) fn up_to(mut self, depth: usize) -> Self {
        while self.items().len() > depth
            && let Some((outer, _)) = self.out()
        {
            self = outer;
        }
        self
    }

    /// The turn around this one, and the number of this one's item; none for the run itself.
    pub(super) fn out(mut self) -> Option<(Self, u16)> {
        self.depth = self.depth.checked_sub(1)?;
        let item = std::mem::take(self.items.get_mut(usize::from(self.depth))?);
        Some((self, item))
    }
}

impl fmt::Display for Turn {
    /// Nothing for the run itself, and such as `[3,0]` otherwise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, item) in self.items().iter().enumerate() {
            f.write_char(if place == 0 { '[' } else { ',' })?;
            write!(f, "{item}")?;
        }
        if self.is_root() {
            return Ok(());
        }
        f.write_char(']')
    }
}

/// A step, and the turn that it is carried out in: a run comes by each spot once. Whatever is told of a step, asked for it
/// or drawn by chance for it goes by its spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The step.
    pub step: StepIndex,
    /// The turn.
    pub turn: Turn,
}

impl Spot {
    /// A number for the spot, for seeds to be drawn with: the index of a step of the run itself.
    #[must_use]
    pub fn number(&self) -> u64 {
        let items = self.turn.items().iter();
        items.fold(self.step as u64, |number, item| {
            mix(!number, u64::from(*item))
        })
    }
}

impl From<StepIndex> for Spot {
    /// The spot of a step that stands in no `for_each`.
    fn from(step: StepIndex) -> Self {
        Self {
            step,
            turn: Turn::ROOT,
        }
    }
}

impl Plan {
    /// A spot as the journal, keys and the run log name it: the step's id, and the turn where there is one, such as
    /// `send[3,0]`. Nothing for one that is not of this plan.
    #[must_use]
    pub fn name(&self, spot: Spot) -> String {
        let id = self.step_id(spot.step).unwrap_or_default();
        format!("{id}{}", spot.turn)
    }

    /// The spot of this name.
    #[must_use]
    pub fn spot(&self, name: &str) -> Option<Spot> {
        let (id, turn) = match name.split_once('[') {
            None => (name, Turn::ROOT),
            Some((id, items)) => {
                let items = items.strip_suffix(']')?.split(',');
                let mut items = items.map(str::parse::<u16>);
                let turn = items.try_fold(Turn::ROOT, |turn, item| turn.of_item(item.ok()?))?;
                (id, turn)
            }
        };
        let step = self.step_index(id)?;
        Some(Spot { step, turn })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::machine::testing::{log, plan};

    fn turn(items: &[u16]) -> Turn {
        let turn = items.iter();
        turn.fold(Turn::ROOT, |turn, item| turn.of_item(*item).unwrap())
    }

    #[test]
    fn a_spot_has_a_name_that_leads_back_to_it_and_in_the_run_itself_it_is_the_id_alone() {
        let steps = json!([log("a", ""), log("b", "")]);
        let plan = plan("sync", &json!({"return_type": "continue"}), &steps);
        for (items, name) in [
            (&[][..], "b"),
            (&[3], "b[3]"),
            (&[3, 0], "b[3,0]"),
            (&[9_999, 0, 0, 1], "b[9999,0,0,1]"),
        ] {
            let spot = Spot {
                step: 1,
                turn: turn(items),
            };
            assert_eq!(plan.name(spot), name);
            assert_eq!(plan.spot(name), Some(spot));
        }
        for name in [
            "",
            "c",
            "b[",
            "b[]",
            "b[x]",
            "b[1",
            "b[1]2",
            "b[1,2,3,4,5]",
            "b[70000]",
        ] {
            assert_eq!(plan.spot(name), None, "{name}");
        }
    }

    #[test]
    fn no_two_spots_have_one_number_and_those_of_the_run_itself_have_the_index() {
        let mut numbers = BTreeSet::new();
        let turns = (0..30).flat_map(|outer| (0..30).map(move |inner| turn(&[outer, inner])));
        let turns = turns.chain((0..30).map(|outer| turn(&[outer])));
        let turns: Vec<Turn> = turns.chain([Turn::ROOT]).collect();
        for step in 0..10 {
            assert_eq!(Spot::from(step).number(), step as u64);
            numbers.extend(turns.iter().map(|turn| Spot { step, turn: *turn }.number()));
        }
        assert_eq!(numbers.len(), 10 * turns.len());
    }

    #[test]
    fn a_turn_leads_out_into_the_one_around_it() {
        let inner = turn(&[4, 2]);
        assert_eq!(inner.out(), Some((turn(&[4]), 2)));
        assert_eq!(turn(&[4]).out(), Some((Turn::ROOT, 4)));
        assert_eq!(Turn::ROOT.out(), None);
        assert_eq!(turn(&[1, 2, 3, 4]).of_item(5), None);
    }
}
