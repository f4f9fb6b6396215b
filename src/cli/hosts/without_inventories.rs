//! The formats of hosts files in a build without inventories: a list.

use super::contents::Contents;
use super::list;
use clap::ValueEnum;

/// The format of a hosts file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum HostsFormat {
    /// Detect the format from the content
    #[default]
    Auto,
    /// One host or network per line
    List,
}

/// Reads a file in this format.
///
/// # Errors
/// The file is an inventory.
pub(super) fn read(octets: &[u8], format: HostsFormat) -> Result<Contents, String> {
    let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    let text = String::from_utf8_lossy(octets);
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(['#', ';'])).unwrap_or_default();
    let is_inventory = first.starts_with(['{', '-', '%']) || first.ends_with(':');
    if format == HostsFormat::Auto && is_inventory {
        return Err("this build of ntpkit reads lists of hosts, no inventories".into());
    }
    Ok(list::read(&text))
}
