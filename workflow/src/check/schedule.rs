//! Schedules that cannot be meant.

use super::context::Context;
use super::problem::Problem;
use crate::document::Schedule;
use crate::timetable::Timetable;

const PATH: &str = "spec.schedule";

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(schedule) = &context.document.spec.schedule else {
        return;
    };
    names(schedule, problems);
    // A stand-in has mistakes of its own, which its author did not make.
    let written = ["cron", "every", "timezone", "from", "until"];
    let known = written
        .iter()
        .all(|field| context.is_known(&format!("{PATH}.{field}")));
    if !known || !context.is_known(PATH) {
        return;
    }
    for flaw in Timetable::new(schedule).err().into_iter().flatten() {
        let path = format!("{PATH}.{}", flaw.field);
        problems.push(Problem::error(path, flaw.code, flaw.message).hint(flaw.hint));
    }
}

fn names(schedule: &Schedule, problems: &mut Vec<Problem>) {
    for name in schedule.data.keys().filter(|name| name.starts_with("__")) {
        let path = format!("{PATH}.data.{name}");
        let message =
            format!("`{name}` would be left out: names that begin with `__` are the platform's");
        problems.push(Problem::error(path, "reserved_name", message).hint("choose another name"));
    }
}
