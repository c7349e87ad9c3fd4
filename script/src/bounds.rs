//! How much one evaluation may cost.

/// What a light script may use up, in fuel: about a millisecond. One that needs more is evaluated anew apart, where its
/// scope can: a script does the same however often it is evaluated.
pub(crate) const LIGHT: u64 = 20_000;

/// The bounds of one evaluation. Crossing one ends it with an error that names the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Instructions, where 64 bytes of text or data made count as one instruction more. Default: 1,000,000.
    pub fuel: u64,
    /// Bytes of text that a script may render; counted while it renders. Default: 4 MiB.
    pub output_bytes: usize,
    /// Values in one list or map that a script makes. Default: 100,000.
    pub list_items: usize,
    /// Levels of nested blocks while a script runs; the engine caps it at 500. Default: 100.
    pub recursion: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            fuel: 1_000_000,
            output_bytes: 4 * 1024 * 1024,
            list_items: 100_000,
            recursion: 100,
        }
    }
}
