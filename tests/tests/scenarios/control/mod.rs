//! The control plane, and what happens when a part of the platform is away.

mod bodies;
mod core;
mod endpoints;
mod lifecycle;
mod live;
mod newer_schema;
mod outages;
mod paging;
mod platform;
mod postgres;
mod preconditions;
mod problems;
mod restart;
mod roles;
mod scripts;
mod startup;
