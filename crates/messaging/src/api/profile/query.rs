//! Ids and switches of the query.

use axum::http::Uri;

use super::seams::Links;
use crate::rules::profile::{ProfileRefusal, RecordFault, check_id};
use crate::wire::RECORDS_MAX;

/// What a query says; names are read in any case.
#[derive(Debug, Default)]
pub(super) struct Query {
    /// `customerId`, as often as it is given; at most one more than [`RECORDS_MAX`] is kept.
    pub ids: Vec<String>,
    /// `identifier`.
    pub identifier: Option<String>,
    links: Option<String>,
}

impl Query {
    pub fn of(uri: &Uri) -> Self {
        let mut query = Self::default();
        for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match name.to_ascii_lowercase().as_str() {
                "customerid" if query.ids.len() <= RECORDS_MAX => query.ids.push(value.into_owned()),
                "identifier" => query.identifier = Some(value.into_owned()),
                "showinwardlinks" => query.links = Some(value.into_owned()),
                _ => {}
            }
        }
        query
    }

    /// The ids, each once, in the order given.
    ///
    /// # Errors
    /// 7003 without one or with a blank one, 7012 with too many.
    pub fn several(&self) -> Result<Vec<String>, ProfileRefusal> {
        if self.ids.len() > RECORDS_MAX {
            return Err(ProfileRefusal::BatchTooLarge);
        }
        let mut ids: Vec<String> = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            checked(id)?;
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        if ids.is_empty() { Err(ProfileRefusal::CustomerIdMissing) } else { Ok(ids) }
    }

    /// `showinwardlinks`; 0 when it is absent.
    ///
    /// # Errors
    /// 7011 for anything but 0, 1 and 2.
    pub fn links(&self) -> Result<Links, ProfileRefusal> {
        match self.links.as_deref() {
            None | Some("" | "0") => Ok(Links::None),
            Some("1") => Ok(Links::Keys),
            Some("2") => Ok(Links::Full),
            Some(_) => Err(ProfileRefusal::Query { name: "showinwardlinks", rule: "0, 1 or 2" }),
        }
    }
}

/// An id of a path or query, as a client may send it.
///
/// # Errors
/// 7003 for a blank one, 7011 for one that no profile can have.
pub(super) fn checked(id: &str) -> Result<(), ProfileRefusal> {
    check_id(id).map_err(|fault| match fault {
        RecordFault::CustomerIdMissing => ProfileRefusal::CustomerIdMissing,
        _ => ProfileRefusal::Query {
            name: "customerId",
            rule: "a text of at most 128 bytes without control characters",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_decoded_once_each_and_in_order() {
        let query =
            Query::of(&"/x?customerId=b%20b&CUSTOMERID=a&customerId=b+b&identifier=u%40x".parse().unwrap());
        assert_eq!(query.several().unwrap(), ["b b", "a"]);
        assert_eq!((query.identifier.as_deref(), query.links()), (Some("u@x"), Ok(Links::None)));
    }

    #[test]
    fn none_blank_and_too_many_are_refused() {
        let of = |query: &str| Query::of(&format!("/x?{query}").parse().unwrap()).several();
        assert_eq!(of(""), Err(ProfileRefusal::CustomerIdMissing));
        assert_eq!(of("customerId=%20"), Err(ProfileRefusal::CustomerIdMissing));
        assert_eq!(of(&["customerId=1"; 101].join("&")), Err(ProfileRefusal::BatchTooLarge));
        assert!(matches!(of(&format!("customerId={}", "x".repeat(129))), Err(ProfileRefusal::Query { .. })));
    }
}
