//! A PostgreSQL server of the test's own, from the installed programs.

#![expect(clippy::expect_used, clippy::panic, reason = "a test helper: failing is its answer")]

mod template;

use std::fs::Permissions;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

/// Names a running server whose databases tests may create, in place of a private one for each test process.
const SERVER_VARIABLE: &str = "WAYPOST_TEST_POSTGRES";

/// Starts the server, says so, waits until its standard input closes (the test process has ended, however it ended),
/// stops the server and removes its folder.
const KEEPER: &str = r#"
trap '' INT TERM HUP
"$1/pg_ctl" start -w -s -D "$2/data" -l "$2/log" -o "$3" < /dev/null || { cat "$2/log"; rm -rf "$2"; exit 1; }
echo ready
cat > /dev/null
"$1/pg_ctl" stop -w -s -m immediate -D "$2/data"
rm -rf "$2"
"#;

/// A server in a temporary folder, on a Unix socket; it stops when this is dropped or the process ends.
#[derive(Debug)]
pub struct PrivatePostgres {
    keeper: Child,
    folder: PathBuf,
    /// Where it listens over TCP; `None`: on its socket alone.
    port: Option<u16>,
}

/// What a server with TLS shows, PEM.
#[derive(Clone, Copy)]
struct Papers<'a> {
    certificate: &'a str,
    key: &'a str,
}

impl PrivatePostgres {
    /// Starts a server; `fsync` as a production server has it, or off for speed.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start(fsync: bool) -> Self {
        Self::start_as(fsync, None)
    }

    /// Starts one that also speaks TLS, over TCP on `localhost`, with a certificate and its key in PEM.
    ///
    /// # Panics
    /// See [`PrivatePostgres::start`].
    #[must_use]
    pub fn start_with_tls(certificate: &str, key: &str) -> Self {
        Self::start_as(false, Some(Papers { certificate, key }))
    }

    fn start_as(fsync: bool, papers: Option<Papers<'_>>) -> Self {
        let programs = programs();
        let folder =
            tempfile::Builder::new().prefix("waypost-pg-").tempdir().expect("a temporary folder").keep();
        let user = unprivileged(&folder);
        let switch = |mut command: Command| {
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            command.current_dir(&folder);
            command
        };
        let mut initdb = switch(Command::new(programs.join("initdb")));
        initdb.args(["--no-sync", "--auth=trust", "--username=waypost", "--encoding=UTF8", "--locale=C"]);
        // A natural language's order, as most servers have it: what is meant byte by byte must not depend on it.
        initdb.args(["--locale-provider=icu", "--icu-locale=en-US", "-D"]);
        let output = initdb.arg(folder.join("data")).output().expect("initdb runs");
        assert!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));
        let (port, listens) = listening(&folder, user, papers);
        let options = format!(
            "{listens} -c unix_socket_directories={} -c fsync={} -c max_connections=200",
            folder.display(),
            if fsync { "on" } else { "off" }
        );
        let mut keeper = switch(Command::new("sh"));
        keeper.args(["-c", KEEPER, "keeper"]).arg(&programs).arg(&folder).arg(options);
        // A group of its own, so that a signal to the test's group does not reach it before it has cleaned up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = keeper.spawn().expect("sh runs");
        let mut said = String::new();
        let output = keeper.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut said).expect("an answer");
        assert_eq!(said, "ready\n", "PostgreSQL did not start");
        Self { keeper, folder, port }
    }

    /// The connection string of one of its databases.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let port = self.port.map(|port| format!(" port={port}")).unwrap_or_default();
        format!("host={}{port} user=waypost dbname={database}", self.folder.display())
    }

    /// The same over TCP, for one that listens there.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn url_over_tcp(&self, database: &str) -> String {
        let port = self.port.expect("a server that was started with TLS");
        format!("postgres://waypost@localhost:{port}/{database}")
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Where it listens beside its socket, and the options that say so.
fn listening(folder: &Path, user: Option<(u32, u32)>, papers: Option<Papers<'_>>) -> (Option<u16>, String) {
    let Some(papers) = papers else { return (None, "-c listen_addresses=''".to_owned()) };
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = free.local_addr().expect("its address").port();
    let mut options = format!("-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on");
    for (setting, text) in [("ssl_cert_file", papers.certificate), ("ssl_key_file", papers.key)] {
        let file = folder.join(setting);
        std::fs::write(&file, text).expect("a writable folder");
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("our own file");
        if let Some((uid, gid)) = user {
            chown(&file, Some(uid), Some(gid)).expect("the file changes hands");
        }
        options.push_str(&format!(" -c {setting}={}", file.display()));
    }
    (Some(port), options)
}

/// Where `initdb` is: on the path, or where Debian puts it.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        let mut versions: Vec<_> = versions.flatten().map(|version| version.path().join("bin")).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
    }
    let found =
        folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file());
    found.unwrap_or_else(|| {
        panic!(
            "PostgreSQL is not installed, and this test runs on both engines. Install it (Debian: apt-get install \
             postgresql), or run ./test, which does; or set {SERVER_VARIABLE} to a server's connection string"
        )
    })
}

/// PostgreSQL refuses to run as root: then the folder is given to, and the server run by, `postgres` or `nobody`.
fn unprivileged(folder: &Path) -> Option<(u32, u32)> {
    if std::fs::metadata(folder).expect("the folder is there").uid() != 0 {
        return None;
    }
    let user = ["postgres", "nobody"].into_iter().find_map(|name| Some((id(name, "-u")?, id(name, "-g")?)));
    let (uid, gid) = user.expect("a user to run PostgreSQL as");
    chown(folder, Some(uid), Some(gid)).expect("the folder changes hands");
    Some((uid, gid))
}

fn id(name: &str, which: &str) -> Option<u32> {
    let output = Command::new("id").args([which, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// A fresh database; dropped with this value.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// Creates a database with a name of its own that has the schema already.
    pub(super) async fn create() -> Self {
        let server = server_url().await;
        let template = template::made(&server).await;
        Self::create_from(server, &template).await
    }

    /// The same with nothing in it.
    pub(super) async fn create_empty() -> Self {
        Self::create_from(server_url().await, "template1").await
    }

    async fn create_from(server: String, template: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("waypost_{}_{made}", std::process::id());
        let (client, driver) = connect(&with_database(&server, "postgres")).await;
        // Left behind by a process of the same number that was killed.
        let stale = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        client.batch_execute(&stale).await.expect("a stale database goes");
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        client.batch_execute(&create).await.expect("a new database");
        drop(client);
        let _ = driver.await;
        Self { url: with_database(&server, &name), server, name }
    }

    /// Its connection string.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // On a thread with its own runtime, since the test's cannot be waited for here. What cannot be dropped goes with
        // the server.
        let (server, name) = (with_database(&self.server, "postgres"), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let (client, connection) =
                    tokio_postgres::connect(&server, NoTls).await.map_err(io::Error::other)?;
                tokio::spawn(connection);
                let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                client.batch_execute(&statement).await.map_err(io::Error::other)
            })
        });
        let _ = dropped.join();
    }
}

/// A connection, and what drives it until it is dropped.
async fn connect(url: &str) -> (Client, JoinHandle<Result<(), tokio_postgres::Error>>) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the test server answers");
    (client, tokio::spawn(connection))
}

/// Key-value form: a later `dbname` overrides an earlier one.
fn with_database(server: &str, name: &str) -> String {
    format!("{server} dbname={name}")
}

async fn server_url() -> String {
    static SERVER: OnceCell<PrivatePostgres> = OnceCell::const_new();
    if let Ok(url) = std::env::var(SERVER_VARIABLE) {
        return url;
    }
    let start = || async {
        let started = tokio::task::spawn_blocking(|| PrivatePostgres::start(false)).await;
        started.expect("PostgreSQL starts")
    };
    SERVER.get_or_init(start).await.url("postgres")
}
