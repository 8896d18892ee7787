//! Sound: G.711 and WAV files, RTP packets (RFC 3550), telephone events (RFC 4733), and the sockets they travel on.

pub mod dtmf;
pub mod g711;
pub mod packet;
pub mod ports;
pub mod ringback;
pub mod wav;

/// Samples a second, of everything here.
pub const RATE: u32 = 8_000;
/// Milliseconds of sound in a packet.
pub const FRAME_MS: u64 = 20;
/// Samples, and octets of G.711, in a packet.
pub const FRAME: usize = 160;
