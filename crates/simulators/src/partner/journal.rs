//! What came in, in order.

use std::collections::{HashMap, VecDeque};

use waypost_content::Kind;

/// One push as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// `messageId`.
    pub message_id: String,
    /// The property.
    pub property: String,
    /// What was pushed.
    pub kind: Kind,
    /// `updateType`; empty for products.
    pub op: String,
    /// Code of the first object.
    pub code: String,
    /// The same id came before.
    pub repeated: bool,
    /// The answer's status; 0 when there was none.
    pub http: u16,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pushes that came in, repeats included.
    pub pushes: u64,
    /// Pushes that changed the state.
    pub applied: u64,
    /// Pushes whose id had come before.
    pub repeated: u64,
    /// Audits.
    pub audits: u64,
    /// Pushes that came while another of the same property was not answered yet.
    pub overlapping: u64,
}

/// The journal.
#[derive(Debug, Default)]
pub struct Journal {
    /// Counts since the start.
    pub counts: Counts,
    seen: VecDeque<Seen>,
    open: HashMap<String, u32>,
}

impl Journal {
    /// A push of a property came in.
    pub fn begin(&mut self, property: &str) {
        self.counts.pushes += 1;
        let open = self.open.entry(property.to_owned()).or_default();
        if *open > 0 {
            self.counts.overlapping += 1;
        }
        *open += 1;
    }

    /// It is over, one way or another.
    pub fn end(&mut self, property: &str) {
        if let Some(open) = self.open.get_mut(property) {
            *open -= 1;
            if *open == 0 {
                self.open.remove(property);
            }
        }
    }

    /// Writes a push down.
    pub fn note(&mut self, seen: Seen, max: usize) {
        self.counts.repeated += u64::from(seen.repeated);
        if max == 0 {
            return;
        }
        if self.seen.len() >= max {
            self.seen.pop_front();
        }
        self.seen.push_back(seen);
    }

    /// What is kept, oldest first.
    pub fn kept(&self) -> Vec<Seen> {
        self.seen.iter().cloned().collect()
    }
}
