//! `waypost check-config`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::output::{self, Format};
use crate::config::{self, Config, Faults, Overrides};

/// The option that names the configuration file.
#[derive(Debug, Clone, clap::Args)]
pub struct ConfigFile {
    /// The configuration file; without it every setting has its default, changed only by WAYPOST__SECTION__KEY variables.
    #[arg(long, global = true, value_name = "FILE", env = "WAYPOST_CONFIG")]
    pub config: Option<PathBuf>,
}

impl ConfigFile {
    /// The checked configuration.
    ///
    /// # Errors
    /// All faults of the file and the variables.
    pub fn load(&self) -> Result<Config, Faults> {
        config::load(self.config.as_deref(), variables())
    }
}

fn variables() -> Overrides {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Check a configuration: every fault with its file and line, the rule it breaks and the remedy.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
}

/// Exit code 0: sound; 2: the faults have been printed.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match args.file.load() {
        Ok(_) if args.format.json => output::json::<[(); 0]>(&[])?,
        Ok(_) => {
            let file = args.file.config.as_deref().unwrap_or(Path::new("defaults"));
            output::print(&format!("{}: no faults\n", file.display()))?;
        }
        Err(faults) if args.format.json => {
            output::json(&faults.0)?;
            return Ok(ExitCode::from(2));
        }
        Err(faults) => return Err(faults.into()),
    }
    Ok(ExitCode::SUCCESS)
}
