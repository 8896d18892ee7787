//! The pages under `docs/status-codes/`, written from the catalogue.

use std::fmt::{self, Write as _};

use crate::codes::CATALOGUE;
use crate::entry::{Api, Entry, Evidence, Permanence, Phase, Retry};

/// The pages as (path below `docs/status-codes/`, Markdown text): an index, and one page per API or MTAPI controller.
/// The same catalogue always gives the same pages.
pub fn render() -> Vec<(String, String)> {
    let pages = pages();
    let mut rendered = vec![("README.md".to_owned(), index(&pages))];
    rendered.extend(pages.iter().map(|page| (page.path.clone(), page.render())));
    rendered
}

/// The place of an entry on its page, for links.
pub fn anchor(entry: &Entry) -> String {
    entry.key().replace('/', "-").replace("--", "-")
}

struct Page {
    path: String,
    title: String,
    entries: Vec<&'static Entry>,
}

fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for entry in CATALOGUE {
        let (path, title) = place(entry);
        match pages.iter_mut().find(|page| page.path == path) {
            Some(page) => page.entries.push(entry),
            None => pages.push(Page { path, title, entries: vec![entry] }),
        }
    }
    for page in &mut pages {
        page.entries.sort_by_key(|entry| entry.code);
    }
    pages
}

fn place(entry: &Entry) -> (String, String) {
    let api = entry.api;
    match entry.controller {
        None => (format!("{}.md", api.slug()), format!("{api} API")),
        Some(controller) => {
            let slug = kebab(controller);
            (format!("{}/{slug}.md", api.slug()), format!("{api}: {controller}"))
        }
    }
}

/// `ServiceArtifacts` and `Service Artifacts` both become `service-artifacts`.
fn kebab(title: &str) -> String {
    let mut slug = String::with_capacity(title.len() + 4);
    let mut after_small = false;
    for c in title.chars() {
        if c == ' ' || (c.is_ascii_uppercase() && after_small) {
            slug.push('-');
        }
        slug.extend((c != ' ').then_some(c.to_ascii_lowercase()));
        after_small = c.is_ascii_lowercase();
    }
    slug
}

fn index(pages: &[Page]) -> String {
    let mut out = String::from(
        "# Status codes\n\nEvery answer, header and delivery outcome carries a code from this catalogue. These pages are \
         generated from the files in `catalogue/`; change those, not these.\n\nThe same number may mean different things \
         in different lists, and some lists give one number several texts: the pair of list and number, with the text, \
         tells what happened.\n\n| List | Codes | Rows | Reserved |\n|---|---|---|---|\n",
    );
    for page in pages {
        let reserved = page.entries.iter().filter(|entry| entry.is_reserved()).count();
        let (first, last) = match (page.entries.first(), page.entries.last()) {
            (Some(first), Some(last)) => (first.code, last.code_last.unwrap_or(last.code)),
            _ => continue,
        };
        put(
            &mut out,
            format_args!(
                "| [{}]({}) | {first} to {last} | {} | {reserved} |\n",
                page.title,
                page.path,
                page.entries.len()
            ),
        );
    }
    out.push_str(
        "\n## Words\n\n* **Retry**: whether sending the same again helps: *never*, *later* (unchanged), *after-fix*.\n* \
         **Seen in**: the synchronous *answer*, a later *outcome* (notification or status record), or *both*.\n* \
         **Reserved**: cannot occur; the reason is given with the row.\n",
    );
    for api in Api::ALL {
        put(&mut out, format_args!("\n## {api}\n\n"));
        let own = |page: &&Page| page.entries.first().is_some_and(|entry| entry.api == *api);
        for page in pages.iter().filter(own) {
            for entry in &page.entries {
                let link = anchor(entry);
                put(
                    &mut out,
                    format_args!("* [`{}`]({}#{link}) {}\n", number(entry), page.path, escaped(entry.text())),
                );
            }
        }
    }
    out
}

impl Page {
    fn render(&self) -> String {
        let up = "../".repeat(self.path.matches('/').count());
        let up = if up.is_empty() { "./" } else { &up };
        let mut out =
            format!("# {}\n\n[All lists]({up}README.md). Generated from `catalogue/`.\n", self.title);
        for entry in &self.entries {
            section(&mut out, entry);
        }
        out
    }
}

fn section(out: &mut String, entry: &Entry) {
    let (number, name) = (number(entry), entry.name);
    put(
        out,
        format_args!(
            "\n<a id=\"{}\"></a>\n\n## {number} {name}\n\n> {}\n\n",
            anchor(entry),
            escaped(entry.message)
        ),
    );
    if let Some(template) = entry.template {
        put(out, format_args!("Sent as: {}\n\n", escaped(template)));
    }
    put(
        out,
        format_args!(
            "{}\n\n* **Cause:** {}\n* **What to do:** {}\n",
            entry.meaning, entry.cause, entry.remedy
        ),
    );
    put(out, format_args!("* **Retry:** {}\n", retry(entry)));
    put(out, format_args!("* **Kind:** {}\n* **Seen in:** {}\n", entry.class, seen(entry.phase)));
    if entry.phase != Phase::Outcome {
        put(out, format_args!("* **HTTP status:** {}\n", entry.http_status));
    }
    if !entry.channels.is_empty() {
        put(out, format_args!("* **Channels:** {}\n", entry.channels.join(", ")));
    }
    if entry.evidence == Evidence::Proposed {
        out.push_str("* **Source:** our own addition\n");
    }
    if let Some(note) = entry.note {
        put(out, format_args!("* **Note:** {note}\n"));
    }
    if let Some(reason) = entry.reserved {
        put(out, format_args!("* **Reserved:** {reason}\n"));
    }
}

fn number(entry: &Entry) -> String {
    match entry.code_last {
        None => entry.code_text.to_owned(),
        Some(last) => format!("{} to {last}", entry.code_text),
    }
}

fn retry(entry: &Entry) -> String {
    let advice = match entry.retry {
        Retry::Never => "never",
        Retry::Later => "later, unchanged",
        Retry::AfterFix => "after it has been put right",
    };
    match entry.permanence {
        Permanence::None => advice.to_owned(),
        permanence => format!("{advice} ({permanence})"),
    }
}

fn seen(phase: Phase) -> &'static str {
    match phase {
        Phase::Answer => "the answer",
        Phase::Outcome => "notifications and status records",
        Phase::Both => "the answer, or notifications and status records",
    }
}

/// The published texts hold characters that Markdown would read as marks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '[' | ']' | '<' | '>' | '_' | '*' | '`' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn put(out: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
}
