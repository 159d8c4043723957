//! Random programs of several threads, under many schedules.
