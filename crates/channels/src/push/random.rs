//! The randomness seam.

/// Where salts and one-time keys come from.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`; false when the source fails.
    fn fill(&self, bytes: &mut [u8]) -> bool;
}

/// The operating system's generator, through the cryptographic library.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        aws_lc_rs::rand::fill(bytes).is_ok()
    }
}
