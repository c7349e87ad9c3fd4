//! Which of the runners gets the next run.

/// How full a runner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    /// How many runs it holds.
    pub(super) in_flight: u32,
    /// How many it takes at once.
    pub(super) capacity: u32,
}

impl Load {
    /// Whether this one is fuller, as a share of its capacity.
    fn is_fuller_than(self, other: Self) -> bool {
        let ours = u64::from(self.in_flight) * u64::from(other.capacity.max(1));
        let theirs = u64::from(other.in_flight) * u64::from(self.capacity.max(1));
        ours > theirs
    }
}

/// The emptier of two different candidates, drawn by two random numbers.
///
/// Two random ones spread the load nearly as well as the emptiest of all would, and gateways that see the same stale
/// figures do not all rush to the same runner.
pub(super) fn better_of_two<T>(
    candidates: &[T],
    load: impl Fn(&T) -> Load,
    first: u32,
    second: u32,
) -> Option<&T> {
    let count = candidates.len();
    let one = first as usize % count.max(1);
    let one_candidate = candidates.get(one)?;
    if count == 1 {
        return Some(one_candidate);
    }
    let offset = 1 + second as usize % (count - 1);
    let other_candidate = candidates.get((one + offset) % count)?;
    let fuller = load(one_candidate).is_fuller_than(load(other_candidate));
    Some(if fuller {
        other_candidate
    } else {
        one_candidate
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(&(in_flight, capacity): &(u32, u32)) -> Load {
        Load {
            in_flight,
            capacity,
        }
    }

    #[test]
    fn nobody_and_the_only_one_need_no_choice() {
        assert_eq!(better_of_two(&[], load, 1, 2), None);
        assert_eq!(better_of_two(&[(9, 1)], load, 7, 7), Some(&(9, 1)));
    }

    #[test]
    fn of_two_the_one_with_more_room_in_proportion_is_taken_whatever_is_drawn() {
        let candidates = [(4, 8), (10, 100)];
        for first in 0..4 {
            for second in 0..4 {
                assert_eq!(
                    better_of_two(&candidates, load, first, second),
                    Some(&(10, 100))
                );
            }
        }
    }

    #[test]
    fn the_fullest_of_many_is_never_taken() {
        let candidates = [(1, 8), (8, 8), (2, 8), (0, 8)];
        for first in 0..16 {
            for second in 0..16 {
                assert_ne!(
                    better_of_two(&candidates, load, first, second),
                    Some(&(8, 8))
                );
            }
        }
    }
}
