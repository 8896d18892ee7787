//! The workloads of `docs/benchmarks.md`, one a file.

mod hub;
mod launch;
mod trip;
mod w1;
mod w10;
mod w11;
mod w12;
mod w1b;
mod w2;
mod w3;
mod w3c;
mod w4;
mod w5;
mod w6;
mod w9;

use std::path::PathBuf;

use anyhow::Context as _;

use crate::report::{Column, Report, Sample};
use crate::subject::{Kind, kannel};

/// What can be set for every workload.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// Messages of one run of W1; W1b and W3 scale with it
    #[arg(long, default_value_t = 20_000)]
    pub messages: u32,
    /// Runs of each load; medians are told
    #[arg(long, default_value_t = 3)]
    pub runs: usize,
    /// Objects of W2 over its 1,000 lanes; over fewer lanes it pushes fewer
    #[arg(long, default_value_t = 60_000)]
    pub objects: u32,
    /// Properties of the launch, 150 messages each
    #[arg(long, default_value_t = 1_000)]
    pub properties: u32,
    /// Kills of W3 and of W3 for content
    #[arg(long, default_value_t = 100)]
    pub kills: u32,
    /// Requests a second during W3
    #[arg(long, default_value_t = 500.0)]
    pub kill_rate_per_s: f64,
    /// Seed of W3's pauses between kills
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Seconds of W6
    #[arg(long, default_value_t = 60)]
    pub idle_s: u32,
    /// Rows of the larger ledger of W9
    #[arg(long, default_value_t = 1_000_000)]
    pub ledger_rows: u32,
    /// In-app sessions of W11 and W12
    #[arg(long, default_value_t = 5_000)]
    pub sessions: u32,
    /// In-app messages a second of W12
    #[arg(long, default_value_t = 1_000.0)]
    pub chat_rate_per_s: f64,
    /// Seconds of W12
    #[arg(long, default_value_t = 30)]
    pub chat_s: u32,
    /// Only these servers
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<Kind>,
    /// The server under test; beside this program when not given
    #[arg(long)]
    pub waypost: Option<PathBuf>,
    /// Where reports and the servers' folders go; must be a real disk
    #[arg(long, default_value = "target/bench")]
    pub out: PathBuf,
}

/// A workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Workload {
    /// One SMS a request, round trip, against Kannel and the ceiling
    W1,
    /// Batches of 1,000 destinations
    W1b,
    /// Content: ordered push over 1, 10 and 1,000 lanes to a partner that fails 2 % of the time
    W2,
    /// Content: 1,000 properties of 150 messages to a partner that takes 5 ms for each
    Launch,
    /// W1 under kill -9
    W3,
    /// Content: one server pushing to another, either killed under load
    W3c,
    /// Content: a partner that never answers beside partners that are well
    W4,
    /// Receipts with every bad habit
    W5,
    /// One message a second
    W6,
    /// W1 over a small and a large ledger
    W9,
    /// From an empty folder to ready
    W10,
    /// Silent in-app sessions
    W11,
    /// In-app messages at a fixed rate
    W12,
    /// All of them
    All,
}

const ALL: [Workload; 13] = [
    Workload::W1,
    Workload::W1b,
    Workload::W2,
    Workload::Launch,
    Workload::W3,
    Workload::W3c,
    Workload::W4,
    Workload::W5,
    Workload::W6,
    Workload::W9,
    Workload::W10,
    Workload::W11,
    Workload::W12,
];

impl Workload {
    /// Runs it, prints and saves its report; tells whether every target was kept.
    ///
    /// # Errors
    /// When a server does not start or a part of the measurement breaks.
    pub fn run(self, settings: &Settings) -> anyhow::Result<bool> {
        std::fs::create_dir_all(&settings.out).context("output folder")?;
        if self == Self::All {
            return ALL.into_iter().try_fold(true, |kept, one| Ok(one.run(settings)? && kept));
        }
        let report = match self {
            Self::W1 => w1::run(settings),
            Self::W1b => w1b::run(settings),
            Self::W2 => w2::run(settings),
            Self::Launch => launch::run(settings),
            Self::W3 => w3::run(settings),
            Self::W3c => w3c::run(settings),
            Self::W4 => w4::run(settings),
            Self::W5 => w5::run(settings),
            Self::W6 => w6::run(settings),
            Self::W9 => w9::run(settings),
            Self::W11 => w11::run(settings),
            Self::W12 => w12::run(settings),
            Self::W10 | Self::All => w10::run(settings),
        }?;
        println!("{}", report.text());
        println!("{}", report.save(&settings.out)?.display());
        Ok(report.holds())
    }
}

impl Settings {
    /// The server's binary.
    fn waypost(&self) -> anyhow::Result<PathBuf> {
        let beside = || Ok::<_, anyhow::Error>(std::env::current_exe()?.with_file_name("waypost"));
        self.waypost.clone().map_or_else(beside, Ok)
    }

    fn wants(&self, kind: Kind) -> bool {
        self.only.is_empty() || self.only.contains(&kind)
    }

    /// The servers of a comparison, Waypost first; what is left out is noted.
    fn subjects(&self, report: &mut Report) -> Vec<Kind> {
        let mut kinds = vec![Kind::Waypost, Kind::Kannel, Kind::Ceiling];
        kinds.retain(|kind| self.wants(*kind));
        if kinds.contains(&Kind::Kannel) && !kannel::is_installed() {
            kinds.retain(|kind| *kind != Kind::Kannel);
            report.notes.push("Kannel is not installed (Debian package `kannel`): no ratio to it".to_owned());
        }
        kinds
    }

    /// A new empty folder for one server; removed when dropped.
    fn folder(&self) -> anyhow::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix("run-").tempdir_in(&self.out).context("run folder")
    }

    /// Runs each of several loads as often as set, taking turns, so that a machine that drifts drifts for all.
    fn interleave<L>(
        &self,
        loads: &[(String, L)],
        mut run: impl FnMut(&L) -> anyhow::Result<Sample>,
    ) -> anyhow::Result<Vec<Column>> {
        let mut columns: Vec<Column> =
            loads.iter().map(|(name, _)| Column { name: name.clone(), runs: Vec::new() }).collect();
        for turn in 1..=self.runs {
            for ((name, load), column) in loads.iter().zip(&mut columns) {
                eprintln!("run {turn} of {}: {name}", self.runs);
                column.runs.push(run(load).with_context(|| name.clone())?);
            }
        }
        Ok(columns)
    }
}
