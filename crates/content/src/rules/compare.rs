//! Comparing what we have with what a partner gives back (spec 4.3).

use unicode_normalization::UnicodeNormalization as _;

use crate::kind::Kind;
use crate::wire::decimal::Decimal;
use crate::wire::json::{self, Json};

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: a JSON Pointer inside the object; empty for the whole object.
    pub path: String,
    /// Ours; `Null` for an element only they have.
    pub expected: Json,
    /// Theirs; `Null` when they have none.
    pub actual: Json,
    /// Whether it touches money or capacity.
    pub critical: bool,
}

impl Difference {
    /// As it stands in alerts and reports.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json::object([
            ("path", Json::from(self.path.as_str())),
            ("expected", self.expected.clone()),
            ("actual", self.actual.clone()),
        ])
    }
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The fields that differ, in our order.
    pub differences: Vec<Difference>,
    /// Whether the partner uses names of another dialect: worth a notice, not an alarm.
    pub dialect: bool,
}

impl Comparison {
    /// Whether any difference touches money or capacity.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.differences.iter().any(|difference| difference.critical)
    }
}

/// Compares an object of ours with theirs. Of products both are the array of a rate plan.
#[must_use]
pub fn compare(kind: Kind, ours: &Json, theirs: &Json) -> Comparison {
    let mut theirs = theirs.clone();
    let dialect = translate(kind, &mut theirs);
    let mut found = Comparison { differences: Vec::new(), dialect };
    let mut walk = Walk { critical: kind == Kind::Product, found: &mut found };
    match kind {
        Kind::Product => {
            walk.keyed("", &elements(ours), &elements(&theirs), &|it| text_of(it, "roomtypeCode"))
        }
        _ => walk.object(ours, &theirs, ""),
    }
    found
}

/// Gives names of other dialects the names of ours (spec 4.2).
fn translate(kind: Kind, theirs: &mut Json) -> bool {
    let mut any = false;
    let mut rename = |theirs: &mut Json, from: &str, to: &str| {
        if theirs.get(to).is_none()
            && let Some(value) = theirs.take(from)
        {
            theirs.set(to, value);
            any = true;
        }
    };
    match kind {
        Kind::Room => {
            rename(theirs, "roomName", "name");
            rename(theirs, "roomCode", "code");
        }
        Kind::RatePlan => rename(theirs, "mealPlan", "mealplan"),
        Kind::Hotel
            if theirs.get("mappingProviders").is_none() && theirs.get("mappingProvider").is_some() =>
        {
            let take = |theirs: &mut Json, name: &str| theirs.take(name).unwrap_or(Json::Null);
            let provider = take(theirs, "mappingProvider");
            let code = take(theirs, "mappingCode");
            let pair = json::object([("mappingProvider", provider), ("mappingCode", code)]);
            theirs.set("mappingProviders", Json::List(vec![pair]));
            any = true;
        }
        _ => {}
    }
    any
}

/// Fields whose difference costs somebody money or a bed.
const CRITICAL: &[&str] = &[
    "value",
    "percentOrFlat",
    "chargeBasis",
    "chargeFrequency",
    "payAtProperty",
    "penaltyWindows",
    "isTaxInclusive",
    "isRefundable",
    "maxAdultOccupancy",
    "minAdultOccupancy",
    "maxChildOccupancy",
    "minChildOccupancy",
    "totalMaxOccupancy",
    "maxOccupancyForDefaultPrice",
    "currency",
    "defaultCurrencyCode",
];

/// Fields in which a text of digits is the number.
const NUMERIC: &[&str] = &["zip", "latitude", "longitude", "starRating", "value"];

struct Walk<'a> {
    critical: bool,
    found: &'a mut Comparison,
}

impl Walk<'_> {
    fn differ(&mut self, path: &str, expected: &Json, actual: Option<&Json>) {
        self.found.differences.push(Difference {
            path: path.to_owned(),
            expected: expected.clone(),
            actual: actual.cloned().unwrap_or(Json::Null),
            critical: self.critical,
        });
    }

    /// Our members only: what we did not send is none of our business.
    fn object(&mut self, ours: &Json, theirs: &Json, path: &str) {
        for (name, value) in ours.members().unwrap_or_default() {
            let at = format!("{path}/{}", escaped(name));
            let was = self.critical;
            self.critical = was || (path.is_empty() && CRITICAL.contains(&name.as_str()));
            self.field(name, value, theirs.get(name), &at);
            self.critical = was;
        }
    }

    fn field(&mut self, name: &str, ours: &Json, theirs: Option<&Json>, at: &str) {
        let other = theirs.filter(|value| !is_none(value));
        match (is_none(ours), other) {
            (true, None) => {}
            (true, Some(_)) | (false, None) => self.differ(at, ours, theirs),
            (false, Some(other)) => self.values(name, ours, other, at),
        }
    }

    fn values(&mut self, name: &str, ours: &Json, theirs: &Json, at: &str) {
        match (ours, theirs) {
            (Json::List(ours), Json::List(theirs)) => self.list(name, ours, theirs, at),
            // A currency is a code, alone or with its name (Appendix C, 6).
            (Json::Text(_), Json::Object(_)) if name == "currency" => {
                if theirs.get("code") != Some(ours) {
                    self.differ(at, ours, Some(theirs));
                }
                self.found.dialect = true;
            }
            (Json::Object(_), Json::Text(_)) if name == "currency" => {
                if ours.get("code") != Some(theirs) {
                    self.differ(at, ours, Some(theirs));
                }
                self.found.dialect = true;
            }
            (Json::Object(_), Json::Object(_)) => self.object(ours, theirs, at),
            _ if equal(name, ours, theirs) => {}
            _ => self.differ(at, ours, Some(theirs)),
        }
    }

    fn list(&mut self, name: &str, ours: &[Json], theirs: &[Json], at: &str) {
        let (ours, theirs): (Vec<&Json>, Vec<&Json>) = (ours.iter().collect(), theirs.iter().collect());
        match name {
            "currencies" | "languages" | "creditCardTypes" | "bedtypes" | "amenities" | "ageCategories" => {
                self.keyed(at, &ours, &theirs, &|it| text_of(it, "code"));
            }
            "mappingProviders" => self.keyed(at, &ours, &theirs, &|it| text_of(it, "mappingProvider")),
            "images" => self.keyed(at, &ours, &theirs, &image_key),
            "taxes" | "rateplanType" => self.keyed(at, &ours, &theirs, &Json::to_string),
            // Windows, conditions, seasons and whatever else: how often each stands there counts, the order does not.
            _ => self.keyed(at, &ours, &theirs, &|it| canonical(it).to_string()),
        }
    }

    /// Elements with one key are compared, the others are missing or one too many.
    fn keyed(&mut self, at: &str, ours: &[&Json], theirs: &[&Json], key: &dyn Fn(&Json) -> String) {
        let mut left: Vec<(String, &Json)> = theirs.iter().map(|value| (key(value), *value)).collect();
        for (place, value) in ours.iter().enumerate() {
            let own = key(value);
            let path = format!("{at}/{place}");
            match left.iter().position(|(other, _)| *other == own) {
                Some(found) => {
                    let (_, other) = left.remove(found);
                    if value.members().is_some() {
                        self.object(value, other, &path);
                    }
                }
                None => self.differ(&path, value, None),
            }
        }
        for (_, extra) in left {
            self.differ(&format!("{at}/-"), &Json::Null, Some(extra));
        }
    }
}

fn elements(list: &Json) -> Vec<&Json> {
    list.list().unwrap_or_default().iter().collect()
}

fn text_of(value: &Json, name: &str) -> String {
    value.given(name).map(ToString::to_string).unwrap_or_default()
}

fn image_key(image: &Json) -> String {
    let url = image
        .given("url")
        .and_then(Json::list)
        .and_then(|urls| urls.first())
        .and_then(|url| url.given("url"));
    let index = image.given("index").map(canonical);
    format!("{} {}", index.unwrap_or(Json::Null), url.cloned().unwrap_or(Json::Null))
}

/// Null, an empty text and an empty list all say that there is no value.
fn is_none(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Text(text) => text.is_empty(),
        Json::List(list) => list.is_empty(),
        _ => false,
    }
}

fn equal(name: &str, ours: &Json, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Json::Text(a), Json::Text(b)) => {
            normal(a) == normal(b) || (NUMERIC.contains(&name) && same_number(a, b))
        }
        (Json::Number(a), Json::Number(b)) => a == b || same_number(a, b),
        (Json::Text(a), Json::Number(b)) | (Json::Number(a), Json::Text(b)) => {
            NUMERIC.contains(&name) && same_number(a, b)
        }
        _ => ours == theirs,
    }
}

fn same_number(a: &str, b: &str) -> bool {
    let (a, b) = (Decimal::parse(a.trim()), Decimal::parse(b.trim()));
    a.is_some() && a == b
}

fn normal(text: &str) -> String {
    text.replace("\r\n", "\n").nfc().collect()
}

/// One form for all values that count as equal.
fn canonical(value: &Json) -> Json {
    match value {
        Json::Text(text) => Json::Text(normal(text)),
        Json::Number(digits) => {
            Decimal::parse(digits).map_or_else(|| value.clone(), |number| Json::Text(format!("{number:?}")))
        }
        Json::List(list) => Json::List(list.iter().map(canonical).collect()),
        Json::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !is_none(value));
            kept.map(|(name, value)| (name.clone(), canonical(value))).collect::<Json>().sorted()
        }
        other => other.clone(),
    }
}

/// RFC 6901.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn read(text: &str) -> Json {
        json::parse(text.as_bytes()).unwrap()
    }

    fn paths(kind: Kind, ours: &Json, theirs: &Json) -> Vec<String> {
        compare(kind, ours, theirs).differences.into_iter().map(|difference| difference.path).collect()
    }

    #[test]
    fn every_object_equals_itself() {
        for (kind, body) in [
            (Kind::Hotel, sample::hotel("H")),
            (Kind::Tax, sample::tax("T")),
            (Kind::Policy, sample::policy("C")),
            (Kind::Room, sample::room("R")),
            (Kind::RatePlan, sample::rateplan("RP", "C")),
            (Kind::Product, Json::List(vec![sample::product("RP", "R", &["T"])])),
        ] {
            assert_eq!(compare(kind, &body, &body), Comparison::default());
        }
    }

    #[test]
    fn forms_of_one_value_are_no_difference() {
        let mut theirs = sample::hotel("H");
        theirs.set("starRating", Json::from("3.50"));
        theirs.set("zip", Json::from("1000-001"));
        theirs.set("latitude", Json::Number("38.72230".into()));
        theirs.set("addressLine2", Json::from(""));
        theirs.take("images");
        theirs.set("longDescription", Json::from("A house by the river."));
        theirs.set("invented", Json::from("x"));
        let beds = read(r#"[{"code":"1FB","name":"One Full Bed"},{"code":"TWB","name":"Two Twin Beds"}]"#);
        theirs.set("bedtypes", beds);
        assert_eq!(compare(Kind::Hotel, &sample::hotel("H"), &theirs), Comparison::default());
        let (mut composed, mut decomposed) = (sample::room("R"), sample::room("R"));
        composed.set("name", Json::from("caf\u{e9}\n"));
        decomposed.set("name", Json::from("cafe\u{301}\r\n"));
        assert_eq!(compare(Kind::Room, &composed, &decomposed), Comparison::default());
    }

    #[test]
    fn a_difference_is_told_by_its_path_with_both_values() {
        let mut theirs = sample::hotel("H");
        theirs.set("name", Json::from("Test house Lisbon"));
        let Some(Json::List(beds)) = theirs.get_mut("bedtypes") else { unreachable!() };
        beds[0].set("name", Json::from("Twins"));
        beds.pop();
        beds.push(read(r#"{"code":"X","name":"x"}"#));
        let found = compare(Kind::Hotel, &sample::hotel("H"), &theirs);
        let told: Vec<String> = found.differences.iter().map(|it| it.to_json().to_string()).collect();
        assert_eq!(
            told,
            [
                r#"{"path":"/name","expected":"Test House Lisbon","actual":"Test house Lisbon"}"#,
                r#"{"path":"/bedtypes/0/name","expected":"Two Twin Beds","actual":"Twins"}"#,
                r#"{"path":"/bedtypes/1","expected":{"code":"1FB","name":"One Full Bed"},"actual":null}"#,
                r#"{"path":"/bedtypes/-","expected":null,"actual":{"code":"X","name":"x"}}"#,
            ]
        );
        assert!(!found.is_critical());
    }

    #[test]
    fn money_and_beds_are_critical() {
        let mut tax = sample::tax("T");
        tax.set("value", Json::Number("4.01".into()));
        assert!(compare(Kind::Tax, &sample::tax("T"), &tax).is_critical());
        tax.set("value", Json::Number("4".into()));
        tax.set("name", Json::from("Other"));
        assert!(!compare(Kind::Tax, &sample::tax("T"), &tax).is_critical());
        let mut policy = sample::policy("C");
        let Some(Json::List(windows)) = policy.get_mut("penaltyWindows") else { unreachable!() };
        let Some(penalty) = windows[0].get_mut("penalty") else { unreachable!() };
        penalty.set("nights", Json::Number("2".into()));
        let found = compare(Kind::Policy, &sample::policy("C"), &policy);
        assert_eq!((found.differences.len(), found.is_critical()), (2, true));
        let mut room = sample::room("R");
        room.set("totalMaxOccupancy", Json::Number("2".into()));
        assert!(compare(Kind::Room, &sample::room("R"), &room).is_critical());
        let ours = Json::List(vec![sample::product("RP", "A", &["T", "V"])]);
        let theirs = Json::List(vec![sample::product("RP", "A", &["V"]), sample::product("RP", "B", &[])]);
        let found = compare(Kind::Product, &ours, &theirs);
        assert_eq!(
            found.differences.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(),
            ["/0/taxes/0", "/-"]
        );
        assert!(found.is_critical());
    }

    #[test]
    fn names_of_other_dialects_are_noticed_and_no_difference() {
        let mut room = sample::room("R");
        let (name, code) = (room.take("name").unwrap(), room.take("code").unwrap());
        room.set("roomName", name);
        room.set("roomCode", code);
        let dialect = Comparison { dialect: true, ..Comparison::default() };
        assert_eq!(compare(Kind::Room, &sample::room("R"), &room), dialect);
        let mut plan = sample::rateplan("RP", "C");
        let meal = plan.take("mealplan").unwrap();
        plan.set("mealPlan", meal);
        plan.set("currency", Json::from("EUR"));
        assert_eq!(compare(Kind::RatePlan, &sample::rateplan("RP", "C"), &plan), dialect);
        let mut hotel = sample::hotel("H");
        hotel.take("mappingProviders");
        hotel.set("mappingProvider", Json::from("GIATA"));
        hotel.set("mappingCode", Json::from("123456"));
        assert_eq!(compare(Kind::Hotel, &sample::hotel("H"), &hotel), dialect);
    }

    #[test]
    fn what_we_never_sent_is_ignored_and_what_we_cleared_is_not() {
        let (mut ours, theirs) = (sample::room("R"), sample::room("R"));
        ours.take("images");
        assert_eq!(paths(Kind::Room, &ours, &theirs), Vec::<String>::new());
        ours.set("images", Json::List(Vec::new()));
        assert_eq!(paths(Kind::Room, &ours, &theirs), ["/images"]);
    }
}
