//! What a workload found: medians of its runs, and whether they keep the targets.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::Serialize;

/// The figures of one run, in the order they are shown.
pub type Sample = Vec<(&'static str, f64)>;

/// The runs of one server under one load.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Server and load.
    pub name: String,
    /// One sample a run.
    pub runs: Vec<Sample>,
}

/// One comparison with a target.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What is compared.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// The bound.
    pub target: String,
    /// Whether it is kept.
    pub holds: bool,
}

/// The findings of one workload.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Its name.
    pub workload: String,
    /// Columns of the table.
    pub columns: Vec<Column>,
    /// Comparisons with targets.
    pub checks: Vec<Check>,
    /// What could not be measured, and why.
    pub notes: Vec<String>,
}

impl Column {
    /// The median over the runs of one figure.
    #[must_use]
    pub fn median(&self, figure: &str) -> Option<f64> {
        let value = |run: &Sample| run.iter().find(|(name, _)| *name == figure).map(|(_, value)| *value);
        median(self.runs.iter().filter_map(value).collect())
    }

    /// The largest value over the runs of one figure: for counts that must be zero, a median would hide one bad run.
    #[must_use]
    pub fn worst(&self, figure: &str) -> Option<f64> {
        let value = |run: &Sample| run.iter().find(|(name, _)| *name == figure).map(|(_, value)| *value);
        self.runs.iter().filter_map(value).reduce(f64::max)
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        return values.get(middle).copied();
    }
    Some((values.get(middle.checked_sub(1)?)? + values.get(middle)?) / 2.0)
}

impl Report {
    /// An empty report.
    #[must_use]
    pub fn new(workload: &str) -> Self {
        Self { workload: workload.to_owned(), ..Self::default() }
    }

    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Compares a figure, when there is one, with a lower bound.
    pub fn at_least(&mut self, what: &str, value: Option<f64>, bound: f64) {
        self.check(what, value, format!(">= {bound}"), |value| value >= bound);
    }

    /// Compares a figure, when there is one, with an upper bound.
    pub fn at_most(&mut self, what: &str, value: Option<f64>, bound: f64) {
        self.check(what, value, format!("<= {bound}"), |value| value <= bound);
    }

    fn check(&mut self, what: &str, value: Option<f64>, target: String, holds: impl Fn(f64) -> bool) {
        let Some(value) = value else { return };
        self.checks.push(Check { what: what.to_owned(), value, target, holds: holds(value) });
    }

    /// The ratio of one figure's medians in two columns.
    #[must_use]
    pub fn ratio(&self, over: &str, under: &str, figure: &str) -> Option<f64> {
        let (over, under) = (self.column(over)?.median(figure)?, self.column(under)?.median(figure)?);
        (under > 0.0).then_some(over / under)
    }

    /// Whether every comparison keeps its target.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }

    /// The report as text: medians by figure, then the checks.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("\n## {}\n\n{}\n", self.workload, self.medians());
        if !self.checks.is_empty() {
            text.push_str(&format!("\n{}\n", self.checks_table()));
        }
        self.notes.iter().for_each(|note| text.push_str(&format!("\nnote: {note}\n")));
        text
    }

    fn medians(&self) -> Table {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header([""].into_iter().chain(self.columns.iter().map(|column| column.name.as_str())));
        for figure in self.figures() {
            let cells = self.columns.iter().map(|column| column.median(figure).map_or(String::new(), show));
            table.add_row([figure.to_owned()].into_iter().chain(cells));
        }
        table
    }

    fn figures(&self) -> Vec<&'static str> {
        let mut figures = Vec::new();
        for (name, _) in self.columns.iter().flat_map(|column| column.runs.iter().flatten()) {
            if !figures.contains(name) {
                figures.push(*name);
            }
        }
        figures
    }

    fn checks_table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["target", "measured", "wanted", ""]);
        for check in &self.checks {
            let verdict = if check.holds { "kept" } else { "MISSED" };
            table.add_row([check.what.as_str(), &show(check.value), &check.target, verdict]);
        }
        table
    }

    /// Writes the report as JSON into a folder, named after the workload.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, dir: &Path) -> anyhow::Result<PathBuf> {
        let file = dir.join(format!("{}.json", self.workload));
        std::fs::write(&file, serde_json::to_vec_pretty(self)?).context("report file")?;
        Ok(file)
    }
}

/// A figure with about three digits that matter.
fn show(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (size >= 100.0) || (size.fract() == 0.0) => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, values: &[f64]) -> Column {
        Column { name: name.to_owned(), runs: values.iter().map(|value| vec![("rate", *value)]).collect() }
    }

    #[test]
    fn the_median_is_the_middle_and_the_worst_the_largest() {
        let odd = column("a", &[9.0, 1.0, 2.0]);
        assert_eq!((odd.median("rate"), odd.worst("rate"), odd.median("none")), (Some(2.0), Some(9.0), None));
        assert_eq!(column("b", &[4.0, 2.0]).median("rate"), Some(3.0));
    }

    #[test]
    fn a_ratio_needs_both_columns_and_a_check_needs_a_figure() {
        let mut report = Report::new("w");
        report.columns = vec![column("ours", &[50.0]), column("theirs", &[20.0])];
        report.at_least("kept", report.ratio("ours", "theirs", "rate"), 2.5);
        report.at_least("absent", report.ratio("ours", "nobody", "rate"), 2.5);
        assert_eq!((report.checks.len(), report.holds()), (1, true));
        report.at_most("missed", Some(1.0), 0.0);
        assert!(!report.holds());
    }
}
