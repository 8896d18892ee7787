//! A small histogram of durations with a fixed relative error.

/// Bits of precision: 64 steps per doubling, so a value is off by less than 1.6 %.
const STEP_BITS: u32 = 6;
/// Longest duration told apart, in microseconds (about 19 hours); longer ones count as this.
const VALUE_US_MAX: u64 = (1 << 36) - 1;

/// Counts of durations in microseconds, in steps that grow with the value.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; step(VALUE_US_MAX) + 1], total: 0, max_us: 0 }
    }
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, value_us: u64) {
        let value_us = value_us.min(VALUE_US_MAX);
        self.counts[step(value_us)] += 1;
        self.total += 1;
        self.max_us = self.max_us.max(value_us);
    }

    /// Adds everything another histogram counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.max_us = self.max_us.max(other.max_us);
    }

    /// How many durations were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The duration, in milliseconds, that `per_mille` of 1,000 do not exceed; 0 when nothing was counted.
    #[must_use]
    pub fn quantile_ms(&self, per_mille: u64) -> f64 {
        let wanted = (self.total * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return to_ms(highest(index).min(self.max_us));
            }
        }
        to_ms(self.max_us)
    }
}

fn step(value_us: u64) -> usize {
    let shift = (64 - value_us.leading_zeros()).saturating_sub(STEP_BITS + 1);
    ((u64::from(shift) << STEP_BITS) + (value_us >> shift)) as usize
}

/// The largest value that falls into a step.
fn highest(index: usize) -> u64 {
    let index = index as u64;
    let shift = (index >> STEP_BITS).saturating_sub(1);
    ((index - (shift << STEP_BITS) + 1) << shift) - 1
}

fn to_ms(value_us: u64) -> f64 {
    value_us as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_step_within_the_stated_error() {
        for value in (0..300).chain((0..36).map(|bit| 1 << bit)).chain((8..36).map(|bit| (1 << bit) - 1)) {
            let top = highest(step(value));
            assert!(top >= value && top - value <= value / 64, "{value} fell into the step up to {top}");
        }
    }

    #[test]
    fn quantiles_are_the_ordered_values() {
        let mut histogram = Histogram::default();
        (1..=100).for_each(|value| histogram.record(value * 1_000));
        let told: Vec<f64> = [0, 500, 990, 1_000].iter().map(|q| histogram.quantile_ms(*q)).collect();
        for (told, wanted) in told.iter().zip([1.0, 50.0, 99.0, 100.0]) {
            assert!((told - wanted).abs() / wanted < 0.016, "{told} told for {wanted}");
        }
        assert!(told[3] <= 100.0, "nothing above the largest value is told");
    }

    #[test]
    fn nothing_counted_is_zero() {
        assert_eq!((Histogram::default().total(), Histogram::default().quantile_ms(990)), (0, 0.0));
    }
}
