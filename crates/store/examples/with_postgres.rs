//! Runs a command with a private PostgreSQL server, so that a whole test run shares one:
//! `cargo run -p waypost-store --features testing --example with_postgres -- cargo nextest run`.

use std::process::{Command, ExitCode};

use waypost_store::testing::PrivatePostgres;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: with_postgres <command> [argument]...");
        return ExitCode::from(2);
    };
    let server = PrivatePostgres::start(false);
    let mut command = Command::new(program);
    command.args(arguments).env("WAYPOST_TEST_POSTGRES", server.url("postgres"));
    match command.status() {
        Ok(status) => {
            status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("the command did not start: {error}");
            ExitCode::FAILURE
        }
    }
}
