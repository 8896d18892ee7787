//! A demo run as people see it: progress while it runs, then the summary.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tally::{Counts, Spread, Summary};
use super::{Arrived, CallStep, ChannelRow, StepRow};

/// Progress on standard error: a bar on a terminal, a line now and then elsewhere.
pub struct Progress {
    total: usize,
    bar: Option<ProgressBar>,
    told: Counts,
}

impl Progress {
    /// For a run of `total` messages.
    #[must_use]
    pub fn new(total: usize) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} % {elapsed} {msg}").ok();
        let bar = style.filter(|_| std::io::stderr().is_terminal()).map(|style| {
            ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr()).with_style(style)
        });
        Self { total, bar, told: Counts::default() }
    }

    /// Shows `counts`; without a terminal only when a tenth more is done.
    pub fn show(&mut self, counts: Counts) {
        let line = format!(
            "accepted {}, submitted {}, delivered {}, called back {} of {}",
            counts.accepted, counts.submitted, counts.delivered, counts.finished, self.total
        );
        if let Some(bar) = &self.bar {
            bar.set_position(counts.finished as u64);
            bar.set_message(line);
        } else if counts.finished >= self.told.finished + self.total.div_ceil(10) {
            self.told = counts;
            eprintln!("{line}");
        }
    }

    /// Ends the bar.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The summary in words and figures.
#[must_use]
pub fn text(summary: &Summary, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(f64::EPSILON);
    let mut text = format!(
        "{} messages in {seconds:.2} s: {:.0} a second from request to final call-back\n",
        summary.messages,
        summary.counts.finished as f64 / seconds
    );
    let rows = [
        ("accepted (durably, answered 1001)", summary.counts.accepted.to_string()),
        ("submitted to the operator", summary.counts.submitted.to_string()),
        ("delivered", summary.counts.delivered.to_string()),
        ("called back with a final outcome", summary.counts.finished.to_string()),
        ("missing", summary.missing.to_string()),
        ("duplicates", summary.duplicates.to_string()),
        ("request to answer", spread(summary.accept)),
        ("request to final call-back", spread(summary.end_to_end)),
    ];
    for (what, value) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {what:<36}{value}");
    }
    channels(&mut text, &summary.channels);
    call(&mut text, &summary.call);
    service_desk(&mut text, &summary.service_desk);
    if let Some(content) = &summary.content {
        content.write(&mut text);
    }
    letter(&mut text, summary.letter.as_ref());
    codes(&mut text, "answers", &summary.answers);
    codes(&mut text, "outcomes", &summary.outcomes);
    text
}

fn channels(text: &mut String, rows: &[ChannelRow]) {
    let _ = writeln!(
        text,
        "{:<10}{:>10}{:>11}{:>9}{:>9}",
        "channels", "messages", "delivered", "failed", "missing"
    );
    for ChannelRow { channel, messages, delivered, failed, missing, .. } in rows {
        let _ = writeln!(text, "  {channel:<8}{messages:>10}{delivered:>11}{failed:>9}{missing:>9}");
    }
}

fn call(text: &mut String, steps: &[CallStep]) {
    let _ = writeln!(text, "the call to the customer, as its notifications told it");
    for CallStep { code, at } in steps {
        let _ = writeln!(text, "  {at}  {code}  {}", meaning(&code.to_string()));
    }
}

fn service_desk(text: &mut String, rows: &[StepRow]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "{:<12}{:>5}{:>17}{:>10}", "service desk", "HTTP", "mtapistatus", "ms");
    for StepRow { step, http, mtapistatus, shows, took_ms } in rows {
        let _ = writeln!(text, "  {step:<10}{http:>5}{mtapistatus:>17}{took_ms:>10.1}  {shows}");
    }
}

fn letter(text: &mut String, arrived: Option<&Arrived>) {
    let _ = match arrived {
        Some(Arrived { to, subject }) => {
            writeln!(text, "a letter reached the mail relay, for {to}: {subject}")
        }
        None => writeln!(text, "no letter reached the mail relay"),
    };
}

fn spread(spread: Spread) -> String {
    format!("p50 {:.1} ms, p99 {:.1} ms", spread.p50_ms, spread.p99_ms)
}

fn codes(text: &mut String, title: &str, codes: &std::collections::BTreeMap<String, usize>) {
    let _ = writeln!(text, "{title}");
    for (code, count) in codes {
        let _ = writeln!(text, "  {count:>8}  {code}  {}", meaning(code));
    }
}

/// What the catalogue says about a code of the Messaging API.
fn meaning(code: &str) -> &'static str {
    let Ok(number) = code.parse::<i64>() else { return "" };
    let entries = waypost_status::explain(number);
    let known =
        entries.iter().find(|entry| entry.api == waypost_status::Api::Messaging && !entry.is_reserved());
    known.map_or("not in the catalogue", |entry| entry.meaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::Tally;

    #[test]
    fn the_summary_gives_figures_and_what_each_code_means() {
        let mut tally = Tally::new(2);
        tally.answered(0, "1001", Duration::from_millis(2));
        tally.answered(1, "1001", Duration::from_millis(4));
        tally.called_back(0, "7501", Duration::from_millis(9));
        tally.called_back(0, "7500", Duration::from_millis(20));
        let text = text(&tally.summary(), Duration::from_secs(2));
        assert!(text.starts_with("2 messages in 2.00 s: 0 a second"), "{text}");
        assert!(text.contains("  missing                             1\n"), "{text}");
        assert!(text.contains("p50 2.0 ms, p99 4.0 ms"), "{text}");
        let delivered = text.lines().find(|line| line.contains("7500")).unwrap();
        assert!(
            delivered.trim_start().starts_with("1  7500  ") && !delivered.ends_with("not in the catalogue")
        );
    }
}
