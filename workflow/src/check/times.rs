//! Dates, delays and windows that cannot be meant.

use super::context::Context;
use super::problem::Problem;
use super::script_field::is_static;
use crate::condition::moment_in;
use crate::document::{Step, When, Window};
use crate::machine::LONGEST_WAIT;
use jiff::tz::TimeZone;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for node in &context.tree.nodes {
        if let Some(when) = &node.step.when {
            begins(node.step, when, &format!("{}.when", node.path), problems);
        }
        if let Some(window) = &node.step.window {
            opens(
                node.step,
                window,
                &format!("{}.window", node.path),
                problems,
            );
        }
    }
}

fn begins(step: &Step, when: &When, path: &str, problems: &mut Vec<Problem>) {
    let mut add = |field: &str, code, message: String, hint: &str| {
        let problem = Problem::error(format!("{path}.{field}"), code, message);
        problems.push(problem.hint(hint.to_owned()).step(Some(&step.id)));
    };
    if let Some(delay) = when.after.filter(|delay| delay.duration() > LONGEST_WAIT) {
        let message = format!("`{delay}` is longer than a run may wait");
        add(
            "after",
            "out_of_range",
            message,
            "wait for 366 days at most",
        );
    }
    let Some(at) = &when.at else { return };
    let Ok(zone) = TimeZone::get(&when.timezone) else {
        let message = format!("there is no time zone `{}`", when.timezone);
        return add("timezone", "unknown_timezone", message, NAMES);
    };
    if is_static(at) && moment_in(at, &zone).is_none() {
        let message = format!("`{at}` is no date and time");
        let hint = "write RFC 3339, such as 2026-12-24T18:00:00+01:00, or Y-m-d H:i:s";
        add("at", "not_a_date", message, hint);
    }
}

fn opens(step: &Step, window: &Window, path: &str, problems: &mut Vec<Problem>) {
    let mut add = |field: &str, code, message: String, hint: &str| {
        let problem = Problem::error(format!("{path}.{field}"), code, message);
        problems.push(problem.hint(hint.to_owned()).step(Some(&step.id)));
    };
    if TimeZone::get(&window.timezone).is_err() {
        let message = format!("there is no time zone `{}`", window.timezone);
        add("timezone", "unknown_timezone", message, NAMES);
    }
    let mut days = window.skip_days.clone();
    days.sort_by_key(|day| *day as u8);
    days.dedup();
    if days.len() == 7 {
        let message = "every day is skipped: the window never opens".to_owned();
        add("skip_days", "never_due", message, "leave one day at least");
    }
}

const NAMES: &str = "use an IANA name such as Europe/Berlin";
