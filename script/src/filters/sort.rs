//! `sort`.

use std::cmp::Ordering;

use minijinja::{Error, Value};

use crate::engine::arrow;
use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::{compare, number, walk};

pub(crate) const FILTERS: &[Entry] = &[entry("sort", &["value", "arrow"], 1, sort)];

type Pair = (Value, Value);

/// `list|sort`: from the smallest value to the largest. `list|sort((a, b) => a.price <=> b.price)`: in the order that the
/// function gives: it says a number below 0 where `a` comes first, and one above 0 where `b` does. The keys go with their
/// values: a list whose order changes becomes a map.
fn sort(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    if !walk::is_container(value) {
        return Err(call.wrong(0, "must be a list or a map"));
    }
    call.weigh(0)?;
    let pairs = walk::pairs(value);
    let steps = pairs.len().checked_ilog2().unwrap_or_default() + 1;
    call.charge(
        pairs
            .len()
            .saturating_mul(usize::try_from(steps).unwrap_or(1)),
    )?;
    let sorted = if arrow::is_arrow(call.arg(1)) {
        sort_pairs(pairs, &mut |left, right| asked(call, left, right))
    } else {
        sort_pairs(pairs, &mut |left, right| {
            let order = compare::order(left, right);
            Ok(!matches!(order, Some(Ordering::Less | Ordering::Equal)))
        })
    }?;
    Ok(walk::from_pairs(sorted))
}

/// Whether the arrow function puts the left value after the right one. One that says yes and no counts, too.
fn asked(call: &Call<'_, '_, '_>, left: &Value, right: &Value) -> Result<bool, Error> {
    let say = |left: &Value, right: &Value| {
        let values = vec![left.clone(), right.clone()];
        arrow::call(call.state, call.arg(1), values)
    };
    let answer = say(left, right)?;
    Ok(number::of(&answer).is_some_and(|number| number.as_i64() > 0))
}

/// Up to this many values are sorted by insertion.
const FEW: usize = 16;

/// Sorts by a question that need not make an order: PHP's comparison of numbers and texts makes none, and the standard
/// sort may answer that with a panic. Few values come out as PHP's sort puts them even then.
fn sort_pairs(
    mut pairs: Vec<Pair>,
    is_after: &mut impl FnMut(&Value, &Value) -> Result<bool, Error>,
) -> Result<Vec<Pair>, Error> {
    if pairs.len() < 6 {
        sort_few(&mut pairs, is_after)?;
        return Ok(pairs);
    }
    if pairs.len() <= FEW {
        return inserted(pairs, is_after);
    }
    let right = pairs.split_off(pairs.len() / 2);
    let mut left = sort_pairs(pairs, is_after)?.into_iter().peekable();
    let mut right = sort_pairs(right, is_after)?.into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some((_, left_value)), Some((_, right_value))) = (left.peek(), right.peek()) {
        if is_after(left_value, right_value)? {
            merged.extend(right.next());
        } else {
            merged.extend(left.next());
        }
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

/// Sorts five values at most: the first three against each other, each later one from the end towards its place.
fn sort_few(
    pairs: &mut [Pair],
    is_after: &mut impl FnMut(&Value, &Value) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut after = |pairs: &[Pair], place: usize| match pairs.get(place..place + 2) {
        Some([left, right]) => is_after(&left.1, &right.1),
        _ => Ok(false),
    };
    if after(pairs, 0)? {
        if after(pairs, 1)? {
            pairs.swap(0, 2);
        } else {
            pairs.swap(0, 1);
            if after(pairs, 1)? {
                pairs.swap(1, 2);
            }
        }
    } else if after(pairs, 1)? {
        pairs.swap(1, 2);
        if after(pairs, 0)? {
            pairs.swap(0, 1);
        }
    }
    for end in 3..pairs.len() {
        let mut place = end;
        while place > 0 && after(pairs, place - 1)? {
            pairs.swap(place - 1, place);
            place -= 1;
        }
    }
    Ok(())
}

/// Puts every value where it belongs among those before it, looked for from the end: the first six one by one, later
/// ones in steps of two.
fn inserted(
    pairs: Vec<Pair>,
    is_after: &mut impl FnMut(&Value, &Value) -> Result<bool, Error>,
) -> Result<Vec<Pair>, Error> {
    let mut sorted: Vec<Pair> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.into_iter().enumerate() {
        let mut after = |place: usize| match sorted.get(place) {
            Some((_, other)) => is_after(other, &pair.1),
            None => Ok(false),
        };
        let mut place = index;
        if place > 0 && after(place - 1)? {
            place -= 1;
            let step = if index < 6 { 1 } else { 2 };
            while place >= step && after(place - step)? {
                place -= step;
            }
            if step == 2 && place > 0 && after(place - 1)? {
                place -= 1;
            }
        }
        sorted.insert(place, pair);
    }
    Ok(sorted)
}
