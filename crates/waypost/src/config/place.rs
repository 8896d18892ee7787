//! Where a setting was given.

use std::fmt;
use std::path::PathBuf;

/// The place a setting's value comes from, as shown in a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line (from 1) of the configuration file.
    Line {
        /// The file as the operator named it.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The file as a whole, when it cannot be read.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// Nobody gave the setting: its default.
    Default,
}

impl Place {
    /// The line in the file; after every line for what stands in none.
    pub(super) fn line(&self) -> usize {
        match self {
            Self::Line { line, .. } => *line,
            Self::File(_) | Self::Variable(_) | Self::Default => usize::MAX,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "{}:{line}", file.display()),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The line (from 1) in which byte `offset` of `text` stands.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
