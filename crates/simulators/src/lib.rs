//! The other side of every protocol, as strict as the real thing
