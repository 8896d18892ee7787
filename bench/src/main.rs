//! `waypost-bench`: runs the workloads of `docs/benchmarks.md`, or one of their parts by hand.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use waypost_bench::board::Board;
use waypost_bench::load::{self, Plan, Target};
use waypost_bench::smsc::Script;
use waypost_bench::subject::Far;
use waypost_bench::workloads::{Settings, Workload};
use waypost_bench::{ceiling, places, sink};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Load generators and side-by-side comparisons.
#[derive(Parser)]
#[command(name = "waypost-bench", after_help = "Exit codes: 0 every target kept, 1 one missed or a failure.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run workloads, three times each, and compare the medians with the targets
    Run {
        /// Which
        #[arg(required = true)]
        workloads: Vec<Workload>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Load a server that already stands
    Load(LoadArgs),
    /// Only the far side: an SMSC and a call-back sink; prints their ports, then counts every second
    Far {
        /// The SMSC has every bad habit of W5
        #[arg(long)]
        chaos: bool,
        /// Messages the board has room for
        #[arg(long, default_value_t = 1_000_000)]
        messages: u32,
    },
    /// Only the reference: parses, answers, keeps nothing
    Ceiling {
        /// Loopback port
        #[arg(long)]
        port: u16,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Style {
    Messaging,
    Batch,
    Kannel,
}

#[derive(clap::Args)]
struct LoadArgs {
    /// Address and port of the server
    #[arg(long)]
    server: SocketAddr,
    /// How it is asked
    #[arg(long, value_enum, default_value = "messaging")]
    style: Style,
    /// Service key
    #[arg(long, default_value = "bench")]
    key: String,
    /// Address and port of the sink
    #[arg(long)]
    sink: SocketAddr,
    /// Connections
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Messages
    #[arg(long, default_value_t = 20_000)]
    messages: u32,
    /// Number of the first message
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// Requests a second; as fast as answered when not given
    #[arg(long)]
    rate: Option<f64>,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("waypost-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Run { workloads, settings } => {
            workloads.iter().try_fold(true, |kept, workload| Ok(workload.run(&settings)? && kept))
        }
        Command::Load(args) => by_hand(&args),
        Command::Far { chaos, messages } => far(chaos, messages),
        Command::Ceiling { port } => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(ceiling::serve(port)).map(|()| true)
        }
    }
}

fn by_hand(args: &LoadArgs) -> anyhow::Result<bool> {
    let (addr, key, notify_url) = (args.server, args.key.clone(), sink::url(args.sink));
    let target = match args.style {
        Style::Messaging => Target::Messaging { addr, key, notify_url },
        Style::Batch => Target::Batch { addr, key, notify_url, size: 1_000 },
        Style::Kannel => Target::Kannel { addr, sink: args.sink },
    };
    let plan =
        Plan { rate_per_s: args.rate, ..Plan::closed(target, args.connections, args.first, args.messages) };
    let outcome = load::run(plan, &std::sync::Arc::new(Board::new(args.first + args.messages)))?;
    println!(
        "{}",
        serde_json::json!({
            "accepted": outcome.accepted, "accepted_per_s": outcome.accepted_per_s(), "refused": outcome.refused,
            "first_refusal": outcome.first_refusal, "p50_ms": outcome.latency.quantile_ms(500),
            "p99_ms": outcome.latency.quantile_ms(990),
        })
    );
    Ok(outcome.refused == 0)
}

fn far(chaos: bool, messages: u32) -> anyhow::Result<bool> {
    let far = Far::open(messages, if chaos { Script::Chaos } else { Script::Plain })?;
    println!("{}", serde_json::json!({ "smsc": far.smsc.addr(), "sink": far.sink.addr() }));
    let mut last = (0, 0);
    // Until the process is ended.
    places::wait_until(Duration::MAX / 4, Duration::from_secs(1), || {
        let now = (far.board.submitted_count(), far.board.finished_count());
        if now != last {
            let (owed, foreign) = (far.smsc.owed(), far.board.foreign_count());
            println!(
                "{}",
                serde_json::json!({ "submitted": now.0, "finished": now.1, "owed": owed, "foreign": foreign })
            );
            last = now;
        }
        false
    });
    Ok(true)
}
