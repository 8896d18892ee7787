//! What a pusher sends next, and what an answer means to it (spec Appendix A).

use waypost_store::directory::Partner;

use crate::certify::error_code;
use crate::kind::{Kind, Op};
use crate::wire::json::{self, Json};

/// What we believe a partner holds of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Believed {
    /// Whether it has accepted it at all.
    pub known: bool,
    /// Whether it is enabled there.
    pub enabled: bool,
}

/// The operation that brings a partner from what it holds to what is true.
#[must_use]
pub fn operation(kind: Kind, enabled: bool, believed: Believed) -> Op {
    match (kind, believed.known, believed.enabled, enabled) {
        (Kind::Product, ..) => Op::Replace,
        (_, false, ..) => Op::New,
        // Also for new content of what is disabled: the partner stores it, and it stays disabled.
        (_, true, _, false) => Op::Disable,
        (_, true, false, true) => Op::Enable,
        (_, true, true, true) => Op::Update,
    }
}

/// A message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `PUT` on the route of a code, else `POST`.
    pub is_update: bool,
    /// What stands after the base URL.
    pub path: String,
    /// The body.
    pub body: String,
}

/// A partner cannot take this object: it has not agreed to the optional content in it (spec 3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsOptIn(pub &'static str);

/// Writes a push.
///
/// # Errors
/// [`NeedsOptIn`]: leaving the optional content out would make the partner charge what is not owed.
pub fn message(
    partner: &Partner,
    message_id: &str,
    (kind, op): (Kind, Op),
    (property, code): (&str, &str),
    body: Json,
) -> Result<Message, NeedsOptIn> {
    let body = agreed(partner, kind, body)?;
    let mut message = json::object([("messageId", Json::from(message_id))]);
    if kind == Kind::Product {
        message.set("propertyCode", Json::from(property));
        message.set("rateplanCode", Json::from(code));
        message.set("products", body);
        return Ok(Message {
            is_update: false,
            path: kind.create_path().to_owned(),
            body: message.to_string(),
        });
    }
    message.set("updateType", Json::from(op.word()));
    if kind != Kind::Hotel {
        message.set("propertyCode", Json::from(property));
    }
    let is_update = op != Op::New;
    if kind == Kind::Hotel || (is_update && !partner.array_updates) {
        message.set(kind.single_key(), body);
    } else {
        message.set(kind.list_key(), Json::List(vec![body]));
    }
    let path = if is_update { kind.update_path(code) } else { kind.create_path().to_owned() };
    Ok(Message { is_update, path, body: message.to_string() })
}

/// The object as this partner takes it.
///
/// # Errors
/// See [`message`].
pub fn agreed(partner: &Partner, kind: Kind, mut body: Json) -> Result<Json, NeedsOptIn> {
    let holds = |value: Option<&Json>| match value {
        Some(Json::List(list)) => !list.is_empty(),
        Some(Json::Flag(flag)) => *flag,
        _ => false,
    };
    match (kind, &mut body) {
        (Kind::Tax, body) if !partner.opt_in_taxes => {
            for name in ["conditions", "refundable"] {
                if holds(body.get(name)) {
                    return Err(NeedsOptIn(name));
                }
                body.take(name);
            }
        }
        (Kind::Product, Json::List(products)) if !partner.opt_in_products => {
            for product in products {
                for name in ["cancellationPolicies", "mealplans"] {
                    if holds(product.get(name)) {
                        return Err(NeedsOptIn(name));
                    }
                    product.take(name);
                }
            }
        }
        _ => {}
    }
    Ok(body)
}

/// One entry of an answer's `errors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `errorCode`; 0 when it is none.
    pub code: i64,
    /// `objectCode`.
    pub object: Option<String>,
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has the message.
    Accepted,
    /// Understood and refused, for what it holds (200, `success:false`).
    Refused(Vec<Told>),
    /// Refused for what the message says (400 and whatever else is no success and no trouble).
    Malformed(Vec<Told>),
    /// Our credentials are refused.
    Unauthorized,
    /// No answer, or one that cannot be meant: the same message again later.
    Again(String),
    /// The URL cannot be used; nothing was sent.
    Unusable(String),
}

impl Verdict {
    /// A bounded word for metrics.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused(_) => "refused",
            Self::Malformed(_) => "malformed",
            Self::Unauthorized => "unauthorized",
            Self::Again(_) => "again",
            Self::Unusable(_) => "unusable",
        }
    }

    /// The codes, for the log.
    #[must_use]
    pub fn codes(&self) -> String {
        match self {
            Self::Accepted => "200".to_owned(),
            Self::Refused(told) | Self::Malformed(told) => {
                told.iter().map(|it| it.code.to_string()).collect::<Vec<_>>().join(" ")
            }
            Self::Unauthorized => "4001".to_owned(),
            Self::Again(_) | Self::Unusable(_) => String::new(),
        }
    }
}

/// Reads an answer to the message with this id.
#[must_use]
pub fn judge(message_id: &str, http: u16, body: &str) -> Verdict {
    match http {
        401 => return Verdict::Unauthorized,
        408 | 429 | 500..=599 => return Verdict::Again(format!("HTTP {http}")),
        _ => {}
    }
    let parsed = json::parse(body.as_bytes()).ok();
    let status = parsed.as_ref().and_then(|body| body.given("status"));
    if !(200..300).contains(&http) {
        return Verdict::Malformed(status.map(told).unwrap_or_default());
    }
    let Some((body, status)) = parsed.as_ref().zip(status) else {
        return Verdict::Again(format!("HTTP {http} without the standard answer"));
    };
    let own = body.given("messageId").and_then(Json::text);
    if own != Some(message_id) {
        return Verdict::Again(format!("HTTP {http} with the message id {}", own.unwrap_or("(none)")));
    }
    match status.get("success") {
        Some(Json::Flag(true)) => Verdict::Accepted,
        Some(Json::Flag(false)) => Verdict::Refused(told(status)),
        _ => Verdict::Again(format!("HTTP {http} without `success`")),
    }
}

fn told(status: &Json) -> Vec<Told> {
    let errors = status.given("errors").and_then(Json::list).unwrap_or_default();
    let one = |error: &Json| Told {
        code: error_code(error).unwrap_or(0),
        object: error.given("objectCode").and_then(Json::text).map(str::to_owned),
    };
    errors.iter().map(one).collect()
}

/// What a refusal says about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cure {
    /// The partner does not know it: send it as new.
    Unknown(Kind, String),
    /// The partner has it disabled: send ENABLE.
    Disabled(Kind, String),
}

/// The objects to be sent before a refused message can be sent again; `None` when something in it cannot be cured.
#[must_use]
pub fn cures(kind: Kind, property: &str, code: &str, told: &[Told]) -> Option<Vec<Cure>> {
    if told.is_empty() {
        return None;
    }
    told.iter().map(|one| cure(kind, property, code, one)).collect()
}

fn cure(kind: Kind, property: &str, code: &str, told: &Told) -> Option<Cure> {
    let about = match told.code {
        7054 | 7059 => Kind::Hotel,
        7055 => Kind::Room,
        7056 => Kind::RatePlan,
        7057 => Kind::Policy,
        7058 | 7063 => Kind::Tax,
        _ => return None,
    };
    let object = match (&told.object, about) {
        (_, Kind::Hotel) => property.to_owned(),
        (Some(object), _) => object.clone(),
        (None, about) if about == kind => code.to_owned(),
        (None, _) => return None,
    };
    Some(match told.code {
        7059 | 7063 => Cure::Disabled(about, object),
        _ => Cure::Unknown(about, object),
    })
}

/// Codes of this kind that a partner says it has disabled, in its answer to an audit.
#[must_use]
pub fn disabled(kind: Kind, property: &str, told: &[Told]) -> Vec<String> {
    let cures = told.iter().filter_map(|one| cure(kind, property, "", one));
    cures
        .filter_map(|cure| match cure {
            Cure::Disabled(about, code) if about == kind => Some(code),
            Cure::Disabled(..) | Cure::Unknown(..) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn partner() -> Partner {
        Partner::named("ota", "OTA")
    }

    #[test]
    fn the_operation_leads_from_what_is_held_to_what_is_true() {
        let at = |known, held, enabled| operation(Kind::Tax, enabled, Believed { known, enabled: held });
        assert_eq!([at(false, false, true), at(false, false, false)], [Op::New, Op::New]);
        assert_eq!([at(true, true, true), at(true, false, true)], [Op::Update, Op::Enable]);
        assert_eq!([at(true, true, false), at(true, false, false)], [Op::Disable, Op::Disable]);
        assert_eq!(operation(Kind::Product, true, Believed { known: true, enabled: true }), Op::Replace);
    }

    #[test]
    fn messages_take_the_route_and_form_of_their_operation() {
        let write = |partner: &Partner, kind, op, body| {
            message(partner, "m", (kind, op), ("P", "a/b"), body).unwrap()
        };
        let new = write(&partner(), Kind::Room, Op::New, sample::room("a/b"));
        assert_eq!((new.is_update, new.path.as_str()), (false, "/roomtypes"));
        let expected = format!(
            r#"{{"messageId":"m","updateType":"NEW","propertyCode":"P","rooms":[{}]}}"#,
            sample::room("a/b")
        );
        assert_eq!(new.body, expected);
        let update = write(&partner(), Kind::Room, Op::Update, sample::room("a/b"));
        assert_eq!((update.is_update, update.path.as_str()), (true, "/roomtype/a%2Fb"));
        assert!(update.body.contains(r#""room":{"#));
        let arrays = Partner { array_updates: true, ..partner() };
        assert!(write(&arrays, Kind::Room, Op::Update, sample::room("a/b")).body.contains(r#""rooms":[{"#));
        let hotel = write(&arrays, Kind::Hotel, Op::Disable, sample::hotel("a/b"));
        assert!(hotel.body.starts_with(r#"{"messageId":"m","updateType":"DISABLE","hotel":{"#));
        let products = write(&partner(), Kind::Product, Op::Replace, Json::List(Vec::new()));
        assert_eq!(
            products.body,
            r#"{"messageId":"m","propertyCode":"P","rateplanCode":"a/b","products":[]}"#
        );
    }

    #[test]
    fn optional_content_goes_only_to_those_who_agreed_and_is_never_cut_off_a_tax_that_needs_it() {
        let mut tax = sample::tax("T");
        tax.set("refundable", Json::Flag(false));
        tax.set("conditions", Json::List(Vec::new()));
        assert_eq!(agreed(&partner(), Kind::Tax, tax.clone()), Ok(sample::tax("T")));
        let opted = Partner { opt_in_taxes: true, ..partner() };
        assert_eq!(agreed(&opted, Kind::Tax, tax.clone()), Ok(tax.clone()));
        tax.set("refundable", Json::Flag(true));
        assert_eq!(agreed(&partner(), Kind::Tax, tax), Err(NeedsOptIn("refundable")));
    }

    #[test]
    fn answers_are_judged_by_the_table() {
        let ok = r#"{"messageId":"m","status":{"success":true}}"#;
        assert_eq!((judge("m", 200, ok), judge("m", 202, ok)), (Verdict::Accepted, Verdict::Accepted));
        assert_eq!(
            judge("m", 200, &ok.replace("\"m\"", "\"x\"")),
            Verdict::Again("HTTP 200 with the message id x".into())
        );
        assert_eq!(judge("m", 200, "<html>"), Verdict::Again("HTTP 200 without the standard answer".into()));
        let refused = r#"{"messageId":"m","status":{"success":false,"errors":[{"errorCode":"7055","objectCode":"A"},{"errorCode":7063}]}}"#;
        let told = vec![Told { code: 7055, object: Some("A".into()) }, Told { code: 7063, object: None }];
        assert_eq!(judge("m", 200, refused), Verdict::Refused(told.clone()));
        assert_eq!(judge("m", 400, refused), Verdict::Malformed(told));
        assert_eq!(judge("m", 404, ""), Verdict::Malformed(Vec::new()));
        assert_eq!(judge("m", 401, ""), Verdict::Unauthorized);
        for http in [408, 429, 500, 502, 503, 504] {
            assert_eq!(judge("m", http, ok), Verdict::Again(format!("HTTP {http}")));
        }
    }

    #[test]
    fn a_refusal_is_cured_by_what_it_names_or_not_at_all() {
        let one = |code, object: Option<&str>| Told { code, object: object.map(str::to_owned) };
        let cure = |told: &[Told]| cures(Kind::Room, "P", "A", told);
        assert_eq!(cure(&[one(7054, None)]), Some(vec![Cure::Unknown(Kind::Hotel, "P".into())]));
        assert_eq!(cure(&[one(7055, None)]), Some(vec![Cure::Unknown(Kind::Room, "A".into())]));
        assert_eq!(cure(&[one(7063, Some("T"))]), Some(vec![Cure::Disabled(Kind::Tax, "T".into())]));
        assert_eq!(cure(&[one(7057, None)]), None);
        assert_eq!(cure(&[one(7055, None), one(7060, Some("A"))]), None);
        assert_eq!(cure(&[]), None);
    }
}
