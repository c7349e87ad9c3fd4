//! What callers see while parts of the platform are replaced, killed, paused or overrun.

mod auth_away;
mod bus_away;
mod dead_letters;
pub(crate) mod documents;
mod gateway_drain;
mod heavy_scripts;
mod keep_alive;
pub(crate) mod load;
mod overload;
mod pushes;
mod queue;
mod resume;
mod runner_drain;
mod runner_killed;
mod runner_paused;
mod shutdown;
mod start_order;
mod traces;
mod turns;
mod unread;
mod versions;
mod waiting_runs;
