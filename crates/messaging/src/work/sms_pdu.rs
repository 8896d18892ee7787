//! A message part as the connector takes it.

use bytes::Bytes;
use waypost_channels::smpp::ConnectionConfig;
use waypost_channels::smpp::config::{Concatenation, DltConfig};
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
    connection: &ConnectionConfig,
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
    let submit = registered(submit, stored.dlt_template.as_deref(), connection.dlt.as_ref());
    joined(submit, connection.concatenation)
}

/// With the ids of India's DLT registration, where the provider takes them.
fn registered(mut submit: Submit, template: Option<&str>, dlt: Option<&DltConfig>) -> Submit {
    let (Some(template), Some(dlt)) = (template, dlt) else { return submit };
    let mut put = |tag: u16, value: &str| {
        submit.tlvs.push(match dlt.terminated {
            true => Tlv::of_cstring(tag, value),
            false => Tlv { tag, value: Bytes::copy_from_slice(value.as_bytes()) },
        });
    };
    if !dlt.entity_id.is_empty() {
        put(dlt.entity_tag, &dlt.entity_id);
    }
    put(dlt.template_tag, template);
    submit
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

#[cfg(test)]
mod tests {
    use super::*;

    fn tlvs(template: Option<&str>, dlt: Option<&str>) -> Vec<(u16, Vec<u8>)> {
        let dlt: Option<DltConfig> = dlt.map(|json| serde_json::from_str(json).unwrap());
        let submit = registered(Submit::default(), template, dlt.as_ref());
        submit.tlvs.into_iter().map(|tlv| (tlv.tag, tlv.value.to_vec())).collect()
    }

    #[test]
    fn dlt_ids_are_sent_as_the_connection_says() {
        assert_eq!(tlvs(Some("1107"), None), []);
        assert_eq!(tlvs(None, Some(r#"{"entity_id": "1101"}"#)), []);
        let usual = tlvs(Some("1107"), Some(r#"{"entity_id": "1101"}"#));
        assert_eq!(usual, [(0x1400, b"1101".to_vec()), (0x1401, b"1107".to_vec())]);
        let other = tlvs(Some("1107"), Some(r#"{"template_tag": 5122, "terminated": true}"#));
        assert_eq!(other, [(0x1402, b"1107\0".to_vec())]);
    }
}
