//! What a notice must be (spec 5.5).

use waypost_core::time::Micros;
use waypost_status::MtapiCode;

use super::Refusal;

/// What kind of notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum NoticeKind {
    /// Announced beforehand. Its text is made from its dates.
    PlannedOutage = 1,
    /// Not announced. Its text is made from its dates.
    UnplannedOutage = 2,
    /// Of one service, with a text.
    Information = 3,
    /// Of one service, with a text.
    Warning = 4,
}

impl NoticeKind {
    /// Every kind, by number.
    pub const ALL: &'static [Self] =
        &[Self::PlannedOutage, Self::UnplannedOutage, Self::Information, Self::Warning];

    /// Its number, as stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// Of a stored number.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.number() == number)
    }

    /// Of a word in any case, with or without blanks, or of a number as a text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let by_word = Self::ALL.iter().copied().find(|kind| kind.word().eq_ignore_ascii_case(&text));
        by_word.or_else(|| text.parse().ok().and_then(Self::of))
    }

    /// Its word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PlannedOutage => "PlannedOutage",
            Self::UnplannedOutage => "UnplannedOutage",
            Self::Information => "InformationNotice",
            Self::Warning => "WarningNotice",
        }
    }

    /// English and French name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::PlannedOutage => ("Planned outage", "Interruption planifiée"),
            Self::UnplannedOutage => ("Unplanned outage", "Interruption imprévue"),
            Self::Information => ("Information notice", "Avis d'information"),
            Self::Warning => ("Warning notice", "Avis d'avertissement"),
        }
    }

    const fn is_outage(self) -> bool {
        matches!(self, Self::PlannedOutage | Self::UnplannedOutage)
    }
}

/// What is said, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What kind.
    pub kind: NoticeKind,
    /// For which services.
    pub services: Vec<i64>,
    /// English header.
    pub header_en: Option<String>,
    /// French header.
    pub header_fr: Option<String>,
    /// English body.
    pub body_en: Option<String>,
    /// French body.
    pub body_fr: Option<String>,
    /// From when on it is shown.
    pub display_at: Micros,
    /// Start of what it announces.
    pub start_at: Micros,
    /// End of it; the notice is expired then.
    pub end_at: Micros,
}

/// Longest header, characters.
const HEADER_CHARS_MAX: usize = 150;
/// Longest body, characters.
const BODY_CHARS_MAX: usize = 500;

/// Checks a notice.
///
/// # Errors
/// 612001 and 612009 to 612015, in this order.
pub fn check(content: &Content) -> Result<(), Refusal> {
    let refuse =
        |code: MtapiCode, field: &'static str, rule: &'static str| Err(Refusal::from(code).at(field, rule));
    if content.services.is_empty() {
        return refuse(MtapiCode::Minimum1ServiceRequired, "Services", "the ids of services, at least one");
    }
    if content.start_at >= content.end_at {
        return refuse(MtapiCode::NoticeStartDateShouldBeBeforeEndDate, "StartDate", "before EndDate");
    }
    if content.display_at >= content.end_at {
        return refuse(MtapiCode::NoticeDisplayDateShouldBeBeforeEndDate, "DisplayDate", "before EndDate");
    }
    let headers = [("EnglishHeaderText", &content.header_en), ("FrenchHeaderText", &content.header_fr)];
    let bodies = [("EnglishBodyText", &content.body_en), ("FrenchBodyText", &content.body_fr)];
    if content.kind.is_outage() {
        let code = MtapiCode::NoticeHeaderBodyShouldBeNullForOutageNotice;
        let given = headers.iter().chain(&bodies).find(|(_, text)| text.is_some());
        return given.map_or(Ok(()), |(field, _)| refuse(code, field, "none for an outage"));
    }
    if content.services.len() > 1 {
        let code = MtapiCode::NoticeOneServiceShouldSelectedBeForWarningOrInfo;
        return refuse(code, "Services", "the id of one service");
    }
    if let Some((field, _)) = headers.iter().chain(&bodies).find(|(_, text)| text.is_none()) {
        return refuse(MtapiCode::NoticeHeaderBodyRequired, field, "a text, mandatory");
    }
    let over = |texts: &[(&'static str, &Option<String>)], max: usize| {
        let longer = |text: &Option<String>| text.as_ref().is_some_and(|text| text.chars().count() > max);
        texts.iter().find(|(_, text)| longer(text)).map(|(field, _)| *field)
    };
    if let Some(field) = over(&headers, HEADER_CHARS_MAX) {
        return refuse(MtapiCode::NoticeHeaderOverMaxCharacterLimit, field, "at most 150 characters");
    }
    if let Some(field) = over(&bodies, BODY_CHARS_MAX) {
        return refuse(MtapiCode::NoticeBodyOverMaxCharacterLimit, field, "at most 500 characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning() -> Content {
        let text = |n: usize| Some("é".repeat(n));
        Content {
            kind: NoticeKind::Warning,
            services: vec![1],
            header_en: text(150),
            header_fr: text(1),
            body_en: text(500),
            body_fr: text(1),
            display_at: Micros(0),
            start_at: Micros(1),
            end_at: Micros(2),
        }
    }

    fn code(content: &Content) -> i64 {
        check(content).map_or_else(|refusal| refusal.first().entry().code, |()| 0)
    }

    #[test]
    fn the_limits_are_met_to_the_character_and_to_the_moment() {
        assert_eq!(code(&warning()), 0);
        let text = |n: usize| Some("é".repeat(n));
        assert_eq!(code(&Content { header_fr: text(151), ..warning() }), 612_013);
        assert_eq!(code(&Content { body_fr: text(501), ..warning() }), 612_014);
        assert_eq!(code(&Content { start_at: Micros(2), ..warning() }), 612_009);
        assert_eq!(code(&Content { display_at: Micros(2), ..warning() }), 612_010);
        assert_eq!(code(&Content { services: vec![], ..warning() }), 612_001);
        assert_eq!(code(&Content { services: vec![1, 2], ..warning() }), 612_011);
        assert_eq!(code(&Content { body_en: None, ..warning() }), 612_012);
    }

    #[test]
    fn an_outage_has_no_text_and_may_have_many_services() {
        let outage = Content {
            kind: NoticeKind::PlannedOutage,
            services: vec![1, 2],
            header_en: None,
            header_fr: None,
            body_en: None,
            body_fr: None,
            ..warning()
        };
        assert_eq!(code(&outage), 0);
        assert_eq!(code(&Content { body_fr: Some("x".to_owned()), ..outage }), 612_015);
    }

    #[test]
    fn a_kind_is_read_by_its_word_its_words_or_its_number() {
        for text in ["WarningNotice", "warningnotice", "Warning Notice", "4"] {
            assert_eq!(NoticeKind::parse(text), Some(NoticeKind::Warning), "{text}");
        }
        assert_eq!(
            (NoticeKind::parse(""), NoticeKind::parse("5"), NoticeKind::parse("outage")),
            (None, None, None)
        );
    }
}
