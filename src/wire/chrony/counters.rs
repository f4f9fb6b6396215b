//! The counters of chronyd.

use super::{Reader, Reply};

/// Server statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerStatistics {
    /// NTP packets received.
    pub received: u64,
    /// NTP packets dropped because their clients sent too many.
    pub dropped: u64,
}

impl ServerStatistics {
    /// Parses a reply; releases use four different layouts.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(reply.layout)?;
        let (received, dropped) = match reply.layout {
            14 => {
                let received = reader.u32()?;
                reader.take(4)?;
                (received.into(), reader.u32()?.into())
            }
            22 | 24 => {
                let received = reader.u32()?;
                reader.take(8)?;
                (received.into(), reader.u32()?.into())
            }
            25 => {
                let received = wide(&mut reader)?;
                reader.take(16)?;
                (received, wide(&mut reader)?)
            }
            _ => return None,
        };
        Some(Self { received, dropped })
    }
}

/// The number of sources by polling state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Sources that are polled.
    pub online: u32,
    /// Sources that are not.
    pub offline: u32,
    /// Sources that are polled in a burst, and then as before.
    pub burst_online: u32,
    /// Sources that are polled in a burst, and then not.
    pub burst_offline: u32,
    /// Sources whose names have no address yet.
    pub unresolved: u32,
}

impl Activity {
    /// Parses a reply.
    pub fn parse(reply: &Reply<'_>) -> Option<Self> {
        let mut reader = reply.laid_out(12)?;
        Some(Self {
            online: reader.u32()?,
            offline: reader.u32()?,
            burst_online: reader.u32()?,
            burst_offline: reader.u32()?,
            unresolved: reader.u32()?,
        })
    }
}

/// Reads a 64-bit counter.
fn wide(reader: &mut Reader<'_>) -> Option<u64> {
    Some(u64::from(reader.u32()?) << 32 | u64::from(reader.u32()?))
}
