//! Bugs that are planted, so that tests show that they would find them. Only a build with the feature `planted-bugs` has
//! any, and then one of them: the one that `EARSHOT_PLANTED_BUG` names.

#[cfg(all(feature = "planted-bugs", not(debug_assertions)))]
compile_error!("the feature `planted-bugs` is for tests alone: no release build may have it");

/// Whether a bug is there.
#[cfg(not(feature = "planted-bugs"))]
#[must_use]
pub const fn planted(_name: &str) -> bool {
    false
}

/// Whether a bug is there.
#[cfg(feature = "planted-bugs")]
#[must_use]
pub fn planted(name: &str) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| std::env::var("EARSHOT_PLANTED_BUG").ok());
    chosen.as_deref() == Some(name)
}
