//! A real browser, Chromium without a window, driven by its own driver over WebDriver.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::answer::Answer;
use crate::bound::{PATIENCE, within};
use crate::http::Http;

/// Nothing but what the page asks for: no updates, no services of the maker.
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// Member under which WebDriver hides the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Calls back once an element that a selector finds has a text; watches the page rather than asking again and again.
const UNTIL: &str = "
    const [css, text, done] = arguments;
    const observer = new MutationObserver(() => look());
    const look = () => {
      // A list item's value is a number.
      const said = (one) => (typeof one.value === 'string' ? one.value : one.textContent);
      const found = [...document.querySelectorAll(css)].find((one) => said(one).includes(text));
      if (found) { observer.disconnect(); done(said(found)); }
    };
    observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
    look();";

/// A browser with one window. It ends when this is dropped.
pub struct Browser {
    http: Http,
    session: String,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts the driver and a browser with a profile of its own.
    ///
    /// # Panics
    /// When Chromium or its driver are not installed, or do not start.
    pub async fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver starts; Debian package chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let port = within("chromedriver to listen", async {
            loop {
                let line = lines.next_line().await.expect("its output").expect("it runs");
                let digits =
                    line.rsplit_once("on port ").map(|(_, rest)| rest.trim_end_matches('.').to_owned());
                // Before it has one it says that it starts on port 0.
                let port = digits.and_then(|digits| digits.parse::<u16>().ok());
                if let Some(port) = port.filter(|port| *port > 0) {
                    return port;
                }
            }
        });
        let http = Http::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port.await)));
        // What it says later is of no use, but its pipe must not fill.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let profile = tempfile::tempdir().expect("a folder");
        let own = format!("--user-data-dir={}", profile.path().display());
        let flags: Vec<&str> = FLAGS.into_iter().chain([own.as_str()]).collect();
        let wanted = json!({
            "browserName": "chrome", "goog:chromeOptions": {"args": flags},
            "timeouts": {"script": PATIENCE.as_millis() as u64}
        });
        let body = json!({"capabilities": {"alwaysMatch": wanted}});
        let headers = [("content-type", "application/json")];
        let answer = said(&http.send(Method::POST, "/session", &headers, body.to_string()).await);
        let session = answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}"));
        Self { session: session.to_owned(), http, driver, _profile: profile }
    }

    /// Opens a page.
    ///
    /// # Panics
    /// When it does not load.
    pub async fn open(&self, url: &str) {
        self.call("url", json!({ "url": url })).await;
    }

    /// Types into a field.
    ///
    /// # Panics
    /// When there is none.
    pub async fn write(&self, css: &str, text: &str) {
        let element = self.element(css).await;
        self.call(&format!("element/{element}/clear"), json!({})).await;
        self.call(&format!("element/{element}/value"), json!({ "text": text })).await;
    }

    /// Clicks what a selector finds.
    ///
    /// # Panics
    /// When there is none, or something hides it.
    pub async fn click(&self, css: &str) {
        let element = self.element(css).await;
        self.call(&format!("element/{element}/click"), json!({})).await;
    }

    /// Waits until an element that a selector finds has a text in it; the whole text or value.
    ///
    /// # Panics
    /// When none has it in time.
    pub async fn until(&self, css: &str, text: &str) -> String {
        let found = self.call("execute/async", json!({"script": UNTIL, "args": [css, text]})).await;
        found.as_str().expect("a text").to_owned()
    }

    /// The value of an expression in the page.
    ///
    /// # Panics
    /// When it throws.
    pub async fn eval(&self, expression: &str) -> Value {
        self.call("execute/sync", json!({"script": format!("return {expression}"), "args": []})).await
    }

    async fn element(&self, css: &str) -> String {
        let found = self.call("element", json!({"using": "css selector", "value": css})).await;
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    async fn call(&self, command: &str, body: Value) -> Value {
        let path = format!("/session/{}/{command}", self.session);
        let headers = [("content-type", "application/json")];
        let answer = self.http.send(Method::POST, &path, &headers, body.to_string()).await;
        let json = said(&answer);
        assert_eq!(answer.http, 200, "{command} {body}: {json}");
        json["value"].clone()
    }

    /// Closes the window and ends the driver.
    ///
    /// # Panics
    /// When they do not end.
    pub async fn close(mut self) {
        let path = format!("/session/{}", self.session);
        self.http.send(Method::DELETE, &path, &[], "").await;
        within("chromedriver to end", self.driver.kill()).await.expect("a process to end");
    }
}

/// What the driver answers: JSON of a media type with a character set, unlike ours.
fn said(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).expect("JSON of the driver")
}
