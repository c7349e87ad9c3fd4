//! Runs, journals and runners that die, hang and come back, all of it drawn from one number.
//!
//! `EARSHOT_SIMULATION_SEED=<n> cargo test -p workflow simulation` plays one number again.

mod attempt;
mod dice;
mod documents;
mod fault;
mod world;

use dice::Dice;
use fault::Fault;
use world::World;

/// How many numbers are played.
const SEEDS: u64 = 10_000;

fn seeds() -> std::ops::Range<u64> {
    match std::env::var("EARSHOT_SIMULATION_SEED") {
        Ok(text) => {
            let seed = text.parse().expect("a number");
            seed..seed + 1
        }
        Err(_) => 0..SEEDS,
    }
}

#[test]
fn whatever_dies_a_run_ends_once_repeats_no_step_but_those_in_flight_and_shows_one_face() {
    let mut crashes = 0;
    let mut resumed = 0;
    let (mut in_turns, mut within, mut awaited) = (0, 0, 0);
    for seed in seeds() {
        let mut world = World::new(seed, None);
        if let Err(problem) = world.play() {
            panic!("seed {seed}: {problem}\n{}", world.story());
        }
        crashes += world.crashes;
        resumed += world.resumed;
        let (some, deeper, letters) = world.turns();
        in_turns += some;
        within += deeper;
        awaited += letters;
    }
    // Otherwise nothing was put to the test.
    if seeds().count() > 1 {
        assert!(crashes > 5_000 && resumed > 5_000, "{crashes} {resumed}");
        assert!(in_turns > 10_000 && within > 1_000, "{in_turns} {within}");
        assert!(awaited > 1_000, "{awaited}");
    }
}

#[test]
fn a_protocol_with_any_part_left_out_is_found_out() {
    for fault in Fault::ALL {
        let found = (0..2_000).find(|seed| World::new(*seed, Some(fault)).play().is_err());
        assert!(found.is_some(), "{fault:?} was not found out");
    }
}

#[test]
fn the_same_number_is_the_same_play() {
    let story = |seed| {
        let mut world = World::new(seed, None);
        world.play().unwrap();
        world.story()
    };
    assert_eq!(story(7), story(7));
    let mut dice = Dice::new(1);
    assert_ne!(dice.below(1 << 60), dice.below(1 << 60));
}
