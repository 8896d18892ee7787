//! Call flows: a small data file that says what a call does once it is answered — play, pause, collect digits, branch,
//! connect with a third party, hang up. A prompt alone is a flow of one step.

mod walk;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use walk::{Action, Signal, Walk};

/// Steps of a flow at most.
pub const STEPS_MAX: usize = 100;
/// The longest pause or wait for a key, in milliseconds.
pub const WAIT_MS_MAX: u64 = 60_000;
/// The longest that it rings at a third party, in seconds.
pub const RING_S_MAX: u64 = 180;
/// Digits collected at once at most.
pub const DIGITS_MAX: u8 = 32;
/// The longest text that is spoken, in characters.
pub const SAY_CHARS_MAX: usize = 1_000;

/// Something to hear.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    /// The id or the name of an uploaded prompt.
    Prompt(String),
    /// A text for text-to-speech.
    Say(String),
}

/// What one step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Plays something.
    Play {
        /// What.
        sound: Sound,
        /// The step after it; none: hang up.
        #[serde(default)]
        next: Option<String>,
    },
    /// Is silent.
    Pause {
        /// For so many milliseconds.
        ms: u64,
        /// The step after it; none: hang up.
        #[serde(default)]
        next: Option<String>,
    },
    /// Collects digits; a key ends what is being played.
    Collect {
        /// What is played first.
        #[serde(default)]
        sound: Option<Sound>,
        /// How many digits at most.
        digits: u8,
        /// How long to wait for each key, in milliseconds.
        #[serde(default = "wait_ms")]
        wait_ms: u64,
        /// The key that ends the digits before there are `digits`.
        #[serde(default = "end_key")]
        end_key: Option<char>,
        /// How often the step is run before `otherwise` is taken.
        #[serde(default = "tries")]
        tries: u8,
        /// The step for each answer.
        #[serde(default)]
        branches: BTreeMap<String, String>,
        /// The step for every other answer, once the tries are over; none: hang up.
        #[serde(default)]
        otherwise: Option<String>,
    },
    /// Connects the called party with somebody else, who is called over the same trunk.
    Connect {
        /// Whom: digits, with or without `+`.
        number: String,
        /// How long it may ring there, in seconds.
        #[serde(default = "ring_s")]
        ring_s: u64,
        /// The step after the other has hung up; none: hang up.
        #[serde(default)]
        next: Option<String>,
        /// The step when the other cannot be reached; none: hang up.
        #[serde(default)]
        otherwise: Option<String>,
    },
    /// Ends the call.
    HangUp,
}

const fn wait_ms() -> u64 {
    5_000
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
const fn end_key() -> Option<char> {
    Some('#')
}

const fn tries() -> u8 {
    1
}

const fn ring_s() -> u64 {
    30
}

/// A flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The first step.
    pub start: String,
    /// The steps by name.
    pub steps: BTreeMap<String, Step>,
}

/// What is wrong with a flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// It is neither TOML nor JSON of this shape.
    #[error("the flow cannot be read: {0}")]
    Syntax(String),
    /// A step that does not exist.
    #[error("{at} leads to the step {to}, which there is not")]
    Nowhere {
        /// Where it is named.
        at: String,
        /// Its name.
        to: String,
    },
    /// A number out of its range.
    #[error("step {step}: {rule}")]
    Range {
        /// The step.
        step: String,
        /// What it must be.
        rule: &'static str,
    },
    /// Over [`STEPS_MAX`].
    #[error("a flow has at most 100 steps")]
    TooManySteps,
}

impl Flow {
    /// Reads a flow written as JSON or as TOML, and checks it.
    ///
    /// # Errors
    /// [`FlowError`].
    pub fn read(text: &str) -> Result<Self, FlowError> {
        let flow: Self = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| FlowError::Syntax(error.to_string()))?
        } else {
            toml::from_str(text).map_err(|error| FlowError::Syntax(error.to_string()))?
        };
        flow.check()?;
        Ok(flow)
    }

    /// A flow that plays one thing and hangs up.
    #[must_use]
    pub fn of_sound(sound: Sound) -> Self {
        let step = Step::Play { sound, next: None };
        Self { start: "play".to_owned(), steps: BTreeMap::from([("play".to_owned(), step)]) }
    }

    /// Everything it may play.
    #[must_use]
    pub fn sounds(&self) -> BTreeSet<&Sound> {
        self.steps.values().filter_map(sound_of).collect()
    }

    fn check(&self) -> Result<(), FlowError> {
        if self.steps.len() > STEPS_MAX {
            return Err(FlowError::TooManySteps);
        }
        self.leads(&self.start, "start")?;
        for (name, step) in &self.steps {
            step.check(name)?;
            for to in step.ways() {
                self.leads(to, &format!("step {name}"))?;
            }
        }
        Ok(())
    }

    fn leads(&self, to: &str, at: &str) -> Result<(), FlowError> {
        if self.steps.contains_key(to) {
            return Ok(());
        }
        Err(FlowError::Nowhere { at: at.to_owned(), to: to.to_owned() })
    }
}

fn sound_of(step: &Step) -> Option<&Sound> {
    match step {
        Step::Play { sound, .. } => Some(sound),
        Step::Collect { sound, .. } => sound.as_ref(),
        Step::Pause { .. } | Step::Connect { .. } | Step::HangUp => None,
    }
}

impl Step {
    fn ways(&self) -> Vec<&str> {
        match self {
            Self::Play { next, .. } | Self::Pause { next, .. } => next.iter().map(String::as_str).collect(),
            Self::Collect { branches, otherwise, .. } => {
                branches.values().chain(otherwise).map(String::as_str).collect()
            }
            Self::Connect { next, otherwise, .. } => {
                next.iter().chain(otherwise).map(String::as_str).collect()
            }
            Self::HangUp => Vec::new(),
        }
    }

    fn check(&self, name: &str) -> Result<(), FlowError> {
        let range = |rule| Err(FlowError::Range { step: name.to_owned(), rule });
        if let Some(Sound::Say(text)) = sound_of(self)
            && (text.trim().is_empty() || text.chars().count() > SAY_CHARS_MAX)
        {
            return range("a text to say has 1 to 1000 characters");
        }
        match self {
            Self::Pause { ms, .. } if !(1..=WAIT_MS_MAX).contains(ms) => range("ms is 1 to 60000"),
            Self::Collect { digits, .. } if !(1..=DIGITS_MAX).contains(digits) => range("digits is 1 to 32"),
            Self::Collect { wait_ms, .. } if !(1..=WAIT_MS_MAX).contains(wait_ms) => {
                range("wait_ms is 1 to 60000")
            }
            Self::Connect { number, .. } if !is_number(number) => {
                range("number is 1 to 20 digits, + before them or not")
            }
            Self::Connect { ring_s, .. } if !(1..=RING_S_MAX).contains(ring_s) => range("ring_s is 1 to 180"),
            Self::Collect { tries, .. } if !(1..=10).contains(tries) => range("tries is 1 to 10"),
            _ => Ok(()),
        }
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A flow with everything it plays, as µ-law at 8 kHz.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The flow.
    pub flow: Arc<Flow>,
    /// Its sounds.
    pub sounds: HashMap<Sound, Arc<[u8]>>,
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
