//! `waypost content certify`.

use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Serialize;
use url::Url;
use waypost_content::certify::{BoxFuture, Call, Caller, Finding, OF_THE_PUSHER, Reply, certify};
use waypost_content::wire::unpack;
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_egress::{Egress, EgressPolicy, SystemResolver};

use crate::cli::admin::secret_variable;
use crate::cli::output::{self, Format};
use crate::cli::{Usage, block_on};

/// Run the conformance vectors against a receiver of Metadata Push and print which it keeps.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The password comes from the variable WAYPOST_PARTNER_PASSWORD. It pushes made-up hotels, whose codes \
    begin with CERT: do not run it against a receiver that sells. Exit code 1 when a vector is not kept."
)]
pub struct Args {
    /// What stands before /hotel, for example https://partner.example/metadata.
    url: String,
    /// The user name the receiver issued.
    #[arg(long)]
    user: String,
    #[command(flatten)]
    format: Format,
}

/// One request's deadline.
const DEADLINE_MS: u64 = 15_000;
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 16 << 20;

struct Remote {
    egress: Egress,
    base: String,
    authorization: HeaderValue,
}

impl Caller for Remote {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, String>> {
        Box::pin(async move {
            let url: Url =
                format!("{}{}", self.base, call.path).parse().map_err(|error| format!("{error}"))?;
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            if call.authorized {
                headers.insert(header::AUTHORIZATION, self.authorization.clone());
            }
            let method = if call.method == "PUT" { Method::PUT } else { Method::POST };
            let answer = self
                .egress
                .request(method, &url, headers, call.body.into(), DEADLINE_MS, ANSWER_BYTES_MAX)
                .await
                .map_err(|error| error.to_string())?;
            let body = unpack(&answer.headers, &answer.body, ANSWER_BYTES_MAX)?;
            Ok(Reply { http: answer.status.as_u16(), body })
        })
    }
}

#[derive(Debug, Serialize)]
struct Shown<'a> {
    vector: u8,
    title: &'a str,
    kept: bool,
    fault: Option<&'a str>,
}

/// Runs the vectors; exit code 1 when one is not kept.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let base = args.url.trim_end_matches('/').to_owned();
    if base.parse::<Url>().is_err() {
        return Err(Usage(format!("`{base}` is no URL")).into());
    }
    let password = secret_variable("WAYPOST_PARTNER_PASSWORD")?
        .ok_or_else(|| Usage("set the variable WAYPOST_PARTNER_PASSWORD".to_owned()))?;
    let token = STANDARD.encode(format!("{}:{password}", args.user));
    let authorization = HeaderValue::from_str(&format!("Basic {token}"))?;
    let findings = block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        // The operator names the address on the command line: it may well be on this machine or a private network.
        let egress = Egress::new(EgressPolicy::operators(), Arc::new(SystemResolver::default()), clock)?;
        let remote = Remote { egress, base, authorization };
        let Micros(now) = SystemClock.now();
        Ok(certify(&remote, &format!("CERT{now}")).await)
    })?;
    show(&findings, args.format)?;
    let kept = findings.iter().all(|finding| finding.fault.is_none());
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(findings: &[Finding], format: Format) -> anyhow::Result<()> {
    let shown: Vec<Shown<'_>> = findings
        .iter()
        .map(|finding| Shown {
            vector: finding.vector,
            title: finding.title,
            kept: finding.fault.is_none(),
            fault: finding.fault.as_deref(),
        })
        .collect();
    if format.json {
        return output::json(&shown);
    }
    output::table(
        ["Vector", "What it asks", "Kept", "What happened"],
        shown.iter().map(|row| {
            let kept = if row.kept { "yes" } else { "NO" }.to_owned();
            [row.vector.to_string(), row.title.to_owned(), kept, row.fault.unwrap_or_default().to_owned()]
        }),
    )?;
    let kept = shown.iter().filter(|row| row.kept).count();
    let others = OF_THE_PUSHER.map(|vector| vector.to_string()).join(", ");
    output::print(&format!(
        "{kept} of {} kept. Vectors {others} are about the pusher and were not run.\n",
        shown.len()
    ))
}
