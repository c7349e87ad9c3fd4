//! What is drawn from the seed: the same seed draws the same.

/// A source of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Draw(u64);

impl Draw {
    /// A source of its own for one purpose.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self(seed ^ hash(purpose))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A number from `first` to `last`.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// One of some things, by their weights.
    pub(crate) fn weighted<T: Copy>(&mut self, things: &[(T, u64)]) -> T {
        let mut at = self.below(things.iter().map(|(_, weight)| weight).sum());
        for (thing, weight) in things {
            if at < *weight {
                return *thing;
            }
            at -= weight;
        }
        things[0].0
    }
}

/// A number that a text always has.
pub(crate) fn hash(text: &str) -> u64 {
    let bytes = text.bytes();
    mix(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }))
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_purpose_does_not() {
        let drawn = |seed, purpose: &str| {
            let mut draw = Draw::new(seed, purpose);
            [(); 5].map(|()| draw.between(3, 70_000))
        };
        assert_eq!(drawn(1, "a"), drawn(1, "a"));
        assert_ne!(drawn(1, "a"), drawn(1, "b"));
        assert_ne!(drawn(1, "a"), drawn(2, "a"));
    }

    #[test]
    fn what_has_no_weight_is_never_drawn() {
        let mut draw = Draw::new(7, "weights");
        assert!((0..1000).all(|_| draw.weighted(&[("a", 1), ("b", 0), ("c", 2)]) != "b"));
    }
}
