//! A child process that does not outlive its owner, and what the kernel says of it.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

/// Ticks a second of `/proc/<pid>/stat`; fixed by Linux's interface to user space.
const TICKS_PER_S: f64 = 100.0;

/// A running child; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a command with its output appended to a log.
    ///
    /// # Errors
    /// When the program cannot be started or the log not be written.
    pub fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let out = File::options().create(true).append(true).open(log).context("process log")?;
        let command = command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        let child = command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
        Ok(Self { child })
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The kernel's letter for its state; `Z` when it has ended by itself (`proc(5)`).
    #[must_use]
    pub fn state(&self) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).unwrap_or('Z')
    }

    /// Ends it at once (`SIGKILL`) and waits until it is gone.
    pub fn kill(&mut self) {
        // Both fail only for a child that is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The most memory it ever held, in MiB (`VmHWM`); 0 when it is gone.
    #[must_use]
    pub fn peak_mib(&self) -> f64 {
        self.status_mib("VmHWM:")
    }

    fn status_mib(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(0.0) / 1_024.0
    }

    /// The memory it holds now, in MiB (`VmRSS`); 0 when it is gone.
    #[must_use]
    pub fn resident_mib(&self) -> f64 {
        self.status_mib("VmRSS:")
    }

    /// Processor time it used so far, in seconds; 0 when it is gone.
    #[must_use]
    pub fn cpu_s(&self) -> f64 {
        cpu_s(self.child.id())
    }
}

/// Processor time a process used so far, in seconds; 0 when it is gone.
#[must_use]
pub fn cpu_s(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // After the name in brackets: state is field 3, utime and stime are 14 and 15.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_S
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
