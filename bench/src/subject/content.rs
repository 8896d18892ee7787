//! Waypost as a content hub: a tenant with hotels, partners it pushes to, and one that feeds it.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use super::waypost::Installation;
use crate::hotels::Hotels;

impl Installation {
    /// A data folder with its first tenant and nothing else.
    ///
    /// # Errors
    /// When the binary is not there or a command fails.
    pub fn content(binary: &Path, dir: &Path) -> anyhow::Result<Self> {
        let new = Self::bare(binary, dir)?;
        new.run(&["admin", "tenant", "create", "--slug", "bench", "--name", "Bench"])?;
        Ok(new)
    }

    /// A partner that is pushed to, with its messages in flight.
    ///
    /// # Errors
    /// When a command fails.
    pub fn partner(&self, slug: &str, url: &str, in_flight: u32) -> anyhow::Result<()> {
        let in_flight = in_flight.to_string();
        let create = ["admin", "partner", "create", "--tenant", "bench", "--slug", slug];
        self.run(&[&create[..], &["--url", url, "--in-flight", &in_flight]].concat())?;
        self.run(&["admin", "partner", "credentials", slug, "--user", "bench"]).map(|_| ())
    }

    /// A partner that pushes to us, as user `bench`; with `feeds` what it pushes is our own content.
    ///
    /// # Errors
    /// When a command fails.
    pub fn feeder(&self, slug: &str, feeds: bool) -> anyhow::Result<()> {
        let feeds = feeds.to_string();
        let create = ["admin", "partner", "create", "--tenant", "bench", "--slug", slug, "--feeds", &feeds];
        self.run(&create)?;
        self.run(&["admin", "partner", "login", slug, "--user", "bench"]).map(|_| ())
    }

    /// Imports hotels, as an operator does, through a file.
    ///
    /// # Errors
    /// When the file cannot be written or something in it is refused.
    pub fn import(&self, hotels: Hotels, dir: &Path) -> anyhow::Result<()> {
        let file = dir.join("hotels.jsonl");
        let mut out = std::io::BufWriter::new(std::fs::File::create(&file)?);
        for property in 0..hotels.properties {
            std::io::Write::write_all(&mut out, hotels.lines(property).as_bytes())?;
        }
        drop(out);
        self.run(&["content", "import", &file.to_string_lossy(), "--tenant", "bench"]).map(|_| ())
    }

    /// How many objects of a partner an audit found to differ.
    ///
    /// # Errors
    /// When the command prints something else than a list.
    pub fn drift(&self, slug: &str) -> anyhow::Result<usize> {
        // Exit code 1 with a list when something differs.
        let (_, printed, said) = self.output(&["content", "drift", slug, "--json"])?;
        let found: Vec<Value> =
            serde_json::from_str(&printed).with_context(|| format!("content drift: {said}"))?;
        Ok(found.len())
    }
}
