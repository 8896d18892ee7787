//! Kannel: bearerbox and smsbox of the distribution's package, without store and access log.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::{Far, Process, Running, START_LIMIT, START_PAUSE, WINDOW, await_port, await_receiver};
use crate::load::Target;
use crate::places::{free_port, page, wait_until};
use crate::wire::find;

const PROGRAMS: [&str; 2] = ["/usr/sbin/bearerbox", "/usr/sbin/smsbox"];

/// Whether both programs are installed.
#[must_use]
pub fn is_installed() -> bool {
    PROGRAMS.iter().all(|program| Path::new(program).exists())
}

/// Starts both boxes on free ports and waits for the bind.
///
/// # Errors
/// When a box does not start or the bind does not come.
pub fn start(dir: &Path, far: &Far) -> anyhow::Result<Running> {
    let (admin, boxes, sendsms) = (free_port()?, free_port()?, free_port()?);
    let file = dir.join("kannel.conf");
    std::fs::write(&file, config(admin, boxes, sendsms, far.smsc.addr())).context("kannel.conf")?;
    let spawn =
        |program| Process::start(Command::new(program).args(["-v", "4"]).arg(&file), &dir.join("kannel.log"));
    let bearerbox = spawn(PROGRAMS[0])?;
    await_port(SocketAddr::from((Ipv4Addr::LOCALHOST, boxes)))?;
    let smsbox = spawn(PROGRAMS[1])?;
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, sendsms));
    let target = Target::Kannel { addr, sink: far.sink.addr() };
    let running = Running { processes: vec![bearerbox, smsbox], target };
    // A smsbox that is asked before it has found its bearerbox may crash.
    let status = || page(SocketAddr::from((Ipv4Addr::LOCALHOST, admin)), "/status.txt?password=bench", "");
    let found = || status().is_ok_and(|(_, text)| find(&text, b"smsbox:").is_some());
    ensure!(wait_until(START_LIMIT, START_PAUSE, found), "the smsbox does not find its bearerbox");
    await_port(addr)?;
    await_receiver(far)?;
    Ok(running)
}

fn config(admin: u16, boxes: u16, sendsms: u16, smsc: SocketAddr) -> String {
    let (host, port) = (smsc.ip(), smsc.port());
    format!(
        "group = core\nadmin-port = {admin}\nadmin-password = bench\nsmsbox-port = {boxes}\nlog-level = 4\n\
         dlr-storage = internal\n\n\
         group = smsc\nsmsc = smpp\nsmsc-id = bench\nhost = {host}\nport = {port}\ntransceiver-mode = true\n\
         smsc-username = bench\nsmsc-password = bench\nsystem-type = \"\"\nmax-pending-submits = {WINDOW}\n\
         source-addr-ton = 5\nsource-addr-npi = 0\ndest-addr-ton = 1\ndest-addr-npi = 1\n\n\
         group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\nlog-level = 4\n\n\
         group = sendsms-user\nusername = bench\npassword = bench\nmax-messages = 1\n"
    )
}
