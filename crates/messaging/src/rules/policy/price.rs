//! What a message costs: the unit price of the longest prefix, times the segments of an SMS (7115 without a price).

use waypost_core::channel::Channel;
use waypost_core::policy::Money;
use waypost_store::directory::TenantPolicies;

use super::{Facts, Note, PolicyCode};

/// The price of the message.
///
/// # Errors
/// A refusal with 7115 when no row of the rate plan covers it.
pub fn price(facts: &Facts<'_>, tenant: &TenantPolicies, segments: u16) -> Result<Money, Note> {
    let digits = facts.number.map_or("", |number| number.as_str());
    let units = if facts.channel == Channel::Sms { segments.max(1) } else { 1 };
    let price = tenant.rates.price(facts.channel, digits).and_then(|unit| unit.times(units));
    let channel = facts.channel.wire_name();
    price.ok_or_else(|| {
        Note::refusal(PolicyCode::NoRate, format!("no price covers {channel} to this destination"))
    })
}
