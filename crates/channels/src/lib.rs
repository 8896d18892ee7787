//! Connectors to the outside world, one module each: SMPP
