//! What is wrong with a configuration, said so that it can be mended.

use std::fmt;

use serde::Serialize;

use super::Place;

/// One fault: where it stands, which setting, the rule it breaks and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where the value was given.
    pub place: Place,
    /// `section.key`, or empty when the file as a whole is at fault.
    pub setting: String,
    /// The rule that is broken.
    pub rule: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    /// A fault of `setting` given at `place`.
    pub fn new(
        place: Place,
        setting: impl Into<String>,
        rule: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { place, setting: setting.into(), rule: rule.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.setting.is_empty() {
            write!(f, "{}: ", self.setting)?;
        }
        write!(f, "{}\n    remedy: {}", self.rule, self.remedy)
    }
}

impl Serialize for Fault {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fault = serializer.serialize_struct("Fault", 4)?;
        fault.serialize_field("place", &self.place.to_string())?;
        fault.serialize_field("setting", &self.setting)?;
        fault.serialize_field("rule", &self.rule)?;
        fault.serialize_field("remedy", &self.remedy)?;
        fault.end()
    }
}

/// Every fault found in one reading; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0.len() == 1 { "fault" } else { "faults" };
        write!(f, "the configuration has {} {noun}", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(f, "\n{fault}"))
    }
}
