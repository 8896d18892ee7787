//! Rate limits: pure, in integers, with the time as an argument.

mod bucket;
mod burst;

pub use bucket::Bucket;
pub use burst::{
    Admission, BURST_DAY_SECS_MAX, BURST_MONTH_SECS_MAX, BURST_TPS_EXTRA_MAX, BurstUse, TpsLimiter,
};
