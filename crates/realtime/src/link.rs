//! The bytes of a connection, whatever carries them.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::packet::PACKET_BYTES_MAX;

/// Bytes read at once from a stream.
const READ_BYTES: usize = 512;

/// Reads and writes bytes. Reading may be given up at any await without losing any.
pub trait Link: Send {
    /// Appends what has come to `buffer`; `false` at the end.
    fn read(&mut self, buffer: &mut BytesMut) -> impl Future<Output = io::Result<bool>> + Send;
    /// Writes all of `bytes`.
    fn write(&mut self, bytes: Bytes) -> impl Future<Output = io::Result<()>> + Send;
    /// Says goodbye; what goes wrong then does not matter.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
}

/// TCP or TLS.
pub struct Raw<S>(pub S);

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Link for Raw<S> {
    async fn read(&mut self, buffer: &mut BytesMut) -> io::Result<bool> {
        buffer.reserve(READ_BYTES);
        Ok(self.0.read_buf(buffer).await? > 0)
    }

    async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        self.0.write_all(&bytes).await?;
        self.0.flush().await
    }

    async fn close(&mut self) {
        let _ = self.0.shutdown().await;
    }
}

/// WebSocket: MQTT's bytes in binary messages, cut anywhere (MQTT-6.0.0).
pub struct Web<S>(pub WebSocketStream<S>);

/// Bounds of a WebSocket; the library's own buffers are made for large messages.
pub fn web_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(1_024)
        .write_buffer_size(0)
        .max_write_buffer_size(1 << 20)
        .max_message_size(Some(PACKET_BYTES_MAX * 2))
        .max_frame_size(Some(PACKET_BYTES_MAX * 2))
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Link for Web<S> {
    async fn read(&mut self, buffer: &mut BytesMut) -> io::Result<bool> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    buffer.extend_from_slice(&bytes);
                    return Ok(true);
                }
                // Pings are answered by the library.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Text(_))) => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "a text message"));
                }
                Some(Ok(Message::Close(_))) | None => return Ok(false),
                Some(Err(error)) => return Err(io_error(error)),
            }
        }
    }

    async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        self.0.send(Message::Binary(bytes)).await.map_err(io_error)
    }

    async fn close(&mut self) {
        let _ = self.0.close(None).await;
    }
}

fn io_error(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    }
}
