//! What a template will say: the texts, and what it costs as an SMS.

use serde::Serialize;
use serde_json::Value;
use waypost_core::channel::Channel;
use waypost_core::msisdn::Msisdn;
use waypost_core::sms::segment::{Concatenation, SmsContent as Segments, segment};
use waypost_store::directory::TenantPolicies;

use super::placeholder;
use super::sms::decode_hex;
use super::template::{Values, each_text, fill_block, link_number};

/// A filled template.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// The channel's block, filled.
    pub content: Value,
    /// Placeholders without a value; with any of them the message ends with 7121.
    pub missing: Vec<String>,
    /// `GSM-7`, `UCS-2` or `binary`; sms only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// Short messages it is cut into; sms only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<u8>,
    /// What the tenant's rate plan asks for it; absent without a plan or without a price for the destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
}

/// Fills `block`, the stored content of a template on `channel`. `to` is the destination whose price is asked.
#[must_use]
pub fn preview(
    channel: Channel,
    block: &Value,
    parameters: &[(String, String)],
    tenant: Option<&TenantPolicies>,
    to: Option<&Msisdn>,
) -> Preview {
    let mut content = block.clone();
    fill_block(&mut content, Values { parameters, links: &[] });
    let missing = missing(block, parameters);
    let cut = (channel == Channel::Sms).then(|| cut(&content)).flatten();
    let units = cut.map_or(1, |(_, count)| u16::from(count));
    let price = tenant.filter(|tenant| tenant.charged).and_then(|tenant| {
        let unit = tenant.rates.price(channel, to.map_or("", |number| number.as_str()))?;
        unit.times(units).map(|price| price.to_string())
    });
    Preview { content, missing, encoding: cut.map(|(name, _)| name), segments: cut.map(|(_, n)| n), price }
}

fn missing(block: &Value, parameters: &[(String, String)]) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    each_text(block, &mut |text| {
        for name in placeholder::names(text) {
            let is_given = parameters.iter().any(|(known, _)| *known == name);
            if !is_given && link_number(&name).is_none() && !missing.contains(&name) {
                missing.push(name);
            }
        }
    });
    missing
}

/// The alphabet and the number of short messages; `None` when it cannot be cut.
fn cut(content: &Value) -> Option<(&'static str, u8)> {
    let text = content.get("text").and_then(Value::as_str).unwrap_or_default();
    let octets;
    let kind = match content.get("type").and_then(Value::as_u64) {
        Some(2) => Segments::Flash(text),
        Some(3) => {
            octets = decode_hex(content.get("body").and_then(Value::as_str)?)?;
            Segments::Binary(&octets)
        }
        Some(4) => Segments::Unicode(text),
        _ => Segments::Text(text),
    };
    let cut = segment(kind, Concatenation::Udh8, 0).ok()?;
    let name = match cut.data_coding & 0x0c {
        0x08 => "UCS-2",
        0x04 => "binary",
        _ => "GSM-7",
    };
    Some((name, cut.count))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(text: &str, parameters: &[(&str, &str)]) -> Preview {
        let parameters: Vec<_> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        preview(Channel::Sms, &json!({"type": 1, "text": text}), &parameters, None, None)
    }

    #[test]
    fn the_filled_text_decides_alphabet_and_parts() {
        let plain = of("Hi {{name}}", &[("name", "Ann")]);
        assert_eq!(plain.content, json!({"type": 1, "text": "Hi Ann"}));
        assert_eq!((plain.encoding, plain.segments, plain.price), (Some("GSM-7"), Some(1), None));
        let greek = of("Hi {{name}}", &[("name", "Άννα")]);
        assert_eq!((greek.encoding, greek.segments), (Some("UCS-2"), Some(1)));
        let long = "x".repeat(161);
        assert_eq!(of("{{name}}", &[("name", &long)]).segments, Some(2));
    }

    #[test]
    fn each_placeholder_without_a_value_is_named_once_and_links_are_not_missed() {
        let preview = of("{{a}} {{b}} {{a}} {{link_5}}", &[("b", "B")]);
        assert_eq!(preview.missing, ["a"]);
        assert_eq!(preview.content["text"], "{{a}} B {{a}} {{link_5}}");
    }
}
