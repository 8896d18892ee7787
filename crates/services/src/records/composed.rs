//! A statement composed at run time: its text is made of constants only, every value is bound.

use waypost_store::{Param, Row, Sql, StoreError};

/// A bound value.
enum Bound {
    Int(i64),
    Text(String),
}

/// A statement under composition.
#[derive(Default)]
pub(super) struct Composed {
    text: String,
    values: Vec<Bound>,
}

impl Composed {
    /// Appends constant text.
    pub fn say(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a parameter with this value.
    pub fn int(&mut self, value: i64) -> &mut Self {
        self.values.push(Bound::Int(value));
        self.number()
    }

    /// Appends a parameter with this value.
    pub fn value(&mut self, value: impl Into<String>) -> &mut Self {
        self.values.push(Bound::Text(value.into()));
        self.number()
    }

    /// Appends a list of parameters in brackets; an empty list is that of an impossible id.
    pub fn ints(&mut self, values: &[i64]) -> &mut Self {
        self.say("(");
        // The list is filled up to a power of two, so that few texts are prepared.
        let size = values.len().max(1).next_power_of_two();
        for n in 0..size {
            if n > 0 {
                self.say(", ");
            }
            self.int(values.get(n).or(values.last()).copied().unwrap_or(-1));
        }
        self.say(")")
    }

    fn number(&mut self) -> &mut Self {
        let n = self.values.len();
        self.text.push('?');
        self.text.push_str(&n.to_string());
        self
    }

    /// Runs it.
    pub fn query(&self, tx: &mut dyn Sql) -> Result<Vec<Row>, StoreError> {
        let params: Vec<Param<'_>> = self
            .values
            .iter()
            .map(|value| match value {
                Bound::Int(int) => Param::Int(*int),
                Bound::Text(text) => Param::Text(text),
            })
            .collect();
        tx.query_composed(&self.text, &params)
    }
}
