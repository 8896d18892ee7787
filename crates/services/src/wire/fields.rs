//! An object of a body, read member by member. Names are matched in any case.

use serde_json::{Map, Value};

use crate::rules::Refusal;

/// The members of one object, with the path to it for refusals.
#[derive(Clone, Debug)]
pub struct Fields {
    path: String,
    members: Map<String, Value>,
}

/// Longest text of a member that has no bound of its own, characters.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// Elements of a list at most.
pub const LIST_MAX: usize = 1_000;

impl Fields {
    /// The members of `value`.
    ///
    /// # Errors
    /// 901002 when it is no object.
    pub fn of(value: Value, path: impl Into<String>) -> Result<Self, Refusal> {
        let path = path.into();
        match value {
            Value::Object(members) => Ok(Self { path, members }),
            _ => Err(Refusal::argument(named(path, "body"), "a JSON object")),
        }
    }

    /// The path of a member, for refusals.
    #[must_use]
    pub fn place(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A refusal that names a member.
    #[must_use]
    pub fn wrong(&self, name: &str, rule: impl Into<String>) -> Refusal {
        Refusal::argument(self.place(name), rule.into())
    }

    /// A member that is there and not null.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let exact = self.members.get(name);
        let found = exact.or_else(|| {
            self.members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        });
        found.filter(|value| !value.is_null())
    }

    /// Whether the member is written out, be it as null: then a nullable value is set, else it is left as it was.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.members.keys().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether the member is there and not null.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// An integer, also written as a text; absent or null is `None`.
    ///
    /// # Errors
    /// 901002.
    pub fn opt_int(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let wrong = || self.wrong(name, "an integer of 32 bits");
        let int = match self.get(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_i64().ok_or_else(wrong)?,
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Value::String(text)) => text.trim().parse().map_err(|_| wrong())?,
            Some(_) => return Err(wrong()),
        };
        i32::try_from(int).map(|int| Some(i64::from(int))).map_err(|_| wrong())
    }

    /// An id: positive; absent, null and 0 are `None`.
    ///
    /// # Errors
    /// 901002.
    pub fn opt_id(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.opt_int(name)? {
            None | Some(0) => Ok(None),
            Some(id) if id > 0 => Ok(Some(id)),
            Some(_) => Err(self.wrong(name, "a positive id")),
        }
    }

    /// An id that must be there.
    ///
    /// # Errors
    /// 901002.
    pub fn id(&self, name: &str) -> Result<i64, Refusal> {
        self.opt_id(name)?.ok_or_else(|| self.wrong(name, "a positive id, mandatory"))
    }

    /// A text of at most [`TEXT_CHARS_MAX`] characters; a number is taken as its digits.
    ///
    /// # Errors
    /// 901002.
    pub fn opt_text(&self, name: &str) -> Result<Option<String>, Refusal> {
        self.opt_text_of(name, TEXT_CHARS_MAX)
    }

    /// A text of at most `chars_max` characters.
    ///
    /// # Errors
    /// 901002.
    pub fn opt_text_of(&self, name: &str, chars_max: usize) -> Result<Option<String>, Refusal> {
        let text = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(self.wrong(name, "a text")),
        };
        if text.contains('\0') || text.chars().count() > chars_max {
            return Err(self.wrong(name, format!("at most {chars_max} characters, without U+0000")));
        }
        Ok(Some(text))
    }

    /// A text that must be there and not be blank.
    ///
    /// # Errors
    /// 901002.
    pub fn text(&self, name: &str) -> Result<String, Refusal> {
        let text = self.opt_text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.wrong(name, "a text, mandatory"))
    }

    /// A truth value, also written as a text; absent is `default`.
    ///
    /// # Errors
    /// 901002.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(self.wrong(name, "true or false")),
        }
    }

    /// The elements of a list; absent is empty.
    ///
    /// # Errors
    /// 901002 for what is no list or has more than [`LIST_MAX`] elements.
    pub fn list(&self, name: &str) -> Result<Vec<Value>, Refusal> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) if list.len() <= LIST_MAX => Ok(list.clone()),
            Some(Value::Array(_)) => Err(self.wrong(name, format!("at most {LIST_MAX} elements"))),
            Some(_) => Err(self.wrong(name, "a list")),
        }
    }

    /// A list of objects.
    ///
    /// # Errors
    /// As [`Fields::list`] and [`Fields::of`].
    pub fn objects(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        let place = self.place(name);
        let elements = self.list(name)?.into_iter().enumerate();
        elements.map(|(n, element)| Self::of(element, format!("{place}[{n}]"))).collect()
    }

    /// A list of positive ids.
    ///
    /// # Errors
    /// As [`Fields::list`], and 901002 for what is no id.
    pub fn ids(&self, name: &str) -> Result<Vec<i64>, Refusal> {
        let id = |value: &Value| value.as_i64().filter(|id| (1..=i64::from(i32::MAX)).contains(id));
        let list = self.list(name)?;
        list.iter().map(|value| id(value).ok_or_else(|| self.wrong(name, "a list of positive ids"))).collect()
    }

    /// An object inside; absent is `None`.
    ///
    /// # Errors
    /// As [`Fields::of`].
    pub fn object(&self, name: &str) -> Result<Option<Self>, Refusal> {
        self.get(name).map(|value| Self::of(value.clone(), self.place(name))).transpose()
    }
}

fn named(path: String, default: &'static str) -> String {
    if path.is_empty() { default.to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> Fields {
        let body = json!({"UserId": 5, "serviceid": "7", "Zero": 0, "Big": 3_000_000_000_i64, "Name": "x", "Flag": "True",
            "Null": null, "List": [1, 2], "Sub": {"A": 1}, "Subs": [{"A": 1}, 2]});
        Fields::of(body, "").unwrap()
    }

    #[test]
    fn members_are_found_in_any_case_and_null_is_absent() {
        let fields = fields();
        assert_eq!((fields.id("userid"), fields.id("ServiceId")), (Ok(5), Ok(7)));
        assert_eq!(
            (fields.opt_id("Zero"), fields.opt_id("Null"), fields.has("Null")),
            (Ok(None), Ok(None), false)
        );
        assert_eq!((fields.flag("flag", false), fields.flag("None", true)), (Ok(true), Ok(true)));
        assert_eq!(
            (fields.ids("List"), fields.object("Sub").unwrap().unwrap().id("A")),
            (Ok(vec![1, 2]), Ok(1))
        );
    }

    #[test]
    fn a_refusal_names_the_path_of_the_member() {
        let fields = fields();
        let place = |refusal: Refusal| refusal.detail().unwrap().field.to_string();
        assert_eq!(place(fields.opt_int("Big").unwrap_err()), "Big");
        assert_eq!(place(fields.objects("Subs").unwrap_err()), "Subs[1]");
        assert_eq!(place(fields.text("Null").unwrap_err()), "Null");
        assert_eq!(place(fields.object("Sub").unwrap().unwrap().text("B").unwrap_err()), "Sub.B");
        assert_eq!(place(Fields::of(json!([]), "").unwrap_err()), "body");
    }
}
