//! Nothing to link: the scenarios stand in `tests/scenarios`.
