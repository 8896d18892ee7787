//! A rate plan: the unit price by channel and destination prefix, the longest prefix wins (spec 1).

use std::collections::HashMap;

use super::Money;
use crate::channel::Channel;

/// Most digits of a prefix.
pub const PREFIX_DIGITS_MAX: usize = 15;

/// The prices of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RatePlan {
    rows: HashMap<Channel, HashMap<String, Money>>,
}

impl RatePlan {
    /// Sets the price of a channel towards the numbers that begin with `prefix`; an empty prefix is every destination.
    pub fn set(&mut self, channel: Channel, prefix: &str, price: Money) {
        self.rows.entry(channel).or_default().insert(prefix.to_owned(), price);
    }

    /// The unit price towards `digits` (no `+`; empty where there is no number); `None` when no row covers it.
    #[must_use]
    pub fn price(&self, channel: Channel, digits: &str) -> Option<Money> {
        let rows = self.rows.get(&channel)?;
        let longest = digits.len().min(PREFIX_DIGITS_MAX);
        (0..=longest).rev().find_map(|length| rows.get(digits.get(..length)?).copied())
    }

    /// Whether there is any row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_prefix_wins_and_channels_are_apart() {
        let mut plan = RatePlan::default();
        plan.set(Channel::Sms, "44", Money(3));
        plan.set(Channel::Sms, "447", Money(2));
        plan.set(Channel::Voice, "", Money(9));
        let price = |channel, digits| plan.price(channel, digits);
        assert_eq!(price(Channel::Sms, "447700900123"), Some(Money(2)));
        assert_eq!(price(Channel::Sms, "442079460000"), Some(Money(3)));
        assert_eq!(price(Channel::Sms, "33612345678"), None);
        assert_eq!(price(Channel::Voice, "33612345678"), Some(Money(9)));
        assert_eq!(price(Channel::Push, ""), None);
    }

    proptest! {
        #[test]
        fn the_price_is_that_of_the_longest_row_that_begins_the_number(
            rows in proptest::collection::hash_map("[0-9]{0,4}", 0_i64..100, 0..12), digits in "[0-9]{0,8}",
        ) {
            let mut plan = RatePlan::default();
            rows.iter().for_each(|(prefix, price)| plan.set(Channel::Sms, prefix, Money(*price)));
            let longest = rows.iter().filter(|(prefix, _)| digits.starts_with(prefix.as_str()));
            let expected = longest.max_by_key(|(prefix, _)| prefix.len()).map(|(_, price)| Money(*price));
            prop_assert_eq!(plan.price(Channel::Sms, &digits), expected);
        }
    }
}
