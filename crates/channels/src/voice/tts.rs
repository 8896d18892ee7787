//! Text to speech by a program of the machine: the text goes to its standard input, a WAV file comes out of its standard
//! output. No shell is involved, so nothing in a text can become an argument.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::rtp::wav::{self, WavError};

/// How long speaking a text may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest file that is read, in bytes.
const WAV_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why a text was not spoken.
#[derive(Debug, thiserror::Error)]
pub enum TtsError {
    /// No program is configured.
    #[error("text-to-speech is not configured")]
    Off,
    /// The program cannot be run, or failed.
    #[error("the text-to-speech program failed: {0}")]
    Program(String),
    /// It took too long.
    #[error("the text-to-speech program took longer than ten seconds")]
    Late,
    /// What it wrote cannot be played.
    #[error("the text-to-speech program wrote something that cannot be played: {0}")]
    Sound(#[from] WavError),
}

/// Speaks.
#[derive(Clone, Debug, Default)]
pub struct Speaker {
    command: Vec<String>,
}

impl Speaker {
    /// By this program and its arguments; an empty list speaks nothing.
    #[must_use]
    pub const fn new(command: Vec<String>) -> Self {
        Self { command }
    }

    /// Whether there is a program.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        !self.command.is_empty()
    }

    /// A text as µ-law at 8 kHz.
    ///
    /// # Errors
    /// [`TtsError`].
    pub async fn speak(&self, text: &str) -> Result<Arc<[u8]>, TtsError> {
        let Some((program, arguments)) = self.command.split_first() else { return Err(TtsError::Off) };
        let file = tokio::time::timeout(PATIENCE, run(program, arguments, text)).await;
        let file = file.map_err(|_| TtsError::Late)??;
        Ok(wav::read(&file)?.into())
    }
}

async fn run(program: &str, arguments: &[String], text: &str) -> Result<Vec<u8>, TtsError> {
    let failed = |error: std::io::Error| TtsError::Program(error.to_string());
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // A call that is given up leaves no program behind.
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let (mut input, output) = (child.stdin.take(), child.stdout.take());
    let writes = async move {
        if let Some(input) = &mut input {
            // A program that stops reading says so by its exit code.
            let _ = input.write_all(text.as_bytes()).await;
        }
        drop(input);
    };
    let reads = async move {
        let mut file = Vec::new();
        if let Some(output) = output {
            output.take(WAV_BYTES_MAX).read_to_end(&mut file).await?;
        }
        Ok(file)
    };
    let ((), file) = tokio::join!(writes, reads);
    let status = child.wait().await.map_err(failed)?;
    if !status.success() {
        return Err(TtsError::Program(status.to_string()));
    }
    file.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speaker(script: &str) -> Speaker {
        Speaker::new(vec!["sh".into(), "-c".into(), script.into()])
    }

    #[tokio::test]
    async fn what_the_program_writes_is_heard() {
        let script = r#"read -r text; [ "$text" = '-hi $(x)' ] || exit 3
            printf 'RIFF\0\0\0\0WAVEfmt \020\0\0\0\007\0\001\0\100\037\0\0\0\0\0\0\0\0\010\0data\004\0\0\0abcd'"#;
        let heard = speaker(script).speak("-hi $(x)").await.unwrap();
        assert_eq!(&*heard, b"abcd");
    }

    #[tokio::test]
    async fn a_program_that_fails_or_writes_nonsense_is_told() {
        assert!(matches!(Speaker::default().speak("hi").await, Err(TtsError::Off)));
        assert!(matches!(speaker("exit 3").speak("hi").await, Err(TtsError::Program(_))));
        assert!(matches!(speaker("cat").speak("hi").await, Err(TtsError::Sound(WavError::NotWav))));
        let none = Speaker::new(vec!["/nonexistent/program".into()]);
        assert!(matches!(none.speak("hi").await, Err(TtsError::Program(_))));
    }
}
