//! One connection: one command.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{ClamdFault, Shared, eicar};

/// Longest command.
const COMMAND_BYTES_MAX: usize = 64;

pub(super) async fn serve(mut socket: TcpStream, shared: Arc<Shared>) {
    // The other side is gone or broke the protocol: there is nobody to tell.
    let _ = answer(&mut socket, &shared).await;
}

async fn answer(socket: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    let fault = *shared.fault.lock().unwrap_or_else(PoisonError::into_inner);
    if fault == ClamdFault::Away {
        return Ok(());
    }
    let (command, end) = command(socket).await?;
    let said = match command.as_str() {
        "PING" => "PONG".to_owned(),
        "VERSION" => {
            let signatures = shared.signatures.load(Ordering::SeqCst);
            format!("ClamAV 1.0.0-simulated/{signatures}/Thu Jan  1 00:00:00 1970")
        }
        "INSTREAM" => instream(socket, shared, fault).await?,
        _ => "UNKNOWN COMMAND".to_owned(),
    };
    socket.write_all(said.as_bytes()).await?;
    socket.write_all(&[end]).await?;
    socket.shutdown().await
}

/// The command without its mark, and what ends the answer.
async fn command(socket: &mut TcpStream) -> io::Result<(String, u8)> {
    let odd = || io::Error::new(io::ErrorKind::InvalidData, "no command");
    let end = match socket.read_u8().await? {
        b'z' => 0,
        b'n' => b'\n',
        _ => return Err(odd()),
    };
    let mut text = Vec::new();
    loop {
        match socket.read_u8().await? {
            byte if byte == end => break,
            byte if text.len() < COMMAND_BYTES_MAX => text.push(byte),
            _ => return Err(odd()),
        }
    }
    Ok((String::from_utf8(text).map_err(|_| odd())?, end))
}

async fn instream(socket: &mut TcpStream, shared: &Shared, fault: ClamdFault) -> io::Result<String> {
    let learned = shared.learned.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let viruses =
        [vec![("Eicar-Signature", eicar())], learned.into_iter().map(|own| ("Learned", own)).collect()]
            .concat();
    let longest = viruses.iter().map(|(_, virus)| virus.len()).max().unwrap_or(1);
    let (mut total, mut found) = (0_u64, None);
    // The end of what was read, in case the virus lies across two pieces.
    let mut tail: Vec<u8> = Vec::new();
    loop {
        let length = socket.read_u32().await?;
        if length == 0 {
            break;
        }
        total += u64::from(length);
        if total > shared.config.stream_bytes_max {
            return Ok("INSTREAM size limit exceeded. ERROR".to_owned());
        }
        let mut left = u64::from(length);
        while left > 0 {
            let before = tail.len();
            let read = (&mut *socket).take(left.min(64 * 1024)).read_to_end(&mut tail).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            left -= read as u64;
            debug_assert!(tail.len() == before + read, "read_to_end appends");
            found = found.or_else(|| viruses.iter().find(|(_, virus)| contains(&tail, virus)));
            let keep = tail.len().saturating_sub(longest - 1);
            tail.drain(..keep);
        }
    }
    match fault {
        ClamdFault::Silent => std::future::pending().await,
        ClamdFault::Broken => return Ok("stream: Can't allocate memory ERROR".to_owned()),
        ClamdFault::None | ClamdFault::Away => {}
    }
    shared.scans.fetch_add(1, Ordering::SeqCst);
    Ok(found.map_or_else(|| "stream: OK".to_owned(), |(name, _)| format!("stream: {name} FOUND")))
}

fn contains(text: &[u8], virus: &[u8]) -> bool {
    // Most of a long content need not be looked at place by place.
    let begins = virus.first().is_some_and(|first| text.contains(first));
    begins && text.windows(virus.len()).any(|window| window == virus)
}

#[cfg(test)]
mod tests {
    use super::super::{ClamdConfig, SimulatedClamd};
    use super::*;

    async fn said(config: ClamdConfig, pieces: &[&[u8]]) -> String {
        let clamd = SimulatedClamd::start(config).await.unwrap();
        let mut socket = TcpStream::connect(clamd.address()).await.unwrap();
        socket.write_all(b"zINSTREAM\0").await.unwrap();
        for piece in pieces {
            socket.write_u32(u32::try_from(piece.len()).unwrap()).await.unwrap();
            socket.write_all(piece).await.unwrap();
        }
        socket.write_u32(0).await.unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn the_test_text_is_found_also_across_two_pieces() {
        let virus = eicar();
        let (first, second) = virus.split_at(30);
        assert_eq!(virus.len(), 68);
        assert_eq!(said(ClamdConfig::default(), &[b"harmless"]).await, "stream: OK\0");
        assert_eq!(said(ClamdConfig::default(), &[&virus]).await, "stream: Eicar-Signature FOUND\0");
        assert_eq!(
            said(ClamdConfig::default(), &[b"..", first, second]).await,
            "stream: Eicar-Signature FOUND\0"
        );
    }

    #[tokio::test]
    async fn a_stream_above_the_limit_is_refused_with_clamds_words() {
        let config = ClamdConfig { stream_bytes_max: 4, ..ClamdConfig::default() };
        let clamd = SimulatedClamd::start(config).await.unwrap();
        let mut socket = TcpStream::connect(clamd.address()).await.unwrap();
        socket.write_all(b"nINSTREAM\n\0\0\0\x05").await.unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "INSTREAM size limit exceeded. ERROR\n");
    }
}
