//! A message part as the connector takes it.

use bytes::Bytes;
use waypost_channels::smpp::config::Concatenation;
use waypost_channels::smpp::wire::tag;
use waypost_channels::smpp::{Address, Submit, Tlv, Validity};
use waypost_core::sms::segment::Segmented;
use waypost_core::sms::udh::concatenation;
use waypost_core::time::Micros;
use waypost_delivery::Item;

use super::sms_content::{self, StoredSms};
use super::sms_item::SmsItem;

/// Part `index` of a message to the number `to`, joined to the others in the way the connection wants it.
#[must_use]
pub fn part(
    item: &Item<SmsItem>,
    stored: &StoredSms,
    to: &str,
    segmented: &Segmented,
    index: usize,
    mode: Concatenation,
    now: Micros,
) -> Submit {
    let message = item.payload.message();
    let part = &segmented.parts[index];
    let submit = Submit {
        source: sms_content::source_address(stored),
        dest: dest_address(to),
        priority: item.payload.request().priority.saturating_sub(1),
        validity: item.expires_at.map(|at| Validity::Seconds(seconds_left(at, now))),
        data_coding: segmented.data_coding,
        udh: part.udh.clone().map(Bytes::from).unwrap_or_default(),
        payload: Bytes::copy_from_slice(&part.payload),
        // The same over all attempts: a provider that was given a part twice can see it.
        tlvs: vec![Tlv::of_u16(tag::USER_MESSAGE_REFERENCE, (message.id.0 & 0xffff) as u16)],
        ..Submit::default()
    };
    joined(submit, mode)
}

fn joined(mut submit: Submit, mode: Concatenation) -> Submit {
    match mode {
        Concatenation::Udh8 | Concatenation::Udh16 => {}
        Concatenation::Payload => submit.in_payload = true,
        Concatenation::Sar => {
            if let Some(header) = concatenation(&submit.udh) {
                submit.udh = Bytes::new();
                submit.tlvs.push(Tlv::of_u16(tag::SAR_MSG_REF_NUM, header.reference));
                submit.tlvs.push(Tlv::of_u8(tag::SAR_TOTAL_SEGMENTS, header.total));
                submit.tlvs.push(Tlv::of_u8(tag::SAR_SEGMENT_SEQNUM, header.seq));
            }
        }
    }
    submit
}

fn dest_address(to: &str) -> Address {
    Address { ton: 1, npi: 1, digits: to.to_owned() }
}

/// At least one second: zero would mean the provider's own default.
fn seconds_left(expires_at: Micros, now: Micros) -> u32 {
    u32::try_from(expires_at.since_ms(now) / 1_000).unwrap_or(0).max(1)
}
