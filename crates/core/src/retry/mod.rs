//! When to try again: schedules as data, `Retry-After`, and what a call-back's answer means.

mod after;
mod callback;
mod schedule;

pub use after::{delay_with_retry_after_ms, parse_retry_after_ms};
pub use callback::{CallbackVerdict, classify_callback};
pub use schedule::{DELAY_MS_MAX, DELAYS_MAX, Schedule, ScheduleError};
