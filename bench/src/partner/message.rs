//! Reading a push or an audit without parsing it whole.

use crate::hotels::Kind;
use crate::wire::{between, find};

/// One request of the pusher.
#[derive(Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Which partner is meant, from the path.
    pub partner: usize,
    /// Whether it asks and does not push.
    pub is_audit: bool,
    /// Whether it goes to the route of one object.
    pub is_update: bool,
    /// What it is about.
    pub kind: Kind,
    /// The number of the property.
    pub property: u32,
    /// The number in the object's code; 0 for a hotel.
    pub number: u32,
    /// `messageId`.
    pub id: &'a [u8],
}

const ROUTES: [(&str, Kind); 10] = [
    ("hotel", Kind::Hotel),
    ("taxes", Kind::Tax),
    ("tax", Kind::Tax),
    ("cancellation-policies", Kind::Policy),
    ("cancellation-policy", Kind::Policy),
    ("roomtypes", Kind::Room),
    ("roomtype", Kind::Room),
    ("rateplans", Kind::Plan),
    ("rateplan", Kind::Plan),
    ("products", Kind::Products),
];

/// Reads a request; `None` when it is none that a pusher of the made-up hotels sends.
pub fn read<'a>(line: &[u8], body: &'a [u8]) -> Option<Message<'a>> {
    let path = std::str::from_utf8(line.split(|byte| *byte == b' ').nth(1)?).ok()?;
    let mut parts = path.strip_prefix("/p")?.splitn(3, '/');
    let (partner, word, has_code) = (parts.next()?.parse().ok()?, parts.next()?, parts.next().is_some());
    let audit = word.strip_suffix("-audit");
    let route = audit.unwrap_or(word);
    let (_, kind) = ROUTES.iter().find(|(name, _)| *name == route)?;
    let id = between(body, b"\"messageId\":\"", b'"')?;
    let (property, number) = match (kind, audit) {
        (Kind::Hotel, None) => (digits(between(body, b"\"code\":\"H", b'"')?)?, 0),
        (_, Some(_)) => (digits(between(body, b"\"propertyCode\":\"H", b'"')?)?, 0),
        (Kind::Products, None) => property_and(body, b"\"rateplanCode\":\"Q")?,
        (_, None) => property_and(body, b"\"code\":\"Q")?,
    };
    Some(Message {
        partner,
        is_audit: audit.is_some(),
        is_update: has_code,
        kind: *kind,
        property,
        number,
        id,
    })
}

fn property_and(body: &[u8], label: &[u8]) -> Option<(u32, u32)> {
    Some((digits(between(body, b"\"propertyCode\":\"H", b'"')?)?, digits(between(body, label, b'"')?)?))
}

fn digits(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The object of a push as an audit gives it back: the list's inside, or the object. It is always the last member.
pub fn object(body: &[u8]) -> Option<&[u8]> {
    const LISTS: [&[u8]; 5] = [
        b"\"taxes\":[",
        b"\"cancellationPolicies\":[",
        b"\"rooms\":[",
        b"\"rateplans\":[",
        b"\"products\":[",
    ];
    const ALONE: [&[u8]; 5] =
        [b"\"hotel\":", b"\"tax\":", b"\"cancellationPolicy\":", b"\"room\":", b"\"rateplan\":"];
    // The first of either kind is meant: products hold `taxes` themselves, further behind.
    let first = |labels: &[&[u8]], cut: usize| {
        let starts = labels.iter().filter_map(|label| Some((find(body, label)?, label.len(), cut)));
        starts.min()
    };
    let (at, length, cut) = first(&LISTS, 2).into_iter().chain(first(&ALONE, 1)).min()?;
    body.get(at + length..body.len().checked_sub(cut)?)
}

/// The numbers an audit asks for; `None` for all.
pub fn filter(body: &[u8]) -> Option<Vec<u32>> {
    const LABEL: &[u8] = b"Codes\":[";
    let rest = &body[find(body, LABEL)? + LABEL.len()..];
    let list = &rest[..rest.iter().position(|byte| *byte == b']')?];
    let codes = list.split(|byte| *byte == b',').filter_map(|code| digits(between(code, b"\"Q", b'"')?));
    Some(codes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_tells_whose_it_is_and_its_place() {
        let body = br#"{"messageId":"m-1","updateType":"NEW","propertyCode":"H00042","rooms":[{"code":"Q0021","name":"x"}]}"#;
        let message = read(b"POST /p7/roomtypes HTTP/1.1", body).unwrap();
        let wanted = Message {
            partner: 7,
            is_audit: false,
            is_update: false,
            kind: Kind::Room,
            property: 42,
            number: 21,
            id: b"m-1",
        };
        assert_eq!(message, wanted);
        assert_eq!(object(body).unwrap(), br#"{"code":"Q0021","name":"x"}"#);
    }

    #[test]
    fn products_and_single_objects_are_cut_out_whole() {
        let products = br#"{"messageId":"m","propertyCode":"H00001","rateplanCode":"Q0050","products":[{"rateplanCode":"Q0050","taxes":["Q0001"]}]}"#;
        assert_eq!(read(b"POST /p0/products HTTP/1.1", products).unwrap().number, 50);
        assert_eq!(object(products).unwrap(), br#"{"rateplanCode":"Q0050","taxes":["Q0001"]}"#);
        let update =
            br#"{"messageId":"m","updateType":"UPDATE","propertyCode":"H00001","tax":{"code":"Q0001"}}"#;
        assert!(read(b"PUT /p0/tax/Q0001 HTTP/1.1", update).unwrap().is_update);
        assert_eq!(object(update).unwrap(), br#"{"code":"Q0001"}"#);
    }

    #[test]
    fn an_audit_asks_for_all_or_for_some() {
        let some = br#"{"messageId":"a","propertyCode":"H00003","roomCodes":["Q0001","Q0002"]}"#;
        assert!(read(b"POST /p0/roomtype-audit HTTP/1.1", some).unwrap().is_audit);
        assert_eq!(filter(some), Some(vec![1, 2]));
        assert_eq!(filter(br#"{"messageId":"a","propertyCode":"H00003","roomCodes":null}"#), None);
    }
}
