//! The grammar (spec 6.2): AND binds tighter than OR, no brackets, `OrderBy` anywhere as one more term.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use waypost_core::time::Micros;

use super::lexer::Lexer;
use super::{Condition, Filter, IdType, Misread, Mode, Order};
use crate::rules::RequestStatus;

/// Conditions of one filter at most.
const CONDITIONS_MAX: usize = 20;
/// Values of one list at most.
const VALUES_MAX: usize = 200;

const TERMS: &str =
    "one of Status, PlaceOfSupply, ServiceAttributes, DateRangeUtc, RegulatedEntity- and OrderBy-";
const ID_TYPES: &str = "one of RegulatedEntity-VESSEL_NM, -CDN_SHIP_IND, -IMO and -OFFICIAL_NO";

/// What one term turned out to be.
enum Term {
    Condition(Condition),
    Order(Order),
    /// A filter type that is not known (compatible mode).
    Dropped,
}

/// Reads a filter.
///
/// # Errors
/// The place where it stops being a filter, and what was expected there.
pub fn parse(text: &str, mode: Mode) -> Result<Filter, Misread> {
    let mut reader = Reader { lexer: Lexer::new(text), mode };
    let mut groups: Vec<Vec<(usize, Condition)>> = vec![Vec::new()];
    let mut order = None;
    let mut conditions = 0;
    let mut first = true;
    while !reader.lexer.is_at_end() {
        if reader.connector(first)? {
            groups.push(Vec::new());
        }
        first = false;
        let at = reader.lexer.place();
        match reader.term()? {
            Term::Dropped => {}
            Term::Order(_) if order.is_some() => return Err(misread(at, "one OrderBy at most")),
            Term::Order(found) => order = Some(found),
            Term::Condition(_) if conditions == CONDITIONS_MAX => {
                return Err(misread(at, format!("at most {CONDITIONS_MAX} conditions")));
            }
            Term::Condition(condition) => {
                conditions += 1;
                if let Some(group) = groups.last_mut() {
                    group.push((at, condition));
                }
            }
        }
    }
    groups.retain(|group| !group.is_empty());
    no_type_twice(&groups)?;
    let groups =
        groups.into_iter().map(|group| group.into_iter().map(|(_, condition)| condition).collect()).collect();
    Ok(Filter { groups, order: order.unwrap_or_default() })
}

/// The same type on both sides of an OR is not supported: a list of values says the same.
fn no_type_twice(groups: &[Vec<(usize, Condition)>]) -> Result<(), Misread> {
    for (n, group) in groups.iter().enumerate() {
        for (at, condition) in group {
            let kind = condition.filter_type();
            let before = groups.iter().take(n).flatten();
            if before.into_iter().any(|(_, other)| other.filter_type() == kind) {
                let rule = format!("another filter type than {}, which OR must not repeat", kind.name());
                return Err(misread(*at, rule));
            }
        }
    }
    Ok(())
}

fn misread(at: usize, expected: impl Into<String>) -> Misread {
    Misread { at, expected: expected.into() }
}

struct Reader {
    lexer: Lexer,
    mode: Mode,
}

impl Reader {
    /// Reads what stands before a term. True for OR.
    fn connector(&mut self, first: bool) -> Result<bool, Misread> {
        let at = self.lexer.place();
        let word = self.lexer.peek_word();
        let is_or = word.eq_ignore_ascii_case("or");
        if is_or || word.eq_ignore_ascii_case("and") {
            if first {
                return Err(misread(at, TERMS));
            }
            self.lexer.word();
            if self.lexer.is_at_end() {
                return Err(misread(self.lexer.place(), TERMS));
            }
            return Ok(is_or);
        }
        // OrderBy is a term of its own, not a condition: nothing needs to tie it to them.
        if first || word.to_ascii_lowercase().starts_with("orderby") {
            return Ok(false);
        }
        Err(misread(at, "AND or OR"))
    }

    fn term(&mut self) -> Result<Term, Misread> {
        let at = self.lexer.place();
        let word = self.lexer.word();
        if word.is_empty() {
            return Err(misread(at, TERMS));
        }
        let name = word.to_ascii_lowercase();
        let (kind, part) = name.split_once('-').unwrap_or((name.as_str(), ""));
        match (kind, part) {
            ("status", "") => self.status(),
            ("placeofsupply", "") => self.place(),
            ("serviceattributes", "") => self.attributes(),
            ("daterangeutc", "") => self.dates(),
            ("regulatedentity", id_type) => {
                let known = IdType::ALL.iter().copied().find(|own| own.code().eq_ignore_ascii_case(id_type));
                match known {
                    Some(id_type) => self.entity(id_type),
                    None => self.unknown(at, ID_TYPES),
                }
            }
            ("orderby", "id") => self.order(false),
            ("orderby", "date") => self.order(true),
            ("orderby", _) => self.unknown(at, "OrderBy-Id or OrderBy-Date"),
            _ => self.unknown(at, TERMS),
        }
    }

    fn status(&mut self) -> Result<Term, Misread> {
        let items = self.list()?;
        let statuses = items.into_iter().map(|(at, item)| {
            RequestStatus::parse(&item).ok_or_else(|| misread(at, "the name of a status, such as InProgress"))
        });
        Ok(Term::Condition(Condition::Status(statuses.collect::<Result<_, _>>()?)))
    }

    fn place(&mut self) -> Result<Term, Misread> {
        self.lexer.expect('=')?;
        let (at, value) = self.lexer.quoted()?;
        if value.trim().is_empty() {
            return Err(misread(at, "the code of a province, such as ON"));
        }
        Ok(Term::Condition(Condition::Place { value, exact_case: self.mode == Mode::Compatible }))
    }

    fn attributes(&mut self) -> Result<Term, Misread> {
        let ids = self.list()?.into_iter().map(|(at, item)| {
            let id = item.parse::<i32>().ok().filter(|id| *id > 0);
            id.map(i64::from).ok_or_else(|| misread(at, "the id of a service attribute"))
        });
        Ok(Term::Condition(Condition::Attributes(ids.collect::<Result<_, _>>()?)))
    }

    fn entity(&mut self, id_type: IdType) -> Result<Term, Misread> {
        let at = self.lexer.place();
        let partial = self.lexer.takes('.');
        let (place, value) = if partial {
            let at = self.lexer.place();
            if !self.lexer.word().eq_ignore_ascii_case("contains") {
                return Err(misread(at, "Contains"));
            }
            self.lexer.expect('(')?;
            let value = self.lexer.quoted()?;
            self.lexer.expect(')')?;
            value
        } else if self.lexer.takes('=') {
            self.lexer.quoted()?
        } else {
            return Err(misread(at, "`=` or `.Contains(`"));
        };
        if value.trim().is_empty() {
            return Err(misread(place, "a value that is not empty"));
        }
        Ok(Term::Condition(Condition::Entity { id_type, value: value.trim().to_lowercase(), partial }))
    }

    fn dates(&mut self) -> Result<Term, Misread> {
        self.lexer.expect('=')?;
        let at = self.lexer.place();
        let word = self.lexer.word();
        let (first, last) = word.split_once('-').unwrap_or((word.as_str(), word.as_str()));
        // A blank on either side of the dash is taken too.
        let more = if last.is_empty() || (first == last && self.lexer.peek_word().starts_with('-')) {
            Some(self.lexer.word())
        } else {
            None
        };
        let mut last = more.as_deref().map_or(last, |more| more.trim_start_matches('-')).to_owned();
        if last.is_empty() {
            last = self.lexer.word();
        }
        let wrong =
            || misread(at, "a date as 20210801, or two with a dash between them, the earlier one first");
        let (from, to) = (date(first).ok_or_else(wrong)?, date(&last).ok_or_else(wrong)?);
        if to < from {
            return Err(wrong());
        }
        let end = to.checked_add(1.day()).map_err(|_| wrong())?;
        Ok(Term::Condition(Condition::Changed(
            midnight(from).ok_or_else(wrong)?,
            midnight(end).ok_or_else(wrong)?,
        )))
    }

    fn order(&mut self, by_date: bool) -> Result<Term, Misread> {
        if !self.lexer.takes('=') {
            return Ok(Term::Order(Order { by_date, ascending: false }));
        }
        let at = self.lexer.place();
        let ascending = match self.lexer.word().to_ascii_lowercase().as_str() {
            "asc" | "ascending" => true,
            "desc" | "descending" => false,
            _ => return Err(misread(at, "Asc, Ascending, Desc or Descending")),
        };
        Ok(Term::Order(Order { by_date, ascending }))
    }

    /// A list in quotes: its items without blanks around them, each with its place.
    fn list(&mut self) -> Result<Vec<(usize, String)>, Misread> {
        self.lexer.expect('=')?;
        let (start, text) = self.lexer.quoted()?;
        let mut items = Vec::new();
        let mut at = start;
        for item in text.split(',') {
            let blanks = item.chars().take_while(|letter| letter.is_whitespace()).count();
            if item.trim().is_empty() {
                return Err(misread(at, "a value between the commas"));
            }
            items.push((at + blanks, item.trim().to_owned()));
            at += item.chars().count() + 1;
        }
        if items.len() > VALUES_MAX {
            return Err(misread(start, format!("at most {VALUES_MAX} values")));
        }
        Ok(items)
    }

    /// A filter type that is not known: left out with whatever it is compared with, or refused.
    fn unknown(&mut self, at: usize, expected: &str) -> Result<Term, Misread> {
        if self.mode == Mode::Strict {
            return Err(misread(at, expected));
        }
        if self.lexer.takes('.') {
            self.lexer.word();
            self.lexer.expect('(')?;
            self.value()?;
            self.lexer.expect(')')?;
        } else if self.lexer.takes('=') {
            self.value()?;
        }
        Ok(Term::Dropped)
    }

    fn value(&mut self) -> Result<(), Misread> {
        if self.lexer.is_at_quote() {
            return self.lexer.quoted().map(drop);
        }
        let at = self.lexer.place();
        if self.lexer.bare().is_empty() { Err(misread(at, "a value")) } else { Ok(()) }
    }
}

/// A date of eight digits.
fn date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let (month, day) = (i8::try_from(part(4..6)?).ok()?, i8::try_from(part(6..8)?).ok()?);
    Date::new(part(0..4)?, month, day).ok()
}

fn midnight(date: Date) -> Option<Micros> {
    let at = date.to_zoned(TimeZone::UTC).ok()?;
    Some(Micros(at.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::super::FilterType;
    use super::*;

    fn read(text: &str) -> Filter {
        parse(text, Mode::Compatible).unwrap()
    }

    fn wrong(text: &str, mode: Mode) -> (usize, String) {
        let misread = parse(text, mode).unwrap_err();
        (misread.at, misread.expected)
    }

    fn entity(id_type: IdType, value: &str, partial: bool) -> Condition {
        Condition::Entity { id_type, value: value.to_owned(), partial }
    }

    fn place(value: &str) -> Condition {
        Condition::Place { value: value.to_owned(), exact_case: true }
    }

    #[test]
    fn every_documented_filter_is_read() {
        let one = |text: &str, condition: Condition| {
            assert_eq!(
                read(text),
                Filter { groups: vec![vec![condition]], order: Order::default() },
                "{text}"
            );
        };
        one("RegulatedEntity-IMO='Value_2'", entity(IdType::Imo, "value_2", false));
        one("RegulatedEntity-VESSEL_NM.Contains('Value')", entity(IdType::VesselName, "value", true));
        one("ServiceAttributes='98,99,100'", Condition::Attributes(vec![98, 99, 100]));
        one(
            "Status='Draft, InProgress'",
            Condition::Status(vec![RequestStatus::Draft, RequestStatus::InProgress]),
        );
        let day = |days: i64| Micros::from_secs(1_627_776_000 + days * 86_400);
        one("DateRangeUtc=20210801-20210803", Condition::Changed(day(0), day(3)));
        one("DateRangeUtc=20210802", Condition::Changed(day(1), day(2)));
        one("daterangeutc = 20210801 - 20210803", Condition::Changed(day(0), day(3)));
        one("DateRangeUtc=20210801- 20210803", Condition::Changed(day(0), day(3)));
        let both = read("PlaceOfSupply='ON' AND Status='InProgress'");
        let status = Condition::Status(vec![RequestStatus::InProgress]);
        assert_eq!(both.groups, [vec![place("ON"), status.clone()]]);
        assert_eq!(
            read("STATUS='inprogress' or placeofsupply='on'").groups,
            [vec![status], vec![place("on")]]
        );
    }

    #[test]
    fn and_binds_tighter_than_or_and_a_doubled_quote_is_one() {
        let filter = read("Status='Draft' AND PlaceOfSupply='ON' OR RegulatedEntity-IMO='O''Neil'");
        let kinds: Vec<Vec<FilterType>> =
            filter.groups.iter().map(|group| group.iter().map(Condition::filter_type).collect()).collect();
        assert_eq!(
            kinds,
            [vec![FilterType::Status, FilterType::PlaceOfSupply], vec![FilterType::RegulatedEntity]]
        );
        assert_eq!(filter.groups[1], [entity(IdType::Imo, "o'neil", false)]);
    }

    #[test]
    fn an_order_stands_anywhere_and_is_descending_unless_it_says_otherwise() {
        let order = |text: &str| read(text).order;
        let of = |by_date, ascending| Order { by_date, ascending };
        assert_eq!(order(""), of(false, false));
        assert_eq!(order("OrderBy-Id"), of(false, false));
        assert_eq!(order("OrderBy-Date=Ascending"), of(true, true));
        assert_eq!(order("Status='Draft' OrderBy-Date"), of(true, false));
        assert_eq!(order("orderby-id = ASC AND Status='Draft'"), of(false, true));
        assert_eq!(order("Status='Draft' AND OrderBy-Date=Desc"), of(true, false));
        assert_eq!(
            wrong("OrderBy-Id OrderBy-Date", Mode::Compatible),
            (12, "one OrderBy at most".to_owned())
        );
    }

    #[test]
    fn a_filter_type_that_is_not_known_is_left_out_or_refused_with_its_place() {
        let draft = vec![vec![Condition::Status(vec![RequestStatus::Draft])]];
        for text in [
            "Colour='red' AND Status='Draft'",
            "Status='Draft' OR Colour='red'",
            "Colour='a''b' OR Status='Draft' OrderBy-Name",
            "Status='Draft' AND RegulatedEntity-HULL.Contains('x')",
            "Status='Draft' AND Size=12",
        ] {
            assert_eq!(read(text).groups, draft, "{text}");
        }
        assert_eq!(wrong("Status='Draft' AND Colour='red'", Mode::Strict), (20, TERMS.to_owned()));
        assert_eq!(wrong("RegulatedEntity-HULL='x'", Mode::Strict), (1, ID_TYPES.to_owned()));
        let strict = parse("PlaceOfSupply='on'", Mode::Strict).unwrap().groups;
        assert_eq!(strict, [vec![Condition::Place { value: "on".to_owned(), exact_case: false }]]);
    }

    #[test]
    fn or_does_not_repeat_a_filter_type() {
        for (text, at) in [
            ("Status='Draft' OR Status='InProgress'", 19),
            ("RegulatedEntity-IMO='1' OR RegulatedEntity-OFFICIAL_NO='2'", 28),
            ("Status='Draft' AND PlaceOfSupply='ON' OR ServiceAttributes='1' OR PlaceOfSupply='QC'", 67),
        ] {
            let (place, rule) = wrong(text, Mode::Compatible);
            assert_eq!(place, at, "{text}");
            assert!(rule.starts_with("another filter type than "), "{rule}");
        }
        assert!(parse("RegulatedEntity-IMO='1' AND RegulatedEntity-OFFICIAL_NO='2'", Mode::Strict).is_ok());
    }

    #[test]
    fn a_refusal_names_the_place_and_what_was_expected() {
        for (text, at, expected) in [
            ("Status", 7, "`=`"),
            ("Status=", 8, "a value in single quotes"),
            ("Status='Draft", 14, "the closing single quote"),
            ("Status='Draft, Nonsense'", 16, "the name of a status, such as InProgress"),
            ("Status='Unknown'", 9, "the name of a status, such as InProgress"),
            ("Status='Draft,,Issued'", 15, "a value between the commas"),
            ("ServiceAttributes='98,x'", 23, "the id of a service attribute"),
            ("PlaceOfSupply=''", 16, "the code of a province, such as ON"),
            ("RegulatedEntity-IMO 'x'", 21, "`=` or `.Contains(`"),
            ("RegulatedEntity-IMO.Like('x')", 21, "Contains"),
            ("RegulatedEntity-IMO=' '", 22, "a value that is not empty"),
            ("Status='Draft' PlaceOfSupply='ON'", 16, "AND or OR"),
            ("AND Status='Draft'", 1, TERMS),
            ("Status='Draft' AND", 19, TERMS),
            ("'Draft'", 1, TERMS),
            ("OrderBy-Id=Up", 12, "Asc, Ascending, Desc or Descending"),
        ] {
            assert_eq!(wrong(text, Mode::Compatible), (at, expected.to_owned()), "{text}");
        }
        for text in
            ["20210801", "20211301-20211302", "20210803-20210801", "2021-08-01", "x", "'20210801'", ""]
        {
            let filter = format!("DateRangeUtc={text}");
            assert_eq!(text == "20210801", parse(&filter, Mode::Compatible).is_ok(), "{text}");
        }
        let many = vec!["RegulatedEntity-IMO='1'"; CONDITIONS_MAX + 1].join(" AND ");
        assert_eq!(wrong(&many, Mode::Compatible).1, "at most 20 conditions");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[a-zA-Z0-9 =.,()'\\-]{0,60}", strict in proptest::bool::ANY) {
            let _ = parse(&text, if strict { Mode::Strict } else { Mode::Compatible });
        }

        #[test]
        fn pieces_of_the_language_never_panic(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "Status", "=", "'Draft'", " ", "AND", "OR", "OrderBy-Id", "DateRangeUtc", "20210801", "-", ".Contains(", ")", "'",
            "RegulatedEntity-IMO", "é",
        ]), 0..12)) {
            let _ = parse(&pieces.concat(), Mode::Compatible);
        }
    }
}
