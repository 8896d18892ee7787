//! From a file and the environment to a [`Config`], collecting every fault on the way.
//!
//! Each given setting is tried alone against the typed configuration, so one bad value hides no other, and the typed structs
//! stay the only description of what a setting may be.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::place::line_of;
use super::{Config, Fault, Faults, Place, rules};

/// The prefix of variables that override settings.
const PREFIX: &str = "WAYPOST__";

/// Environment variables, as name and value.
pub type Overrides = Vec<(String, String)>;

/// Reads `path` (none: defaults only) and applies those of `variables` that start with `WAYPOST__`.
///
/// # Errors
/// All faults found, never an empty list.
pub fn load(path: Option<&Path>, variables: Overrides) -> Result<Config, Faults> {
    let Some(path) = path else { return load_text(Path::new(""), "", variables) };
    match std::fs::read_to_string(path) {
        Ok(text) => load_text(path, &text, variables),
        Err(error) => Err(Faults(vec![Fault::new(
            Place::File(path.to_owned()),
            "",
            format!("the file cannot be read: {error}"),
            "name an existing, readable file with --config, or leave --config out to run on defaults",
        )])),
    }
}

/// As [`load`], with the file's `text` in hand; `file` is only shown.
///
/// # Errors
/// All faults found, never an empty list.
pub fn load_text(file: &Path, text: &str, variables: Overrides) -> Result<Config, Faults> {
    let mut reading = Reading::new(file);
    reading.file(text);
    reading.environment(variables);
    let config = reading.typed();
    let places = |setting: &str| reading.given.get(setting).map_or(Place::Default, |given| given.0.clone());
    let mut faults = std::mem::take(&mut reading.faults);
    if let Some(config) = config {
        faults.extend(rules::check(&config, &places));
        if faults.is_empty() {
            return Ok(config);
        }
    }
    faults.sort_by_key(|fault| fault.place.line());
    Err(Faults(faults))
}

/// One reading: what was given and what was wrong so far.
struct Reading {
    file: PathBuf,
    known: Table,
    given: BTreeMap<String, (Place, Value)>,
    faults: Vec<Fault>,
}

impl Reading {
    fn new(file: &Path) -> Self {
        let known = Table::try_from(Config::default()).unwrap_or_default();
        Self { file: file.to_owned(), known, given: BTreeMap::new(), faults: Vec::new() }
    }

    fn file(&mut self, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let place = self.line(text, error.span().unwrap_or_default());
            self.fault(
                place,
                "",
                &format!("not valid TOML: {}", error.message()),
                "mend the syntax of this line",
            );
        }
        for (section, body) in table.get_ref() {
            let place = self.line(text, section.span());
            match body.get_ref() {
                DeValue::Table(settings) => self.section(text, section.get_ref(), place, settings),
                _ => self.fault(
                    place,
                    section.get_ref(),
                    "a setting stands outside every section",
                    "put it under its [section] line",
                ),
            }
        }
    }

    fn section(&mut self, text: &str, section: &str, place: Place, settings: &DeTable<'_>) {
        if !self.known.contains_key(section) {
            let remedy = remedy_unknown(section, self.known.keys());
            self.fault(place, section, &format!("there is no section [{section}]"), &remedy);
            return;
        }
        for (key, value) in settings {
            let place = self.line(text, key.span());
            match text.get(value.span()).map(parse_value) {
                Some(Ok(value)) => self.setting(place, section, key.get_ref(), value),
                _ => self.fault(
                    place,
                    &format!("{section}.{}", key.get_ref()),
                    "a setting is one value, not a table",
                    "write it as `key = value` under its [section]",
                ),
            }
        }
    }

    fn environment(&mut self, variables: Overrides) {
        for (name, text) in variables {
            let Some(path) = name.strip_prefix(PREFIX) else { continue };
            let place = Place::Variable(name.clone());
            let Some((section, key)) = path.split_once("__") else {
                self.fault(
                    place,
                    "",
                    "the name is not WAYPOST__SECTION__KEY",
                    "for example WAYPOST__SERVER__LISTEN",
                );
                continue;
            };
            let (section, key) = (section.to_lowercase(), key.to_lowercase());
            let value = self.variable_value(&section, &key, text);
            self.setting(place, &section, &key, value);
        }
    }

    /// Text settings take a variable as it is; all others are read as TOML.
    fn variable_value(&self, section: &str, key: &str, text: String) -> Value {
        let is_text = self.known.get(section).and_then(|s| s.get(key)).is_some_and(Value::is_str);
        if is_text { Value::String(text) } else { parse_value(&text).unwrap_or(Value::String(text)) }
    }

    fn setting(&mut self, place: Place, section: &str, key: &str, value: Value) {
        let setting = format!("{section}.{key}");
        let Some(known) = self.known.get(section).and_then(Value::as_table) else {
            let remedy = remedy_unknown(section, self.known.keys());
            return self.fault(place, &setting, &format!("there is no section [{section}]"), &remedy);
        };
        if !known.contains_key(key) {
            let remedy = remedy_unknown(key, known.keys());
            return self.fault(
                place,
                &setting,
                &format!("there is no setting `{key}` in [{section}]"),
                &remedy,
            );
        }
        match one(section, key, value.clone()).try_into::<Config>() {
            Ok(_) => {
                self.given.insert(setting, (place, value));
            }
            Err(error) => {
                let default = known.get(key).map(ToString::to_string).unwrap_or_default();
                let remedy = format!("give a value like the default, {default}");
                self.fault(place, &setting, error.message().trim(), &remedy);
            }
        }
    }

    /// The configuration made of the settings that were good.
    fn typed(&mut self) -> Option<Config> {
        let mut table = Table::new();
        for (setting, (_, value)) in &self.given {
            if let Some((section, key)) = setting.split_once('.')
                && let Some(section) =
                    table.entry(section).or_insert_with(|| Value::Table(Table::new())).as_table_mut()
            {
                section.insert(key.to_owned(), value.clone());
            }
        }
        match table.try_into() {
            Ok(config) => Some(config),
            Err(error) => {
                self.fault(Place::File(self.file.clone()), "", error.message(), "mend the file");
                None
            }
        }
    }

    fn line(&self, text: &str, span: Range<usize>) -> Place {
        Place::Line { file: self.file.clone(), line: line_of(text, span.start) }
    }

    fn fault(&mut self, place: Place, setting: &str, rule: &str, remedy: &str) {
        self.faults.push(Fault::new(place, setting, rule, remedy));
    }
}

fn one(section: &str, key: &str, value: Value) -> Table {
    let body = Table::from_iter([(key.to_owned(), value)]);
    Table::from_iter([(section.to_owned(), Value::Table(body))])
}

fn parse_value(text: &str) -> Result<Value, toml::de::Error> {
    let mut table: Table = toml::from_str(&format!("value = {text}"))?;
    Ok(table.remove("value").unwrap_or_else(|| Value::String(text.to_owned())))
}

fn remedy_unknown<'a>(given: &str, known: impl Iterator<Item = &'a String>) -> String {
    let known: Vec<&str> = known.map(String::as_str).collect();
    match known.iter().min_by_key(|name| distance(given, name)) {
        Some(name) if distance(given, name) <= 3 => format!("did you mean `{name}`?"),
        _ => format!("known here: {}", known.join(", ")),
    }
}

/// Edit distance, for suggestions only.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let best = (corner + usize::from(x != *y)).min(left + 1).min(*cell + 1);
            corner = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
