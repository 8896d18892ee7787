//! Artifacts: their kinds, and what a metadata artifact says (spec 4.4, 5.2).

use serde_json::{Value, json};

/// What an artifact is. `None` of the published list is the absence of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum ArtifactKind {
    /// A picture.
    Image = 1,
    /// A PDF document.
    Pdf = 2,
    /// The metadata of the request.
    JsonMetadata = 3,
    /// All the data of the form.
    JsonDocument = 4,
    /// The data as it was signed.
    SignedJsonDocument = 5,
}

/// The words a caller may use; the last stands for no kind.
pub const WORDS: &[&str] = &["Image", "Pdf", "JsonMetadata", "JsonDocument", "SignedJsonDocument", "None"];

impl ArtifactKind {
    const ALL: [Self; 5] =
        [Self::Image, Self::Pdf, Self::JsonMetadata, Self::JsonDocument, Self::SignedJsonDocument];

    /// Its number, as stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// Of a stored number.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Of a published word in any case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }

    /// Its published word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Image => "Image",
            Self::Pdf => "Pdf",
            Self::JsonMetadata => "JsonMetadata",
            Self::JsonDocument => "JsonDocument",
            Self::SignedJsonDocument => "SignedJsonDocument",
        }
    }

    /// Whether its content must be JSON.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::JsonMetadata | Self::JsonDocument | Self::SignedJsonDocument)
    }
}

/// One key of the metadata of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// Its value; a number or a structure as its JSON text.
    pub value: Option<String>,
}

/// Keys of one request at most.
pub const PAIRS_MAX: usize = 500;

/// The pairs of a metadata artifact: an object, or a list of `{Key, Value}`. `None` for anything else.
#[must_use]
pub fn pairs(content: &Value) -> Option<Vec<Pair>> {
    let pairs: Vec<Pair> = match content {
        Value::Object(members) => {
            members.iter().map(|(key, value)| Pair { key: key.clone(), value: text(value) }).collect()
        }
        Value::Array(list) => list.iter().map(pair).collect::<Option<_>>()?,
        _ => return None,
    };
    (pairs.len() <= PAIRS_MAX).then_some(pairs)
}

fn pair(element: &Value) -> Option<Pair> {
    let members = element.as_object()?;
    let find =
        |name: &str| members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let key = find("Key")?.as_str()?.to_owned();
    Some(Pair { key, value: find("Value").and_then(text) })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The metadata as it is shown: `[{"Key","Value"}]`.
#[must_use]
pub fn shown(pairs: &[Pair]) -> String {
    let list: Vec<Value> = pairs.iter().map(|pair| json!({"Key": pair.key, "Value": pair.value})).collect();
    Value::Array(list).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: Option<&str>) -> Pair {
        Pair { key: key.to_owned(), value: value.map(str::to_owned) }
    }

    #[test]
    fn an_object_and_a_list_of_keys_and_values_say_the_same() {
        let expected = vec![pair("a", Some("x")), pair("b", Some("1")), pair("c", None)];
        assert_eq!(pairs(&json!({"a": "x", "b": 1, "c": null})), Some(expected.clone()));
        let list = json!([{"Key": "a", "Value": "x"}, {"key": "b", "value": 1}, {"Key": "c"}]);
        assert_eq!(pairs(&list), Some(expected.clone()));
        assert_eq!(
            shown(&expected),
            r#"[{"Key":"a","Value":"x"},{"Key":"b","Value":"1"},{"Key":"c","Value":null}]"#
        );
    }

    #[test]
    fn anything_else_is_no_metadata() {
        for odd in
            [json!("x"), json!(1), json!([1]), json!([{"Value": "x"}]), json!([{"Key": 1}]), Value::Null]
        {
            assert_eq!(pairs(&odd), None, "{odd}");
        }
        let many: Vec<Value> = (0..=PAIRS_MAX).map(|n| json!({"Key": n.to_string()})).collect();
        assert_eq!(pairs(&Value::Array(many)), None);
    }

    #[test]
    fn a_kind_is_read_in_any_case_and_none_is_no_kind() {
        assert_eq!(ArtifactKind::parse("jsonmetadata"), Some(ArtifactKind::JsonMetadata));
        assert_eq!(ArtifactKind::parse("None"), None);
        for kind in ArtifactKind::ALL {
            assert_eq!(ArtifactKind::of(kind.number()), Some(kind));
            assert!(WORDS.contains(&kind.word()));
        }
    }
}
